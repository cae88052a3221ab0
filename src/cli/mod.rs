//! The command line: its arguments, what it asks and prints, and one file for each command.

pub(crate) mod args;
mod commands;
pub(crate) mod manual;
mod options;
mod output;
mod parallel;
mod prompt;
mod remedies;
mod session;
mod stdin_lines;
mod waits;
