//! How long a caller waits for others.

use std::time::Duration;

use crate::core::error::{Error, Result};
use crate::core::waiting::TellWait;

/// How long a caller waits for others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For another process of this program that holds the lock, or for one that keeps rewriting users.json.
    pub(crate) lock: Duration,
    /// For a save of Specter that makes no progress, if nobody has the file open any more as far as can be seen.
    pub(crate) still_save: Duration,
    /// For a save of Specter at all.
    pub(crate) save: Duration,
    /// Whether the caller has been told to end, so that it waits no longer and wants nothing changed.
    pub(crate) is_over: fn() -> bool,
    /// Tells the caller what it waits for.
    pub(crate) tell: TellWait,
}

impl Patience {
    /// What a command waits that a person or a script has called.
    pub(crate) fn of_command(is_over: fn() -> bool, tell: TellWait) -> Self {
        Patience {
            lock: Duration::from_secs(10),
            still_save: Duration::from_millis(1500),
            // Nobody saves for so long.
            save: Duration::from_secs(10),
            is_over,
            tell,
        }
    }

    /// Fails if the caller has been told to end.
    pub(super) fn check(&self) -> Result<()> {
        if (self.is_over)() { Err(Error::Interrupted) } else { Ok(()) }
    }
}

#[cfg(test)]
impl Patience {
    /// What a test waits for the lock.
    pub(super) fn for_lock(lock: Duration) -> Self {
        Patience { lock, ..Patience::of_command(|| false, |_| None) }
    }
}
