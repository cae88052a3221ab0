//! Tests what could damage a user's database: a crash at any moment, many processes at once, files of other users.
//!
//! Needs Linux, root and strace. `cargo test --test safety -- --nocapture` runs the tests, and prints how much was
//! tried.

#![allow(clippy::unwrap_used)] // a test panics if something is wrong

#[allow(dead_code)] // each test binary uses its own part
#[path = "../it/support.rs"]
mod support;

mod crash;
mod last_step;
mod privileges;
mod races;
mod signals;
