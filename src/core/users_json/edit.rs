//! A change of users.json: pieces of text that replace others. Every byte outside them stays as it was.

use std::ops::Range;

use super::document::{Document, TokenMap};
use super::entry::{Entry, NewEntry, offset};

/// A piece of new text and the range of the old text that it replaces.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// A change of users.json that is still to be written.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(super) splices: Vec<Splice>,
    pub(super) backup: BackupBecomes,
}

/// The contents of users.json.bkp after a write. Specter falls back on it when it cannot parse users.json.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BackupBecomes {
    /// The old version, as Specter keeps it.
    Old,
    /// The new version, because the old one would bring a removed token back.
    New,
}

/// `jwt_tokens` of the user is neither an object nor null, and an edit would destroy it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotAMap {
    /// The value as it is spelled.
    pub(super) value: String,
}

impl Document<'_> {
    /// The pieces that remove entries from a user's tokens and add a new one at the end. `removed` is in ascending
    /// order.
    pub(super) fn edit(
        &self,
        user: usize,
        removed: &[usize],
        added: Option<&NewEntry<'_>>,
    ) -> Result<Vec<Splice>, NotAMap> {
        let user = &self.users[user];
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
            (TokenMap::Other { span }, Some(added)) => match &self.text[span.clone()] {
                "null" => splice(span.clone(), map_of(&added, "")),
                value => Err(NotAMap { value: value.to_owned() }),
            },
            (TokenMap::Missing | TokenMap::Other { .. }, None) => Ok(Vec::new()),
        }
    }

    /// Edits a map in which at least one entry stays, so that every comma keeps a neighbour on both sides.
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

    /// Returns the text that stays between the braces when all entries are gone: everything but the layout of
    /// `json.dump`, so that adding a token and removing it again changes nothing.
    fn inside_emptied(&self, span: &Range<usize>, entries: &[Entry<'_>]) -> &str {
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

fn map_of(entry: &str, inside: &str) -> String {
    format!("{{{entry}\n        {inside}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users_with(tokens: &str) -> String {
        format!("[{{\"id\":1,\"password\":2,\"is_admin\":true,\"username\":\"a\"{tokens},\"more\" : [ ] }}\n]\n")
    }

    /// The text after an edit of the first user.
    fn edited(text: &str, removed: &[usize], added: bool) -> Result<String, NotAMap> {
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
            // Removed entries: the first, the middle, the last, neighbours, all.
            ("{\"a\":1 , \"b\":2,\"c\":3}", &[0][..], false, "{\"b\":2,\"c\":3}"),
            ("{\"a\":1 , \"b\":2,\"c\":3}", &[1], false, "{\"a\":1,\"c\":3}"),
            ("{ \"a\":1 , \"b\":2,\"c\":3 }", &[2], false, "{ \"a\":1 , \"b\":2 }"),
            ("{ \"a\":1 , \"b\":2,\"c\":3 }", &[0, 1], false, "{ \"c\":3 }"),
            ("{ \"a\":1 , \"b\":2,\"c\":3 }", &[1, 2], false, "{ \"a\":1 }"),
            ("{\"a\":1,\"b\":2,\"c\":3}", &[0, 2], false, "{\"b\":2}"),
            ("{\"a\":1,\"b\":2}", &[0, 1], false, "{}"),
            ("{\n            \"a\": 1\n        }", &[0], false, "{}"),
            ("{\n  \"a\": 1\n  }", &[0], false, "{}"),
            // Added entries: to an empty map, to a filled one, in place of others, and where there is no map.
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
        for value in ["[1]", "0", "false", "\"x\"", "NaN"] {
            let refusal = Err(NotAMap { value: value.to_owned() });
            assert_eq!(edited(&users_with(&format!(",\"jwt_tokens\":{value}")), &[], true), refusal, "{value}");
        }
    }

    /// The last of doubled members counts in Python, and is the one that is edited.
    #[test]
    fn of_doubled_members_the_last_one_is_edited() {
        for (before, removed, added, after) in [
            (
                ",\"jwt_tokens\":{\"a\":1},\"jwt_\\u0074okens\":{}",
                &[][..],
                true,
                ",\"jwt_tokens\":{\"a\":1},\"jwt_\\u0074okens\":{NEW\n        }",
            ),
            (
                ",\"jwt_tokens\":{\"a\":1},\"jwt_tokens\":{\"b\":2}",
                &[0],
                false,
                ",\"jwt_tokens\":{\"a\":1},\"jwt_tokens\":{}",
            ),
            (",\"jwt_tokens\":0,\"jwt_tokens\":null", &[], true, ",\"jwt_tokens\":0,\"jwt_tokens\":{NEW\n        }"),
            (",\"jwt_tokens\":{},\"username\":\"b\"", &[], true, ",\"jwt_tokens\":{NEW\n        },\"username\":\"b\""),
        ] {
            assert_eq!(
                edited(&users_with(before), removed, added),
                Ok(users_with(&after.replace("NEW", NEW))),
                "{before}"
            );
        }
    }
}
