//! The time that passes while a command runs. The caller says when the command began.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// The time at which the command began, since 1970.
    began: Duration,
    instant: Instant,
}

impl Clock {
    /// A clock that shows `now` at this moment.
    pub(crate) fn starting_at(now: SystemTime) -> Self {
        Clock { began: now.duration_since(UNIX_EPOCH).unwrap_or_default(), instant: Instant::now() }
    }

    /// The time at which the command began, in seconds since 1970, rounded down. Every rule about time compares with a
    /// whole number of seconds.
    pub(crate) fn start(self) -> i64 {
        i64::try_from(self.began.as_secs()).unwrap_or(i64::MAX)
    }

    /// The current time in seconds since 1970, with fraction.
    pub(crate) fn now(self) -> f64 {
        (self.began + self.instant.elapsed()).as_secs_f64()
    }
}
