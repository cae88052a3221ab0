//! How tokens are shown: JSON for programs, a table for people.

pub(crate) mod form;
pub(crate) mod json;
pub(crate) mod table;
