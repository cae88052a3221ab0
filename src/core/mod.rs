//! Tokens and Specter: pure rules, and the two stores of tokens. The caller passes in time, keys and how long to wait,
//! and gets back doubts and errors as data.

pub(crate) mod backend;
pub(crate) mod error;
pub(crate) mod fault;
pub(crate) mod jwt;
pub(crate) mod password;
pub(crate) mod process;
pub(crate) mod python;
pub(crate) mod random;
pub(crate) mod secret;
pub(crate) mod source;
pub(crate) mod specter;
pub(crate) mod time;
pub(crate) mod token;
pub(crate) mod users_json;
pub(crate) mod version;
pub(crate) mod waiting;
