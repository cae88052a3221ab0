//! A users.json that cannot be used: the messages, and that nothing is changed.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::support::{Command, Folder, SECRET, each, each_at_once};

const GOOD: &str =
    r#"[{"id":"a","username":"a","password":1,"is_admin":true,"jwt_tokens":{"id1":{"jwt_token":"x.y.z"}}}]"#;
const NO_BACKUP: &str = "; Specter stops at its next start, because there is no good users.json.bkp either\n\
                         hint: put back a copy that Specter has written\n";
const STOPS: &str = "; Specter stops at its next start with this file\n\
                     hint: fix it with an editor, or put back a copy that Specter has written\n";

#[test]
fn every_kind_of_damage_is_told_apart() {
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "parse <DIR>/users.json: it is empty", NO_BACKUP),
        (b"\n", "parse <DIR>/users.json: it breaks off at line 2, column 1", NO_BACKUP),
        (b"[{\"id\":\"a\"", "parse <DIR>/users.json: it breaks off at line 1, column 11", NO_BACKUP),
        (b"\0\0\0\0", "parse <DIR>/users.json: it is not JSON at line 1, column 1", NO_BACKUP),
        (b"[\"caf\xE9\"]", "parse <DIR>/users.json: it is not UTF-8 at byte 5", NO_BACKUP),
        (b"\xEF\xBB\xBF[]", "parse <DIR>/users.json: it begins with a byte order mark", NO_BACKUP),
        (
            b"\xFF\xFE[\0]\0",
            "parse <DIR>/users.json: it is UTF-16 or UTF-32 text, where Specter reads UTF-8",
            NO_BACKUP,
        ),
        (b"[{}]", "use <DIR>/users.json: user 1, on line 1, has no `id`", STOPS),
        // Specter never sees the shape of a text that it cannot parse.
        (b"[{},]", "parse <DIR>/users.json: it is not JSON at line 1, column 5", NO_BACKUP),
        (b"{}", "use <DIR>/users.json: it is not an array of users", STOPS),
        (b"[]", "use <DIR>/users.json: it has no user whose is_admin is true", STOPS),
        (b"[null]", "use <DIR>/users.json: user 1, on line 1, is not an object", STOPS),
        (b"[\n  {\"x\": \"\\n\"},\n\n  7\n]", "use <DIR>/users.json: user 1, on line 2, has no `id`", STOPS),
        (b"{\"users\": [", "parse <DIR>/users.json: it breaks off at line 1, column 12", NO_BACKUP),
        (
            b"[{\"id\":1,\"username\":\"a\",\"password\":1,\"is_admin\":0}]",
            "use <DIR>/users.json: user 1, on line 1, has no `config`",
            STOPS,
        ),
        (b"[{\"x\":NaN,}]", "parse <DIR>/users.json: it is not JSON at line 1, column 11", NO_BACKUP),
        (b"[{\"x\":nan}]", "parse <DIR>/users.json: it is not JSON at line 1, column 7", NO_BACKUP),
    ];
    each_at_once(cases, |(bytes, what, consequence)| {
        let folder = Folder::with_users(bytes);
        let before = folder.files();
        let expected = format!("error: could not {what}{consequence}");
        let cases = [&["list"] as &[&str], &["create", "-d", "x", "-l", "1h"], &["revoke", "--all", "-y"]];
        each_at_once(cases, |arguments| {
            folder.command(arguments).run().expect(1, "", &expected);
        });
        assert_eq!(folder.files(), before);
    });
}

#[test]
fn nesting_that_python_cannot_follow_is_damage() {
    let nested = |depth: usize| {
        format!(
            "[{{\"id\":1,\"username\":\"a\",\"password\":1,\"is_admin\":1,\"deep\":{}{}}}]",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    let folder = Folder::with_users(nested(5_000));
    let output = folder.command(["list"]).run();
    assert_eq!(output.code, 1);
    assert!(output.stderr.contains("could not parse"), "{output:?}");
    assert!(output.stderr.contains("it is nested deeper than 977 levels on line 1"), "{output:?}");
    // The array of users and the user are the first two levels.
    each_at_once([(975, 0), (976, 1)], |(depth, code)| {
        let folder = Folder::with_users(nested(depth));
        assert_eq!(folder.command(["create", "-q", "-d", "x", "-l", "1h"]).run().code, code);
    });
}

#[test]
fn a_file_cut_off_at_any_byte_is_left_as_it_is() {
    each_at_once(0..GOOD.len(), |end| {
        let folder = Folder::with_users(&GOOD[..end]);
        fs::write(folder.backup(), GOOD).unwrap();
        let before = folder.files();
        let cases = [&["list"] as &[&str], &["revoke", "--all", "--yes"], &["verify", "x.y.z"]];
        each_at_once(cases, |arguments| {
            let output = folder.run_at(0.0, SECRET, arguments);
            let is_told = output.stderr.contains("error: could not parse ")
                && output.stderr.contains("at its next start, Specter would silently replace it by ")
                && output.stderr.contains(
                    "users.json.bkp, the version before\nhint: to recover that \
                                                   version yourself, stop Specter and run `cp -p ",
                );
            assert_eq!((output.code, &*output.stdout, is_told), (1, "", true), "{end}: {output:?}");
        });
        assert_eq!(folder.files(), before, "cut off at {end}");
    });
}

#[test]
fn what_is_missing_is_told_with_what_specter_would_do() {
    let folder = Folder::empty();
    folder.command(["list"]).run().expect(
        1,
        "",
        "error: could not find <DIR>/users.json\n\
         hint: name Specter's data folder with --data-folder; `specter-token init` makes a new one, and so does \
         Specter at its start\n",
    );
    fs::write(folder.backup(), GOOD).unwrap();
    let before = folder.files();
    each_at_once([&["list"] as &[&str], &["create", "-d", "x", "-l", "1h"]], |arguments| {
        folder.command(arguments).run().expect(
            1,
            "",
            "error: could not find <DIR>/users.json, though its backup is there; at its next start Specter would ignore the \
             backup and begin anew with the login admin/admin\n\
             hint: to recover, stop Specter and run `cp -p <DIR>/users.json.bkp <DIR>/users.json`\n",
        );
    });
    assert_eq!(folder.files(), before);

    let folder = Folder::with_users("[");
    fs::write(folder.backup(), "[").unwrap();
    let output = folder.command(["list"]).run();
    assert!(
        output.stderr.contains("Specter stops at its next start, because there is no good users.json.bkp either"),
        "{output:?}"
    );

    let folder = Folder::empty();
    fs::create_dir(folder.users()).unwrap();
    folder.command(["list"]).run().expect(
        1,
        "",
        "error: could not read <DIR>/users.json: it is not a regular file\n\
         hint: name Specter's data folder with --data-folder, or move this out of the way\n",
    );
}

/// A half-written file is not damaged while a process has it open, however long the save pauses.
#[test]
fn who_has_the_file_open_may_still_be_saving() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let text = folder.users_text();
    let expected = folder.command(["list", "--ids"]).run();
    fs::rename(folder.users(), folder.file("whole")).unwrap();
    // The first half is written at once, the second after `read`.
    let script = "exec > users.json; head -c \"$1\" whole; echo >&2; read -r _; tail -c +$(($1 + 1)) whole";
    let mut saving = std::process::Command::new("sh");
    saving.args(["-c", script, "sh", &(text.len() / 2).to_string()]).current_dir(folder.path());
    let mut saving = saving.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    saving.stderr.take().unwrap().read_exact(&mut [0]).unwrap();
    let listed = thread::scope(|scope| {
        let listed = scope.spawn(|| folder.command(["list", "--ids"]).run());
        thread::sleep(Duration::from_secs(4));
        writeln!(saving.stdin.take().unwrap()).unwrap();
        listed.join().unwrap()
    });
    assert!(saving.wait().unwrap().success());
    assert_eq!(listed, expected);
}

/// The command as a user who owns nothing here. Root may read and write everywhere, so root's tests run it as another
/// user, from a copy of the program that this user can reach.
fn unprivileged(folder: &Folder, program: &tempfile::TempDir, arguments: &[&str]) -> Command {
    const NOBODY: u32 = 65_534;
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return folder.command(arguments);
    }
    let copy = program.path().join("specter-token");
    // Another process copies it. A child of this one could inherit the open file, which then could not be run.
    let copied = std::process::Command::new("cp").arg(env!("CARGO_BIN_EXE_specter-token")).arg(&copy).status();
    assert!(copied.unwrap().success());
    set_mode(program.path(), 0o755);
    let mut command = folder.program(copy);
    command.command.args(arguments).uid(NOBODY).gid(NOBODY);
    command
}

fn set_mode(path: &std::path::Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn an_unreadable_file_and_a_folder_that_cannot_be_written() {
    let folder = Folder::with_users(GOOD);
    let program = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| unprivileged(&folder, &program, arguments).run();
    let hint = "hint: run this as the user that runs Specter, for example with `sudo -u`; if that is you, check whether the file \
                is immutable (`lsattr`)\n";
    set_mode(folder.path(), 0o755);
    set_mode(&folder.users(), 0o000);
    run(&["list"]).expect(
        1,
        "",
        &format!("error: could not read <DIR>/users.json: Permission denied (os error 13)\n{hint}"),
    );

    set_mode(&folder.users(), 0o644);
    set_mode(folder.path(), 0o555);
    let before = folder.files();
    run(&["list", "--ids"]).expect(0, "id1\n", "");
    run(&["create", "-d", "x", "-l", "1h"]).expect(
        1,
        "",
        &format!("error: could not make <DIR>/.users.json.specter-token.tmp: Permission denied (os error 13)\n{hint}"),
    );
    assert_eq!(folder.files(), before);
    set_mode(folder.path(), 0o755);
}

/// A limit on file sizes stands in for a full disk: the write fails in the same place.
#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    fs::write(folder.backup(), "the old backup").unwrap();
    let before = folder.files();
    each([&["create", "-d", "x", "-l", "1h"] as &[&str], &["revoke", "bobs"]], |arguments| {
        let mut shell = folder.program("/bin/sh");
        shell.command.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh"]);
        shell.command.arg(env!("CARGO_BIN_EXE_specter-token")).args(arguments);
        shell.run().expect(
            1,
            "",
            "error: could not write <DIR>/.users.json.specter-token.tmp: File too large (os error 27)\n\
             hint: free some room and try again\n",
        );
        assert_eq!(folder.files(), before);
    });
}
