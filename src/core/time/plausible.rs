//! Whether a clock can be right. A machine whose clock has no battery starts in the past, and then every token seems
//! valid. A clock that is ahead makes every token seem expired.

/// The day of this version's release, 2026-11-24, in seconds since 1970. Each release sets it anew.
const RELEASED_AT: i64 = 1_795_478_400;

/// The seconds by which the clocks of two machines may differ, however they tell the time of day.
const A_DAY: i64 = 86_400;

/// Why a clock is probably wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClockDoubt {
    /// It shows a time before the release of this program.
    BeforeRelease,
    /// A token that Specter or this program signed was issued more than a day later, at this second since 1970.
    BehindToken { issued_at: i64 },
}

impl ClockDoubt {
    /// The doubt about a clock that shows `now`, in seconds since 1970, judged without tokens.
    pub(crate) fn of(now: i64) -> Option<Self> {
        (now < RELEASED_AT).then_some(ClockDoubt::BeforeRelease)
    }

    /// The doubt about the clock when compared with a token that was issued at `issued_at`.
    pub(crate) fn beside(issued_at: i64, now: i64) -> Option<Self> {
        (issued_at.saturating_sub(now) > A_DAY).then_some(ClockDoubt::BehindToken { issued_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_doubted_before_the_release_and_a_day_behind_a_token() {
        for (now, doubt) in [
            (0, Some(ClockDoubt::BeforeRelease)),
            (RELEASED_AT - 1, Some(ClockDoubt::BeforeRelease)),
            (RELEASED_AT, None),
            (i64::MAX, None),
        ] {
            assert_eq!(ClockDoubt::of(now), doubt, "{now}");
        }
        for (issued_at, now, is_doubtful) in [
            (100, 100, false),
            (100 + A_DAY, 100, false),
            (101 + A_DAY, 100, true),
            (i64::MAX, -1, true),
            (i64::MIN, i64::MAX, false),
        ] {
            assert_eq!(ClockDoubt::beside(issued_at, now).is_some(), is_doubtful, "{issued_at} {now}");
        }
    }
}
