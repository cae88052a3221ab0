//! The two stores of tokens behind one contract: the users.json of a stopped Specter, and the REST API of a running
//! one. Callers do not know which of the two they hold.

pub(crate) mod contract;
mod newest;
mod removal;
pub(crate) mod server;
mod server_read;
mod users;
pub(crate) mod users_json;
