//! Lifetimes as people and as pytimeparse read them; times, and how they are spelled.

pub(crate) mod clock;
pub(crate) mod lifetime;
pub(crate) mod moment;
pub(crate) mod plausible;
mod pytimeparse;
pub(crate) mod rfc3339;
