//! The two stores of tokens behind one contract: the users.json of a Specter that is stopped, and the REST API of one that runs.
//! Whoever holds one does not know which of the two it is.

pub(crate) mod contract;
mod removal;
pub(crate) mod server;
mod users;
pub(crate) mod users_json;
