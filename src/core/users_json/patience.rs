//! How long a caller waits for others.

use std::time::Duration;

use crate::core::error::{Error, Result};
use crate::core::waiting::TellWait;

/// How long a caller waits for others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// The wait for another process of this program that holds the lock, or for a process that keeps rewriting
    /// users.json.
    pub(crate) lock: Duration,
    /// The wait for a save of Specter that makes no progress, if no process seems to have the file open any more.
    pub(crate) still_save: Duration,
    /// The wait for any save of Specter.
    pub(crate) save: Duration,
    /// Whether the caller was told to stop, so that it waits no longer and wants nothing changed.
    pub(crate) is_over: fn() -> bool,
    /// Tells the caller what it waits for.
    pub(crate) tell: TellWait,
}

impl Patience {
    /// How long a command waits that a person or a script has called.
    pub(crate) fn of_command(is_over: fn() -> bool, tell: TellWait) -> Self {
        Patience {
            lock: Duration::from_secs(10),
            still_save: Duration::from_millis(1500),
            // No save takes so long.
            save: Duration::from_secs(10),
            is_over,
            tell,
        }
    }

    /// Fails if the caller was told to stop.
    pub(super) fn check(&self) -> Result<()> {
        if (self.is_over)() { Err(Error::Interrupted) } else { Ok(()) }
    }
}

#[cfg(test)]
impl Patience {
    /// How long a test waits for the lock.
    pub(super) fn for_lock(lock: Duration) -> Self {
        Patience { lock, ..Patience::of_command(|| false, |_| None) }
    }
}
