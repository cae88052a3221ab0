//! A users.json as it was when it was read: the text and everything found in it, in one owned value. It can be kept,
//! shared between threads, asked at any time, and replaced by a newer one.

use std::fs;
use std::path::{Path, PathBuf};

use self_cell::self_cell;

use super::bytes::{Contents, Identity, read};
use super::damage::text_in;
use super::database::Database;
use super::document::Document;
use crate::core::error::Result;
use crate::core::fault::Damage;

self_cell! {
    struct Parsed {
        owner: Contents,
        #[covariant]
        dependent: Database,
    }
}

pub(crate) struct Snapshot {
    path: PathBuf,
    parsed: Parsed,
}

/// The file at the path of a database.
pub(super) enum OnDisk {
    Nothing,
    /// A file that cannot be used, and its identity.
    Damaged(Damage, Identity),
    Good(Snapshot),
}

impl Snapshot {
    /// Reads the file at a path.
    pub(super) fn read(path: &Path) -> Result<OnDisk> {
        let Some(contents) = read(path)? else { return Ok(OnDisk::Nothing) };
        let identity = contents.identity;
        Ok(match Parsed::try_new(contents, |contents| database_in(&contents.bytes)) {
            Ok(parsed) => OnDisk::Good(Snapshot { path: path.to_owned(), parsed }),
            Err(damage) => OnDisk::Damaged(damage, identity),
        })
    }

    /// The users and tokens.
    pub(crate) fn database(&self) -> &Database<'_> {
        self.parsed.borrow_dependent()
    }

    pub(super) fn contents(&self) -> &Contents {
        self.parsed.borrow_owner()
    }

    /// Whether the file at the path is still the one that was read, as far as device, inode, size and time of the last
    /// write tell. The time of change is not compared, because it also changes when the file gets a second name.
    pub(crate) fn is_current(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|metadata| Identity::of(&metadata) == self.contents().identity)
    }
}

pub(super) fn database_in(bytes: &[u8]) -> Result<Database<'_>, Damage> {
    text_in(bytes).and_then(Document::parse).map(Database::new)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;
    use crate::core::jwt::key::Key;
    use crate::core::jwt::rules::Rules;
    use crate::core::source::Source;
    use crate::core::token::Reason;

    fn users(name: &str) -> String {
        format!(r#"[{{"id":"a","username":"{name}","password":1,"is_admin":true,"jwt_tokens":{{}}}}]"#)
    }

    fn good(path: &Path) -> Snapshot {
        match Snapshot::read(path).expect("readable") {
            OnDisk::Good(snapshot) => snapshot,
            OnDisk::Nothing | OnDisk::Damaged(..) => panic!("it is good"),
        }
    }

    /// A long-running program holds the database, judges with it from several threads, and replaces it.
    #[test]
    fn it_can_be_shared_and_replaced() {
        let directory = tempfile::tempdir().expect("a folder");
        let path = directory.path().join("users.json");
        fs::write(&path, users("alice")).expect("written");
        let mut held = Arc::new(good(&path));
        let old = Arc::clone(&held);
        assert!(held.is_current());

        fs::write(directory.path().join("new"), users("robert")).expect("written");
        fs::rename(directory.path().join("new"), &path).expect("put in place");
        assert!(!held.is_current());
        held = Arc::new(good(&path));
        assert!(held.is_current());
        let key = Arc::new(Key::new(b"a key that signs nothing of this".to_vec(), Source::Prompt).expect("a key"));
        let judging = thread::spawn({
            let held = Arc::clone(&held);
            move || [0, i64::MAX].map(|now| held.database().verdict("a.b.c", Some(&key), Rules::From2_1_11, now).reason)
        });
        assert_eq!(judging.join().expect("no panic"), [Reason::Malformed; 2]);
        assert!(held.database().user_named("robert").is_some());
        assert!(old.database().user_named("alice").is_some(), "who holds the old one goes on with it");
    }
}
