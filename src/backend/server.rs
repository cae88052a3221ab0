//! The tokens of a running Specter, over its REST API. It shows a user his own tokens and no others, tells nothing of a token
//! that only the token's text would tell, and makes one change at a time.

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::Duration;

use anyhow::Result;
use uuid::Uuid;

use super::{
    Backend, Created, Effect, Judge, NewToken, Purpose, Removal, Removed, Selection, Tokens, Verdict, Written,
    candidates, check_names, description_taken, named,
};
use crate::failure::{Failure, Kind};
use crate::jwt::{self, Claims, Registered};
use crate::options::ServerOptions;
use crate::session::{Clock, Session};
use crate::specter::api::{self, Address, Api, ListedToken, MadeToken, NotMade};
use crate::store::is_candidate;
use crate::token::{Reason, Status, Token};

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
        options: &ServerOptions<'_>,
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
        let mut api = Api::new(&Address {
            url: &options.url,
            ca_cert: options.ca_cert,
            allow_http: options.allow_http,
            timeout: Duration::from_secs(options.timeout.into()),
        })?;
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
        let has_expired = listed.remaining <= 0.0;
        // Times of tokens are whole seconds. That it is counted from is later than the server's by the time of the answer.
        #[expect(clippy::cast_possible_truncation)] // saturates
        let expires_at = (now + listed.remaining).floor() as i64;
        Token {
            id: listed.id.into(),
            username: self.username.to_owned().into(),
            description: listed.description.map(Cow::Owned),
            life: listed.life.map(Cow::Owned),
            issued_at: None,
            // The server does not tell how long ago.
            expires_at: (!has_expired).then_some(expires_at),
            status: if has_expired { Status::Expired } else { Status::Unchecked },
            reason: if has_expired { Reason::Expired } else { Reason::Ok },
            copies: None,
            text: None,
        }
    }

    /// Revokes a token. The server fails on one that is no longer there, and may fail after it has done what it was asked.
    fn delete(&self, id: &str) -> Result<(), Failure> {
        let failure = match self.api.delete(id) {
            Err(failure) if failure.kind() == Kind::Server => failure,
            other => return other,
        };
        let is_gone = self.api.tokens().is_ok_and(|tokens| tokens.iter().all(|token| token.id != id));
        if is_gone { Ok(()) } else { Err(failure) }
    }

    /// The tokens that a name could mean.
    fn find<'t>(&self, name: &str, tokens: &'t [Token<'static>]) -> Result<Vec<&'t Token<'static>>, Failure> {
        if let Some(token) = tokens.iter().find(|token| token.id == name) {
            return Ok(vec![token]);
        }
        if let Some(id) = self.id_of_text(name)? {
            return Ok(tokens.iter().filter(|token| token.id == id).collect());
        }
        Ok(tokens.iter().filter(|token| is_candidate(name, &token.id, token.description.as_deref())).collect())
    }

    /// The id of the token that has this text. What a text says of itself counts only once the server accepts it: a forgery
    /// must not pick a victim.
    fn id_of_text(&self, text: &str) -> Result<Option<String>, Failure> {
        let claims = Claims::of(text);
        let (Some(username), Some(id)) = (claims.username, claims.id) else { return Ok(None) };
        if username != self.username {
            return Ok(None);
        }
        Ok(matches!(self.api.judge(text)?, api::Verdict::Accepted).then_some(id))
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
            Err(failure) if failure.kind() == Kind::Server && names.iter().all(|name| is_id(name)) => {
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
        let listed = ListedToken { id: id.to_owned(), description: None, life: None, remaining: f64::MAX };
        Token { expires_at: None, status: Status::Unchecked, reason: Reason::Malformed, ..self.token(listed, 0.0) }
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
    fn clean_up(&self, new: &NewToken<'_>, before: &[Token<'_>], failure: Failure) -> Failure {
        let is_new = |token: &&Token<'_>| {
            token.description.as_deref() == Some(new.description) && before.iter().all(|old| old.id != token.id)
        };
        match self.tokens() {
            Err(cause) => failure.and(&format!("whether the token was made is not known, because {cause}")).hint(
                "`specter-token list` shows it by its description if it was; revoke it then, because nobody has its text",
            ),
            Ok(tokens) => match tokens.iter().find(is_new) {
                None => failure.and("no token was made"),
                Some(made) => match self.delete(&made.id) {
                    Ok(()) => failure.and(&format!("token {} was made, and has been revoked again", made.id)),
                    Err(cause) => failure
                        .and(&format!("token {} was made, nobody has its text, and it is still there: {cause}", made.id))
                        .hint(format!("`specter-token revoke {}` takes it away", made.id)),
                },
            },
        }
    }
}

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
    if removed.is_empty() { failure } else { failure.and(&format!("{} is revoked already", removed.join(", "))) }
}

impl Backend for Server<'_> {
    fn read(&self, use_them: &mut dyn FnMut(&dyn Tokens) -> Result<()>) -> Result<()> {
        use_them(&OfUser { server: self, tokens: self.tokens()? })
    }

    fn create(&self, new: &NewToken<'_>) -> Result<Created> {
        let before = self.tokens()?;
        let removed = self.make_room(new, &before)?;
        let MadeToken { id, text } = match self.api.make(new.description, new.life) {
            Ok(made) => made,
            Err(NotMade::DescriptionTaken) => {
                let failure = description_taken(new.description, self.username, "one made meanwhile");
                return Err(after(&removed, failure).into());
            }
            Err(NotMade::Refused(failure)) => return Err(after(&removed, failure).into()),
            Err(NotMade::Unclear(failure)) => {
                return Err(after(&removed, self.clean_up(new, &before, failure)).into());
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
        let mut revoked = Vec::new();
        for Removed { token, .. } in &removal.removed {
            if let Err(failure) = self.delete(&token.id) {
                return Err(after(&revoked, failure).into());
            }
            revoked.push(format!("token {}", named(token)));
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
