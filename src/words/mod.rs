//! The words that people read in every user interface: errors, reasons, durations, and text made safe for a terminal.

pub(crate) mod codes;
pub(crate) mod doubts;
pub(crate) mod durations;
pub(crate) mod effect;
pub(crate) mod error;
pub(crate) mod escape;
pub(crate) mod failure;
pub(crate) mod names;
pub(crate) mod reasons;
pub(crate) mod redact;
mod server;
mod told;
pub(crate) mod waiting;
