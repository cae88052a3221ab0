//! The encoding of JSON bytes as `json.loads` guesses it, into WTF-8: UTF-8 that may hold half surrogate pairs.

use std::borrow::Cow;

use super::json::JsonError;
use super::text::push_code_point;

/// Returns the text of `json.loads(bytes)`. The encoding is guessed as Python guesses it.
pub(crate) fn json_text(bytes: &[u8]) -> Result<Cow<'_, [u8]>, JsonError> {
    let text = match bytes {
        [0, 0, 0xFE, 0xFF, rest @ ..] => utf32(rest, u32::from_be_bytes)?,
        [0xFF, 0xFE, 0, 0, rest @ ..] => utf32(rest, u32::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xEF, 0xBB, 0xBF, rest @ ..] => return utf8(rest),
        [0, 0, _, _, ..] => utf32(bytes, u32::from_be_bytes)?,
        [0, _, _, _, ..] | [0, _] => utf16(bytes, u16::from_be_bytes)?,
        [_, 0, 0, 0, ..] => utf32(bytes, u32::from_le_bytes)?,
        [_, 0, _, _, ..] | [_, 0] => utf16(bytes, u16::from_le_bytes)?,
        _ => return utf8(bytes),
    };
    Ok(Cow::Owned(text))
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, [u8]>, JsonError> {
    let mut rest = bytes;
    while let Err(error) = std::str::from_utf8(rest) {
        rest = match &rest[error.valid_up_to()..] {
            [0xED, 0xA0..=0xBF, 0x80..=0xBF, rest @ ..] => rest,
            _ => return Err(JsonError::Malformed),
        };
    }
    Ok(Cow::Borrowed(bytes))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Vec<u8>, JsonError> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return Err(JsonError::Malformed) };
    let mut text = Vec::with_capacity(bytes.len());
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        push_code_point(&mut text, decoded.map_or_else(|error| u32::from(error.unpaired_surrogate()), u32::from));
    }
    Ok(text)
}

fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Result<Vec<u8>, JsonError> {
    let (quads, []) = bytes.as_chunks::<4>() else { return Err(JsonError::Malformed) };
    let mut text = Vec::with_capacity(bytes.len());
    for quad in quads {
        let code_point = unit(*quad);
        if code_point > u32::from(char::MAX) {
            return Err(JsonError::Malformed);
        }
        push_code_point(&mut text, code_point);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_guessed() {
        let text = "{\"é\":\"🚀\"}";
        let utf16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let utf32 = |unit: fn(u32) -> [u8; 4]| text.chars().flat_map(|char| unit(char.into())).collect::<Vec<u8>>();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
            [b"\xFF\xFE", &*utf16(u16::to_le_bytes)].concat(),
            [b"\xFE\xFF", &*utf16(u16::to_be_bytes)].concat(),
            utf32(u32::to_le_bytes),
            utf32(u32::to_be_bytes),
            [b"\0\0\xFE\xFF", &*utf32(u32::to_be_bytes)].concat(),
        ] {
            assert_eq!(json_text(&bytes).as_deref(), Ok(text.as_bytes()), "{bytes:?}");
        }
        for bytes in [&b"\"\xFF\""[..], b"\xFF\xFE[", b"\"\xED\xA0", b"[\0\0\0\xFF\xFF\xFF\xFF"] {
            assert_eq!(json_text(bytes), Err(JsonError::Malformed), "{bytes:?}");
        }
    }
}
