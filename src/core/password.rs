//! Passwords of Specter's users: where one comes from, and the hash by which users.json knows it.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::Hmac;
use sha2::Sha256;

use crate::words::failure::{Failure, Kind};
use crate::core::random;
use crate::host::secret::contents;

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
    pub(crate) fn new(text: String, source: &str) -> Result<Self> {
        if text.is_empty() {
            let failure = Failure::new(Kind::Secret, format!("could not use the password from {source}: it is empty"));
            return Err(failure.hint("Specter lets nobody in without a password; give one").into());
        }
        Ok(Password(text))
    }

    /// Reads a password from a file, or from `stdin` where the file is `-`. One final newline is dropped and nothing else.
    pub(crate) fn read(file: &Path, stdin: &mut dyn Read) -> Result<Self> {
        let (bytes, source) = if file == Path::new("-") {
            (contents(stdin), "standard input".to_owned())
        } else {
            (File::open(file).and_then(|mut file| contents(&mut file)), file.display().to_string())
        };
        let bytes = bytes.with_context(|| format!("could not read the password from {source}"))?;
        Password::of_bytes(bytes, &source)
    }

    fn of_bytes(bytes: Vec<u8>, source: &str) -> Result<Self> {
        let text = String::from_utf8(bytes).map_err(|_| {
            let failure =
                Failure::new(Kind::Secret, format!("could not use the password from {source}: it is not UTF-8"));
            failure.hint("write the password as UTF-8 text, as Specter reads it")
        })?;
        Password::new(text, source)
    }

    /// The password in the variable `SPECTER_PASSWORD`, if it is set.
    pub(crate) fn of_environment() -> Result<Option<Self>> {
        const VARIABLE: &str = "SPECTER_PASSWORD";
        let Some(value) = std::env::var_os(VARIABLE) else { return Ok(None) };
        Password::of_bytes(value.into_encoded_bytes(), VARIABLE).map(Some)
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
        let password = Password::new("admin".to_owned(), "a test").expect("not empty");
        let pwdhash = "tIfMMA7gYdUDWg0hA7ct7jKAXJGJrLmgz23ZzuQkEpo=".to_owned();
        assert_eq!(password.hash_with(salt.clone()), Hash { salt, pwdhash });
    }

    #[test]
    fn a_file_is_taken_but_for_its_final_newline() {
        for (input, password) in
            [("pass word\n", Some("pass word")), ("\n\n", Some("\n")), ("x\r\n", Some("x\r")), ("\n", None)]
        {
            let read = Password::read(Path::new("-"), &mut input.as_bytes());
            assert_eq!(read.ok().as_ref().map(Password::as_str), password, "{input:?}");
        }
        assert!(Password::read(Path::new("-"), &mut &b"caf\xE9"[..]).is_err());
    }

    #[test]
    fn no_two_are_the_same_and_none_is_shown() {
        let [one, other] = [(); 2].map(|()| Password::generate().expect("random bytes"));
        assert_ne!(one.as_str(), other.as_str());
        assert_ne!(one.hash().expect("random bytes"), one.hash().expect("random bytes"));
        assert_eq!(format!("{one:?}"), "Password(..)");
    }
}
