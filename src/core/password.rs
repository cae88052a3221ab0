//! Passwords of Specter's users, and the hash by which users.json knows one.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::Hmac;
use sha2::Sha256;

use super::error::{Error, Result};
use super::fault::PasswordFault;
use super::random;
use super::source::Source;

/// What Specter gives `hashlib.pbkdf2_hmac`.
const ROUNDS: u32 = 10_000;

/// A password. It must never reach a log.
#[derive(Clone)]
pub(crate) struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl Password {
    /// A password of these bytes, all of them.
    pub(crate) fn new(bytes: Vec<u8>, source: Source) -> Result<Self> {
        match String::from_utf8(bytes) {
            Err(_) => Err(Error::UnusablePassword { source, fault: PasswordFault::NotUtf8 }),
            Ok(text) if text.is_empty() => Err(Error::UnusablePassword { source, fault: PasswordFault::Empty }),
            Ok(text) => Ok(Password(text)),
        }
    }

    /// A new one that nobody can guess: 144 bits.
    pub(crate) fn generate() -> Result<Self> {
        Ok(Password(URL_SAFE_NO_PAD.encode(random::bytes::<18>()?)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands for the password in users.json.
    pub(crate) fn hash(&self) -> Result<Hash> {
        Ok(self.hash_with(STANDARD.encode(random::bytes::<32>()?)))
    }

    /// PBKDF2-HMAC-SHA256 (RFC 8018). What goes in as the salt is the text, not the bytes that it spells.
    fn hash_with(&self, salt: String) -> Hash {
        let mut key = [0; 32];
        // HMAC takes a key of any length, and that is all that could go wrong.
        let _ = pbkdf2::pbkdf2::<Hmac<Sha256>>(self.0.as_bytes(), salt.as_bytes(), ROUNDS, &mut key);
        Hash { salt, pwdhash: STANDARD.encode(key) }
    }
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

    /// From a users.json that a real Specter wrote for the password `admin`.
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
    fn no_two_are_the_same_and_none_is_shown() {
        let [one, other] = [(); 2].map(|()| Password::generate().expect("random bytes"));
        assert_ne!(one.as_str(), other.as_str());
        assert_ne!(one.hash().expect("random bytes"), one.hash().expect("random bytes"));
        assert_eq!(format!("{one:?}"), "Password(..)");
    }
}
