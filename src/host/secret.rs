//! Where the key comes from: the text that Specter calls `SECRET_KEY` and signs its tokens with.
//!
//! Looked for in this order: `--secret-file`, the variable `SECRET_KEY` (Specter's own), systemd's credential `SECRET_KEY`,
//! and the file `secret_key` in the data folder. The first one found counts, even if it cannot be used.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::words::failure::{Failure, Kind};
use crate::core::python::JsonError;
use crate::core::{python, random};

/// The name of Specter's variable, and of the systemd credential.
const VARIABLE: &str = "SECRET_KEY";
/// The name of the key's file in the data folder.
pub(crate) const FILE: &str = "secret_key";
/// RFC 7518 §3.2: a key for HS256 has at least as many bytes as its hash.
const ENOUGH_BYTES: usize = 32;

/// A key, and where it came from.
pub(crate) struct Secret {
    text: String,
    /// For people: `SECRET_KEY`, or a file's path.
    pub(crate) source: String,
    /// What is doubtful about the key, a sentence each.
    pub(crate) warnings: Vec<String>,
}

/// The key itself must never reach a log.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("source", &self.source).finish_non_exhaustive()
    }
}

/// The places outside the command line and the data folder.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    /// `SECRET_KEY`.
    pub(crate) secret_key: Option<std::ffi::OsString>,
    /// `CREDENTIALS_DIRECTORY`.
    pub(crate) credentials_directory: Option<PathBuf>,
}

impl Environment {
    pub(crate) fn of_process() -> Self {
        Environment {
            secret_key: std::env::var_os(VARIABLE),
            credentials_directory: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        }
    }
}

impl Secret {
    /// The bytes that sign. Specter never trims its key.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Finds the key; none where there is none. `file` is the value of `--secret-file`, whose `-` means `stdin`.
    pub(crate) fn find(
        file: Option<&Path>,
        environment: Environment,
        data_folder: &Path,
        stdin: &mut dyn Read,
    ) -> Result<Option<Self>> {
        let own_file = data_folder.join(FILE);
        if let Some(file) = file {
            if file == Path::new("-") {
                let bytes = contents(stdin).context("could not read the key from standard input")?;
                return Secret::new(bytes, "standard input".to_owned()).map(Some);
            }
            return Secret::read(file).map(Some);
        }
        if let Some(value) = environment.secret_key {
            let mut secret = Secret::new(value.into_encoded_bytes(), VARIABLE.to_owned())?;
            // A wrong guess here would sign tokens that Specter refuses; an unreadable file is no evidence either way.
            if own_file.is_file() && fs::read(&own_file).is_ok_and(|bytes| without_newline(bytes) != secret.bytes()) {
                secret.warnings.push(format!(
                    "the variable {VARIABLE} differs from the key in {}; the variable is used",
                    own_file.display()
                ));
            }
            return Ok(Some(secret));
        }
        let credential = environment.credentials_directory.map(|folder| folder.join(VARIABLE));
        for file in credential.into_iter().chain([own_file]) {
            if let Some(secret) = Secret::kept_in(&file)? {
                return Ok(Some(secret));
            }
        }
        Ok(None)
    }

    /// The key in a file where one is kept; none if there is no file.
    pub(crate) fn kept_in(file: &Path) -> Result<Option<Self>> {
        match fs::metadata(file) {
            Ok(metadata) if metadata.is_file() => Secret::read(file).map(Some),
            Ok(_) => {
                // A pipe, say, which nobody may ever write to.
                let failure =
                    Failure::new(Kind::Secret, format!("could not read the key: {} is no file", file.display()));
                Err(failure.hint("put the text of SECRET_KEY into a file of this name").into())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            // The next place must not count instead where a folder may not be searched.
            Err(error) => Err(error).with_context(|| format!("could not look for the key: {}", file.display())),
        }
    }

    /// A new key that nobody can guess: 256 bits, in text that needs no quotes in a shell.
    pub(crate) fn generate() -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(random::bytes::<32>()?))
    }

    /// The key that someone has typed.
    pub(crate) fn typed(text: String) -> Result<Self> {
        Secret::new(text.into_bytes(), "the prompt".to_owned())
    }

    fn read(file: &Path) -> Result<Self> {
        let bytes = File::open(file).and_then(|mut file| contents(&mut file));
        let bytes = bytes.with_context(|| format!("could not read the key: {}", file.display()))?;
        let mut secret = Secret::new(bytes, file.display().to_string())?;
        let mode = fs::metadata(file).map_or(0, |metadata| metadata.permissions().mode());
        if mode & 0o004 != 0 {
            let file = file.display();
            secret.warnings.push(format!("every user of this machine can read the key; run `chmod 600 {file}`"));
        }
        Ok(secret)
    }

    fn new(bytes: Vec<u8>, source: String) -> Result<Self> {
        let refuse = |why: &str| {
            let hint = "Specter's key is the text of its variable SECRET_KEY; give the same";
            Failure::new(Kind::Secret, format!("could not use the key from {source}: {why}")).hint(hint)
        };
        if bytes.is_empty() {
            return Err(refuse("it is empty, and with an empty key Specter fails on every request").into());
        }
        if bytes.contains(&0) {
            return Err(refuse("it holds a NUL, which no variable can").into());
        }
        let text = String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8"))?;
        let warnings = doubts(&text).into_iter().map(str::to_owned).collect();
        Ok(Secret { text, source, warnings })
    }

    /// Whether PyJWT refuses to work with the key, so that Specter answers every token with an error.
    pub(crate) fn is_refused_by_specter(&self) -> bool {
        looks_asymmetric(&self.text) || looks_like_jwk(&self.text)
    }
}

/// The failure of a command that cannot do without a key.
pub(crate) fn missing(data_folder: &Path) -> Failure {
    Failure::new(Kind::Secret, "could not find the key that Specter signs its tokens with").hint(format!(
        "set SECRET_KEY as Specter has it, or put the key into {}, or name its file with --secret-file; \
         a Specter that was started without SECRET_KEY makes up a new key at every start, and accepts no token from outside",
        data_folder.join(FILE).display()
    ))
}

/// A key or a password: all that is there but for one final newline. It has a limit, because a device never ends.
pub(crate) fn contents(file: &mut dyn Read) -> io::Result<Vec<u8>> {
    const MOST: u64 = 1 << 20;
    let mut bytes = Vec::new();
    file.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        let why = "there is more than a mebibyte of it, so it is no key and no password";
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(without_newline(bytes))
}

/// From a file, one final newline is dropped and nothing else.
fn without_newline(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    bytes
}

fn doubts(key: &str) -> Vec<&'static str> {
    let mut doubts = Vec::new();
    if matches!(key, "development key" | "test key") {
        doubts.push("this key is the default of a Specter configuration, and known to everyone");
    } else if key.len() < ENOUGH_BYTES {
        doubts.push("the key has fewer than 32 bytes, and can be guessed from a token (RFC 7518, section 3.2)");
    }
    if key.starts_with('\u{FEFF}') || key.trim() != key {
        doubts.push("the key begins or ends with white space, or with a byte order mark; Specter would count that too");
    }
    if looks_asymmetric(key) {
        doubts.push("the key looks like a PEM or ssh key, and with such a key Specter refuses every token");
    }
    if looks_like_jwk(key) {
        doubts.push("the key looks like a JWK, and with such a key Specter refuses every token");
    }
    doubts
}

/// What PyJWT takes for an asymmetric key (`is_pem_format` and `is_ssh_key` of its 2.13).
fn looks_asymmetric(key: &str) -> bool {
    const SSH: [&str; 6] =
        ["ssh-ed25519", "ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];
    const PEM: [&str; 16] = [
        "CERTIFICATE",
        "TRUSTED CERTIFICATE",
        "PRIVATE KEY",
        "PUBLIC KEY",
        "ENCRYPTED PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "DSA PRIVATE KEY",
        "RSA PRIVATE KEY",
        "RSA PUBLIC KEY",
        "EC PRIVATE KEY",
        "DH PARAMETERS",
        "NEW CERTIFICATE REQUEST",
        "CERTIFICATE REQUEST",
        "SSH2 PUBLIC KEY",
        "SSH2 ENCRYPTED PRIVATE KEY",
        "X509 CRL",
    ];
    let may_hold_pem = key.contains("BEGIN ");
    SSH.iter().any(|prefix| key.starts_with(prefix)) || may_hold_pem && PEM.iter().any(|label| holds_pem(key, label))
}

/// Whether a block with this label begins and ends in `key`: four dashes, a dash or space, the label, the same again; the
/// begin line ends, and at least one character lies between it and the end line.
fn holds_pem(key: &str, label: &str) -> bool {
    let lines =
        |word: &str| ["-", " "].map(|left| ["-", " "].map(|right| format!("----{left}{word} {label}{right}----")));
    lines("BEGIN").iter().flatten().any(|begin| {
        key.match_indices(begin.as_str()).any(|(at, _)| {
            let rest = &key[at + begin.len()..];
            let Some(body) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) else { return false };
            lines("END").iter().flatten().any(|end| {
                // `.+?`, an optional carriage return, a newline: so at least two bytes come before the end line.
                body.match_indices(&format!("\n{end}")).any(|(at, _)| at > 0)
            })
        })
    })
}

/// PyJWT refuses a JSON object with a `kty` member.
fn looks_like_jwk(key: &str) -> bool {
    key.trim_start().starts_with('{')
        && match python::json(key.as_bytes(), &["kty"]) {
            Ok(value) => value.as_object().is_some_and(|object| object.member("kty").is_some()),
            Err(error) => error == JsonError::TooDeep,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubtful_keys_are_named() {
        for (key, words) in [
            ("development key", "known to everyone"),
            ("test key", "known to everyone"),
            ("short", "fewer than 32 bytes"),
            ("0123456789abcdef0123456789abcdef\r", "white space"),
            ("\u{FEFF}0123456789abcdef0123456789abcdef", "byte order mark"),
            ("ssh-rsa AAAA0123456789012345678901234567890", "PEM or ssh"),
            ("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n", "PEM or ssh"),
            ("-----BEGIN PRIVATE KEY-----\r\nabc\r\n-----END PRIVATE KEY-----\r\n", "PEM or ssh"),
            ("---- BEGIN SSH2 PUBLIC KEY ----\nabc\n---- END SSH2 PUBLIC KEY ----", "PEM or ssh"),
            (" {\"kty\": \"oct\", \"k\": \"0123456789012345678901234567890\"}", "JWK"),
        ] {
            let doubts = doubts(key);
            assert!(doubts.iter().any(|doubt| doubt.contains(words)), "{key:?}: {doubts:?}");
        }
    }

    #[test]
    fn keys_that_only_resemble_are_not_doubted() {
        for key in [
            "0123456789abcdef0123456789abcdef",
            "xssh-rsa AAAA0123456789012345678901234567890",
            "-----BEGIN PRIVATE KEY-----\nabc\n-----END PUBLIC KEY-----",
            "-----BEGIN SECRET THING-----\nabc\n-----END SECRET THING-----",
            "-----BEGIN PRIVATE KEY-----\nabc and no end at all",
            "{\"kty\" is not JSON, so it is no JWK either",
        ] {
            assert_eq!(doubts(key), [""; 0], "{key:?}");
        }
    }

    #[test]
    fn one_final_newline_is_dropped_and_nothing_else() {
        for (file, key) in [("key\n", "key"), ("key\n\n", "key\n"), (" key \r\n", " key \r"), ("key", "key")] {
            assert_eq!(without_newline(file.as_bytes().to_vec()), key.as_bytes(), "{file:?}");
        }
    }

    #[test]
    fn debug_hides_the_key() {
        let secret = Secret::new(b"correct horse battery staple".to_vec(), "a test".to_owned()).expect("a usable key");
        assert_eq!(format!("{secret:?}"), "Secret { source: \"a test\", .. }");
    }
}
