//! How Python reads what Specter reads: base64, JSON and `int()`.
//!
//! Specter hands a presented token to PyJWT, and `users.json` to Python's `json`. Both accept more than Rust's libraries do
//! (foreign characters in base64, `NaN`, half a surrogate pair, `"1_000"` as a number), and `verify` must say what Specter
//! says. So these rules are restated here, once, as CPython 3.10 to 3.12 behave.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::{DecodeSliceError, Engine as _};

/// Python gives up with a `RecursionError` on arrays and objects nested deeper than its stack allows: about 900 levels in
/// a Specter that answers a request.
pub(crate) const MAX_DEPTH: usize = 900;

/// Python refuses to convert an integer of more digits than this (`sys.set_int_max_str_digits`).
pub(crate) const MAX_DIGITS: usize = 4300;

/// A Python string: text, unless it holds half a surrogate pair, which no `&str` can.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Text<'a> {
    Whole(Cow<'a, str>),
    /// In WTF-8; or the spelling of a value that is no string, which equals none.
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

    fn from_wtf8(bytes: Vec<u8>) -> Self {
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

/// Each half of a surrogate pair (three bytes in WTF-8) becomes one replacement character.
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

/// A JSON value as Python's `json` reads it. Numbers keep their spelling.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Int(&'a str),
    /// `NaN`, `Infinity` and `-Infinity` included.
    Float(&'a str),
    Text(Text<'a>),
    /// Of its items, nobody needs more than the one text that all of them are.
    Array {
        is_empty: bool,
        every: Option<Text<'a>>,
    },
    Object(Object<'a>),
}

impl<'a> Value<'a> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => text.as_str(),
            _ => None,
        }
    }

    pub(crate) fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

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
            Value::Object(object) => !object.is_empty,
        }
    }

    /// Python's `int(value)`, held within the range of `i64`, which is ample for comparing with a clock.
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

/// The members of an object that were asked for; of equal keys the last one counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Object<'a> {
    members: Vec<(Text<'a>, Value<'a>)>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub(crate) fn member(&self, name: &str) -> Option<&Value<'a>> {
        self.members.iter().rev().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
    }

    /// Every member, in the order of the text.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&Text<'a>, &Value<'a>)> {
        self.members.iter().map(|(key, value)| (key, value))
    }

    pub(crate) fn into_member(self, name: &str) -> Option<Value<'a>> {
        self.members.into_iter().rev().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
    }
}

/// How `int()` fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntError {
    /// `ValueError`, which PyJWT turns into a refusal with a reason.
    Value,
    /// `TypeError` or `OverflowError`, which nothing catches: Specter answers 500.
    Crash,
}

/// How reading JSON fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonError {
    /// `ValueError`: not JSON, or not text.
    Malformed,
    /// `RecursionError`, which PyJWT does not catch.
    TooDeep,
}

/// The bytes of a token's segment as PyJWT decodes it: `+/` count as `-_`, every other foreign character is skipped, a
/// finished padding ends the segment, and bits left over are dropped. What fits is put into `buffer`, which takes less time.
pub(crate) fn base64_decode<'b>(segment: &str, buffer: &'b mut [u8]) -> Option<Cow<'b, [u8]>> {
    match URL_SAFE_NO_PAD.decode_slice(segment, buffer) {
        Ok(length) => return Some(Cow::Borrowed(&buffer[..length])),
        Err(DecodeSliceError::OutputSliceTooSmall) => {
            if let Ok(bytes) = URL_SAFE_NO_PAD.decode(segment) {
                return Some(Cow::Owned(bytes));
            }
        }
        // What else is wrong with it would be so again.
        Err(DecodeSliceError::DecodeError(_)) => {}
    }
    // PyJWT pads to a multiple of four by the segment's length, foreign characters included.
    let padding = (4 - segment.len() % 4) % 4;
    let mut bytes = Vec::with_capacity(segment.len());
    let (mut quad, mut bits, mut pads) = (0, 0_u32, 0);
    for byte in segment.bytes().chain(std::iter::repeat_n(b'=', padding)) {
        let six = match byte {
            b'=' => {
                if quad >= 2 {
                    pads += 1;
                    if quad + pads >= 4 {
                        return Some(Cow::Owned(bytes));
                    }
                }
                continue;
            }
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        pads = 0;
        bits = bits << 6 | u32::from(six);
        if quad > 0 {
            #[expect(clippy::cast_possible_truncation)] // the eight bits wanted
            bytes.push((bits >> (6 - 2 * quad)) as u8);
        }
        quad = (quad + 1) % 4;
    }
    (quad == 0).then_some(Cow::Owned(bytes))
}

/// Whether a segment can be decoded. One of usual characters is not decoded for that: there may be many.
pub(crate) fn is_base64(segment: &str) -> bool {
    let is_foreign = |byte: u8| {
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let is_digit = byte.wrapping_sub(b'0') < 10;
        !(is_letter || is_digit || byte == b'-' || byte == b'_')
    };
    let is_plain = segment.len() % 4 != 1 && !segment.bytes().fold(false, |found, byte| found | is_foreign(byte));
    debug_assert!(!is_plain || base64_decode(segment, &mut []).is_some(), "{segment}");
    is_plain || base64_decode(segment, &mut []).is_some()
}

/// `json.loads(bytes)`: the encoding is guessed as Python guesses it, into WTF-8 (UTF-8 that may hold half surrogate pairs).
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

/// Appends a code point, be it half a surrogate pair, in WTF-8.
fn push_code_point(text: &mut Vec<u8>, code_point: u32) {
    match char::from_u32(code_point) {
        Some(char) => text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            text.extend_from_slice(&[0xED, 0x80 | (code_point >> 6 & 0x3F) as u8, 0x80 | (code_point & 0x3F) as u8]);
        }
    }
}

/// Parses WTF-8 text as `json.loads` does. Of an object only the members of these names are kept, and none of objects further
/// inside, so that no text takes more memory than itself.
pub(crate) fn json<'a>(text: &'a [u8], names: &[&str]) -> Result<Value<'a>, JsonError> {
    parse(text, Some(names))
}

/// Parses WTF-8 text as `json.loads` does, and keeps all members of all objects, which may take many times the text.
pub(crate) fn json_in_full(text: &[u8]) -> Result<Value<'_>, JsonError> {
    parse(text, None)
}

fn parse<'a>(text: &'a [u8], names: Option<&[&str]>) -> Result<Value<'a>, JsonError> {
    let mut parser = Parser { text, at: 0, depth: 0, names };
    let value = parser.value()?;
    parser.skip_space();
    if parser.at == text.len() { Ok(value) } else { Err(JsonError::Malformed) }
}

struct Parser<'a, 'n> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    /// What is kept of the outermost object; all objects are kept in full if there is none.
    names: Option<&'n [&'n str]>,
}

impl<'a> Parser<'a, '_> {
    fn value(&mut self) -> Result<Value<'a>, JsonError> {
        self.skip_space();
        match self.peek() {
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'-' | b'0'..=b'9') if !self.text[self.at..].starts_with(b"-Infinity") => self.number(),
            _ => self.word(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value<'a>, JsonError>) -> Result<Value<'a>, JsonError> {
        if self.depth == MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Result<Value<'a>, JsonError> {
        let mut members: Vec<(Text<'a>, Value<'a>)> = Vec::new();
        self.skip_space();
        if self.eat(b'}') {
            return Ok(Value::Object(Object { members, is_empty: true }));
        }
        loop {
            self.skip_space();
            let key = self.string()?;
            self.skip_space();
            self.expect(b':')?;
            let value = self.value()?;
            match self.names {
                None => members.push((key, value)),
                Some(names) if self.depth == 1 && key.as_str().is_some_and(|key| names.contains(&key)) => {
                    members.retain(|(other, _)| *other != key);
                    members.push((key, value));
                }
                Some(_) => {}
            }
            self.skip_space();
            if self.eat(b'}') {
                return Ok(Value::Object(Object { members, is_empty: false }));
            }
            self.expect(b',')?;
        }
    }

    fn array(&mut self) -> Result<Value<'a>, JsonError> {
        self.skip_space();
        if self.eat(b']') {
            return Ok(Value::Array { is_empty: true, every: None });
        }
        let text_of = |value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        };
        let mut every = text_of(self.value()?);
        loop {
            self.skip_space();
            if self.eat(b']') {
                return Ok(Value::Array { is_empty: false, every });
            }
            self.expect(b',')?;
            let next = text_of(self.value()?);
            every = every.filter(|every| next.as_ref() == Some(every));
        }
    }

    fn string(&mut self) -> Result<Text<'a>, JsonError> {
        self.expect(b'"')?;
        let mut unescaped: Option<Vec<u8>> = None;
        loop {
            let rest = &self.text[self.at..];
            let plain = &rest[..plain_length(rest)];
            self.at += plain.len();
            match self.next() {
                Some(b'"') => {
                    return Ok(match unescaped {
                        None => match std::str::from_utf8(plain) {
                            Ok(text) => Text::Whole(Cow::Borrowed(text)),
                            Err(_) => Text::Broken(plain.to_vec()),
                        },
                        Some(mut bytes) => {
                            bytes.extend_from_slice(plain);
                            Text::from_wtf8(bytes)
                        }
                    });
                }
                Some(b'\\') => {
                    let bytes = unescaped.get_or_insert_default();
                    bytes.extend_from_slice(plain);
                    let escaped = self.escape()?;
                    push_code_point(bytes, escaped);
                }
                _ => return Err(JsonError::Malformed),
            }
        }
    }

    /// The code point of an escape, its backslash already read. Two escapes that make a surrogate pair are one code point.
    fn escape(&mut self) -> Result<u32, JsonError> {
        let code_point = match self.next() {
            Some(byte @ (b'"' | b'\\' | b'/')) => u32::from(byte),
            Some(b'b') => 0x08,
            Some(b'f') => 0x0C,
            Some(b'n') => 0x0A,
            Some(b'r') => 0x0D,
            Some(b't') => 0x09,
            Some(b'u') => self.hex4()?,
            _ => return Err(JsonError::Malformed),
        };
        if (0xD800..0xDC00).contains(&code_point) && self.text[self.at..].starts_with(b"\\u") {
            let after_first = self.at;
            self.at += 2;
            let second = self.hex4()?;
            if (0xDC00..0xE000).contains(&second) {
                return Ok(0x1_0000 + ((code_point - 0xD800) << 10 | (second - 0xDC00)));
            }
            self.at = after_first;
        }
        Ok(code_point)
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(JsonError::Malformed)?;
        self.at += 4;
        digits.iter().try_fold(0, |number, digit| {
            let digit = char::from(*digit).to_digit(16).ok_or(JsonError::Malformed)?;
            Ok(number << 4 | digit)
        })
    }

    fn number(&mut self) -> Result<Value<'a>, JsonError> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        let whole_digits = self.at - start;
        let mut is_float = false;
        // A point or an exponent without digits is not part of the number, and then nothing may follow it either.
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
            is_float = true;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
            is_float = true;
        }
        let spelling = std::str::from_utf8(&self.text[start..self.at]).map_err(|_| JsonError::Malformed)?;
        if is_float {
            return Ok(Value::Float(spelling));
        }
        if whole_digits - usize::from(spelling.starts_with('-')) > MAX_DIGITS {
            return Err(JsonError::Malformed);
        }
        Ok(Value::Int(spelling))
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(JsonError::Malformed) }
    }

    fn word(&mut self) -> Result<Value<'a>, JsonError> {
        const WORDS: [(&str, Value<'static>); 6] = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Float("NaN")),
            ("Infinity", Value::Float("Infinity")),
            ("-Infinity", Value::Float("-Infinity")),
        ];
        let rest = &self.text[self.at..];
        let (word, value) =
            WORDS.into_iter().find(|(word, _)| rest.starts_with(word.as_bytes())).ok_or(JsonError::Malformed)?;
        self.at += word.len();
        Ok(value)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.eat(byte) { Ok(()) } else { Err(JsonError::Malformed) }
    }
}

/// Splits what follows the first quote of a JSON string into the string and the rest, if the string has no escapes.
pub(crate) fn split_plain_string(text: &str) -> Option<(&str, &str)> {
    let (plain, rest) = text.split_at(plain_length(text.as_bytes()));
    Some((plain, rest.strip_prefix('"')?))
}

/// Splits a text into the whole number that it begins with, if it is one that Specter writes, and the rest.
pub(crate) fn split_plain_number(text: &str) -> Option<(i64, &str)> {
    /// More might not fit.
    const MOST_DIGITS: usize = 18;
    let (mut number, mut length) = (0, 0);
    while let Some(digit) = text.as_bytes().get(length).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10)
    {
        if length == MOST_DIGITS {
            return None;
        }
        number = number * 10 + i64::from(digit);
        length += 1;
    }
    (length > 0 && !text.starts_with('0')).then(|| (number, &text[length..]))
}

/// Whether a text is spelled in JSON as it is, between quotes.
pub(crate) fn is_plain(text: &str) -> bool {
    plain_length(text.as_bytes()) == text.len()
}

/// Whether a text holds a byte. Without a way out in the middle, which lets many bytes be compared at once.
pub(crate) fn has_byte(byte: u8, text: &str) -> bool {
    text.bytes().fold(0, |found, other| found | u8::from(other == byte)) != 0
}

/// How many bytes there are before a quote, a backslash or a control character.
fn plain_length(text: &[u8]) -> usize {
    const EACH: u64 = u64::MAX / 0xFF;
    const HIGH_BITS: u64 = EACH << 7;
    // Blocks without one first: with no way out in the middle, their bytes are compared at once. A library would do it for more
    // of them, but first ask the processor what it can do, which on a virtual machine takes as long as to list ten tokens.
    let in_block =
        |found, byte: &u8| found | u8::from(*byte < b' ') | u8::from(*byte == b'"') | u8::from(*byte == b'\\');
    let (blocks, _) = text.as_chunks::<32>();
    let whole = blocks.iter().take_while(|block| block.iter().fold(0, in_block) == 0).count() * 32;
    // Then eight bytes at a time (Mycroft): the lowest high bit left set is that of the first byte below the limit.
    let below = |limit: u64, bytes: u64| bytes.wrapping_sub(EACH * limit) & !bytes & HIGH_BITS;
    let equal = |byte: u8, bytes: u64| below(1, bytes ^ (EACH * u64::from(byte)));
    let (chunks, rest) = text[whole..].as_chunks::<8>();
    for (chunk, start) in chunks.iter().zip((whole..).step_by(8)) {
        let bytes = u64::from_le_bytes(*chunk);
        let special = below(u64::from(b' '), bytes) | equal(b'"', bytes) | equal(b'\\', bytes);
        if special != 0 {
            return start + special.trailing_zeros() as usize / 8;
        }
    }
    let is_special = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
    text.len() - rest.len() + rest.iter().take_while(|byte| !is_special(byte)).count()
}

/// Appends `text` as `json.dumps` writes it: in quotes, and in ASCII alone.
pub(crate) fn push_json_string(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0C' => out.push_str("\\f"),
            ' '..='~' => out.push(char),
            _ => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}"); // writing to a String cannot fail
                }
            }
        }
    }
    out.push('"');
}

/// The value of a decimal digit of any script, as `\d` and `int()` take it.
pub(crate) fn decimal_digit(char: char) -> Option<u8> {
    /// The zeros of Unicode 13, the version of the oldest Python that Specter runs on; nine digits follow each.
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

/// `str.isspace` of one character: Unicode's white space and the four ASCII separators.
pub(crate) fn is_space(char: char) -> bool {
    char.is_whitespace() || ('\x1C'..='\x1F').contains(&char)
}

/// `int(text)`: white space around it, a sign, digits of any script, single underscores between them.
fn int_of_text(text: &str) -> Option<i64> {
    // Unlike `str.strip`, `int` keeps the four ASCII separators, and they are no digits.
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

/// The number that ASCII digits with an optional minus spell, held within ±`i64::MAX`.
fn clamped(digits: &str) -> i64 {
    match digits.strip_prefix('-') {
        Some(digits) => -clamped(digits),
        None => digits.parse().unwrap_or(i64::MAX),
    }
}

fn float(spelling: &str) -> f64 {
    // Every spelling that the parser lets through is one that Rust reads too, and reads the same.
    spelling.parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_pyjwt_decodes_it() {
        for (segment, bytes) in [
            ("", Some(&b""[..])),
            ("YWJj", Some(b"abc")),
            ("YWI", Some(b"ab")),
            ("YWI=", Some(b"ab")),
            ("YWJ", Some(b"ab")), // bits left over
            ("--__", Some(b"\xFB\xEF\xFF")),
            ("++//", Some(b"\xFB\xEF\xFF")),
            ("Y!W J\nj", Some(b"abc")),
            ("Y!WJj???", Some(b"abc")),
            ("YQ==YWJj", Some(b"a")), // a finished padding ends the segment
            ("=YWJj===", Some(b"abc")),
            ("A", None),
            ("AAAAA", None),
        ] {
            assert_eq!(is_base64(segment), bytes.is_some(), "{segment:?}");
            for size in [0, 2, 64] {
                assert_eq!(base64_decode(segment, &mut vec![0; size]).as_deref(), bytes, "{segment:?}");
            }
        }
    }

    #[test]
    fn json_as_python_reads_it() {
        for text in [
            "null",
            " [1, 2] ",
            "{\"a\":{}}",
            "-0",
            "1e5",
            "0.5",
            "NaN",
            "-Infinity",
            "\"\\/\\u0041\"",
            "\"\x7F\"",
            "\"\\ud800\"",
        ] {
            assert!(json_in_full(text.as_bytes()).is_ok(), "{text:?}");
        }
        for text in [
            "",
            "nul",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{a:1}",
            "{\"a\":1,}",
            "01",
            "+1",
            ".5",
            "1.",
            "1.e5",
            "1e",
            "-",
            "-NaN",
            "\"\t\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u+123\"",
            "\"",
            "\"\\",
            "'a'",
            "[1] 2",
            "\u{A0}1",
            "\u{FEFF}1",
        ] {
            assert_eq!(json_in_full(text.as_bytes()), Err(JsonError::Malformed), "{text:?}");
        }
        let object = json(br#"{"a": 1, "b": 2, "\u0061": "last"}"#, &["a"]).expect("an object");
        assert_eq!(object.as_object().and_then(|object| object.member("a")).and_then(Value::as_str), Some("last"));
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(json_in_full(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(json_in_full(nested(MAX_DEPTH + 1).as_bytes()), Err(JsonError::TooDeep));
        assert!(json_in_full("9".repeat(MAX_DIGITS).as_bytes()).is_ok());
        assert_eq!(json_in_full("9".repeat(MAX_DIGITS + 1).as_bytes()), Err(JsonError::Malformed));
    }

    #[test]
    fn half_a_surrogate_pair_is_shown_and_equals_nothing() {
        for (text, shown) in [
            (&br#""a\ud800b""#[..], "a\u{FFFD}b"),
            (br#""\udc00\ud800""#, "\u{FFFD}\u{FFFD}"),
            (b"\"a\xED\xA0\x80b\"", "a\u{FFFD}b"),
        ] {
            let Ok(Value::Text(text)) = json_in_full(text) else { panic!("{text:?} is a text") };
            assert_eq!((text.as_str(), text.clone().into_shown().as_ref()), (None, shown), "{text:?}");
        }
        assert_eq!(json_in_full(br#""\ud83d\ude80""#), Ok(Value::Text(Text::Whole("🚀".into()))));
    }

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
            assert_eq!(json_in_full(value.as_bytes()).expect(value).to_int(), number, "{value}");
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
            assert_eq!(json_in_full(value.as_bytes()).expect(value).is_truthy(), truth, "{value}");
        }
    }
}
