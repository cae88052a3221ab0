//! The way to a data folder, which may end too soon: at a file, or at a link that leads nowhere.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::folder::{DataFolder, parent_of};
use crate::core::error::{Error, Result};

/// A link that leads to nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DanglingLink {
    pub(super) link: PathBuf,
    /// The missing path at the end of all links.
    pub(super) target: PathBuf,
}

/// Refuses a data folder that is a file, or lies below one or below a link that leads nowhere. There may be no such folder yet.
pub(super) fn check_way(folder: &Path) -> Result<()> {
    // Without a slash at the end, which would have a link followed.
    let folder: PathBuf = folder.components().collect();
    if let Some(DanglingLink { link, target }) = dangling_link(&folder) {
        return Err(Error::DanglingLink { link, target });
    }
    let Some((path, metadata)) = folder.ancestors().find_map(|path| Some((path, fs::metadata(path).ok()?))) else {
        return Ok(());
    };
    if metadata.is_dir() {
        return Ok(());
    }
    let parent = DataFolder::new(parent_of(path).to_owned());
    let holder = (metadata.is_file() && parent.users().is_file()).then(|| parent.path().to_owned());
    Err(Error::NotAFolder { path: path.to_owned(), is_file: metadata.is_file(), holder })
}

/// The link by which a path leads nowhere; none if it leads to something, or something else is missing.
pub(super) fn dangling_link(path: &Path) -> Option<DanglingLink> {
    /// As many as Linux follows.
    const MOST: usize = 40;
    // A path after the last one that exists can only be missing.
    let link = path.ancestors().find(|path| fs::symlink_metadata(path).is_ok())?;
    let is_missing = matches!(fs::metadata(link), Err(error) if error.kind() == io::ErrorKind::NotFound);
    if !is_missing {
        return None;
    }
    let mut target = link.to_owned();
    for _ in 0..MOST {
        let Ok(next) = fs::read_link(&target) else { break };
        target = target.parent().unwrap_or(Path::new("")).join(next);
    }
    Some(DanglingLink { link: link.to_owned(), target })
}
