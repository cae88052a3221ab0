//! For the fuzzer: reads a users.json and, if it is accepted, checks that a token that is created and revoked again
//! leaves every byte as it was.

use super::entry::NewEntry;
use super::select::select;
use super::snapshot::database_in;
use super::write::spliced;

pub(crate) fn read_and_change(bytes: &[u8]) {
    let Ok(database) = database_in(bytes) else { return };
    for listed in database.tokens() {
        let token = database.token(&listed, None, 1_790_000_000);
        let _ = select(&database, &[token.id.into_owned()], None);
    }
    let text = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAA";
    let entry = NewEntry { id: "00000000-0000-4000-8000-00000000f022", text, description: "a new one", life: 60 };
    for user in database.users() {
        // A value that is not a map of tokens is not changed.
        let Ok(edit) = database.edit(&[], Some((user, &entry))) else { continue };
        let with_token = spliced(bytes, &edit.splices);
        let Ok(changed) = database_in(&with_token) else { panic!("what was written cannot be read") };
        let place = changed.place_of(user, &entry.id.into());
        let Some(place) = place else { panic!("what was written is not found") };
        let Ok(edit) = changed.edit(&[place], None) else { panic!("what was written cannot be taken back") };
        let after = spliced(&with_token, &edit.splices);
        // If `jwt_tokens` was missing or null, an empty one stays.
        assert!(!database.has_token_map(user) || after == bytes, "what was taken back has left something");
    }
}
