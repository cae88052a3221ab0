//! Finding the tokens that a user names: by full id, by the exact text of the token, by a unique beginning of the id, or by
//! description.

use super::{Database, Listed, UserIndex};
use crate::jwt::Claims;

/// A beginning of an id must be this long, lest a slip of the finger name a token.
const SHORTEST_PREFIX: usize = 4;

/// The tokens that one name could mean: exactly one, if it is a good name.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) tokens: Vec<Listed>,
    is_exact: bool,
}

/// The user to whose tokens a command is narrowed down, by name and position.
pub(crate) type SelectedUser<'a> = Option<(&'a str, UserIndex)>;

/// Whether a token is one of the user's: it names the user, or it stands under him. Without a user, every token is.
pub(crate) fn is_in_scope(database: &Database<'_>, user: SelectedUser<'_>, token: &Listed) -> bool {
    user.is_none_or(|(name, user)| token.places().any(|place| place.user == user) || database.owner(token) == name)
}

/// Looks up each name among the tokens of a user, or of all users.
///
/// A full id or the exact text wins over beginnings and descriptions. The text is compared byte for byte, and never by the
/// id inside a presented token: a forgery must not pick a victim.
pub(crate) fn select(database: &Database<'_>, names: &[String], user: SelectedUser<'_>) -> Vec<Found> {
    let is_in_scope = |token: &Listed| is_in_scope(database, user, token);
    let mut found: Vec<Found> = names.iter().map(|name| by_id(database, name, is_in_scope)).collect();
    if found.iter().all(|found| found.is_exact) {
        return found;
    }
    for token in database.tokens() {
        let id = database.id_at(token.home);
        let may_be_meant = |name: &String| id.starts_with(name.as_str()) || database.may_hold(token.home, name);
        if !names.iter().any(may_be_meant) {
            continue;
        }
        let text = database.text_at(token.home);
        let description = database.description_at(token.home);
        for (name, found) in names.iter().zip(&mut found) {
            let is_text = text.as_deref() == Some(name);
            let is_candidate = !found.is_exact && is_candidate(name, &id, description.as_deref());
            if !(is_text || is_candidate) || !is_in_scope(&token) {
                continue;
            }
            if is_text && !found.is_exact {
                *found = Found { tokens: Vec::new(), is_exact: true };
            }
            if is_text || !found.is_exact {
                found.tokens.push(token.clone());
            }
        }
    }
    // Stored under another id than its own, a token is a stray that Specter never accepts.
    for (name, found) in names.iter().zip(&mut found).filter(|(_, found)| found.is_exact && found.tokens.len() > 1) {
        let id = Claims::of(name).id;
        if let Some(own) = found.tokens.iter().find(|token| Some(&*database.id_at(token.home)) == id.as_deref()) {
            found.tokens = vec![own.clone()];
        }
    }
    found
}

fn by_id(database: &Database<'_>, name: &str, is_in_scope: impl Fn(&Listed) -> bool) -> Found {
    let tokens: Vec<Listed> = database.tokens_with_id(name).into_iter().filter(is_in_scope).collect();
    Found { is_exact: !tokens.is_empty(), tokens }
}

/// Whether a name is a beginning of the id, or the description.
pub(crate) fn is_candidate(name: &str, id: &str, description: Option<&str>) -> bool {
    let is_beginning = name.chars().nth(SHORTEST_PREFIX - 1).is_some() && id.starts_with(name);
    is_beginning || description == Some(name)
}
