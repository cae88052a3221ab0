//! Handles a users.json that is missing or cut off. Perhaps Specter is saving it, and waiting helps. If not, the error
//! says what Specter itself would do at its next start.
//!
//! Specter falls back on users.json.bkp, silently, when it cannot parse users.json. It stops with an error when the
//! file is JSON of another shape. It makes a fresh database, login admin/admin, when there is no users.json, even if
//! there is a backup.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use super::bytes::Identity;
use super::folder::{DataFolder, parent_of};
use super::patience::Patience;
use super::snapshot::{OnDisk, Snapshot};
use super::way::{DanglingLink, check_way, dangling_link};
use crate::core::error::{Error, Result};
use crate::core::fault::Damage;
use crate::core::specter::elsewhere::running_elsewhere;
use crate::core::specter::process::is_being_written;
use crate::core::waiting::{Wait, Waiting};

/// Nothing can be done with users.json, perhaps only for the moment.
pub(super) struct Unusable {
    users: PathBuf,
    error: Error,
    may_be_a_save: bool,
}

/// Fails if there is nothing to work on, and no save can be the reason.
pub(crate) fn check_there(folder: &DataFolder) -> Result<()> {
    check_way(folder.path())?;
    let is_missing = matches!(fs::metadata(folder.users()), Err(error) if error.kind() == io::ErrorKind::NotFound);
    let unusable = is_missing.then(|| missing(folder)).filter(|unusable| !unusable.may_be_a_save);
    unusable.map_or(Ok(()), |unusable| Err(unusable.error))
}

pub(super) fn missing(folder: &DataFolder) -> Unusable {
    let (users, backup) = (folder.users(), folder.backup());
    let has_backup = backup.exists();
    if let Some(DanglingLink { link, target }) = dangling_link(&users) {
        // Where the link leads, a Specter may be saving.
        let may_be_a_save = has_backup || DataFolder::new(parent_of(&target).to_owned()).backup().exists();
        return Unusable { users, error: Error::DanglingLink { link, target }, may_be_a_save };
    }
    if has_backup {
        let error = Error::OnlyBackup { users: users.clone(), backup };
        return Unusable { users, error, may_be_a_save: true };
    }
    // Behind a link, it may be back by now.
    let may_be_a_save = users.exists();
    let has_to_look = !may_be_a_save && !folder.is_named();
    let elsewhere = if has_to_look { running_elsewhere(folder.path()) } else { Vec::new() };
    Unusable { users: users.clone(), error: Error::NoUsersJson { users, elsewhere }, may_be_a_save }
}

pub(super) fn damaged(folder: &DataFolder, damage: Damage) -> Unusable {
    let (users, backup) = (folder.users(), folder.backup());
    let may_be_a_save = damage.is_unparsable();
    let has_good_backup = may_be_a_save && matches!(Snapshot::read(&backup), Ok(OnDisk::Good(_)));
    let error = Error::Damaged { users: users.clone(), backup, damage, has_good_backup };
    Unusable { users, error, may_be_a_save }
}

/// Watches a file that Specter may be saving.
#[derive(Default)]
pub(super) struct Watch {
    began: Option<Instant>,
    /// The number of looks since then.
    looks: u32,
    /// The file at the last look, the time since when it is unchanged, and the number of looks since then.
    last: Option<(Option<Identity>, Instant, u32)>,
    /// Whether no process had the file open for writing after the last look.
    is_closed: bool,
    wait: Wait,
}

impl Watch {
    /// Waits a moment if that may help. `file` is the file that was found, or `None`.
    pub(super) fn wait_out(&mut self, file: Option<Identity>, unusable: Unusable, patience: &Patience) -> Result<()> {
        /// The number of looks in a second on an idle machine. If the processors are so busy that we look less often,
        /// Specter writes less often, too.
        const LOOKS: u32 = 50;
        const PAUSE: Duration = Duration::from_millis(20);
        patience.check()?;
        let now = Instant::now();
        let began = *self.began.get_or_insert(now);
        self.looks += 1;
        let (since, looks) = match self.last {
            Some((last, since, looks)) if last == file => (since, looks + 1),
            _ => (now, 1),
        };
        self.last = Some((file, since, looks));
        let is_still = now - since >= patience.still_save && looks >= LOOKS;
        let took_too_long = now - began >= patience.save && self.looks >= LOOKS;
        // A process may have written the rest and closed the file since this look, so one more look is needed.
        let was_closed = std::mem::replace(&mut self.is_closed, is_still && !is_being_written(&unusable.users));
        if !unusable.may_be_a_save || took_too_long || is_still && was_closed {
            return Err(unusable.error);
        }
        self.wait = self.wait.take().or_else(|| (patience.tell)(Waiting::Save(&unusable.users)));
        thread::sleep(PAUSE);
        Ok(())
    }
}
