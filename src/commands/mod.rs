//! One file a command: its arguments, whose comments are the help, then what it does.

pub(crate) mod completions;
pub(crate) mod create;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod show;
pub(crate) mod verify;

use anyhow::Result;

use crate::failure::{Failure, Kind};
use crate::lifetime;
use crate::session::Session;
use crate::store::{Database, Listed, SelectedUser, UserIndex, is_in_scope};
use crate::terminal::escaped;
use crate::token::{Status, Token};

/// The user that `--user` names.
fn user_named(database: &Database<'_>, name: &str) -> Result<UserIndex> {
    database.user_named(name).ok_or_else(|| {
        let message = format!("could not find user `{name}` in users.json");
        Failure::new(Kind::NotFound, message).hint(format!("the users are: {}", usernames(database))).into()
    })
}

/// The user to whom `--user` narrows a command down.
fn selected_user<'a>(database: &Database<'_>, name: Option<&'a str>) -> Result<SelectedUser<'a>> {
    name.map(|name| user_named(database, name).map(|user| (name, user))).transpose()
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

/// The token that the user picks on the terminal.
fn chosen(session: &Session<'_>, database: &Database<'_>, user: SelectedUser<'_>, question: &str) -> Result<Listed> {
    let Some(prompt) = session.prompt()? else {
        let failure = Failure::new(Kind::Usage, "could not tell which token is meant: none is named");
        return Err(failure.hint("name one by its id or description; `specter-token list` shows them").into());
    };
    let mut tokens: Vec<Listed> = database.tokens().filter(|token| is_in_scope(database, user, token)).collect();
    if tokens.is_empty() {
        return Err(Failure::new(Kind::NotFound, "could not find a token: there are none").hint(EMPTY).into());
    }
    let lines: Vec<String> =
        tokens.iter().map(|token| choice(&database.token(token, None, session.now), session.now)).collect();
    Ok(tokens.swap_remove(prompt.choice(question, &lines)?))
}

/// What to do where a name leads nowhere.
const LOOK: &str = "`specter-token list` shows the tokens; of an id, give all or the first 4 characters or more";

/// What to do where there is nothing.
const EMPTY: &str = "`specter-token create -d TEXT -l \"3 days\"` makes one";

/// A token on one line of a list to choose from.
fn choice(token: &Token<'_>, now: i64) -> String {
    let end = match (token.status, token.remaining(now)) {
        (Status::Expired, _) => "expired".to_owned(),
        (_, Some(seconds)) => format!("expires in {}", lifetime::roughly(seconds.unsigned_abs())),
        (_, None) => "never expires".to_owned(),
    };
    let id: String = token.id.chars().take(8).collect();
    let description = token.description.as_deref().unwrap_or_default();
    format!("{}  {} ({}, {end})", escaped(&id), escaped(description), escaped(&token.username))
}
