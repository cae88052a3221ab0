//! Where a key or a password came from.

use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A variable of the environment.
    Variable(&'static str),
    File(PathBuf),
    StandardInput,
    Prompt,
}
