//! The tokens of a running Specter, over its REST API. The API shows users only their own tokens, does not tell what
//! only the token's text would tell, and makes one change at a time.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use uuid::Uuid;

use super::contract::{
    Backend, Created, Effect, End, Judge, Lasting, NewToken, Planned, Removal, Removed, Replaced, Selection, Tokens,
    Written,
};
use super::removal::check_names;
use super::server_read::{ByServer, OfUser, find};
use crate::core::error::{Ambiguous, Error, Result, TakenBy};
use crate::core::fault::{Doing, Left, ServerError, ServerFault};
use crate::core::jwt::claims::Claims;
use crate::core::jwt::key::Key;
use crate::core::process::Process;
use crate::core::specter::answer::ListedToken;
use crate::core::specter::api::{Api, MadeToken, NotDeleted, NotMade};
use crate::core::time::clock::Clock;
use crate::core::token::{Known, Reason, Status, Token, TokenName};
use crate::core::users_json::select::inside;
use crate::core::version::{Installed, Version};

/// A Specter that is reached over HTTP, and the user whose tokens it shows.
pub(crate) struct Server<'a> {
    api: Api,
    username: &'a str,
    clock: Clock,
    /// Whether the caller was told to stop, so that nothing more may be changed.
    is_over: fn() -> bool,
    /// Looked up only when it matters.
    specter: OnceLock<Installed>,
}

/// A server has saved its change when it answers.
const WRITTEN: Written = Written { effect: Effect::Now, is_synced: true, passed_over: Vec::new() };

/// Fails if a user with this name cannot log in.
pub(crate) fn check_username(name: &str) -> Result<()> {
    if name.contains(':') { Err(Error::ColonInName { name: name.to_owned() }) } else { Ok(()) }
}

impl<'a> Server<'a> {
    /// Sends nothing yet. `api` must log in as the user, unless tokens are only judged.
    pub(crate) fn new(api: Api, username: &'a str, clock: Clock, is_over: fn() -> bool) -> Self {
        Server { api, username, clock, is_over, specter: OnceLock::new() }
    }

    /// Fails if the caller was told to stop.
    fn check_wanted(&self, doing: impl FnOnce() -> Doing) -> Result<(), Box<ServerError>> {
        if (self.is_over)() { Err(self.api.error(doing(), ServerFault::Interrupted)) } else { Ok(()) }
    }

    /// Returns the user's tokens.
    fn listed(&self) -> Result<Vec<Token<'static>>, Box<ServerError>> {
        let listed = self.api.tokens()?;
        let now = self.clock.now();
        Ok(listed.into_iter().map(|token| self.token(token, now)).collect())
    }

    /// Builds a token from what the server tells, at `now` in seconds since 1970.
    fn token(&self, listed: ListedToken, now: f64) -> Token<'static> {
        let has_expired = listed.remaining.is_some_and(|remaining| remaining <= 0.0);
        // Token times are whole seconds. `now` is later than the server's own time by the duration of its answer.
        #[expect(clippy::cast_possible_truncation)] // saturates
        let expires_at = listed.remaining.map(|remaining| (now + remaining).floor() as i64);
        let status = if has_expired { Status::Expired } else { Status::Unchecked };
        let reason = match listed.remaining {
            None => Reason::BadExp,
            Some(_) if has_expired => Reason::Expired,
            Some(_) => Reason::Ok,
        };
        let known = Known {
            description: listed.description.map(Cow::Owned),
            life: listed.life.map(Cow::Owned),
            // The server does not tell when the token expired.
            expires_at: expires_at.filter(|_| !has_expired),
            ..Known::default()
        };
        Token::new(listed.id, self.username.to_owned(), (status, reason), known)
    }

    /// Revokes a token. The server fails if the token no longer exists, and may revoke it without answering.
    fn delete(&self, id: &str) -> Result<(), Box<ServerError>> {
        let (error, is_final) = match self.api.delete(id) {
            Ok(()) => return Ok(()),
            Err(NotDeleted::Refused(error)) => return Err(error),
            Err(NotDeleted::Failed(error)) => (error, true),
            Err(NotDeleted::Unanswered(error)) => (error, false),
        };
        match self.api.tokens() {
            Ok(tokens) if tokens.iter().all(|token| token.id != id) => Ok(()),
            _ if is_final => Err(error),
            _ => Err(error.and(Left::MayBeRevoked)),
        }
    }

    /// Returns the selected tokens, and the names that mean none.
    fn selected(&self, which: &Selection) -> Result<(Vec<Token<'static>>, Vec<String>)> {
        let (names, may_miss) = match which {
            Selection::All => return Ok((self.listed()?, Vec::new())),
            // The server's own clock decides which tokens have expired.
            Selection::Expired { .. } => {
                let tokens = self.listed()?.into_iter().filter(|token| token.status == Status::Expired);
                return Ok((tokens.collect(), Vec::new()));
            }
            Selection::Named { names, may_miss } => (names, *may_miss),
        };
        let ids: Option<BTreeSet<String>> = names.iter().map(|name| full_id(name)).collect();
        let tokens = match (self.listed(), ids) {
            // This is the only way to remove a token on which the server fails.
            (Err(error), Some(ids)) if error.fault.is_of_this_request() && !ids.is_empty() => {
                return Ok((ids.into_iter().map(|id| self.unlisted(id)).collect(), Vec::new()));
            }
            (tokens, _) => tokens?,
        };
        let mut selected: Vec<Token<'static>> = Vec::new();
        let mut seen = HashSet::new();
        let (mut missing, mut ambiguous) = (Vec::new(), Vec::new());
        for name in names {
            match find(&self.api, self.username, name, &tokens)?.as_slice() {
                [] => missing.push(name.clone()),
                [one] => selected.extend(seen.insert(one.id.clone()).then(|| (*one).clone())),
                several => {
                    let candidates = several.iter().map(|token| token.name()).collect();
                    ambiguous.push(Ambiguous { name: name.clone(), candidates });
                }
            }
        }
        Ok((selected, check_names(missing, ambiguous, may_miss)?))
    }

    /// Returns the Specter that removed these tokens, and how long it still accepts each. The server is not asked if
    /// all of them have expired.
    fn lasting<'t>(&self, removed: impl Iterator<Item = &'t Token<'t>> + Clone) -> (Installed, Vec<Lasting>) {
        let has_expired = |token: &Token<'_>| token.status == Status::Expired;
        if removed.clone().all(has_expired) {
            return (Installed::Unknown, removed.map(|_| Lasting::Refused).collect());
        }
        let specter = self.specter();
        let lasting = removed.map(|token| match (specter.accepts_unregistered(), token.expires_at) {
            (Some(false), _) => Lasting::Refused,
            _ if has_expired(token) => Lasting::Refused,
            (Some(true), Some(at)) => Lasting::Until(End::At(at)),
            (None, _) | (Some(true), None) => Lasting::Unknown,
        });
        (specter, lasting.collect())
    }

    /// A token of which only the id is known.
    fn unlisted(&self, id: String) -> Token<'static> {
        let listed = ListedToken { id, description: None, life: None, remaining: None };
        let mut token = self.token(listed, 0.0);
        token.reason = Reason::Malformed;
        token
    }

    /// Returns the user's tokens with the wanted description, which make room: expired ones, and others if the caller
    /// said so.
    fn in_the_way<'t>(&self, new: &NewToken<'_>, tokens: &'t [Token<'static>]) -> Result<Vec<&'t Token<'static>>> {
        let same = tokens.iter().filter(|token| token.description.as_deref() == Some(new.description));
        let same: Vec<_> = same.collect();
        match same.iter().find(|token| token.status != Status::Expired && !new.replaces) {
            Some(taken) => Err(self.description_taken(new, TakenBy::Token(taken.id.to_string()))),
            None => Ok(same),
        }
    }

    /// Removes the tokens that are in the way.
    fn make_room<'t>(&self, new: &NewToken<'_>, tokens: &'t [Token<'static>]) -> Result<Vec<&'t Token<'static>>> {
        let mut removed = Vec::new();
        for token in self.in_the_way(new, tokens)? {
            if let Err(error) = self.check_wanted(|| Doing::Creating).and_then(|()| self.delete(&token.id)) {
                return Err(after(names(&removed), error).into());
            }
            removed.push(token);
        }
        Ok(removed)
    }

    /// Returns the user's tokens before one is created.
    fn listed_before(&self) -> Result<Vec<Token<'static>>, Box<ServerError>> {
        self.listed().map_err(|mut error| {
            error.doing = Doing::Creating;
            error
        })
    }

    fn planned(&self, new: &NewToken<'_>, id: String, claims: &Claims, replaced: &[&Token<'static>]) -> Planned {
        let known = Known {
            description: Some(new.description.to_owned().into()),
            life: Some(new.life.to_string().into()),
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            ..Known::default()
        };
        let token = Token::new(id, self.username.to_owned(), (Status::Valid, Reason::Ok), known);
        let (specter, lasting) = self.lasting(replaced.iter().copied());
        let replaced = replaced.iter().zip(lasting);
        let replaced = replaced.map(|(token, lasting)| Replaced { name: token.name(), is_copy: false, lasting });
        Planned { token, replaced: replaced.collect(), key_source: None, specter, clock: None }
    }

    fn description_taken(&self, new: &NewToken<'_>, by: TakenBy) -> Error {
        let description = new.description.to_owned();
        Error::DescriptionTaken { description, username: self.username.to_owned(), by }
    }

    /// Cleans up after a failed request for a token. If the token was made anyway, it is removed, because nobody has
    /// its text.
    fn clean_up(
        &self,
        new: &NewToken<'_>,
        before: &[Token<'_>],
        asked_at: f64,
        error: Box<ServerError>,
        is_final: bool,
    ) -> Box<ServerError> {
        /// A server that has not answered may still be working on it.
        const LOOKS: u32 = 4;
        const PAUSE: Duration = Duration::from_millis(500);
        let _wait = self.api.wait();
        let mut looks = if is_final { 1 } else { LOOKS };
        let found = loop {
            looks -= 1;
            let found = self
                .api
                .tokens()
                .map(|tokens| tokens.into_iter().find(|token| self.is_made(token, new, before, asked_at)));
            if looks == 0 || !matches!(found, Ok(None)) {
                break found;
            }
            thread::sleep(PAUSE);
        };
        error.and(match found {
            Err(cause) => Left::NotKnown(cause),
            Ok(None) if is_final => Left::NothingMade,
            Ok(None) => Left::NothingMadeYet,
            Ok(Some(made)) => match self.delete(&made.id) {
                Ok(()) => Left::MadeAndRevoked(made.id),
                Err(cause) => Left::Stands { id: made.id, cause },
            },
        })
    }

    /// Whether a token is the requested one: it was not there before, and its life is the wanted one, counted from the
    /// request. Another client may have made a token with the same description.
    fn is_made(&self, token: &ListedToken, new: &NewToken<'_>, before: &[Token<'_>], asked_at: f64) -> bool {
        let elapsed = self.clock.now() - asked_at;
        #[expect(clippy::cast_precision_loss)] // a life is far below 2^52
        let life = new.life as f64;
        token.description.as_deref() == Some(new.description)
            && before.iter().all(|old| old.id != token.id)
            && token.life.as_deref() == Some(&*new.life.to_string())
            // Token times are whole seconds.
            && token.remaining.is_some_and(|remaining| remaining <= life && remaining >= life - elapsed - 1.0)
    }
}

/// Returns the name as Specter spells an id, if it is a full id.
fn full_id(name: &str) -> Option<String> {
    let name = inside(name)?;
    let id = Uuid::try_parse(name).ok()?.hyphenated().to_string();
    id.eq_ignore_ascii_case(name).then_some(id)
}

fn names(tokens: &[&Token<'_>]) -> Vec<TokenName> {
    tokens.iter().map(|token| token.name()).collect()
}

/// Adds the tokens that were already revoked to an error that came in between.
fn after(revoked: Vec<TokenName>, error: Box<ServerError>) -> Box<ServerError> {
    if revoked.is_empty() { error } else { error.and(Left::Revoked(revoked)) }
}

impl Backend for Server<'_> {
    fn unaware_specter(&self) -> Option<Process> {
        None
    }

    fn check_writable(&self) -> Result<()> {
        Ok(())
    }

    fn tokens<'a>(&'a self, _: Option<&'a Key>, _: i64) -> Result<Box<dyn Tokens + 'a>> {
        Ok(Box::new(OfUser { api: &self.api, username: self.username, tokens: self.listed()? }))
    }

    fn plan(&self, new: &NewToken<'_>, _: Option<&Key>) -> Result<Planned> {
        let before = self.listed_before()?;
        // The server's clock decides when the token is issued and when it expires.
        Ok(self.planned(new, String::new(), &Claims::default(), &self.in_the_way(new, &before)?))
    }

    fn create(&self, new: &NewToken<'_>, _: Option<&Key>) -> Result<Created> {
        let before = self.listed_before()?;
        let revoked = self.make_room(new, &before)?;
        self.check_wanted(|| Doing::Creating)
            .map_err(|interrupted| after(names(&revoked), interrupted).and(Left::NothingMade))?;
        let asked_at = self.clock.now();
        let MadeToken { id, text } = match self.api.make(new.description, new.life) {
            Ok(made) => made,
            Err(not_made) => {
                let error = match not_made {
                    NotMade::DescriptionTaken => {
                        return Err(self.description_taken(new, TakenBy::MadeMeanwhile(names(&revoked))));
                    }
                    NotMade::Refused(error) => error,
                    NotMade::Failed(error) => self.clean_up(new, &before, asked_at, error, true),
                    NotMade::Unanswered(error) => self.clean_up(new, &before, asked_at, error, false),
                };
                return Err(after(names(&revoked), error).into());
            }
        };
        if let Err(interrupted) = self.check_wanted(|| Doing::Creating) {
            let left = match self.delete(&id) {
                Ok(()) => Left::MadeAndRevoked(id),
                Err(cause) => Left::Stands { id, cause },
            };
            return Err(after(names(&revoked), interrupted.and(left)).into());
        }
        let planned = self.planned(new, id, &Claims::of(&text), &revoked);
        Ok(Created { planned, text, written: WRITTEN })
    }

    fn preview(&self, which: &Selection, _: Option<&Key>, _: i64) -> Result<Removal> {
        let (tokens, missing) = self.selected(which)?;
        let removed = tokens.into_iter().map(|token| Removed {
            token,
            found_in: None,
            stays_with: None,
            // This is found out after the removal.
            lasting: Lasting::Refused,
        });
        Ok(Removal { removed: removed.collect(), missing, written: None, specter: Installed::Unknown, clock: None })
    }

    fn remove(&self, which: &Selection, key: Option<&Key>, now: i64, shown: Option<&Removal>) -> Result<Removal> {
        let mut removal = self.preview(which, key, now)?;
        removal.check_shown(shown)?;
        let (mut revoked, mut failed, mut untried) = (Vec::new(), None::<Box<ServerError>>, Vec::new());
        for Removed { token, .. } in &removal.removed {
            // If the server failed on one token, it may do the others; if it does not answer, it will not.
            if failed.as_ref().is_some_and(|error| !error.fault.is_of_this_request()) {
                untried.push(token.name());
                continue;
            }
            let deleted =
                self.check_wanted(|| Doing::Revoking(token.id.to_string())).and_then(|()| self.delete(&token.id));
            match (deleted, failed.take()) {
                (Ok(()), before) => {
                    revoked.push(token.name());
                    failed = before;
                }
                (Err(error), None) => failed = Some(error),
                (Err(error), Some(first)) => failed = Some(first.and(Left::Also(error))),
            }
        }
        if let Some(error) = failed {
            let error = after(revoked, error);
            let error = if untried.is_empty() { error } else { error.and(Left::NotTried(untried)) };
            return Err(error.into());
        }
        removal.written = (!revoked.is_empty()).then_some(WRITTEN);
        let (specter, lasting) = self.lasting(removal.removed.iter().map(|removed| &removed.token));
        removal.specter = specter;
        removal.removed.iter_mut().zip(lasting).for_each(|(removed, lasting)| removed.lasting = lasting);
        Ok(removal)
    }

    fn specter(&self) -> Installed {
        *self.specter.get_or_init(|| self.api.specter())
    }

    fn judge<'a>(&'a self, _: Option<&'a Key>, _: Option<Version>) -> Result<Box<dyn Judge + 'a>> {
        Ok(Box::new(ByServer { api: &self.api, specter: &self.specter }))
    }
}
