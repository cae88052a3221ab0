//! One entry of `jwt_tokens`: `"jwt_token_id": {"jwt_token": …, "jwt_token_description": …, "jwt_token_life": …}`.
//!
//! An entry in Specter's spelling is read by the template that new ones are written from, and any other by the general
//! reader.

use std::borrow::Cow;
use std::hash::BuildHasher as _;
use std::num::NonZeroU32;

use hashbrown::DefaultHashBuilder;

use crate::core::python::json::{JsonError, Value, json};
use crate::core::python::template::{Filling, Slot, Template};
use crate::core::python::text::Text;

/// An entry as `json.dump(indent=4)` spells it, with its key.
const ENTRY: Template<4> = Template {
    slots: [
        ("", Slot::Text),
        (": {\n                \"jwt_token\": ", Slot::Text),
        (",\n                \"jwt_token_description\": ", Slot::Text),
        (",\n                \"jwt_token_life\": ", Slot::Number),
    ],
    after: "\n            }",
};

/// The text of one entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// The text from the first quote of the key to the end of the value.
    pub(super) text: &'a str,
    /// The end of the key, after its last quote.
    key_end: usize,
    /// The ends of the strings, if the entry is spelled like the template.
    plain: Option<PlainEnds>,
    /// The hash of the id. It is made while the id is being read: coming back to the ids of a long file takes longer
    /// than reading it.
    pub(super) hash: u64,
}

/// The ends of the strings of an entry. All text between the strings is always the same.
#[derive(Debug, Clone, Copy)]
struct PlainEnds {
    token: NonZeroU32,
    description: u32,
}

/// The contents of an entry. A malformed entry has fewer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields<'a> {
    /// `jwt_token`.
    pub(super) text: Option<Cow<'a, str>>,
    pub(super) description: Option<Text<'a>>,
    /// `jwt_token_life`, if it is a number in JSON.
    pub(super) life: Option<&'a str>,
}

/// A new token for a user.
#[derive(Debug)]
pub(crate) struct NewEntry<'a> {
    pub(crate) id: &'a str,
    pub(crate) text: &'a str,
    pub(crate) description: &'a str,
    /// Seconds.
    pub(crate) life: i64,
}

impl NewEntry<'_> {
    /// The entry as Specter writes it, from the newline before its key to its last brace.
    pub(super) fn to_json(&self) -> String {
        let mut json = String::from("\n            ");
        let NewEntry { id, text, description, life } = *self;
        let values = [Filling::Text(id), Filling::Text(text), Filling::Text(description), Filling::Number(life)];
        ENTRY.write(&mut json, values);
        json
    }
}

impl<'a> Entry<'a> {
    /// Reads the entry at the beginning of a text, if it is spelled like the template.
    pub(super) fn plain(text: &'a str, hasher: &DefaultHashBuilder) -> Option<Self> {
        let (id, rest) = ENTRY.read(0, text)?;
        let (token, rest) = ENTRY.read(1, rest)?;
        let (description, rest) = ENTRY.read(2, rest)?;
        let (_, rest) = ENTRY.read(3, rest)?;
        let rest = ENTRY.read_end(rest)?;
        let end_of = |part: &str| u32::try_from(offset(text, part) + part.len()).ok();
        let plain = PlainEnds { token: NonZeroU32::new(end_of(token)?)?, description: end_of(description)? };
        Some(Entry {
            text: &text[..text.len() - rest.len()],
            key_end: id.len() + 2,
            plain: Some(plain),
            hash: hasher.hash_one(id.as_bytes()),
        })
    }

    /// An entry of any spelling.
    pub(super) fn general(text: &'a str, key: &Text<'_>, key_end: usize, hasher: &DefaultHashBuilder) -> Self {
        Entry { text, key_end, plain: None, hash: hasher.hash_one(key.as_bytes()) }
    }

    pub(super) fn id(&self) -> Text<'a> {
        let inner = &self.text[1..self.key_end - 1];
        let is_spelled_out = self.plain.is_some() || !has_escape(inner);
        if is_spelled_out { Text::Whole(Cow::Borrowed(inner)) } else { text_of(&self.text[..self.key_end]) }
    }

    /// The text of the value, which tells whether two entries are equal.
    pub(super) fn spelling(&self) -> &'a str {
        self.text[self.key_end..].trim_start_matches([' ', '\t', '\n', '\r', ':'])
    }

    /// The token, the description and the life of a plain entry.
    fn parts(&self) -> Option<[&'a str; 3]> {
        let PlainEnds { token, description } = self.plain?;
        let (token, description) = (token.get() as usize, description as usize);
        let [_, before_token, before_description, before_life] = ENTRY.slots.map(|(before, _)| before.len());
        Some([
            &self.text[self.key_end + before_token + 1..token],
            &self.text[token + 1 + before_description + 1..description],
            &self.text[description + 1 + before_life..self.text.len() - ENTRY.after.len()],
        ])
    }

    pub(super) fn fields(&self) -> Fields<'a> {
        let Some([text, description, life]) = self.parts() else { return self.general_fields() };
        let fields = Fields {
            text: Some(Cow::Borrowed(text)),
            description: Some(Text::Whole(Cow::Borrowed(description))),
            life: Some(life),
        };
        debug_assert_eq!(fields, self.general_fields(), "{}", self.text);
        fields
    }

    /// The contents of an entry of any spelling.
    fn general_fields(&self) -> Fields<'a> {
        let members = ["jwt_token", "jwt_token_description", "jwt_token_life"];
        let Ok(Value::Object(object)) = json(self.spelling().as_bytes(), &members) else {
            return Fields::default();
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
        Fields { text, description, life }
    }

    /// Whether the entry could hold a text as its token or description. This quick check comes before the whole entry
    /// is read.
    pub(super) fn may_hold(&self, text: &str) -> bool {
        match self.parts() {
            Some([token, description, _]) => token == text || description == text,
            None => has_escape(self.text) || self.text.contains(text),
        }
    }

    /// Whether this is an entry to Specter: an object with any contents.
    pub(super) fn is_object(&self) -> bool {
        self.spelling().starts_with('{')
    }

    /// The facts on which two ways of reading the same entry must agree.
    pub(super) fn outline(&self) -> (&'a str, usize, u64) {
        (self.text, self.key_end, self.hash)
    }
}

/// The offset of a part of a text.
pub(super) fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

/// Whether a spelling differs from the text that it spells.
fn has_escape(spelling: &str) -> bool {
    spelling.contains('\\')
}

/// The text that a JSON string spells. A value that is not a string equals no text.
fn text_of(spelling: &str) -> Text<'_> {
    match json(spelling.as_bytes(), &[]) {
        Ok(Value::Text(text)) => text,
        Ok(_) | Err(JsonError::Malformed | JsonError::TooManyDigits | JsonError::TooDeep) => {
            Text::Broken(spelling.as_bytes().to_vec())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_by_the_same_template() {
        let hasher = DefaultHashBuilder::default();
        for (description, is_plain) in
            [("nightly backup", true), ("/", true), ("é", false), ("a\"b", false), ("a\nb", false)]
        {
            let new = NewEntry { id: "9b70c8e5-0324", text: "x.y.z", description, life: 259_200 };
            let json = new.to_json();
            let json = json.trim_start();
            let plain = Entry::plain(json, &hasher);
            assert_eq!(plain.is_some(), is_plain, "{json}");
            let key = Text::from("9b70c8e5-0324");
            let general = Entry::general(json, &key, 15, &hasher);
            let entry = plain.unwrap_or(general);
            assert_eq!(entry.outline(), general.outline());
            let fields = entry.fields();
            assert_eq!((fields.text.as_deref(), fields.life), (Some("x.y.z"), Some("259200")));
            assert_eq!(fields.description.as_ref().and_then(Text::as_str), Some(description));
            assert_eq!(entry.id(), key);
        }
    }
}
