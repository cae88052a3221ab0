//! Durations and times in words, and what is wrong with those that people type.

use crate::core::time::lifetime::{Lifetime, LifetimeFault};
use crate::core::time::moment::{Time, TimeFault};
use crate::core::time::rfc3339::rfc3339;
use crate::core::token::{Status, Token};
use crate::words::escape::escaped;

/// How units are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `91d 7h`, for tables; `--life` takes it, too.
    Table,
    /// `91 days 7 hours`.
    Sentence,
}

/// All the seconds. Years and months have odd lengths, so they are named only if nothing is left over.
pub(crate) fn spelled(seconds: u64, style: Style) -> String {
    largest_units(seconds, usize::MAX, style)
}

/// The two largest units of [`spelled`]: enough to read at a glance.
pub(crate) fn roughly(seconds: u64, style: Style) -> String {
    largest_units(seconds, 2, style)
}

fn largest_units(seconds: u64, most: usize, style: Style) -> String {
    const DAY: u64 = 86_400;
    const MONTH: u64 = 2_630_016;
    const YEAR: u64 = 31_557_600;
    const SECOND: (u64, &str, &str) = (1, "s", "second");
    let is_even = seconds.is_multiple_of(YEAR) || seconds.is_multiple_of(MONTH) && seconds < YEAR;
    let units: &[(u64, &str, &str)] = match seconds {
        0 => &[SECOND],
        _ if is_even => &[(YEAR, "y", "year"), (MONTH, "mo", "month")],
        _ => &[(DAY, "d", "day"), (3_600, "h", "hour"), (60, "m", "minute"), SECOND],
    };
    let mut words = String::with_capacity(24);
    let mut rest = seconds;
    let mut left = most;
    for (size, short, long) in units {
        let count = rest / size;
        rest %= size;
        if count == 0 && seconds != 0 || left == 0 {
            continue;
        }
        left -= 1;
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&count.to_string());
        match style {
            Style::Table => words.push_str(short),
            Style::Sentence => {
                words.push(' ');
                words.push_str(long);
                if count != 1 {
                    words.push('s');
                }
            }
        }
    }
    words
}

/// `jwt_token_life` for people. A value that is not a whole number of seconds is shown as it is spelled.
pub(crate) fn life(seconds: Option<&str>, style: Style) -> String {
    let spelling = seconds.unwrap_or_default();
    spelling.parse().map_or_else(|_| spelling.to_owned(), |seconds| spelled(seconds, style))
}

/// A time of expiry. A time past the year 9999 is shown in seconds since 1970.
pub(crate) fn expiry(seconds: i64) -> String {
    rfc3339(seconds).map_or_else(|| format!("@{seconds}"), |time| time.to_string())
}

/// Words in place of the time of expiry, for a token without one.
pub(crate) fn without_expiry(token: &Token<'_>) -> &'static str {
    if token.has_readable_expiry() && token.status != Status::Expired { "never" } else { "" }
}

/// Reads a lifetime that someone typed. The error is a sentence whose subject is the value.
pub(crate) fn typed_lifetime(text: &str) -> Result<Lifetime, String> {
    text.parse().map_err(|fault| lifetime_fault(&fault))
}

/// Reads a time that someone typed. The error is a sentence whose subject is the value.
pub(crate) fn typed_time(text: &str) -> Result<Time, String> {
    text.parse().map_err(|fault| match fault {
        TimeFault::NotATime => {
            "is not a time; write `2026-12-31`, `2026-12-31 18:00`, RFC 3339, `@SECONDS` or `+3days`".to_owned()
        }
        TimeFault::NoSuchDay => "is not a day of the calendar, or before 1970".to_owned(),
        TimeFault::NoSuchHour => "has an hour past 23; the end of a day is 00:00 of the next day".to_owned(),
        TimeFault::NoSuchMinute => "has a minute past 59; write 00 of the next hour".to_owned(),
        TimeFault::NoSuchSecond => {
            "has a second past 59, but Specter knows no leap seconds; write 59, or 00 of the next minute".to_owned()
        }
        TimeFault::NoSuchOffset => "has an offset past 23:59; write for example `+02:00`, or `Z` for UTC".to_owned(),
        TimeFault::NotSeconds => "is not a number of seconds since 1970, as in `@1790000000`".to_owned(),
        TimeFault::TooLate => "is past the year 9999".to_owned(),
        TimeFault::OutOfRange => "lies outside the years 1970 to 9999".to_owned(),
        TimeFault::Lifetime(fault) => lifetime_fault(&fault),
    })
}

fn lifetime_fault(fault: &LifetimeFault) -> String {
    match fault {
        LifetimeFault::NotALifetime => {
            "is not a lifetime; write for example `3 days`, `1.5h`, `1h 30m` or `3 months`".to_owned()
        }
        LifetimeFault::Minus => "has a minus sign; write the life without one, for example `3 days`".to_owned(),
        LifetimeFault::CapitalM => {
            "has a capital `M`, which could be minutes or months; write `min` or `months`".to_owned()
        }
        LifetimeFault::Stray(char) => format!(
            "has `{}`, which a lifetime cannot hold; write for example `3 days`, `1.5h`, `1h 30m` or `3 months`",
            escaped(&char.to_string())
        ),
        LifetimeFault::NoUnit { number } => {
            format!("has no unit after {number}; write for example `{number}s`, `{number}min`, `{number}h` or `{number}d`")
        }
        LifetimeFault::CommaInNumber { fraction, thousands } => {
            // Nothing is suggested that would be refused in its turn.
            let spellings = thousands.iter().chain([fraction]).filter(|text| text.parse::<Lifetime>().is_ok());
            match spellings.map(|text| format!("`{text}`")).collect::<Vec<_>>().as_slice() {
                [] => "has a comma in a number; write for example `1.5h`".to_owned(),
                spellings => format!("has a comma in a number; write {}", spellings.join(" or ")),
            }
        }
        LifetimeFault::DotBehind { quantity } => format!("has a dot after a unit; write `{quantity}`"),
        LifetimeFault::UnreadableClock => {
            "has a colon, but is no clock; write `1:30` for minutes and seconds, `4:05:06` for hours, minutes and seconds"
                .to_owned()
        }
        LifetimeFault::UnknownUnit { unit } => {
            format!("has the unknown unit `{unit}`; the units are s, min, h, days, weeks, months, years")
        }
        LifetimeFault::UnreadableNumber { quantity } => format!("has no readable number at `{quantity}`"),
        LifetimeFault::TooPrecise { quantity } => {
            format!("is too long or too precise at `{quantity}`; write it in a smaller unit")
        }
        LifetimeFault::TooShort => "is less than one second; the shortest life is `1s`".to_owned(),
        LifetimeFault::TooLong => "reaches past the year 9999, which Specter cannot store".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (seconds, in_table, in_sentence) in [
            (259_200, "3d", "3 days"),
            (86_400, "1d", "1 day"),
            (90_061, "1d 1h 1m 1s", "1 day 1 hour 1 minute 1 second"),
            (31_449_600, "364d", "364 days"),
            (2_630_016, "1mo", "1 month"),
            (7_890_048, "3mo", "3 months"),
            (31_557_600, "1y", "1 year"),
            (34_187_616, "395d 16h 33m 36s", "395 days 16 hours 33 minutes 36 seconds"),
            (5_400, "1h 30m", "1 hour 30 minutes"),
            (0, "0s", "0 seconds"),
        ] {
            assert_eq!(spelled(seconds, Style::Table), in_table);
            assert_eq!(spelled(seconds, Style::Sentence), in_sentence);
            if seconds > 0 {
                let typed: Lifetime = in_table.parse().expect("--life takes it");
                assert_eq!(typed, in_sentence.parse().expect("--life takes it"));
                assert_eq!(typed, format!("{seconds}s").parse().expect("--life takes it"));
            }
        }
        for (seconds, in_table, in_sentence) in
            [(273_906, "3d 4h", "3 days 4 hours"), (59, "59s", "59 seconds"), (0, "0s", "0 seconds")]
        {
            assert_eq!(roughly(seconds, Style::Table), in_table);
            assert_eq!(roughly(seconds, Style::Sentence), in_sentence);
        }
    }

    #[test]
    fn lifetimes_that_are_refused_by_name() {
        for (text, part) in [
            ("", "not a lifetime"),
            ("soon", "not a lifetime"),
            ("3600", "no unit after 3600"),
            ("1h30", "no unit after 30; write for example `30s`, `30min`, `30h` or `30d`"),
            ("1, 5 hours", "no unit after 1"),
            ("1,5 hours", "comma in a number; write `1.5hours`"),
            ("1 day 1,5h", "comma in a number; write `1.5h`"),
            ("1,000 s", "comma in a number; write `1000s` or `1.000s`"),
            ("1,5", "comma in a number; write for example `1.5h`"),
            ("0,5 s", "comma in a number; write for example `1.5h`"),
            ("1,5 mos", "comma in a number; write for example `1.5h`"),
            ("1.000,5 h", "no readable number at `1.000,5`"),
            ("1,000,000 s", "no readable number at `1,000,000`"),
            (",5h", "no readable number at `,5`"),
            ("5 min.", "dot after a unit; write `5 min`"),
            ("2 hrs. 5 min", "dot after a unit; write `2 hrs`"),
            ("+3 months.", "dot after a unit; write `3 months`"),
            ("1 day, 3 hr...", "dot after a unit; write `3 hr`"),
            ("1:3", "is no clock"),
            ("100:00", "is no clock"),
            ("1h 4:05", "is no clock"),
            ("\u{BD} h", "has `\u{BD}`, which a lifetime cannot hold; write for example `3 days`, `1.5h`"),
            ("1\u{BD} h", "has `\u{BD}`"),
            ("\"3 days\"", "has `\"`"),
            ("3 days\u{200B}", "has `\\u{200b}`"),
            ("~3 days", "has `~`"),
            ("1.5.5h", "no readable number at `1.5.5h`"),
            (". h", "no readable number at `.h`"),
            ("1 5 hours", "no unit after 1"),
            ("10 0 s", "no unit after 10"),
            (" -5 seconds", "a minus sign"),
            ("1h - 5s", "has `-`"),
            ("1h + 5s", "has `+`"),
            ("+", "not a lifetime"),
            ("+0s", "less than one second"),
            ("0s", "less than one second"),
            ("0.3 s", "less than one second"),
            ("999ms", "less than one second"),
            ("5M", "capital `M`"),
            ("1h 1.5 M", "capital `M`"),
            ("+5M", "capital `M`"),
            ("3 mos", "unknown unit `mos`"),
            ("PT1H", "not a lifetime"),
            ("1..5h", "no readable number"),
            ("9000 years", "past the year 9999"),
            ("9007199254740993s", "past the year 9999"),
            ("99999999999999999999999s", "past the year 9999"),
            ("18446744073709551615s 1000ms", "past the year 9999"),
            ("18446744073709551615 years", "too long or too precise"),
        ] {
            let message = typed_lifetime(text).expect_err(text);
            assert!(message.contains(part), "{text:?}: {message}");
        }
    }
}
