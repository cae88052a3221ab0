//! `specter-token` creates, lists, shows, revokes and verifies the access tokens of Specter Desktop's REST API.
//!
//! The program is this library; the binary only hands it the arguments, the clock and the streams. Where to look:
//!
//! | module | what it holds |
//! |---|---|
//! | `fuzz` | what a fuzzer drives; only in tests |
//! | `cli` | the list of commands |
//! | `commands` | one file a command: its arguments, then what it does |
//! | `backend` | what a command needs of a token database: users.json, or a running Specter |
//! | `session` | what every command works with: options, clock, streams, key, password |
//! | `options` | the options that every command has: a data folder, or a server |
//! | `store` | users.json: the database, lossless editing, lock and atomic replacement |
//! | `specter` | a Specter that is running: recognising it, and its REST API |
//! | `output` | tables and JSON |
//! | `jwt` | signing a token, and judging one as Specter does |
//! | `prompt` | questions on a terminal |
//! | `secret`, `password` | where the key and a password come from |
//! | `terminal` | what a terminal must not see raw |
//! | `lifetime` | durations and times as people type them |
//! | `parallel` | work by all processors, with results in order |
//! | `random` | random bytes |
//! | `python` | how Python reads base64, JSON and integers |
//! | `token` | a token, its status, and the reasons to refuse one |
//! | `failure` | why a command stops, and with which exit code |
//!
//! Imports point down this list and never up.

#[cfg(windows)]
compile_error!("specter-token needs Unix file locks, owners and modes; on Windows, run it inside WSL");

mod cli;
mod core;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod host;
mod words;

pub use cli::args::{Cli, UsageError, run};
pub use cli::session::World;
pub use core::token::reasons;
