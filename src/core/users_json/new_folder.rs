//! A new data folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;

use super::folder::{DataFolder, clear, lock_folder, parent_of, sync, temporary_beside};
use super::obstacle::check_folder;
use super::patience::Patience;
use super::rename::put_in_free_place;
use super::way::check_way;
use crate::core::error::{Action, Error, FileContext as _, Result};

/// A data folder that Specter has not used yet. It is locked until this is dropped.
#[derive(Debug)]
pub(crate) struct NewFolder<'a> {
    folder: &'a DataFolder,
    lock: File,
}

impl<'a> NewFolder<'a> {
    /// Refuses a folder that cannot be one, or holds a users.json or a backup of one.
    pub(crate) fn check(folder: &DataFolder) -> Result<()> {
        check_way(folder.path())?;
        for file in [folder.users(), folder.backup()] {
            // A link counts, wherever it leads.
            if fs::symlink_metadata(&file).is_ok() {
                return Err(Error::FolderTaken { folder: folder.path().to_owned(), file });
            }
        }
        Ok(())
    }

    /// Makes the folder for its owner alone, if there is none. Folders above it get the usual mode. Waits for the lock on it.
    pub(crate) fn make(folder: &'a DataFolder, patience: &Patience) -> Result<Self> {
        // Nothing can be made in a path that ends in a dot.
        let path: PathBuf = folder.path().components().collect();
        fs::create_dir_all(parent_of(&path)).doing(Action::MakeFolder, &path)?;
        match fs::DirBuilder::new().mode(0o700).create(&path) {
            // The mask of the process may have removed even permissions that the owner needs.
            Ok(()) => {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).doing(Action::MakeFolder, &path)?;
            }
            Err(_) if path.is_dir() => {}
            Err(cause) => return Err(Error::File { action: Action::MakeFolder, path, cause }),
        }
        let lock = lock_folder(folder.path(), patience)?;
        NewFolder::check(folder)?;
        check_folder(folder.path())?;
        Ok(NewFolder { folder, lock })
    }

    /// Removes what an earlier attempt to add this file has left.
    pub(crate) fn clear(&self, name: &str) -> Result<()> {
        clear(&temporary_beside(&self.folder.path().join(name)))
    }

    /// Adds a file that only the folder's owner can read. The file is added whole or not at all, and never replaces
    /// another.
    pub(crate) fn add(&self, name: &str, contents: &str) -> Result<()> {
        let target = self.folder.path().join(name);
        let temporary = temporary_beside(&target);
        self.clear(name)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temporary)
            .doing(Action::Make, &target)?;
        let owner = self.lock.metadata().doing(Action::Make, &target)?;
        let made = file
            .set_permissions(fs::Permissions::from_mode(0o600))
            .and_then(|()| own_as(&file, &owner))
            .and_then(|()| file.write_all(contents.as_bytes()))
            .and_then(|()| file.sync_all())
            .and_then(|()| put_in_free_place(&temporary, &target));
        if made.is_err() {
            // If this fails, too, the next attempt removes the file.
            let _ = fs::remove_file(&temporary);
        }
        made.doing(Action::Make, &target)?;
        sync(self.folder.path());
        Ok(())
    }
}

/// If the superuser made a file, gives it to the owner of the folder.
fn own_as(file: &File, owner: &fs::Metadata) -> io::Result<()> {
    if file.metadata()?.uid() == owner.uid() {
        Ok(())
    } else {
        std::os::unix::fs::fchown(file, Some(owner.uid()), Some(owner.gid()))
    }
}
