//! The token database of a stopped Specter: its users.json.
//!
//! [`update::read`] returns a [`snapshot::Snapshot`], which can be kept. [`update::update`] reads under a lock and
//! writes the caller's decision.

mod backup;
mod bytes;
pub(crate) mod damage;
pub(crate) mod database;
mod document;
mod edit;
pub(crate) mod entry;
pub(crate) mod folder;
pub(crate) mod index;
pub(crate) mod new_folder;
mod obstacle;
pub(crate) mod patience;
pub(crate) mod recovery;
mod rename;
#[cfg(any(test, fuzzing))]
pub(crate) mod round_trip;
pub(crate) mod select;
pub(crate) mod snapshot;
pub(crate) mod update;
mod way;
mod write;
