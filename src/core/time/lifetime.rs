//! Lifetimes as people type them.
//!
//! A lifetime is any text that Specter takes as one (pytimeparse's language: `3 days`, `1.5 hours`, `4:05:06`, `+1h`),
//! with the same seconds. humantime's language (`3 months`, `1y`) and `mo` work as well, in any letter case, with
//! commas, `/` and `and`. If the two languages disagree, or a typing slip would change the meaning, the text is refused
//! with the reason.

use std::str::FromStr;
use std::time::Duration;

use super::pytimeparse::{self, split_while};
use crate::core::python::text::{decimal_digit, is_space};

/// 9999-12-31T23:59:59Z in seconds since 1970. Python's `datetime`, and so Specter, has no later time.
pub(crate) const LAST_SECOND: i64 = 253_402_300_799;

/// How long a token lives: whole seconds, at least one, at most until the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetime(i64);

/// Why a text is not a lifetime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LifetimeFault {
    NotALifetime,
    /// A minus sign: a life is never negative.
    Minus,
    /// A month to humantime, a minute to pytimeparse.
    CapitalM,
    /// A character that no lifetime holds.
    Stray(char),
    NoUnit {
        number: String,
    },
    /// A comma in a number: before a fraction, or before three digits, which could be thousands.
    CommaInNumber {
        fraction: String,
        thousands: Option<String>,
    },
    /// `5 min.`
    DotBehind {
        quantity: String,
    },
    /// A colon in a text that is not a clock.
    UnreadableClock,
    UnknownUnit {
        unit: String,
    },
    UnreadableNumber {
        quantity: String,
    },
    TooPrecise {
        quantity: String,
    },
    /// Less than a second.
    TooShort,
    /// Past the year 9999.
    TooLong,
}

impl Lifetime {
    pub(crate) fn seconds(self) -> i64 {
        self.0
    }

    fn from_seconds(seconds: f64) -> Result<Self, LifetimeFault> {
        #[expect(clippy::cast_precision_loss)] // far below 2^53
        let last_second = LAST_SECOND as f64;
        if seconds < 1.0 {
            return Err(LifetimeFault::TooShort);
        }
        if seconds > last_second {
            return Err(LifetimeFault::TooLong);
        }
        #[expect(clippy::cast_possible_truncation)] // within the range just checked, rounded down
        Ok(Lifetime(seconds as i64))
    }
}

impl FromStr for Lifetime {
    type Err = LifetimeFault;

    fn from_str(text: &str) -> Result<Self, LifetimeFault> {
        if text.trim_start_matches(is_space).starts_with('-') {
            return Err(LifetimeFault::Minus);
        }
        if has_capital_m(text) {
            return Err(LifetimeFault::CapitalM);
        }
        match pytimeparse::seconds(text) {
            Some(seconds) => Lifetime::from_seconds(seconds),
            None => Lifetime::from_seconds(people_seconds(text)?.as_secs_f64()),
        }
    }
}

fn is_of_number(char: char) -> bool {
    char.is_ascii_digit() || char == '.'
}

fn has_capital_m(text: &str) -> bool {
    text.split(|char: char| !char.is_alphabetic()).any(|word| word == "M")
}

/// Quantities in any order, separated by white space, a comma, a `/` or `and`. humantime reads each on its own: on the
/// whole text, it would take `1 5 hours` for 15, and panic on some sums.
fn people_seconds(text: &str) -> Result<Duration, LifetimeFault> {
    let text: String =
        text.chars().map(|char| decimal_digit(char).map_or(char, |digit| char::from(b'0' + digit))).collect();
    let text = text.trim();
    let mut rest = text.strip_prefix('+').unwrap_or(text).trim_start();
    let mut before = None;
    let mut total = Duration::ZERO;
    loop {
        let (number, after) = split_while(rest, is_of_number);
        let (unit, after) = split_while(after.trim_start(), char::is_alphabetic);
        if number.is_empty() || unit.is_empty() {
            return Err(no_quantity(rest, before));
        }
        before = Some(rest[..rest.len() - after.len()].trim_end());
        let leading_zero = if number.starts_with('.') { "0" } else { "" };
        let lower = unit.to_lowercase();
        let known = if lower == "mo" { "month" } else { &lower };
        let quantity = humantime::parse_duration(&format!("{leading_zero}{number}{known}"));
        let quantity = quantity.map_err(|error| match error {
            humantime::DurationError::UnknownUnit { .. } => LifetimeFault::UnknownUnit { unit: unit.to_owned() },
            humantime::DurationError::NumberOverflow => {
                LifetimeFault::TooPrecise { quantity: format!("{number}{unit}") }
            }
            _ => LifetimeFault::UnreadableNumber { quantity: format!("{number}{unit}") },
        })?;
        total = total.checked_add(quantity).ok_or(LifetimeFault::TooLong)?;
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

/// Why a text does not begin with a quantity. `before` is the quantity before it.
fn no_quantity(text: &str, before: Option<&str>) -> LifetimeFault {
    let (number, after) = split_while(text, is_of_number);
    if let Some(before) = before.filter(|_| number.starts_with('.') && number.trim_matches('.').is_empty()) {
        return LifetimeFault::DotBehind { quantity: before.to_owned() };
    }
    let (typed, behind) = split_while(text, |char| is_of_number(char) || char == ',');
    if let Some((whole, decimals)) = typed.split_once(',').filter(|(_, more)| more.starts_with(is_of_number)) {
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(decimals) {
            return LifetimeFault::UnreadableNumber { quantity: typed.to_owned() };
        }
        let (unit, _) = split_while(behind.trim_start(), char::is_alphabetic);
        return LifetimeFault::CommaInNumber {
            fraction: format!("{whole}.{decimals}{unit}"),
            thousands: (decimals.len() == 3).then(|| format!("{whole}{decimals}{unit}")),
        };
    }
    match after.trim_start().chars().next() {
        Some(':') => LifetimeFault::UnreadableClock,
        Some(char) if !char.is_alphabetic() && !is_of_number(char) && ![',', '/'].contains(&char) => {
            LifetimeFault::Stray(char)
        }
        _ if number.is_empty() => LifetimeFault::NotALifetime,
        _ => LifetimeFault::NoUnit { number: number.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Result<i64, LifetimeFault> {
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
            ("+32 m 1 s", 1_921),
            (" + 3 months", 7_890_048),
            ("+1:30", 90),
            ("1mo", 2_630_016),
            ("3 Mo, 1 d", 7_976_448),
            ("\u{FF13} months", 7_890_048),
            ("3\u{A0}months", 7_890_048),
            ("2 hrs 1 wk", 612_000),
        ] {
            assert_eq!(seconds(text), Ok(expected), "{text:?}");
        }
    }
}
