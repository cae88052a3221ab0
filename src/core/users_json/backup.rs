//! A new backup that is put in place before users.json is, and can be taken back until then.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::bytes::Identity;
use super::folder::kept_beside;
use super::rename::{Exchange, exchange, put_back, put_in_free_place};

/// A new backup that was put in place. The old one is kept until this is dropped.
#[derive(Debug)]
pub(super) struct NewBackup<'a> {
    is: NewBackupIs<'a>,
    backup: &'a Path,
    /// The name of the new backup before it was put in place.
    temporary: PathBuf,
    before: Before,
}

/// How to recognise the new backup.
#[derive(Debug)]
pub(super) enum NewBackupIs<'a> {
    /// The backup is this file, which we made.
    File(Identity),
    /// The backup is a second name of users.json. Specter's own save gives the file this name, too, but as its only
    /// name.
    SecondNameOf(&'a Path),
}

/// The old backup.
#[derive(Debug)]
enum Before {
    Nothing,
    /// It has the temporary name of the new one.
    Exchanged,
    /// It has this name.
    Kept(PathBuf),
    /// The file system can neither exchange files nor give a file two names.
    Lost,
}

impl<'a> NewBackup<'a> {
    /// Puts a new backup in place. Returns `None` if another one got there at the same moment.
    pub(super) fn put(temporary: &Path, backup: &'a Path, is: NewBackupIs<'a>) -> io::Result<Option<Self>> {
        let mut new = NewBackup { is, backup, temporary: temporary.to_owned(), before: Before::Nothing };
        match exchange(temporary, backup)? {
            Exchange::Done => new.before = Before::Exchanged,
            Exchange::Missing => match put_in_free_place(temporary, backup) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
                placed => placed?,
            },
            Exchange::Unavailable => {
                let kept = kept_beside(backup);
                new.before = match fs::hard_link(backup, &kept) {
                    Ok(()) => Before::Kept(kept),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Before::Nothing,
                    Err(_) => Before::Lost,
                };
                fs::rename(temporary, backup)?;
            }
        }
        Ok(Some(new))
    }

    /// Puts the old backup in place again. If Specter has saved meanwhile, the backup is Specter's and stays as it is.
    pub(super) fn take_back(&self) -> io::Result<()> {
        if !self.is_at(self.backup) {
            return Ok(());
        }
        match &self.before {
            Before::Nothing => fs::rename(self.backup, &self.temporary)?,
            Before::Exchanged => match exchange(&self.temporary, self.backup)? {
                Exchange::Done | Exchange::Missing => {}
                Exchange::Unavailable => return Err(io::ErrorKind::Unsupported.into()),
            },
            Before::Kept(kept) => return fs::rename(kept, self.backup),
            Before::Lost => return Err(io::ErrorKind::Unsupported.into()),
        }
        if self.is_at(&self.temporary) {
            return Ok(());
        }
        // Specter has just saved, and this is its backup.
        put_back(&self.temporary, self.backup)
    }

    fn is_at(&self, path: &Path) -> bool {
        let found = Identity::at(path);
        let ours = match self.is {
            NewBackupIs::File(identity) => Some(identity),
            NewBackupIs::SecondNameOf(users) => Identity::at(users),
        };
        found.is_some() && found == ours
    }
}

impl Drop for NewBackup<'_> {
    fn drop(&mut self) {
        // If this fails, the next write removes them.
        let _ = fs::remove_file(&self.temporary);
        if let Before::Kept(kept) = &self.before {
            let _ = fs::remove_file(kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::folder::temporary_beside;
    use super::*;

    struct Place {
        _directory: tempfile::TempDir,
        users: PathBuf,
        backup: PathBuf,
        temporary: PathBuf,
    }

    impl Place {
        /// Makes a users.json, a backup if one is given, and a new backup under its temporary name: a file, or a second
        /// name of users.json.
        fn new(backup: Option<&str>, is_file: bool) -> Self {
            let directory = tempfile::tempdir().expect("a folder");
            let users = directory.path().join("users.json");
            let path = directory.path().join("users.json.bkp");
            let place = Place { temporary: temporary_beside(&path), backup: path, users, _directory: directory };
            fs::write(&place.users, "users").expect("written");
            if let Some(text) = backup {
                fs::write(&place.backup, text).expect("written");
            }
            if is_file {
                fs::write(&place.temporary, "new").expect("written");
            } else {
                fs::hard_link(&place.users, &place.temporary).expect("a second name");
            }
            place
        }

        fn put(&self, is_file: bool) -> NewBackup<'_> {
            let is = if is_file {
                NewBackupIs::File(Identity::at(&self.temporary).expect("there"))
            } else {
                NewBackupIs::SecondNameOf(&self.users)
            };
            NewBackup::put(&self.temporary, &self.backup, is).expect("put").expect("nobody else's")
        }

        /// The contents of users.json and of the backup, and the number of files.
        fn holds(&self) -> (Option<String>, Option<String>, usize) {
            let [users, backup] = [&self.users, &self.backup].map(|path| fs::read_to_string(path).ok());
            let folder = self.users.parent().expect("a folder");
            (users, backup, fs::read_dir(folder).expect("the folder").count())
        }
    }

    #[test]
    fn it_takes_its_place_and_can_be_taken_back() {
        for before in [None, Some("before")] {
            for is_file in [true, false] {
                let new = Some(if is_file { "new" } else { "users" }.to_owned());
                let place = Place::new(before, is_file);
                drop(place.put(is_file));
                assert_eq!(place.holds(), (Some("users".to_owned()), new.clone(), 2), "{before:?} {is_file}");

                let place = Place::new(before, is_file);
                let put = place.put(is_file);
                assert_eq!(fs::read_to_string(&place.backup).ok(), new);
                put.take_back().expect("taken back");
                drop(put);
                let files = 1 + usize::from(before.is_some());
                assert_eq!(
                    place.holds(),
                    (Some("users".to_owned()), before.map(str::to_owned), files),
                    "{before:?} {is_file}"
                );
            }
        }
    }

    /// If `create` is killed, the backup is a second name of users.json.
    #[test]
    fn the_backup_may_be_a_second_name_already() {
        for is_taken_back in [false, true] {
            let place = Place::new(None, false);
            fs::hard_link(&place.users, &place.backup).expect("a second name");
            let put = place.put(false);
            if is_taken_back {
                put.take_back().expect("taken back");
            }
            drop(put);
            assert_eq!(place.holds(), (Some("users".to_owned()), Some("users".to_owned()), 2));
        }
    }

    /// Specter removes the backup, renames users.json to it, and writes a new users.json.
    #[test]
    fn what_specter_has_made_meanwhile_stays() {
        for before in [None, Some("before")] {
            for is_file in [true, false] {
                for steps in 1..=3 {
                    let place = Place::new(before, is_file);
                    let put = place.put(is_file);
                    fs::remove_file(&place.backup).expect("removed");
                    if steps > 1 {
                        fs::rename(&place.users, &place.backup).expect("renamed");
                    }
                    if steps > 2 {
                        fs::write(&place.users, "saved").expect("written");
                    }
                    let by_specter = (place.holds().0, place.holds().1);
                    put.take_back().expect("nothing to take back");
                    drop(put);
                    let holds = place.holds();
                    assert_eq!((holds.0, holds.1), by_specter, "{before:?} {is_file} {steps}");
                    assert_eq!(holds.2, if steps > 2 { 2 } else { 1 });
                }
            }
        }
    }
}
