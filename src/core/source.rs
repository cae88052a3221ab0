//! The source of a key or a password.

use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// An environment variable.
    Variable(&'static str),
    File(PathBuf),
    StandardInput,
    Prompt,
}
