//! The one JSON shape of a token, and how JSON is written. Names are Specter's own if it has one.

use std::borrow::Cow;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::core::backend::contract::{End, Lasting};
use crate::core::time::rfc3339::{Rfc3339, rfc3339};
use crate::core::token::{Status, Token};
use crate::words::escape::escape_json;

/// A token as JSON. Values that a token lacks are null.
#[derive(Debug, Serialize)]
pub(crate) struct TokenJson<'a> {
    jwt_token_id: Option<&'a str>,
    username: Option<&'a str>,
    jwt_token_description: Option<&'a str>,
    jwt_token_life: Option<Spelled<'a>>,
    /// Whole seconds, 0 once expired, null without `exp`.
    jwt_token_life_remaining: Option<i64>,
    /// Specter's words; null if the token lacks a time of expiry, and should have one.
    expiry_status: Option<&'static str>,
    issued_at: Option<Rfc3339>,
    expires_at: Option<Rfc3339>,
    status: &'static str,
    /// Null if nothing was found wrong, but the signature could not be checked.
    reason: Option<&'static str>,
    copies: Option<&'a [Cow<'a, str>]>,
    /// Present only if the installed Specter has older rules than status and reason; null if the answer needs a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_by_this_version: Option<AcceptedHere>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwt_token: Option<&'a str>,
}

impl<'a> TokenJson<'a> {
    /// Everything but the token itself.
    pub(crate) fn new(token: &'a Token<'a>, now: i64) -> Self {
        TokenJson {
            jwt_token_id: Some(&token.id),
            username: Some(&token.username),
            jwt_token_description: token.description.as_deref(),
            jwt_token_life: token.life.as_deref().map(Spelled),
            jwt_token_life_remaining: token.remaining(now),
            expiry_status: match token.status {
                Status::Expired => Some("Expired"),
                _ => token.has_readable_expiry().then_some("Valid"),
            },
            issued_at: token.issued_at.and_then(rfc3339),
            expires_at: token.expires_at.and_then(rfc3339),
            status: token.status.word(),
            reason: (token.status != Status::Unchecked).then_some(token.reason.word()),
            copies: token.copies.as_deref(),
            accepted_by_this_version: token.here.map(|here| AcceptedHere(here.accepts)),
            jwt_token: None,
        }
    }

    /// Adds the token itself, which only `create` and `--reveal` show.
    pub(crate) fn revealed(self, text: Option<&'a str>) -> Self {
        TokenJson { jwt_token: text, ..self }
    }

    /// Sets the user and the id of a presented token, which may name none.
    pub(crate) fn presented(self, username: Option<&'a str>, id: Option<&'a str>) -> Self {
        TokenJson { username, jwt_token_id: id, ..self }
    }
}

/// An object with more members after its own.
#[derive(Debug, Serialize)]
pub(crate) struct With<T, M> {
    #[serde(flatten)]
    pub(crate) object: T,
    #[serde(flatten)]
    pub(crate) more: M,
}

/// The members that `create` adds to the token that it has made, or would make.
#[derive(Debug, Serialize)]
pub(crate) struct CreatedJson {
    /// Null if nothing was written.
    pub(crate) effect: Option<&'static str>,
    /// The ids of the tokens that made room for it.
    pub(crate) replaced: Vec<String>,
    /// The effect on these tokens; null if there are none.
    pub(crate) replaced_effect: Option<&'static str>,
    /// Null if it is not known.
    pub(crate) specter_version: Option<String>,
    /// Present only with `--dry-run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dry_run: Option<bool>,
}

/// The time until which Specter accepts a removed token, or `never_ends`; null if it does not, or if this is not known.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum AcceptedUntil {
    Time(Rfc3339),
    Word(&'static str),
}

impl AcceptedUntil {
    pub(crate) fn of(lasting: Lasting) -> Option<Self> {
        match lasting {
            // A time past the year 9999 cannot be spelled.
            Lasting::Until(End::At(at)) => {
                Some(rfc3339(at).map_or(AcceptedUntil::Word("never_ends"), AcceptedUntil::Time))
            }
            Lasting::Until(End::Never) => Some(AcceptedUntil::Word("never_ends")),
            Lasting::Until(End::Past) | Lasting::Refused | Lasting::Unknown => None,
        }
    }
}

/// One object over several lines, for `create` and the like.
pub(crate) fn pretty(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    escape_json(&mut text, 0);
    text.push(b'\n');
    Ok(text)
}

/// Appends an object without blanks to a text.
pub(crate) fn push_compact(text: &mut Vec<u8>, value: &impl Serialize) -> serde_json::Result<()> {
    let from = text.len();
    serde_json::to_writer(&mut *text, value)?;
    escape_json(text, from);
    Ok(())
}

/// Whether the installed Specter accepts a token; null if the answer needs a key.
#[derive(Debug, Serialize)]
struct AcceptedHere(Option<bool>);

/// A number as it is spelled in users.json.
#[derive(Debug)]
struct Spelled<'a>(&'a str);

impl Serialize for Spelled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number: &RawValue = serde_json::from_str(self.0).map_err(S::Error::custom)?;
        number.serialize(serializer)
    }
}
