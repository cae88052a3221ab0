//! Tests every version, stopped and through its REST API: it accepts what is created, treats what is removed as was
//! said, and `verify` agrees with it.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::specter::{Launch, Specter, VERSIONS, accepts_unregistered};
use crate::{KEY, fresh_of, users};

fn start(folder: &TempDir, version: &str) -> Specter {
    Launch::server(folder.path(), KEY).version(version).start()
}

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_specter-token"));
    command.args(arguments).env("SPECTER_DATA_FOLDER", folder.path()).env("SECRET_KEY", KEY).output().unwrap()
}

fn through(specter: &Specter, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_specter-token"));
    command.args(arguments).args(["--server", &specter.url()]).env("SPECTER_PASSWORD", "admin").output().unwrap()
}

#[track_caller]
fn told(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert!(output.status.success(), "{output:?}");
    (text(&output.stdout).trim_end().to_owned(), text(&output.stderr))
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// Checks what was said of a removal, and whether the token lives on.
#[track_caller]
fn check_removal(output: &Output, version: &str, effect: &str) {
    let (said, (_, stderr)) = (json(output), told(output));
    assert_eq!(said["specter_version"], version);
    let until = &said["revoked"][0]["accepted_until"];
    if accepts_unregistered(version) {
        assert_eq!(said["effect"], "at_expiry", "{version}");
        assert_eq!(*until, said["revoked"][0]["expires_at"]);
        assert!(stderr.contains(&format!("Specter {version} goes on accepting the removed token until ")), "{stderr}");
        return;
    }
    assert_eq!(*until, Value::Null, "{version}");
    // Other tests run at the same time, and one of their processes could be a Specter on any folder.
    if said["effect"] != "unknown" || effect == "now" {
        assert_eq!(said["effect"], effect, "{version}");
        assert!(stderr.contains("Specter refuses what was revoked from"), "{stderr}");
    }
}

#[test]
fn what_is_said_of_each_version_is_true() {
    for version in VERSIONS {
        let folder = fresh_of(version);
        let lasts = accepts_unregistered(version);
        let create = |description| told(&run(&folder, &["create", "-q", "-d", description, "-l", "1 hour"])).0;
        let (gone, kept, replaced) = (create("gone"), create("kept"), create("replaced"));
        let verdict = |token: &str| json(&run(&folder, &["verify", "--json", token]));
        assert_eq!(verdict(&gone)["specter_version"], version);

        let output = run(&folder, &["revoke", "gone", "--json"]);
        check_removal(&output, version, "next_start");
        let output = run(&folder, &["create", "--json", "-d", "replaced", "-l", "1 hour", "--replace"]);
        assert_eq!(json(&output)["replaced_effect"] == "at_expiry", lasts, "{version}");

        let specter = start(&folder, version);
        for (token, is_registered) in [(&gone, false), (&kept, true), (&replaced, false)] {
            let verdict = verdict(token);
            assert_eq!(verdict["accepted"], specter.accepts(token), "{version}");
            assert_eq!(
                (&verdict["accepted"], &verdict["registered"]),
                (&(is_registered || lasts).into(), &is_registered.into())
            );
        }

        // The REST API makes a token, and we can read what it saves.
        let token = told(&through(&specter, &["create", "-q", "-d", "rest", "-l", "1 hour"])).0;
        assert!(specter.accepts(&token), "{version}");
        let verdict = through(&specter, &["verify", "--json", &token]);
        assert_eq!(
            (json(&verdict)["accepted"].as_bool(), &json(&verdict)["specter_version"]),
            (Some(true), &version.into())
        );
        check_removal(&through(&specter, &["revoke", "rest", "--json"]), version, "now");
        assert_eq!(specter.accepts(&token), lasts, "{version}");
        assert_eq!(through(&specter, &["verify", &token]).status.code(), Some(if lasts { 0 } else { 14 }), "{version}");
        let listed = through(&specter, &["list", "--ids"]);
        assert_eq!(told(&listed).0.lines().count(), 2, "{version}");

        // A running Specter is also recognised by its package.
        fs::write(folder.path().join("migration_data.json"), "{}").unwrap();
        let output = run(&folder, &["revoke", "kept", "--json", "--even-if-running"]);
        assert_eq!(json(&output)["specter_version"], version, "{output:?}");
        drop(specter);
        assert!(!fs::read_to_string(users(&folder)).unwrap().contains(&kept));
    }
}

/// The clock of Specter is stopped, and ours is given. Only 2.1.7 has laxer rules for claims.
#[test]
fn the_second_of_expiry_is_judged_as_by_each_version() {
    const NOW: i64 = 1_900_000_000;
    for version in VERSIONS {
        let folder = fresh_of(version);
        let token = told(&run(&folder, &["create", "-q", "-d", "short", "--until", &format!("@{NOW}")])).0;
        #[allow(clippy::cast_precision_loss)] // far below 2^52
        for (now, accepted) in [(NOW - 1, true), (NOW, version == "2.1.7"), (NOW + 1, false)] {
            let specter = Launch::server_at(folder.path(), KEY, now as f64 + 0.5).version(version).start();
            let verdict = json(&run(&folder, &["verify", "--json", "--at", &format!("@{now}"), &token]));
            assert_eq!(
                (specter.accepts(&token), verdict["accepted"].as_bool()),
                (accepted, Some(accepted)),
                "{version} {now}"
            );
        }
    }
}

/// One key is in the form of a JWK, and one has the beginning of an ssh key in its middle.
#[test]
fn a_key_is_judged_as_by_each_version() {
    let jwk = r#"{"kty": "oct", "k": "0123456789012345678901234567890"}"#;
    let ssh = "0123456789abcdef0123456789 ssh-rsa AAAA";
    for version in VERSIONS {
        for (key, works) in [(jwk, accepts_unregistered(version)), (ssh, version != "2.1.7")] {
            let folder = TempDir::new().unwrap();
            drop(Launch::server(folder.path(), key).version(version).start());
            let create = |version: &str| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_specter-token"));
                command.args(["create", "-q", "-d", version, "-l", "1h"]);
                command.env("SPECTER_DATA_FOLDER", folder.path()).env("SECRET_KEY", key).output().unwrap()
            };
            let output = create(version);
            assert_eq!(output.status.code(), Some(i32::from(!works)), "{version}: {output:?}");
            if works {
                let token = told(&output).0;
                assert!(Launch::server(folder.path(), key).version(version).start().accepts(&token), "{version}");
            }
        }
    }
}
