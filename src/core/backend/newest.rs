//! Evidence from the newest tokens: whether a key is Specter's, and whether the clock can be right.

use crate::core::error::{Error, Result};
use crate::core::jwt::claims::Claims;
use crate::core::jwt::key::Key;
use crate::core::time::plausible::ClockDoubt;
use crate::core::users_json::database::Database;
use crate::core::users_json::index::UserIndex;

/// The number of tokens of a user that are tried: enough to get past a few of another key.
const TRIED: usize = 10;

/// Tries the key on the newest tokens of the user, or else of the others. A key that fits none of them is probably not
/// Specter's. If there are no tokens, a key from a variable that other programs use, too, must be the folder's own.
pub(super) fn check_key(key: &Key, database: &Database<'_>, user: UserIndex, now: i64) -> Result<()> {
    let fits = |user: UserIndex| {
        let texts = database.places_of(user).rev().filter_map(|place| database.text_at(place));
        let unexpired = texts.filter(|text| {
            let claims = Claims::of(text);
            claims.id.as_deref().is_some() && claims.expires_at.is_none_or(|expires_at| expires_at > now)
        });
        // `None` if there is no token to try the key on.
        unexpired.take(TRIED).map(|text| key.fits(&text)).max()
    };
    let (username, verdict) = match fits(user) {
        Some(verdict) => (Some(database.username(user).into_owned()), Some(verdict)),
        None => (None, database.users().filter_map(fits).max()),
    };
    match (verdict, key.differs_from()) {
        (Some(false), _) => Err(Error::WrongKey { source: key.source().clone(), username }),
        (None, Some(own)) => Err(Error::TwoKeys { source: key.source().clone(), own: own.to_owned() }),
        (Some(true), _) | (None, None) => Ok(()),
    }
}

/// Why the clock that shows `now` is probably wrong. A token counts only if the key signed it: anyone can write a time.
pub(super) fn clock_doubt(database: &Database<'_>, key: Option<&Key>, now: i64) -> Option<ClockDoubt> {
    let newest_of = |user: UserIndex| {
        let texts = database.places_of(user).rev().filter_map(|place| database.text_at(place));
        texts.take(TRIED).find(|text| key.is_some_and(|key| key.fits(text)))
    };
    let issued = || database.users().filter_map(newest_of).filter_map(|text| Claims::of(&text).issued_at).max();
    ClockDoubt::of(now).or_else(|| key.and_then(|_| issued()).and_then(|issued_at| ClockDoubt::beside(issued_at, now)))
}
