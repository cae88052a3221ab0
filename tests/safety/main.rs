//! Tests what could damage a user's database: a crash at any moment, many processes at once, files of other users.
//!
//! Needs Linux, root and strace. `cargo test --test safety -- --nocapture` runs the tests, and prints how much was
//! tried. With `SPECTER_TOKEN_LONG=1`, every fault is tried at every system call, and the processes do five times as
//! much.

#![deny(unused_must_use)] // a run whose result is not looked at tests nothing
#![allow(clippy::unwrap_used)] // a test panics if something is wrong

#[allow(dead_code)] // each test binary uses its own part
#[path = "../it/support.rs"]
mod support;

mod crash;
mod last_step;
mod privileges;
mod races;
mod signals;

/// Whether everything is tried that can be.
fn is_long() -> bool {
    std::env::var_os("SPECTER_TOKEN_LONG").is_some()
}
