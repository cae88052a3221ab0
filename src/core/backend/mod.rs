//! What a command needs of a token database, and the one place that chooses which: the users.json of a Specter that is
//! stopped, or the REST API of one that is running. The commands do not know which of the two they talk to.

mod server;
mod users_json;

use std::borrow::Cow;

use anyhow::Result;

use crate::words::failure::{Failure, Kind};
use crate::core::jwt::Claims;
use crate::cli::options::Target;
use crate::cli::session::Session;
use crate::core::specter::process::Process;
use crate::words::escape::escaped;
use crate::core::token::{Reason, Token};

use server::Server;
use users_json::UsersJson;

/// What a command is going to do; what cannot be done is said before anything is asked or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Create { new_key: bool },
    List,
    Show { reveal: bool },
    Revoke { dry_run: bool },
    Verify { at: Option<i64> },
}

/// A database of tokens.
pub(crate) trait Backend {
    /// Hands out the tokens.
    fn read(&self, use_them: &mut dyn FnMut(&dyn Tokens) -> Result<()>) -> Result<()>;

    /// Registers a new token.
    fn create(&self, token: &NewToken<'_>) -> Result<Created>;

    /// What would be removed.
    fn preview(&self, which: &Selection) -> Result<Removal>;

    /// Removes what is selected; if it was shown before, it must still be the same.
    fn remove(&self, which: &Selection, shown: Option<&Removal>) -> Result<Removal>;

    /// Hands out who judges tokens.
    fn judge(&self, use_it: &mut dyn FnMut(&dyn Judge) -> Result<()>) -> Result<()>;
}

/// Opens the database that the options choose. `user` is the value of `--user`.
pub(crate) fn open<'a>(
    session: &mut Session<'_>,
    purpose: Purpose,
    user: Option<&'a str>,
) -> Result<Box<dyn Backend + 'a>> {
    Ok(match session.options.target()? {
        Target::Folder => Box::new(UsersJson::open(session, purpose, user)?),
        Target::Server(address) => Box::new(Server::open(session, &address, purpose, user)?),
    })
}

/// Tokens by position, each made when it is asked for: there may be many.
pub(crate) trait Tokens: Sync {
    fn count(&self) -> usize;

    fn token(&self, index: usize) -> Token<'_>;

    fn id(&self, index: usize) -> Cow<'_, str>;

    fn description(&self, index: usize) -> Option<Cow<'_, str>>;

    /// Seconds since 1970; none if it never expires.
    fn expires_at(&self, index: usize) -> Option<i64>;

    /// Whether the token is one that `list` shows: that of another user, of which a copy stands here, is not.
    fn is_listed(&self, index: usize) -> bool;

    /// The tokens that a name could mean: one, if it is a good name.
    fn find(&self, name: &str) -> Result<Vec<Token<'_>>>;
}

/// A token that is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewToken<'a> {
    pub(crate) description: &'a str,
    /// Seconds.
    pub(crate) life: i64,
    /// Whether a token of the same description makes room though it has not expired.
    pub(crate) replaces: bool,
}

/// A token that was made.
pub(crate) struct Created {
    pub(crate) token: Token<'static>,
    /// The token itself.
    pub(crate) text: String,
    /// What made room for it, in words.
    pub(crate) removed: Vec<String>,
    /// Where the key came from that signed it; none if a server did it.
    pub(crate) key_source: Option<String>,
    pub(crate) written: Written,
}

/// Which tokens are to be removed.
#[derive(Debug)]
pub(crate) enum Selection {
    All,
    Expired,
    Named {
        names: Vec<String>,
        /// Whether a name may match none.
        may_miss: bool,
    },
}

/// What was removed, or would be, and which names led nowhere.
pub(crate) struct Removal {
    pub(crate) removed: Vec<Removed>,
    pub(crate) missing: Vec<String>,
    /// None if nothing was written.
    pub(crate) written: Option<Written>,
}

pub(crate) struct Removed {
    pub(crate) token: Token<'static>,
    /// The file that held it, if it is known.
    pub(crate) found_in: Option<&'static str>,
    /// Only a copy goes, and the token stays with this user of its own.
    pub(crate) stays_with: Option<String>,
}

impl Removal {
    /// Whether two searches found the same.
    fn is_same(&self, other: &Removal) -> bool {
        let ids = |removal: &Removal| -> Vec<_> {
            removal.removed.iter().map(|removed| (removed.token.id.clone(), removed.token.username.clone())).collect()
        };
        ids(self) == ids(other)
    }

    /// An error if it is not what was shown.
    fn check_shown(&self, shown: Option<&Removal>) -> Result<(), Failure> {
        if shown.is_none_or(|shown| shown.is_same(self)) {
            return Ok(());
        }
        let message = "could not remove what was shown: the tokens changed meanwhile; nothing was removed";
        Err(Failure::new(Kind::Busy, message).hint("look again, and answer again"))
    }
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) effect: Effect,
    /// Whether it outlives a failure of power for certain.
    pub(crate) is_synced: bool,
}

/// When a change takes effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Specter is stopped, and goes by the change from its next start on.
    NextStart,
    /// The server made the change itself.
    Now,
    /// As at the next start; but nobody could see whether a Specter is running that does not know of it.
    Unknown,
    /// Specter is running, was so before, and does not know of it.
    Unseen(Process),
    /// A Specter was started just then, and may have read the file before or after.
    Overtaken(Process),
}

impl Effect {
    /// The word that JSON has.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Effect::NextStart => "next_start",
            Effect::Now => "now",
            Effect::Unknown | Effect::Unseen(_) | Effect::Overtaken(_) => "unknown",
        }
    }
}

/// Says whether Specter would accept tokens.
pub(crate) trait Judge: Sync {
    /// Judges a token. What users.json has beside it is looked up only if it is wanted.
    fn verdict(&self, token: &str, wants_details: bool) -> Result<Verdict<'_>>;
}

pub(crate) struct Verdict<'a> {
    pub(crate) reason: Reason,
    /// What the token says of itself.
    pub(crate) claims: Claims,
    /// Seconds since 1970 for which the verdict holds.
    pub(crate) now: i64,
    /// `jwt_token_life` as users.json has it.
    pub(crate) life: Option<Cow<'a, str>>,
    pub(crate) copies: Option<Vec<Cow<'a, str>>>,
}

/// A token in a sentence: its id, user and description.
pub(crate) fn named(token: &Token<'_>) -> String {
    let description = token.description.as_ref().map(|text| format!(" \"{}\"", escaped(text))).unwrap_or_default();
    format!("{}{description} of user {}", escaped(&token.id), escaped(&token.username))
}

/// The tokens that an ambiguous name could mean, for a hint.
pub(crate) fn candidates(tokens: &[Token<'_>]) -> String {
    /// More would drown the hint.
    const SHOWN: usize = 10;
    let mut shown: Vec<String> = tokens.iter().take(SHOWN).map(named).collect();
    if tokens.len() > SHOWN {
        shown.push(format!("and {} more", tokens.len() - SHOWN));
    }
    shown.join("; ")
}

/// What to do where a name leads nowhere.
pub(crate) const LOOK: &str =
    "`specter-token list` shows the tokens; of an id, give all or the first 4 characters or more";

/// The error of a description that another token has.
fn description_taken(description: &str, username: &str, id: &str) -> Failure {
    let message = format!("could not create another token `{description}` for user `{username}`: {id} is there");
    let hint =
        "choose another description, for example `ci-$RUN_ID`, or remove the old token in the same step with --replace";
    Failure::new(Kind::DescriptionTaken, message).hint(hint)
}

/// Either every name means one token, or nothing is removed and all wrong names are told. `ambiguous` has names, and the
/// tokens that each could mean.
fn check_names(missing: &[String], ambiguous: &[(String, String)], may_miss: bool) -> Result<()> {
    /// More names would drown the message.
    const SHOWN: usize = 100;
    let mut faults = Vec::new();
    let mut kind = Kind::Ambiguous;
    let mut hint = LOOK.to_owned();
    if !missing.is_empty() && !may_miss {
        kind = Kind::NotFound;
        let mut names: Vec<String> = missing.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
        if missing.len() > SHOWN {
            names.push(format!("and {} more", missing.len() - SHOWN));
        }
        faults.push(format!("could not find a token by {}", names.join(", ")));
    }
    for (name, candidates) in ambiguous {
        faults.push(format!("could not tell which token `{name}` means"));
        hint = format!("name one by its id: {candidates}");
    }
    if faults.is_empty() {
        return Ok(());
    }
    faults.push("nothing was removed".to_owned());
    Err(Failure::new(kind, faults.join("; ")).hint(hint).into())
}
