//! Two files that change places in one step, and a file that gets a name only if the name is free. Some file systems
//! cannot do this, and some sandboxes do not allow it.

use std::fs;
use std::io;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

/// The result of an exchange that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exchange {
    Done,
    /// There is no file to exchange with.
    Missing,
    /// The exchange is not possible here; nothing was done.
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

/// Puts a file back into the place that an exchange has taken it from.
pub(super) fn put_back(file: &Path, place: &Path) -> io::Result<()> {
    match exchange(file, place)? {
        Exchange::Done => Ok(()),
        Exchange::Missing | Exchange::Unavailable => put_in_free_place(file, place),
    }
}

/// Gives a file its name, unless another file has that name.
pub(super) fn put_in_free_place(temporary: &Path, target: &Path) -> io::Result<()> {
    match renameat_with(CWD, temporary, CWD, target, RenameFlags::NOREPLACE) {
        // Unlike a simple rename, a link never replaces anything.
        Err(error) if is_unavailable(error) => {
            fs::hard_link(temporary, target)?;
            // If this fails, only a second name is left.
            let _ = fs::remove_file(temporary);
            Ok(())
        }
        renamed => Ok(renamed?),
    }
}

/// Whether the system cannot do this. A sandbox that is older than the system call answers it with EPERM. If EPERM
/// means that the operation is not permitted, the other way is not permitted either, and fails then.
fn is_unavailable(error: Errno) -> bool {
    matches!(error, Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::PERM)
}
