//! users.json as a text that is edited without loss: one pass notes where each token stands, and a change is a list of
//! pieces that replace others. Every byte outside them stays as it was.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::BuildHasher as _;
use std::num::NonZeroU32;
use std::ops::Range;

use hashbrown::DefaultHashBuilder;
use serde::Deserialize as _;
use serde_json::value::RawValue;

use super::damage::{self, Damage, Fault};
use crate::core::python::{self, Text, Value};

/// The users of a users.json, by reference to its text.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    text: &'a str,
    pub(crate) users: Vec<User<'a>>,
    hasher: DefaultHashBuilder,
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
    /// From the first quote of the key to the end of the value.
    text: &'a str,
    /// Where the key ends, its last quote included.
    key_end: usize,
    /// Where the parts are, if it is spelled as `json.dump(indent=4)` spells one without escapes.
    plain: Option<Plain>,
    /// Of the id, made while it is at hand: to come back to the ids of a long file takes longer than to read it.
    pub(crate) hash: u64,
}

/// Where the strings of an entry end; all else between them is always the same.
#[derive(Debug, Clone, Copy)]
struct Plain {
    token: NonZeroU32,
    description: u32,
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
        let hasher = DefaultHashBuilder::default();
        let users = Reader { text, at: 0, hasher: &hasher }.users().map_err(|fault| damage::of(text, fault))?;
        if !users.iter().any(|user| user.is_admin) {
            return Err(Damage::WrongShape("it has no user whose is_admin is true".to_owned()));
        }
        Ok(Document { text, users, hasher })
    }

    /// The hash that an entry of this id has.
    pub(crate) fn hash_of(&self, id: &Text<'_>) -> u64 {
        self.hasher.hash_one(id.as_bytes())
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
                self.end_of(entries[index - 1].text)..self.end_of(entry.text)
            } else {
                self.start_of(entry.text)..self.start_of(entries[index + 1].text)
            };
            match splices.last_mut().filter(|last| last.range.end == range.start) {
                Some(last) => last.range.end = range.end,
                None => splices.push(Splice { range, text: String::new() }),
            }
        }
        if let (Some(added), Some(last)) = (added, entries.last()) {
            let end = self.end_of(last.text);
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
        let before = &self.text[span.start + 1..self.start_of(first.text)];
        let after = &self.text[self.end_of(last.text)..span.end - 1];
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
    const BEFORE_TOKEN: &'static str = ": {\n                \"jwt_token\": \"";
    const BEFORE_DESCRIPTION: &'static str = "\",\n                \"jwt_token_description\": \"";
    const BEFORE_LIFE: &'static str = "\",\n                \"jwt_token_life\": ";
    const AFTER_LIFE: &'static str = "\n            }";

    /// Reads the entry that a text begins with, if it is a plain one: in a fraction of the time that others take.
    fn plain(text: &'a str, hasher: &DefaultHashBuilder) -> Option<Self> {
        let (id, rest) = python::split_plain_string(text.strip_prefix('"')?)?;
        let (token, rest) = python::split_plain_string(rest.strip_prefix(Entry::BEFORE_TOKEN)?)?;
        let rest = rest.strip_prefix(&Entry::BEFORE_DESCRIPTION[1..])?;
        let (description, rest) = python::split_plain_string(rest)?;
        let rest = rest.strip_prefix(&Entry::BEFORE_LIFE[1..])?;
        let (_, rest) = python::split_plain_number(rest)?;
        let rest = rest.strip_prefix(Entry::AFTER_LIFE)?;
        let key_end = id.len() + 2;
        let token = key_end + Entry::BEFORE_TOKEN.len() + token.len();
        let description = token + Entry::BEFORE_DESCRIPTION.len() + description.len();
        let plain =
            Plain { token: NonZeroU32::new(token.try_into().ok()?)?, description: description.try_into().ok()? };
        let hash = hasher.hash_one(id.as_bytes());
        Some(Entry { text: &text[..text.len() - rest.len()], key_end, plain: Some(plain), hash })
    }

    pub(crate) fn id(&self) -> Text<'a> {
        let inner = &self.text[1..self.key_end - 1];
        let is_spelled_out = self.plain.is_some() || !has_escape(inner);
        if is_spelled_out { Text::Whole(Cow::Borrowed(inner)) } else { text_of(&self.text[..self.key_end]) }
    }

    /// The value's text, to tell equal entries by.
    pub(crate) fn spelling(&self) -> &'a str {
        self.text[self.key_end..].trim_start_matches([' ', '\t', '\n', '\r', ':'])
    }

    /// The token, the description and the life of a plain entry.
    fn parts(&self) -> Option<(&'a str, &'a str, &'a str)> {
        let plain = self.plain?;
        let (token, description) = (plain.token.get() as usize, plain.description as usize);
        let part = |from: usize, before: &str, to: usize| &self.text[from + before.len()..to];
        Some((
            part(self.key_end, Entry::BEFORE_TOKEN, token),
            part(token, Entry::BEFORE_DESCRIPTION, description),
            part(description, Entry::BEFORE_LIFE, self.text.len() - Entry::AFTER_LIFE.len()),
        ))
    }

    pub(crate) fn read(&self) -> Stored<'a> {
        let Some((text, description, life)) = self.parts() else { return self.read_any() };
        let stored = Stored {
            text: Some(Cow::Borrowed(text)),
            description: Some(Text::Whole(Cow::Borrowed(description))),
            life: Some(life),
        };
        debug_assert_eq!(stored, self.read_any(), "{}", self.text);
        stored
    }

    /// Reads an entry of any content.
    fn read_any(&self) -> Stored<'a> {
        let members = ["jwt_token", "jwt_token_description", "jwt_token_life"];
        let Ok(Value::Object(object)) = python::json(self.spelling().as_bytes(), &members) else {
            return Stored::default();
        };
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

    /// Whether the entry could hold a text as its token or description: a quick look, before all of it is read.
    pub(crate) fn may_hold(&self, text: &str) -> bool {
        match self.parts() {
            Some((token, description, _)) => token == text || description == text,
            None => has_escape(self.text) || self.text.contains(text),
        }
    }

    /// Whether Specter finds an entry here: an object of any content.
    pub(crate) fn is_object(&self) -> bool {
        self.spelling().starts_with('{')
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

/// Whether a spelling is not what it spells.
fn has_escape(spelling: &str) -> bool {
    python::has_byte(b'\\', spelling)
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

/// Reads a text from its beginning to its end; values that are not looked into are left to serde_json.
struct Reader<'a, 'h> {
    text: &'a str,
    at: usize,
    hasher: &'h DefaultHashBuilder,
}

impl<'a> Reader<'a, '_> {
    fn users(mut self) -> Result<Vec<User<'a>>, Fault> {
        let mut users = Vec::new();
        self.skip_space();
        if self.peek() != Some(b'[') {
            return Err(Fault::Shape("it is not an array of users".to_owned()));
        }
        self.each(b'[', b']', |reader| {
            users.push(reader.user(users.len() + 1)?);
            Ok(())
        })?;
        self.skip_space();
        if self.at == self.text.len() { Ok(users) } else { Err(Fault::Syntax) }
    }

    fn user(&mut self, number: usize) -> Result<User<'a>, Fault> {
        let before = &self.text[..self.at];
        let fault = |what: &str| {
            let line = before.matches('\n').count() + 1;
            Fault::Shape(format!("user {number}, on line {line}, {what}"))
        };
        if self.peek() != Some(b'{') {
            return Err(fault("is not an object"));
        }
        // Of equal names the last one counts.
        let mut members: BTreeMap<&str, &'a str> = BTreeMap::new();
        let mut tokens = TokenMap::Missing;
        let mut is_ambiguous = false;
        let mut end_of_members = 0;
        self.each(b'{', b'}', |reader| {
            let name = text_of(reader.key()?).into_shown();
            let start = reader.at;
            let value = if name == "jwt_tokens" && reader.peek() == Some(b'{') {
                tokens = reader.tokens()?;
                "{}"
            } else {
                let value = reader.value()?;
                check_limits(value, 2)?;
                if name == "jwt_tokens" {
                    tokens = TokenMap::Other { span: start..reader.at, value };
                }
                value
            };
            end_of_members = reader.at;
            // What else Specter keeps there is not looked at, however much it is.
            if let Some(known) = MEMBERS.into_iter().find(|known| *known == name) {
                let is_second = members.insert(known, value).is_some();
                is_ambiguous |= is_second && matches!(known, "jwt_tokens" | "username");
            }
            Ok(())
        })?;
        let required = |name: &str| members.get(name).copied().ok_or_else(|| fault(&format!("has no `{name}`")));
        required("id")?;
        required("password")?;
        let username = text_of(required("username")?);
        let is_admin = python::json(required("is_admin")?.as_bytes(), &[]).is_ok_and(|value| value.is_truthy());
        if !is_admin {
            required("config")?;
        }
        Ok(User { username, is_admin, tokens, is_ambiguous, end_of_members })
    }

    fn tokens(&mut self) -> Result<TokenMap<'a>, Fault> {
        let mut entries = Vec::new();
        let start = self.at;
        self.each(b'{', b'}', |reader| {
            entries.push(reader.entry()?);
            Ok(())
        })?;
        Ok(TokenMap::Map { span: start..self.at, entries })
    }

    fn entry(&mut self) -> Result<Entry<'a>, Fault> {
        let start = self.at;
        if let Some(plain) = Entry::plain(&self.text[start..], self.hasher) {
            let parts = |entry: Entry<'a>| (entry.text, entry.key_end, entry.hash);
            let other = || Reader { at: start, ..*self }.any_entry().map(parts);
            debug_assert!(other().is_ok_and(|other| other == parts(plain)), "{}", plain.text);
            self.at += plain.text.len();
            return Ok(plain);
        }
        self.any_entry()
    }

    fn any_entry(&mut self) -> Result<Entry<'a>, Fault> {
        let start = self.at;
        let key = self.key()?;
        check_limits(self.value()?, 3)?;
        let hash = self.hasher.hash_one(text_of(key).as_bytes());
        Ok(Entry { text: &self.text[start..self.at], key_end: key.len(), plain: None, hash })
    }

    /// Reads what stands between brackets or braces, item by item.
    fn each(&mut self, open: u8, close: u8, mut read: impl FnMut(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        self.expect(open)?;
        self.skip_space();
        if self.eat(close) {
            return Ok(());
        }
        loop {
            self.skip_space();
            read(self)?;
            self.skip_space();
            if self.eat(close) {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    /// Reads a name and what stands between it and its value; returns how the name is spelled.
    fn key(&mut self) -> Result<&'a str, Fault> {
        if self.peek() != Some(b'"') {
            return Err(Fault::Syntax);
        }
        let key = self.value()?;
        self.skip_space();
        self.expect(b':')?;
        self.skip_space();
        Ok(key)
    }

    /// Reads a value of any kind; returns how it is spelled.
    fn value(&mut self) -> Result<&'a str, Fault> {
        let mut rest = serde_json::Deserializer::from_str(&self.text[self.at..]);
        let value = <&RawValue>::deserialize(&mut rest).map_err(|_| Fault::Syntax)?.get();
        self.at += value.len();
        Ok(value)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.eat(byte) { Ok(()) } else { Err(Fault::Syntax) }
    }
}

/// Python gives up on values nested deeper than its stack, and on longer integers, both of which serde_json skips over.
fn check_limits(value: &str, depth_above: usize) -> Result<(), Fault> {
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
                return Err(Fault::Limit(why));
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
            return Err(Fault::Limit(format!("it is nested deeper than {} levels", python::MAX_DEPTH)));
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
