//! users.json on disk: read while Specter may be saving it, lock it against ourselves, replace it so that a crash leaves the
//! old file or the new one.
//!
//! Specter locks nothing and keeps its backup beside users.json. Its own save makes a new file each time, so a lock on
//! users.json would not outlive one; what is locked is the folder that holds it, and no lock file is left behind.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write};
use std::ops::Deref;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
#[cfg(target_os = "linux")]
use memmap2::Advice;
use memmap2::{MmapMut, MmapOptions};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::document::Splice;
use crate::words::failure::{Failure, Kind};

/// How long a command waits for another one to finish with the folder.
pub(super) const LOCK_PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// From so many bytes on, a file is worth memory that is asked for at once.
const MEDIUM: usize = 128 << 10;

/// From so many bytes on, a file is worth memory in large pages.
const LARGE: usize = 4 << 20;

/// The paths of a data folder.
#[derive(Debug, Clone)]
pub(crate) struct DataFolder {
    folder: PathBuf,
}

impl DataFolder {
    pub(crate) fn new(folder: PathBuf) -> Self {
        DataFolder { folder }
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

/// A file's bytes, and which file they were read from.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) bytes: Bytes,
    pub(super) identity: Identity,
}

/// What changes whenever another process replaces or rewrites a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Identity {
    fn at(path: &Path) -> Option<Self> {
        fs::symlink_metadata(path).ok().map(|metadata| Identity::of(&metadata))
    }

    fn of(metadata: &fs::Metadata) -> Self {
        Identity {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// Reads a file; none if there is none.
pub(super) fn read(path: &Path) -> Result<Option<Contents>> {
    let reading = || format!("could not read {}", path.display());
    // Looked at before it is opened, because opening a pipe would wait for a writer.
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            let failure =
                Failure::new(Kind::Io, format!("could not read {}: it is not a regular file", path.display()));
            return Err(failure
                .hint("name Specter's data folder with --data-folder, or move this out of the way")
                .into());
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(reading),
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(reading),
    };
    let metadata = file.metadata().with_context(reading)?;
    let bytes = Bytes::of(&file, metadata.size()).with_context(reading)?;
    Ok(Some(Contents { bytes, identity: Identity::of(&metadata) }))
}

/// What a file held.
#[derive(Debug)]
pub(super) enum Bytes {
    Small(Vec<u8>),
    /// Memory of the program's own, into which the file is copied: to map the file itself would let another process change it
    /// below us.
    Large(MmapMut),
}

impl Bytes {
    /// Reads a file of about `size` bytes.
    fn of(mut file: &File, size: u64) -> io::Result<Self> {
        let size = usize::try_from(size).map_err(|_| io::ErrorKind::FileTooLarge)?;
        if size < MEDIUM {
            let mut bytes = Vec::with_capacity(size + 1);
            file.read_to_end(&mut bytes)?;
            return Ok(Bytes::Small(bytes));
        }
        // Most of the time goes into getting clear memory: page by page, when each is first written to.
        if size < LARGE {
            let mut bytes = MmapOptions::new().len(size).populate().map_anon()?;
            read_at(file, &mut bytes, 0)?;
            return Ok(Bytes::Large(bytes));
        }
        // In large pages it is there in a quarter of the time; without them it works as well.
        let mut bytes = MmapMut::map_anon(size)?;
        #[cfg(target_os = "linux")]
        let _ = bytes.advise(Advice::HugePage);
        // Two processors do it together, if there may be a second thread.
        let (first, second) = bytes.split_at_mut(size / 2);
        // To begin, a thread needs memory too, and would wait for it behind each page that another is just given.
        let begin = Barrier::new(2);
        let is_first_done = thread::scope(|scope| {
            let other = thread::Builder::new().spawn_scoped(scope, || {
                begin.wait();
                read_at(file, first, 0)
            });
            if other.is_ok() {
                begin.wait();
            }
            read_at(file, second, size / 2)?;
            let done = other.map(|other| other.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into())));
            done.map_or(Ok(false), |done| done.map(|()| true))
        })?;
        if !is_first_done {
            read_at(file, &mut bytes[..size / 2], 0)?;
        }
        Ok(Bytes::Large(bytes))
    }
}

/// Fills a buffer from a file. What a file that has shrunk no longer holds stays zero, which no parser takes for JSON.
fn read_at(file: &File, buffer: &mut [u8], at: usize) -> io::Result<()> {
    match file.read_exact_at(buffer, at as u64) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
        read => read,
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Small(bytes) => bytes,
            Bytes::Large(bytes) => bytes,
        }
    }
}

/// What becomes of users.json.bkp in a write. Specter falls back on it when it cannot parse users.json.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Backup {
    /// The version before, as Specter keeps it.
    Old,
    /// The new version, because the one before would bring a removed token back.
    New,
}

/// The lock on the folder that holds users.json, held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    /// Where users.json really is, links resolved.
    users: PathBuf,
    /// Where Specter looks for the backup: beside the path that it opens.
    backup: PathBuf,
    _folder: File,
}

/// Whether a write was made.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    Done {
        /// Whether it outlives a failure of power for certain.
        is_synced: bool,
    },
    /// Somebody else changed users.json since it was read; nothing was written.
    Overtaken,
}

impl Lock {
    /// Waits for the lock; none if there is no users.json whose folder could be locked.
    pub(super) fn take(folder: &DataFolder) -> Result<Option<Self>> {
        let users = match fs::canonicalize(folder.users()) {
            Ok(users) => users,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("could not find {}", folder.users().display()));
            }
        };
        let handle = lock_folder(parent_of(&users))?;
        Ok(Some(Lock { users, backup: folder.backup(), _folder: handle }))
    }

    /// Replaces users.json by its text with the pieces put in, and the backup as told. On any failure users.json is as it was.
    pub(super) fn write(&self, old: &Contents, splices: &[Splice], backup: &Backup) -> Result<Written> {
        let prepared = self.prepare(old, splices, backup);
        // Whatever failed may have failed for that.
        if Identity::at(&self.users) != Some(old.identity) {
            return Ok(Written::Overtaken);
        }
        let (new, new_backup) = prepared?;
        // The backup first: were it last, a crash between the two would leave a backup that brings a removed token back.
        new_backup.put_in_place()?;
        // For the same reason it has to be on the disk first. Of the version before, an older one would do as well.
        let backup_is_synced = *backup == Backup::Old || sync(parent_of(&self.backup));
        let is_in_place = new.put_in_place_of(&old.identity).with_context(|| {
            format!("users.json is as it was, but {} has been replaced already", self.backup.display())
        })?;
        if !is_in_place {
            return Ok(Written::Overtaken);
        }
        Ok(Written::Done { is_synced: sync(parent_of(&self.users)) && backup_is_synced })
    }

    /// Makes the new users.json and the new backup, under other names.
    fn prepare(
        &self,
        old: &Contents,
        splices: &[Splice],
        backup: &Backup,
    ) -> Result<(Replacement<'_>, Replacement<'_>)> {
        let model = fs::metadata(&self.users).with_context(|| format!("could not write {}", self.users.display()))?;
        let mut new = Replacement::create(&self.users, &self.users, &model)?;
        new.write_spliced(&old.bytes, splices)?;
        let new_backup = match backup {
            Backup::New => {
                let mut copy = Replacement::create(&self.backup, &self.users, &model)?;
                copy.write_spliced(&old.bytes, splices)?;
                copy
            }
            Backup::Old => Replacement::link(&self.backup, &self.users, &model, &old.bytes)?,
        };
        Ok((new, new_backup))
    }

    /// Replaces the backup alone.
    pub(super) fn write_backup(&self, old: &Contents, splices: &[Splice]) -> Result<Written> {
        let model = fs::metadata(&self.backup).with_context(|| format!("could not write {}", self.backup.display()))?;
        let mut new = Replacement::create(&self.backup, &self.backup, &model)?;
        new.write_spliced(&old.bytes, splices)?;
        if Identity::of(&model) != old.identity {
            return Ok(Written::Overtaken);
        }
        new.put_in_place()?;
        Ok(Written::Done { is_synced: sync(parent_of(&self.backup)) })
    }
}

/// Brings a folder's names to the disk. The change is made whether or not this works.
fn sync(folder: &Path) -> bool {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems cannot do this for a folder, and do not need it.
        Err(error) => matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported),
        Ok(()) => true,
    }
}

/// Waits for the lock on a folder.
fn lock_folder(folder: &Path) -> Result<File> {
    let handle = File::open(folder).with_context(|| format!("could not open {}", folder.display()))?;
    let give_up_at = Instant::now() + LOCK_PATIENCE;
    loop {
        match handle.try_lock() {
            Ok(()) => return Ok(handle),
            Err(fs::TryLockError::WouldBlock) if Instant::now() < give_up_at => thread::sleep(PAUSE),
            Err(fs::TryLockError::WouldBlock) => {
                let message = format!("could not lock {} within 10 seconds", folder.display());
                let hint = "another specter-token is writing there; try again when it has finished";
                return Err(Failure::new(Kind::Busy, message).hint(hint).into());
            }
            Err(fs::TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("could not lock {}", folder.display()));
            }
        }
    }
}

/// A data folder that Specter has not used yet, locked until this is dropped.
#[derive(Debug)]
pub(crate) struct NewFolder<'a> {
    folder: &'a DataFolder,
    lock: File,
}

impl<'a> NewFolder<'a> {
    /// Refuses a folder that holds a users.json, or a backup of one.
    pub(crate) fn check(folder: &DataFolder) -> Result<()> {
        for file in [folder.users(), folder.backup()] {
            // A link counts, wherever it leads.
            if fs::symlink_metadata(&file).is_ok() {
                let message =
                    format!("could not make a data folder of {}: {} is there", folder.path().display(), file.display());
                let hint = "name another folder with --data-folder; nothing that exists is ever replaced";
                return Err(Failure::new(Kind::Exists, message).hint(hint).into());
            }
        }
        Ok(())
    }

    /// Makes the folder, if there is none, for its owner alone.
    pub(crate) fn make(folder: &'a DataFolder) -> Result<Self> {
        let making = || format!("could not make the folder {}", folder.path().display());
        let is_new = !folder.path().is_dir();
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder.path()).with_context(making)?;
        if is_new {
            // A mask may have taken away even what the owner needs.
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).with_context(making)?;
        }
        let lock = lock_folder(folder.path())?;
        NewFolder::check(folder)?;
        Ok(NewFolder { folder, lock })
    }

    /// Adds a file that only the folder's owner can read: all of it, or none; and never over another.
    pub(crate) fn add(&self, name: &str, contents: &str) -> Result<()> {
        let target = self.folder.path().join(name);
        let temporary = temporary_beside(&target);
        clear(&temporary)?;
        let making = || format!("could not make {}", target.display());
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary).with_context(making)?;
        let owner = self.lock.metadata().with_context(making)?;
        let made = file
            .set_permissions(fs::Permissions::from_mode(0o600))
            .and_then(|()| own_as(&file, &owner))
            .and_then(|()| file.write_all(contents.as_bytes()))
            .and_then(|()| file.sync_all())
            .and_then(|()| put_in_free_place(&temporary, &target));
        if made.is_err() {
            // Should this fail too, the next try removes the file.
            let _ = fs::remove_file(&temporary);
        }
        made.with_context(making)?;
        sync(self.folder.path());
        Ok(())
    }
}

/// Gives a file its name unless there is a file of that name.
fn put_in_free_place(temporary: &Path, target: &Path) -> io::Result<()> {
    match renameat_with(CWD, temporary, CWD, target, RenameFlags::NOREPLACE) {
        // Some file systems cannot do this. Unlike a simple rename, a link never replaces anything.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            fs::hard_link(temporary, target)?;
            // Should this fail, nothing worse than a second name is left.
            let _ = fs::remove_file(temporary);
            Ok(())
        }
        renamed => Ok(renamed?),
    }
}

/// Gives a file that the superuser makes to the owner of the folder.
fn own_as(file: &File, owner: &fs::Metadata) -> io::Result<()> {
    if file.metadata()?.uid() == owner.uid() {
        Ok(())
    } else {
        std::os::unix::fs::fchown(file, Some(owner.uid()), Some(owner.gid()))
    }
}

/// A new file beside the one that it is going to replace; removed again unless it is put in place.
struct Replacement<'a> {
    temporary: PathBuf,
    target: &'a Path,
    file: Option<File>,
    is_in_place: bool,
}

impl<'a> Replacement<'a> {
    /// Makes an empty file with the mode, owner and access control list of `model`, before anything is in it.
    fn create(target: &'a Path, model: &Path, metadata: &fs::Metadata) -> Result<Self> {
        let temporary = temporary_beside(target);
        let making = || format!("could not make {}", temporary.display());
        clear(&temporary)?;
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary).with_context(making)?;
        let replacement = Replacement { temporary: temporary.clone(), target, file: Some(file), is_in_place: false };
        if let Some(file) = &replacement.file {
            keep_owner(file, metadata).with_context(|| refusal(model))?;
            file.set_permissions(fs::Permissions::from_mode(metadata.mode() & 0o7777)).with_context(making)?;
            keep_access_list(model, &temporary).with_context(|| refusal(model))?;
        }
        Ok(replacement)
    }

    /// The old file under a second name, which costs nothing; a copy where the file system cannot do that.
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
        let writing = || format!("could not write {}", self.temporary.display());
        write_spliced(file, old, splices).and_then(|()| file.sync_all()).with_context(writing)
    }

    fn put_in_place(mut self) -> Result<()> {
        fs::rename(&self.temporary, self.target)
            .with_context(|| format!("could not replace {}", self.target.display()))?;
        // Renaming one name of a file to another name of the same file leaves both, as after a crash of an earlier write;
        // then the drop takes the first one away.
        self.is_in_place = self.file.is_some();
        Ok(())
    }
}

impl Replacement<'_> {
    /// Puts the file in place unless the target is no longer the file `old`, without a moment in which another process could
    /// replace it unseen: the two are exchanged, and what comes out is looked at.
    fn put_in_place_of(mut self, old: &Identity) -> Result<bool> {
        let exchange = || renameat_with(CWD, &self.temporary, CWD, self.target, RenameFlags::EXCHANGE);
        let replacing = || format!("could not replace {}", self.target.display());
        match exchange() {
            // The old file is under the temporary name now, and is dropped with it.
            Ok(()) if Identity::at(&self.temporary) == Some(*old) => Ok(true),
            // It was the file of somebody else, which goes back.
            Ok(()) => exchange().map(|()| false).with_context(replacing),
            Err(Errno::NOENT) => Ok(false),
            // Some file systems cannot exchange.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                if Identity::at(self.target) != Some(*old) {
                    return Ok(false);
                }
                fs::rename(&self.temporary, self.target).with_context(replacing)?;
                self.is_in_place = true;
                Ok(true)
            }
            Err(error) => Err(io::Error::from(error)).with_context(replacing),
        }
    }
}

impl Drop for Replacement<'_> {
    fn drop(&mut self) {
        if !self.is_in_place {
            // Should this fail, the next write removes the file.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Writes a text with the pieces put in. It is never built whole, because it may be large.
fn write_spliced(out: &mut impl Write, old: &[u8], splices: &[Splice]) -> io::Result<()> {
    let mut at = 0;
    for splice in splices {
        out.write_all(&old[at..splice.range.start])?;
        out.write_all(splice.text.as_bytes())?;
        at = splice.range.end;
    }
    out.write_all(&old[at..])
}

/// What a write would write.
#[cfg(any(test, fuzzing))]
pub(super) fn spliced(old: &[u8], splices: &[Splice]) -> Vec<u8> {
    let mut new = Vec::new();
    // Memory takes it all.
    let _ = write_spliced(&mut new, old, splices);
    new
}

fn temporary_beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.specter-token.tmp"))
}

fn parent_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Takes away a temporary file: whoever left it held the lock, and died with it.
fn clear(temporary: &Path) -> Result<()> {
    if fs::symlink_metadata(temporary).is_ok() {
        fs::remove_file(temporary).with_context(|| format!("could not remove {}", temporary.display()))?;
    }
    Ok(())
}

fn refusal(model: &Path) -> Failure {
    let message = format!("could not give a new file the owner and access control list of {}", model.display());
    Failure::new(Kind::Io, message)
        .hint("Specter might not be able to read it; run this as the user that owns the file, or as root")
}

fn keep_owner(file: &File, model: &fs::Metadata) -> io::Result<()> {
    let own = file.metadata()?;
    let uid = (own.uid() != model.uid()).then_some(model.uid());
    let gid = (own.gid() != model.gid()).then_some(model.gid());
    if uid.is_some() || gid.is_some() { std::os::unix::fs::fchown(file, uid, gid) } else { Ok(()) }
}

/// Copies the POSIX access control list and the attributes that users set; labels of security modules follow their policy.
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
    use super::*;

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
        for (backup, kept) in [(Backup::Old, "abc"), (Backup::New, "ac")] {
            let (_directory, folder) = folder_with("abc");
            let lock = Lock::take(&folder).expect("the lock").expect("users.json is there");
            let old = read(&folder.users()).expect("readable").expect("there");
            assert_eq!(lock.write(&old, &SPLICE, &backup).expect("written"), Written::Done { is_synced: true });
            assert_eq!(files(&folder), pairs(&[("users.json", "ac"), ("users.json.bkp", kept)]), "{backup:?}");
        }
    }

    /// Specter replaces users.json, or writes into it, while a new version is being made.
    #[test]
    fn a_file_that_changed_since_it_was_read_is_not_replaced() {
        type Change = fn(&Path);
        let changes: [(&str, Change); 3] = [
            ("replaced by another of the same bytes", |users| {
                fs::write(users.with_extension("new"), "abc").expect("a new file");
                fs::rename(users.with_extension("new"), users).expect("put in place");
            }),
            ("cut off and not yet written", |users| fs::write(users, "").expect("emptied")),
            ("renamed to the backup and gone", |users| {
                fs::rename(users, users.with_extension("json.bkp")).expect("renamed");
            }),
        ];
        for (what, change) in changes {
            for backup in [Backup::Old, Backup::New] {
                let (_directory, folder) = folder_with("abc");
                let lock = Lock::take(&folder).expect("the lock").expect("users.json is there");
                let old = read(&folder.users()).expect("readable").expect("there");
                change(&folder.users());
                let before = files(&folder);
                assert_eq!(lock.write(&old, &SPLICE, &backup).expect("no error"), Written::Overtaken, "{what}");
                assert_eq!(files(&folder), before, "{what}");
            }
        }
    }

    #[test]
    fn a_file_that_changes_at_the_last_moment_is_put_back() {
        let (_directory, folder) = folder_with("abc");
        let users = folder.users();
        let old = read(&users).expect("readable").expect("there");
        let model = fs::metadata(&users).expect("there");
        let new = |text: &[u8]| {
            let new = Replacement::create(&users, &users, &model).expect("made");
            new.file.as_ref().map(|mut file| file.write_all(text)).expect("a file").expect("written");
            new
        };
        fs::write(users.with_extension("new"), "another").expect("a new file");
        let ours = new(b"ours");
        fs::rename(users.with_extension("new"), &users).expect("put in place");
        assert!(!ours.put_in_place_of(&old.identity).expect("no error"));
        assert_eq!(files(&folder), pairs(&[("users.json", "another")]));

        let old = read(&users).expect("readable").expect("there");
        let ours = new(b"ours");
        fs::remove_file(&users).expect("removed");
        assert!(!ours.put_in_place_of(&old.identity).expect("no error"));
        assert_eq!(files(&folder), []);

        fs::write(&users, "abc").expect("written");
        let old = read(&users).expect("readable").expect("there");
        assert!(new(b"ours").put_in_place_of(&old.identity).expect("no error"));
        assert_eq!(files(&folder), pairs(&[("users.json", "ours")]));
    }

    #[test]
    fn without_users_json_there_is_nothing_to_lock() {
        let (_directory, folder) = folder_with("abc");
        fs::remove_file(folder.users()).expect("removed");
        assert!(Lock::take(&folder).expect("no error").is_none());
    }
}
