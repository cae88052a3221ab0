//! What is doubtful about a secret: about its text, and about where it came from.

use std::path::PathBuf;

/// What is doubtful about a key or a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doubt {
    // About either.
    /// It begins or ends with white space or a byte order mark.
    WhiteSpace,
    /// Every user of the machine can read this file, which holds it.
    ReadableByAll(PathBuf),

    // About a password.
    /// It holds a line end.
    LineEnd,

    // About a key.
    /// It is the default of a Specter configuration.
    KnownDefault,
    /// It has fewer than 32 bytes.
    Short,
    /// It looks like a PEM or ssh key, with which Specter refuses every token.
    Asymmetric,
    /// It holds what an ssh key begins with, with which Specter until 2.1.7 refuses every token.
    HoldsSsh,
    /// It looks like a JWK, with which Specter from 2.1.11 on refuses every token.
    Jwk,
    /// The data folder keeps another key in this file.
    DiffersFrom(PathBuf),
}

/// Whether white space or a byte order mark stands around a text: nobody sees it there, and Specter counts it.
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
