//! Handles a users.json that is missing or cut off. Perhaps Specter is saving it, and waiting helps. If not, the error
//! says what Specter itself would do at its next start.
//!
//! Specter falls back on users.json.bkp, silently, when it cannot parse users.json. It stops with an error when the
//! file is JSON of another shape. It makes a fresh database, login admin/admin, when there is no users.json, even if
//! there is a backup.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use super::bytes::Identity;
use super::folder::DataFolder;
use super::patience::Patience;
use super::snapshot::{OnDisk, Snapshot};
use crate::core::error::Error;
use crate::core::fault::Damage;
use crate::core::specter::process::is_being_written;

/// Nothing can be done with users.json, perhaps only for the moment.
pub(super) struct Unusable {
    users: PathBuf,
    error: Error,
    may_be_a_save: bool,
}

pub(super) fn missing(folder: &DataFolder) -> Unusable {
    let (users, backup) = (folder.users(), folder.backup());
    if backup.exists() {
        let error = Error::OnlyBackup { users: users.clone(), backup };
        return Unusable { users, error, may_be_a_save: true };
    }
    Unusable { users: users.clone(), error: Error::NoUsersJson { users }, may_be_a_save: false }
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
    /// The file at the last look, the time since when it is unchanged, and the number of looks since then.
    last: Option<(Option<Identity>, Instant, u32)>,
}

impl Watch {
    /// Waits a moment if that may help. `file` is the file that was found, or `None`.
    pub(super) fn wait_out(
        &mut self,
        file: Option<Identity>,
        unusable: Unusable,
        patience: &Patience,
    ) -> Result<(), Error> {
        /// The number of looks in a second on an idle machine. If the processors are so busy that we look less often,
        /// Specter writes less often, too.
        const LOOKS: u32 = 50;
        const PAUSE: Duration = Duration::from_millis(20);
        patience.check()?;
        let now = Instant::now();
        let began = *self.began.get_or_insert(now);
        let (since, looks) = match self.last {
            Some((last, since, looks)) if last == file => (since, looks + 1),
            _ => (now, 1),
        };
        self.last = Some((file, since, looks));
        let is_still = now - since >= patience.still_save && looks >= LOOKS;
        if !unusable.may_be_a_save || now - began >= patience.save || is_still && !is_being_written(&unusable.users) {
            return Err(unusable.error);
        }
        thread::sleep(PAUSE);
        Ok(())
    }
}
