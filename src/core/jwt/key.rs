//! The key: the text that Specter calls `SECRET_KEY`, ready to sign and to verify with HMAC-SHA256 (RFC 7518 §3.2).

use std::fmt;
use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::crypto::{self, CryptoProvider, JwtSigner, KeyUtils};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::signature::{self, Signer};
use jsonwebtoken::{Algorithm, EncodingKey};
use sha2::Sha256;

use super::rules::Rules;
use crate::core::error::{Error, Result};
use crate::core::fault::KeyFault;
use crate::core::python::base64::base64_decode;
use crate::core::python::json::{JsonError, json};
use crate::core::secret::{Doubt, has_blank_edge};
use crate::core::source::Source;

/// RFC 7518 §3.2: a key for HS256 must have at least as many bytes as its hash.
const ENOUGH_BYTES: usize = 32;

/// Room for the bytes of an HS256 signature.
pub(super) const SIGNATURE_ROOM: usize = 48;

/// A key and its source.
pub(crate) struct Key {
    text: String,
    encoding: EncodingKey,
    hs256: Hs256,
    source: Source,
    doubts: Vec<Doubt>,
}

/// The key itself must never reach a log.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Key {
    /// A key of exactly these bytes. Specter never trims its key, so this one is not trimmed either.
    pub(crate) fn new(bytes: Vec<u8>, source: Source) -> Result<Self> {
        let fault = match &bytes[..] {
            [] => Some(KeyFault::Empty),
            bytes if bytes.contains(&0) => Some(KeyFault::HoldsNul),
            _ => None,
        };
        let text = match (fault, String::from_utf8(bytes)) {
            (None, Ok(text)) => text,
            (Some(fault), _) => return Err(Error::UnusableKey { source, fault }),
            (None, Err(_)) => return Err(Error::UnusableKey { source, fault: KeyFault::NotUtf8 }),
        };
        // This fails only if it is installed already, which is just as good.
        let _ = HS256_ONLY.install_default();
        Ok(Key {
            encoding: EncodingKey::from_secret(text.as_bytes()),
            hs256: Hs256::new(text.as_bytes()),
            doubts: doubts(&text),
            source,
            text,
        })
    }

    /// Adds a doubt about the source of the key.
    #[must_use]
    pub(crate) fn doubted(mut self, doubt: Doubt) -> Self {
        self.doubts.push(doubt);
        self
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// The doubts about the key for a Specter with these rules.
    pub(crate) fn doubts(&self, rules: Rules) -> impl Iterator<Item = &Doubt> {
        self.doubts.iter().filter(move |doubt| match doubt {
            Doubt::HoldsSsh | Doubt::Jwk => doubt.is_refusal(rules),
            _ => true,
        })
    }

    /// The file in which the data folder keeps another key.
    pub(crate) fn differs_from(&self) -> Option<&Path> {
        self.doubts.iter().find_map(|doubt| match doubt {
            Doubt::DiffersFrom(file) => Some(&**file),
            _ => None,
        })
    }

    /// Whether the key is this text.
    pub(crate) fn is(&self, text: &[u8]) -> bool {
        self.text.as_bytes() == text
    }

    /// Whether the key works with some versions of Specter and not with others.
    pub(crate) fn depends_on_version(&self) -> bool {
        self.doubts.iter().any(|doubt| matches!(doubt, Doubt::HoldsSsh | Doubt::Jwk))
    }

    /// Whether a shell that reads the key from a file would get another key, because it drops final newlines.
    pub(crate) fn ends_in_newline(&self) -> bool {
        self.text.ends_with('\n')
    }

    /// Fails if a Specter with these rules would refuse every token that the key signs.
    pub(crate) fn check_accepted(&self, rules: Rules) -> Result<()> {
        if self.is_refused_by(rules) {
            return Err(Error::KeyRefusedBySpecter { source: self.source.clone() });
        }
        Ok(())
    }

    /// Whether PyJWT refuses to use the key, so that Specter answers every token with an error.
    pub(crate) fn is_refused_by(&self, rules: Rules) -> bool {
        self.doubts.iter().any(|doubt| doubt.is_refusal(rules))
    }

    /// Whether the token's signature was made with this key.
    pub(crate) fn fits(&self, token: &str) -> bool {
        let Some((signed, signature)) = token.rsplit_once('.') else { return false };
        let mut buffer = [0; SIGNATURE_ROOM];
        let signature = base64_decode(signature, &mut buffer);
        signature.is_some_and(|signature| self.verifies(signed, &signature))
    }

    /// This does not use jsonwebtoken's `verify`, which prepares the key again for each token and reads base64 more
    /// strictly than PyJWT.
    pub(super) fn verifies(&self, signed: &str, signature: &[u8]) -> bool {
        self.hs256.verifies(signed.as_bytes(), signature)
    }

    /// Returns the signature of a text, which is the last segment of a token.
    pub(super) fn sign(&self, text: &str) -> String {
        crypto::sign(text.as_bytes(), &self.encoding, Algorithm::HS256).expect("HMAC signs any text")
    }
}

impl Doubt {
    /// Whether a Specter with these rules refuses every token because of this doubt.
    fn is_refusal(&self, rules: Rules) -> bool {
        match self {
            Doubt::Asymmetric => true,
            Doubt::HoldsSsh => rules == Rules::Until2_1_7,
            Doubt::Jwk => rules == Rules::From2_1_11,
            Doubt::KnownDefault
            | Doubt::Short
            | Doubt::WhiteSpace
            | Doubt::LineEnd
            | Doubt::DiffersFrom(_)
            | Doubt::NotCompared(_)
            | Doubt::ReadableByAll(_) => false,
        }
    }
}

fn doubts(key: &str) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if matches!(key, "development key" | "test key") {
        doubts.push(Doubt::KnownDefault);
    } else if key.len() < ENOUGH_BYTES {
        doubts.push(Doubt::Short);
    }
    if has_blank_edge(key) {
        doubts.push(Doubt::WhiteSpace);
    }
    if looks_asymmetric(key) {
        doubts.push(Doubt::Asymmetric);
    } else if holds_ssh(key) {
        doubts.push(Doubt::HoldsSsh);
    }
    if looks_like_jwk(key) {
        doubts.push(Doubt::Jwk);
    }
    doubts
}

/// The beginnings of ssh keys.
const SSH: [&str; 6] =
    ["ssh-ed25519", "ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/// Whether PyJWT takes the key for an asymmetric one (`is_pem_format` and `is_ssh_key` of its 2.13).
fn looks_asymmetric(key: &str) -> bool {
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

/// Whether PyJWT 2.4, too, takes the key for an ssh key: it looks for the beginning of one anywhere, or for the first
/// word of a certificate followed by a second word.
fn holds_ssh(key: &str) -> bool {
    const CERTIFICATE: &str = "-cert-v01@openssh.com";
    // This is the regular expression for bytes `\A(\S+)[ \t]+(\S+)`.
    let is_space = |char: char| matches!(char, ' ' | '\t'..='\r');
    let is_certificate = key.split_once(is_space).is_some_and(|(first, _)| {
        let rest = &key[first.len()..];
        let second = rest.trim_start_matches([' ', '\t']);
        first.ends_with(CERTIFICATE) && second.len() < rest.len() && second.starts_with(|char| !is_space(char))
    });
    is_certificate || SSH.iter().any(|beginning| key.contains(beginning))
}

/// Whether a block with this label begins and ends in `key`. Each of its two lines is four dashes, a dash or space, the
/// label, and the same again. The begin line ends, and at least one character lies between it and the end line.
fn holds_pem(key: &str, label: &str) -> bool {
    let lines =
        |word: &str| ["-", " "].map(|left| ["-", " "].map(|right| format!("----{left}{word} {label}{right}----")));
    lines("BEGIN").iter().flatten().any(|begin| {
        key.match_indices(begin.as_str()).any(|(at, _)| {
            let rest = &key[at + begin.len()..];
            let Some(body) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) else { return false };
            lines("END").iter().flatten().any(|end| {
                // `.+?`, an optional carriage return, a newline: at least two bytes come before the end line.
                body.match_indices(&format!("\n{end}")).any(|(at, _)| at > 0)
            })
        })
    })
}

/// Whether the key looks like a JSON object with a `kty` member, which PyJWT refuses.
fn looks_like_jwk(key: &str) -> bool {
    key.trim_start().starts_with('{')
        && match json(key.as_bytes(), &["kty"]) {
            Ok(value) => value.as_object().is_some_and(|object| object.member("kty").is_some()),
            Err(error) => error == JsonError::TooDeep,
        }
}

/// HMAC-SHA256 and nothing else, so that no header can choose another algorithm. jsonwebtoken's own backends would add
/// RSA and elliptic curves.
static HS256_ONLY: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256::new(key.as_bytes()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    // `Key::verifies` does not need it.
    verifier_factory: |_, _| Err(ErrorKind::InvalidAlgorithm.into()),
    key_utils: KeyUtils::new_unimplemented(),
};

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(key: &[u8]) -> Self {
        Hs256(Hmac::new_from_slice(key).expect("HMAC takes a key of any length"))
    }

    /// Compares in constant time.
    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.clone().chain_update(message).verify_slice(signature).is_ok()
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubtful_keys_are_named() {
        for (key, doubt) in [
            ("development key", Doubt::KnownDefault),
            ("test key", Doubt::KnownDefault),
            ("short", Doubt::Short),
            ("0123456789abcdef0123456789abcdef\r", Doubt::WhiteSpace),
            ("\u{FEFF}0123456789abcdef0123456789abcdef", Doubt::WhiteSpace),
            ("ssh-rsa AAAA0123456789012345678901234567890", Doubt::Asymmetric),
            ("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n", Doubt::Asymmetric),
            ("-----BEGIN PRIVATE KEY-----\r\nabc\r\n-----END PRIVATE KEY-----\r\n", Doubt::Asymmetric),
            ("---- BEGIN SSH2 PUBLIC KEY ----\nabc\n---- END SSH2 PUBLIC KEY ----", Doubt::Asymmetric),
            (" {\"kty\": \"oct\", \"k\": \"0123456789012345678901234567890\"}", Doubt::Jwk),
        ] {
            let doubts = doubts(key);
            assert!(doubts.contains(&doubt), "{key:?}: {doubts:?}");
        }
    }

    #[test]
    fn keys_that_only_resemble_are_not_doubted() {
        for key in [
            "0123456789abcdef0123456789abcdef",
            "-----BEGIN PRIVATE KEY-----\nabc\n-----END PUBLIC KEY-----",
            "-----BEGIN SECRET THING-----\nabc\n-----END SECRET THING-----",
            "-----BEGIN PRIVATE KEY-----\nabc and no end at all",
            "{\"kty\" is not JSON, so it is no JWK either",
        ] {
            assert_eq!(doubts(key), [], "{key:?}");
        }
    }

    #[test]
    fn which_version_refuses_a_key_is_known() {
        const ALL: [Rules; 3] = [Rules::Until2_1_7, Rules::Until2_1_10, Rules::From2_1_11];
        for (key, refused_by) in [
            ("0123456789abcdef0123456789abcdef", &[][..]),
            ("ssh-rsa AAAA", &ALL[..]),
            ("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n", &ALL),
            ("xssh-rsa AAAA", &ALL[..1]),
            ("a key with ecdsa-sha2-nistp521", &ALL[..1]),
            ("x-cert-v01@openssh.com AAAA", &ALL[..1]),
            ("x-cert-v01@openssh.com \tAAAA", &ALL[..1]),
            ("x-cert-v01@openssh.com", &[]),
            ("x-cert-v01@openssh.com ", &[]),
            ("x-cert-v01@openssh.com \nAAAA", &[]),
            (" x-cert-v01@openssh.com AAAA", &[]),
            ("x y-cert-v01@openssh.com AAAA", &[]),
            ("{\"kty\": \"oct\"}", &ALL[2..]),
        ] {
            let of_text = Key::new(key.into(), Source::Prompt).expect("a usable key");
            for rules in ALL {
                assert_eq!(of_text.is_refused_by(rules), refused_by.contains(&rules), "{key:?} {rules:?}");
                let is_doubted = of_text.doubts(rules).any(|doubt| doubt.is_refusal(rules));
                assert_eq!(is_doubted, refused_by.contains(&rules), "{key:?} {rules:?}");
            }
            assert_eq!(of_text.depends_on_version(), !matches!(refused_by.len(), 0 | 3), "{key:?}");
        }
    }

    #[test]
    fn debug_hides_the_key() {
        let key = Key::new(b"correct horse battery staple".to_vec(), Source::Prompt).expect("a usable key");
        assert_eq!(format!("{key:?}"), "Key { source: Prompt, .. }");
    }
}
