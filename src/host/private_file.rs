//! A new file for a token, which only its owner can read. It is made before the token, and removed again unless it is
//! filled.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::Access;
use rustix::io::Errno;

use crate::core::error::{Action, Error, FileContext as _, Result};

pub(crate) struct PrivateFile<'a> {
    path: &'a Path,
    file: File,
    is_filled: bool,
}

impl<'a> PrivateFile<'a> {
    /// Makes the file. It must not exist, and is never made through a link.
    pub(crate) fn create(path: &'a Path) -> Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = file.map_err(|cause| Error::NotMade { path: path.to_owned(), cause })?;
        // A umask may deny its owner the right to read it.
        let _ = file.set_permissions(Permissions::from_mode(0o600));
        Ok(PrivateFile { path, file, is_filled: false })
    }

    pub(crate) fn path(&self) -> &Path {
        self.path
    }

    /// Writes the text, and waits until it is on the disk.
    pub(crate) fn fill(mut self, text: &str) -> Result<()> {
        self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_all()).doing(Action::Write, self.path)?;
        self.is_filled = true;
        Ok(())
    }
}

/// Fails if the file could not be made, as far as that can be told without making it.
pub(crate) fn check_free(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let checked = match fs::symlink_metadata(path) {
        Ok(_) => Err(Errno::EXIST.into()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Err(_) => rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).map_err(io::Error::from),
    };
    checked.map_err(|cause| Error::NotMade { path: path.to_owned(), cause })
}

impl Drop for PrivateFile<'_> {
    fn drop(&mut self) {
        if !self.is_filled {
            // The file is empty or cut off, so it is useless.
            let _ = fs::remove_file(self.path);
        }
    }
}
