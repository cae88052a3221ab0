//! The second segment of a token: the claims that Specter checks, and those that describe the token.
//!
//! A payload in Specter's spelling is read by the template that new ones are written from, and any other payload by the
//! general reader. This is for speed: without the template, `list --json` of 100,000 tokens takes 1.4 times as long,
//! and `verify` of as many 1.2 times (medians of 25 to 60 pairs of runs of two programs, with and without, on two idle
//! processors).

use std::borrow::Cow;
use std::cell::OnceCell;

use super::spelling::PAYLOAD;
use crate::core::python::base64::base64_decode;
use crate::core::python::encoding::json_text;
use crate::core::python::int::IntError;
use crate::core::python::json::{Cursor, JsonError, MAX_DEPTH, Value, json};
use crate::core::python::text::Text;

/// The names of the claims that Specter looks at.
const CLAIMS: [&str; 9] =
    ["username", "jwt_token_id", "jwt_token_description", "iat", "nbf", "exp", "aud", "sub", "jti"];

/// Room for the bytes of nearly every payload.
pub(super) const PAYLOAD_ROOM: usize = 512;

/// The segments of a token, not decoded (RFC 7515 §3.1). As in PyJWT, further dots belong to the payload.
#[derive(Clone, Copy)]
pub(super) struct Segments<'a> {
    pub(super) header: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: &'a str,
    /// Header and payload, with the dot between them.
    pub(super) signed: &'a str,
}

impl<'a> Segments<'a> {
    pub(super) fn of(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        Some(Segments { header, payload, signature, signed })
    }
}

/// The claims of a token, whether or not they can be believed. `None` if a claim is missing or has the wrong type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) username: Option<String>,
    /// `jwt_token_id`.
    pub(crate) id: Option<String>,
    pub(crate) description: Option<String>,
    /// Seconds since 1970, as Python's `int` reads them. The same holds for `expires_at`.
    pub(crate) issued_at: Option<i64>,
    pub(crate) expires_at: Option<i64>,
}

impl Claims {
    /// Reads the claims without checking anything.
    pub(crate) fn of(token: &str) -> Self {
        let mut buffer = [0; PAYLOAD_ROOM];
        let bytes = Segments::of(token).and_then(|segments| base64_decode(segments.payload, &mut buffer));
        let decoded = OnceCell::new();
        let payload = bytes.as_deref().and_then(|bytes| Payload::read(bytes, &decoded).ok());
        payload.as_ref().map(Payload::claims).unwrap_or_default()
    }
}

/// A time as Python reads it, in seconds since 1970.
pub(super) type Seconds = Result<i64, IntError>;

/// Every claim that Specter looks at, read as Specter reads it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Payload<'a> {
    /// `None` if missing or not a string. The same holds for the next two.
    pub(super) username: Option<Text<'a>>,
    pub(super) id: Option<Text<'a>>,
    description: Option<Text<'a>>,
    /// Whether there is a `username` of any type.
    pub(super) has_username: bool,
    /// `None` if missing. The same holds for the next two.
    pub(super) issued_at: Option<Seconds>,
    pub(super) not_before: Option<Seconds>,
    pub(super) expires_at: Option<Seconds>,
    /// Whether there is an `aud` that is true in Python's sense.
    pub(super) has_audience: bool,
    /// Whether there is a `sub` that is not a string. The same holds for `jti`.
    pub(super) has_odd_subject: bool,
    pub(super) has_odd_jti: bool,
}

/// Why a payload has no claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoClaims {
    Json(JsonError),
    /// The payload is JSON, but not an object.
    NotAnObject,
}

impl<'a> Payload<'a> {
    /// Reads the bytes of a payload. `text` has room for them in WTF-8, in case they are in another encoding.
    pub(super) fn read(bytes: &'a [u8], text: &'a OnceCell<Cow<'a, [u8]>>) -> Result<Self, NoClaims> {
        let general = || {
            let decoded = json_text(bytes).map_err(NoClaims::Json)?;
            Payload::general(text.get_or_init(|| decoded))
        };
        let plain = std::str::from_utf8(bytes).ok().and_then(Payload::plain);
        debug_assert!(plain.as_ref().is_none_or(|plain| general().as_ref() == Ok(plain)), "{plain:?}");
        plain.map_or_else(general, Ok)
    }

    /// Reads a payload in Specter's spelling. Claims that Specter does not know may follow.
    fn plain(text: &'a str) -> Option<Self> {
        let (username, rest) = PAYLOAD.read(0, text)?;
        let (id, rest) = PAYLOAD.read(1, rest)?;
        let (description, rest) = PAYLOAD.read(2, rest)?;
        let (expires_at, rest) = PAYLOAD.read(3, rest)?;
        let (issued_at, rest) = PAYLOAD.read(4, rest)?;
        if rest != PAYLOAD.after && !has_unknown_claims_alone(rest) {
            return None;
        }
        Some(Payload {
            username: Some(username.into()),
            id: Some(id.into()),
            description: Some(description.into()),
            has_username: true,
            issued_at: Some(Ok(issued_at.parse().ok()?)),
            not_before: None,
            expires_at: Some(Ok(expires_at.parse().ok()?)),
            has_audience: false,
            has_odd_subject: false,
            has_odd_jti: false,
        })
    }

    /// Reads a payload of any spelling.
    fn general(text: &'a [u8]) -> Result<Self, NoClaims> {
        let value = json(text, &CLAIMS).map_err(NoClaims::Json)?;
        let object = value.as_object().ok_or(NoClaims::NotAnObject)?;
        let text = |name| match object.member(name) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let seconds = |name| object.member(name).map(Value::to_int);
        let is_odd = |name| object.member(name).is_some_and(|value| !matches!(value, Value::Text(_)));
        Ok(Payload {
            username: text("username"),
            id: text("jwt_token_id"),
            description: text("jwt_token_description"),
            has_username: object.member("username").is_some(),
            issued_at: seconds("iat"),
            not_before: seconds("nbf"),
            expires_at: seconds("exp"),
            has_audience: object.member("aud").is_some_and(Value::is_truthy),
            has_odd_subject: is_odd("sub"),
            has_odd_jti: is_odd("jti"),
        })
    }

    pub(super) fn claims(&self) -> Claims {
        let text = |claim: &Option<Text<'_>>| claim.as_ref().and_then(Text::as_str).map(str::to_owned);
        let seconds = |claim: Option<Seconds>| claim.and_then(Result::ok);
        Claims {
            username: text(&self.username),
            id: text(&self.id),
            description: text(&self.description),
            issued_at: seconds(self.issued_at),
            expires_at: seconds(self.expires_at),
        }
    }
}

/// Whether the text after the template's claims holds only further members that Specter does not look at, and the end.
fn has_unknown_claims_alone(rest: &str) -> bool {
    // A name follows the comma: a brace there would not be JSON.
    if !rest.starts_with(",\"") {
        return false;
    }
    let mut cursor = Cursor::new(rest.as_bytes(), MAX_DEPTH);
    let mut are_unknown = true;
    let read = cursor.each(b',', b'}', |cursor| {
        let key = cursor.key()?;
        are_unknown &= key.as_str().is_none_or(|key| !CLAIMS.contains(&key));
        cursor.value(&[]).map(drop)
    });
    read.and_then(|()| cursor.end()).is_ok() && are_unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: &str =
        "{\"username\":\"a\",\"jwt_token_id\":\"b\",\"jwt_token_description\":\"c\",\"exp\":200,\"iat\":100";

    #[test]
    fn one_more_claim_is_read_the_fast_way_too() {
        for (more, is_plain) in [
            ("", true),
            (",\"endpoints\":[\"GET /v1alpha/specter\"]", true),
            (",\"endpoints\":[],\"x\":{\"aud\":\"y\"}", true),
            (",\"endpoints\" : [ ] ", true),
            (",\"aud\":\"x\"", false),
            (",\"x\":1,\"exp\":150", false),
            (",\"\\u0061ud\":0", false),
            (",", false),
            (",\"x\":1,", false),
            (",\"x\":01", false),
        ] {
            let text = format!("{FIVE}{more}}}");
            let plain = Payload::plain(&text);
            assert_eq!(plain.is_some(), is_plain, "{text}");
            if let Some(plain) = plain {
                assert_eq!(Payload::general(text.as_bytes()), Ok(plain), "{text}");
            }
        }
        assert_eq!(Payload::plain(FIVE), None, "cut off");
    }
}
