//! `list`: every token once, in a table, as JSON, or as ids.

use crate::support::{Folder, Output, SECRET};

/// 2026-11-24T00:00:00Z, when some tokens of the corpus have expired and others have not.
const NOW: f64 = 1_795_478_400.0;

fn list(folder: &Folder, arguments: &[&str]) -> Output {
    folder.run_at(NOW, SECRET, &[&["list"], arguments].concat())
}

#[test]
fn a_table_shows_every_token_once_and_nothing_raw() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    let output = list(&folder, &[]);
    assert_eq!((output.code, &*output.stderr), (0, ""));
    assert_eq!(output.stdout, include_str!("expected/list-real-10.txt"));
}

#[test]
fn json_carries_the_copies() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    let output = list(&folder, &["--json", "-u", "bob"]);
    assert_eq!(output.code, 0);
    assert_eq!(
        output.stdout,
        "{\"tokens\":[\n\
         {\"jwt_token_id\":\"3ced9cd8-3f94-4563-927e-3377e85b3ef8\",\"username\":\"bob\",\"jwt_token_description\":\"bobs\",\
         \"jwt_token_life\":86400,\"jwt_token_life_remaining\":81993,\"expiry_status\":\"Valid\",\
         \"issued_at\":\"2026-11-23T22:46:33Z\",\"expires_at\":\"2026-11-24T22:46:33Z\",\"status\":\"valid\",\"reason\":\"ok\",\
         \"copies\":[\"Alice\",\"Дмитрий\",\"two words\",\"emoji🚀\",\"名前\",\"O'Brien\",\"q\\\"uote\",\
         \"a-b_c.d@example.com\"]},\n\
         {\"jwt_token_id\":\"65571d7c-b5e5-4998-b27e-dfbe5eb73d71\",\"username\":\"bob\",\
         \"jwt_token_description\":\"bobs second\",\"jwt_token_life\":172800,\"jwt_token_life_remaining\":168395,\
         \"expiry_status\":\"Valid\",\"issued_at\":\"2026-11-23T22:46:35Z\",\"expires_at\":\"2026-11-25T22:46:35Z\",\
         \"status\":\"valid\",\"reason\":\"ok\",\"copies\":[]}\n]}\n"
    );
    assert_eq!(output.stderr, "");
    // A user who holds only copies has no token of their own.
    list(&folder, &["--json", "-u", "Alice"]).expect(
        0,
        "{\"tokens\":[]}\n",
        "no such tokens; `specter-token list` shows all tokens\n",
    );
}

#[test]
fn filters_and_orders() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    let ids = |arguments: &[&str]| {
        let output = list(&folder, &[&["--ids"], arguments].concat());
        assert_eq!((output.code, &*output.stderr), (0, ""), "{arguments:?}");
        output.stdout.lines().map(|id| id[..4].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&["--status", "valid"]), ["ec4a", "a10e", "8252", "03eb", "a15a", "393b", "3ced", "6557"]);
    assert_eq!(
        ids(&["--status", "valid", "--sort", "expires"]),
        ["03eb", "a15a", "3ced", "8252", "6557", "393b", "ec4a", "a10e"]
    );
    assert_eq!(
        ids(&["--status", "valid", "--sort", "description"]),
        ["393b", "ec4a", "3ced", "6557", "03eb", "a10e", "a15a", "8252"]
    );
    assert_eq!(ids(&["--expires-within", "1 day"]), ["03eb", "a15a", "3ced"]);
    assert_eq!(ids(&["--status", "expired"]).len(), 9);
    assert_eq!(ids(&["--status", "rejected"]), [""; 0]);
    assert_eq!(ids(&["--status", "unchecked"]), [""; 0]);
}

#[test]
fn a_key_that_does_not_fit_makes_tokens_rejected_and_no_key_leaves_them_unchecked() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    let other = "another key, just as long as it should be";
    let output = folder.run_at(NOW, other, &["list", "--json", "--status", "rejected", "-u", "bob"]).json();
    assert_eq!(output["tokens"][0]["reason"], "signature");
    assert_eq!(output["tokens"].as_array().unwrap().len(), 2);

    folder.command(["list", "--ids", "--status", "valid"]).without("SECRET_KEY").run().expect(0, "", "");
    folder.command(["list", "--status", "valid"]).without("SECRET_KEY").run().expect(
        0,
        "",
        "no such tokens; `specter-token list` shows all tokens\n",
    );
    let far = Folder::from_corpus("users/real-03-many-descriptions.json");
    far.create("ci", &["-q", "--new-key"]);
    let output = far.command(["list", "--json", "--status", "unchecked"]).without("SECRET_KEY").run().json();
    let token =
        output["tokens"].as_array().unwrap().iter().find(|token| token["jwt_token_description"] == "ci").unwrap();
    assert_eq!((&token["status"], &token["reason"]), (&"unchecked".into(), &serde_json::Value::Null));
}

#[test]
fn malformed_entries_hide_nothing() {
    let token = |id: &str, value: &str| format!("\"{id}\": {value}");
    let entries = [
        token("null", "null"),
        token("list", "[1]"),
        token("no-token", "{}"),
        token("number", "{\"jwt_token\": 5, \"jwt_token_life\": \"1h\"}"),
        token(
            "not-a-jwt",
            "{\"jwt_token\": \"hello\", \"jwt_token_description\": \"half \\ud800\", \"jwt_token_life\": 1e400}",
        ),
        token("dup", "{\"jwt_token\": \"a.b.c\"}"),
        token("dup", "{\"jwt_token\": \"d.e.f\", \"jwt_token_description\": \"the last counts\"}"),
    ]
    .join(",");
    let folder = Folder::with_users(format!(
        "[{{\"id\":\"a\",\"username\":\"a\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{{{entries}}}}}]"
    ));
    list(&folder, &[]).expect(
        0,
        "ID         USER  DESCRIPTION      LIFE   REMAINING  EXPIRES  STATUS\n\
         null       a                                                 rejected: malformed\n\
         list       a                                                 rejected: malformed\n\
         no-token   a                                                 rejected: malformed\n\
         number     a                                                 rejected: malformed\n\
         not-a-jwt  a     half \u{FFFD}           1e400                      rejected: malformed\n\
         dup        a     the last counts                             rejected: malformed\n",
        "",
    );
    let life = &list(&folder, &["--json"]).stdout;
    assert!(life.contains("\"jwt_token_life\":1e400,"), "{life}");
}

#[test]
fn tokens_of_a_renamed_user_are_shown_as_dead_and_listed_for_him() {
    let folder = Folder::from_corpus("users/real-11-admin-renamed.json");
    let output = list(&folder, &["--json", "-u", "satoshi", "--status", "rejected"]).json();
    let tokens = output["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 6);
    assert!(tokens.iter().all(|token| token["username"] == "admin" && token["reason"] == "unknown_user"), "{tokens:?}");
}

#[test]
fn colours_only_where_they_are_wanted() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let has_colors = |command: crate::support::Command| command.run().stdout.contains('\x1B');
    assert!(!has_colors(folder.command(["list"])), "not in a pipe");
    assert!(has_colors(folder.command(["list", "--color", "always"])));
    assert!(has_colors(folder.command(["list"]).env("CLICOLOR_FORCE", "1")));
    assert!(!has_colors(folder.command(["list"]).env("CLICOLOR_FORCE", "0")));
    assert!(!has_colors(folder.command(["list"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
    assert!(
        has_colors(folder.command(["list", "--color=always"]).env("NO_COLOR", "1")),
        "the option beats the variable"
    );
    assert!(!has_colors(folder.command(["list", "--color=never"]).env("CLICOLOR_FORCE", "1")));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    let mut child = folder
        .command(["list", "--json"])
        .command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn ids_are_one_a_line_whatever_they_hold() {
    let folder = Folder::with_users(
        "[{\"id\":\"a\",\"username\":\"a\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{\"a\\nb\\u001b[2J\":{}}}]",
    );
    list(&folder, &["--ids"]).expect(0, "a\\nb\\u{1b}[2J\n", "");
}

#[test]
fn a_hundred_thousand_tokens() {
    let entry = |number: usize| {
        format!("\"{number:08}\": {{\"jwt_token\": \"a.b.c\", \"jwt_token_description\": \"{number}\"}}")
    };
    let entries: Vec<String> = (0..100_000).map(entry).collect();
    let folder = Folder::with_users(format!(
        "[{{\"id\":\"a\",\"username\":\"a\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{{{}}}}}]",
        entries.join(",\n")
    ));
    let output = list(&folder, &[]);
    assert_eq!((output.code, output.stdout.lines().count()), (0, 100_001));
    // Far more than a pipe holds.
    let mut command = folder.command(["list", "--json"]).command;
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
    let output = list(&folder, &["--json"]);
    assert_eq!((output.code, output.json()["tokens"].as_array().unwrap().len()), (0, 100_000));
    let output = list(&folder, &["--ids", "--sort", "description"]);
    assert_eq!((output.code, output.stdout.lines().count()), (0, 100_000));
}
