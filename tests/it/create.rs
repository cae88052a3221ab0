//! `create`: the bytes that it signs, the bytes that it writes, and what it says.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::support::{ADMIN, Folder, corpus, each};

/// ADMIN with one token, as Python's `json.dump(indent=4)` writes it.
fn admin_with(id: &str, token: &str, description: &str, life: u64) -> String {
    let entry = format!(
        r#""jwt_tokens": {{
            "{id}": {{
                "jwt_token": "{token}",
                "jwt_token_description": "{description}",
                "jwt_token_life": {life}
            }}
        }},"#
    );
    ADMIN.replace(r#""jwt_tokens": {},"#, &entry)
}

fn segment(token: &str, number: usize) -> String {
    let segment = token.split('.').nth(number).unwrap();
    String::from_utf8(URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap()
}

#[test]
fn prints_the_token_and_says_what_it_did() {
    let folder = Folder::with_users(ADMIN);
    folder.command(["create", "-d", "ci", "-l", "3 days"]).run().expect(
        0,
        "<TOKEN>\n",
        "created token <ID> of user admin in <DIR>/users.json, expires <TIME>; key from SECRET_KEY\n\
         Specter accepts it from its next start on\n",
    );
    folder.command(["create", "-q", "-d", "cd", "-l", "3 days"]).run().expect(0, "<TOKEN>\n", "");
}

#[test]
fn signs_and_writes_what_python_would() {
    // Each description, and how Python's `json` spells it in ASCII.
    let cases = [
        ("ci", "ci"),
        ("Überwachung – Grafana", "\\u00dcberwachung \\u2013 Grafana"),
        ("rocket 🚀", "rocket \\ud83d\\ude80"),
        ("\"quoted\" \\ / slash", "\\\"quoted\\\" \\\\ / slash"),
        (
            "tab\tnewline\nreturn\rbell\x07back\x08feed\x0Cdel\x7F",
            "tab\\tnewline\\nreturn\\rbell\\u0007back\\bfeed\\fdel\\u007f",
        ),
        ("<b>\u{2028}\u{202E}", "<b>\\u2028\\u202e"),
    ];
    each(cases, |(description, spelled)| {
        let folder = Folder::with_users(ADMIN);
        let output = folder.command(["create", "--json", "-q", "-l", "1h", "-d", description]).run();
        assert_eq!((output.code, &*output.stderr), (0, ""), "{description:?}");
        let created = output.json();
        let id = created["jwt_token_id"].as_str().unwrap();
        let token = created["jwt_token"].as_str().unwrap();
        assert_eq!(folder.users_text(), admin_with(id, token, spelled, 3600));
        assert_eq!(segment(token, 0), r#"{"alg":"HS256","typ":"JWT"}"#);
        let claims: serde_json::Value = serde_json::from_str(&segment(token, 1)).unwrap();
        let (exp, iat) = (claims["exp"].as_i64().unwrap(), claims["iat"].as_i64().unwrap());
        assert_eq!(exp - iat, 3600);
        let payload = format!(
            r#"{{"username":"admin","jwt_token_id":"{id}","jwt_token_description":"{spelled}","exp":{exp},"iat":{iat}}}"#
        );
        assert_eq!(segment(token, 1), payload);
        assert_eq!(created["jwt_token_description"], *description);
        assert_eq!(created["status"], "valid");
        assert_eq!(created["effect"], "next_start");
        folder.command(["verify", "-q", token]).run().expect(
            0,
            "accepted, expires in <REST>; token <ID> of user admin\n",
            "",
        );
    });
}

/// Specter saved `resaved/` after one POST of its own. With that token's id, text, description and life in place of
/// ours, our file is the same.
#[test]
fn writes_the_file_that_specter_itself_writes() {
    each(["real-03-many-descriptions", "real-10-after-restart"], |name| {
        let folder = Folder::from_corpus(&format!("users/{name}.json"));
        let resaved = fs::read_to_string(corpus(&format!("users/resaved/{name}.json"))).unwrap();
        let old = folder.users_text();
        let output = folder.command(["create", "--json", "-q", "--new-key", "-l", "1h", "-d", "ours"]).run();
        let ours = output.json();
        let theirs: serde_json::Value = serde_json::from_str(&resaved).unwrap();
        let tokens = theirs[0]["jwt_tokens"].as_object().unwrap();
        let (id, entry) = tokens.iter().find(|(id, _)| !old.contains(*id)).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let new = folder
            .users_text()
            .replace(&text(&ours["jwt_token_id"]), id)
            .replace(&text(&ours["jwt_token"]), &text(&entry["jwt_token"]))
            .replace("\"ours\"", &entry["jwt_token_description"].to_string());
        let life = format!(
            "\"jwt_token_life\": {}\n            }}\n        }},\n        \"encrypted",
            entry["jwt_token_life"]
        );
        let new = new.replacen("\"jwt_token_life\": 3600\n            }\n        },\n        \"encrypted", &life, 1);
        assert_eq!(new, resaved, "{name}");
    });
}

#[test]
fn every_other_byte_stays() {
    let token_run = |new: &str, old: &str| {
        let start = old.bytes().zip(new.bytes()).take_while(|(old, new)| old == new).count();
        let end = old[start..].bytes().rev().zip(new.bytes().rev()).take_while(|(old, new)| old == new).count();
        assert_eq!(start + end, old.len(), "something else changed in {old:?}: {new:?}");
    };
    let cases = [
        // Minified, and with a final newline.
        "[{\"id\":\"a\",\"username\":\"a\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{\"x\":{}}}]\n".to_owned(),
        // CRLF, tabs, odd spaces.
        "[\r\n\t{ \"id\" : \"a\",\r\n\"username\":\"a\" ,\"password\":1,\"is_admin\":true,\"jwt_tokens\" : { \"x\" : {} } }\r\n]".to_owned(),
        // Numbers, escapes, raw UTF-8, unknown and repeated members, an escaped key.
        r#"[{"x":1e400,"y":-0.0,"z":0.10,"z":12345678901234567890123,"\u00e9":"\/\u0041é\ud800","id":"a","username":"\u0061","password":[[[]]],"is_admin":1,"jwt\u005ftokens":{"k":{"jwt_token_description":"\ud800"}},"services":null}]"#.to_owned(),
        ADMIN.replace("\"jwt_tokens\": {},", "\"jwt_tokens\": { },"),
        // No jwt_tokens at all, as before Specter 1.14.
        ADMIN.replace("        \"jwt_tokens\": {},\n", ""),
    ];
    each(cases, |users| {
        let folder = Folder::with_users(&users);
        let token = folder.create("one", &["-q"]);
        token_run(&folder.users_text(), &users);
        assert_eq!(fs::read_to_string(folder.backup()).unwrap(), users);
        assert_eq!(folder.command(["verify", &token]).run().code, 0, "{users}");
        let only_missing = !users.contains("tokens\"");
        assert_eq!(folder.command(["revoke", "one"]).run().code, 0, "{users}");
        if !only_missing {
            assert_eq!(folder.users_text(), users, "create and revoke together change nothing");
        }
    });
}

#[test]
fn null_becomes_a_map_and_anything_else_is_left_alone() {
    let folder = Folder::with_users(ADMIN.replace("\"jwt_tokens\": {}", "\"jwt_tokens\": null"));
    let output = folder.command(["create", "--json", "-q", "-l", "1h", "-d", "ci"]).run().json();
    let text = |name: &str| output[name].as_str().unwrap().to_owned();
    assert_eq!(folder.users_text(), admin_with(&text("jwt_token_id"), &text("jwt_token"), "ci", 3600));

    let folder = Folder::with_users(ADMIN.replace("\"jwt_tokens\": {}", "\"jwt_tokens\": [\"precious\"]"));
    let before = folder.files();
    folder.command(["create", "-l", "1h", "-d", "ci"]).run().expect(
        1,
        "",
        "error: could not change the tokens of user `admin` in users.json: its `jwt_tokens` is not an object but \
         [\"precious\"]\n\
         hint: fix this user in users.json with an editor, while Specter is stopped, and try again\n",
    );
    assert_eq!(folder.files(), before);
}

/// Python does the same, and loses the first at its next save.
#[test]
fn of_a_doubled_jwt_tokens_the_last_one_is_edited() {
    let twice = |last: &str| ADMIN.replace("\"jwt_tokens\": {},", &format!("\"jwt_tokens\": {{}}, {last},"));
    let folder = Folder::with_users(twice("\"jwt_tokens\": {}"));
    let output = folder.command(["create", "--json", "-q", "-l", "1h", "-d", "ci"]).run().json();
    let text = |name: &str| output[name].as_str().unwrap().to_owned();
    let with_token = admin_with(&text("jwt_token_id"), &text("jwt_token"), "ci", 3600);
    let start = with_token.find("\"jwt_tokens\"").unwrap();
    let end = with_token.find(",\n        \"encrypted_user_secret\"").unwrap();
    assert_eq!(folder.users_text(), twice(&with_token[start..end]));
    assert_eq!(folder.command(["verify", &text("jwt_token")]).run().code, 0);
    assert_eq!(folder.command(["revoke", "-q", "ci"]).run().code, 0);
    assert_eq!(folder.users_text(), twice("\"jwt_tokens\": {}"));
}

#[test]
fn users_are_found_by_username() {
    let folder = Folder::from_corpus("users/real-11-admin-renamed.json");
    let token = folder.create("renamed", &["-q", "--new-key"]);
    assert!(segment(&token, 1).starts_with("{\"username\":\"satoshi\","), "the id is still admin");
    let token = folder.create("other", &["-q", "--new-key", "-u", "q\"uote"]);
    assert!(segment(&token, 1).starts_with("{\"username\":\"q\\\"uote\","));
    folder.command(["create", "-l", "1h", "-d", "x", "-u", "admin"]).run().expect(
        3,
        "",
        "error: could not find user `admin` in users.json\n\
         hint: the users are: satoshi, bob, Alice, Дмитрий, two words, emoji🚀, 名前, O'Brien, q\"uote, \
         a-b_c.d@example.com\n",
    );
}

#[test]
fn several_admins_want_a_user() {
    let two = ADMIN.replace("\n]", ",\n{\"id\":\"b\",\"username\":\"b\",\"password\":1,\"is_admin\":\"false\"}]");
    let folder = Folder::with_users(&two);
    folder.command(["create", "-l", "1h", "-d", "x"]).run().expect(
        2,
        "",
        "error: could not choose the user of the token: users.json has 2 admins\nhint: name the token's user with --user; the users are: admin, b\n",
    );
    assert_eq!(folder.users_text(), two);
}

#[test]
fn a_description_is_unique_among_live_tokens() {
    let folder = Folder::with_users(ADMIN);
    let first = folder.create("ci", &["-q"]);
    let before = folder.files();
    folder.command(["create", "-l", "1h", "-d", "ci"]).run().expect(
        4,
        "",
        "error: could not create another token `ci` for user `admin`: <ID> already has this description\n\
         hint: choose another description, for example `ci-$RUN_ID`, or remove the old token in the same step with \
         --replace\n",
    );
    folder.command(["create", "-l", "1h", "-d", "ci", "--json"]).run().expect(
        4,
        "",
        "{\"error\":{\"reason\":\"description_taken\",\"message\":\"could not create another token `ci` for \
         user `admin`: <ID> already has this description\",\"hint\":\"choose another description, for example `ci-$RUN_ID`, or remove the old token in the same step \
         with --replace\"}}\n",
    );
    assert_eq!(folder.files(), before);

    folder.command(["create", "-l", "1h", "-d", "ci", "--replace"]).run().expect(
        0,
        "<TOKEN>\n",
        "removed token <ID> \"ci\" of user admin from <DIR>/users.json, which had the same description\n\
         created token <ID> of user admin in <DIR>/users.json, expires <TIME>; key from SECRET_KEY\n\
         Specter accepts it from its next start on\n",
    );
    assert_eq!(folder.command(["verify", &first]).run().code, 11);
    assert_eq!(
        fs::read(folder.backup()).unwrap(),
        fs::read(folder.users()).unwrap(),
        "the backup must not bring it back"
    );
}

#[test]
fn a_copy_that_makes_room_is_called_a_copy() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    folder.command(["create", "-l", "1h", "-d", "bobs", "-u", "Alice", "--new-key", "--replace"]).run().expect(
        0,
        "<TOKEN>\n",
        "removed a copy of token <ID> \"bobs\" of user bob from <DIR>/users.json, which had the same description\n\
         created token <ID> of user Alice in <DIR>/users.json, expires <TIME>; key from SECRET_KEY\n\
         Specter accepts it from its next start on\n",
    );
    let users: serde_json::Value = serde_json::from_str(&folder.users_text()).unwrap();
    assert!(users[1]["jwt_tokens"]["3ced9cd8-3f94-4563-927e-3377e85b3ef8"].is_object(), "bob keeps it");
}

#[test]
fn an_expired_token_makes_room_for_its_description() {
    // All but a few tokens of this file expired long ago.
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    folder.command(["create", "-l", "1h", "-d", "zero", "--new-key"]).run().expect(
        0,
        "<TOKEN>\n",
        "removed token <ID> \"zero\" of user admin from <DIR>/users.json, which had the same description\n\
         created token <ID> of user admin in <DIR>/users.json, expires <TIME>; key from SECRET_KEY\n\
         Specter accepts it from its next start on\n",
    );
    assert_eq!(fs::read(folder.backup()).unwrap(), fs::read(folder.users()).unwrap());
}

#[test]
fn until_names_the_second_of_expiry() {
    let folder = Folder::with_users(ADMIN);
    let output = folder.command(["create", "--json", "-q", "-d", "ci", "--until", "2099-12-31 18:00"]).run();
    assert_eq!(output.json()["expires_at"], "2099-12-31T18:00:00Z");
    folder.command(["create", "-d", "old", "--until", "2020-01-01"]).run().expect(
        2,
        "",
        "error: could not create a token that has expired: the time of --until is past\nhint: give a later one; without an offset, times are UTC\n",
    );
    folder.command(["create", "-d", "far", "-l", "7990 years"]).run().expect(
        2,
        "",
        "error: could not create a token that expires past the year 9999: Specter cannot store the time\nhint: give it a shorter life\n",
    );
}

#[test]
fn print_header_is_what_curl_reads() {
    let folder = Folder::with_users(ADMIN);
    folder.command(["create", "-q", "-d", "ci", "-l", "1h", "--print", "header"]).run().expect(
        0,
        "Authorization: Bearer <TOKEN>\n",
        "",
    );
}

#[test]
fn out_is_a_new_file_that_only_the_owner_reads() {
    let folder = Folder::with_users(ADMIN);
    let out = folder.file("token");
    let out_text = out.to_str().unwrap();
    folder.command(["create", "-q", "-d", "ci", "-l", "1h", "--out", out_text]).run().expect(0, "<ID>\n", "");
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o7777, 0o600);
    let token = fs::read_to_string(&out).unwrap();
    assert_eq!(folder.command(["verify", token.trim_end()]).run().code, 0);

    // With JSON, the token stays in the file.
    let other = folder.file("other");
    let output =
        folder.command(["create", "-q", "--json", "-d", "b", "-l", "1h", "--out", other.to_str().unwrap()]).run();
    assert!(!output.stdout.contains("eyJ"), "{output:?}");
    assert!(fs::read_to_string(&other).unwrap().starts_with("eyJ"));

    // An existing file or a link is never written through, and nothing is registered.
    let link = folder.file("link");
    symlink(folder.file("elsewhere"), &link).unwrap();
    each([&out, &link], |path| {
        let before = folder.files();
        folder.command(["create", "-d", "c", "-l", "1h", "--out", path.to_str().unwrap()]).run().expect(
            1,
            "",
            &format!(
                "error: could not make <DIR>/{}: File exists (os error 17)\n\
                 hint: name a new file; --out never overwrites one\n",
                path.file_name().unwrap().display()
            ),
        );
        assert_eq!(folder.files(), before);
    });
    // If registering fails, the empty file is removed.
    let gone = folder.file("gone");
    assert_eq!(folder.command(["create", "-d", "ci", "-l", "1h", "--out", gone.to_str().unwrap()]).run().code, 4);
    assert!(!gone.exists());
}

#[test]
fn a_token_that_could_not_be_printed_is_named() {
    let folder = Folder::with_users(ADMIN);
    let mut command = folder.command(["create", "-d", "ci", "-l", "1h"]).command;
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    let id = folder.id("ci");
    assert_eq!(
        stderr,
        format!(
            "error: token {id} is registered, but was not handed over: could not write to standard output: No space left on \
             device (os error 28)\nhint: `specter-token revoke {id}` removes it\n"
        )
    );

    // A broken pipe is no better.
    let mut child = folder
        .command(["create", "-d", "cd", "-l", "1h"])
        .command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("is registered, but was not handed over"));
}

#[test]
fn a_token_that_is_in_its_file_was_handed_over() {
    let folder = Folder::with_users(ADMIN);
    let out = folder.file("token");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = folder.command(["create", "-d", "ci", "-l", "1h", "--out", out.to_str().unwrap()]).command;
    let output = command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("is registered, but its id was not printed, and it is in "), "{stderr}");
    assert!(fs::read_to_string(&out).unwrap().starts_with("eyJ"));
}

#[test]
fn github_actions_is_told_to_mask_the_token() {
    let folder = Folder::with_users(ADMIN);
    folder.command(["create", "-q", "-d", "ci", "-l", "1h"]).env("GITHUB_ACTIONS", "true").run().expect(
        0,
        "<TOKEN>\n",
        "::add-mask::<TOKEN>\n",
    );
}

/// A header line of more than 64 KiB is refused by Specter's server before Specter sees the token.
#[test]
fn a_token_is_not_longer_than_what_reaches_specter() {
    let folder = Folder::with_users(ADMIN);
    let longest = "x".repeat(48_000);
    let token = folder.create(&longest, &["-q"]);
    folder.command(["verify", "-q"]).stdin(token).run().expect(
        0,
        "accepted, expires in <REST>; token <ID> of user admin\n",
        "",
    );
    folder.command(["create", "-l", "1h", "-d", &"x".repeat(49_200)]).run().expect(
        2,
        "",
        "error: could not create a token with this description: it would be too long for Specter's server\n\
         hint: give a shorter description\n",
    );
}
