//! Why a command stops, in finished words: a failure of the user interface's own options and questions, or an error of
//! `core` with its remedy spelled.

use std::fmt;
use std::io;

use serde::Serialize;

use super::codes::Kind;
use super::error::{io_hint, told};
use super::redact::redacted;
use super::told::Hint;
use crate::core::error::{Error, Remedy};

/// An error in the words of a user interface.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
    hint: String,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Failure { kind, message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// An error as it is reported. It holds no whole token.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    #[serde(skip)]
    pub(crate) exit_code: u8,
}

impl Report {
    fn new(kind: Kind, message: &str, hint: Option<String>) -> Self {
        let hint = hint.map(|hint| redacted(&hint));
        Report { reason: kind.word(), message: redacted(message), hint, exit_code: kind.exit_code() }
    }

    /// Returns the report of an error. `spell` spells a remedy that needs options or keys.
    pub(crate) fn of(error: &anyhow::Error, spell: impl Fn(&Remedy) -> String) -> Self {
        if let Some(Failure { kind, message, hint }) = error.downcast_ref() {
            return Report::new(*kind, message, Some(hint.clone()));
        }
        if let Some(error) = error.downcast_ref::<Error>() {
            let told = told(error);
            let hint = match &told.hint {
                Hint::Words(words) => words.clone(),
                Hint::Remedy(remedy) => spell(remedy),
            };
            return Report::new(told.kind, &told.message, Some(hint));
        }
        let cause = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>());
        Report::new(Kind::Io, &format!("{error:#}"), cause.map(|cause| io_hint(cause.kind()).to_owned()))
    }
}
