//! Times in the spelling of RFC 3339, in UTC and whole seconds.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use serde::{Serialize, Serializer};

use super::lifetime::LAST_SECOND;

/// A time from 1970 to the year 9999.
#[derive(Debug, Clone)]
pub(crate) struct Rfc3339(humantime::Rfc3339Timestamp);

/// `None` for a time before 1970, or one that RFC 3339 cannot spell.
pub(crate) fn rfc3339(seconds: i64) -> Option<Rfc3339> {
    let since_1970 = u64::try_from(seconds).ok().filter(|_| seconds <= LAST_SECOND)?;
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(since_1970))?;
    Some(Rfc3339(humantime::format_rfc3339_seconds(time)))
}

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_1970_to_the_year_9999() {
        for (seconds, spelled) in [
            (0, Some("1970-01-01T00:00:00Z")),
            (1_798_740_000, Some("2026-12-31T18:00:00Z")),
            (LAST_SECOND, Some("9999-12-31T23:59:59Z")),
            (LAST_SECOND + 1, None),
            (-1, None),
            (i64::MAX, None),
        ] {
            assert_eq!(rfc3339(seconds).map(|time| time.to_string()).as_deref(), spelled, "{seconds}");
        }
    }
}
