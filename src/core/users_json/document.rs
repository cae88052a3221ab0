//! The text of a users.json, and the places of its users and tokens, found in one pass by the rules of Python's `json`.

use std::ops::Range;

use hashbrown::DefaultHashBuilder;
use std::hash::BuildHasher as _;

use super::damage::{damage_of_json, damage_of_shape};
use super::entry::Entry;
use crate::core::fault::{Damage, UserFault};
use crate::core::python::json::{Cursor, JsonError, MAX_DEPTH_AT_START, Value};
use crate::core::python::text::Text;

/// The users of a users.json, which refer to its text.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) text: &'a str,
    pub(super) users: Vec<User<'a>>,
    hasher: DefaultHashBuilder,
}

#[derive(Debug)]
pub(super) struct User<'a> {
    pub(super) username: Text<'a>,
    /// As Python's `bool` judges the value.
    pub(super) is_admin: bool,
    pub(super) tokens: TokenMap<'a>,
    /// The end of the last member, as an offset into the text.
    pub(super) end_of_members: usize,
}

/// The value of `jwt_tokens`. If there are several, the last one counts.
#[derive(Debug, Default)]
pub(super) enum TokenMap<'a> {
    /// Users of a Specter before 1.14 have none.
    #[default]
    Missing,
    Map {
        span: Range<usize>,
        entries: Vec<Entry<'a>>,
    },
    /// Any other value. Specter finds no tokens in it.
    Other {
        span: Range<usize>,
    },
}

impl<'a> User<'a> {
    pub(super) fn entries(&self) -> &[Entry<'a>] {
        match &self.tokens {
            TokenMap::Map { entries, .. } => entries,
            TokenMap::Missing | TokenMap::Other { .. } => &[],
        }
    }
}

impl<'a> Document<'a> {
    /// Reads what Specter would load, and refuses what Specter would refuse.
    pub(super) fn parse(text: &'a str) -> Result<Self, Damage> {
        let hasher = DefaultHashBuilder::default();
        let mut cursor = Cursor::new(text.as_bytes(), MAX_DEPTH_AT_START);
        let read = Reader { text, hasher: &hasher }.users(&mut cursor);
        let users = read.map_err(|fault| match fault {
            Fault::Json(error) => damage_of_json(text, error, cursor.at()),
            Fault::Shape(damage) => damage_of_shape(text, damage),
        })?;
        if !users.iter().any(|user| user.is_admin) {
            return Err(Damage::NoAdmin);
        }
        Ok(Document { text, users, hasher })
    }

    /// The hash of an entry with this id.
    pub(super) fn hash_of(&self, id: &Text<'_>) -> u64 {
        self.hasher.hash_one(id.as_bytes())
    }
}

/// Why a text does not hold users.
#[derive(Debug)]
enum Fault {
    Json(JsonError),
    /// The text is JSON so far, but Specter cannot read users from it.
    Shape(Damage),
}

impl From<JsonError> for Fault {
    fn from(error: JsonError) -> Self {
        Fault::Json(error)
    }
}

struct Reader<'a, 'h> {
    text: &'a str,
    hasher: &'h DefaultHashBuilder,
}

impl<'a> Reader<'a, '_> {
    fn users(&self, cursor: &mut Cursor<'a>) -> Result<Vec<User<'a>>, Fault> {
        let mut users = Vec::new();
        cursor.skip_space();
        if cursor.peek() != Some(b'[') {
            return Err(Fault::Shape(Damage::NotAnArray));
        }
        cursor.each(b'[', b']', |cursor| {
            users.push(self.user(cursor, users.len() + 1)?);
            Ok::<_, Fault>(())
        })?;
        cursor.end()?;
        Ok(users)
    }

    fn user(&self, cursor: &mut Cursor<'a>, number: usize) -> Result<User<'a>, Fault> {
        let start = cursor.at();
        let fault = |fault| {
            let line = self.text[..start].matches('\n').count() + 1;
            Fault::Shape(Damage::User { number, line, fault })
        };
        if cursor.peek() != Some(b'{') {
            return Err(fault(UserFault::NotAnObject));
        }
        // The last of equal names counts.
        let (mut has_id, mut has_password, mut has_config) = (false, false, false);
        let (mut username, mut is_admin) = (None, None);
        let mut tokens = TokenMap::Missing;
        let mut end_of_members = 0;
        cursor.each(b'{', b'}', |cursor| {
            let name = cursor.key()?;
            match name.as_str().unwrap_or_default() {
                "jwt_tokens" => tokens = self.tokens(cursor)?,
                "username" => username = Some(self.text_value(cursor)?),
                "is_admin" => is_admin = Some(cursor.value(&[])?.is_truthy()),
                known => {
                    has_id |= known == "id";
                    has_password |= known == "password";
                    has_config |= known == "config";
                    cursor.value(&[])?;
                }
            }
            end_of_members = cursor.at();
            Ok::<_, Fault>(())
        })?;
        let lacks = |name| fault(UserFault::Lacks(name));
        if !has_id {
            return Err(lacks("id"));
        }
        if !has_password {
            return Err(lacks("password"));
        }
        let username = username.ok_or_else(|| lacks("username"))?;
        let is_admin = is_admin.ok_or_else(|| lacks("is_admin"))?;
        if !is_admin && !has_config {
            return Err(lacks("config"));
        }
        Ok(User { username, is_admin, tokens, end_of_members })
    }

    /// Reads a string. Any other value becomes its spelling, which equals no string.
    fn text_value(&self, cursor: &mut Cursor<'a>) -> Result<Text<'a>, JsonError> {
        let start = cursor.at();
        Ok(match cursor.value(&[])? {
            Value::Text(text) => text,
            _ => Text::Broken(self.text.as_bytes()[start..cursor.at()].to_vec()),
        })
    }

    fn tokens(&self, cursor: &mut Cursor<'a>) -> Result<TokenMap<'a>, Fault> {
        let start = cursor.at();
        if cursor.peek() != Some(b'{') {
            cursor.value(&[])?;
            return Ok(TokenMap::Other { span: start..cursor.at() });
        }
        let mut entries = Vec::new();
        cursor.each(b'{', b'}', |cursor| {
            entries.push(self.entry(cursor)?);
            Ok::<_, Fault>(())
        })?;
        Ok(TokenMap::Map { span: start..cursor.at(), entries })
    }

    fn entry(&self, cursor: &mut Cursor<'a>) -> Result<Entry<'a>, JsonError> {
        let Some(plain) = Entry::plain(&self.text[cursor.at()..], self.hasher) else {
            return self.general_entry(cursor);
        };
        debug_assert_eq!(
            self.general_entry(&mut cursor.clone()).map(|entry| entry.outline()),
            Ok(plain.outline()),
            "{}",
            plain.text
        );
        cursor.skip(plain.text.len());
        Ok(plain)
    }

    fn general_entry(&self, cursor: &mut Cursor<'a>) -> Result<Entry<'a>, JsonError> {
        let start = cursor.at();
        let key = cursor.string()?;
        let key_end = cursor.at() - start;
        cursor.colon()?;
        cursor.value(&[])?;
        Ok(Entry::general(&self.text[start..cursor.at()], &key, key_end, self.hasher))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(Document::parse(&text).err().is_none_or(|damage| !damage.is_unparsable()), "{text}");
        }
    }

    #[test]
    fn it_nests_as_deep_as_at_the_start_of_specter() {
        let nested = |open: &str, close: &str, depth: usize| {
            let value = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            format!("[{{\"id\":1,\"password\":2,\"is_admin\":1,\"username\":\"a\",\"deep\":{value}}}]")
        };
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            assert!(Document::parse(&nested(open, close, MAX_DEPTH_AT_START - 2)).is_ok());
            let damage = Document::parse(&nested(open, close, MAX_DEPTH_AT_START - 1)).err();
            assert!(matches!(damage, Some(Damage::TooDeep(_))), "{damage:?}");
        }
    }

    #[test]
    fn of_doubled_members_the_last_one_counts() {
        let text = r#"[{"id":1,"password":2,"is_admin":0,"username":"a","jwt_tokens":{"x":1},"is_admin":1,"jwt_tokens":{"y":1,"z":2},"username":"b"}]"#;
        let document = Document::parse(text).expect("users");
        let [user] = &document.users[..] else { panic!("one user") };
        let ids: Vec<_> = user.entries().iter().map(|entry| entry.id().into_shown()).collect();
        assert_eq!((user.username.as_str(), user.is_admin, ids), (Some("b"), true, vec!["y".into(), "z".into()]));
    }
}
