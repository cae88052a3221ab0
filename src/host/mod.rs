//! This machine: its variables, streams and clock, where keys and passwords come from, and files that nobody else may read.

pub(crate) mod environment;
pub(crate) mod private_file;
pub(crate) mod secret;
pub(crate) mod world;
