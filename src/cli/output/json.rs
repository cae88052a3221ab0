//! The one JSON shape of a token. Names are Specter's own where it has one.

use std::borrow::Cow;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::core::time::{self, Rfc3339};
use crate::core::python;
use crate::core::token::{Status, Token};

/// A token as JSON. What a token does not say is null.
#[derive(Debug, Serialize)]
pub(crate) struct TokenJson<'a> {
    jwt_token_id: Option<&'a str>,
    username: Option<&'a str>,
    jwt_token_description: Option<&'a str>,
    jwt_token_life: Option<Spelled<'a>>,
    /// Whole seconds, 0 once expired, null without `exp`.
    jwt_token_life_remaining: Option<i64>,
    /// Specter's words; null where the token does not say when it expires, and should.
    expiry_status: Option<&'static str>,
    issued_at: Option<Rfc3339>,
    expires_at: Option<Rfc3339>,
    status: &'static str,
    /// Null where nothing was found wrong, but the signature could not be checked.
    reason: Option<&'static str>,
    copies: Option<&'a [Cow<'a, str>]>,
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
            issued_at: token.issued_at.and_then(time::rfc3339),
            expires_at: token.expires_at.and_then(time::rfc3339),
            status: token.status.word(),
            reason: (token.status != Status::Unchecked).then_some(token.reason.word()),
            copies: token.copies.as_deref(),
            jwt_token: None,
        }
    }

    /// Appends the object on one line, as serde_json writes it, which would look for something to escape in every byte of keys
    /// and texts. For a long list that takes more time than all the rest of the writing, so a usual token is written here.
    pub(crate) fn push_line(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let remaining = self.jwt_token_life_remaining.unwrap_or_default().to_string();
        match self.plain_line(&remaining) {
            Some(parts) => parts.iter().for_each(|part| out.extend_from_slice(part)),
            None => serde_json::to_writer(out, self)?,
        }
        Ok(())
    }

    /// The parts of the line of a token that has everything, with nothing to escape, and no copies.
    fn plain_line<'b>(&'b self, remaining: &'b str) -> Option<[&'b [u8]; 21]> {
        let plain = |text: Option<&'a str>| text.filter(|text| python::is_plain(text)).map(str::as_bytes);
        let (before_reason, reason, after_reason): (&[u8], _, &[u8]) = match self.reason {
            Some(reason) => (b"\",\"reason\":\"", reason, b"\",\"copies\":[]}"),
            None => (b"\",\"reason\":", "null", b",\"copies\":[]}"),
        };
        let has_more = self.jwt_token.is_some() || !self.copies?.is_empty();
        (!has_more).then_some([
            b"{\"jwt_token_id\":\"",
            plain(self.jwt_token_id)?,
            b"\",\"username\":\"",
            plain(self.username)?,
            b"\",\"jwt_token_description\":\"",
            plain(self.jwt_token_description)?,
            b"\",\"jwt_token_life\":",
            self.jwt_token_life.as_ref()?.0.as_bytes(),
            b",\"jwt_token_life_remaining\":",
            self.jwt_token_life_remaining.and(Some(remaining))?.as_bytes(),
            b",\"expiry_status\":\"",
            self.expiry_status?.as_bytes(),
            b"\",\"issued_at\":\"",
            self.issued_at.as_ref()?.as_bytes(),
            b"\",\"expires_at\":\"",
            self.expires_at.as_ref()?.as_bytes(),
            b"\",\"status\":\"",
            self.status.as_bytes(),
            before_reason,
            reason.as_bytes(),
            after_reason,
        ])
    }

    /// With the token itself, which only `create` and `--reveal` show.
    pub(crate) fn revealed(self, text: Option<&'a str>) -> Self {
        TokenJson { jwt_token: text, ..self }
    }

    /// Of a token that is presented, which may name no user or no id.
    pub(crate) fn presented(self, username: Option<&'a str>, id: Option<&'a str>) -> Self {
        TokenJson { username, jwt_token_id: id, ..self }
    }
}

/// An object, and more members behind its own.
#[derive(Debug, Serialize)]
pub(crate) struct With<T, M> {
    #[serde(flatten)]
    pub(crate) object: T,
    #[serde(flatten)]
    pub(crate) more: M,
}

/// What a write adds to the token that it created.
#[derive(Debug, Serialize)]
pub(crate) struct EffectJson {
    pub(crate) effect: &'static str,
}

/// One object over several lines, for `create` and the like.
pub(crate) fn pretty(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// A number as it is spelled in users.json.
#[derive(Debug)]
struct Spelled<'a>(&'a str);

impl Serialize for Spelled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number: &RawValue = serde_json::from_str(self.0).map_err(S::Error::custom)?;
        number.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::token::Reason;

    #[test]
    fn a_line_is_what_serde_json_writes() {
        let full = Token {
            id: "9b70c8e5-0324-4257-9086-b77a03a436ae".into(),
            username: "q\"uote".into(),
            description: Some("é\n\u{1}\\".into()),
            life: Some("1.5".into()),
            issued_at: Some(0),
            expires_at: Some(1_798_740_000),
            status: Status::Valid,
            reason: Reason::Ok,
            copies: Some(vec!["a".into(), "b".into()]),
            text: None,
        };
        let empty = Token {
            description: None,
            life: None,
            issued_at: None,
            expires_at: None,
            status: Status::Rejected,
            reason: Reason::Malformed,
            copies: None,
            ..full.clone()
        };
        let unchecked = Token { status: Status::Unchecked, copies: Some(Vec::new()), ..full.clone() };
        let expired = Token { status: Status::Expired, reason: Reason::Expired, ..full.clone() };
        let usual = Token {
            username: "admin".into(),
            description: Some("é / ci".into()),
            copies: Some(Vec::new()),
            expires_at: Some(1_798_743_600),
            ..full.clone()
        };
        let usual_unchecked = Token { status: Status::Unchecked, ..usual.clone() };
        for token in [full, empty, unchecked, expired, usual, usual_unchecked] {
            for revealed in [None, Some("a.b.c")] {
                let json = TokenJson::new(&token, 1_798_740_000).revealed(revealed);
                assert_eq!(json.plain_line("3600").is_some(), token.username == "admin" && revealed.is_none());
                let mut line = Vec::new();
                json.push_line(&mut line).expect("a line");
                assert_eq!(String::from_utf8(line).ok(), serde_json::to_string(&json).ok());
            }
        }
    }
}
