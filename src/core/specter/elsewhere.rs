//! Specters on other folders than the one that was looked for, of which whoever has named none may have forgotten.
//!
//! A folder is told to go there. So it is named only if the process belongs to those who may do anything here anyhow, root and
//! us, and if it is the same folder for the process and for us, which in a container it is not.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::command_line::CommandLine;
use super::process::{FileId, Running, is_gone, processes_in, trusted_users};
use crate::core::process::Elsewhere;

/// The Specters that run on other folders: all whose folder can be named, or else one.
pub(crate) fn running_elsewhere(folder: &Path) -> Vec<Elsewhere> {
    elsewhere_in(Path::new("/proc"), folder)
}

fn elsewhere_in(proc: &Path, folder: &Path) -> Vec<Elsewhere> {
    let trusted = trusted_users(proc, &[]);
    let mut known: Vec<FileId> = FileId::of(folder).into_iter().collect();
    let (mut named, mut unnamed) = (Vec::new(), Vec::new());
    for process in processes_in(proc).unwrap_or_default() {
        let arguments = process.arguments();
        let Some(told) = CommandLine::read(&arguments) else { continue };
        if !told.is_certain && !process.has_specter_loaded().unwrap_or(false) {
            continue;
        }
        let id = process.id;
        match folder_of(&process, &told) {
            Err(error) if is_gone(&error) => {}
            // A process that has only just begun may be about to make the one that was looked for.
            Ok(Folder::Missing) => {}
            Ok(Folder::There(_, it)) if known.contains(&it) => {}
            Ok(Folder::There(path, it)) if FileId::of(&path) == Some(it) && process.belongs_to(&trusted) => {
                known.push(it);
                named.push(Elsewhere { id, folder: Some(path) });
            }
            Err(_) | Ok(Folder::Untold | Folder::There(..)) => unnamed.push(Elsewhere { id, folder: None }),
        }
    }
    unnamed.truncate(1);
    if named.is_empty() { unnamed } else { named }
}

/// The folder that a Specter uses.
enum Folder {
    There(PathBuf, FileId),
    Missing,
    /// It cannot be told from the outside.
    Untold,
}

fn folder_of(process: &Running, told: &CommandLine<'_>) -> io::Result<Folder> {
    let (folders, true) = process.told_folders(told)? else { return Ok(Folder::Untold) };
    let [folder] = &folders[..] else { return Ok(Folder::Untold) };
    let Some(folder) = process.with_home(told, folder)?.map(PathBuf::from) else { return Ok(Folder::Untold) };
    let Some(it) = process.file_id(&folder)? else { return Ok(Folder::Missing) };
    let path = if folder.is_absolute() { folder } else { fs::read_link(process.folder.join("cwd"))?.join(folder) };
    Ok(Folder::There(path, it))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test stops where something is not as it should be
mod tests {
    use std::os::unix::fs::{MetadataExt as _, symlink};

    use tempfile::TempDir;

    use super::*;

    const SERVER: &str = "python3 -m cryptoadvance.specter server";

    /// A `/proc` with these processes, each of a user: command line and environment.
    fn proc(processes: &[(u32, u32, &str, &str)]) -> TempDir {
        let proc = TempDir::new().unwrap();
        for (id, user, arguments, environment) in processes {
            let folder = proc.path().join(id.to_string());
            fs::create_dir(&folder).unwrap();
            let status = format!("Uid:\t{user}\t{user}\t{user}\t{user}\nGid:\t7\nGroups:\t\nCapEff:\t0\n");
            fs::write(folder.join("status"), status).unwrap();
            fs::write(folder.join("cmdline"), arguments.replace(' ', "\0") + "\0").unwrap();
            fs::write(folder.join("environ"), environment.replace(' ', "\0") + "\0").unwrap();
            fs::write(folder.join("maps"), "").unwrap();
            symlink("/", folder.join("root")).unwrap();
            symlink("/", folder.join("cwd")).unwrap();
        }
        proc
    }

    fn found(proc: &TempDir, folder: &Path) -> Vec<(u32, Option<PathBuf>)> {
        elsewhere_in(proc.path(), folder).into_iter().map(|Elsewhere { id, folder }| (id, folder)).collect()
    }

    #[test]
    fn a_folder_is_named_as_far_as_the_process_is_trusted() {
        let home = TempDir::new().unwrap();
        let folder = |name: &str| home.path().join(name);
        for name in [".specter", "a", "b"] {
            fs::create_dir(folder(name)).unwrap();
        }
        symlink("a", folder("link")).unwrap();
        let ours = folder(".specter");
        // The fake /proc does not tell who we are, so no process is ours.
        let other = fs::metadata(home.path()).unwrap().uid() + 1;
        let in_home = format!("HOME={}", home.path().display());
        let below_home = format!("{in_home} SPECTER_DATA_FOLDER=~/b");
        let told = |name: &str| format!("{SERVER} --specter-data-folder {}", folder(name).display());
        let (a, b, link, none, own) = (told("a"), told("b"), told("link"), told("none"), told(".specter"));
        let relative = format!("{SERVER} --specter-data-folder {}", &folder("a").display().to_string()[1..]);
        let gunicorn = "gunicorn -c settings.py cryptoadvance.specter.server:app";
        let named = |id: u32, name: &str| (id, Some(folder(name)));
        for (what, processes, expected) in [
            ("nobody", vec![(5, 0, "vim cryptoadvance.specter server", "")], vec![]),
            ("root's", vec![(5, 0, &*a, "")], vec![named(5, "a")]),
            ("told by the environment", vec![(5, 0, SERVER, &*below_home)], vec![named(5, "b")]),
            ("another user's", vec![(5, other, &a, "")], vec![(5, None)]),
            ("several of another user's", vec![(5, other, &a, ""), (6, other, &b, "")], vec![(0, None)]),
            ("some of each", vec![(5, other, &b, ""), (6, 0, &a, "")], vec![named(6, "a")]),
            ("one folder twice", vec![(5, 0, &a, ""), (6, 0, &a, "")], vec![named(0, "a")]),
            ("a relative path", vec![(5, 0, &relative, "")], vec![named(5, "a")]),
            ("through a link", vec![(5, 0, &link, "")], vec![named(5, "link")]),
            ("not told", vec![(5, 0, gunicorn, "")], vec![(5, None)]),
            ("a folder that is not there", vec![(5, 0, &none, "")], vec![]),
            ("the folder itself", vec![(5, 0, &own, ""), (6, 0, SERVER, &in_home)], vec![]),
            ("another program in Python", vec![(5, 0, "python3 other.py", &in_home)], vec![]),
        ] {
            let mut found = found(&proc(&processes), &ours);
            // Processes come in any order.
            if processes.len() > 1 && expected[..].iter().any(|(id, _)| *id == 0) {
                for (id, _) in &mut found {
                    *id = 0;
                }
            }
            assert_eq!(found, expected, "{what}");
        }
        let both = proc(&[(5, 0, &a, ""), (6, 0, &b, "")]);
        let mut of_both = found(&both, &ours);
        of_both.sort_unstable();
        assert_eq!(of_both, [named(5, "a"), named(6, "b")]);

        // The default folder of a home that is not ours.
        let theirs = proc(&[(5, 0, SERVER, &in_home)]);
        assert_eq!(found(&theirs, &folder("a")), [named(5, ".specter")]);
        // One that another program has loaded, which may have told it any folder.
        let program = proc(&[(5, 0, "python3 start.py", &in_home)]);
        fs::write(program.path().join("5/maps"), "7f0 /venv/lib/embit/x.so").unwrap();
        assert_eq!(found(&program, &folder("a")), [(5, None)]);
        // We are trusted as well.
        let own = proc(&[(5, other, &a, "")]);
        fs::create_dir(own.path().join("self")).unwrap();
        fs::copy(own.path().join("5/status"), own.path().join("self/status")).unwrap();
        assert_eq!(found(&own, &ours), [named(5, "a")]);

        // In a container, the path may be another folder, or none; and the environment may be closed.
        let root = TempDir::new().unwrap();
        fs::create_dir(root.path().join("data")).unwrap();
        let contained = proc(&[(5, 0, &format!("{SERVER} --specter-data-folder /data"), "")]);
        fs::remove_file(contained.path().join("5/root")).unwrap();
        symlink(root.path(), contained.path().join("5/root")).unwrap();
        assert_eq!(found(&contained, &ours), [(5, None)]);
        let closed = proc(&[(5, 0, SERVER, "")]);
        fs::remove_file(closed.path().join("5/environ")).unwrap();
        assert_eq!(found(&closed, &ours), [], "it has ended");
        fs::create_dir(closed.path().join("5/environ")).unwrap();
        assert_eq!(found(&closed, &ours), [(5, None)]);
        assert_eq!(elsewhere_in(Path::new("/nonexistent"), &ours), []);
    }
}
