//! The bytes of a file in memory, and the identity of the file.
//!
//! A large file is copied into large pages by two threads. This is for speed: with a plain `Vec`, at 100,000 tokens (49
//! MB), `show` takes 1.3 times as long and `create` 1.27 times; with one thread, `show` takes 1.13 times as long
//! (medians of 25 to 60 pairs of runs of two programs, with and without, on two idle processors).

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::ops::Deref;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::Barrier;
use std::thread;

#[cfg(target_os = "linux")]
use memmap2::Advice;
use memmap2::MmapMut;

use crate::core::error::{Action, Error, FileContext as _, Result};

/// A file of at least this many bytes is worth memory in large pages.
const LARGE: usize = 4 << 20;

/// The bytes of a file, and the file that they were read from.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) bytes: Bytes,
    pub(super) identity: Identity,
}

/// The identity of a file. It changes whenever another process replaces or rewrites the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Identity {
    pub(super) fn at(path: &Path) -> Option<Self> {
        fs::symlink_metadata(path).ok().map(|metadata| Identity::of(&metadata))
    }

    pub(super) fn of(metadata: &fs::Metadata) -> Self {
        Identity {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// Reads a file. `None` if there is none.
pub(super) fn read(path: &Path) -> Result<Option<Contents>> {
    // The file is checked before it is opened, because opening a pipe would wait for a writer.
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(Error::NotRegular { path: path.to_owned() }),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).doing(Action::Read, path),
    }
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.doing(Action::Read, path)?,
    };
    let metadata = file.metadata().doing(Action::Read, path)?;
    let bytes = Bytes::of(&file, metadata.size()).doing(Action::Read, path)?;
    Ok(Some(Contents { bytes, identity: Identity::of(&metadata) }))
}

/// The contents of a file.
#[derive(Debug)]
pub(super) enum Bytes {
    Small(Vec<u8>),
    /// Memory of our own into which the file is copied. If the file itself were mapped, another process could change it
    /// while it is in use.
    Large(MmapMut),
}

impl Bytes {
    /// Reads a file of about `size` bytes.
    fn of(mut file: &File, size: u64) -> io::Result<Self> {
        let size = usize::try_from(size).map_err(|_| io::ErrorKind::FileTooLarge)?;
        if size < LARGE {
            let mut bytes = Vec::with_capacity(size + 1);
            file.read_to_end(&mut bytes)?;
            return Ok(Bytes::Small(bytes));
        }
        // Large pages make this four times as fast. It works without them, too.
        let mut bytes = MmapMut::map_anon(size)?;
        #[cfg(target_os = "linux")]
        let _ = bytes.advise(Advice::HugePage);
        // Two processors share the work, if a second thread may be started.
        let (first, second) = bytes.split_at_mut(size / 2);
        // A thread needs memory to begin, and would wait for it behind every page that the other thread gets.
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

/// Fills a buffer from a file. If the file has shrunk, the rest stays zero, which no parser takes for JSON.
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
