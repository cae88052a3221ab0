//! The words of this program: a token, its status, and the reasons why Specter refuses one.

use std::borrow::Cow;

/// Why Specter refuses a token, in the order in which it looks; `Ok` when it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reason {
    Ok,
    Empty,
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
    /// Ours, for `verify --for`: Specter accepts the token, but not for long enough.
    ExpiresTooSoon,
    /// Ours: a running Specter refuses the token, and does not say why.
    RefusedByServer,
}

/// Every reason as a word and a sentence, in the order in which Specter looks.
pub fn reasons() -> impl Iterator<Item = (&'static str, &'static str)> {
    Reason::ALL.into_iter().map(Reason::texts)
}

impl Reason {
    const ALL: [Reason; 23] = [
        Reason::Ok,
        Reason::Empty,
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

    /// The word that JSON and scripts see.
    pub(crate) fn word(self) -> &'static str {
        self.texts().0
    }

    /// The sentence that people see.
    pub(crate) fn sentence(self) -> &'static str {
        self.texts().1
    }

    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Reason::Ok => ("ok", "Specter accepts it"),
            Reason::Empty => ("empty", "no token reaches Specter: it is empty, or no header can carry it"),
            Reason::Malformed => ("malformed", "it is not a JWT"),
            Reason::Header => ("header", "its header holds a `kid`, `crit` or `b64` that Specter refuses"),
            Reason::Algorithm => ("algorithm", "its header names another algorithm than HS256"),
            Reason::Signature => ("signature", "it was signed with another key, or changed since"),
            Reason::BadIat => ("bad_iat", "its `iat` claim is not a number"),
            Reason::NotYetValidIat => ("not_yet_valid_iat", "its `iat` claim lies in the future"),
            Reason::BadNbf => ("bad_nbf", "its `nbf` claim is not a number"),
            Reason::NotYetValidNbf => ("not_yet_valid_nbf", "its `nbf` claim lies in the future"),
            Reason::BadExp => ("bad_exp", "its `exp` claim is not a number"),
            Reason::Expired => ("expired", "it has expired"),
            Reason::Audience => ("audience", "it has an `aud` claim, and Specter expects none"),
            Reason::Subject => ("subject", "its `sub` claim is not a text"),
            Reason::Jti => ("jti", "its `jti` claim is not a text"),
            Reason::UsernameClaim => ("username_claim", "it names no user"),
            Reason::TokenIdClaim => ("token_id_claim", "it names no jwt_token_id"),
            Reason::UnknownUser => ("unknown_user", "the user that it names does not exist"),
            Reason::NotRegistered => ("not_registered", "users.json does not hold it for its user: it was revoked"),
            Reason::RegisteredDiffers => ("registered_differs", "users.json holds another token under its id"),
            Reason::ServerError => ("server_error", "Specter fails on it with an internal error"),
            Reason::ExpiresTooSoon => ("expires_too_soon", "it does not live as long as asked"),
            Reason::RefusedByServer => ("refused_by_server", "the server refuses it, and does not say why"),
        }
    }
}

/// What a token is worth, from what could be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Valid,
    /// `exp` is past, whatever else is wrong with the token.
    Expired,
    /// Not expired, and refused by Specter.
    Rejected,
    /// Nothing is wrong, but there was no key to check the signature with.
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
    /// `jwt_token_id`: the key under which the token stands.
    pub(crate) id: Cow<'a, str>,
    /// The user whose token it is: the one that its payload names; if it names none, the one under whom it stands.
    pub(crate) username: Cow<'a, str>,
    pub(crate) description: Option<Cow<'a, str>>,
    /// `jwt_token_life` in seconds, spelled as a JSON number.
    pub(crate) life: Option<Cow<'a, str>>,
    /// Seconds since 1970.
    pub(crate) issued_at: Option<i64>,
    /// Seconds since 1970; none if the token never expires, its `exp` is not a number, or nobody tells when it expired.
    pub(crate) expires_at: Option<i64>,
    pub(crate) status: Status,
    pub(crate) reason: Reason,
    /// The other users under whom the same token stands; none if nobody tells.
    pub(crate) copies: Option<Vec<Cow<'a, str>>>,
    /// The token itself; none if the entry holds none, or nobody tells.
    pub(crate) text: Option<Cow<'a, str>>,
}

impl Token<'_> {
    /// Whole seconds until the token expires, 0 once it has; none if it never does.
    pub(crate) fn remaining(&self, now: i64) -> Option<i64> {
        match self.expires_at {
            None if self.status == Status::Expired => Some(0),
            expires_at => expires_at.map(|expires_at| expires_at.saturating_sub(now).max(0)),
        }
    }

    /// The token without its text, and on its own.
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
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            status: self.status,
            reason: self.reason,
        }
    }

    /// Whether the token says when it expires, or that it never does; a malformed one says nothing.
    pub(crate) fn has_readable_expiry(&self) -> bool {
        self.expires_at.is_some()
            || !matches!(self.reason, Reason::Empty | Reason::Malformed | Reason::BadExp | Reason::ServerError)
    }

    /// What is to be said of the end of a token without a time of expiry.
    pub(crate) fn without_expiry(&self) -> &'static str {
        if self.has_readable_expiry() && self.status != Status::Expired { "never" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_reason_has_a_word_of_its_own() {
        let words: HashSet<&str> = reasons().map(|(word, _)| word).collect();
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
