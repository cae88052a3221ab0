//! Evidence from the newest tokens: whether a key is Specter's, and whether the clock can be right.

use std::borrow::Cow;

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
    // `None` if there is nothing to try the key on.
    let fits = |user: UserIndex, are_expired: bool| {
        let wanted = newest_texts(database, user).filter(|text| {
            let claims = Claims::of(text);
            let has_expired = claims.expires_at.is_some_and(|expires_at| expires_at <= now);
            claims.id.as_deref().is_some() && has_expired == are_expired
        });
        wanted.take(TRIED).map(|text| key.fits(&text)).max()
    };
    let of_user =
        |are_expired| fits(user, are_expired).map(|verdict| (Some(database.username(user).into_owned()), verdict));
    let of_all =
        |are_expired| database.users().filter_map(|user| fits(user, are_expired)).max().map(|verdict| (None, verdict));
    // An expired token may be of a key before this one, so it counts only if there is no other.
    let tried = [false, true].into_iter().find_map(|are_expired| of_user(are_expired).or_else(|| of_all(are_expired)));
    let (username, verdict) = tried.map_or((None, None), |(username, verdict)| (username, Some(verdict)));
    match (verdict, key.differs_from()) {
        (Some(false), _) => Err(Error::WrongKey { source: key.source().clone(), username }),
        (None, Some(own)) => Err(Error::TwoKeys { source: key.source().clone(), own: own.to_owned() }),
        (Some(true), _) | (None, None) => Ok(()),
    }
}

/// Why the clock that shows `now` is probably wrong. A token counts only if the key signed it: anyone can write a time.
pub(super) fn clock_doubt(database: &Database<'_>, key: Option<&Key>, now: i64) -> Option<ClockDoubt> {
    let newest_of =
        |user: UserIndex| newest_texts(database, user).take(TRIED).find(|text| key.is_some_and(|key| key.fits(text)));
    let issued = || database.users().filter_map(newest_of).filter_map(|text| Claims::of(&text).issued_at).max();
    ClockDoubt::of(now).or_else(|| key.and_then(|_| issued()).and_then(|issued_at| ClockDoubt::beside(issued_at, now)))
}

/// The texts of a user's tokens. The newest is the first: new tokens are added at the end.
fn newest_texts<'d>(database: &'d Database<'_>, user: UserIndex) -> impl Iterator<Item = Cow<'d, str>> {
    database.places_of(user).rev().filter_map(|place| database.text_at(place))
}
