//! An error in words, before a surface has spelled what helps.

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
    /// To be spelled by the surface.
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
