//! Finds out what keeps a file from being replaced, before anything is touched.
//!
//! The kernel tells only at the last step, and mostly says no more than "Operation not permitted". In an append-only
//! folder, a new file could not even be removed again.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::io::Errno;

use super::folder::parent_of;
use crate::core::error::{Action, Error, FileContext as _, Result};
use crate::core::fault::{Mark, Obstacle};

/// In a folder with this mode, only owners replace files.
const STICKY: u32 = 0o1000;

/// Refuses a file that cannot be replaced. A missing file is fine, because it can be made.
pub(super) fn check_file(file: &Path) -> Result<()> {
    let folder = parent_of(file);
    check_folder(folder)?;
    let metadata = match fs::symlink_metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata.doing(Action::Find, file)?,
    };
    if metadata.is_dir() {
        // The folder could be exchanged, but could not be removed afterwards.
        return Err(Errno::ISDIR.into()).doing(Action::Replace, file);
    }
    let marks = system::marks(file);
    refuse(file, marks.is_mounted.then_some(Obstacle::MountPoint))?;
    refuse(file, marks.mark.map(Obstacle::File))?;
    let of_folder = fs::metadata(folder).doing(Action::Find, folder)?;
    let is_sticky = of_folder.mode() & STICKY != 0;
    refuse(file, (is_sticky && !is_owner([metadata.uid(), of_folder.uid()])).then_some(Obstacle::StickyFolder))
}

/// Refuses a folder in which nothing can be made or renamed. It may be a link or a mount point.
pub(super) fn check_folder(folder: &Path) -> Result<()> {
    refuse(folder, system::marks(&folder.join(".")).mark.map(Obstacle::Folder))
}

fn refuse(path: &Path, obstacle: Option<Obstacle>) -> Result<()> {
    obstacle.map_or(Ok(()), |obstacle| Err(Error::Irreplaceable { path: path.to_owned(), obstacle }))
}

/// Whether we are one of these users, or may do with any file what its owner may.
fn is_owner(users: [u32; 2]) -> bool {
    users.contains(&rustix::process::geteuid().as_raw()) || system::is_any_owner()
}

/// The facts about a file or folder that are not in its mode. If the system does not tell them, the last step fails and
/// is undone.
#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    is_mounted: bool,
    mark: Option<Mark>,
}

#[cfg(target_os = "linux")]
mod system {
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    use rustix::thread::{CapabilitySet, capabilities};

    use super::Marks;
    use crate::core::fault::Mark;

    pub(super) fn marks(path: &Path) -> Marks {
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
        let Ok(found) = statx(CWD, path, flags, StatxFlags::empty()) else { return Marks::default() };
        let has = |mark| found.stx_attributes.contains(mark);
        Marks {
            // Linux before 5.8 does not tell. The device says nothing: on overlayfs, a file may have another one than
            // its folder.
            is_mounted: has(StatxAttributes::MOUNT_ROOT),
            mark: if has(StatxAttributes::IMMUTABLE) {
                Some(Mark::Immutable)
            } else {
                has(StatxAttributes::APPEND).then_some(Mark::AppendOnly)
            },
        }
    }

    /// If this is unknown, the last step is tried.
    pub(super) fn is_any_owner() -> bool {
        capabilities(None).map_or(true, |sets| sets.effective.contains(CapabilitySet::FOWNER))
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::path::Path;

    use super::Marks;

    pub(super) fn marks(_: &Path) -> Marks {
        Marks::default()
    }

    pub(super) fn is_any_owner() -> bool {
        rustix::process::geteuid().is_root()
    }
}
