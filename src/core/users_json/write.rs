//! Replaces users.json so that a crash leaves the old file or the new one, and no other process's change is lost.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::backup::{NewBackup, NewBackupIs};
use super::bytes::{Contents, Identity};
use super::edit::{BackupBecomes, Splice};
use super::folder::{Lock, clear, kept_beside, parent_of, sync, temporary_beside};
use super::obstacle::check_file;
use super::patience::Patience;
use super::rename::{Exchange, exchange, put_back};
use super::snapshot::Snapshot;
use crate::core::error::{Action, Error, FileContext as _, Result};

/// The result of a write.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done {
        /// Whether the change is certain to survive a power failure.
        is_synced: bool,
    },
    /// Another process has changed the file since it was read; nothing was written.
    Overtaken,
}

impl Lock {
    /// Writes users.json with the pieces put in, and the backup as told. On any failure users.json is as it was.
    pub(super) fn write(
        &self,
        old: &Snapshot,
        splices: &[Splice],
        backup: &BackupBecomes,
        patience: &Patience,
    ) -> Result<Outcome> {
        let prepared = self.prepare(old.contents(), splices, backup);
        // Another process's change may be the cause of a failure so far.
        if !old.is_current() {
            return Ok(Outcome::Overtaken);
        }
        let (new, new_backup) = prepared?;
        // Writing the files may have taken long.
        patience.check()?;
        // The backup comes first. If it came last, a crash between the two would leave a backup that brings a removed
        // token back.
        let Some(new_backup) = new_backup.put_in_place_for_now(&self.users)? else { return Ok(Outcome::Overtaken) };
        // The backup must be on the disk first for the same reason. If it is the old version, an older one would do as
        // well.
        let backup_is_synced = *backup == BackupBecomes::Old || sync(parent_of(&self.backup));
        let ours = Identity::at(&new.temporary);
        match new.put_in_place_of(&old.contents().identity) {
            Ok(true) => drop(new_backup),
            Ok(false) => {
                // If this fails, the next attempt replaces the backup once more.
                let _ = new_backup.take_back();
                return Ok(Outcome::Overtaken);
            }
            // With our users.json in place, the old backup could bring a removed token back.
            Err(cause) if Identity::at(&self.users) == ours || new_backup.take_back().is_ok() => return Err(cause),
            Err(cause) => {
                return Err(Error::BackupReplaced { backup: self.backup.clone(), cause: Box::new(cause) });
            }
        }
        Ok(Outcome::Done { is_synced: sync(parent_of(&self.users)) && backup_is_synced })
    }

    /// Fails if a write would, as far as that can be told without one.
    pub(super) fn check_writable(&self) -> Result<()> {
        for file in [&self.users, &self.backup] {
            check_file(file)?;
            let may_write = accessat(CWD, parent_of(file), Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS);
            may_write.map_err(io::Error::from).doing(Action::Make, temporary_beside(file))?;
        }
        Ok(())
    }

    /// Makes the new users.json and the new backup under other names.
    fn prepare(
        &self,
        old: &Contents,
        splices: &[Splice],
        backup: &BackupBecomes,
    ) -> Result<(Replacement<'_>, Replacement<'_>)> {
        check_file(&self.users)?;
        check_file(&self.backup)?;
        clear(&kept_beside(&self.backup))?;
        let model = fs::metadata(&self.users).doing(Action::Write, &self.users)?;
        let mut new = Replacement::create(&self.users, &self.users, &model)?;
        new.write_spliced(&old.bytes, splices)?;
        let new_backup = match backup {
            BackupBecomes::New => {
                let mut copy = Replacement::create(&self.backup, &self.users, &model)?;
                copy.write_spliced(&old.bytes, splices)?;
                copy
            }
            BackupBecomes::Old => Replacement::link(&self.backup, &self.users, &model, &old.bytes)?,
        };
        Ok((new, new_backup))
    }

    /// Replaces only the backup.
    pub(super) fn write_backup(&self, old: &Snapshot, splices: &[Splice], patience: &Patience) -> Result<Outcome> {
        let prepared = self.prepare_backup(old.contents(), splices);
        if !old.is_current() {
            return Ok(Outcome::Overtaken);
        }
        let new = prepared?;
        patience.check()?;
        new.put_in_place()?;
        Ok(Outcome::Done { is_synced: sync(parent_of(&self.backup)) })
    }

    fn prepare_backup(&self, old: &Contents, splices: &[Splice]) -> Result<Replacement<'_>> {
        check_file(&self.backup)?;
        let model = fs::metadata(&self.backup).doing(Action::Write, &self.backup)?;
        let mut new = Replacement::create(&self.backup, &self.backup, &model)?;
        new.write_spliced(&old.bytes, splices)?;
        Ok(new)
    }
}

/// A new file beside the one that it replaces. It is removed unless it is put in place.
struct Replacement<'a> {
    temporary: PathBuf,
    target: &'a Path,
    file: Option<File>,
    is_in_place: bool,
}

impl<'a> Replacement<'a> {
    /// Makes a file with the mode, owner and access control list of `model` while it is still empty.
    fn create(target: &'a Path, model: &Path, metadata: &fs::Metadata) -> Result<Self> {
        let temporary = temporary_beside(target);
        clear(&temporary)?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temporary)
            .doing(Action::Make, &temporary)?;
        let replacement = Replacement { temporary: temporary.clone(), target, file: Some(file), is_in_place: false };
        if let Some(file) = &replacement.file {
            keep_owner(file, metadata).map_err(|cause| Error::OwnerNotKept { model: model.to_owned(), cause })?;
            file.set_permissions(fs::Permissions::from_mode(metadata.mode() & 0o7777))
                .doing(Action::Make, &temporary)?;
            keep_access_list(model, &temporary)
                .map_err(|cause| Error::OwnerNotKept { model: model.to_owned(), cause })?;
        }
        Ok(replacement)
    }

    /// Gives the old file a second name, which costs nothing, or copies it if the file system cannot do that.
    fn link(target: &'a Path, model: &Path, metadata: &fs::Metadata, bytes: &[u8]) -> Result<Self> {
        let temporary = temporary_beside(target);
        clear(&temporary)?;
        if fs::hard_link(model, &temporary).is_ok() {
            return Ok(Replacement { temporary, target, file: None, is_in_place: false });
        }
        let mut copy = Replacement::create(target, model, metadata)?;
        copy.write_spliced(bytes, &[])?;
        Ok(copy)
    }

    fn write_spliced(&mut self, old: &[u8], splices: &[Splice]) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        write_spliced(file, old, splices).and_then(|()| file.sync_all()).doing(Action::Write, &self.temporary)
    }

    fn put_in_place(mut self) -> Result<()> {
        fs::rename(&self.temporary, self.target).doing(Action::Replace, self.target)?;
        self.is_in_place = true;
        Ok(())
    }

    /// Puts a new backup in place so that it can be taken back. `None` if another one got there at the same moment.
    fn put_in_place_for_now(mut self, users: &'a Path) -> Result<Option<NewBackup<'a>>> {
        let is = match &self.file {
            Some(file) => NewBackupIs::File(Identity::of(&file.metadata().doing(Action::Write, &self.temporary)?)),
            None => NewBackupIs::SecondNameOf(users),
        };
        let new = NewBackup::put(&self.temporary, self.target, is).doing(Action::Replace, self.target)?;
        self.is_in_place = new.is_some();
        Ok(new)
    }
}

impl Replacement<'_> {
    /// Puts the file in place unless the target is no longer the file `old`. There is no moment in which another
    /// process could replace the target unseen: the two are exchanged, and then the old one is checked.
    fn put_in_place_of(mut self, old: &Identity) -> Result<bool> {
        let replaced = |done: io::Result<()>| done.doing(Action::Replace, self.target);
        match exchange(&self.temporary, self.target).doing(Action::Replace, self.target)? {
            // The old file now has the temporary name, and is dropped with it.
            Exchange::Done if Identity::at(&self.temporary) == Some(*old) => Ok(true),
            Exchange::Done => {
                // The file belonged to another process and goes back. If that fails, it is not removed.
                self.is_in_place = true;
                replaced(put_back(&self.temporary, self.target))?;
                self.is_in_place = false;
                Ok(false)
            }
            Exchange::Missing => Ok(false),
            Exchange::Unavailable if Identity::at(self.target) != Some(*old) => Ok(false),
            Exchange::Unavailable => {
                replaced(fs::rename(&self.temporary, self.target))?;
                self.is_in_place = true;
                Ok(true)
            }
        }
    }
}

impl Drop for Replacement<'_> {
    fn drop(&mut self) {
        if !self.is_in_place {
            // If this fails, the next write removes the file.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Writes a text with the pieces put in. The new text may be large, so it is never built whole.
fn write_spliced(out: &mut impl Write, old: &[u8], splices: &[Splice]) -> io::Result<()> {
    let mut at = 0;
    for splice in splices {
        out.write_all(&old[at..splice.range.start])?;
        out.write_all(splice.text.as_bytes())?;
        at = splice.range.end;
    }
    out.write_all(&old[at..])
}

/// Returns what a write would write.
#[cfg(any(test, fuzzing))]
pub(super) fn spliced(old: &[u8], splices: &[Splice]) -> Vec<u8> {
    let mut new = Vec::new();
    // Writing to memory cannot fail.
    let _ = write_spliced(&mut new, old, splices);
    new
}

fn keep_owner(file: &File, model: &fs::Metadata) -> io::Result<()> {
    let own = file.metadata()?;
    let uid = (own.uid() != model.uid()).then_some(model.uid());
    let gid = (own.gid() != model.gid()).then_some(model.gid());
    if uid.is_some() || gid.is_some() { std::os::unix::fs::fchown(file, uid, gid) } else { Ok(()) }
}

/// Copies the POSIX access control list and the attributes that users set; labels of security modules follow their
/// policy.
fn keep_access_list(model: &Path, new: &Path) -> io::Result<()> {
    let names = match xattr::list(model) {
        // A file system without extended attributes has nothing to keep.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(()),
        names => names?,
    };
    for name in names {
        let bytes = name.as_encoded_bytes();
        if (bytes == b"system.posix_acl_access" || bytes.starts_with(b"user."))
            && let Some(value) = xattr::get(model, &name)?
        {
            xattr::set(new, &name, &value)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::folder::DataFolder;
    use super::super::snapshot::OnDisk;
    use super::*;

    const PATIENT: Patience = Patience {
        lock: Duration::ZERO,
        still_save: Duration::ZERO,
        save: Duration::ZERO,
        is_over: || false,
        tell: |_| None,
    };

    const OLD: &str = r#"[ {"id":1,"username":"a","password":1,"is_admin":true}]"#;
    const NEW: &str = r#"[{"id":1,"username":"a","password":1,"is_admin":true}]"#;

    const ANOTHER: &str = r#"[{"id":1,"username":"another","password":1,"is_admin":true}]"#;

    fn read(folder: &DataFolder) -> Snapshot {
        match Snapshot::read(&folder.users()).expect("readable") {
            OnDisk::Good(snapshot) => snapshot,
            OnDisk::Nothing | OnDisk::Damaged(..) => panic!("it is good"),
        }
    }

    fn folder_with(users: &str) -> (tempfile::TempDir, DataFolder) {
        let directory = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::new(directory.path().to_owned());
        fs::write(folder.users(), users).expect("users.json");
        (directory, folder)
    }

    fn files(folder: &DataFolder) -> Vec<(String, String)> {
        let entries = fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("an entry").path());
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut files: Vec<_> = entries.map(|path| (name(&path), fs::read_to_string(path).expect("text"))).collect();
        files.sort();
        files
    }

    fn pairs(files: &[(&str, &str)]) -> Vec<(String, String)> {
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    const SPLICE: [Splice; 1] = [Splice { range: 1..2, text: String::new() }];

    #[test]
    fn the_backup_is_the_old_version_or_the_new_one() {
        for (backup, kept) in [(BackupBecomes::Old, OLD), (BackupBecomes::New, NEW)] {
            let (_directory, folder) = folder_with(OLD);
            let lock = Lock::take(&folder, &PATIENT).expect("the lock").expect("users.json is there");
            let old = read(&folder);
            assert_eq!(
                lock.write(&old, &SPLICE, &backup, &PATIENT).expect("written"),
                Outcome::Done { is_synced: true }
            );
            assert_eq!(files(&folder), pairs(&[("users.json", NEW), ("users.json.bkp", kept)]), "{backup:?}");
        }
    }

    /// Specter replaces users.json, or writes into it, while a new version is being made.
    #[test]
    fn a_file_that_changed_since_it_was_read_is_not_replaced() {
        type Change = fn(&Path);
        let changes: [(&str, Change); 3] = [
            ("replaced by another of the same bytes", |users| {
                fs::write(users.with_extension("new"), OLD).expect("a new file");
                fs::rename(users.with_extension("new"), users).expect("put in place");
            }),
            ("cut off and not yet written", |users| fs::write(users, "").expect("emptied")),
            ("renamed to the backup and gone", |users| {
                fs::rename(users, users.with_extension("json.bkp")).expect("renamed");
            }),
        ];
        for (what, change) in changes {
            for backup in [BackupBecomes::Old, BackupBecomes::New] {
                let (_directory, folder) = folder_with(OLD);
                let lock = Lock::take(&folder, &PATIENT).expect("the lock").expect("users.json is there");
                let old = read(&folder);
                change(&folder.users());
                let before = files(&folder);
                assert_eq!(
                    lock.write(&old, &SPLICE, &backup, &PATIENT).expect("no error"),
                    Outcome::Overtaken,
                    "{what}"
                );
                assert_eq!(files(&folder), before, "{what}");
            }
        }
    }

    #[test]
    fn a_caller_who_has_been_told_to_end_changes_nothing() {
        let over = Patience { is_over: || true, ..PATIENT };
        for backup in [BackupBecomes::Old, BackupBecomes::New] {
            let (_directory, folder) = folder_with(OLD);
            fs::write(folder.backup(), OLD).expect("a backup");
            let lock = Lock::take(&folder, &PATIENT).expect("the lock").expect("users.json is there");
            let old = read(&folder);
            let Ok(OnDisk::Good(old_backup)) = Snapshot::read(&folder.backup()) else { panic!("it is good") };
            let before = files(&folder);
            assert!(matches!(lock.write(&old, &SPLICE, &backup, &over), Err(Error::Interrupted)));
            assert!(matches!(lock.write_backup(&old_backup, &SPLICE, &over), Err(Error::Interrupted)));
            assert_eq!(files(&folder), before);
        }
    }

    /// Specter makes a new backup at each save, here while ours is being made.
    #[test]
    fn a_backup_that_changed_since_it_was_read_is_not_replaced() {
        type Change = fn(&Path);
        let changes: [Change; 3] = [
            |backup| fs::remove_file(backup).expect("removed"),
            |backup| {
                fs::write(backup.with_extension("new"), OLD).expect("a new file");
                fs::rename(backup.with_extension("new"), backup).expect("put in place");
            },
            |backup| fs::write(backup, "").expect("emptied"),
        ];
        for change in changes {
            let (_directory, folder) = folder_with(OLD);
            let backup = folder.backup();
            fs::write(&backup, OLD).expect("a backup");
            let lock = Lock::take(&folder, &PATIENT).expect("the lock").expect("users.json is there");
            let Ok(OnDisk::Good(old)) = Snapshot::read(&backup) else { panic!("it is good") };
            change(&backup);
            let before = files(&folder);
            assert_eq!(lock.write_backup(&old, &SPLICE, &PATIENT).expect("no error"), Outcome::Overtaken);
            assert_eq!(files(&folder), before);
        }
    }

    #[test]
    fn a_file_that_changes_at_the_last_moment_is_put_back() {
        let (_directory, folder) = folder_with(OLD);
        let users = folder.users();
        let old = read(&folder);
        let model = fs::metadata(&users).expect("there");
        let new = |text: &[u8]| {
            let new = Replacement::create(&users, &users, &model).expect("made");
            new.file.as_ref().map(|mut file| file.write_all(text)).expect("a file").expect("written");
            new
        };
        fs::write(users.with_extension("new"), ANOTHER).expect("a new file");
        let ours = new(b"ours");
        fs::rename(users.with_extension("new"), &users).expect("put in place");
        assert!(!ours.put_in_place_of(&old.contents().identity).expect("no error"));
        assert_eq!(files(&folder), pairs(&[("users.json", ANOTHER)]));

        let old = read(&folder);
        let ours = new(b"ours");
        fs::remove_file(&users).expect("removed");
        assert!(!ours.put_in_place_of(&old.contents().identity).expect("no error"));
        assert_eq!(files(&folder), []);

        fs::write(&users, OLD).expect("written");
        let old = read(&folder);
        assert!(new(b"ours").put_in_place_of(&old.contents().identity).expect("no error"));
        assert_eq!(files(&folder), pairs(&[("users.json", "ours")]));
    }
}
