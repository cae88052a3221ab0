//! Runs commands while the real Specter saves in a loop. No command takes a file in the middle of a save for a damaged
//! one, and our changes lose none of Specter's. Specter does not know of ours and may undo them, as the command warns.

use std::collections::HashSet;
use std::fs;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use tempfile::TempDir;

use crate::specter::Launch;
use crate::{KEY, fresh, ours, users};

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_specter-token"));
    command.args(arguments).env("SPECTER_DATA_FOLDER", folder.path()).env("SECRET_KEY", KEY).output().unwrap()
}

#[test]
fn beside_a_specter_that_saves_in_a_loop() {
    const SAVES: usize = 150;
    const AT_ONCE: usize = 64;
    let folder = fresh();
    // This is large enough for a save to take a while.
    for number in 0..40 {
        ours(&folder, &["create", "-q", "-l", "1d", "-d", &format!("{number} {}", "x".repeat(20_000))]);
    }
    let specter = Launch::server(folder.path(), KEY).start();
    let url = specter.url();
    let is_over = AtomicBool::new(false);
    let (written, read, busy) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let kept: HashSet<String> = thread::scope(|scope| {
        let through_server = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_specter-token"));
            let output =
                command.args(arguments).args(["--server", &url]).env("SPECTER_PASSWORD", "admin").output().unwrap();
            assert!(output.status.success(), "{output:?}");
        };
        for number in 0..AT_ONCE {
            let (folder, is_over, written, read, busy) = (&folder, &is_over, &written, &read, &busy);
            scope.spawn(move || {
                let mut count = 0;
                while !is_over.load(Ordering::Relaxed) {
                    count += 1;
                    let description = format!("beside {number} {count}");
                    for arguments in [
                        &["create", "--even-if-running", "-l", "1h", "-d", &description][..],
                        &["list", "--ids"],
                        &["revoke", "--even-if-running", "--ignore-missing", &description],
                    ] {
                        let output = run(folder, arguments);
                        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
                        if output.status.success() {
                            let is_warned = stderr.contains("warning: the Specter that is running");
                            let has_changed = arguments[0] != "list" && !stderr.contains("nothing to remove");
                            assert_eq!(is_warned, has_changed, "{stderr}");
                            (if has_changed { written } else { read }).fetch_add(1, Ordering::Relaxed);
                        } else {
                            // A command that is overtaken again and again says so; no command reports damage.
                            assert!(
                                stderr.contains("keeps rewriting it") || stderr.contains("could not lock"),
                                "{stderr}"
                            );
                            busy.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
        let mut kept = HashSet::new();
        for number in 0..SAVES {
            let description = format!("specter's {number}");
            through_server(&["create", "-q", "-l", "1h", "-d", &description]);
            if number % 3 == 0 {
                through_server(&["revoke", "-q", &description]);
            } else {
                kept.insert(description);
            }
        }
        is_over.store(true, Ordering::Relaxed);
        kept
    });
    drop(specter);
    let database: serde_json::Value = serde_json::from_slice(&fs::read(users(&folder)).unwrap()).unwrap();
    let entries = database[0]["jwt_tokens"].as_object().unwrap();
    let left: HashSet<&str> = entries.values().map(|entry| entry["jwt_token_description"].as_str().unwrap()).collect();
    let lost: Vec<&String> = kept.iter().filter(|description| !left.contains(description.as_str())).collect();
    println!("{SAVES} saves; {written:?} changes and {read:?} looks beside them, {busy:?} told to come back later");
    assert!(lost.is_empty(), "{lost:?}");
    let back: Vec<&&str> = left
        .iter()
        .filter(|description| description.starts_with("specter's") && !kept.contains(**description))
        .collect();
    assert!(back.is_empty(), "what Specter has revoked is gone: {back:?}");
    // Specter saves without a pause, and some commands get in between.
    assert!(written.into_inner() > 3 && read.into_inner() > 3);
}
