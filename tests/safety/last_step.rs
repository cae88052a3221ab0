//! Tests the last step, in which users.json and its backup are replaced. An obstacle is found before anything is
//! touched, and any other failure leaves both files as they were.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::{Command, Output};

use crate::crash::{traced, with_old_token};
use crate::privileges::{CREATE, NOBODY, OTHER, Place};
use crate::support::{Folder, SECRET, each};

/// These remove a token, make one, and remove one from the backup only.
const WRITES: [&[&str]; 3] = [&["revoke", "old"], &["create", "-d", "new", "-l", "1h"], &["revoke", "gone"]];

/// A folder in which each of [`WRITES`] has something to do.
fn folder() -> Folder {
    let folder = with_old_token();
    folder.create("gone", &["-q"]);
    let with = folder.users_text();
    folder.command(["revoke", "-q", "gone"]).run().expect(0, "", "");
    fs::write(folder.backup(), with).unwrap();
    folder
}

/// Puts the path of the folder into a text.
fn shown(folder: &Folder, text: &str) -> String {
    text.replace("<DIR>", folder.path().to_str().unwrap())
}

#[track_caller]
fn refused(output: &Output, expected: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    // In its own namespace, a command cannot see whether a Specter is running.
    let said: String =
        stderr.lines().filter(|line| !line.starts_with("warning: could not check")).collect::<Vec<_>>().join("\n");
    assert_eq!((output.status.code(), &*said, &*output.stdout), (Some(1), expected, &b""[..]));
}

/// A mark on a file, removed at the end of the test even if it fails.
struct Marked<'a>(&'a Path, &'static str);

impl<'a> Marked<'a> {
    fn new(path: &'a Path, mark: &'static str) -> Self {
        let status = Command::new("chattr").arg(format!("+{mark}")).arg(path).status().unwrap();
        assert!(status.success(), "a file system with marks is needed for {}", path.display());
        Marked(path, mark)
    }
}

impl Drop for Marked<'_> {
    fn drop(&mut self) {
        let _ = Command::new("chattr").arg(format!("-{}", self.1)).arg(self.0).status();
    }
}

#[test]
fn marks_are_known_before() {
    each([("i", "immutable"), ("a", "append-only")], |(mark, word)| {
        let cases = [
            ("users.json", "<DIR>/users.json", "it is"),
            ("users.json.bkp", "<DIR>/users.json.bkp", "it is"),
            ("", "files in <DIR>", "the folder is"),
        ];
        each(cases, |(name, what, is)| {
            each(WRITES, |arguments| {
                let folder = folder();
                let before = folder.files();
                let path = folder.path().join(name);
                let marked = Marked::new(&path, mark);
                let output = folder.command(arguments).run();
                let path = format!("<DIR>{}{name}", if name.is_empty() { "" } else { "/" });
                let scrubs_backup = arguments == WRITES[2];
                if name == "users.json" && scrubs_backup {
                    assert_eq!(output.code, 0, "users.json stays as it is");
                } else {
                    let message = format!(
                        "error: could not replace {what}: {is} {word}\nhint: run `chattr -{mark} {path}` as root\n"
                    );
                    output.expect(1, "", &message);
                    drop(marked);
                    assert_eq!(folder.files(), before, "{mark} {name} {arguments:?}");
                }
            });
        });
    });
}

#[test]
fn a_folder_with_a_mark_gets_no_database() {
    each([("i", "immutable"), ("a", "append-only")], |(mark, word)| {
        let folder = Folder::empty();
        let link = Folder::empty();
        symlink(folder.path(), link.file("data")).unwrap();
        each([folder.path().to_owned(), link.file("data")], |path| {
            let marked = Marked::new(folder.path(), mark);
            let mut init = folder.command(["init", "--password-file", "-", "--data-folder"]).stdin("password");
            init.command.arg(&path);
            let output = init.run();
            drop(marked);
            let shown = path.display();
            let expected = format!(
                "error: could not replace files in {shown}: the folder is {word}\nhint: run `chattr -{mark} {shown}` as root\n"
            );
            assert_eq!((output.code, &*output.stdout, output.stderr), (1, "", expected));
            assert_eq!(folder.files(), []);
        });
    });
}

#[test]
fn a_mount_point_is_known_before() {
    const HINT: &str = "hint: a file that is mounted by itself cannot be replaced: mount the folder that holds it, for example into the container";
    each(["users.json", "users.json.bkp"], |name| {
        each([WRITES[0], WRITES[1]], |arguments| {
            // If the system does not tell, the last step fails, and the backup is taken back.
            let cases = [
                ("", "it is a mount point"),
                ("-e inject=statx:error=ENOSYS", "Device or resource busy (os error 16)"),
            ];
            each(cases, |(inject, why)| {
                let folder = folder();
                let before = folder.files();
                let other = tempfile::NamedTempFile::new().unwrap();
                fs::copy(folder.file(name), other.path()).unwrap();
                let script =
                    format!("mount --bind \"$1\" \"$2\" && shift 2 && exec strace -f -qq -o /dev/null {inject} \"$@\"");
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh", "-c", &script, "sh"]).arg(other.path()).arg(folder.file(name));
                command.arg(env!("CARGO_BIN_EXE_specter-token")).args(arguments);
                command.env("SPECTER_DATA_FOLDER", folder.path()).env("SECRET_KEY", SECRET).env_remove("SPECTER_URL");
                let message = format!("error: could not replace <DIR>/{name}: {why}\n{HINT}");
                refused(&command.output().unwrap(), &shown(&folder, &message));
                assert_eq!(folder.files(), before, "{name} {arguments:?} {inject}");
            });
        });
    });
}

#[test]
fn a_sticky_folder_is_known_before() {
    let cases = [
        (OTHER, NOBODY, OTHER, NOBODY, Some("users.json.bkp")),
        (OTHER, NOBODY, NOBODY, OTHER, Some("users.json")),
        (OTHER, NOBODY, OTHER, OTHER, None),
        (OTHER, OTHER, OTHER, NOBODY, None),
        (0, NOBODY, OTHER, NOBODY, None),
    ];
    each(cases, |(runs_as, of_folder, of_users, of_backup, refuses)| {
        each([&CREATE[..], &["revoke", "-q", "a"]], |arguments| {
            let place = Place::of(of_folder);
            fs::set_permissions(place.path(), fs::Permissions::from_mode(0o1777)).unwrap();
            let (users, backup) = (place.path().join("users.json"), place.path().join("users.json.bkp"));
            assert!(
                place
                    .run(0, &["create", "-q", "-l", "1h", "-d", if arguments == CREATE { "b" } else { "a" }])
                    .status
                    .success()
            );
            chown(&users, Some(of_users), Some(of_users)).unwrap();
            chown(&backup, Some(of_backup), Some(of_backup)).unwrap();
            let before = [&users, &backup].map(|path| fs::read(path).unwrap());
            let output = place.run(runs_as, arguments);
            let Some(name) = refuses else {
                assert!(output.status.success(), "{output:?}");
                return;
            };
            let expected = format!(
                "error: could not replace {}: its folder is sticky (mode 1000), so only owners may replace its files\n\
                 hint: run this as the user that owns the file or the folder, or as root",
                place.path().join(name).display()
            );
            refused(&output, &expected);
            assert_eq!([&users, &backup].map(|path| fs::read(path).unwrap()), before);
            assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
        });
    });
}

/// Runs as in a sandbox of an old container, or on a file system that cannot exchange files or give one two names.
#[test]
fn without_an_exchange() {
    each(["ENOSYS", "EPERM", "EINVAL", "EOPNOTSUPP"], |error| {
        each(["", "EPERM", "EOPNOTSUPP"], |link| {
            let inject = format!("inject=renameat2:error={error}");
            let mut strace = vec!["-o", "/dev/null", "-e", &inject];
            let no_link = format!("inject=link,linkat:error={link}");
            if !link.is_empty() {
                strace.extend(["-e", &no_link]);
            }
            each(WRITES, |arguments| {
                let folder = folder();
                let expected = copy_run(&folder, arguments);
                let output = traced(folder.path(), arguments, &strace);
                assert!(output.status.success(), "{error} {link} {arguments:?}: {output:?}");
                if arguments != WRITES[1] {
                    assert_eq!(folder.files(), expected);
                }
                let names: Vec<String> = folder.files().into_iter().map(|(name, _)| name).collect();
                assert_eq!(names, ["users.json", "users.json.bkp"], "{error} {link} {arguments:?}");
            });
            if link.is_empty() {
                let folder = Folder::empty();
                fs::write(folder.file("password"), "a password").unwrap();
                let password = folder.file("password");
                let output = traced(folder.path(), &["init", "--password-file", password.to_str().unwrap()], &strace);
                assert!(output.status.success(), "{error}: {output:?}");
                let names: Vec<String> = folder.files().into_iter().map(|(name, _)| name).collect();
                assert_eq!(names, ["password", "secret_key", "users.json"]);
            }
        });
    });
}

/// The contents of a folder after a command.
fn copy_run(model: &Folder, arguments: &[&str]) -> Vec<(String, Vec<u8>)> {
    let folder = Folder::empty();
    for (name, bytes) in model.files() {
        fs::write(folder.file(&name), bytes).unwrap();
    }
    assert_eq!(folder.command(arguments).run().code, 0, "{arguments:?}");
    folder.files()
}

/// If the last step fails, the backup is taken back. The error mentions the backup only if that fails, too.
#[test]
fn a_backup_is_taken_back_or_told_of() {
    const AS_BEFORE: &str =
        "error: could not replace <DIR>/users.json: Input/output error (os error 5)\nhint: fix this and try again";
    const TOLD: &str = "error: users.json is as it was, but <DIR>/users.json.bkp has been replaced already: \
         could not replace <DIR>/users.json: Input/output error (os error 5)\nhint: fix this and try again";
    let no_exchange = "inject=renameat2:error=EPERM";
    let no_link = "inject=link,linkat:error=EPERM";
    let cases = [
        // The first call is for the backup, the second for users.json, and the third takes the backup back.
        (&["inject=renameat2:error=EIO:when=2"][..], true, false),
        (&["inject=renameat2:error=EIO:when=2+"], true, true),
        // If there is no backup, an exchange is tried first.
        (&["inject=renameat2:error=EIO:when=3"], false, false),
        (&["inject=renameat2:error=EIO:when=3", "inject=rename:error=EIO"], false, true),
        // These are the same cases without exchanges.
        (&[no_exchange, "inject=rename:error=EIO:when=2"], true, false),
        (&[no_exchange, "inject=rename:error=EIO:when=2+"], true, true),
        (&[no_exchange, no_link, "inject=rename:error=EIO:when=2"], true, true),
        (&[no_exchange, "inject=rename:error=EIO:when=2"], false, false),
    ];
    each(cases, |(strace, has_backup, is_told)| {
        each([WRITES[0], WRITES[1]], |arguments| {
            let folder = folder();
            if !has_backup {
                fs::remove_file(folder.backup()).unwrap();
            }
            let before = folder.files();
            let options: Vec<&str> =
                ["-o", "/dev/null"].into_iter().chain(strace.iter().flat_map(|inject| ["-e", inject])).collect();
            let output = traced(folder.path(), arguments, &options);
            refused(&output, &shown(&folder, if is_told { TOLD } else { AS_BEFORE }));
            let after = folder.files();
            let without_backup = |files: &[(String, Vec<u8>)]| -> Vec<_> {
                files.iter().filter(|(name, _)| name != "users.json.bkp").cloned().collect()
            };
            assert_eq!(without_backup(&after), without_backup(&before), "{strace:?} {arguments:?}");
            assert_eq!(after != before, is_told, "{strace:?} {arguments:?}");
        });
    });
}

#[test]
fn a_folder_that_cannot_be_locked() {
    let cases = [
        ("ENOLCK", "No locks available (os error 37)"),
        ("EOPNOTSUPP", "Operation not supported (os error 95)"),
        ("ENOSYS", "Function not implemented (os error 38)"),
        ("EINVAL", "Invalid argument (os error 22)"),
        ("EBADF", "Bad file descriptor (os error 9)"),
    ];
    each(cases, |(error, words)| {
        let inject = format!("inject=flock:error={error}");
        each(WRITES, |arguments| {
            let folder = folder();
            let before = folder.files();
            let message = format!(
                "error: could not lock <DIR>: {words}\n\
                 hint: keep Specter's data folder on a local file system, or let a running Specter make the change: --server URL"
            );
            refused(&traced(folder.path(), arguments, &["-o", "/dev/null", "-e", &inject]), &shown(&folder, &message));
            assert_eq!(folder.files(), before, "{error}");
        });
        // Reading needs no lock.
        let list = traced(folder().path(), &["list"], &["-o", "/dev/null", "-e", &inject]);
        assert!(list.status.success(), "{list:?}");
    });
}
