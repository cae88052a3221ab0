//! The version of a running Specter, from the package that it was loaded from:
//! `cryptoadvance.specter-VERSION.dist-info` beside the libraries that the process has mapped. `/proc/PID/exe` is of no
//! use: it would be the base Python.
//!
//! If a package was installed after the process had started, the process does not run it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::core::version::Version;

/// The version of the Specter that a process runs. `process` is its folder in `/proc`. The oldest of several packages
/// counts.
pub(super) fn version_of(process: &Path) -> Option<Version> {
    let started_at = started_at(process)?;
    let mut versions = Vec::new();
    for folder in package_folders(&fs::read(process.join("maps")).ok()?) {
        let Ok(entries) = fs::read_dir(process.join("root").join(folder)) else { continue };
        for entry in entries {
            let entry = entry.ok()?;
            let name = entry.file_name();
            let Some(version) = name.to_str().and_then(version_in) else { continue };
            let metadata = entry.metadata().ok()?;
            if metadata.mtime().max(metadata.ctime()) >= started_at {
                return None;
            }
            versions.push(version.parse().ok()?);
        }
    }
    versions.into_iter().min()
}

/// The text of the version in the name of a package's folder, if the package is Specter's.
fn version_in(name: &str) -> Option<&str> {
    let name = name.strip_suffix(".dist-info")?;
    name.strip_prefix("cryptoadvance.specter-").or_else(|| name.strip_prefix("cryptoadvance_specter-"))
}

/// The folders of Python packages, below the process's root, from which something is mapped.
fn package_folders(maps: &[u8]) -> BTreeSet<PathBuf> {
    const PACKAGES: [&[u8]; 2] = [b"/site-packages/", b"/dist-packages/"];
    let folder = |line: &[u8]| {
        let path = &line[line.iter().position(|byte| *byte == b'/')? + 1..];
        let end = PACKAGES
            .iter()
            .find_map(|name| path.windows(name.len()).position(|part| part == *name).map(|at| at + name.len() - 1))?;
        Some(PathBuf::from(std::ffi::OsStr::from_bytes(&path[..end])))
    };
    maps.split(|byte| *byte == b'\n').filter_map(folder).collect()
}

/// The start time of a process, in whole seconds since 1970, rounded down.
fn started_at(process: &Path) -> Option<i64> {
    /// Linux tells such times to programs in these parts of a second, on every processor that Rust supports.
    const TICKS: i64 = 100;
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // The name may hold anything. After it come state, parent, …; the start time is field 22.
    let ticks: i64 = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()?;
    let machine = fs::read_to_string(process.parent()?.join("stat")).ok()?;
    let booted_at: i64 = machine.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(booted_at + ticks / TICKS)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test panics if something is wrong
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    /// Makes a `/proc` with a process that was started `started_in` seconds from now and has these packages.
    fn version(started_in: i64, packages: &[&str]) -> Option<String> {
        let proc = tempfile::tempdir().unwrap();
        let process = proc.path().join("7");
        let folder = process.join("root/venv/lib/python3.11/site-packages");
        for package in packages {
            fs::create_dir_all(folder.join(package)).unwrap();
        }
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
        fs::write(proc.path().join("stat"), format!("cpu 1 2\nbtime {}\nprocesses 9\n", now - 1_000)).unwrap();
        let fields = "S 1 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0";
        let ticks = (1_000 + started_in) * 100;
        fs::write(process.join("stat"), format!("7 (python) (x 3) {fields} {ticks} 1 1\n")).unwrap();
        let line = "7f00-7f01 r-xp 00000000 fe:00 5   ";
        let maps = format!(
            "{line}/usr/lib/libc.so.6\n7f02-7f03 rw-p 00000000 00:00 0\n{line}/venv/lib/python3.11/site-packages/embit/x.so\n"
        );
        fs::write(process.join("maps"), maps).unwrap();
        version_of(&process).map(|version| version.to_string())
    }

    #[test]
    fn the_package_tells_if_it_was_there_before_the_process() {
        for (started_in, packages, expected) in [
            (10, &["embit", "cryptoadvance.specter-2.1.10.dist-info"][..], Some("2.1.10")),
            (10, &["cryptoadvance_specter-2.2.0rc5.dist-info"], Some("2.2.0rc5")),
            (10, &["cryptoadvance_specter-2.1.11.dist-info", "cryptoadvance.specter-2.1.7.dist-info"], Some("2.1.7")),
            (-10, &["cryptoadvance.specter-2.1.10.dist-info"], None),
            (10, &["cryptoadvance.specter-2.1.11.dev3.dist-info"], None),
            (10, &["cryptoadvance.specter-2.1.10", "cryptoadvance.specterext-2.1.10.dist-info"], None),
            (10, &["embit"], None),
        ] {
            assert_eq!(version(started_in, packages).as_deref(), expected, "{packages:?}");
        }
    }
}
