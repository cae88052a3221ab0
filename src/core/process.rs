//! A Specter that runs, as a person would look for it.

use std::path::PathBuf;

use super::version::Version;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) id: u32,
    /// Arguments with spaces between them, cut if they are many. None if somebody chose them whose words are not to be repeated.
    pub(crate) command_line: Option<String>,
    /// Where a client on this machine reaches it, if that is known.
    pub(crate) url: Option<String>,
    /// Its version, if that is known.
    pub(crate) version: Option<Version>,
}

/// A Specter that runs on another folder than the one that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) id: u32,
    /// Its folder. None if it is not known, or if somebody chose it whose words are not to be repeated.
    pub(crate) folder: Option<PathBuf>,
}
