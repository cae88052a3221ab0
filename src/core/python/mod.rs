//! Reads base64, JSON and `int()` as Python does.
//!
//! Specter passes a presented token to PyJWT, and users.json to Python's `json`. Both accept more than Rust's libraries
//! do (foreign characters in base64, `NaN`, half a surrogate pair, `"1_000"` as a number), and `verify` must say what
//! Specter says. Therefore these rules are restated here, once, as CPython 3.10 and 3.11 behave.

pub(crate) mod base64;
pub(crate) mod encoding;
pub(crate) mod int;
pub(crate) mod json;
pub(crate) mod scan;
pub(crate) mod template;
pub(crate) mod text;
