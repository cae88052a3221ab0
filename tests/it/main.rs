//! End-to-end tests. Each one states all of standard output, standard error, exit code and, where they matter, files.

#![deny(unused_must_use)] // a run whose result is not looked at tests nothing
#![allow(clippy::unwrap_used)] // a test stops where something is not as it should be

mod fake_server;
mod support;

mod clock;
mod corpus;
mod create;
mod damage;
mod errors;
mod folders;
mod generated;
mod hyphens;
mod init;
mod json;
mod lifetimes;
mod list;
mod memory;
mod null_output;
mod offered;
mod papers;
mod paths;
mod plan;
mod presented;
mod quiet;
mod recipes;
mod revoke;
mod running;
mod secrets;
mod server;
mod show;
mod signals;
mod surrogates;
mod terminal;
mod tidy;
mod usage;
mod verify;
mod version;
mod waits;
mod writes;
