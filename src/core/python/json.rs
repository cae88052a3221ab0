//! JSON as Python's `json` reads and writes it: `NaN` and `Infinity` are numbers, half a surrogate pair is text, and
//! the last of equal keys counts. Values may nest as deep as Python's stack allows, and an integer has at most 4,300
//! digits.
//!
//! [`Cursor`] goes through a text value by value, so that users.json is read by the same rules without being kept
//! twice.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::scan::plain_length;
use super::text::{Text, push_code_point};

/// Python gives up with a `RecursionError` on arrays and objects nested deeper than its stack allows: about 900 levels
/// in a Specter that answers a request.
pub(crate) const MAX_DEPTH: usize = 900;

/// As [`MAX_DEPTH`], in a Specter that starts and reads users.json. The array of users and the user are two of these
/// levels. Measured on Specter 2.1.11 with Python 3.11, for arrays and for objects.
pub(crate) const MAX_DEPTH_AT_START: usize = 977;

/// Python refuses to convert an integer of more digits than this (`sys.set_int_max_str_digits`).
pub(crate) const MAX_DIGITS: usize = 4300;

/// A JSON value. Numbers keep their spelling.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Int(&'a str),
    /// `NaN`, `Infinity` and `-Infinity` included.
    Float(&'a str),
    Text(Text<'a>),
    /// Items are dropped; callers only ask whether all are the same string.
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
}

/// The requested members of an object. The last of equal keys counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Object<'a> {
    members: Vec<(Text<'a>, Value<'a>)>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub(crate) fn member(&self, name: &str) -> Option<&Value<'a>> {
        self.members.iter().rev().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
    }

    pub(crate) fn into_member(self, name: &str) -> Option<Value<'a>> {
        self.members.into_iter().rev().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
    }

    /// Whether the object in the text has no member at all, kept or not.
    pub(crate) fn is_empty(&self) -> bool {
        self.is_empty
    }
}

/// How reading JSON fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonError {
    /// `ValueError`: the text is not JSON, or not text at all.
    Malformed,
    /// `ValueError`: an integer of more than [`MAX_DIGITS`] digits.
    TooManyDigits,
    /// `RecursionError`, which PyJWT does not catch.
    TooDeep,
}

/// Parses WTF-8 text as `json.loads` does while a request is answered. An object keeps its members with these names;
/// values inside those are dropped, so that this never takes more memory than the text.
pub(crate) fn json<'a>(text: &'a [u8], names: &[&str]) -> Result<Value<'a>, JsonError> {
    let mut cursor = Cursor::new(text, MAX_DEPTH);
    let value = cursor.value(names)?;
    cursor.end()?;
    Ok(value)
}

/// A place in a JSON text (WTF-8) that is read from beginning to end.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    max_depth: usize,
}

impl<'a> Cursor<'a> {
    /// The beginning of a text in which values may nest up to `max_depth`.
    pub(crate) fn new(text: &'a [u8], max_depth: usize) -> Self {
        Cursor { text, at: 0, depth: 0, max_depth }
    }

    /// The offset of the next byte to read, or after an error, of the unexpected byte.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Skips a part of the text that the caller has read.
    pub(crate) fn skip(&mut self, length: usize) {
        self.at += length;
    }

    /// Checks that only white space is left.
    pub(crate) fn end(&mut self) -> Result<(), JsonError> {
        self.skip_space();
        if self.at == self.text.len() { Ok(()) } else { Err(JsonError::Malformed) }
    }

    /// Reads a value of any kind. An object keeps its members with these names; values inside those are dropped.
    pub(crate) fn value(&mut self, names: &[&str]) -> Result<Value<'a>, JsonError> {
        self.skip_space();
        match self.peek() {
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'{') => self.object(names),
            Some(b'[') => self.array(),
            Some(b'-' | b'0'..=b'9') if !self.text[self.at..].starts_with(b"-Infinity") => self.number(),
            _ => self.word(),
        }
    }

    /// Reads the items between two brackets, one by one.
    pub(crate) fn each<E: From<JsonError>>(
        &mut self,
        open: u8,
        close: u8,
        mut read: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.depth == self.max_depth {
            return Err(JsonError::TooDeep.into());
        }
        self.depth += 1;
        self.expect(open)?;
        self.skip_space();
        let mut is_closed = self.eat(close);
        while !is_closed {
            self.skip_space();
            read(self)?;
            self.skip_space();
            is_closed = self.eat(close);
            if !is_closed {
                self.expect(b',')?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads the name of a member, and the text between it and the value.
    pub(crate) fn key(&mut self) -> Result<Text<'a>, JsonError> {
        let key = self.string()?;
        self.colon()?;
        Ok(key)
    }

    /// Reads the text between the name of a member and its value.
    pub(crate) fn colon(&mut self) -> Result<(), JsonError> {
        self.skip_space();
        self.expect(b':')?;
        self.skip_space();
        Ok(())
    }

    fn object(&mut self, names: &[&str]) -> Result<Value<'a>, JsonError> {
        let mut members: Vec<(Text<'a>, Value<'a>)> = Vec::new();
        let mut is_empty = true;
        self.each(b'{', b'}', |cursor| {
            is_empty = false;
            let key = cursor.key()?;
            let value = cursor.value(&[])?;
            if key.as_str().is_some_and(|key| names.contains(&key)) {
                members.retain(|(other, _)| *other != key);
                members.push((key, value));
            }
            Ok::<_, JsonError>(())
        })?;
        Ok(Value::Object(Object { members, is_empty }))
    }

    fn array(&mut self) -> Result<Value<'a>, JsonError> {
        let mut is_empty = true;
        let mut every = None;
        self.each(b'[', b']', |cursor| {
            let text = match cursor.value(&[])? {
                Value::Text(text) => Some(text),
                _ => None,
            };
            if is_empty {
                (is_empty, every) = (false, text);
            } else if every != text {
                every = None;
            }
            Ok::<_, JsonError>(())
        })?;
        Ok(Value::Array { is_empty, every })
    }

    /// Reads a string with its quotes.
    pub(crate) fn string(&mut self) -> Result<Text<'a>, JsonError> {
        self.expect(b'"')?;
        let mut unescaped: Option<Vec<u8>> = None;
        loop {
            let rest = &self.text[self.at..];
            let plain = &rest[..plain_length(rest)];
            self.at += plain.len();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
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
                    self.at += 1;
                    let bytes = unescaped.get_or_insert_default();
                    bytes.extend_from_slice(plain);
                    let escaped = self.escape()?;
                    push_code_point(bytes, escaped);
                }
                _ => return Err(JsonError::Malformed),
            }
        }
    }

    /// Reads the code point of an escape whose backslash is already read. Two escapes that make a surrogate pair are
    /// one code point.
    fn escape(&mut self) -> Result<u32, JsonError> {
        let code_point = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => u32::from(byte),
            Some(b'b') => 0x08,
            Some(b'f') => 0x0C,
            Some(b'n') => 0x0A,
            Some(b'r') => 0x0D,
            Some(b't') => 0x09,
            Some(b'u') => 0,
            _ => return Err(JsonError::Malformed),
        };
        let is_number = self.peek() == Some(b'u');
        self.at += 1;
        if !is_number {
            return Ok(code_point);
        }
        let code_point = self.hex4()?;
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
        let number = digits.iter().try_fold(0, |number, digit| {
            let digit = char::from(*digit).to_digit(16).ok_or(JsonError::Malformed)?;
            Ok(number << 4 | digit)
        })?;
        self.at += 4;
        Ok(number)
    }

    fn number(&mut self) -> Result<Value<'a>, JsonError> {
        let start = self.at;
        self.eat(b'-');
        let first_digit = self.at;
        if !self.eat(b'0') {
            self.digits()?;
        }
        let whole_digits = self.at - first_digit;
        let mut is_float = false;
        // A point or an exponent without digits is not part of the number, and must not follow it either.
        if self.eat(b'.') {
            self.digits()?;
            is_float = true;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
            is_float = true;
        }
        let spelling = std::str::from_utf8(&self.text[start..self.at]).map_err(|_| JsonError::Malformed)?;
        if is_float {
            return Ok(Value::Float(spelling));
        }
        if whole_digits > MAX_DIGITS {
            return Err(JsonError::TooManyDigits);
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

    pub(crate) fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
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

#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(json(text.as_bytes(), &[]).is_ok(), "{text:?}");
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
            assert_eq!(json(text.as_bytes(), &[]), Err(JsonError::Malformed), "{text:?}");
        }
        let object = json(br#"{"a": 1, "b": 2, "\u0061": "last"}"#, &["a"]).expect("an object");
        assert_eq!(object.as_object().and_then(|object| object.member("a")).and_then(Value::as_str), Some("last"));
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(json(nested(MAX_DEPTH).as_bytes(), &[]).is_ok());
        assert_eq!(json(nested(MAX_DEPTH + 1).as_bytes(), &[]), Err(JsonError::TooDeep));
        assert!(json("9".repeat(MAX_DIGITS).as_bytes(), &[]).is_ok());
        assert_eq!(json("9".repeat(MAX_DIGITS + 1).as_bytes(), &[]), Err(JsonError::TooManyDigits));
    }

    #[test]
    fn half_a_surrogate_pair_is_shown_and_equals_nothing() {
        for (text, shown) in [
            (&br#""a\ud800b""#[..], "a\u{FFFD}b"),
            (br#""\udc00\ud800""#, "\u{FFFD}\u{FFFD}"),
            (b"\"a\xED\xA0\x80b\"", "a\u{FFFD}b"),
        ] {
            let Ok(Value::Text(text)) = json(text, &[]) else { panic!("{text:?} is a text") };
            assert_eq!((text.as_str(), text.clone().into_shown().as_ref()), (None, shown), "{text:?}");
        }
        assert_eq!(json(br#""\ud83d\ude80""#, &[]), Ok(Value::Text(Text::Whole("🚀".into()))));
    }

    #[test]
    fn an_error_stands_where_the_text_goes_wrong() {
        for (text, at) in
            [("[1,]", 3), ("{\"a\" 1}", 5), ("[1", 2), ("\"ab", 3), ("\"a\\x\"", 3), ("[01]", 2), ("tru", 0)]
        {
            let mut cursor = Cursor::new(text.as_bytes(), MAX_DEPTH);
            assert_eq!(cursor.value(&[]).err(), Some(JsonError::Malformed), "{text}");
            assert_eq!(cursor.at(), at, "{text}");
        }
    }

    #[test]
    fn integers_have_a_limit_and_floats_have_none() {
        let (at, over) = (MAX_DIGITS, MAX_DIGITS + 1);
        for (value, is_read) in [
            ("1".repeat(at), true),
            ("1".repeat(over), false),
            (format!("-{}", "1".repeat(at)), true),
            (format!("-{}", "1".repeat(over)), false),
            (format!("[0, {}, 1]", "1".repeat(over)), false),
            (format!("1.{}", "0".repeat(over)), true),
            (format!("{}.5", "9".repeat(over)), true),
            (format!("1e{}1", "0".repeat(over)), true),
            (format!("1E+{}1", "0".repeat(over)), true),
            (format!("[1.5, {}]", "1".repeat(over)), false),
            (format!("\"{}\"", "1".repeat(over)), true),
            (format!("\"\\\"{}\"", "1".repeat(over)), true),
        ] {
            let read = json(value.as_bytes(), &[]);
            assert_eq!(read.is_ok(), is_read, "{}", &value[..20]);
            assert!(is_read || read == Err(JsonError::TooManyDigits));
        }
    }
}
