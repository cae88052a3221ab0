//! `specter-token` creates, lists, shows, revokes and verifies the access tokens of Specter Desktop's REST API.
//!
//! The program is this library. The binary only passes it the arguments, the clock and the streams. The modules:
//!
//! | module | what it holds |
//! |---|---|
//! | `core` | tokens and Specter: pure rules, users.json, a running Specter, and errors as data |
//! | `host` | this machine: environment variables, streams, clock, the places of keys and passwords, private files |
//! | `words` | what people read: errors with reason and exit code, durations, effects, text made safe for a terminal |
//! | `cli` | the command line: arguments, questions, tables and JSON, and one file for each command |
//! | `fuzz` | the targets of a fuzzer; only in tests |
//!
//! `core` imports none of the others. `host` and `words` import only `core`, and `cli` imports all three.
//! `tests/it/tidy.rs` checks that.
//!
//! `core` has two entry points. A command opens a `core::backend`, which works the same through users.json and through
//! a server. A program that runs longer than a command holds a `core::users_json::snapshot::Snapshot`, and judges with
//! it at any time.

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
