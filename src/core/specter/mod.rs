//! A Specter that is running: how it is recognised, and how it is talked to.

pub(crate) mod api;
mod command_line;
pub(crate) mod process;
mod tls;
