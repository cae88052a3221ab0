//! This machine: where keys come from.

pub(crate) mod secret;
