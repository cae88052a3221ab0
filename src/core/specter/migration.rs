//! Finds out which Specter was last started on a data folder. Specter notes each new version, even an older one, in
//! `migration_data.json` a moment before it reads users.json. Nothing from that file is ever shown except a readable
//! version.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;
use serde_json::Value;

use crate::core::version::Installed;

const FILE: &str = "migration_data.json";
const BACKUP: &str = "migration_data.json.bkp";

/// Specter's own file has a few hundred bytes.
const LARGEST: u64 = 1 << 20;

/// The Specter that was last started on a data folder.
pub(crate) fn last_started(folder: &Path) -> Installed {
    match open(&folder.join(FILE)) {
        Ok(file) => version_in(file).unwrap_or(Installed::Unknown),
        // Specter's own copy holds the version before.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.join(BACKUP).exists() => Installed::Never,
        Err(_) => Installed::Unknown,
    }
}

/// Opens a file without waiting for a writer, in case a pipe has this name.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)
}

fn version_in(file: File) -> Option<Installed> {
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    let data: Value = serde_json::from_slice(&bytes).ok()?;
    let last = data.get("events")?.as_array()?.last()?;
    last.get("version")?.as_str()?.parse().ok().map(Installed::Version)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test panics if something is wrong
mod tests {
    use std::fs;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn the_last_event_counts() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(last_started(folder.path()), Installed::Never);
        let file = folder.path().join(FILE);
        let event = |version: &str| format!(r#"{{"timestamp": 1, "version": "{version}"}}"#);
        let of = |events: &str| format!(r#"{{"events": [{events}], "migration_executions": []}}"#);
        for (text, version) in [
            (of(&event("v2.1.10")), Some("2.1.10")),
            (of(&format!("{}, {}", event("2.1.11"), event("1.14.5"))), Some("1.14.5")),
            (of(&event("v2.2.0rc5")), Some("2.2.0rc5")),
            (of(&event("unknown")), None),
            (of(&event("custom")), None),
            (of(&format!("{}, {}", event("2.1.11"), event("unknown"))), None),
            (of(""), None),
            (of("5"), None),
            (r#"{"events": {"version": "2.1.11"}}"#.to_owned(), None),
            ("[]".to_owned(), None),
            (String::new(), None),
            (of(&event("2.1.11")) + &" ".repeat(1 << 20), None),
        ] {
            fs::write(&file, &text).unwrap();
            let expected = version.map_or(Installed::Unknown, |version| Installed::Version(version.parse().unwrap()));
            assert_eq!(last_started(folder.path()), expected, "{text:.100}");
        }
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert_eq!(last_started(folder.path()), Installed::Unknown, "a folder");
        fs::remove_dir(&file).unwrap();
        mknodat(CWD, &file, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        assert_eq!(last_started(folder.path()), Installed::Unknown, "a pipe, to which nobody writes");
        fs::remove_file(&file).unwrap();
        assert_eq!(last_started(folder.path()), Installed::Never);
        fs::write(folder.path().join(BACKUP), of(&event("2.1.11"))).unwrap();
        assert_eq!(last_started(folder.path()), Installed::Unknown, "it is lost");
    }
}
