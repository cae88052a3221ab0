//! End-to-end tests. Each one states all of standard output, standard error, exit code and, where they matter, files.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test stops where something is not as it should be

mod support;

mod corpus;
