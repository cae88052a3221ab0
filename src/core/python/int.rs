//! `int(value)` and `bool(value)` for values that `json` reads.

use super::json::{MAX_DIGITS, Value};
use super::text::{Text, decimal_digit};

/// How `int()` fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntError {
    /// `ValueError`, which PyJWT turns into a refusal with a reason.
    Value,
    /// `TypeError` or `OverflowError`, which nothing catches: Specter answers 500.
    Crash,
}

impl Value<'_> {
    /// Python's `bool(value)`.
    pub(crate) fn is_truthy(&self) -> bool {
        match self {
            Value::Null => false,
            Value::Bool(value) => *value,
            Value::Int(digits) => digits.bytes().any(|digit| matches!(digit, b'1'..=b'9')),
            Value::Float(spelling) => float(spelling) != 0.0,
            Value::Text(Text::Whole(text)) => !text.is_empty(),
            Value::Text(Text::Broken(_)) => true,
            Value::Array { is_empty, .. } => !is_empty,
            Value::Object(object) => !object.is_empty(),
        }
    }

    /// Python's `int(value)`, limited to the range of `i64`, which is ample for comparing with a clock.
    pub(crate) fn to_int(&self) -> Result<i64, IntError> {
        match self {
            Value::Bool(value) => Ok(i64::from(*value)),
            Value::Int(digits) => Ok(clamped(digits)),
            Value::Float(spelling) => match float(spelling) {
                number if number.is_nan() => Err(IntError::Value),
                number if number.is_infinite() => Err(IntError::Crash),
                // The cast truncates towards zero as Python does, and saturates.
                #[expect(clippy::cast_possible_truncation)]
                number => Ok(number as i64),
            },
            Value::Text(Text::Whole(text)) => int_of_text(text).ok_or(IntError::Value),
            Value::Text(Text::Broken(_)) => Err(IntError::Value),
            Value::Null | Value::Array { .. } | Value::Object(_) => Err(IntError::Crash),
        }
    }
}

/// `int(text)`: white space around the number, a sign, digits of any script, single underscores between them.
fn int_of_text(text: &str) -> Option<i64> {
    // Unlike `str.strip`, `int` keeps the four ASCII separators, and they are not digits.
    let text = text.trim_matches(char::is_whitespace);
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut ascii = String::with_capacity(digits.len());
    let mut may_be_underscore = false;
    for char in digits.chars() {
        if char == '_' && may_be_underscore {
            may_be_underscore = false;
        } else {
            ascii.push(char::from(b'0' + decimal_digit(char)?));
            may_be_underscore = true;
        }
    }
    if !may_be_underscore || ascii.len() > MAX_DIGITS {
        return None;
    }
    let number = clamped(&ascii);
    Some(if is_negative { -number } else { number })
}

/// The number spelled by ASCII digits with an optional minus, limited to ±`i64::MAX`.
fn clamped(digits: &str) -> i64 {
    match digits.strip_prefix('-') {
        Some(digits) => -clamped(digits),
        None => digits.parse().unwrap_or(i64::MAX),
    }
}

fn float(spelling: &str) -> f64 {
    // Rust reads every spelling that the parser lets through, and reads it the same.
    spelling.parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::super::json::json;
    use super::*;

    #[test]
    fn int_as_python_converts() {
        let big = "9".repeat(MAX_DIGITS);
        let bigger = format!("\"{big}9\"");
        for (value, number) in [
            ("12", Ok(12)),
            ("-12", Ok(-12)),
            (&big, Ok(i64::MAX)),
            ("12.9", Ok(12)),
            ("-12.9", Ok(-12)),
            ("1e300", Ok(i64::MAX)),
            ("true", Ok(1)),
            ("\" 1_000 \"", Ok(1000)),
            ("\"+7\"", Ok(7)),
            ("\"-7\"", Ok(-7)),
            ("\"٣\"", Ok(3)),
            ("\"\\u00a07\"", Ok(7)),
            ("\"1__0\"", Err(IntError::Value)),
            ("\"_1\"", Err(IntError::Value)),
            ("\"1_\"", Err(IntError::Value)),
            ("\"1.5\"", Err(IntError::Value)),
            ("\"\"", Err(IntError::Value)),
            ("\"²\"", Err(IntError::Value)),
            (&bigger, Err(IntError::Value)),
            ("NaN", Err(IntError::Value)),
            ("Infinity", Err(IntError::Crash)),
            ("1e400", Err(IntError::Crash)),
            ("null", Err(IntError::Crash)),
            ("[1]", Err(IntError::Crash)),
        ] {
            assert_eq!(json(value.as_bytes(), &[]).expect(value).to_int(), number, "{value}");
        }
    }

    #[test]
    fn truth_as_python_sees_it() {
        for (value, truth) in [
            ("null", false),
            ("false", false),
            ("0", false),
            ("-0", false),
            ("0.0", false),
            ("1e-400", false),
            ("\"\"", false),
            ("[]", false),
            ("{}", false),
            ("true", true),
            ("5", true),
            ("NaN", true),
            ("\"false\"", true),
            ("\"\\ud800\"", true),
            ("[0]", true),
            ("{\"\":0}", true),
        ] {
            assert_eq!(json(value.as_bytes(), &[]).expect(value).is_truthy(), truth, "{value}");
        }
    }
}
