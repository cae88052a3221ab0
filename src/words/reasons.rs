//! Why Specter refuses a token, in sentences.

use crate::core::token::{Here, Reason, Status, Token};

/// Every reason as a word and a sentence, in the order of Specter's checks.
pub fn reasons() -> impl Iterator<Item = (&'static str, &'static str)> {
    Reason::ALL.into_iter().map(|reason| (reason.word(), sentence(reason)))
}

/// The sentence that people see.
pub(crate) fn sentence(reason: Reason) -> &'static str {
    match reason {
        Reason::Ok => "Specter accepts it",
        Reason::Empty => "no token reaches Specter: it is empty, or a header cannot carry it",
        Reason::TooLong => "its header line is too long for Specter's server",
        Reason::Malformed => "it is not a JWT",
        Reason::Header => "its header holds a `kid`, `crit` or `b64` that Specter refuses",
        Reason::Algorithm => "its header names an algorithm other than HS256",
        Reason::Signature => "it was signed with another key, or changed since",
        Reason::BadIat => "its `iat` claim is not a number",
        Reason::NotYetValidIat => "its `iat` claim lies in the future",
        Reason::BadNbf => "its `nbf` claim is not a number",
        Reason::NotYetValidNbf => "its `nbf` claim lies in the future",
        Reason::BadExp => "its `exp` claim is not a number",
        Reason::Expired => "it has expired",
        Reason::Audience => "it has an `aud` claim, and Specter expects none",
        Reason::Subject => "its `sub` claim is not a text",
        Reason::Jti => "its `jti` claim is not a text",
        Reason::UsernameClaim => "it names no user",
        Reason::TokenIdClaim => "it names no jwt_token_id",
        Reason::UnknownUser => "the user that it names does not exist",
        Reason::NotRegistered => "users.json does not hold it for its user: it was revoked",
        Reason::RegisteredDiffers => "users.json holds another token under its id",
        Reason::ServerError => "Specter fails on it with an internal error",
        Reason::ExpiresTooSoon => "it expires sooner than asked",
        Reason::RefusedByServer => "the server refuses it, and does not say why",
    }
}

/// The version of the installed Specter, and the verb for what it does with a token. `None` if it does what the status
/// says.
pub(crate) fn otherwise_here(token: &Token<'_>) -> Option<(String, &'static str)> {
    let Here { version, accepts } = token.here?;
    let verb = match (token.status, accepts) {
        (Status::Valid | Status::Unchecked, Some(false)) => "refuses it",
        (Status::Rejected | Status::Expired, Some(true)) => "accepts it",
        // There was no key to check its signature with.
        (Status::Rejected | Status::Expired, None) => "may accept it",
        _ => return None,
    };
    Some((version.to_string(), verb))
}
