//! The tokens of a running Specter, over its REST API. It shows a user his own tokens and no others, tells nothing of a token
//! that only the token's text would tell, and makes one change at a time.

use std::borrow::Cow;
use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use uuid::Uuid;

use super::{
    Backend, Created, Effect, Judge, NewToken, Purpose, Removal, Removed, Selection, Tokens, Verdict, Written,
    candidates, check_names, description_taken, named,
};
use crate::words::failure::{Failure, Kind};
use crate::core::jwt::{self, Claims, Registered};
use crate::cli::session::{Clock, Session};
use crate::core::specter::api::{self, Address, Api, ListedToken, MadeToken, NotDeleted, NotMade};
use crate::core::users_json::is_candidate;
use crate::core::token::{Reason, Status, Token};

pub(super) struct Server<'a> {
    api: Api,
    username: &'a str,
    now: i64,
    clock: Clock,
}

/// A change that a server makes is saved when it answers.
const WRITTEN: Written = Written { effect: Effect::Now, is_synced: true };

impl<'a> Server<'a> {
    pub(super) fn open(
        session: &mut Session<'_>,
        address: &Address<'_>,
        purpose: Purpose,
        user: Option<&'a str>,
    ) -> Result<Self> {
        check(purpose)?;
        let username = user.unwrap_or("admin");
        if username.contains(':') {
            let failure =
                Failure::new(Kind::Usage, format!("could not log in as user `{username}`: the name has a colon"));
            return Err(failure.hint("stop Specter and work on its users.json: --data-folder DIR").into());
        }
        let mut api = Api::new(address)?;
        if !matches!(purpose, Purpose::Verify { .. }) {
            api = api.with_login(username, &session.password(username)?)?;
        }
        Ok(Server { api, username, now: session.now, clock: session.clock })
    }

    /// The user's tokens.
    fn tokens(&self) -> Result<Vec<Token<'static>>, Failure> {
        let listed = self.api.tokens()?;
        let now = self.clock.now();
        Ok(listed.into_iter().map(|token| self.token(token, now)).collect())
    }

    /// A token as far as the server tells of it, at `now` in seconds since 1970.
    fn token(&self, listed: ListedToken, now: f64) -> Token<'static> {
        let has_expired = listed.remaining.is_some_and(|remaining| remaining <= 0.0);
        // Times of tokens are whole seconds. The one that it is counted from is later than the server's by the time of the answer.
        #[expect(clippy::cast_possible_truncation)] // saturates
        let expires_at = listed.remaining.map(|remaining| (now + remaining).floor() as i64);
        Token {
            id: listed.id.into(),
            username: self.username.to_owned().into(),
            description: listed.description.map(Cow::Owned),
            life: listed.life.map(Cow::Owned),
            issued_at: None,
            // The server does not tell how long ago.
            expires_at: expires_at.filter(|_| !has_expired),
            status: if has_expired { Status::Expired } else { Status::Unchecked },
            reason: match listed.remaining {
                None => Reason::BadExp,
                Some(_) if has_expired => Reason::Expired,
                Some(_) => Reason::Ok,
            },
            copies: None,
            text: None,
        }
    }

    /// Revokes a token. The server fails on one that is no longer there, and may do what it was asked without an answer.
    fn delete(&self, id: &str) -> Result<(), Failure> {
        let (failure, is_final) = match self.api.delete(id) {
            Ok(()) => return Ok(()),
            Err(NotDeleted::Refused(failure)) => return Err(failure),
            Err(NotDeleted::Failed(failure)) => (failure, true),
            Err(NotDeleted::Unanswered(failure)) => (failure, false),
        };
        match self.api.tokens() {
            Ok(tokens) if tokens.iter().all(|token| token.id != id) => Ok(()),
            _ if is_final => Err(failure),
            _ => Err(failure.and("it may be revoked yet, or not")),
        }
    }

    /// The tokens that a name could mean.
    fn find<'t>(&self, name: &str, tokens: &'t [Token<'static>]) -> Result<Vec<&'t Token<'static>>, Failure> {
        if let Some(token) = tokens.iter().find(|token| token.id == name) {
            return Ok(vec![token]);
        }
        let claims = Claims::of(name);
        if let Some(id) = claims.id().filter(|_| claims.username() == Some(self.username)) {
            // What a text says of itself counts only once the server accepts it: a forgery must not pick a victim. Of one that has
            // expired, no harm can come.
            let is_accepted = matches!(self.api.judge(name)?, api::Verdict::Accepted);
            let is_meant = |token: &&Token<'_>| token.id == id && (is_accepted || token.status == Status::Expired);
            return Ok(tokens.iter().filter(is_meant).collect());
        }
        Ok(tokens.iter().filter(|token| is_candidate(name, &token.id, token.description.as_deref())).collect())
    }

    /// The tokens that are selected, and the names that match none.
    fn selected(&self, which: &Selection) -> Result<(Vec<Token<'static>>, Vec<String>)> {
        let (names, may_miss) = match which {
            Selection::All => return Ok((self.tokens()?, Vec::new())),
            Selection::Expired => {
                let tokens = self.tokens()?.into_iter().filter(|token| token.status == Status::Expired);
                return Ok((tokens.collect(), Vec::new()));
            }
            Selection::Named { names, may_miss } => (names, *may_miss),
        };
        let tokens = match self.tokens() {
            // The only way to get rid of a token on which the server fails.
            Err(failure)
                if failure.kind() == Kind::Server && !names.is_empty() && names.iter().all(|name| is_id(name)) =>
            {
                return Ok((names.iter().map(|id| self.unlisted(id)).collect(), Vec::new()));
            }
            tokens => tokens?,
        };
        let mut selected: Vec<Token<'static>> = Vec::new();
        let mut seen = HashSet::new();
        let (mut missing, mut ambiguous) = (Vec::new(), Vec::new());
        for name in names {
            match self.find(name, &tokens)?.as_slice() {
                [] => missing.push(name.clone()),
                [one] => selected.extend(seen.insert(one.id.clone()).then(|| (*one).clone())),
                several => {
                    let several: Vec<_> = several.iter().map(|token| (*token).clone()).collect();
                    ambiguous.push((name.clone(), candidates(&several)));
                }
            }
        }
        check_names(&missing, &ambiguous, may_miss)?;
        Ok((selected, missing))
    }

    /// A token of which nothing is known but its id.
    fn unlisted(&self, id: &str) -> Token<'static> {
        let listed = ListedToken { id: id.to_owned(), description: None, life: None, remaining: None };
        Token { reason: Reason::Malformed, ..self.token(listed, 0.0) }
    }

    /// Removes the user's tokens of the description that is wanted: expired ones, and others if the user said so.
    fn make_room(&self, new: &NewToken<'_>, tokens: &[Token<'_>]) -> Result<Vec<String>> {
        let same: Vec<_> =
            tokens.iter().filter(|token| token.description.as_deref() == Some(new.description)).collect();
        if let Some(taken) = same.iter().find(|token| token.status != Status::Expired && !new.replaces) {
            return Err(description_taken(new.description, self.username, &taken.id).into());
        }
        let mut removed = Vec::new();
        for token in same {
            if let Err(failure) = self.delete(&token.id) {
                return Err(after(&removed, failure).into());
            }
            removed.push(format!("token {}", named(token)));
        }
        Ok(removed)
    }

    /// After a request for a token that failed: removes the token if it was made all the same, because nobody has its text.
    fn clean_up(
        &self,
        new: &NewToken<'_>,
        before: &[Token<'_>],
        asked_at: f64,
        failure: Failure,
        is_final: bool,
    ) -> Failure {
        /// A server that has not answered may be at it still.
        const LOOKS: u32 = 4;
        const PAUSE: Duration = Duration::from_millis(500);
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
        match found {
            Err(cause) => {
                failure.and(&format!("whether a token was made is not known, because {cause}")).hint(LOOK_AGAIN)
            }
            Ok(None) if is_final => failure.and("no token was made"),
            Ok(None) => failure.and("no token is there by now, but one may be made yet").hint(LOOK_AGAIN),
            Ok(Some(made)) => match self.delete(&made.id) {
                Ok(()) => failure.and(&format!("token {} was made, and has been revoked again", made.id)),
                Err(cause) => failure
                    .and(&format!("token {} was made, nobody has its text, and it is still there: {cause}", made.id))
                    .hint(format!("`specter-token revoke {}` takes it away", made.id)),
            },
        }
    }

    /// Whether a token is the one that was asked for: it was not there before, and its life is the one that was wanted, counted
    /// from then on. Another client may have made one of the same description.
    fn is_made(&self, token: &ListedToken, new: &NewToken<'_>, before: &[Token<'_>], asked_at: f64) -> bool {
        let elapsed = self.clock.now() - asked_at;
        #[expect(clippy::cast_precision_loss)] // a life is far below 2^52
        let life = new.life as f64;
        token.description.as_deref() == Some(new.description)
            && before.iter().all(|old| old.id != token.id)
            && token.life.as_deref() == Some(&*new.life.to_string())
            // Times of tokens are whole seconds.
            && token.remaining.is_some_and(|remaining| remaining <= life && remaining >= life - elapsed - 1.0)
    }
}

const LOOK_AGAIN: &str =
    "`specter-token list` shows it by its description; revoke it then, because nobody has its text";

/// What the API cannot do is an error before anything is asked.
fn check(purpose: Purpose) -> Result<(), Failure> {
    let (what, why) = match purpose {
        Purpose::Create { new_key: true } => ("use --new-key", "the server signs with its own key"),
        Purpose::Show { reveal: true } => ("reveal a token", "the server tells everything of a token but its text"),
        Purpose::Verify { at: Some(_) } => ("verify for another time", "the server judges tokens as of now"),
        _ => return Ok(()),
    };
    let failure = Failure::new(Kind::Usage, format!("could not {what} through a server: {why}"));
    Err(failure.hint("work on its users.json for that: --data-folder DIR in place of --server"))
}

fn is_id(name: &str) -> bool {
    Uuid::try_parse(name).is_ok_and(|id| id.hyphenated().to_string() == name)
}

/// A failure in the middle, which tells what stands.
fn after(removed: &[String], failure: Failure) -> Failure {
    match removed {
        [] => failure,
        [one] => failure.and(&format!("{one} is revoked already")),
        several => failure.and(&format!("{} are revoked already", several.join(", "))),
    }
}

impl Backend for Server<'_> {
    fn read(&self, use_them: &mut dyn FnMut(&dyn Tokens) -> Result<()>) -> Result<()> {
        use_them(&OfUser { server: self, tokens: self.tokens()? })
    }

    fn create(&self, new: &NewToken<'_>) -> Result<Created> {
        let before = self.tokens()?;
        let removed = self.make_room(new, &before)?;
        let asked_at = self.clock.now();
        let MadeToken { id, text } = match self.api.make(new.description, new.life) {
            Ok(made) => made,
            Err(not_made) => {
                let failure = match not_made {
                    NotMade::DescriptionTaken => {
                        description_taken(new.description, self.username, "one made meanwhile")
                    }
                    NotMade::Refused(failure) => failure,
                    NotMade::Failed(failure) => self.clean_up(new, &before, asked_at, failure, true),
                    NotMade::Unanswered(failure) => self.clean_up(new, &before, asked_at, failure, false),
                };
                return Err(after(&removed, failure).into());
            }
        };
        let claims = Claims::of(&text);
        let token = Token {
            id: id.into(),
            username: self.username.to_owned().into(),
            description: Some(new.description.to_owned().into()),
            life: Some(new.life.to_string().into()),
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            status: Status::Valid,
            reason: Reason::Ok,
            copies: None,
            text: None,
        };
        Ok(Created { token, text, removed, key_source: None, written: WRITTEN })
    }

    fn preview(&self, which: &Selection) -> Result<Removal> {
        let (tokens, missing) = self.selected(which)?;
        let removed = tokens.into_iter().map(|token| Removed { token, found_in: None, stays_with: None }).collect();
        Ok(Removal { removed, missing, written: None })
    }

    fn remove(&self, which: &Selection, shown: Option<&Removal>) -> Result<Removal> {
        let mut removal = self.preview(which)?;
        removal.check_shown(shown)?;
        let (mut revoked, mut failed, mut untried) = (Vec::new(), None::<Failure>, Vec::new());
        for Removed { token, .. } in &removal.removed {
            let name = format!("token {}", named(token));
            // Where the server failed on one, it may do the others; where it does not answer, it will not.
            if failed.as_ref().is_some_and(|failure| failure.kind() != Kind::Server) {
                untried.push(name);
                continue;
            }
            match (self.delete(&token.id), &failed) {
                (Ok(()), _) => revoked.push(name),
                (Err(failure), None) => failed = Some(failure),
                (Err(failure), Some(first)) => failed = Some(first.clone().and(&failure.to_string())),
            }
        }
        if let Some(failure) = failed {
            let failure = after(&revoked, failure);
            return Err(match untried.as_slice() {
                [] => failure,
                untried => failure.and(&format!("not tried: {}", untried.join(", "))),
            }
            .into());
        }
        removal.written = (!revoked.is_empty()).then_some(WRITTEN);
        Ok(removal)
    }

    fn judge(&self, use_it: &mut dyn FnMut(&dyn Judge) -> Result<()>) -> Result<()> {
        use_it(self)
    }
}

/// The tokens of the user who logged in.
struct OfUser<'a> {
    server: &'a Server<'a>,
    tokens: Vec<Token<'static>>,
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

    /// An expired one comes first, whenever that was.
    fn expires_at(&self, index: usize) -> Option<i64> {
        let token = &self.tokens[index];
        if token.status == Status::Expired { Some(i64::MIN) } else { token.expires_at }
    }

    fn is_listed(&self, _: usize) -> bool {
        true
    }

    fn find(&self, name: &str) -> Result<Vec<Token<'_>>> {
        Ok(self.server.find(name, &self.tokens)?.into_iter().cloned().collect())
    }
}

impl Judge for Server<'_> {
    fn verdict(&self, token: &str, _: bool) -> Result<Verdict<'_>> {
        // What can be told of a token without a key.
        let alone = jwt::judge(token, None, self.now, |_, _| Registered::Same);
        let reason = match self.api.judge(token)? {
            api::Verdict::Accepted => Reason::Ok,
            api::Verdict::Unsendable => Reason::Empty,
            // A few malformed tokens make Specter fail; it accepts none of them.
            api::Verdict::Failed(failure) if alone.reason != Reason::ServerError => return Err(failure.into()),
            api::Verdict::Refused | api::Verdict::Failed(_) => match alone.claims.expires_at {
                Some(expires_at) if expires_at <= self.now => Reason::Expired,
                _ => Reason::RefusedByServer,
            },
        };
        Ok(Verdict { reason, claims: alone.claims, now: self.now, life: None, copies: None })
    }
}
