//! Finding a user by name.

use crate::core::error::{Error, Result};
use crate::core::users_json::database::Database;
use crate::core::users_json::index::UserIndex;
use crate::core::users_json::select::SelectedUser;

pub(super) fn user_named(database: &Database<'_>, name: &str) -> Result<UserIndex> {
    let unknown = || Error::UnknownUser { name: name.to_owned(), users: usernames(database) };
    database.user_named(name).ok_or_else(unknown)
}

/// The user to whom a command is limited.
pub(super) fn selected_user<'a>(database: &Database<'_>, name: Option<&'a str>) -> Result<SelectedUser<'a>> {
    name.map(|name| user_named(database, name).map(|user| (name, user))).transpose()
}

pub(super) fn usernames(database: &Database<'_>) -> Vec<String> {
    database.users().map(|user| database.username(user).into_owned()).collect()
}
