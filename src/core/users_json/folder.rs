//! A data folder: its paths, and the lock on it.
//!
//! Specter locks nothing and keeps its backup beside users.json. Its save makes a new file each time, so a lock on
//! users.json would not outlive a save. The lock is therefore on the folder that holds users.json, and no lock file is
//! left behind.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::patience::Patience;
use crate::core::error::{Action, Error, FileContext as _, Result};
use crate::core::waiting::Waiting;

/// The paths of a data folder.
#[derive(Debug, Clone)]
pub(crate) struct DataFolder {
    folder: PathBuf,
    is_named: bool,
}

impl DataFolder {
    /// A folder that somebody has named.
    pub(crate) fn new(folder: PathBuf) -> Self {
        DataFolder { folder, is_named: true }
    }

    /// The folder that is taken because nobody has named one.
    pub(crate) fn by_default(folder: PathBuf) -> Self {
        DataFolder { folder, is_named: false }
    }

    pub(crate) fn is_named(&self) -> bool {
        self.is_named
    }

    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn users(&self) -> PathBuf {
        self.folder.join("users.json")
    }

    pub(crate) fn backup(&self) -> PathBuf {
        self.folder.join("users.json.bkp")
    }
}

/// The lock on the folder that holds users.json, held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    /// The real path of users.json, links resolved.
    pub(super) users: PathBuf,
    /// The path at which Specter looks for the backup: beside the path that it opens.
    pub(super) backup: PathBuf,
    _folder: File,
}

impl Lock {
    /// Waits for the lock. `None` if there is no users.json whose folder could be locked.
    pub(super) fn take(folder: &DataFolder, patience: &Patience) -> Result<Option<Self>> {
        let users = match fs::canonicalize(folder.users()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            users => users.doing(Action::Find, folder.users())?,
        };
        let handle = lock_folder(parent_of(&users), patience)?;
        Ok(Some(Lock { users, backup: folder.backup(), _folder: handle }))
    }
}

/// Waits for the lock on a folder.
pub(super) fn lock_folder(folder: &Path, patience: &Patience) -> Result<File> {
    const PAUSE: Duration = Duration::from_millis(20);
    let handle = File::open(folder).doing(Action::Open, folder)?;
    let give_up_at = Instant::now() + patience.lock;
    let mut wait = None;
    loop {
        match handle.try_lock() {
            Ok(()) => return Ok(handle),
            Err(fs::TryLockError::WouldBlock) if Instant::now() < give_up_at => {
                patience.check()?;
                wait = wait.or_else(|| (patience.tell)(Waiting::Lock));
                thread::sleep(PAUSE);
            }
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Error::LockBusy { folder: folder.to_owned(), waited: patience.lock });
            }
            Err(fs::TryLockError::Error(cause))
                if cause.kind() == io::ErrorKind::Interrupted && Instant::now() < give_up_at => {}
            // Another kind of lock is no way out: processes that hold this kind would not see it.
            Err(fs::TryLockError::Error(cause)) => return Err(Error::NoLock { folder: folder.to_owned(), cause }),
        }
    }
}

/// Writes a folder's names to the disk. The change is made whether or not this works.
pub(super) fn sync(folder: &Path) -> bool {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems cannot do this for a folder, and do not need it.
        Err(error) => matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported),
        Ok(()) => true,
    }
}

pub(super) fn parent_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The name under which a new file is made, beside the file that it replaces.
pub(super) fn temporary_beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.specter-token.tmp"))
}

/// The name under which the old file is kept while it may have to be put back.
pub(super) fn kept_beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.specter-token.old"))
}

/// Removes a temporary file. The process that left it held the lock, and has ended.
pub(super) fn clear(temporary: &Path) -> Result<()> {
    if fs::symlink_metadata(temporary).is_ok() {
        fs::remove_file(temporary).doing(Action::Remove, temporary)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_users_json_there_is_nothing_to_lock() {
        let directory = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::new(directory.path().to_owned());
        assert!(Lock::take(&folder, &Patience::for_lock(Duration::ZERO)).expect("no error").is_none());
    }

    #[test]
    fn the_caller_says_how_long_it_waits_for_the_lock() {
        let directory = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::new(directory.path().to_owned());
        fs::write(folder.users(), "").expect("users.json");
        let held = Lock::take(&folder, &Patience::for_lock(Duration::ZERO)).expect("no error");
        assert!(held.is_some());
        let refused = Lock::take(&folder, &Patience::for_lock(Duration::from_millis(1)));
        assert!(matches!(refused, Err(Error::LockBusy { waited, .. }) if waited == Duration::from_millis(1)));
    }
}
