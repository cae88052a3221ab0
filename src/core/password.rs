//! The passwords of Specter's users, and their hashes in users.json.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::Hmac;
use sha2::Sha256;

use super::error::{Error, Result};
use super::fault::PasswordFault;
use super::random;
use super::secret::{Doubt, has_blank_edge};
use super::source::Source;

/// The number of rounds that Specter passes to `hashlib.pbkdf2_hmac`.
const ROUNDS: u32 = 10_000;

/// A password. It must never reach a log.
#[derive(Clone)]
pub(crate) struct Password {
    text: String,
    doubts: Vec<Doubt>,
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl Password {
    /// A password of exactly these bytes.
    pub(crate) fn new(bytes: Vec<u8>, source: Source) -> Result<Self> {
        match String::from_utf8(bytes) {
            Err(_) => Err(Error::UnusablePassword { source, fault: PasswordFault::NotUtf8 }),
            Ok(text) if text.is_empty() => Err(Error::UnusablePassword { source, fault: PasswordFault::Empty }),
            Ok(text) => Ok(Password { doubts: doubt(&text).into_iter().collect(), text }),
        }
    }

    /// A password for a new user. A doubtful text is refused: it is probably not the one that was meant, and later
    /// nothing would show why the right one does not fit.
    pub(crate) fn chosen(bytes: Vec<u8>, source: Source) -> Result<Self> {
        let password = Password::new(bytes, source.clone())?;
        let fault = match doubt(&password.text) {
            None => return Ok(password),
            Some(Doubt::LineEnd) => PasswordFault::LineEnd,
            Some(_) => PasswordFault::WhiteSpace,
        };
        Err(Error::UnusablePassword { source, fault })
    }

    /// A new password that nobody can guess: 144 random bits.
    pub(crate) fn generate() -> Result<Self> {
        Ok(Password { text: URL_SAFE_NO_PAD.encode(random::bytes::<18>()?), doubts: Vec::new() })
    }

    /// Adds a doubt about the source of the password.
    #[must_use]
    pub(crate) fn doubted(mut self, doubt: Doubt) -> Self {
        self.doubts.push(doubt);
        self
    }

    pub(crate) fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The hash that users.json keeps for the password.
    pub(crate) fn hash(&self) -> Result<Hash> {
        Ok(self.hash_with(STANDARD.encode(random::bytes::<32>()?)))
    }

    /// PBKDF2-HMAC-SHA256 (RFC 8018). The salt is the text itself, not the bytes that it encodes.
    fn hash_with(&self, salt: String) -> Hash {
        let mut key = [0; 32];
        // Only the length of the key could be wrong, and HMAC takes any length.
        let _ = pbkdf2::pbkdf2::<Hmac<Sha256>>(self.text.as_bytes(), salt.as_bytes(), ROUNDS, &mut key);
        Hash { salt, pwdhash: STANDARD.encode(key) }
    }
}

/// Returns the doubt about the text of a password, if there is one.
fn doubt(text: &str) -> Option<Doubt> {
    if has_blank_edge(text) { Some(Doubt::WhiteSpace) } else { text.contains(['\r', '\n']).then_some(Doubt::LineEnd) }
}

/// The member `password` of a user.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hash {
    pub(crate) salt: String,
    pub(crate) pwdhash: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with a users.json that a real Specter wrote for the password `admin`.
    #[test]
    fn hashes_as_specter_does() {
        let salt = "0mikUKBhJ6nHKsQJiC1qtsVm58FfWVW1zEB1qRca+R8=".to_owned();
        let password = Password::new(b"admin".to_vec(), Source::Prompt).expect("not empty");
        let pwdhash = "tIfMMA7gYdUDWg0hA7ct7jKAXJGJrLmgz23ZzuQkEpo=".to_owned();
        assert_eq!(password.hash_with(salt.clone()), Hash { salt, pwdhash });
    }

    #[test]
    fn a_password_is_text_that_is_not_empty() {
        for (bytes, password) in
            [(&b"pass word"[..], Some("pass word")), (b"x\r", Some("x\r")), (b"", None), (b"caf\xE9", None)]
        {
            let read = Password::new(bytes.to_vec(), Source::Prompt);
            assert_eq!(read.ok().as_ref().map(Password::as_str), password, "{bytes:?}");
        }
    }

    #[test]
    fn doubts_are_told_of_a_password_and_refused_in_a_new_one() {
        for (text, doubt) in [
            ("pass word", None),
            ("pässwörd\u{FEFF}!", None),
            ("admin\r", Some((Doubt::WhiteSpace, PasswordFault::WhiteSpace))),
            (" x", Some((Doubt::WhiteSpace, PasswordFault::WhiteSpace))),
            ("\u{FEFF}x", Some((Doubt::WhiteSpace, PasswordFault::WhiteSpace))),
            ("one\ntwo\n", Some((Doubt::WhiteSpace, PasswordFault::WhiteSpace))),
            ("one\ntwo", Some((Doubt::LineEnd, PasswordFault::LineEnd))),
            ("one\rtwo", Some((Doubt::LineEnd, PasswordFault::LineEnd))),
        ] {
            let used = Password::new(text.into(), Source::Prompt).expect("used as it is");
            assert_eq!(used.as_str(), text);
            assert_eq!(used.doubts().first(), doubt.as_ref().map(|(doubt, _)| doubt), "{text:?}");
            assert!(used.doubts().len() < 2, "{text:?}");
            let refused = Password::chosen(text.into(), Source::Prompt).err();
            let fault = refused.map(|error| match error {
                Error::UnusablePassword { fault, .. } => fault,
                error => panic!("{error}"),
            });
            assert_eq!(fault, doubt.map(|(_, fault)| fault), "{text:?}");
        }
    }

    #[test]
    fn no_two_are_the_same_and_none_is_shown() {
        let [one, other] = [(); 2].map(|()| Password::generate().expect("random bytes"));
        assert_ne!(one.as_str(), other.as_str());
        assert_ne!(one.hash().expect("random bytes"), one.hash().expect("random bytes"));
        assert_eq!(format!("{one:?}"), "Password(..)");
    }
}
