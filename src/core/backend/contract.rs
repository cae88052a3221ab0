//! What a store of tokens can do, and what goes in and comes out.

use std::borrow::Cow;

use crate::core::error::{Error, Result};
use crate::core::jwt::judge::Verdict;
use crate::core::jwt::key::Key;
use crate::core::process::Process;
use crate::core::source::Source;
use crate::core::time::plausible::ClockDoubt;
use crate::core::token::{Token, TokenName};
use crate::core::version::{Installed, Version};

/// A store of tokens. `now` is in seconds since 1970 everywhere. A server works with its own key and its own clock, and
/// neither needs a key nor goes by `now` where it decides itself.
pub(crate) trait Backend {
    /// A Specter that runs on this store without knowing of changes to it, so that it may answer otherwise.
    fn unaware_specter(&self) -> Option<Process>;

    /// Fails if a change would be refused right now, whatever the change.
    fn check_writable(&self) -> Result<()>;

    /// The tokens as they are now, judged with the key if there is one.
    fn tokens<'a>(&'a self, key: Option<&'a Key>, now: i64) -> Result<Box<dyn Tokens + 'a>>;

    /// What `create` would make, and what would make room for it. Nothing is changed.
    fn plan(&self, token: &NewToken<'_>, key: Option<&Key>) -> Result<Planned>;

    /// Registers a new token.
    fn create(&self, token: &NewToken<'_>, key: Option<&Key>) -> Result<Created>;

    /// What would be removed. A key, if there is one, tells whether the clock can be right.
    fn preview(&self, which: &Selection, key: Option<&Key>, now: i64) -> Result<Removal>;

    /// Removes what is selected; if it was shown before, it must still be the same.
    fn remove(&self, which: &Selection, key: Option<&Key>, now: i64, shown: Option<&Removal>) -> Result<Removal>;

    /// The Specter of this store, as far as it is known.
    fn specter(&self) -> Installed;

    /// The judge of tokens that are presented, by the rules of this version, or else of the one that is there.
    fn judge<'a>(&'a self, key: Option<&'a Key>, version: Option<Version>) -> Result<Box<dyn Judge + 'a>>;
}

/// Tokens by position, each made when it is asked for: there may be many.
pub(crate) trait Tokens: Sync {
    fn count(&self) -> usize;

    fn token(&self, index: usize) -> Token<'_>;

    fn id(&self, index: usize) -> Cow<'_, str>;

    fn description(&self, index: usize) -> Option<Cow<'_, str>>;

    fn end(&self, index: usize) -> End;

    /// Whether the token is one that `list` shows: that of another user, of which a copy stands here, is not.
    fn is_listed(&self, index: usize) -> bool;

    /// The tokens that a name could mean: one, if it is a good name.
    fn find(&self, name: &str) -> Result<Vec<Token<'_>>>;
}

/// When a token ends. The order is that of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// It has expired, and nobody tells when.
    Past,
    /// Seconds since 1970.
    At(i64),
    Never,
}

/// A token that is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewToken<'a> {
    pub(crate) description: &'a str,
    /// Seconds.
    pub(crate) life: i64,
    /// Seconds since 1970.
    pub(crate) issued_at: i64,
    /// Whether a token of the same description makes room though it has not expired.
    pub(crate) replaces: bool,
    /// Whether a key is used that fits none of the tokens.
    pub(crate) takes_new_key: bool,
}

/// A token that is made, or would be.
pub(crate) struct Planned {
    /// Its id is empty until it is made.
    pub(crate) token: Token<'static>,
    /// What makes room for it.
    pub(crate) replaced: Vec<Replaced>,
    /// Where the key comes from that signs it; none if a server does it.
    pub(crate) key_source: Option<Source>,
    /// The Specter that accepts it, as far as that was asked for.
    pub(crate) specter: Installed,
    /// Why the clock by which it is made is most likely wrong.
    pub(crate) clock: Option<ClockDoubt>,
}

/// A token that was made.
pub(crate) struct Created {
    pub(crate) planned: Planned,
    /// The token itself.
    pub(crate) text: String,
    pub(crate) written: Written,
}

/// A token that made room for a new one.
pub(crate) struct Replaced {
    pub(crate) name: TokenName,
    /// Only the copy went that stood under a user who is not the token's own.
    pub(crate) is_copy: bool,
    pub(crate) lasting: Lasting,
}

/// Which tokens are to be removed.
#[derive(Debug)]
pub(crate) enum Selection {
    All,
    Expired {
        /// Whether that goes by a clock that is most likely wrong, too.
        despite_clock: bool,
    },
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
    /// The Specter that accepted the tokens, as far as that was asked for.
    pub(crate) specter: Installed,
    /// Why the clock that told which have expired is most likely wrong.
    pub(crate) clock: Option<ClockDoubt>,
}

pub(crate) struct Removed {
    pub(crate) token: Token<'static>,
    /// The file that held it, if it is known.
    pub(crate) found_in: Option<&'static str>,
    /// Only a copy goes, and the token stays with this user of its own.
    pub(crate) stays_with: Option<String>,
    pub(crate) lasting: Lasting,
}

/// Until when a Specter goes on accepting a token that was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lasting {
    /// It refuses the token once it knows of the removal, or refuses it anyway.
    Refused,
    /// It does not look whether users.json holds the token.
    Until(End),
    /// Its version, or the end of the token, is not known.
    Unknown,
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
    pub(super) fn check_shown(&self, shown: Option<&Removal>) -> Result<()> {
        if shown.is_none_or(|shown| shown.is_same(self)) { Ok(()) } else { Err(Error::ShownHasChanged) }
    }
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) effect: Effect,
    /// Whether it outlives a failure of power for certain.
    pub(crate) is_synced: bool,
    /// Processes that claim to be a Specter on the folder, and could not even read it.
    pub(crate) passed_over: Vec<u32>,
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
    /// The word that JSON has for a removal of tokens that last so long.
    pub(crate) fn word_of_removal(&self, lasting: &[Lasting]) -> &'static str {
        if lasting.iter().any(|lasting| matches!(lasting, Lasting::Until(_))) {
            "at_expiry"
        } else if lasting.contains(&Lasting::Unknown) {
            "unknown"
        } else {
            self.word()
        }
    }

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
    /// What Specter says of a token at `now`.
    fn verdict(&self, token: &str, now: i64) -> Result<Verdict>;

    /// Facts beside the token that was judged.
    fn details(&self, token: &str, verdict: &Verdict) -> Details<'_>;

    /// The Specter by whose rules it judges, as far as it is known.
    fn specter(&self) -> Installed;
}

/// What users.json has beside a token.
#[derive(Debug, Default)]
pub(crate) struct Details<'a> {
    /// `jwt_token_life`.
    pub(crate) life: Option<Cow<'a, str>>,
    /// None if nobody tells.
    pub(crate) copies: Option<Vec<Cow<'a, str>>>,
    /// Whether users.json holds this very token for its user. None if nobody tells.
    pub(crate) is_registered: Option<bool>,
}
