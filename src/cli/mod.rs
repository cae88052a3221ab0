//! The command line.

pub(crate) mod args;
mod commands;
pub(crate) mod options;
mod output;
mod parallel;
pub(crate) mod prompt;
pub(crate) mod session;
