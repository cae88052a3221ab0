//! Reads the database, and changes it: read under the lock, decide, write, and start again if another process was
//! faster.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::database::Database;
use super::edit::Edit;
use super::folder::{DataFolder, Lock};
use super::patience::Patience;
use super::recovery::{Watch, damaged, missing};
use super::snapshot::{OnDisk, Snapshot};
use super::write::Outcome;
use crate::core::error::{Error, Result};

/// A command's decision on the database.
pub(crate) enum Decision {
    Nothing,
    /// A change of users.json that is not made: only what would hinder it is looked for.
    DryRun,
    Users(Edit),
    /// A change of only users.json.bkp.
    Backup {
        edit: Edit,
        /// The backup to change.
        of: Arc<Snapshot>,
    },
}

/// Reads the database.
pub(crate) fn read(folder: &DataFolder, patience: &Patience) -> Result<Snapshot> {
    let mut watch = Watch::default();
    loop {
        match Snapshot::read(&folder.users())? {
            OnDisk::Good(snapshot) => return Ok(snapshot),
            OnDisk::Damaged(damage, identity) => {
                watch.wait_out(Some(identity), damaged(folder, damage), patience)?;
            }
            OnDisk::Nothing => watch.wait_out(None, missing(folder), patience)?,
        }
    }
}

/// The result of an update.
pub(crate) struct Updated<T> {
    pub(crate) value: T,
    /// Whether the change is certain to survive a power failure.
    pub(crate) is_synced: bool,
}

/// Reads the database under the lock and writes what `decide` decides. `decide` may be called again if another process
/// overtakes the write.
pub(crate) fn update<T>(
    folder: &DataFolder,
    patience: &Patience,
    mut decide: impl FnMut(&Database<'_>, &OldBackup) -> Result<(Decision, T)>,
) -> Result<Updated<T>> {
    let mut watch = Watch::default();
    let give_up_at = Instant::now() + patience.lock;
    loop {
        let found = match Lock::take(folder, patience)? {
            Some(lock) => Some((lock, Snapshot::read(&folder.users())?)),
            None => None,
        };
        let (lock, users) = match found {
            Some((lock, OnDisk::Good(users))) => (lock, users),
            Some((lock, OnDisk::Damaged(damage, identity))) => {
                drop(lock);
                watch.wait_out(Some(identity), damaged(folder, damage), patience)?;
                continue;
            }
            found => {
                // Specter saves without a lock, but other processes should not have to wait for ours.
                drop(found);
                watch.wait_out(None, missing(folder), patience)?;
                continue;
            }
        };
        watch = Watch::default();
        let (decision, value) = decide(users.database(), &OldBackup::of(folder))?;
        let outcome = match decision {
            Decision::Users(edit) => lock.write(&users, &edit.splices, &edit.backup, patience)?,
            Decision::Backup { edit, of } => lock.write_backup(&of, &edit.splices, patience)?,
            Decision::Nothing => Outcome::Done { is_synced: true },
            Decision::DryRun => {
                lock.check_writable()?;
                Outcome::Done { is_synced: true }
            }
        };
        if let Outcome::Done { is_synced } = outcome {
            return Ok(Updated { value, is_synced });
        }
        if Instant::now() > give_up_at {
            return Err(Error::KeepsChanging { users: folder.users() });
        }
    }
}

/// users.json.bkp before a write. It is read on demand.
pub(crate) struct OldBackup {
    path: PathBuf,
    snapshot: OnceCell<Option<Arc<Snapshot>>>,
}

impl OldBackup {
    pub(crate) fn of(folder: &DataFolder) -> Self {
        OldBackup { path: folder.backup(), snapshot: OnceCell::new() }
    }

    /// The backup that Specter would fall back on. `None` if it could not.
    pub(crate) fn snapshot(&self) -> Result<Option<Arc<Snapshot>>> {
        if let Some(read) = self.snapshot.get() {
            return Ok(read.clone());
        }
        let read = match Snapshot::read(&self.path)? {
            OnDisk::Good(snapshot) => Some(Arc::new(snapshot)),
            OnDisk::Nothing | OnDisk::Damaged(..) => None,
        };
        Ok(self.snapshot.get_or_init(|| read).clone())
    }
}
