//! A users.json that cannot be used: what is wrong with it, what Specter would do at its next start, and what helps.
//!
//! Specter falls back on users.json.bkp, silently, when it cannot parse users.json. It stops with an error when the file is
//! JSON of another shape. It makes a fresh database, login admin/admin, when there is no users.json, even beside a backup.

use std::thread;
use std::time::{Duration, Instant};

use serde::de::IgnoredAny;

use super::document::Document;
use super::file::{self, DataFolder, Identity};
use crate::words::failure::{Failure, Kind};

/// Why a users.json cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Damage {
    /// Specter cannot parse it either.
    Unparsable(String),
    /// Specter parses it and then stops with an error.
    WrongShape(String),
    /// Specter reads it, but this program does not.
    Unsupported(String),
}

/// The text that Python would decode.
pub(super) fn text_in(bytes: &[u8]) -> Result<&str, Damage> {
    let unparsable = |why: String| Err(Damage::Unparsable(why));
    match bytes {
        [] => return unparsable("it is empty".to_owned()),
        [0xEF, 0xBB, 0xBF, ..] => return unparsable("it begins with a byte order mark".to_owned()),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, 0, 0xFE, 0xFF, ..] => {
            return unparsable("it is UTF-16 or UTF-32 text, where Specter reads UTF-8".to_owned());
        }
        _ => {}
    }
    std::str::from_utf8(bytes).or_else(|error| unparsable(format!("it is not UTF-8 at byte {}", error.valid_up_to())))
}

/// Why a text is not one of users.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is not JSON.
    Syntax,
    /// It is JSON, or may be, but not what Specter reads users from.
    Shape(String),
    /// It goes beyond what Python parses.
    Limit(String),
}

/// Tells what Specter makes of a text that has a fault.
pub(super) fn of(text: &str, fault: Fault) -> Damage {
    if let Fault::Limit(why) = fault {
        return Damage::Unparsable(why);
    }
    // Specter does not come to see the shape of a text that breaks off later.
    match (serde_json::from_str::<IgnoredAny>(text), fault) {
        (Err(error), _) => of_syntax(text, &error),
        (Ok(_), Fault::Shape(why)) => Damage::WrongShape(why),
        (Ok(_), _) => Damage::Unparsable("it is not JSON".to_owned()),
    }
}

fn of_syntax(text: &str, error: &serde_json::Error) -> Damage {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = before + error.column().saturating_sub(1);
    // serde_json points at the first character that it does not expect, which may be the second of the word.
    let is_there =
        |word: &str| (at.saturating_sub(1)..=at).any(|at| text.get(at..).is_some_and(|rest| rest.starts_with(word)));
    if is_there("NaN") || is_there("Infinity") {
        let line = error.line();
        return Damage::Unsupported(format!(
            "it holds NaN or Infinity on line {line}, which Python reads but JSON does not have"
        ));
    }
    Damage::Unparsable(error.to_string())
}

/// Nothing can be done with users.json, perhaps only for the moment.
pub(super) struct Unusable {
    failure: Failure,
    may_be_a_save: bool,
}

pub(super) fn missing(folder: &DataFolder) -> Unusable {
    let users = folder.users();
    let backup = folder.backup();
    if backup.exists() {
        let message = format!(
            "could not find {}, though its backup is there; at its next start Specter would ignore the backup and begin anew \
             with the login admin/admin",
            users.display()
        );
        let hint = format!("to recover, stop Specter and run `cp -p {} {}`", backup.display(), users.display());
        return Unusable { failure: Failure::new(Kind::DamagedFile, message).hint(hint), may_be_a_save: true };
    }
    let message = format!("could not find {}", users.display());
    let hint = "name Specter's data folder with --data-folder; `specter-token init` makes a new one, and so does a Specter that is \
                started";
    Unusable { failure: Failure::new(Kind::Io, message).hint(hint), may_be_a_save: false }
}

pub(super) fn damaged(folder: &DataFolder, damage: Damage) -> Unusable {
    let users = folder.users();
    let users = users.display();
    let backup = folder.backup();
    let backup = backup.display();
    let (why, may_be_a_save) = match damage {
        Damage::Unparsable(why) => (why, true),
        Damage::WrongShape(why) => {
            let message = format!("could not use {users}: {why}; with this file Specter stops at its next start");
            let hint = "mend it with an editor, or put back a copy that Specter has written";
            return Unusable { failure: Failure::new(Kind::DamagedFile, message).hint(hint), may_be_a_save: false };
        }
        Damage::Unsupported(why) => {
            let message = format!("could not use {users}: {why}; Specter reads the file nevertheless");
            let hint = "stop Specter and write null or a number in its place";
            return Unusable { failure: Failure::new(Kind::DamagedFile, message).hint(hint), may_be_a_save: false };
        }
    };
    let (specter, hint) = if backup_is_good(folder) {
        (
            format!("at its next start Specter would replace it by {backup}, the version before, without a word"),
            format!("to recover that version yourself, stop Specter and run `cp -p {backup} {users}`"),
        )
    } else {
        (
            "and without a good users.json.bkp beside it Specter stops at its next start".to_owned(),
            "put back a copy that Specter has written".to_owned(),
        )
    };
    let message = format!("could not parse {users}: {why}; {specter}");
    Unusable { failure: Failure::new(Kind::DamagedFile, message).hint(hint), may_be_a_save }
}

fn backup_is_good(folder: &DataFolder) -> bool {
    let contents = file::read(&folder.backup()).ok().flatten();
    contents.is_some_and(|contents| text_in(&contents.bytes).and_then(Document::parse).is_ok())
}

/// A users.json that is missing or cut off may be one that Specter is saving: as long as it goes on changing, and for half a
/// second after that.
#[derive(Default)]
pub(super) struct Patience {
    began: Option<Instant>,
    /// What the file was at the last look, since when, and at how many looks.
    last: Option<(Option<Identity>, Instant, u32)>,
}

impl Patience {
    /// Waits a moment if that may help. `file` is what was looked at; none if there was none.
    pub(super) fn wait_out(&mut self, file: Option<Identity>, unusable: Unusable) -> Result<(), Failure> {
        const UNCHANGED: Duration = Duration::from_millis(500);
        /// Where processors have so much to do that we come to look less often, Specter comes to write less often too.
        const LOOKS: u32 = 10;
        /// Nobody saves for so long.
        const AT_ALL: Duration = Duration::from_secs(10);
        let now = Instant::now();
        let began = *self.began.get_or_insert(now);
        let (since, looks) = match self.last {
            Some((last, since, looks)) if last == file => (since, looks + 1),
            _ => (now, 1),
        };
        self.last = Some((file, since, looks));
        let is_at_rest = now - since >= UNCHANGED && looks >= LOOKS;
        if !unusable.may_be_a_save || is_at_rest || now - began >= AT_ALL {
            return Err(unusable.failure);
        }
        thread::sleep(Duration::from_millis(20));
        Ok(())
    }
}
