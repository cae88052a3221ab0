//! Finds the tokens that a user names: by full id, by the exact text of the token, by a unique beginning of the id, or
//! by description. If nothing is found, ids are compared once more without regard to letter case.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::database::Database;
use super::index::{Listed, UserIndex};
use crate::core::jwt::claims::Claims;
use crate::core::jwt::presented::token_in;
use crate::core::token::Token;

/// The minimum length of a beginning of an id, so that a slip of the finger names no token.
const SHORTEST_PREFIX: usize = 4;

/// The tokens that one name could mean. A good name means exactly one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) tokens: Vec<Listed>,
    is_exact: bool,
}

impl Found {
    /// Adds a token that the name means exactly. Tokens that it only could mean no longer count.
    fn push_exact(&mut self, token: Listed) {
        if !self.is_exact {
            *self = Found { tokens: Vec::new(), is_exact: true };
        }
        self.tokens.push(token);
    }
}

/// The user to whose tokens a command is limited, by name and position.
pub(crate) type SelectedUser<'a> = Option<(&'a str, UserIndex)>;

/// Whether a token is one of the user's: it names the user or is stored under the user. Without a user, every token is.
pub(crate) fn is_in_scope(database: &Database<'_>, user: SelectedUser<'_>, token: &Listed) -> bool {
    user.is_none_or(|(name, user)| token.places().any(|place| place.user == user) || database.owner(token) == name)
}

/// Looks up each name among the tokens of a user, or of all users. The name is tried as it is, then what is [`inside`]
/// it, then that as an id in any letter case.
pub(crate) fn select(database: &Database<'_>, names: &[String], user: SelectedUser<'_>) -> Vec<Found> {
    let mut found = select_exactly(database, names, user);
    look_again(
        &mut found,
        names,
        |name| inside(name).filter(|inner| *inner != name),
        |inner| select_exactly(database, inner, user),
    );
    look_again(&mut found, names, inside, |inner| select_in_any_case(database, inner, user));
    found
}

/// Looks up the names that mean no token so far, in the form that `part` gives them.
fn look_again(
    found: &mut [Found],
    names: &[String],
    part: impl Fn(&str) -> Option<&str>,
    look: impl FnOnce(&[String]) -> Vec<Found>,
) {
    let missing = (0..names.len()).filter(|at| found[*at].tokens.is_empty());
    let (missing, parts): (Vec<usize>, Vec<String>) =
        missing.filter_map(|at| Some((at, part(&names[at])?.to_owned()))).unzip();
    if !missing.is_empty() {
        for (at, again) in missing.into_iter().zip(look(&parts)) {
            found[at] = again;
        }
    }
}

/// Returns the token in a header line, or the name without blanks around it. `None` if nothing is left.
pub(crate) fn inside(name: &str) -> Option<&str> {
    Some(token_in(name).trim()).filter(|inner| !inner.is_empty())
}

/// Compares ids only. A full id wins over beginnings.
fn select_in_any_case(database: &Database<'_>, names: &[String], user: SelectedUser<'_>) -> Vec<Found> {
    let lower: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let left = Names::new(&lower, |_| true);
    let mut found = vec![Found::default(); names.len()];
    for token in database.tokens() {
        let id = database.id_at(token.home).to_ascii_lowercase();
        let whole = left.by_text.get(&*id).copied();
        let beginnings = left.beginnings_of(&id);
        if whole.is_none() && beginnings.is_empty() || !is_in_scope(database, user, &token) {
            continue;
        }
        for name in beginnings {
            if !found[name].is_exact && Some(name) != whole {
                found[name].tokens.push(token.clone());
            }
        }
        if let Some(name) = whole {
            found[name].push_exact(token);
        }
    }
    left.repeat(&lower, &mut found);
    found
}

/// Compares names as they are. A full id or the exact text wins over beginnings and descriptions. The text is compared
/// byte for byte, and never by the id inside a presented token: a forgery must not pick a victim.
fn select_exactly(database: &Database<'_>, names: &[String], user: SelectedUser<'_>) -> Vec<Found> {
    /// The number of names that are looked for one by one in an entry before it is read. Without that, `show` takes 1.3
    /// times the instructions, and at 100,000 tokens 1.06 to 1.11 times as long (callgrind, and medians of 25 to 60
    /// pairs of runs of two programs).
    const FEW: usize = 4;
    let is_in_scope = |token: &Listed| is_in_scope(database, user, token);
    let mut found: Vec<Found> = names.iter().map(|name| by_id(database, name, is_in_scope)).collect();
    let left = Names::new(names, |name| !found[name].is_exact);
    if left.by_text.is_empty() {
        return found;
    }
    for token in database.tokens() {
        let id = database.id_at(token.home);
        let may_be_meant = |name: &&str| id.starts_with(name) || database.may_hold(token.home, name);
        if left.by_text.len() <= FEW && !left.by_text.keys().any(may_be_meant) {
            continue;
        }
        // The name that is the text of the token.
        let exact = database.text_at(token.home).and_then(|text| left.by_text.get(&*text));
        let mut candidates = left.beginnings_of(&id);
        candidates.extend(database.description_at(token.home).and_then(|text| left.by_text.get(&*text)).copied());
        candidates.sort_unstable();
        candidates.dedup();
        if candidates.is_empty() && exact.is_none() || !is_in_scope(&token) {
            continue;
        }
        for name in candidates {
            if !found[name].is_exact && Some(&name) != exact {
                found[name].tokens.push(token.clone());
            }
        }
        if let Some(name) = exact {
            found[*name].push_exact(token);
        }
    }
    left.repeat(names, &mut found);
    // A token that is stored under an id other than its own is a stray that Specter never accepts.
    for (name, found) in names.iter().zip(&mut found).filter(|(_, found)| found.is_exact && found.tokens.len() > 1) {
        let claims = Claims::of(name);
        if let Some(own) = found.tokens.iter().find(|token| Some(&*database.id_at(token.home)) == claims.id.as_deref())
        {
            found.tokens = vec![own.clone()];
        }
    }
    found
}

/// The names that are not ids. They are looked up rather than tried one after the other, because there may be many.
struct Names<'a> {
    /// The position of each name.
    by_text: HashMap<&'a str, usize>,
    /// The lengths of the names that could be the beginning of an id.
    lengths: BTreeSet<usize>,
}

impl<'a> Names<'a> {
    fn new(names: &'a [String], is_left: impl Fn(usize) -> bool) -> Self {
        let left = || names.iter().enumerate().filter(|(at, _)| is_left(*at)).map(|(at, name)| (name.as_str(), at));
        let lengths = left().map(|(name, _)| name).filter(|name| is_beginning(name)).map(str::len).collect();
        // The first of equal names stays.
        Names { by_text: left().rev().collect(), lengths }
    }

    /// Fills in the names that were given twice: only the first of equal names has its result so far.
    fn repeat(&self, names: &[String], found: &mut [Found]) {
        for (at, name) in names.iter().enumerate() {
            if let Some(first) = self.by_text.get(name.as_str()).filter(|first| **first != at) {
                found[at] = found[*first].clone();
            }
        }
    }

    /// The names that are a beginning of the id.
    fn beginnings_of(&self, id: &str) -> Vec<usize> {
        let beginnings = self.lengths.iter().map_while(|length| (*length <= id.len()).then(|| id.get(..*length)));
        beginnings.flatten().filter_map(|beginning| self.by_text.get(beginning).copied()).collect()
    }
}

/// Whether a name is long enough to be the beginning of an id.
fn is_beginning(name: &str) -> bool {
    name.chars().nth(SHORTEST_PREFIX - 1).is_some()
}

fn by_id(database: &Database<'_>, name: &str, is_in_scope: impl Fn(&Listed) -> bool) -> Found {
    let tokens: Vec<Listed> = database.tokens_with_id(&name.into()).into_iter().filter(is_in_scope).collect();
    Found { is_exact: !tokens.is_empty(), tokens }
}

/// The tokens whose id the name is in any letter case, or else the tokens whose id begins with the name.
pub(crate) fn in_any_case<'t, 'a>(name: &str, tokens: &'t [Token<'a>]) -> Vec<&'t Token<'a>> {
    let is_start = |id: &str| id.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    let (whole, longer): (Vec<_>, Vec<_>) =
        tokens.iter().filter(|token| is_start(&token.id)).partition(|token| token.id.len() == name.len());
    if whole.is_empty() && is_beginning(name) { longer } else { whole }
}

/// Whether a name is a beginning of the id, or the description.
pub(crate) fn is_candidate(name: &str, id: &str, description: Option<&str>) -> bool {
    is_beginning(name) && id.starts_with(name) || description == Some(name)
}
