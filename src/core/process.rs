//! A running Specter, described so that a person can find it.

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
