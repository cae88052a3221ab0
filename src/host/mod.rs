//! This machine: its environment variables, streams and clock, the places that keys and passwords come from, private
//! files, signals, core dumps, and a status line on the terminal.

pub(crate) mod core_dumps;
pub(crate) mod environment;
pub(crate) mod private_file;
pub(crate) mod secret;
pub(crate) mod signals;
pub(crate) mod status_line;
pub(crate) mod world;
