//! The two forms of a token that is printed alone.

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// The token
    Token,
    /// `Authorization: Bearer TOKEN`, as `curl -H @FILE` reads it
    Header,
}

impl Form {
    /// Returns a line with the token.
    pub(crate) fn of(self, token: &str) -> String {
        match self {
            Form::Token => format!("{token}\n"),
            Form::Header => format!("Authorization: Bearer {token}\n"),
        }
    }
}
