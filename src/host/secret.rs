//! Finds keys and passwords.
//!
//! The places of a key, in order: the file that was named, the variable `SECRET_KEY` (Specter's own), systemd's
//! credential `SECRET_KEY`, and the file `secret_key` in the data folder. The first key found counts, even if it cannot
//! be used.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::environment::KeyVariables;
use crate::core::error::{Error, Result, Secret};
use crate::core::fault::KeyFault;
use crate::core::jwt::key::Key;
use crate::core::password::Password;
use crate::core::random;
use crate::core::secret::Doubt;
use crate::core::source::Source;

/// The name of the key's file in the data folder.
pub(crate) const KEY_FILE: &str = "secret_key";

/// Finds the key. `None` if there is no key. `file` is the file that was named; `-` means `stdin`.
pub(crate) fn find_key(
    file: Option<&Path>,
    variables: KeyVariables,
    data_folder: &Path,
    stdin: &mut dyn Read,
) -> Result<Option<Key>> {
    let own_file = data_folder.join(KEY_FILE);
    if let Some(file) = file {
        if file == Path::new("-") {
            let source = Source::StandardInput;
            let bytes = contents(stdin).map_err(|cause| unreadable(Secret::Key, &source, cause))?;
            return Key::new(without_newline(bytes), source).map(Some);
        }
        return key_in(file).map(Some);
    }
    if let Some(value) = variables.secret_key {
        let bytes = value.into_encoded_bytes();
        let key = Key::new(bytes, Source::Variable(KeyVariables::SECRET_KEY))?;
        return Ok(Some(compared(key, own_file)));
    }
    let credential = variables.credentials_directory.map(|folder| folder.join(KeyVariables::SECRET_KEY));
    if let Some(key) = credential.as_deref().map(kept_key).transpose()?.flatten() {
        return Ok(Some(compared(key, own_file)));
    }
    kept_key(&own_file)
}

/// Returns the key, with a doubt if the data folder keeps another one: a wrong key signs tokens that Specter refuses.
fn compared(key: Key, own_file: PathBuf) -> Key {
    match own_text(&own_file) {
        Some(own) if key.is(&own) => key,
        Some(_) => key.doubted(Doubt::DiffersFrom(own_file)),
        // A dangling link counts as a file that could not be compared.
        None if fs::symlink_metadata(&own_file).is_ok() => key.doubted(Doubt::NotCompared(own_file)),
        None => key,
    }
}

/// Reads the key from a file. `None` if there is no file.
pub(crate) fn kept_key(file: &Path) -> Result<Option<Key>> {
    let source = || Source::File(file.to_owned());
    match fs::metadata(file) {
        Ok(metadata) if metadata.is_file() => key_in(file).map(Some),
        // It may be a pipe that nobody ever writes to.
        Ok(_) => Err(Error::UnusableKey { source: source(), fault: KeyFault::NoFile }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // If a folder may not be searched, the next place must not count instead.
        Err(error) => Err(unreadable(Secret::Key, &source(), error)),
    }
}

/// Returns a new random key of 256 bits, as text that needs no quotes in a shell.
pub(crate) fn generate_key() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random::bytes::<32>()?))
}

/// Whether the variable `SECRET_KEY` is set, and the file holds another key.
pub(crate) fn differs_from_variable(own_file: &Path) -> bool {
    let value = KeyVariables::of_process().secret_key;
    value.zip(own_text(own_file)).is_some_and(|(value, own)| own != value.as_encoded_bytes())
}

/// The text of the folder's own key. `None` if it cannot be read. Only a regular file is opened, because a pipe may never
/// end.
fn own_text(own_file: &Path) -> Option<Vec<u8>> {
    if own_file.is_file() { fs::read(own_file).ok().map(without_newline) } else { None }
}

fn key_in(file: &Path) -> Result<Key> {
    let source = Source::File(file.to_owned());
    let (bytes, doubt) = read_file(file).map_err(|cause| unreadable(Secret::Key, &source, cause))?;
    let key = Key::new(without_newline(bytes), source)?;
    Ok(doubt.into_iter().fold(key, Key::doubted))
}

/// Reads the password of an existing user from a file, or from `stdin` if the file is `-`. Only one final newline is
/// dropped.
pub(crate) fn password_in(file: &Path, stdin: &mut dyn Read) -> Result<Password> {
    read_password(file, stdin, |bytes, source| Password::new(without_newline(bytes), source))
}

/// Reads the password of a new user in the same way. One final line end is dropped. A password that then looks doubtful
/// is refused.
pub(crate) fn new_password_in(file: &Path, stdin: &mut dyn Read) -> Result<Password> {
    read_password(file, stdin, |bytes, source| Password::chosen(without_line_end(bytes), source))
}

fn read_password(
    file: &Path,
    stdin: &mut dyn Read,
    make: impl Fn(Vec<u8>, Source) -> Result<Password>,
) -> Result<Password> {
    let (read, source) = if file == Path::new("-") {
        (contents(stdin).map(|bytes| (bytes, None)), Source::StandardInput)
    } else {
        (read_file(file), Source::File(file.to_owned()))
    };
    let (bytes, doubt) = read.map_err(|cause| unreadable(Secret::Password, &source, cause))?;
    Ok(doubt.into_iter().fold(make(bytes, source)?, Password::doubted))
}

/// Reads a file. Adds a doubt if every user can read it.
fn read_file(file: &Path) -> io::Result<(Vec<u8>, Option<Doubt>)> {
    let mut opened = File::open(file)?;
    let bytes = contents(&mut opened)?;
    let is_open_to_all = opened.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0);
    Ok((bytes, is_open_to_all.then(|| Doubt::ReadableByAll(file.to_owned()))))
}

fn unreadable(what: Secret, source: &Source, cause: io::Error) -> Error {
    Error::Unreadable { what, source: source.clone(), cause }
}

/// Reads to the end. There is a limit, because a device never ends.
fn contents(file: &mut dyn Read) -> io::Result<Vec<u8>> {
    const MOST: u64 = 1 << 20;
    let mut bytes = Vec::new();
    file.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        let why = "there is more than a mebibyte of it, so it is no key and no password";
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(bytes)
}

/// Drops one final newline, and nothing else.
fn without_newline(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    bytes
}

/// Drops one final line end, also that of Windows.
fn without_line_end(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = if bytes.ends_with(b"\r\n") { 2 } else { usize::from(bytes.ends_with(b"\n")) };
    bytes.truncate(bytes.len() - end);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_final_newline_is_dropped_and_nothing_else() {
        for (file, key) in [("key\n", "key"), ("key\n\n", "key\n"), (" key \r\n", " key \r"), ("key", "key")] {
            assert_eq!(without_newline(file.as_bytes().to_vec()), key.as_bytes(), "{file:?}");
        }
    }

    #[test]
    fn a_password_is_taken_but_for_a_final_newline() {
        for (input, password) in
            [("pass word\n", Some("pass word")), ("\n\n", Some("\n")), ("x\r\n", Some("x\r")), ("\n", None)]
        {
            let read = password_in(Path::new("-"), &mut input.as_bytes());
            assert_eq!(read.ok().as_ref().map(Password::as_str), password, "{input:?}");
        }
    }

    #[test]
    fn a_new_password_is_taken_but_for_a_final_line_end() {
        for (input, password) in [
            ("pass word\n", Some("pass word")),
            ("pass word\r\n", Some("pass word")),
            ("pass word", Some("pass word")),
            ("pass word\r", None),
            ("pass word\n\n", None),
            ("pass word\r\n\r\n", None),
            ("pass word\n\r\n", None),
            ("pass\nword\n", None),
            (" pass word\n", None),
            ("\u{FEFF}pass word\n", None),
            ("\r\n", None),
        ] {
            let read = new_password_in(Path::new("-"), &mut input.as_bytes());
            assert_eq!(read.ok().as_ref().map(Password::as_str), password, "{input:?}");
        }
    }
}
