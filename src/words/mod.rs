//! What people read.

pub(crate) mod escape;
pub(crate) mod failure;
