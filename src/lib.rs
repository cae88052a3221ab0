//! `specter-token` creates, lists, shows, revokes and verifies the access tokens of Specter Desktop's REST API.
//!
//! The program is this library; the binary only hands it the arguments, the clock and the streams. Where to look:
//!
//! | room | what it holds |
//! |---|---|
//! | `core` | tokens and Specter: pure rules, users.json, a Specter that runs, and what can go wrong, as data |
//! | `host` | this machine: variables, streams, clock, where keys and passwords come from, private files |
//! | `words` | what people read: errors with reason and exit code, durations, effects, text made safe for a terminal |
//! | `cli` | the command line: arguments, questions, tables and JSON, and one file for each command |
//! | `fuzz` | what a fuzzer drives; only in tests |
//!
//! `core` imports none of the others, `host` and `words` only `core`, and `cli` all three. `tests/it/tidy.rs` holds the house
//! to that.
//!
//! Two doors lead into `core`. A command opens a `core::backend`, which does the same through users.json and through a server. What
//! lives for longer than a command holds a `core::users_json::snapshot::Snapshot` and judges with it at any time.

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
pub use cli::manual::{ENVIRONMENT, FILES, WORLDS, WhatCommandsDo};
pub use host::core_dumps::forbid_core_dumps;
pub use host::world::World;
pub use words::codes::{EXIT_CODES, ExitCode};
pub use words::reasons::reasons;
