//! One file for each command: its arguments, whose comments are the help, and then what it does.

mod choice;
pub(crate) mod completions;
pub(crate) mod create;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod show;
pub(crate) mod verify;
