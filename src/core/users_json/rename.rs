//! Two files that change places in one step, and a file that gets a name only if it is free. Not every file system can do this, and
//! not every sandbox lets it be done.

use std::fs;
use std::io;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

/// What came of an exchange that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exchange {
    Done,
    /// There is nothing to exchange it for.
    Missing,
    /// It cannot be done here; nothing has been done.
    Unavailable,
}

/// Exchanges two files.
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<Exchange> {
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(Exchange::Done),
        Err(Errno::NOENT) => Ok(Exchange::Missing),
        Err(error) if is_unavailable(error) => Ok(Exchange::Unavailable),
        Err(error) => Err(error.into()),
    }
}

/// Puts a file back into the place that an exchange has brought it out of.
pub(super) fn put_back(file: &Path, place: &Path) -> io::Result<()> {
    match exchange(file, place)? {
        Exchange::Done => Ok(()),
        Exchange::Missing | Exchange::Unavailable => put_in_free_place(file, place),
    }
}

/// Gives a file its name unless there is a file of that name.
pub(super) fn put_in_free_place(temporary: &Path, target: &Path) -> io::Result<()> {
    match renameat_with(CWD, temporary, CWD, target, RenameFlags::NOREPLACE) {
        // Unlike a simple rename, a link never replaces anything.
        Err(error) if is_unavailable(error) => {
            fs::hard_link(temporary, target)?;
            // Should this fail, nothing worse than a second name is left.
            let _ = fs::remove_file(temporary);
            Ok(())
        }
        renamed => Ok(renamed?),
    }
}

/// Whether the system cannot do it. A sandbox from before the call answers EPERM to it; what really is not permitted is not
/// permitted in another way either, and fails then.
fn is_unavailable(error: Errno) -> bool {
    matches!(error, Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::PERM)
}
