//! Python's `str`: text that may hold half a surrogate pair, and characters as Python classifies them.

use std::borrow::Cow;

/// A Python string. It is text unless it holds half a surrogate pair, which a `&str` cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Text<'a> {
    Whole(Cow<'a, str>),
    /// WTF-8; or the spelling of a value that is not a string, which equals no string.
    Broken(Vec<u8>),
}

impl<'a> Text<'a> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Text::Whole(text) => Some(text),
            Text::Broken(_) => None,
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Text::Whole(text) => text.as_bytes(),
            Text::Broken(bytes) => bytes,
        }
    }

    pub(crate) fn into_shown(self) -> Cow<'a, str> {
        match self {
            Text::Whole(text) => text,
            Text::Broken(bytes) => Cow::Owned(shown(&bytes)),
        }
    }

    pub(super) fn from_wtf8(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Text::Whole(Cow::Owned(text)),
            Err(error) => Text::Broken(error.into_bytes()),
        }
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Text::Whole(Cow::Borrowed(text))
    }
}

/// Replaces each half of a surrogate pair (three bytes in WTF-8) by one replacement character.
fn shown(wtf8: &[u8]) -> String {
    let mut text = String::with_capacity(wtf8.len());
    for chunk in wtf8.utf8_chunks() {
        text.push_str(chunk.valid());
        // `utf8_chunks` reports a lone surrogate as three invalid pieces, of which only the first begins with 0xED.
        if chunk.invalid().first() == Some(&0xED) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

/// Appends a code point in WTF-8, even if it is half a surrogate pair.
pub(super) fn push_code_point(text: &mut Vec<u8>, code_point: u32) {
    match char::from_u32(code_point) {
        Some(char) => text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            text.extend_from_slice(&[0xED, 0x80 | (code_point >> 6 & 0x3F) as u8, 0x80 | (code_point & 0x3F) as u8]);
        }
    }
}

/// The value of a decimal digit of any script, as `\d` and `int()` take it.
pub(crate) fn decimal_digit(char: char) -> Option<u8> {
    /// The zeros of Unicode 13, the version of the oldest Python that Specter runs on. Nine digits follow each.
    const ZEROS: [u32; 66] = [
        0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
        0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
        0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x1_04A0, 0x1_0D30, 0x1_1066, 0x1_10F0, 0x1_1136,
        0x1_11D0, 0x1_12F0, 0x1_1450, 0x1_14D0, 0x1_1650, 0x1_16C0, 0x1_1730, 0x1_18E0, 0x1_1950, 0x1_1C50, 0x1_1D50,
        0x1_1DA0, 0x1_6A60, 0x1_6AC0, 0x1_6B50, 0x1_D7CE, 0x1_D7D8, 0x1_D7E2, 0x1_D7EC, 0x1_D7F6, 0x1_E140, 0x1_E2F0,
        0x1_E950, 0x1_FBF0,
    ];
    let code_point = u32::from(char);
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= code_point)].last()?;
    u8::try_from(code_point - zero).ok().filter(|digit| *digit <= 9)
}

/// `str.isspace` for one character: Unicode's white space and the four ASCII separators.
pub(crate) fn is_space(char: char) -> bool {
    char.is_whitespace() || ('\x1C'..='\x1F').contains(&char)
}
