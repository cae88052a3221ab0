//! The contract of a store of tokens, with its inputs and results.

use std::borrow::Cow;

use crate::core::error::{Error, Result};
use crate::core::jwt::judge::Verdict;
use crate::core::jwt::key::Key;
use crate::core::process::Process;
use crate::core::source::Source;
use crate::core::time::plausible::ClockDoubt;
use crate::core::token::{Token, TokenName};
use crate::core::version::{Installed, Version};

/// A store of tokens. `now` is always in seconds since 1970. A server uses its own key and its own clock: it needs no
/// key, and ignores `now` where it decides itself.
pub(crate) trait Backend {
    /// Returns a Specter that runs on this store but does not see changes to it, so that its answers may differ.
    fn unaware_specter(&self) -> Option<Process>;

    /// Fails if any change would be refused right now.
    fn check_writable(&self) -> Result<()>;

    /// The tokens as they are now, judged with the key if there is one.
    fn tokens<'a>(&'a self, key: Option<&'a Key>, now: i64) -> Result<Box<dyn Tokens + 'a>>;

    /// Returns what `create` would make, and what would make room for it. Changes nothing.
    fn plan(&self, token: &NewToken<'_>, key: Option<&Key>) -> Result<Planned>;

    /// Registers a new token.
    fn create(&self, token: &NewToken<'_>, key: Option<&Key>) -> Result<Created>;

    /// Returns what would be removed. The key, if there is one, tells whether the clock can be right.
    fn preview(&self, which: &Selection, key: Option<&Key>, now: i64) -> Result<Removal>;

    /// Removes the selected tokens. If they were shown before, they must still be the same.
    fn remove(&self, which: &Selection, key: Option<&Key>, now: i64, shown: Option<&Removal>) -> Result<Removal>;

    /// The Specter of this store, as far as it is known.
    fn specter(&self) -> Installed;

    /// Returns the judge of presented tokens. It goes by the rules of this version, or else of the installed one.
    fn judge<'a>(&'a self, key: Option<&'a Key>, version: Option<Version>) -> Result<Box<dyn Judge + 'a>>;
}

/// Tokens by position. Each is built only on request, because there may be many.
pub(crate) trait Tokens: Sync {
    fn count(&self) -> usize;

    fn token(&self, index: usize) -> Token<'_>;

    fn id(&self, index: usize) -> Cow<'_, str>;

    fn description(&self, index: usize) -> Option<Cow<'_, str>>;

    fn end(&self, index: usize) -> End;

    /// Whether `list` shows the token. It does not show another user's token that is stored here only as a copy.
    fn is_listed(&self, index: usize) -> bool;

    /// The tokens that a name could mean. A good name means exactly one.
    fn find(&self, name: &str) -> Result<Vec<Token<'_>>>;
}

/// The end of a token, ordered by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// The token has expired, and it is unknown when.
    Past,
    /// Seconds since 1970.
    At(i64),
    Never,
}

/// A token to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewToken<'a> {
    pub(crate) description: &'a str,
    /// Seconds.
    pub(crate) life: i64,
    /// Seconds since 1970.
    pub(crate) issued_at: i64,
    /// Whether the new token replaces an unexpired one with the same description.
    pub(crate) replaces: bool,
    /// Whether to use a key that fits none of the tokens.
    pub(crate) takes_new_key: bool,
}

/// A token that was made, or would be.
pub(crate) struct Planned {
    /// The token. Its id is empty until it is made.
    pub(crate) token: Token<'static>,
    /// The tokens that make room for it.
    pub(crate) replaced: Vec<Replaced>,
    /// The source of the key that signs it. `None` if a server signs it.
    pub(crate) key_source: Option<Source>,
    /// The Specter that accepts it, as far as that was looked up.
    pub(crate) specter: Installed,
    /// Why the clock behind its times is probably wrong.
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
    /// Whether only a copy was removed, which was stored under a user who is not the token's own.
    pub(crate) is_copy: bool,
    pub(crate) lasting: Lasting,
}

/// The tokens to remove.
#[derive(Debug)]
pub(crate) enum Selection {
    All,
    Expired {
        /// Whether to remove them even if the clock is probably wrong.
        despite_clock: bool,
    },
    Named {
        names: Vec<String>,
        /// Whether a name may mean no token.
        may_miss: bool,
    },
}

/// The tokens that were removed, or would be, and the names that mean none.
pub(crate) struct Removal {
    pub(crate) removed: Vec<Removed>,
    pub(crate) missing: Vec<String>,
    /// `None` if nothing was written.
    pub(crate) written: Option<Written>,
    /// The Specter that accepted the tokens, as far as that was looked up.
    pub(crate) specter: Installed,
    /// Why the clock that decided which tokens have expired is probably wrong.
    pub(crate) clock: Option<ClockDoubt>,
}

pub(crate) struct Removed {
    pub(crate) token: Token<'static>,
    /// The file that held the token, if known.
    pub(crate) found_in: Option<&'static str>,
    /// The token's own user, who keeps it, if only a copy is removed.
    pub(crate) stays_with: Option<String>,
    pub(crate) lasting: Lasting,
}

/// How long a Specter still accepts a removed token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lasting {
    /// Specter refuses the token once it knows of the removal, or refuses it anyway.
    Refused,
    /// Specter does not check whether users.json holds the token.
    Until(End),
    /// The version of Specter or the end of the token is unknown.
    Unknown,
}

impl Removal {
    /// Whether two searches found the same tokens.
    fn is_same(&self, other: &Removal) -> bool {
        let ids = |removal: &Removal| -> Vec<_> {
            removal.removed.iter().map(|removed| (removed.token.id.clone(), removed.token.username.clone())).collect()
        };
        ids(self) == ids(other)
    }

    /// Fails if this is not the removal that was shown.
    pub(super) fn check_shown(&self, shown: Option<&Removal>) -> Result<()> {
        if shown.is_none_or(|shown| shown.is_same(self)) { Ok(()) } else { Err(Error::ShownHasChanged) }
    }
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) effect: Effect,
    /// Whether the change is certain to survive a power failure.
    pub(crate) is_synced: bool,
    /// Processes that claim to be a Specter on the folder, but could not even read it.
    pub(crate) passed_over: Vec<u32>,
}

/// When a change takes effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Specter is stopped, and will see the change at its next start.
    NextStart,
    /// The server made the change itself.
    Now,
    /// As [`Effect::NextStart`], but a Specter may be running that does not see the change.
    Unknown,
    /// Specter was running before the change, still runs, and does not see it.
    Unseen(Process),
    /// Specter was started during the change, and may have read the file before or after it.
    Overtaken(Process),
}

impl Effect {
    /// The word in JSON for a removal of tokens that are still accepted for so long.
    pub(crate) fn word_of_removal(&self, lasting: &[Lasting]) -> &'static str {
        if lasting.iter().any(|lasting| matches!(lasting, Lasting::Until(_))) {
            "at_expiry"
        } else if lasting.contains(&Lasting::Unknown) {
            "unknown"
        } else {
            self.word()
        }
    }

    /// The word in JSON.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Effect::NextStart => "next_start",
            Effect::Now => "now",
            Effect::Unknown | Effect::Unseen(_) | Effect::Overtaken(_) => "unknown",
        }
    }
}

/// Judges whether Specter would accept tokens.
pub(crate) trait Judge: Sync {
    /// Returns Specter's verdict on a token at `now`.
    fn verdict(&self, token: &str, now: i64) -> Result<Verdict>;

    /// Returns further facts about the token that was judged.
    fn details(&self, token: &str, verdict: &Verdict) -> Details<'_>;

    /// The Specter whose rules the judge goes by, as far as it is known.
    fn specter(&self) -> Installed;
}

/// Facts from users.json about a token that was judged.
#[derive(Debug, Default)]
pub(crate) struct Details<'a> {
    /// `jwt_token_life`.
    pub(crate) life: Option<Cow<'a, str>>,
    /// `None` if unknown.
    pub(crate) copies: Option<Vec<Cow<'a, str>>>,
    /// Whether users.json holds exactly this token for its user. `None` if unknown.
    pub(crate) is_registered: Option<bool>,
}
