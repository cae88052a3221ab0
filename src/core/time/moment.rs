//! Moments as people type them.

use std::str::FromStr;
use std::time::UNIX_EPOCH;

use super::lifetime::{LAST_SECOND, Lifetime, LifetimeFault};

/// A moment that the user gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    /// Seconds since 1970.
    At(i64),
    /// This long from now.
    After(Lifetime),
}

impl Time {
    /// Seconds since 1970.
    pub(crate) fn resolve(self, now: i64) -> i64 {
        match self {
            Time::At(seconds) => seconds,
            Time::After(lifetime) => now.saturating_add(lifetime.seconds()),
        }
    }
}

impl FromStr for Time {
    type Err = TimeFault;

    /// RFC 3339, its date alone, its date and minutes (UTC unless an offset says otherwise), `@SECONDS`, `+LIFETIME`.
    fn from_str(text: &str) -> Result<Self, TimeFault> {
        let text = text.trim();
        if text.starts_with('+') {
            return text.parse().map(Time::After).map_err(TimeFault::Lifetime);
        }
        if let Some(seconds) = text.strip_prefix('@') {
            return unix_seconds(seconds).map(Time::At);
        }
        calendar_seconds(text).map(Time::At)
    }
}

/// Why a text is not a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TimeFault {
    NotATime,
    /// A day that the calendar does not have, or one before 1970.
    NoSuchDay,
    /// An hour past 23, such as that of `24:00`.
    NoSuchHour,
    NoSuchMinute,
    /// A second past 59: there are no leap seconds.
    NoSuchSecond,
    /// An offset past 23:59.
    NoSuchOffset,
    /// `@` without a number of seconds.
    NotSeconds,
    TooLate,
    /// Outside the years 1970 to 9999 once its offset is counted.
    OutOfRange,
    /// `+` without a lifetime.
    Lifetime(LifetimeFault),
}

fn unix_seconds(text: &str) -> Result<i64, TimeFault> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return Err(TimeFault::NotSeconds);
    }
    whole.parse().ok().filter(|seconds| *seconds <= LAST_SECOND).ok_or(TimeFault::TooLate)
}

fn calendar_seconds(text: &str) -> Result<i64, TimeFault> {
    if !text.is_ascii() || text.len() < "2026-12-31".len() {
        return Err(TimeFault::NotATime);
    }
    let (local, offset) = match text.strip_suffix(['Z', 'z']) {
        Some(local) => (local, 0),
        None => split_offset(text)?,
    };
    let mut local = local.replace('t', "T");
    match local.len() {
        10 => local.push_str("T00:00:00"),
        16 => local.push_str(":00"),
        _ => {}
    }
    local.push('Z');
    let parsed = humantime::parse_rfc3339_weak(&local);
    let is_out_of_range = match parsed {
        Ok(_) => false,
        Err(humantime::TimestampError::OutOfRange) => true,
        Err(_) => return Err(TimeFault::NotATime),
    };
    let number_at = |at: usize| local.get(at..at + 2).and_then(|digits| digits.parse::<u32>().ok());
    match (number_at(11), number_at(14), number_at(17)) {
        (Some(24..), _, _) => return Err(TimeFault::NoSuchHour),
        (_, Some(60..), _) => return Err(TimeFault::NoSuchMinute),
        // humantime takes 60 for 59.
        (_, _, Some(60..)) => return Err(TimeFault::NoSuchSecond),
        _ if is_out_of_range => return Err(TimeFault::NoSuchDay),
        _ => {}
    }
    let time = parsed.map_err(|_| TimeFault::NotATime)?;
    let since_1970 = time.duration_since(UNIX_EPOCH).map_err(|_| TimeFault::NotATime)?;
    let utc = i64::try_from(since_1970.as_secs()).map_err(|_| TimeFault::NotATime)? - offset;
    if (0..=LAST_SECOND).contains(&utc) { Ok(utc) } else { Err(TimeFault::OutOfRange) }
}

/// Splits `+01:30` off a time of day; the offset is in seconds.
fn split_offset(text: &str) -> Result<(&str, i64), TimeFault> {
    let Some((local, offset)) = text
        .split_at_checked(text.len() - 6)
        .filter(|(local, offset)| local.len() >= 16 && offset.starts_with(['+', '-']))
    else {
        return Ok((text, 0));
    };
    let two_digits = |text: &str| {
        let is_pair = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_pair.then(|| text.parse::<u32>().ok()).flatten()
    };
    let parts = offset[1..].split_once(':').map(|(hours, minutes)| (two_digits(hours), two_digits(minutes)));
    let Some((Some(hours), Some(minutes))) = parts else { return Err(TimeFault::NotATime) };
    if hours > 23 || minutes > 59 {
        return Err(TimeFault::NoSuchOffset);
    }
    let seconds = i64::from(hours * 3600 + minutes * 60);
    Ok((local, if offset.starts_with('-') { -seconds } else { seconds }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, expected) in [
            ("2026-12-31", Ok(1_798_675_200)),
            ("2026-12-31 18:00", Ok(1_798_740_000)),
            ("2026-12-31T18:00:00Z", Ok(1_798_740_000)),
            ("2026-12-31t18:00:00.9z", Ok(1_798_740_000)),
            ("2026-12-31T18:00:00+02:00", Ok(1_798_732_800)),
            ("2026-12-31 18:00-00:30", Ok(1_798_741_800)),
            ("@1790000000.999", Ok(1_790_000_000)),
            ("+3 days", Ok(259_200)),
            ("2026-02-30", Err(TimeFault::NoSuchDay)),
            ("1969-12-31", Err(TimeFault::NoSuchDay)),
            ("1970-01-01T00:00:00+01:00", Err(TimeFault::OutOfRange)),
            ("tomorrow", Err(TimeFault::NotATime)),
            ("2026-12-31T18:00:00+99:00", Err(TimeFault::NoSuchOffset)),
            ("2026-12-31 18:00+23:60", Err(TimeFault::NoSuchOffset)),
            ("2026-12-31 24:00", Err(TimeFault::NoSuchHour)),
            ("2026-12-31T24:00:00Z", Err(TimeFault::NoSuchHour)),
            ("2026-12-31 23:60", Err(TimeFault::NoSuchMinute)),
            ("2026-12-31T23:59:60Z", Err(TimeFault::NoSuchSecond)),
            ("2026-12-31T23:59:60.5+00:00", Err(TimeFault::NoSuchSecond)),
            ("2026-12-31T23:59:61Z", Err(TimeFault::NoSuchSecond)),
            ("2026-02-30 23:59:59", Err(TimeFault::NoSuchDay)),
            ("2026-12-31 2x:00", Err(TimeFault::NotATime)),
            ("2026-12-31T18:00:00+1a:00", Err(TimeFault::NotATime)),
            ("++3 days", Err(TimeFault::Lifetime(LifetimeFault::Stray('+')))),
            ("+-3 days", Err(TimeFault::Lifetime(LifetimeFault::Stray('-')))),
            ("2026-12-31T18", Err(TimeFault::NotATime)),
            ("@", Err(TimeFault::NotSeconds)),
            ("@-1", Err(TimeFault::NotSeconds)),
            ("@1e3", Err(TimeFault::NotSeconds)),
            ("+3600", Err(TimeFault::Lifetime(LifetimeFault::NoUnit { number: "3600".to_owned() }))),
            ("", Err(TimeFault::NotATime)),
        ] {
            assert_eq!(text.parse::<Time>().map(|time| time.resolve(0)), expected, "{text:?}");
        }
    }
}
