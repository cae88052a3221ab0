//! `revoke`: which tokens go, from which file, and the messages.

use std::fs;

use crate::support::{ADMIN, Folder, SECRET, each};

/// The message after a removal.
const EFFECT: &str = "Specter refuses what was revoked from its next start on\n";

/// A folder with the tokens a, b, c and d.
fn folder() -> Folder {
    let folder = Folder::with_users(ADMIN);
    for description in ["a", "b", "c", "d"] {
        folder.create(description, &["-q"]);
    }
    folder
}

fn descriptions(folder: &Folder) -> Vec<String> {
    let list = folder.command(["list", "--json"]).run().json();
    let tokens = list["tokens"].as_array().unwrap().iter();
    tokens.map(|token| token["jwt_token_description"].as_str().unwrap().to_owned()).collect()
}

fn same_backup(folder: &Folder) -> bool {
    fs::read(folder.users()).unwrap() == fs::read(folder.backup()).unwrap()
}

#[test]
fn by_description_id_beginning_and_text() {
    let folder = folder();
    let text =
        folder.command(["show", "--json", "--reveal", "d"]).run().json()["jwt_token"].as_str().unwrap().to_owned();
    let names = [folder.id("a"), folder.id("b")[..12].to_owned(), "c".to_owned(), text];
    each(names.iter().zip(["a", "b", "c", "d"]), |(name, description)| {
        folder.command(["revoke", name]).run().expect(
            0,
            "",
            &format!("revoked token <ID> \"{description}\" of user admin from <DIR>/users.json\n{EFFECT}"),
        );
        assert!(same_backup(&folder));
    });
    assert_eq!(folder.users_text(), ADMIN, "nothing but the tokens came and went");
}

#[test]
fn every_subset_leaves_what_python_would_write() {
    for subset in 1..16_u32 {
        let folder = folder();
        let chosen: Vec<&str> = ["a", "b", "c", "d"]
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| subset & (1 << bit) != 0)
            .map(|(_, name)| name)
            .collect();
        let mut expected: serde_json::Value = serde_json::from_str(&folder.users_text()).unwrap();
        let tokens = expected[0]["jwt_tokens"].as_object_mut().unwrap();
        tokens.retain(|_, token| !chosen.contains(&token["jwt_token_description"].as_str().unwrap()));
        let kept: Vec<String> =
            ["a", "b", "c", "d"].into_iter().filter(|name| !chosen.contains(name)).map(str::to_owned).collect();
        let output = folder.command([&["revoke", "-q"], &*chosen].concat()).run();
        output.expect(0, "", "");
        let text = folder.users_text();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), expected, "{chosen:?}");
        assert_eq!(descriptions(&folder), kept);
        // The layout is still the one of `json.dump(indent=4)`: entries of five lines, or `{}`.
        let lines = if kept.is_empty() { 11 } else { 12 + 5 * kept.len() };
        assert_eq!(text.lines().count(), lines, "{text}");
        assert!(!text.contains(",\n        }") && !text.contains("{\n\n"), "{text}");
    }
}

#[test]
fn one_wrong_name_and_nothing_goes() {
    let folder = folder();
    let before = folder.files();
    folder.command(["revoke", "a", "nope", "b", "neither"]).run().expect(
        3,
        "",
        "error: could not find a token by `neither`, `nope`; nothing was removed\n\
         hint: `specter-token list` shows the tokens; give the whole id, or its first 4 characters or more\n",
    );
    assert_eq!(folder.files(), before);
    folder.command(["revoke", "a", "nope", "--ignore-missing"]).run().expect(
        0,
        "",
        &format!("revoked token <ID> \"a\" of user admin from <DIR>/users.json\nno token by `nope`\n{EFFECT}"),
    );
    folder.command(["revoke", "nope", "--ignore-missing"]).run().expect(
        0,
        "",
        "no token by `nope`\nnothing to remove\n",
    );
}

#[test]
fn an_ambiguous_name_is_reported_beside_missing_ones() {
    let entries = "\"abcd1\":{\"jwt_token\":\"x.y.z\"},\"abcd2\":{\"jwt_token\":\"u.v.w\"}";
    let users =
        format!("[{{\"id\":\"a\",\"username\":\"a\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{{{entries}}}}}]");
    let folder = Folder::with_users(&users);
    folder.command(["revoke", "abcd", "nope", "abcd1"]).run().expect(
        3,
        "",
        "error: could not find a token by `nope`; could not tell which token `abcd` means; nothing was removed\n\
         hint: name one by its id: abcd1 of user a; abcd2 of user a\n",
    );
    assert_eq!(folder.users_text(), users);
    folder.command(["revoke", "-q", "abcd1"]).run().expect(0, "", "");
    assert_eq!(folder.users_text(), users.replace("\"abcd1\":{\"jwt_token\":\"x.y.z\"},", ""));
}

#[test]
fn names_from_standard_input() {
    let folder = folder();
    let ids = folder.command(["list", "--ids"]).run().stdout;
    folder.command(["revoke", "-q", "-"]).stdin(ids).run().expect(0, "", "");
    assert_eq!(folder.users_text(), ADMIN);
    folder.command(["revoke", "-"]).stdin("").run().expect(0, "", "nothing to remove\n");
}

#[test]
fn expired_ones_and_all() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    let now = 1_795_478_400.0;
    let output = folder.run_at(now, SECRET, &["revoke", "--expired", "--json", "-q"]);
    assert_eq!((output.code, &*output.stderr), (0, ""));
    let report = output.json();
    assert_eq!(report["revoked"].as_array().unwrap().len(), 9);
    assert_eq!(report["effect"], "next_start");
    assert_eq!(report["dry_run"], false);
    let left = folder.run_at(now, SECRET, &["list", "--json"]).json();
    assert_eq!(left["tokens"].as_array().unwrap().len(), 8);

    let before = folder.files();
    folder.command(["revoke", "--all"]).run().expect(
        2,
        "",
        "error: could not ask whether to remove all tokens: there is no terminal\n\
         hint: add --yes to go on; --dry-run shows what would be removed\n",
    );
    let output = folder.command(["revoke", "--all", "--dry-run"]).run();
    assert_eq!(output.stderr.lines().filter(|line| line.starts_with("would remove token ")).count(), 8);
    assert_eq!(output.stderr.lines().count(), 8);
    assert_eq!(folder.files(), before);
    folder.command(["revoke", "--all", "--yes", "-q"]).run().expect(0, "", "");
    let none = "no tokens; `specter-token create -d TEXT -l \"3 days\"` makes one\n";
    folder.command(["list", "--json"]).run().expect(0, "{\"tokens\":[]}\n", none);
    folder.command(["list", "--json", "-q"]).run().expect(0, "{\"tokens\":[]}\n", "");
    assert!(same_backup(&folder));
}

#[test]
fn copies_go_with_their_token() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    folder.command(["revoke", "bobs"]).run().expect(
        0,
        "",
        &format!("revoked token <ID> \"bobs\" of user bob from <DIR>/users.json\n{EFFECT}"),
    );
    assert!(!folder.users_text().contains("3ced9cd8"), "nobody has it any more");
    let users: serde_json::Value = serde_json::from_str(&folder.users_text()).unwrap();
    assert_eq!(users[2]["jwt_tokens"], serde_json::json!({}));
}

#[test]
fn on_behalf_of_another_user_only_the_copy_goes_and_that_is_said() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    folder.command(["revoke", "bobs", "-u", "Alice"]).run().expect(
        0,
        "",
        "removed a copy of token <ID> \"bobs\" of user bob from <DIR>/users.json; the token itself stays, and Specter goes on accepting it for \
         user bob\n",
    );
    let users: serde_json::Value = serde_json::from_str(&folder.users_text()).unwrap();
    assert_eq!(users[2]["jwt_tokens"], serde_json::json!({}));
    assert!(users[1]["jwt_tokens"]["3ced9cd8-3f94-4563-927e-3377e85b3ef8"].is_object(), "bob keeps it");

    let report = folder.command(["revoke", "--all", "--yes", "--json", "-q", "-u", "Дмитрий"]).run().json();
    assert_eq!(report["revoked"], serde_json::json!([]));
    assert_eq!(report["copies_removed"][0]["username"], "bob");

    let report = folder.command(["revoke", "--all", "--yes", "--json", "-q", "-u", "bob"]).run().json();
    assert_eq!(report["revoked"].as_array().unwrap().len(), 2);
    assert!(!folder.users_text().contains("3ced9cd8"), "bob's own tokens go with every copy");
    assert!(folder.users_text().contains("ec4a9e6f"), "the admin's stay");
}

#[test]
fn a_token_that_only_the_backup_holds_is_scrubbed_from_it() {
    let folder = folder();
    let with_all = fs::read_to_string(folder.users()).unwrap();
    folder.command(["revoke", "-q", "a"]).run().expect(0, "", "");
    // Specter's save leaves the version before it as the backup.
    fs::write(folder.backup(), &with_all).unwrap();
    let users = folder.users_text();

    folder.command(["revoke", "a", "--dry-run"]).run().expect(
        0,
        "",
        "would remove token <ID> \"a\" of user admin from <DIR>/users.json.bkp, the only place where it still stood\n",
    );
    assert_eq!(fs::read_to_string(folder.backup()).unwrap(), with_all);
    let report = folder.command(["revoke", "a", "--json"]).run();
    assert_eq!(report.json()["revoked"][0]["found_in"], "users.json.bkp");
    assert_eq!(folder.users_text(), users, "users.json is not written");
    assert!(same_backup(&folder), "only the token went from the backup");

    fs::write(folder.backup(), &with_all).unwrap();
    let report = folder.command(["revoke", "a", "b", "--json", "-q"]).run().json();
    let found: Vec<&str> =
        report["revoked"].as_array().unwrap().iter().map(|token| token["found_in"].as_str().unwrap()).collect();
    assert_eq!(found, ["users.json", "users.json.bkp"]);
    assert!(same_backup(&folder));
    assert_eq!(descriptions(&folder), ["c", "d"]);
}

#[test]
fn an_id_that_stands_twice_goes_twice() {
    let entries = "\"same\":{\"jwt_token\":\"x.y.z\"},\"b\":{},\"same\":{\"jwt_token\":\"u.v.w\"}";
    let users =
        format!("[{{\"id\":\"a\",\"username\":\"a\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{{{entries}}}}}]");
    let folder = Folder::with_users(&users);
    folder.command(["revoke", "-q", "same"]).run().expect(0, "", "");
    assert!(folder.users_text().contains("\"jwt_tokens\":{\"b\":{}}"), "{}", folder.users_text());
}

#[test]
fn a_report_that_cannot_be_printed_does_not_hide_what_was_done() {
    let folder = folder();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = folder.command(["revoke", "a", "-q", "--json"]).command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("the tokens are removed, but the result could not be printed"), "{stderr}");
    assert_eq!(descriptions(&folder), ["b", "c", "d"]);
}

/// A token that is not here may be valid elsewhere, and messages end up in logs.
#[test]
fn a_token_that_matches_none_is_not_told_in_full() {
    let token = folder().create("of another folder", &[]);
    let folder = folder();
    let nothing = "no token by `eyJhbGci…`\nnothing to remove\n";
    folder.command(["revoke", "--ignore-missing", "-"]).stdin(&token).run().expect(0, "", nothing);
    let json = folder.command(["revoke", "--ignore-missing", "--json", &token]).run();
    assert_eq!(json.json()["missing"], serde_json::json!(["eyJhbGci…"]));
    assert_eq!(folder.command(["revoke", &token]).run().code, 3);
}
