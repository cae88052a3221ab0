//! Beside the real Specter while it runs: every way to start it is recognised, and what is said of the effect is true.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::specter::{Launch, Specter, forgets_nothing, python};
use crate::{ADMIN, KEY, create, exit_code, fresh, ours, start, users};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_specter-token"));
    command.args(arguments).env("SPECTER_DATA_FOLDER", folder).env("SECRET_KEY", KEY).output().unwrap()
}

/// A change is refused, with the process that stands in its way, and changes nothing.
#[track_caller]
fn is_refused(folder: &Path, specter: &Specter, how: &str) {
    let before = fs::read(folder.join("users.json")).unwrap();
    for arguments in [&["create", "-d", "x", "-l", "1h"][..], &["revoke", "--all", "--yes"]] {
        let output = run(folder, arguments);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(5), 0), "{how}: {stderr}");
        assert!(stderr.contains(&format!("(process {}: ", specter.id())) || how == "--debug", "{how}: {stderr}");
        assert!(!stderr.contains(KEY), "{how}: {stderr}");
    }
    assert_eq!(fs::read(folder.join("users.json")).unwrap(), before, "{how}");
    let read = run(folder, &["list", "--ids"]);
    assert_eq!(read.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&read.stderr).contains("a Specter is running on this folder (process "), "{how}");
}

#[test]
fn every_way_to_start_it_is_recognised() {
    let home = TempDir::new().unwrap();
    let folder = home.path().join(".specter");
    let password = home.path().join("password");
    fs::write(&password, "secret").unwrap();
    assert!(run(&folder, &["init", "--password-file", password.to_str().unwrap()]).status.success());
    let link = home.path().join("link");
    symlink(&folder, &link).unwrap();
    let (home, path) = (home.path().to_str().unwrap(), folder.to_str().unwrap());
    // Each way from a home to the folder.
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let of_root = passwd.lines().find(|line| line.starts_with("root:")).unwrap().split(':').nth(5).unwrap();
    let named = format!("~root/{}{}", "../".repeat(of_root.split('/').count()), &path[1..]);
    let below_nothing = format!("~{path}");
    let default = format!("{home}/.specter_dev");
    symlink(&folder, &default).unwrap();
    let server = || Launch::server(&folder, KEY);
    for (how, launch) in [
        ("server", server()),
        ("--no-filelog", server().with(&["--no-filelog"])),
        ("--debug", server().with(&["--debug"]).config("DevelopmentConfig")),
        ("--ssl", server().with(&["--ssl"])),
        ("gunicorn", Launch::gunicorn(&folder, KEY)),
        ("specter gunicorn", Launch::script(&folder, KEY)),
        ("gunicorn itself", Launch::application(&folder, KEY)),
        ("a symlink", server().told_folder("--specter-data-folder", &link).with(&["--no-filelog"])),
        ("a variable", server().without_folder_option().env("SPECTER_DATA_FOLDER", path).with(&["--no-filelog"])),
        ("its home", server().without_folder_option().env("HOME", home).with(&["--no-filelog"])),
        (
            "~root in the variable",
            server().without_folder_option().env("SPECTER_DATA_FOLDER", &named).with(&["--no-filelog"]),
        ),
        (
            "~root in the option",
            server().told_folder("--specter-data-folder", Path::new(&named)).with(&["--no-filelog"]),
        ),
        (
            "HOME empty",
            server()
                .without_folder_option()
                .env("HOME", "")
                .env("SPECTER_DATA_FOLDER", &below_nothing)
                .with(&["--no-filelog"]),
        ),
        (
            "SPECTER_CONFIG against --config",
            server()
                .without_folder_option()
                .config("TestConfig")
                .env("HOME", home)
                .env("SPECTER_CONFIG", "DevelopmentConfig")
                .with(&["--no-filelog"]),
        ),
        ("gunicorn itself, ~root", Launch::application_told(&folder, KEY, &[&format!("SPECTER_DATA_FOLDER={named}")])),
        (
            "gunicorn itself, HOME empty",
            Launch::application_told(&folder, KEY, &["HOME=", &format!("SPECTER_DATA_FOLDER={below_nothing}")]),
        ),
        (
            "gunicorn itself, HOME and SPECTER_CONFIG",
            Launch::application_told(&folder, KEY, &[&format!("HOME={home}"), "SPECTER_CONFIG=DevelopmentConfig"]),
        ),
        ("a program of one's own", Launch::by_program(&folder, KEY).with(&["--no-filelog"])),
        ("the log alone", Launch::server_at(&folder, KEY, 1.0)),
    ] {
        let specter = launch.start();
        is_refused(&folder, &specter, how);
        if ["server", "HOME empty", "gunicorn itself"].contains(&how) {
            let hint = format!("--server {}; ", specter.url());
            let output = run(&folder, &["revoke", "--all", "--yes"]);
            assert!(String::from_utf8_lossy(&output.stderr).contains(&hint), "{how}: {output:?}");
        }
        if how == "a symlink" {
            is_refused(&link, &specter, "a symlink from both sides");
        }
        drop(specter);
    }
    let output = run(&folder, &["create", "-d", "x", "-l", "1h", "--json", "--new-key"]);
    assert!(output.status.success(), "no process is left behind: {output:?}");
    let made: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(made["effect"], "next_start");
}

/// users.json is read some time after the start and before the first answer, so that a change in between may be lost.
#[test]
fn it_is_recognised_from_its_first_moment() {
    let folder = fresh();
    let before = fs::read(users(&folder)).unwrap();
    let specter = Launch::server(folder.path(), KEY).with(&["--no-filelog"]).spawn();
    let mut tries = 0;
    loop {
        let is_up = specter.is_up();
        let output = run(folder.path(), &["create", "-d", &tries.to_string(), "-l", "1h"]);
        assert_eq!(output.status.code(), Some(5), "{output:?}");
        tries += 1;
        if is_up {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    assert!(tries > 10, "{tries}");
    assert_eq!(fs::read(users(&folder)).unwrap(), before);
}

/// What is said of a change that --even-if-running makes: Specter does not know of it, and undoes it.
#[test]
fn a_change_beside_it_is_not_seen_and_is_lost() {
    let folder = fresh();
    let old = create(&folder, "old", &[]);
    let specter = start(&folder);
    assert_eq!(specter.status_for_admin(&old), 200);
    let new = create(&folder, "new", &["--even-if-running"]);
    ours(&folder, &["revoke", "old", "--even-if-running"]);
    // An older Specter accepts a token that it does not know of, too.
    let (unseen, removed) = if forgets_nothing() { (200, 0) } else { (401, 11) };
    assert_eq!((specter.status_for_admin(&old), specter.status_for_admin(&new)), (200, unseen));
    // What users.json says is another thing, and a reader is told so.
    let verdicts = (exit_code(&folder, &["verify", &old]).0, exit_code(&folder, &["verify", &new]).0);
    assert_eq!(verdicts, (Some(removed), Some(0)));

    assert_eq!(specter.post_token(ADMIN, "its own"), 201);
    assert_eq!(ours(&folder, &["list", "--ids"]).lines().count(), 2, "old and its own");
    drop(specter);
    let specter = start(&folder);
    assert_eq!((specter.status_for_admin(&old), specter.status_for_admin(&new)), (200, unseen));
}

/// What Python makes of paths with `~`, and we.
#[test]
fn homes_are_those_of_python() {
    let paths =
        ["~/none", "~", "~root/none", "~root//none", "~nobody-has-this-name/none", "~~/none", "~ /none", "a~/none"];
    for path in paths {
        for home in [None, Some(""), Some("/"), Some("/home///"), Some("home"), Some("~root")] {
            let with_home = |command: &mut Command| {
                command.env_clear().current_dir("/").env("SPECTER_DATA_FOLDER", path);
                let output = command.envs(home.map(|home| ("HOME", home))).output().unwrap();
                (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
            };
            let program = "import os; print(os.path.expanduser(os.environ['SPECTER_DATA_FOLDER']), end='')";
            let (expected, _) = with_home(Command::new(python()).args(["-c", program]));
            let (_, stderr) = with_home(Command::new(env!("CARGO_BIN_EXE_specter-token")).arg("list"));
            let users = Path::new(&expected).join("users.json");
            assert!(stderr.contains(&format!(" {}", users.display())), "{path} {home:?} {expected}: {stderr}");
        }
    }
}
