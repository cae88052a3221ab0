//! Tests against the real Specter: it loads what we write, accepts what we create, and refuses what we revoke.
//!
//! Needs Python 3.10 or 3.11, and the network once, to install Specter. `cargo test --test live` runs all tests against
//! one version, and some against the others; `tests/live/every_version.sh` runs everything against all of them.

#![deny(unused_must_use)] // a run whose result is not looked at tests nothing
#![allow(clippy::unwrap_used)] // a test panics if something is wrong

mod python;
mod races;
mod running;
mod server;
mod specter;
mod start;
mod versions;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use specter::{Launch, Specter, is_lax, version};
use tempfile::TempDir;

pub(crate) const KEY: &str = "s3cr3t-key-for-tests-0123456789abcdef";
/// `admin:admin`, the login of a database that Specter has just made.
pub(crate) const ADMIN: &str = "YWRtaW46YWRtaW4=";

/// A data folder on which Specter has run before.
pub(crate) fn fresh() -> TempDir {
    fresh_of(version())
}

/// The same of any version, which makes one for all tests.
pub(crate) fn fresh_of(version: &'static str) -> TempDir {
    static MADE: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    let model = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("first-start-of-{version}"));
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if !made.contains(version) {
        let _ = fs::remove_dir_all(&model); // from another run
        fs::create_dir(&model).unwrap();
        drop(Launch::server(&model, KEY).version(version).start());
        assert!(model.join("users.json").exists(), "Specter makes a users.json at its first start");
        made.insert(version);
    }
    drop(made);
    let folder = TempDir::new().unwrap();
    assert!(Command::new("cp").arg("-a").arg(model.join(".")).arg(folder.path()).status().unwrap().success());
    folder
}

/// A data folder with a users.json that Specter has written elsewhere.
pub(crate) fn from_corpus(name: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/users").join(name);
    fs::copy(corpus, users(&folder)).unwrap();
    folder
}

pub(crate) fn users(folder: &TempDir) -> PathBuf {
    folder.path().join("users.json")
}

fn backup(folder: &TempDir) -> PathBuf {
    folder.path().join("users.json.bkp")
}

pub(crate) fn start(folder: &TempDir) -> Specter {
    Specter::start(folder.path(), KEY)
}

/// Runs the command, which must succeed. Returns its standard output without the last newline.
pub(crate) fn ours(folder: &TempDir, arguments: &[&str]) -> String {
    let (code, stdout) = exit_code(folder, arguments);
    assert_eq!(code, Some(0), "{arguments:?}");
    stdout
}

pub(crate) fn exit_code(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_specter-token"))
        .args(arguments)
        .env("SPECTER_DATA_FOLDER", folder.path())
        .env("SECRET_KEY", KEY)
        .output()
        .unwrap();
    eprint!("{}", String::from_utf8_lossy(&output.stderr)); // shown if the test fails
    (output.status.code(), String::from_utf8(output.stdout).unwrap().trim_end().to_owned())
}

pub(crate) fn create(folder: &TempDir, description: &str, more: &[&str]) -> String {
    ours(folder, &[&["create", "-d", description, "-l", "1 hour"], more].concat())
}

#[test]
fn a_token_is_accepted_once_it_is_created_and_refused_once_it_is_revoked() {
    let folder = fresh();
    let token = create(&folder, "ci", &[]);
    let other = create(&folder, "\"other\"\n\u{2028}é🚀", &[]);
    let specter = start(&folder);
    assert_eq!(specter.status_for_admin(&token), 200);
    assert_eq!(specter.status_for_admin(&other), 200);
    let forged = format!("{}AAAA", &token[..token.len() - 4]);
    assert_eq!(specter.status_for_admin(&forged), 401);
    drop(specter);

    ours(&folder, &["revoke", "ci"]);
    let specter = start(&folder);
    assert!(specter.has_let_go_of(&token));
    assert_eq!(specter.status_for_admin(&other), 200);
}

/// Specter's own start makes neither a new key nor a new database in a folder from `init`.
#[test]
fn a_folder_that_init_made_is_one_that_specter_starts_on() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("new").join("folder");
    let password_file = parent.path().join("password");
    fs::write(&password_file, "pass: wörd\n").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_specter-token"));
        command.args(arguments).env_remove("SECRET_KEY").env("SPECTER_DATA_FOLDER", &folder);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    };
    run(&["init", "--password-file", password_file.to_str().unwrap()]);
    let token = run(&["create", "-d", "ci", "-l", "1 hour"]);
    let before = fs::read(folder.join("users.json")).unwrap();
    let key = fs::read_to_string(folder.join("secret_key")).unwrap();
    let specter = Specter::start(&folder, key.trim_end());
    assert_eq!(fs::read(folder.join("users.json")).unwrap(), before, "Specter finds nothing to change");
    assert_eq!(specter.status_for_admin(&token), 200);
    let login = |password: &str| base64::engine::general_purpose::STANDARD.encode(format!("admin:{password}"));
    assert_eq!(specter.post_token(&login("pass: wörd"), "from Specter"), 201);
    assert_eq!(specter.post_token(&login("pass: word"), "from Specter"), 401);
    assert_eq!(specter.get("/welcome/about"), 200, "a page, without a login, as init has said");
}

#[test]
fn a_backup_does_not_bring_a_revoked_token_back() {
    let folder = fresh();
    let token = create(&folder, "ci", &[]);
    create(&folder, "a second write, so that the backup of Specter's manner holds the token", &[]);
    let backup_before = fs::read(backup(&folder)).unwrap();
    ours(&folder, &["revoke", "ci"]);

    fs::write(users(&folder), "[{").unwrap();
    assert!(start(&folder).has_let_go_of(&token));
    assert!(!backup(&folder).exists(), "Specter has fallen back on it");

    // If `revoke` did not change the backup, the token would live.
    fs::write(backup(&folder), backup_before).unwrap();
    fs::write(users(&folder), "[{").unwrap();
    assert_eq!(start(&folder).status_for_admin(&token), 200);

    // A token that is found only in the backup is removed from there.
    let folder = fresh();
    let token = create(&folder, "ci", &[]);
    let with_token = fs::read(users(&folder)).unwrap();
    ours(&folder, &["revoke", "ci"]);
    fs::write(backup(&folder), with_token).unwrap();
    ours(&folder, &["revoke", "ci"]);
    fs::write(users(&folder), "[{").unwrap();
    assert!(start(&folder).has_let_go_of(&token));
}

#[test]
fn tokens_of_every_user_whatever_his_name() {
    let folder = from_corpus("real-11-admin-renamed.json");
    let admin = create(&folder, "for the admin", &["--new-key"]);
    let names =
        ["bob", "Alice", "Дмитрий", "two words", "emoji🚀", "名前", "O'Brien", "q\"uote", "a-b_c.d@example.com"];
    let others = names.map(|name| create(&folder, "for a user", &["--new-key", "-u", name]));
    let specter = start(&folder);
    assert_eq!(specter.status_for_admin(&admin), 200);
    for (name, token) in names.iter().zip(&others) {
        assert!(specter.accepts(token), "{name}");
    }
    drop(specter);
    ours(&folder, &["revoke", "--all", "--yes"]);
    let specter = start(&folder);
    for token in others.iter().chain([&admin]) {
        assert!(specter.has_let_go_of(token));
    }
}

#[test]
fn a_copy_of_a_token_does_not_keep_it_alive() {
    let folder = from_corpus("real-10-after-restart.json");
    let token = create(&folder, "ci", &["--new-key", "-u", "bob"]);
    // One run of Specter gives the same dict to all users that it registers, so the token is stored under Alice as
    // well.
    let mut database: serde_json::Value = serde_json::from_slice(&fs::read(users(&folder)).unwrap()).unwrap();
    let tokens = database[1]["jwt_tokens"].clone();
    assert_eq!((&database[1]["username"], &database[2]["username"]), (&"bob".into(), &"Alice".into()));
    database[2]["jwt_tokens"] = tokens;
    fs::write(users(&folder), serde_json::to_string_pretty(&database).unwrap()).unwrap();

    ours(&folder, &["revoke", "ci", "-u", "Alice"]);
    assert!(start(&folder).accepts(&token), "only the copy was removed, as was said");
    ours(&folder, &["revoke", "ci"]);
    assert!(start(&folder).has_let_go_of(&token));
}

#[test]
fn it_expires_at_the_second_that_was_said() {
    let folder = fresh();
    let expires_at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 20;
    let token = ours(&folder, &["create", "-d", "short", "--until", &format!("@{expires_at}")]);
    let specter = start(&folder);
    let sleep_until = |seconds: u64, milliseconds: u64| {
        let then = UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_millis(milliseconds);
        thread::sleep(then.duration_since(SystemTime::now()).expect("the machine is too slow for this test"));
    };
    sleep_until(expires_at - 1, 200);
    assert_eq!((specter.status_for_admin(&token), exit_code(&folder, &["verify", &token]).0), (200, Some(0)));
    sleep_until(expires_at, 50);
    if is_lax() {
        // Both agree to the very second.
        assert_eq!((specter.status_for_admin(&token), exit_code(&folder, &["verify", &token]).0), (200, Some(0)));
        sleep_until(expires_at + 1, 50);
    }
    assert_eq!((specter.status_for_admin(&token), exit_code(&folder, &["verify", &token]).0), (401, Some(10)));
}

#[test]
fn what_specter_saves_again_is_what_we_wrote() {
    let folder = fresh();
    let token = create(&folder, "from the shell – é🚀", &[]);
    let before = fs::read_to_string(users(&folder)).unwrap();
    let specter = start(&folder);
    assert_eq!(specter.post_token(ADMIN, "from Specter"), 201);
    assert_eq!(specter.status_for_admin(&token), 200);
    drop(specter);
    // Removing Specter's token again restores our bytes, so Specter spells all of them as we do.
    ours(&folder, &["revoke", "from Specter"]);
    let after = fs::read_to_string(users(&folder)).unwrap();
    let without_login = |text: &str| {
        // The first login gives a user an own secret.
        let secret = text.lines().find(|line| line.contains("\"encrypted_user_secret\"")).unwrap().to_owned();
        text.replace(&secret, "")
    };
    assert_eq!(without_login(&after), without_login(&before));
    assert_eq!(exit_code(&folder, &["verify", &token]).0, Some(0));
}
