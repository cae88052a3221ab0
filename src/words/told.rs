//! An error in words, before the user interface has spelled the remedy.

use super::codes::Kind;
use crate::core::error::Remedy;

/// An error in words.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    pub(crate) hint: Hint,
}

#[derive(Debug)]
pub(crate) enum Hint {
    Words(String),
    /// The user interface spells it.
    Remedy(Remedy),
}

impl Told {
    pub(super) fn words(kind: Kind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Told { kind, message: message.into(), hint: Hint::Words(hint.into()) }
    }

    pub(super) fn remedy(kind: Kind, message: impl Into<String>, remedy: Remedy) -> Self {
        Told { kind, message: message.into(), hint: Hint::Remedy(remedy) }
    }
}
