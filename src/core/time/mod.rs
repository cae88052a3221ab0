//! Lifetimes and times as people type them, and as they read them.
//!
//! A lifetime is what Specter itself takes for one (pytimeparse's language: `3 days`, `1.5 hours`, `4:05:06`), with the
//! same seconds; beyond that humantime's language (`3 months`, `1y`), in any letter case, with commas, `/` and `and`.
//! Where the two disagree, or a typing slip would change the meaning, the text is refused by name.

use std::str::FromStr;
use std::time::{Duration, UNIX_EPOCH};

use serde::{Serialize, Serializer};

use crate::core::python;

/// 9999-12-31T23:59:59Z in seconds since 1970: Python's `datetime`, and so Specter, knows no later time.
pub(crate) const LAST_SECOND: i64 = 253_402_300_799;

/// How long a token lives: whole seconds, at least one, at most until the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetime(i64);

impl Lifetime {
    pub(crate) fn seconds(self) -> i64 {
        self.0
    }

    fn from_seconds(seconds: f64) -> Result<Self, String> {
        #[expect(clippy::cast_precision_loss)] // far below 2^53
        let last_second = LAST_SECOND as f64;
        if seconds < 1.0 {
            return Err("is less than one second; the shortest life is `1s`".to_owned());
        }
        if seconds > last_second {
            return Err("reaches past the year 9999, which Specter cannot store".to_owned());
        }
        #[expect(clippy::cast_possible_truncation)] // within the range just checked, rounded down
        Ok(Lifetime(seconds as i64))
    }
}

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim_start_matches(python::is_space).starts_with(['+', '-']) {
            return Err("has a sign; write the life without one, for example `3 days`".to_owned());
        }
        if has_capital_m(text) {
            return Err("has a capital `M`, which could be minutes or months; write `min` or `months`".to_owned());
        }
        match specter_seconds(text) {
            Some(seconds) => Lifetime::from_seconds(seconds),
            None => Lifetime::from_seconds(people_seconds(text)?.as_secs_f64()),
        }
    }
}

/// A moment that the user names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    /// Seconds since 1970.
    At(i64),
    /// So long from now.
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
    type Err = String;

    /// RFC 3339, its date alone, its date and minutes (UTC unless an offset says otherwise), `@SECONDS`, `+LIFETIME`.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(lifetime) = text.strip_prefix('+') {
            return lifetime.trim_start().parse().map(Time::After);
        }
        if let Some(seconds) = text.strip_prefix('@') {
            return unix_seconds(seconds).map(Time::At);
        }
        calendar_seconds(text).map(Time::At)
    }
}

fn unix_seconds(text: &str) -> Result<i64, String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return Err("is not a number of seconds since 1970, as in `@1790000000`".to_owned());
    }
    whole.parse().ok().filter(|seconds| *seconds <= LAST_SECOND).ok_or_else(|| "is past the year 9999".to_owned())
}

fn calendar_seconds(text: &str) -> Result<i64, String> {
    let unreadable =
        || "is not a time; write `2026-12-31`, `2026-12-31 18:00`, RFC 3339, `@SECONDS` or `+3days`".to_owned();
    if !text.is_ascii() || text.len() < "2026-12-31".len() {
        return Err(unreadable());
    }
    let (local, offset) = match text.strip_suffix(['Z', 'z']) {
        Some(local) => (local, 0),
        None => split_offset(text).ok_or_else(unreadable)?,
    };
    let mut local = local.replace('t', "T");
    match local.len() {
        10 => local.push_str("T00:00:00"),
        16 => local.push_str(":00"),
        _ => {}
    }
    local.push('Z');
    let time = humantime::parse_rfc3339_weak(&local).map_err(|error| match error {
        humantime::TimestampError::OutOfRange => "is no day of the calendar, or before 1970".to_owned(),
        _ => unreadable(),
    })?;
    let since_1970 = time.duration_since(UNIX_EPOCH).map_err(|_| unreadable())?;
    let utc = i64::try_from(since_1970.as_secs()).map_err(|_| unreadable())? - offset;
    if (0..=LAST_SECOND).contains(&utc) { Ok(utc) } else { Err("lies outside the years 1970 to 9999".to_owned()) }
}

/// Splits `+01:30` off a time of day; the offset is in seconds.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    let Some((local, offset)) = text
        .split_at_checked(text.len() - 6)
        .filter(|(local, offset)| local.len() >= 16 && offset.starts_with(['+', '-']))
    else {
        return Some((text, 0));
    };
    let two_digits = |text: &str| {
        let is_pair = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_pair.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (hours, minutes) = offset[1..].split_once(':')?;
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = i64::from(hours * 3600 + minutes * 60);
    Some((local, if offset.starts_with('-') { -seconds } else { seconds }))
}

/// A time as RFC 3339 in UTC, in whole seconds: always of the same length, so that it takes no memory of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rfc3339([u8; 20]);

impl Rfc3339 {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A time in seconds since 1970 as RFC 3339; none where that has no spelling. With humantime, its two times were an eighth of all
/// that `list` did for a token.
pub(crate) fn rfc3339(seconds: i64) -> Option<Rfc3339> {
    if !(0..=LAST_SECOND).contains(&seconds) {
        return None;
    }
    let days = u32::try_from(seconds / 86_400).ok()?;
    let second = u32::try_from(seconds % 86_400).ok()?;
    let (year, month, day) = date(days);
    let mut text = *b"0000-00-00T00:00:00Z";
    let pairs = [year / 100, year % 100, month, day, second / 3_600, second / 60 % 60, second % 60];
    for (at, number) in [0, 2, 5, 8, 11, 14, 17].into_iter().zip(pairs) {
        #[expect(clippy::cast_possible_truncation)] // no number has more than two digits
        let number = number as u8;
        text[at] += number / 10;
        text[at + 1] += number % 10;
    }
    Some(Rfc3339(text))
}

/// The year, month and day of a number of days since 1970. Years are taken to begin in March, so that a leap day ends one.
fn date(days: u32) -> (u32, u32, u32) {
    const YEARS_400: u32 = 146_097;
    /// From the 1st of March of the year 0.
    const UNTIL_1970: u32 = 719_468;
    let days = days + UNTIL_1970;
    let (cycle, in_cycle) = (days / YEARS_400, days % YEARS_400);
    // Without the leap days before it, each year has 365.
    let year = (in_cycle - in_cycle / 1_460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
    let in_year = in_cycle - (365 * year + year / 4 - year / 100);
    // From March on, months of 31 and 30 days alternate so that five have 153.
    let month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month + 2) / 5 + 1;
    let year = 400 * cycle + year;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

/// Seconds in the language that `--life` takes: `3days`, `1h 30m`, `3months`. Years and months, which have odd lengths, are
/// named only where nothing is left over.
pub(crate) fn in_words(seconds: u64) -> String {
    largest_units(seconds, usize::MAX)
}

/// The two largest units of [`in_words`]: enough to read at a glance.
pub(crate) fn roughly(seconds: u64) -> String {
    largest_units(seconds, 2)
}

fn largest_units(seconds: u64, most: usize) -> String {
    const DAY: u64 = 86_400;
    const MONTH: u64 = 2_630_016;
    const YEAR: u64 = 31_557_600;
    let is_even = seconds.is_multiple_of(YEAR) || seconds.is_multiple_of(MONTH) && seconds < YEAR;
    let units: &[(u64, &str)] = match seconds {
        0 => return "0s".to_owned(),
        _ if is_even => &[(YEAR, "year"), (MONTH, "month")],
        _ => &[(DAY, "day"), (3_600, "h"), (60, "m"), (1, "s")],
    };
    let mut words = String::with_capacity(24);
    let mut rest = seconds;
    let mut left = most;
    for (size, unit) in units {
        let count = rest / size;
        rest %= size;
        if count == 0 || left == 0 {
            continue;
        }
        left -= 1;
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&count.to_string());
        words.push_str(unit);
        if count > 1 && unit.len() > 1 {
            words.push('s');
        }
    }
    words
}

fn has_capital_m(text: &str) -> bool {
    text.split(|char: char| !char.is_alphabetic()).any(|word| word == "M")
}

// What Specter takes: pytimeparse 1.1.8.

const UNITS: [&[&str]; 5] = [
    &["w", "wk", "wks", "week", "weeks"],
    &["d", "dy", "dys", "day", "days"],
    &["h", "hr", "hrs", "hour", "hours"],
    &["m", "min", "mins", "minute", "minutes"],
    &["s", "sec", "secs", "second", "seconds"],
];
const UNIT_SECONDS: [f64; 5] = [604_800.0, 86_400.0, 3_600.0, 60.0, 1.0];

/// The seconds that pytimeparse reads from a text without a minus; none where it reads nothing or crashes.
fn specter_seconds(text: &str) -> Option<f64> {
    let text = text.trim_start_matches(python::is_space);
    // Its sign may be `|` as well, which means nothing.
    let text = text.strip_prefix('|').unwrap_or(text).trim_start_matches(python::is_space);
    let line = text.strip_suffix('\n').unwrap_or(text);
    if line.contains('\n') {
        return None;
    }
    let folded: String = line.chars().map(folded).collect();
    let mut scan = Scan(folded.trim_matches(' '));
    let mut fields: [Option<&str>; 5] = [None; 5];
    for (index, (field, units)) in fields.iter_mut().zip(UNITS).enumerate() {
        scan.skip_spaces();
        *field = scan.quantity(units);
        if field.is_some() && index < 4 {
            scan.skip_separator();
        }
    }
    if !scan.0.is_empty() {
        clock(scan.0, &mut fields)?;
    }
    if fields.iter().all(Option::is_none) {
        return None;
    }
    sum(fields)
}

/// One character as pytimeparse's patterns see it: white space, digits of any script, letters in any case.
fn folded(char: char) -> char {
    match char {
        _ if python::is_space(char) => ' ',
        'ı' | 'İ' => 'i',
        'ſ' => 's',
        '\u{212A}' => 'k', // the Kelvin sign
        _ => python::decimal_digit(char).map_or(char.to_ascii_lowercase(), |digit| char::from(b'0' + digit)),
    }
}

/// The unread rest of a folded text.
struct Scan<'a>(&'a str);

impl<'a> Scan<'a> {
    fn skip_spaces(&mut self) {
        self.0 = self.0.trim_start_matches(' ');
    }

    fn skip_separator(&mut self) {
        self.skip_spaces();
        self.0 = self.0.strip_prefix([',', '/']).unwrap_or(self.0);
        self.skip_spaces();
    }

    /// Takes a number that one of `units` follows.
    fn quantity(&mut self, units: &[&str]) -> Option<&'a str> {
        let (number, rest) = split_while(self.0, |char| char.is_ascii_digit() || char == '.');
        let (unit, rest) = split_while(rest.trim_start_matches(' '), |char| char.is_ascii_lowercase());
        if number.is_empty() || !units.contains(&unit) {
            return None;
        }
        self.0 = rest;
        Some(number)
    }
}

fn split_while(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|char| !belongs(char)).unwrap_or(text.len()))
}

/// Reads `:22`, `1:30`, `4:05:06` or `1:02:03:04`; only the third may follow weeks and days.
fn clock<'a>(text: &'a str, fields: &mut [Option<&'a str>; 5]) -> Option<()> {
    let parts: Vec<&str> = text.split(':').collect();
    let (seconds, parts) = parts.split_last()?;
    let (first, middle) = parts.split_first()?;
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_pair = |part: &str| part.len() == 2 && is_digits(part);
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let first_fits = match parts.len() {
        1 => first.len() <= 2,
        2 | 3 => !first.is_empty(),
        _ => false,
    };
    let may_follow =
        fields.iter().all(Option::is_none) || (parts.len() == 2 && fields[2..].iter().all(Option::is_none));
    let is_clock = first_fits
        && may_follow
        && is_digits(first)
        && middle.iter().all(|part| is_pair(part))
        && is_pair(whole)
        && !fraction.is_empty()
        && is_digits(fraction);
    if !is_clock {
        return None;
    }
    fields[4] = Some(seconds);
    for (field, part) in fields[..4].iter_mut().rev().zip(parts.iter().rev()) {
        *field = Some(part).filter(|part| !part.is_empty()).copied();
    }
    Some(())
}

/// Adds up in Python's order and with its roundings: all but the seconds are rounded down together.
fn sum(fields: [Option<&str>; 5]) -> Option<f64> {
    let is_whole = |field: Option<&str>| field.is_none_or(|number| !number.contains('.'));
    let mut total = 0.0;
    for (field, unit) in fields.into_iter().zip(UNIT_SECONDS).take(4) {
        if let Some(number) = field {
            total += unit * number.parse::<f64>().ok()?;
        }
    }
    let seconds = fields[4].map_or(Some(0.0), |number| number.parse::<f64>().ok())?;
    Some(if is_whole(fields[4]) { total.trunc() + seconds } else { total + seconds })
}

// What people type besides.

/// Quantities in any order, between them white space, a comma, a `/` or `and`. humantime reads each by itself: it would take
/// `1 5 hours` for 15, and panics on some sums.
fn people_seconds(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    loop {
        let (number, after) = split_while(rest, |char| char.is_ascii_digit() || char == '.');
        let (unit, after) = split_while(after.trim_start(), char::is_alphabetic);
        if number.is_empty() {
            return Err("is not a lifetime; write for example `3 days`, `12h`, `1h 30m` or `3 months`".to_owned());
        }
        if unit.is_empty() {
            return Err(format!("has no unit after {number}; write for example `{number}s` or `{number} days`"));
        }
        let leading_zero = if number.starts_with('.') { "0" } else { "" };
        let quantity = humantime::parse_duration(&format!("{leading_zero}{number}{}", unit.to_lowercase()));
        let quantity = quantity.map_err(|error| match error {
            humantime::DurationError::UnknownUnit { .. } => {
                format!("has the unknown unit `{unit}`; the units are s, min, h, days, weeks, months, years")
            }
            humantime::DurationError::NumberOverflow => {
                format!("is too long or too precise at `{number}{unit}`; write it in a smaller unit")
            }
            _ => format!("has no readable number at `{number}{unit}`"),
        })?;
        total = total.checked_add(quantity).ok_or("reaches past the year 9999, which Specter cannot store")?;
        let mut after = after.trim_start();
        if after.is_empty() {
            return Ok(total);
        }
        after = after.strip_prefix([',', '/']).unwrap_or(after).trim_start();
        rest = match after.split_at_checked(3) {
            Some((and, following)) if and.eq_ignore_ascii_case("and") => following.trim_start(),
            _ => after,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Result<i64, String> {
        text.parse::<Lifetime>().map(Lifetime::seconds)
    }

    #[test]
    fn lifetimes_that_are_accepted() {
        for (text, expected) in [
            ("3 days", 259_200),
            ("3 months", 7_890_048),
            ("15min", 900),
            ("1h 30m", 5_400),
            ("1y", 31_557_600),
            ("1.5 hours", 5_400),
            ("1 Hour, 30 MINUTES", 5_400),
            ("1 hour and 30 minutes", 5_400),
            ("3 Months/2 Days", 8_062_848),
            ("30m 1h", 5_400),
            ("1h 1h", 7_200),
            ("1500ms", 1),
            (".5 months", 1_315_008),
            ("1:30", 90),
            (":22", 22),
            ("24:00", 1_440),
            ("4:05:06", 14_706),
            ("1:02:03:04", 93_784),
            ("3 days 4:05:06", 273_906),
            ("61.9s", 61),
            ("1.0001h", 3_600),
            ("\u{661} hour", 3_600),
            ("1 min\n", 60),
            ("1h\n2m", 3_720),
            ("7973 years", 251_608_744_800),
        ] {
            assert_eq!(seconds(text), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn lifetimes_that_are_refused_by_name() {
        for (text, part) in [
            ("", "not a lifetime"),
            ("soon", "not a lifetime"),
            ("3600", "no unit after 3600"),
            ("1h30", "no unit after 30"),
            ("1,5 hours", "no unit after 1"),
            ("1 5 hours", "no unit after 1"),
            ("10 0 s", "no unit after 10"),
            ("+1h", "a sign"),
            (" -5 seconds", "a sign"),
            ("0s", "less than one second"),
            ("0.3 s", "less than one second"),
            ("999ms", "less than one second"),
            ("5M", "capital `M`"),
            ("1h 1.5 M", "capital `M`"),
            ("3 mo", "unknown unit `mo`"),
            ("PT1H", "not a lifetime"),
            ("1..5h", "no readable number"),
            ("9000 years", "past the year 9999"),
            ("9007199254740993s", "past the year 9999"),
            ("99999999999999999999999s", "past the year 9999"),
            ("18446744073709551615s 1000ms", "past the year 9999"),
            ("18446744073709551615 years", "too long or too precise"),
        ] {
            let message = seconds(text).expect_err(text);
            assert!(message.contains(part), "{text:?}: {message}");
        }
    }

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
            ("2026-02-30", Err("no day of the calendar")),
            ("1969-12-31", Err("before 1970")),
            ("1970-01-01T00:00:00+01:00", Err("outside the years")),
            ("tomorrow", Err("is not a time")),
            ("2026-12-31T18:00:00+99:00", Err("is not a time")),
            ("2026-12-31T18", Err("is not a time")),
            ("@", Err("not a number of seconds")),
            ("@-1", Err("not a number of seconds")),
            ("@1e3", Err("not a number of seconds")),
            ("+3600", Err("no unit")),
            ("", Err("is not a time")),
        ] {
            match (text.parse::<Time>(), expected) {
                (Ok(time), Ok(expected)) => assert_eq!(time.resolve(0), expected, "{text:?}"),
                (Err(message), Err(part)) => assert!(message.contains(part), "{text:?}: {message}"),
                (time, _) => panic!("{text:?}: {time:?}"),
            }
        }
    }

    #[test]
    fn words() {
        for (seconds, expected) in [
            (259_200, "3days"),
            (86_400, "1day"),
            (90_061, "1day 1h 1m 1s"),
            (31_449_600, "364days"),
            (7_890_048, "3months"),
            (31_557_600, "1year"),
            (34_187_616, "395days 16h 33m 36s"),
            (5_400, "1h 30m"),
            (0, "0s"),
        ] {
            assert_eq!(in_words(seconds), expected);
        }
        assert_eq!(roughly(273_906), "3days 4h");
        assert_eq!(roughly(59), "59s");
        assert_eq!(roughly(0), "0s");
        assert_eq!(rfc3339(1_798_740_000).as_ref().map(Rfc3339::as_str), Some("2026-12-31T18:00:00Z"));
        assert_eq!(rfc3339(LAST_SECOND).as_ref().map(Rfc3339::as_str), Some("9999-12-31T23:59:59Z"));
        assert!(rfc3339(LAST_SECOND + 1).is_none());
        assert!(rfc3339(-1).is_none());
    }

    #[test]
    fn times_are_spelled_as_humantime_spells_them() {
        // Every day up to the year 9999, each at another second.
        for seconds in (0..=LAST_SECOND).step_by(86_399) {
            let time = UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs());
            let expected = humantime::format_rfc3339_seconds(time).to_string();
            assert_eq!(rfc3339(seconds).as_ref().map(Rfc3339::as_str), Some(&*expected), "{seconds}");
        }
    }
}
