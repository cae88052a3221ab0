//! One file a command: its arguments, whose comments are the help, then what it does.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod show;
pub(crate) mod verify;

use anyhow::Result;

use crate::failure::{Failure, Kind};
use crate::store::{Database, Listed, UserIndex};
use crate::terminal::escaped;
use crate::token::Token;

/// The user that `--user` names.
fn user_named(database: &Database<'_>, name: &str) -> Result<UserIndex> {
    database.user_named(name).ok_or_else(|| {
        let message = format!("could not find user `{name}` in users.json");
        Failure::new(Kind::NotFound, message).hint(format!("the users are: {}", usernames(database))).into()
    })
}

fn usernames(database: &Database<'_>) -> String {
    database.users().map(|user| database.username(user).into_owned()).collect::<Vec<_>>().join(", ")
}

/// A token in a sentence: its id, user and description.
fn named(token: &Token<'_>) -> String {
    let description = token.description.as_ref().map(|text| format!(" \"{}\"", escaped(text))).unwrap_or_default();
    format!("{}{description} of user {}", escaped(&token.id), escaped(&token.username))
}

/// The tokens that an ambiguous name could mean, for a hint.
fn candidates(database: &Database<'_>, tokens: &[Listed], now: i64) -> String {
    /// More would drown the hint.
    const SHOWN: usize = 10;
    let shown = tokens.iter().take(SHOWN).map(|token| named(&database.token(token, None, now)));
    let mut shown: Vec<String> = shown.collect();
    if tokens.len() > SHOWN {
        shown.push(format!("and {} more", tokens.len() - SHOWN));
    }
    shown.join("; ")
}
