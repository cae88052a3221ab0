//! Lifetimes as people and as pytimeparse read them; times and their spelling.

pub(crate) mod clock;
pub(crate) mod lifetime;
pub(crate) mod moment;
pub(crate) mod plausible;
mod pytimeparse;
pub(crate) mod rfc3339;
