//! Finds out why a users.json cannot be used.

use crate::core::fault::{Damage, Position};
use crate::core::python::json::{Cursor, JsonError, MAX_DEPTH_AT_START};

/// The damage of a text at which reading JSON failed.
pub(super) fn damage_of_json(text: &str, error: JsonError, at: usize) -> Damage {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    let position = Position { line, column: before[line_start..].chars().count() + 1 };
    match error {
        JsonError::Malformed if at >= text.trim_end().len() => Damage::CutOff(position),
        JsonError::Malformed => Damage::NotJson(position),
        JsonError::TooManyDigits => Damage::TooManyDigits(position),
        JsonError::TooDeep => Damage::TooDeep(position),
    }
}

/// The damage that Specter sees in a text of the wrong shape. If the text breaks off later, Specter does not get to see
/// its shape.
pub(super) fn damage_of_shape(text: &str, shape: Damage) -> Damage {
    let mut cursor = Cursor::new(text.as_bytes(), MAX_DEPTH_AT_START);
    match cursor.value(&[]).and_then(|_| cursor.end()) {
        Ok(()) => shape,
        Err(error) => damage_of_json(text, error, cursor.at()),
    }
}

/// Returns the text that Python would decode.
pub(super) fn text_in(bytes: &[u8]) -> Result<&str, Damage> {
    match bytes {
        [] => return Err(Damage::Empty),
        [0xEF, 0xBB, 0xBF, ..] => return Err(Damage::ByteOrderMark),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, 0, 0xFE, 0xFF, ..] => return Err(Damage::WideEncoding),
        _ => {}
    }
    std::str::from_utf8(bytes).map_err(|error| Damage::NotUtf8 { byte: error.valid_up_to() })
}
