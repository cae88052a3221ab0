//! This machine: its variables, streams and clock, where keys and passwords come from, files that nobody else may read,
//! signals, core dumps, and a line on the terminal about what takes long.

pub(crate) mod core_dumps;
pub(crate) mod environment;
pub(crate) mod private_file;
pub(crate) mod secret;
pub(crate) mod signals;
pub(crate) mod status_line;
pub(crate) mod world;
