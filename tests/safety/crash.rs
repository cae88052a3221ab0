//! Tests every crash point: the process is killed at each of its system calls, and each call is made to fail in several
//! ways. Afterwards, users.json must be the old version or the new one, byte for byte, and the next command must work.
//!
//! The command runs under strace, in a namespace where it sees no other processes: their number would move the points.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::is_long;
use crate::support::{ADMIN, Folder, SECRET, masked};

/// The faults of a system call. A call before the data folder is named gets only the first, unless the run is long.
const FAULTS: [&str; 5] = ["signal=KILL", "error=EIO", "error=ENOSPC", "error=EACCES", "error=EINTR"];

/// A command on a copy of a folder, under strace with these options.
#[must_use]
pub(crate) fn traced(folder: &Path, arguments: &[&str], strace: &[&str]) -> Output {
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork", "--kill-child", "--mount-proc", "strace", "-f", "-qq"]).args(strace);
    command.arg(env!("CARGO_BIN_EXE_specter-token")).args(arguments);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.current_dir(folder).env("SPECTER_DATA_FOLDER", folder).env("SECRET_KEY", SECRET);
    command.output().unwrap_or_else(|error| panic!("unshare (as root) and strace are needed: {error}"))
}

/// A system call of a run without faults.
struct Call {
    name: String,
    /// The number of calls of that name up to this one.
    when: usize,
    /// Whether no call before it has named the data folder, so that it can do nothing there.
    is_before_folder: bool,
}

/// The system calls that the main thread makes. The thread that waits for signals makes calls in its own time; strace
/// counts the calls of each thread separately.
fn calls(folder: &Path, arguments: &[&str], more: &[&str]) -> Vec<Call> {
    let log = folder.with_extension("strace");
    let output = traced(folder, arguments, &[&["-o", log.to_str().unwrap()], more].concat());
    assert!(output.status.success(), "unshare (as root) and strace are needed: {output:?}");
    let text = fs::read_to_string(&log).unwrap();
    fs::remove_file(log).unwrap();
    let lines = || text.lines().filter_map(|line| line.split_once(' '));
    let main = lines().next().map(|(thread, _)| thread);
    let mut counts = BTreeMap::<String, usize>::new();
    let mut calls = Vec::new();
    let mut is_before_folder = true;
    for (_, call) in lines().filter(|(thread, _)| Some(*thread) == main) {
        let name = call.trim_start().split_once('(').map(|(name, _)| name);
        // `futex` waits for the other thread. It does not fail, and an injected failure would make it wait forever.
        let is_tried = |name: &&str| !name.starts_with('<') && !["exit_group", "execve", "futex"].contains(name);
        if let Some(name) = name.filter(is_tried) {
            is_before_folder &= !call.contains(folder.to_str().unwrap());
            let when = counts.entry(name.to_owned()).or_default();
            *when += 1;
            calls.push(Call { name: name.to_owned(), when: *when, is_before_folder });
        }
    }
    calls
}

/// Further options of strace: none, or those for a file system that cannot exchange files.
const FILE_SYSTEMS: [&[&str]; 2] = [&[], &["-e", "inject=renameat2:error=EINVAL"]];

/// Tries every point of a command, on both file systems. `check` gets the fault and the output.
pub(crate) fn at_every_point(
    arguments: &[&str],
    faults: &[&str],
    folder: impl Fn() -> Folder + Sync,
    check: impl Fn(&Folder, &str, &Output) + Sync,
) {
    for more in FILE_SYSTEMS {
        at_every_point_on(more, arguments, faults, &folder, &check);
    }
}

fn at_every_point_on(
    more: &[&str],
    arguments: &[&str],
    faults: &[&str],
    folder: impl Fn() -> Folder + Sync,
    check: impl Fn(&Folder, &str, &Output) + Sync,
) {
    let reference = folder();
    let calls = calls(reference.path(), arguments, more);
    let mut points = Vec::new();
    for Call { name, when, is_before_folder } in &calls {
        let faults = if *is_before_folder && !is_long() { &faults[..1] } else { faults };
        points.extend(faults.iter().map(|fault| format!("{name}:{fault}:when={when}")));
    }
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let folder = folder();
                    let inject = format!("inject={point}");
                    let log = folder.path().with_extension("strace");
                    let options = [&["-o", log.to_str().unwrap()], more, &["-e", &inject]].concat();
                    let output = traced(folder.path(), arguments, &options);
                    let called = point.split_once(':').map_or("", |(name, _)| name);
                    let is_injected = |line: &str| {
                        line.contains(called) && line.contains("(INJECTED)") || line.contains("--- SIGTERM ")
                    };
                    let has_failed = fs::read_to_string(&log).unwrap().lines().any(is_injected);
                    fs::remove_file(log).unwrap();
                    let checked = catch_unwind(AssertUnwindSafe(|| {
                        assert!(
                            has_failed || is_killed(point) && !output.status.success(),
                            "{point}: was never reached"
                        );
                        check(&folder, point, &output);
                    }));
                    if checked.is_err() {
                        failed.lock().unwrap().push(point.clone());
                    }
                }
            });
        }
    });
    let before = calls.iter().filter(|call| call.is_before_folder).count();
    let after = calls.len() - before;
    println!("{arguments:?} {more:?}: {} points at {before} + {after} system calls", points.len());
    assert!(before > 20 && after > 60, "{before} + {after}");
    assert_eq!(failed.into_inner().unwrap(), [""; 0], "of {arguments:?} {more:?}");
}

fn is_killed(point: &str) -> bool {
    point.contains("signal=")
}

#[track_caller]
pub(crate) fn succeeds(folder: &Folder, arguments: &[&str], point: &str) {
    let output = folder.command(arguments).run();
    assert_eq!(output.code, 0, "{point}: afterwards, {arguments:?}: {}", output.stderr);
}

/// After a successful write, no temporary file of a failed one is left.
pub(crate) fn has_no_litter(folder: &Folder, point: &str) {
    let names: Vec<String> = folder.files().into_iter().map(|(name, _)| name).collect();
    let is_known = |name: &String| ["users.json", "users.json.bkp", "secret_key"].contains(&name.as_str());
    assert!(names.iter().all(is_known), "{point}: {names:?}");
}

/// A folder whose users.json and users.json.bkp hold a token `old`.
pub(crate) fn with_old_token() -> Folder {
    let folder = Folder::with_users(ADMIN);
    folder.create("old", &["-q"]);
    folder.create("kept", &["-q"]);
    folder.command(["revoke", "-q", "kept"]).run().expect(0, "", "");
    folder.create("kept", &["-q"]);
    folder
}

pub(crate) fn copy_of(model: &Folder) -> Folder {
    let folder = Folder::empty();
    for (name, bytes) in model.files() {
        fs::write(folder.file(&name), bytes).unwrap();
    }
    folder
}

/// If `create` fails after the token was registered, it says so, unless it was killed.
#[track_caller]
fn tells_what_stands(is_old: bool, point: &str, output: &Output) {
    if !is_killed(point) {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let tells = stderr.contains("is registered") || stderr.contains("written, but");
        assert_eq!(is_old, !output.status.success() && !tells, "{point}: {output:?}");
    }
}

/// A command that fails also leaves the backup as it was, unless it was killed.
#[track_caller]
fn has_old_backup(folder: &Folder, model: &Folder, point: &str) {
    let [backup, old] = [folder, model].map(|folder| fs::read_to_string(folder.backup()).unwrap());
    assert!(is_killed(point) || backup == old, "{point}: the backup has changed: {backup}");
}

#[test]
fn create() {
    let model = with_old_token();
    let old = model.users_text();
    at_every_point(
        &["create", "-d", "new", "-l", "1h"],
        &FAULTS,
        || copy_of(&model),
        |folder, point, output| {
            let is_old = folder.users_text() == old;
            tells_what_stands(is_old, point, output);
            if is_old {
                has_old_backup(folder, &model, point);
            } else {
                succeeds(folder, &["revoke", "-q", "new"], point);
            }
            assert_eq!(folder.users_text(), old, "{point}");
            succeeds(folder, &["create", "-q", "-d", "another", "-l", "1h"], point);
            succeeds(folder, &["list"], point);
            has_no_litter(folder, point);
        },
    );
}

#[test]
fn create_that_replaces() {
    let model = with_old_token();
    let id = model.id("old");
    let old = model.users_text();
    let arguments = ["create", "-q", "-d", "old", "-l", "1h", "--replace"];
    let expected = copy_of(&model);
    succeeds(&expected, &arguments, "");
    // The new id and the new token differ from run to run, so they are masked.
    let new = masked(&expected.users_text());
    at_every_point(
        &arguments,
        &FAULTS,
        || copy_of(&model),
        |folder, point, output| {
            let is_old = folder.users_text() == old;
            assert!(is_old || masked(&folder.users_text()) == new, "{point}");
            tells_what_stands(is_old, point, output);
            if is_old {
                has_old_backup(folder, &model, point);
            }
            let backup = fs::read_to_string(folder.backup()).unwrap();
            assert!(is_old || !backup.contains(&id), "{point}: the backup would bring a removed token back");
            assert_eq!(folder.command(["list", "--ids"]).run().stdout.lines().count(), 2, "{point}");
            succeeds(folder, &["create", "-q", "-d", "another", "-l", "1h"], point);
            has_no_litter(folder, point);
        },
    );
}

#[test]
fn revoke() {
    let model = with_old_token();
    let id = model.id("old");
    let old = model.users_text();
    let expected = copy_of(&model);
    succeeds(&expected, &["revoke", "old"], "");
    let new = expected.users_text();
    at_every_point(
        &["revoke", "old"],
        &FAULTS,
        || copy_of(&model),
        |folder, point, output| {
            let text = folder.users_text();
            assert!(text == old || text == new, "{point}");
            if !is_killed(point) {
                assert_eq!(text == new, output.status.success(), "{point}: {output:?}");
            }
            if text == old {
                has_old_backup(folder, &model, point);
            }
            let backup = fs::read_to_string(folder.backup()).unwrap();
            assert!(text == old || !backup.contains(&id), "{point}: the backup would bring a removed token back");
            succeeds(folder, &["revoke", "--ignore-missing", "old"], point);
            assert_eq!(folder.users_text(), new, "{point}");
            assert!(!fs::read_to_string(folder.backup()).unwrap().contains(&id), "{point}");
            succeeds(folder, &["create", "-q", "-d", "another", "-l", "1h"], point);
            has_no_litter(folder, point);
        },
    );
}

#[test]
fn init() {
    let password = Folder::empty();
    fs::write(password.file("password"), "a password").unwrap();
    let password = password.file("password");
    let arguments = ["init", "--password-file", password.to_str().unwrap()];
    // Salt, hash and key are random, but always have the same length.
    let lengths = |folder: &Folder| ["users.json", "secret_key"].map(|name| fs::read(folder.file(name)).unwrap().len());
    let made = Folder::empty();
    succeeds(&made, &arguments, "");
    let expected = lengths(&made);
    at_every_point(&arguments, &FAULTS, Folder::empty, |folder, point, output| {
        let is_made = folder.users().exists();
        if !is_killed(point) && !String::from_utf8_lossy(&output.stderr).contains("is made, but") {
            assert_eq!(is_made, output.status.success(), "{point}: {output:?}");
        }
        if is_made {
            assert_eq!(lengths(folder), expected, "{point}");
        } else {
            succeeds(folder, &arguments, point);
        }
        let key_from_folder = folder.command(["create", "-q", "-d", "a", "-l", "1h"]).without("SECRET_KEY").run();
        assert_eq!(key_from_folder.code, 0, "{point}: {}", key_from_folder.stderr);
        // Without an exchange, a new file has two names at first. If one cannot be removed, it stays.
        if !point.starts_with("unlink:error") {
            has_no_litter(folder, point);
        }
    });
}

/// Two threads read a large users.json, and several make a long list. If no threads can be started, one does
/// everything.
#[test]
fn without_threads() {
    let long = format!("\"is_admin\": true, \"long\": \"{}\"", "long ".repeat(1 << 20));
    let model = Folder::with_users(ADMIN.replace("\"is_admin\": true", &long));
    model.create("one", &["-q"]);
    let expected = model.command(["list", "--ids"]).run();
    let output = traced(model.path(), &["list", "--ids"], &["-o", "/dev/null", "-e", "inject=clone3:error=EAGAIN"]);
    assert_eq!((output.status.code(), String::from_utf8(output.stdout).unwrap()), (Some(0), expected.stdout));
    let (tokens, accepted) = ("a.b.c\n".repeat(60_000), "refused (malformed): it is not a JWT\n".repeat(60_000));
    fs::write(model.file("tokens"), tokens).unwrap();
    let script =
        "strace -f -qq -o /dev/null -e inject=clone3:error=EAGAIN \"$0\" verify < \"$SPECTER_DATA_FOLDER\"/tokens";
    let mut shell = model.program("/bin/sh").env("PATH", std::env::var_os("PATH").unwrap());
    shell.command.args(["-c", script, env!("CARGO_BIN_EXE_specter-token")]);
    shell.run().expect(13, &accepted, "");
}

/// An access control list that cannot be read cannot be kept either.
#[test]
fn an_access_control_list_is_never_lost_unsaid() {
    let model = with_old_token();
    let old = model.users_text();
    for error in ["EIO", "ENOMEM", "EACCES"] {
        let inject = format!("inject=llistxattr,listxattr,flistxattr:error={error}");
        let output = traced(model.path(), &["create", "-d", "new", "-l", "1h"], &["-o", "/dev/null", "-e", &inject]);
        assert_eq!(output.status.code(), Some(1), "{error}: {output:?}");
        assert_eq!(model.users_text(), old, "{error}");
    }
}
