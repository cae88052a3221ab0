//! Sends a signal at each system call. The command ends, and either everything is as it was, or the change is made and
//! reported.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::crash::{at_every_point, copy_of, has_no_litter, succeeds, with_old_token};
use crate::support::{ADMIN, Folder};

const TERM: [&str; 1] = ["signal=TERM"];

/// How commands ended.
#[derive(Default)]
struct Ends {
    /// The number of commands that were done before the signal could make a difference.
    done: AtomicUsize,
}

impl Ends {
    /// Checks that the signal ended the command.
    #[track_caller]
    fn note(&self, point: &str, output: &Output) {
        let code = output.status.signal().map(|signal| 128 + signal).or(output.status.code());
        if code == Some(0) {
            self.done.fetch_add(1, Ordering::Relaxed);
        } else {
            assert_eq!(code, Some(143), "{point}: {output:?}");
        }
    }

    /// On each of the two file systems, the last few system calls of a process come after its work is done.
    #[track_caller]
    fn check(self) {
        assert!(self.done.into_inner() <= 6, "commands that a signal should have ended");
    }
}

#[track_caller]
fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn create() {
    let model = with_old_token();
    let old = model.users_text();
    let ends = Ends::default();
    at_every_point(
        &["create", "-d", "new", "-l", "1h"],
        &TERM,
        || copy_of(&model),
        |folder, point, output| {
            ends.note(point, output);
            if folder.users_text() == old {
                assert_eq!(text(&output.stdout), "", "{point}");
                assert!(
                    ["", "error: interrupted; nothing was changed\nhint: run the command again\n"]
                        .contains(&text(&output.stderr)),
                    "{point}: {output:?}"
                );
            } else {
                assert_eq!(folder.command(["verify"]).stdin(&output.stdout).run().code, 0, "{point}: {output:?}");
                assert!(text(&output.stderr).starts_with("created token"), "{point}: {output:?}");
            }
            succeeds(folder, &["create", "-q", "-d", "another", "-l", "1h"], point);
            has_no_litter(folder, point);
        },
    );
    ends.check();
}

/// The file of `--out` holds the token or does not exist, so that the next run can make it.
#[test]
fn create_into_a_file() {
    let model = Folder::with_users(ADMIN);
    let out = "secret_key"; // this name does not count as litter
    let ends = Ends::default();
    at_every_point(
        &["create", "-q", "-d", "new", "-l", "1h", "--out", out],
        &TERM,
        || copy_of(&model),
        |folder, point, output| {
            ends.note(point, output);
            let out = folder.file(out);
            if folder.users_text() == ADMIN {
                assert!(!out.exists(), "{point}: {output:?}");
            } else {
                assert_eq!(folder.command(["verify"]).stdin(fs::read(&out).unwrap()).run().code, 0, "{point}");
                fs::remove_file(&out).unwrap();
            }
            succeeds(folder, &["create", "-q", "-d", "another", "-l", "1h"], point);
            has_no_litter(folder, point);
        },
    );
    ends.check();
}

#[test]
fn revoke() {
    let model = with_old_token();
    let old = model.users_text();
    let arguments = ["revoke", "old"];
    let expected = copy_of(&model);
    succeeds(&expected, &arguments, "");
    let new = expected.users_text();
    let ends = Ends::default();
    at_every_point(
        &arguments,
        &TERM,
        || copy_of(&model),
        |folder, point, output| {
            ends.note(point, output);
            let is_old = folder.users_text() == old;
            assert!(is_old || folder.users_text() == new, "{point}");
            let told = text(&output.stderr);
            assert_eq!(is_old, told.is_empty() || told.starts_with("error: interrupted; nothing"), "{point}: {told}");
            succeeds(folder, &["create", "-q", "-d", "another", "-l", "1h"], point);
            has_no_litter(folder, point);
        },
    );
    ends.check();
}

/// A folder is made whole, and its password is printed.
#[test]
fn init() {
    let ends = Ends::default();
    at_every_point(&["init", "-q"], &TERM, Folder::empty, |folder, point, output| {
        ends.note(point, output);
        assert_eq!(folder.users().exists(), !output.stdout.is_empty(), "{point}: {output:?}");
        if !folder.users().exists() {
            assert_eq!(folder.files(), [], "{point}");
            succeeds(folder, &["init", "-q"], point);
        }
        let key_from_folder = folder.command(["create", "-q", "-d", "a", "-l", "1h"]).without("SECRET_KEY").run();
        assert_eq!(key_from_folder.code, 0, "{point}: {}", key_from_folder.stderr);
        has_no_litter(folder, point);
    });
    ends.check();
}
