//! Opens files by the paths of another process: below its own root, which in a container is not ours.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

#[cfg(target_os = "linux")]
use rustix::fs::{Mode, OFlags, openat};

/// Metadata of a file at a path below a process's root. Absolute links are resolved from there.
pub(super) fn metadata_in_root(root: &Path, path: &Path) -> io::Result<fs::Metadata> {
    handle_in_root(root, path)?.metadata()
}

/// The list of users below a process's root. It may be anything that somebody has put there.
pub(super) fn passwd_in_root(root: &Path) -> io::Result<Vec<u8>> {
    const LARGEST: u64 = 1 << 24;
    let handle = handle_in_root(root, Path::new("etc/passwd"))?;
    if !handle.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = Vec::new();
    reopened(&handle)?.take(LARGEST).read_to_end(&mut text)?;
    Ok(text)
}

/// A file below a process's root, not opened for reading, because that could wait forever.
#[cfg(target_os = "linux")]
fn handle_in_root(root: &Path, path: &Path) -> io::Result<File> {
    use rustix::fs::{CWD, ResolveFlags, openat2};
    const HANDLE: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);
    let handle = openat(CWD, root, HANDLE, Mode::empty())?;
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    match openat2(&handle, path, HANDLE, Mode::empty(), ResolveFlags::IN_ROOT) {
        // Linux is older than 5.6, or a sandbox does not know the call.
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => {
            Ok(File::from(openat(CWD, root.join(path), HANDLE, Mode::empty())?))
        }
        found => Ok(File::from(found?)),
    }
}

#[cfg(target_os = "linux")]
fn reopened(handle: &File) -> io::Result<File> {
    use std::os::fd::AsRawFd as _;
    File::open(format!("/proc/self/fd/{}", handle.as_raw_fd()))
}

#[cfg(not(target_os = "linux"))]
fn handle_in_root(root: &Path, path: &Path) -> io::Result<File> {
    File::open(root.join(path))
}

#[cfg(not(target_os = "linux"))]
fn reopened(handle: &File) -> io::Result<File> {
    handle.try_clone()
}
