//! Reads from a server: the tokens of the user who logged in, and whether it accepts a presented token.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::contract::{Details, End, Judge, Tokens};
use crate::core::error::Result;
use crate::core::fault::ServerError;
use crate::core::jwt::claims::Claims;
use crate::core::jwt::judge::{Registration, Verdict, judge};
use crate::core::jwt::rules::Rules;
use crate::core::specter::api::{Api, Reception};
use crate::core::token::{Reason, Status, Token};
use crate::core::users_json::select::{in_any_case, inside, is_candidate};
use crate::core::version::Installed;

/// Returns the user's tokens that a name could mean. The name is tried as it is, then what is inside it, then that as
/// an id in any letter case.
pub(super) fn find<'t>(
    api: &Api,
    username: &str,
    name: &str,
    tokens: &'t [Token<'static>],
) -> Result<Vec<&'t Token<'static>>, Box<ServerError>> {
    let mut found = find_exactly(api, username, name, tokens)?;
    let Some(inner) = inside(name).filter(|_| found.is_empty()) else { return Ok(found) };
    if inner != name {
        found = find_exactly(api, username, inner, tokens)?;
    }
    Ok(if found.is_empty() { in_any_case(inner, tokens) } else { found })
}

fn find_exactly<'t>(
    api: &Api,
    username: &str,
    name: &str,
    tokens: &'t [Token<'static>],
) -> Result<Vec<&'t Token<'static>>, Box<ServerError>> {
    if let Some(token) = tokens.iter().find(|token| token.id == name) {
        return Ok(vec![token]);
    }
    let claims = Claims::of(name);
    if let Some(id) = claims.id.as_deref().filter(|_| claims.username.as_deref() == Some(username)) {
        // The claims of a presented token count only if the server accepts it: a forgery must not pick a victim. An
        // expired token does no harm.
        let is_accepted = matches!(api.present(name)?, Reception::Accepted);
        let is_meant = |token: &&Token<'_>| token.id == id && (is_accepted || token.status == Status::Expired);
        return Ok(tokens.iter().filter(is_meant).collect());
    }
    Ok(tokens.iter().filter(|token| is_candidate(name, &token.id, token.description.as_deref())).collect())
}

/// The tokens of the user who logged in.
pub(super) struct OfUser<'a> {
    pub(super) api: &'a Api,
    pub(super) username: &'a str,
    pub(super) tokens: Vec<Token<'static>>,
}

impl Tokens for OfUser<'_> {
    fn count(&self) -> usize {
        self.tokens.len()
    }

    fn token(&self, index: usize) -> Token<'_> {
        self.tokens[index].clone()
    }

    fn id(&self, index: usize) -> Cow<'_, str> {
        self.tokens[index].id.clone()
    }

    fn description(&self, index: usize) -> Option<Cow<'_, str>> {
        self.tokens[index].description.clone()
    }

    fn end(&self, index: usize) -> End {
        let token = &self.tokens[index];
        match token.expires_at {
            _ if token.status == Status::Expired => End::Past,
            Some(at) => End::At(at),
            None => End::Never,
        }
    }

    fn is_listed(&self, _: usize) -> bool {
        true
    }

    fn find(&self, name: &str) -> Result<Vec<Token<'_>>> {
        Ok(find(self.api, self.username, name, &self.tokens)?.into_iter().cloned().collect())
    }
}

/// Judges by the answers of the server.
pub(super) struct ByServer<'a> {
    pub(super) api: &'a Api,
    /// Looked up only when it matters.
    pub(super) specter: &'a OnceLock<Installed>,
}

impl Judge for ByServer<'_> {
    fn verdict(&self, token: &str, now: i64) -> Result<Verdict> {
        // The verdict as far as it can be reached without a key.
        let judged_by = |rules| judge(token, None, rules, now, |_, _| Registration::Same);
        let Verdict { reason, claims, .. } = judged_by(Rules::From2_1_11);
        if reason == Reason::TooLong {
            return Ok(Verdict { reason, is_registered: None, claims });
        }
        // An older Specter fails on a few more tokens.
        let makes_it_fail =
            || reason == Reason::ServerError || judged_by(Rules::Until2_1_7).reason == Reason::ServerError;
        let reason = match self.api.present(token)? {
            Reception::Accepted => Reason::Ok,
            Reception::Unsendable => Reason::Empty,
            Reception::TooLong => Reason::TooLong,
            // A few malformed tokens make Specter fail; it accepts none of them.
            Reception::Failed(error) if !makes_it_fail() => return Err(error.into()),
            Reception::Refused | Reception::Failed(_) => match claims.expires_at {
                Some(expires_at) if expires_at <= now => Reason::Expired,
                _ => Reason::RefusedByServer,
            },
        };
        Ok(Verdict { reason, is_registered: None, claims })
    }

    fn details(&self, _: &str, _: &Verdict) -> Details<'_> {
        Details::default()
    }

    fn specter(&self) -> Installed {
        *self.specter.get_or_init(|| self.api.specter())
    }
}
