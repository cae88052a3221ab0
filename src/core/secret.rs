//! Doubts about a secret: about its text, and about its source.

use std::path::PathBuf;

/// A doubt about a key or a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doubt {
    // For keys and passwords.
    /// The text begins or ends with white space or a byte order mark.
    WhiteSpace,
    /// Every user of the machine can read this file, which holds the secret.
    ReadableByAll(PathBuf),

    // For passwords.
    /// The text holds a line end.
    LineEnd,

    // For keys.
    /// The key is the default of a Specter configuration.
    KnownDefault,
    /// The key has fewer than 32 bytes.
    Short,
    /// The key looks like a PEM or ssh key. Specter refuses every token with such a key.
    Asymmetric,
    /// The key holds the beginning of an ssh key. Specter up to 2.1.7 refuses every token with such a key.
    HoldsSsh,
    /// The key looks like a JWK. Specter from 2.1.11 on refuses every token with such a key.
    Jwk,
    /// The data folder keeps another key in this file.
    DiffersFrom(PathBuf),
    /// The data folder may keep another key here, which cannot be read.
    NotCompared(PathBuf),
}

/// Whether a text begins or ends with white space or a byte order mark. People do not see these, but Specter counts
/// them.
pub(crate) fn has_blank_edge(text: &str) -> bool {
    text.trim_matches(|char: char| char.is_whitespace() || char == '\u{FEFF}') != text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_that_nobody_sees_are_found() {
        for text in ["x\r", "x\n", " x", "x ", "\tx", "\u{FEFF}x", "x\u{FEFF}", "x\u{A0}", "\u{2028}x", " ", "\u{B}x"] {
            assert!(has_blank_edge(text), "{text:?}");
        }
        for text in ["x", "pass word", "a\u{FEFF}b", "a\r\nb", "", "\0x", "é"] {
            assert!(!has_blank_edge(text), "{text:?}");
        }
    }
}
