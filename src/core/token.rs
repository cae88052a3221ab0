//! A token, its status, and the reasons why Specter refuses one.

use std::borrow::Cow;

use super::version::Version;

/// Why Specter refuses a token, in the order of Specter's checks. `Ok` if it accepts the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reason {
    Ok,
    Empty,
    /// Specter's server refuses a header line with this token (431).
    TooLong,
    Malformed,
    Header,
    Algorithm,
    Signature,
    BadIat,
    NotYetValidIat,
    BadNbf,
    NotYetValidNbf,
    BadExp,
    Expired,
    Audience,
    Subject,
    Jti,
    UsernameClaim,
    TokenIdClaim,
    UnknownUser,
    NotRegistered,
    RegisteredDiffers,
    ServerError,
    /// Only this program gives this reason, for `verify --for`: Specter accepts the token, but not for long enough.
    ExpiresTooSoon,
    /// Only this program gives this reason: a running Specter refuses the token and does not say why.
    RefusedByServer,
}

impl Reason {
    pub(crate) const ALL: [Reason; 24] = [
        Reason::Ok,
        Reason::Empty,
        Reason::TooLong,
        Reason::Malformed,
        Reason::Header,
        Reason::Algorithm,
        Reason::Signature,
        Reason::BadIat,
        Reason::NotYetValidIat,
        Reason::BadNbf,
        Reason::NotYetValidNbf,
        Reason::BadExp,
        Reason::Expired,
        Reason::Audience,
        Reason::Subject,
        Reason::Jti,
        Reason::UsernameClaim,
        Reason::TokenIdClaim,
        Reason::UnknownUser,
        Reason::NotRegistered,
        Reason::RegisteredDiffers,
        Reason::ServerError,
        Reason::ExpiresTooSoon,
        Reason::RefusedByServer,
    ];

    /// The word in JSON and for scripts.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Reason::Ok => "ok",
            Reason::Empty => "empty",
            Reason::TooLong => "too_long",
            Reason::Malformed => "malformed",
            Reason::Header => "header",
            Reason::Algorithm => "algorithm",
            Reason::Signature => "signature",
            Reason::BadIat => "bad_iat",
            Reason::NotYetValidIat => "not_yet_valid_iat",
            Reason::BadNbf => "bad_nbf",
            Reason::NotYetValidNbf => "not_yet_valid_nbf",
            Reason::BadExp => "bad_exp",
            Reason::Expired => "expired",
            Reason::Audience => "audience",
            Reason::Subject => "subject",
            Reason::Jti => "jti",
            Reason::UsernameClaim => "username_claim",
            Reason::TokenIdClaim => "token_id_claim",
            Reason::UnknownUser => "unknown_user",
            Reason::NotRegistered => "not_registered",
            Reason::RegisteredDiffers => "registered_differs",
            Reason::ServerError => "server_error",
            Reason::ExpiresTooSoon => "expires_too_soon",
            Reason::RefusedByServer => "refused_by_server",
        }
    }
}

/// The result of the checks that could be made on a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Valid,
    /// `exp` is past, whatever else is wrong with the token.
    Expired,
    /// The token has not expired, but Specter refuses it.
    Rejected,
    /// Nothing is wrong, but there was no key to check the signature.
    Unchecked,
}

impl Status {
    /// The status of a token that expires at `expires_at` and was judged `reason` at `now`, both in seconds since 1970.
    pub(crate) fn of(reason: Reason, signature_was_checked: bool, expires_at: Option<i64>, now: i64) -> Self {
        if expires_at.is_some_and(|expires_at| expires_at <= now) {
            Status::Expired
        } else if reason != Reason::Ok {
            Status::Rejected
        } else if signature_was_checked {
            Status::Valid
        } else {
            Status::Unchecked
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Status::Valid => "valid",
            Status::Expired => "expired",
            Status::Rejected => "rejected",
            Status::Unchecked => "unchecked",
        }
    }
}

/// A token as the commands show it.
#[derive(Debug, Clone)]
pub(crate) struct Token<'a> {
    /// `jwt_token_id`: the key of the token's entry.
    pub(crate) id: Cow<'a, str>,
    /// The token's user: the one that its payload names, or else the one under whom it is stored.
    pub(crate) username: Cow<'a, str>,
    pub(crate) description: Option<Cow<'a, str>>,
    /// `jwt_token_life` in seconds, spelled as a JSON number.
    pub(crate) life: Option<Cow<'a, str>>,
    /// Seconds since 1970.
    pub(crate) issued_at: Option<i64>,
    /// Seconds since 1970. `None` if the token never expires, if its `exp` is not a number, or if it is unknown when it
    /// expired.
    pub(crate) expires_at: Option<i64>,
    pub(crate) status: Status,
    pub(crate) reason: Reason,
    /// The other users under whom the same token is stored. `None` if unknown.
    pub(crate) copies: Option<Vec<Cow<'a, str>>>,
    /// The token itself. `None` if the entry holds none, or if it is unknown.
    pub(crate) text: Option<Cow<'a, str>>,
    /// The judgement of the installed Specter, if its rules are older than the newest.
    pub(crate) here: Option<Here>,
}

/// The judgement of a Specter whose rules are older than those for status and reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Here {
    pub(crate) version: Version,
    /// `None` if it would accept the token, but the signature could not be checked.
    pub(crate) accepts: Option<bool>,
}

/// The facts about a token besides its id, its user and its verdict.
#[derive(Debug, Default)]
pub(crate) struct Known<'a> {
    pub(crate) description: Option<Cow<'a, str>>,
    pub(crate) life: Option<Cow<'a, str>>,
    pub(crate) issued_at: Option<i64>,
    pub(crate) expires_at: Option<i64>,
    pub(crate) copies: Option<Vec<Cow<'a, str>>>,
    pub(crate) text: Option<Cow<'a, str>>,
}

impl<'a> Token<'a> {
    /// Builds a token. No other code does this.
    pub(crate) fn new(
        id: impl Into<Cow<'a, str>>,
        username: impl Into<Cow<'a, str>>,
        (status, reason): (Status, Reason),
        known: Known<'a>,
    ) -> Self {
        let Known { description, life, issued_at, expires_at, copies, text } = known;
        Token {
            id: id.into(),
            username: username.into(),
            status,
            reason,
            description,
            life,
            issued_at,
            expires_at,
            copies,
            text,
            here: None,
        }
    }
}

/// A token as a message names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenName {
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    pub(crate) username: String,
}

impl Token<'_> {
    /// Whole seconds until the token expires, 0 once it has expired. `None` if it never expires.
    pub(crate) fn remaining(&self, now: i64) -> Option<i64> {
        match self.expires_at {
            None if self.status == Status::Expired => Some(0),
            expires_at => expires_at.map(|expires_at| expires_at.saturating_sub(now).max(0)),
        }
    }

    /// Returns the token without its text and without borrowed data.
    pub(crate) fn into_owned(self) -> Token<'static> {
        fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
            Cow::Owned(text.into_owned())
        }
        Token {
            id: owned(self.id),
            username: owned(self.username),
            description: self.description.map(owned),
            life: self.life.map(owned),
            copies: self.copies.map(|copies| copies.into_iter().map(owned).collect()),
            text: None,
            here: self.here,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            status: self.status,
            reason: self.reason,
        }
    }

    /// Whether the token says when it expires, or that it never does. A malformed token says neither.
    pub(crate) fn has_readable_expiry(&self) -> bool {
        self.expires_at.is_some()
            || !matches!(
                self.reason,
                Reason::Empty | Reason::TooLong | Reason::Malformed | Reason::BadExp | Reason::ServerError
            )
    }

    pub(crate) fn name(&self) -> TokenName {
        TokenName {
            id: self.id.to_string(),
            description: self.description.as_ref().map(ToString::to_string),
            username: self.username.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_reason_has_a_word_of_its_own() {
        let words: HashSet<&str> = Reason::ALL.into_iter().map(Reason::word).collect();
        assert_eq!(words.len(), Reason::ALL.len());
    }

    #[test]
    fn expired_wins_over_every_other_fault_and_begins_at_exp() {
        for (reason, checked, expires_at, status) in [
            (Reason::Ok, true, Some(101), Status::Valid),
            (Reason::Ok, true, None, Status::Valid),
            (Reason::Ok, false, Some(101), Status::Unchecked),
            (Reason::Expired, true, Some(100), Status::Expired),
            (Reason::Signature, true, Some(100), Status::Expired),
            (Reason::Signature, true, Some(101), Status::Rejected),
            (Reason::UnknownUser, false, None, Status::Rejected),
        ] {
            assert_eq!(Status::of(reason, checked, expires_at, 100), status, "{reason:?} {expires_at:?}");
        }
    }
}
