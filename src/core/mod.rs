//! Tokens and Specter: pure rules, and the two stores of tokens.

pub(crate) mod backend;
pub(crate) mod jwt;
pub(crate) mod password;
pub(crate) mod python;
pub(crate) mod random;
pub(crate) mod specter;
pub(crate) mod time;
pub(crate) mod token;
pub(crate) mod users_json;
