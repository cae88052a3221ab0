//! A running Specter, described so that a person can find it.

use std::path::PathBuf;

use super::version::Version;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) id: u32,
    /// The arguments, joined by spaces and shortened if there are many. `None` if their text is not to be repeated
    /// because of the user who chose it.
    pub(crate) command_line: Option<String>,
    /// The address at which a client on this machine reaches it, if known.
    pub(crate) url: Option<String>,
    /// The version, if known.
    pub(crate) version: Option<Version>,
}

/// A Specter that runs on another folder than the one that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) id: u32,
    /// Its folder. None if it is not known, or if somebody chose it whose words are not to be repeated.
    pub(crate) folder: Option<PathBuf>,
}
