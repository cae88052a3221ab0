//! Lifetimes as Specter reads them, which is as pytimeparse 1.1.8 does.

use crate::core::python::text::{decimal_digit, is_space};

const UNITS: [&[&str]; 5] = [
    &["w", "wk", "wks", "week", "weeks"],
    &["d", "dy", "dys", "day", "days"],
    &["h", "hr", "hrs", "hour", "hours"],
    &["m", "min", "mins", "minute", "minutes"],
    &["s", "sec", "secs", "second", "seconds"],
];
const UNIT_SECONDS: [f64; 5] = [604_800.0, 86_400.0, 3_600.0, 60.0, 1.0];

/// The seconds that pytimeparse reads from a text that does not begin with a minus. `None` if it reads nothing or
/// crashes.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let text = text.trim_start_matches(is_space);
    // Its sign may also be `|`, which means as little as a plus.
    let text = text.strip_prefix(['+', '|']).unwrap_or(text).trim_start_matches(is_space);
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
        _ if is_space(char) => ' ',
        'ı' | 'İ' => 'i',
        'ſ' => 's',
        '\u{212A}' => 'k', // the Kelvin sign
        _ => decimal_digit(char).map_or(char.to_ascii_lowercase(), |digit| char::from(b'0' + digit)),
    }
}

/// The part of a folded text that is not yet read.
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

    /// Takes a number that is followed by one of `units`.
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

/// Reads `:22`, `1:30`, `4:05:06` or `1:02:03:04`. Only the third may follow weeks and days.
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

/// Adds up the fields in Python's order and with its roundings: all but the seconds are rounded down together.
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

pub(super) fn split_while(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|char| !belongs(char)).unwrap_or(text.len()))
}
