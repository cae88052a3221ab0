//! users.json as a text that is edited without loss: one pass notes where each token stands, and a change is a list of
//! pieces that replace others. Every byte outside them stays as it was.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::damage::{self, Damage};
use crate::python::{self, Text, Value};

/// The users of a users.json, by reference to its text.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    text: &'a str,
    pub(crate) users: Vec<User<'a>>,
}

#[derive(Debug)]
pub(crate) struct User<'a> {
    pub(crate) username: Text<'a>,
    pub(crate) is_admin: bool,
    pub(crate) tokens: TokenMap<'a>,
    /// Whether `jwt_tokens` or `username` stands more than once. The last one counts, but an edit could mean either.
    is_ambiguous: bool,
    /// Where the last member ends, as an offset into the text.
    end_of_members: usize,
}

/// The value of `jwt_tokens`.
#[derive(Debug)]
pub(crate) enum TokenMap<'a> {
    /// Users of a Specter before v1.14 have none.
    Missing,
    Map {
        span: Range<usize>,
        entries: Vec<Entry<'a>>,
    },
    /// Anything else; Specter finds no tokens in it.
    Other {
        span: Range<usize>,
        value: &'a str,
    },
}

/// One `"jwt_token_id": {…}` as it is spelled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    key: &'a str,
    value: &'a str,
}

/// What an entry holds; a malformed one holds less.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored<'a> {
    pub(crate) text: Option<Cow<'a, str>>,
    pub(crate) description: Option<Text<'a>>,
    /// `jwt_token_life`, if it is a number that JSON knows.
    pub(crate) life: Option<&'a str>,
}

/// A new token for a user.
pub(crate) struct NewEntry<'a> {
    pub(crate) id: &'a str,
    pub(crate) text: &'a str,
    pub(crate) description: &'a str,
    pub(crate) life: i64,
}

/// A piece of new text and the range of the old text that it replaces.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

impl<'a> Document<'a> {
    /// Reads what Specter would load, and refuses what it would refuse.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Damage> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let users = Users { text }.deserialize(&mut deserializer);
        let users = users.and_then(|users| deserializer.end().map(|()| users));
        let users = users.map_err(|error| damage::of(text, &error))?;
        if !users.iter().any(|user| user.is_admin) {
            return Err(Damage::WrongShape("it has no user whose is_admin is true".to_owned()));
        }
        Ok(Document { text, users })
    }

    /// The pieces that take entries out of a user's tokens and put a new one at their end. `removed` ascends.
    pub(crate) fn edit(
        &self,
        user: usize,
        removed: &[usize],
        added: Option<&NewEntry<'_>>,
    ) -> Result<Vec<Splice>, String> {
        let user = &self.users[user];
        if user.is_ambiguous {
            return Err("`jwt_tokens` or `username` stands there more than once".to_owned());
        }
        let added = added.map(NewEntry::to_json);
        let splice = |range: Range<usize>, text: String| Ok(vec![Splice { range, text }]);
        match (&user.tokens, added) {
            (TokenMap::Map { span, entries }, added) if removed.len() == entries.len() => {
                let inside = self.inside_emptied(span, entries);
                splice(span.clone(), added.map_or_else(|| format!("{{{inside}}}"), |added| map_of(&added, inside)))
            }
            (TokenMap::Map { entries, .. }, added) => Ok(self.edit_entries(entries, removed, added)),
            (TokenMap::Missing, Some(added)) => {
                let member = format!(",\n        \"jwt_tokens\": {}", map_of(&added, ""));
                splice(user.end_of_members..user.end_of_members, member)
            }
            (TokenMap::Other { span, value: "null" }, Some(added)) => splice(span.clone(), map_of(&added, "")),
            (TokenMap::Other { value, .. }, Some(_)) => {
                let value: String = value.chars().take(40).collect();
                Err(format!("its `jwt_tokens` is not an object but {value}"))
            }
            (TokenMap::Missing | TokenMap::Other { .. }, None) => Ok(Vec::new()),
        }
    }

    /// Edits where at least one entry stays, so that every comma keeps a neighbour on both sides.
    fn edit_entries(&self, entries: &[Entry<'_>], removed: &[usize], added: Option<String>) -> Vec<Splice> {
        let mut splices: Vec<Splice> = Vec::with_capacity(removed.len() + 1);
        let mut kept_before = false;
        let mut next_removed = removed.iter().peekable();
        for (index, entry) in entries.iter().enumerate() {
            if next_removed.next_if(|removed| **removed == index).is_none() {
                kept_before = true;
                continue;
            }
            let range = if kept_before {
                self.end_of(entries[index - 1].value)..self.end_of(entry.value)
            } else {
                self.start_of(entry.key)..self.start_of(entries[index + 1].key)
            };
            match splices.last_mut().filter(|last| last.range.end == range.start) {
                Some(last) => last.range.end = range.end,
                None => splices.push(Splice { range, text: String::new() }),
            }
        }
        if let (Some(added), Some(last)) = (added, entries.last()) {
            let end = self.end_of(last.value);
            splices.push(Splice { range: end..end, text: format!(",{added}") });
        }
        splices
    }

    /// What is left between the braces once all entries are gone: what stood there beside the layout of `json.dump`, so that
    /// adding a token and removing it again changes nothing.
    fn inside_emptied(&self, span: &Range<usize>, entries: &[Entry<'_>]) -> &'a str {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            return &self.text[span.start + 1..span.end - 1];
        };
        let before = &self.text[span.start + 1..self.start_of(first.key)];
        let after = &self.text[self.end_of(last.value)..span.end - 1];
        if before == "\n            " { after.strip_prefix("\n        ").unwrap_or("") } else { "" }
    }

    /// The offset of a part of the text.
    fn start_of(&self, part: &str) -> usize {
        offset(self.text, part)
    }

    fn end_of(&self, part: &str) -> usize {
        offset(self.text, part) + part.len()
    }
}

impl<'a> User<'a> {
    pub(crate) fn entries(&self) -> &[Entry<'a>] {
        match &self.tokens {
            TokenMap::Map { entries, .. } => entries,
            TokenMap::Missing | TokenMap::Other { .. } => &[],
        }
    }
}

impl<'a> Entry<'a> {
    pub(crate) fn id(&self) -> Text<'a> {
        let inner = &self.key[1..self.key.len() - 1];
        if has_escape(inner) { text_of(self.key) } else { Text::Whole(Cow::Borrowed(inner)) }
    }

    /// The entry's text, to tell equal entries by.
    pub(crate) fn spelling(&self) -> &'a str {
        self.value
    }

    pub(crate) fn read(&self) -> Stored<'a> {
        let plain = self.read_plain();
        debug_assert!(plain.as_ref().is_none_or(|plain| *plain == self.read_any()), "{}", self.value);
        plain.unwrap_or_else(|| self.read_any())
    }

    /// Reads an entry that is spelled as `json.dump(indent=4)` spells one without escapes, in a fraction of the time.
    fn read_plain(&self) -> Option<Stored<'a>> {
        let rest = self.value.strip_prefix("{\n                \"jwt_token\": \"")?;
        let (text, rest) = python::split_plain_string(rest)?;
        let rest = rest.strip_prefix(",\n                \"jwt_token_description\": \"")?;
        let (description, rest) = python::split_plain_string(rest)?;
        let rest = rest.strip_prefix(",\n                \"jwt_token_life\": ")?;
        let life = rest.strip_suffix("\n            }")?;
        life.bytes().all(|byte| byte.is_ascii_digit()).then_some(Stored {
            text: Some(Cow::Borrowed(text)),
            description: Some(Text::Whole(Cow::Borrowed(description))),
            life: Some(life),
        })
    }

    /// Reads an entry of any content.
    fn read_any(&self) -> Stored<'a> {
        let members = ["jwt_token", "jwt_token_description", "jwt_token_life"];
        let Ok(Value::Object(object)) = python::json(self.value.as_bytes(), &members) else { return Stored::default() };
        let life = match object.member("jwt_token_life") {
            Some(Value::Int(number)) => Some(*number),
            Some(Value::Float(number)) if number.ends_with(|char: char| char.is_ascii_digit()) => Some(*number),
            _ => None,
        };
        let description = match object.member("jwt_token_description") {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let text = match object.into_member("jwt_token") {
            Some(Value::Text(Text::Whole(text))) => Some(text),
            _ => None,
        };
        Stored { text, description, life }
    }

    /// Whether the entry could hold a text: a quick look, before all of it is read.
    pub(crate) fn may_hold(&self, text: &str) -> bool {
        has_escape(self.value) || self.value.contains(text)
    }

    /// Whether Specter finds an entry here: an object of any content.
    pub(crate) fn is_object(&self) -> bool {
        self.value.starts_with('{')
    }
}

impl NewEntry<'_> {
    /// The entry as `json.dump(indent=4)` writes it, from the newline before its key to its last brace.
    fn to_json(&self) -> String {
        let mut json = String::from("\n            ");
        python::push_json_string(&mut json, self.id);
        json.push_str(": {\n                \"jwt_token\": ");
        python::push_json_string(&mut json, self.text);
        json.push_str(",\n                \"jwt_token_description\": ");
        python::push_json_string(&mut json, self.description);
        let _ = write!(json, ",\n                \"jwt_token_life\": {}\n            }}", self.life); // to a String
        json
    }
}

fn map_of(entry: &str, inside: &str) -> String {
    format!("{{{entry}\n        {inside}}}")
}

fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

/// Whether a spelling is not what it spells. Without a way out in the middle, which lets many bytes be compared at once.
fn has_escape(spelling: &str) -> bool {
    let is_escape = |byte| byte == b'\\';
    spelling.bytes().fold(false, |found, byte| found | is_escape(byte))
}

/// The text that a JSON string spells; of another value, its spelling, which equals none.
fn text_of(spelling: &str) -> Text<'_> {
    match python::json(spelling.as_bytes(), &[]) {
        Ok(Value::Text(text)) => text,
        _ => Text::Broken(spelling.as_bytes().to_vec()),
    }
}

/// The members of a user that anybody looks at.
const MEMBERS: [&str; 6] = ["id", "username", "password", "is_admin", "config", "jwt_tokens"];

/// Reads the array of users.
struct Users<'a> {
    text: &'a str,
}

impl<'de> DeserializeSeed<'de> for Users<'de> {
    type Value = Vec<User<'de>>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Users<'de> {
    type Value = Vec<User<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of users")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut users = Vec::new();
        while let Some(user) = array.next_element_seed(OneUser { text: self.text, number: users.len() + 1 })? {
            users.push(user);
        }
        Ok(users)
    }
}

struct OneUser<'a> {
    text: &'a str,
    number: usize,
}

impl<'de> DeserializeSeed<'de> for OneUser<'de> {
    type Value = User<'de>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<User<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OneUser<'de> {
    type Value = User<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object for user {}", self.number)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<User<'de>, A::Error> {
        // Of equal names the last one counts.
        let mut members: BTreeMap<&str, &'de str> = BTreeMap::new();
        let mut tokens = TokenMap::Missing;
        let mut is_ambiguous = false;
        let mut end_of_members = 0;
        while let Some(key) = object.next_key::<&RawValue>()? {
            let name = text_of(key.get()).into_shown();
            let start = value_start(self.text, offset(self.text, key.get()) + key.get().len());
            let value = if name == "jwt_tokens" && self.text[start..].starts_with('{') {
                let (span, entries) = object.next_value_seed(Entries { text: self.text, start })?;
                end_of_members = span.end;
                tokens = TokenMap::Map { span, entries };
                "{}"
            } else {
                let value = object.next_value::<&RawValue>()?.get();
                check_limits(value, 2).map_err(A::Error::custom)?;
                end_of_members = start + value.len();
                if name == "jwt_tokens" {
                    tokens = TokenMap::Other { span: start..end_of_members, value };
                }
                value
            };
            // What else Specter keeps there is not looked at, however much it is.
            if let Some(known) = MEMBERS.into_iter().find(|known| *known == name) {
                let is_second = members.insert(known, value).is_some();
                is_ambiguous |= is_second && matches!(known, "jwt_tokens" | "username");
            }
        }
        let required = |name: &str| {
            let missing = || format!("user {} has no `{name}`", self.number);
            members.get(name).copied().ok_or_else(|| A::Error::custom(missing()))
        };
        required("id")?;
        required("password")?;
        let username = text_of(required("username")?);
        let is_admin = python::json(required("is_admin")?.as_bytes(), &[]).is_ok_and(|value| value.is_truthy());
        if !is_admin {
            required("config")?;
        }
        Ok(User { username, is_admin, tokens, is_ambiguous, end_of_members })
    }
}

/// Where the value after a key begins, given where the key ends. The parser has seen that a colon follows.
fn value_start(text: &str, key_end: usize) -> usize {
    let is_filler = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b':');
    key_end + text.as_bytes()[key_end..].iter().take_while(|byte| is_filler(byte)).count()
}

/// Reads a `jwt_tokens` object that begins at `start`.
struct Entries<'a> {
    text: &'a str,
    start: usize,
}

impl<'de> DeserializeSeed<'de> for Entries<'de> {
    type Value = (Range<usize>, Vec<Entry<'de>>);

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries<'de> {
    type Value = (Range<usize>, Vec<Entry<'de>>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tokens")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        let mut last_value_end = self.start + 1;
        while let Some(key) = object.next_key::<&RawValue>()? {
            let value = object.next_value::<&RawValue>()?.get();
            check_limits(value, 3).map_err(A::Error::custom)?;
            last_value_end = offset(self.text, value) + value.len();
            entries.push(Entry { key: key.get(), value });
        }
        let spaces = self.text.as_bytes()[last_value_end..].iter().take_while(|byte| **byte != b'}').count();
        Ok((self.start..last_value_end + spaces + 1, entries))
    }
}

/// Python gives up on values nested deeper than its stack, and on longer integers, both of which serde_json skips over.
fn check_limits(value: &str, depth_above: usize) -> Result<(), String> {
    // A level takes at least two bytes, so that a short value cannot reach either limit.
    if value.len() < python::MAX_DEPTH {
        return Ok(());
    }
    let (mut depth, mut digits, mut is_float, mut in_string, mut is_escaped) = (depth_above, 0, false, false, false);
    // What ends the last number as well.
    for byte in value.bytes().chain([b' ']) {
        match byte {
            b'0'..=b'9' if !in_string => digits += 1,
            b'.' | b'e' | b'E' | b'+' | b'-' if digits > 0 => is_float = true,
            _ if digits > python::MAX_DIGITS && !is_float => {
                let why = format!("it holds an integer of more than {} digits", python::MAX_DIGITS);
                return Err(damage::unparsable(&why));
            }
            _ => (digits, is_float) = (0, false),
        }
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth -= 1,
            _ => {}
        }
        if depth > python::MAX_DEPTH {
            return Err(damage::unparsable(&format!("it is nested deeper than {} levels", python::MAX_DEPTH)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users_with(tokens: &str) -> String {
        format!("[{{\"id\":1,\"password\":2,\"is_admin\":true,\"username\":\"a\"{tokens},\"more\" : [ ] }}\n]\n")
    }

    /// The text after an edit of the first user.
    fn edited(text: &str, removed: &[usize], added: bool) -> Result<String, String> {
        let document = Document::parse(text).expect("users");
        let added = added.then_some(&NewEntry { id: "new", text: "x.y.z", description: "d", life: 60 });
        let mut new = text.to_owned();
        for Splice { range, text } in document.edit(0, removed, added)?.into_iter().rev() {
            new.replace_range(range, &text);
        }
        Ok(new)
    }

    const NEW: &str = "\n            \"new\": {\n                \"jwt_token\": \"x.y.z\",\n                \
                       \"jwt_token_description\": \"d\",\n                \"jwt_token_life\": 60\n            }";

    #[test]
    fn edits_touch_only_their_entries() {
        for (before, removed, added, after) in [
            // Removed: the first, the middle, the last, neighbours, all.
            ("{\"a\":1 , \"b\":2,\"c\":3}", &[0][..], false, "{\"b\":2,\"c\":3}"),
            ("{\"a\":1 , \"b\":2,\"c\":3}", &[1], false, "{\"a\":1,\"c\":3}"),
            ("{ \"a\":1 , \"b\":2,\"c\":3 }", &[2], false, "{ \"a\":1 , \"b\":2 }"),
            ("{ \"a\":1 , \"b\":2,\"c\":3 }", &[0, 1], false, "{ \"c\":3 }"),
            ("{ \"a\":1 , \"b\":2,\"c\":3 }", &[1, 2], false, "{ \"a\":1 }"),
            ("{\"a\":1,\"b\":2,\"c\":3}", &[0, 2], false, "{\"b\":2}"),
            ("{\"a\":1,\"b\":2}", &[0, 1], false, "{}"),
            ("{\n            \"a\": 1\n        }", &[0], false, "{}"),
            ("{\n  \"a\": 1\n  }", &[0], false, "{}"),
            // Added: to none, to some, in the place of others, to nothing at all.
            ("{}", &[], true, "{NEW\n        }"),
            ("{ }", &[], true, "{NEW\n         }"),
            ("{\"a\":1\r\n}", &[], true, "{\"a\":1,NEW\r\n}"),
            ("{\"a\":1,\"b\":2}", &[0], true, "{\"b\":2,NEW}"),
            ("{\"a\":1,\"b\":2}", &[1], true, "{\"a\":1,NEW}"),
            ("{\"a\":1,\"b\":2}", &[0, 1], true, "{NEW\n        }"),
            ("null", &[], true, "{NEW\n        }"),
        ] {
            let [before, after] = [before, after].map(|map| users_with(&format!(",\"jwt_tokens\" : {map}")));
            assert_eq!(edited(&before, removed, added), Ok(after.replace("NEW", NEW)), "{before}");
        }
    }

    #[test]
    fn a_user_without_tokens_gets_them_behind_his_last_member() {
        let after = format!(
            "[{{\"id\":1,\"password\":2,\"is_admin\":true,\"username\":\"a\",\"more\" : [ ],\n        \"jwt_tokens\": {{{NEW}\n        }} }}\n]\n"
        );
        assert_eq!(edited(&users_with(""), &[], true), Ok(after));
    }

    #[test]
    fn edits_that_could_destroy_something_are_refused() {
        for (tokens, why) in [
            (",\"jwt_tokens\":[1]", "its `jwt_tokens` is not an object but [1]"),
            (",\"jwt_tokens\":0", "its `jwt_tokens` is not an object but 0"),
            (",\"jwt_tokens\":{},\"jwt_\\u0074okens\":{}", "`jwt_tokens` or `username` stands there more than once"),
            (",\"jwt_tokens\":{},\"username\":\"b\"", "`jwt_tokens` or `username` stands there more than once"),
        ] {
            assert_eq!(edited(&users_with(tokens), &[], true), Err(why.to_owned()), "{tokens}");
        }
    }

    #[test]
    fn what_specter_needs_of_a_user_must_be_there() {
        let admin = r#"{"id":1,"password":2,"is_admin":1,"username":"a"}"#;
        for (text, fits) in [
            (format!("[{admin}]"), true),
            (format!("[{admin},{}]", admin.replace("\"is_admin\":1", "\"is_admin\":0,\"config\":null")), true),
            (format!("[{admin},{}]", admin.replace("\"is_admin\":1", "\"is_admin\":0")), false),
            (format!("[{}]", admin.replace("\"id\"", "\"ID\"")), false),
            (format!("[{}]", admin.replace("\"username\"", "\"name\"")), false),
            (format!("[{admin},[]]"), false),
            (format!("{{\"users\":[{admin}]}}"), false),
            ("[]".to_owned(), false),
        ] {
            assert_eq!(Document::parse(&text).is_ok(), fits, "{text}");
            let is_shape = matches!(Document::parse(&text), Ok(_) | Err(Damage::WrongShape(_)));
            assert!(is_shape, "{text}");
        }
    }

    #[test]
    fn limits_are_those_of_python() {
        let (at, over) = (python::MAX_DIGITS, python::MAX_DIGITS + 1);
        for (value, is_read) in [
            ("1".repeat(at), true),
            ("1".repeat(over), false),
            (format!("-{}", "1".repeat(over)), false),
            (format!("[0, {}, 1]", "1".repeat(over)), false),
            // A float may have any number of digits, and so may a text.
            (format!("1.{}", "0".repeat(over)), true),
            (format!("{}.5", "9".repeat(over)), true),
            (format!("1e{}1", "0".repeat(over)), true),
            (format!("1E+{}1", "0".repeat(over)), true),
            (format!("[1.5, {}]", "1".repeat(over)), false),
            (format!("\"{}\"", "1".repeat(over)), true),
            (format!("\"\\\"{}\"", "1".repeat(over)), true),
            (format!("{}1{}", "[".repeat(python::MAX_DEPTH - 2), "]".repeat(python::MAX_DEPTH - 2)), true),
            (format!("{}1{}", "[".repeat(python::MAX_DEPTH - 1), "]".repeat(python::MAX_DEPTH - 1)), false),
        ] {
            assert_eq!(check_limits(&value, 2).is_ok(), is_read, "{}", &value[..20]);
        }
    }
}
