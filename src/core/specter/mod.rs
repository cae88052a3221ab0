//! Recognises a running Specter, and talks to it.

mod access;
pub(crate) mod address;
pub(crate) mod answer;
pub(crate) mod api;
mod command_line;
pub(crate) mod elsewhere;
pub(crate) mod expanduser;
pub(crate) mod migration;
mod package;
pub(crate) mod process;
mod root;
mod tls;
