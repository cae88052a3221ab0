//! The sources of the key, and that it never leaks.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::{Command, Folder, MINIFIED_ADMIN, SECRET, each};

const KEYS: [&str; 4] = [
    "key-of-the-option-0123456789abcdef",
    "key-of-the-variable-0123456789abcd",
    "key-of-the-credential-0123456789ab",
    "key-of-the-folder-0123456789abcdef",
];

fn write_private(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A folder with a different key in each of the four places. `verify` tells which one signed a token.
fn folder() -> Folder {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    write_private(&folder.file("option"), KEYS[0]);
    fs::create_dir(folder.file("credentials")).unwrap();
    write_private(&folder.file("credentials/SECRET_KEY"), &format!("{}\n", KEYS[2]));
    write_private(&folder.file("secret_key"), &format!("{}\n", KEYS[3]));
    folder
}

fn create(folder: &Folder, description: &str) -> Command {
    let command = folder.command(["create", "-l", "1h", "--new-key", "-d", description]);
    command.env("SECRET_KEY", KEYS[1]).env("CREDENTIALS_DIRECTORY", folder.file("credentials"))
}

const DIFFERS: &str = "warning: the given SECRET_KEY differs from the key in <DIR>/secret_key, and comes first\n";

#[test]
fn the_first_place_counts() {
    let folder = folder();
    let option = folder.file("option");
    let mut with_option = create(&folder, "option");
    with_option.command.arg("--secret-file").arg(&option);
    let runs = [
        (with_option, "<DIR>/option", KEYS[0], ""),
        (create(&folder, "variable"), "SECRET_KEY", KEYS[1], DIFFERS),
        (create(&folder, "credential").without("SECRET_KEY"), "<DIR>/credentials/SECRET_KEY", KEYS[2], DIFFERS),
        (
            create(&folder, "folder").without("SECRET_KEY").without("CREDENTIALS_DIRECTORY"),
            "<DIR>/secret_key",
            KEYS[3],
            "",
        ),
    ];
    for (command, source, key, warning) in runs {
        let output = command.run();
        output.expect(
            0,
            "<TOKEN>\n",
            &format!(
                "{warning}created token <ID> of user admin in <DIR>/users.json, expires <TIME>; key from {source}\n\
                 Specter accepts it from its next start on\n"
            ),
        );
        let other = folder.file("judge");
        write_private(&other, key);
        let verdict = folder.command(["verify", output.line(), "--secret-file", other.to_str().unwrap()]).run();
        assert_eq!(verdict.code, 0, "{source}");
    }
}

#[test]
fn standard_input_holds_a_key() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let create = folder.command(["create", "-q", "-l", "1h", "--new-key", "-d", "x", "--secret-file", "-"]);
    let token = create.without("SECRET_KEY").stdin(format!("{SECRET}\n")).run();
    token.expect(0, "<TOKEN>\n", "");
    assert_eq!(folder.command(["verify", token.line()]).run().code, 0);
}

#[test]
fn no_key_explains_where_to_put_one() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let before = folder.files();
    folder.command(["create", "-l", "1h", "-d", "x"]).without("SECRET_KEY").run().expect(
        1,
        "",
        "error: could not find the key that Specter signs its tokens with\n\
         hint: set SECRET_KEY as Specter has it, or put the key into <DIR>/secret_key, or name its file with --secret-file; \
         a Specter that was started without SECRET_KEY makes up a new key at every start, and accepts no token from outside\n",
    );
    assert_eq!(folder.files(), before);
}

#[test]
fn unusable_keys_are_refused_and_not_repeated() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let before = folder.files();
    let hint = "\nhint: Specter's key is the text of its variable SECRET_KEY; give the same\n";
    let create = || folder.command(["create", "-l", "1h", "-d", "x"]);
    create().env("SECRET_KEY", "").run().expect(
        1,
        "",
        &format!(
            "error: could not use the key from SECRET_KEY: it is empty, and Specter fails on every request with an empty key{hint}"
        ),
    );
    create().env("SECRET_KEY", std::ffi::OsStr::from_bytes(b"caf\xE9-0123456789")).run().expect(
        1,
        "",
        &format!("error: could not use the key from SECRET_KEY: it is not UTF-8{hint}"),
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "nul\0nul").unwrap();
    let output = folder.command(["list", "--secret-file", file.path().to_str().unwrap()]).run();
    assert_eq!((output.code, output.stderr.contains("it holds a NUL")), (1, true));
    let output = folder.command(["list", "--secret-file", "/nonexistent/key"]).run();
    output.expect(1, "", "error: could not read the key: /nonexistent/key: No such file or directory (os error 2)\nhint: check whether the path is right\n");
    assert_eq!(folder.files(), before);
}

#[test]
fn doubtful_keys_are_warned_about() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let cases = [
        ("development key", "warning: this key is the default of a Specter configuration, and known to everyone\n"),
        (
            "short key",
            "warning: the key has fewer than 32 bytes, and can be guessed from a token (RFC 7518, section 3.2)\n",
        ),
        (
            "a key with a carriage return at its end\r",
            "warning: the key begins or ends with white space, or with a byte order mark; Specter would count that too\n",
        ),
    ];
    each(cases, |(key, warning)| {
        let output = folder.command(["create", "-q", "-l", "1h", "--new-key", "-d", key]).env("SECRET_KEY", key).run();
        output.expect(0, "<TOKEN>\n", warning);
    });
    let open = folder.file("open");
    fs::write(&open, SECRET).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
    let output = folder
        .command(["list", "--ids", "-u", "admin", "--status", "rejected", "--secret-file", open.to_str().unwrap()])
        .run();
    assert!(output.stderr.ends_with("/open`\n"), "{output:?}");
    assert!(output.stderr.starts_with("warning: every user of this machine can read the key; run `chmod 600 "));
}

#[test]
fn a_wrong_key_is_noticed_before_anything_is_signed() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    folder.create("ci", &["-q", "--new-key"]);
    let before = folder.files();
    let wrong = "this key is not the one of Specter at all";
    let create =
        |more: &[&str]| folder.command([&["create", "-l", "1h", "-d", "x"], more].concat()).env("SECRET_KEY", wrong);
    create(&[]).run().expect(
        1,
        "",
        "error: could not use the key from SECRET_KEY: it signed none of the newest tokens of user `admin`, so it is not Specter's\n\
         hint: give the key that Specter is started with; if Specter has a new one, add --new-key\n",
    );
    assert_eq!(folder.files(), before);
    create(&["-q", "--new-key"]).run().expect(0, "<TOKEN>\n", "");
    // Now this key signed one of the newest tokens.
    folder.command(["create", "-q", "-l", "1h", "-d", "y"]).env("SECRET_KEY", wrong).run().expect(0, "<TOKEN>\n", "");
}

#[test]
fn the_key_is_in_no_output() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let cases = [
        &["create", "-l", "1h", "-d", "x", "--new-key"] as &[&str],
        &["list"],
        &["show", "x", "--reveal"],
        &["verify", "x"],
        &["create", "-l", "1h", "-d", "x"],
        &["revoke", "x"],
        &["--help"],
        &["create", "--help"],
    ];
    each(cases, |arguments| {
        let output = folder.command(arguments).run();
        assert!(!output.stdout.contains(SECRET) && !output.stderr.contains(SECRET), "{arguments:?}");
    });
}

#[test]
fn a_key_that_specter_refuses_signs_nothing() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let before = folder.files();
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI";
    folder.command(["create", "-l", "1h", "--new-key", "-d", "x"]).env("SECRET_KEY", key).run().expect(
        1,
        "",
        "warning: the key looks like a PEM or ssh key, and Specter refuses every token with such a key\n\
         error: could not sign with the key from SECRET_KEY: Specter refuses every token with such a key\n\
         hint: start Specter with a SECRET_KEY of random text, which `openssl rand -base64 33` makes\n",
    );
    assert_eq!(folder.files(), before);
}

/// All users share one key, so other users' tokens tell as much as the user's own.
#[test]
fn a_wrong_key_is_noticed_by_the_tokens_of_others() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    folder.create("ci", &["-q", "--new-key"]);
    let mut users: serde_json::Value = serde_json::from_str(&folder.users_text()).unwrap();
    let alice =
        serde_json::json!({"id": "alice", "username": "alice", "password": {}, "is_admin": false, "config": {}});
    users.as_array_mut().unwrap().push(alice);
    fs::write(folder.users(), users.to_string()).unwrap();
    let create =
        |key: &str| folder.command(["create", "-q", "-l", "1h", "-d", "x", "-u", "alice"]).env("SECRET_KEY", key);
    create("this key is not the one of Specter at all").run().expect(
        1,
        "",
        "error: could not use the key from SECRET_KEY: it signed none of the newest tokens of any user, so it is not Specter's\n\
         hint: give the key that Specter is started with; if Specter has a new one, add --new-key\n",
    );
    create(SECRET).run().expect(0, "<TOKEN>\n", "");
}

#[test]
fn list_and_show_do_without_a_key_that_cannot_be_used() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let warning = "warning: signatures are not checked: could not use the key from SECRET_KEY: it is empty, and Specter fails on every request with an empty key\n";
    folder.command(["list", "--ids", "--status", "valid"]).env("SECRET_KEY", "").run().expect(0, "", warning);
    // A key that was asked for must exist.
    let output = folder.command(["list", "--secret-file", "/nonexistent/key"]).run();
    assert_eq!((output.code, &*output.stdout), (1, ""));
}

#[test]
fn a_device_that_never_ends_is_no_key() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    folder.command(["create", "-l", "1h", "-d", "x", "--secret-file", "/dev/zero"]).run().expect(
        1,
        "",
        "error: could not read the key: /dev/zero: there is more than a mebibyte of it, so it is no key and no password\n\
         hint: name a file that holds only that, and is not too long\n",
    );
}

#[test]
fn a_token_in_the_wrong_place_is_not_repeated() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let token = &folder.create("ci", &["-q", "--new-key"]);
    let wrong = &format!("{token}x");
    let path = &format!("/nonexistent/{token}/x");
    let cases = [
        (&["show", wrong] as &[&str], 3),
        (&["revoke", wrong, "--json"], 3),
        (&["revoke", wrong, "--json", "--ignore-missing"], 0),
        (&["revoke", wrong, "--ignore-missing"], 0),
        (&["revoke", &format!("Bearer  {wrong}")], 3),
        (&["revoke", &wrong.replace('.', "%2E")], 3),
        (&["list", token], 2),
        (&["--json", "list", token], 2),
        (&["--json", "list", &format!("{token}\n{token}")], 2),
        (&["list", "--sort", token], 2),
        (&["list", "--user", token], 3),
        (&["create", "-d", "x", "-l", token], 2),
        (&["create", "-d", "x", "-l", "1h", "--out", path], 1),
        (&["list", "--data-folder", path], 1),
        (&["list", "--secret-file", path], 1),
        (&["list", "--server", "http://127.0.0.1:9", "-u", wrong, "--password-file", path], 1),
    ];
    each(cases, |(arguments, code)| {
        let output = folder.command(arguments).run();
        assert_eq!(output.code, code, "{output:?}");
        let all = output.stdout + &output.stderr;
        assert!(all.contains("eyJhbGci…") && !all.contains(&token[..20]), "{arguments:?}: {all}");
    });
    // A hint also names the path of the key that is looked for.
    let signature = "Qltm6z3BtnUlqpQd_voYr5J-0wS8hXk2FzL9eVbC4aM";
    let other = folder.file(signature);
    fs::create_dir(&other).unwrap();
    fs::copy(folder.users(), other.join("users.json")).unwrap();
    let create = folder.command(["create", "-d", "x", "-l", "1h", "--data-folder", other.to_str().unwrap()]);
    create.without("SECRET_KEY").run().expect(
        1,
        "",
        "error: could not find the key that Specter signs its tokens with\n\
         hint: set SECRET_KEY as Specter has it, or put the key into <DIR>/Qltm6z3B…/secret_key, or name its file with \
         --secret-file; a Specter that was started without SECRET_KEY makes up a new key at every start, and accepts no token \
         from outside\n",
    );
    let folder = Folder::with_users("[\"eyJSECRET\"]");
    let output = folder.command(["list"]).run();
    assert!(
        output.stderr.contains("user 1, on line 1, is not an object") && !output.stderr.contains("eyJ"),
        "{output:?}"
    );
}

#[test]
fn a_folded_token_is_not_repeated_line_by_line() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let before = folder.files();
    let token = format!(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{}.Qltm6z3BtnUlqpQd_voYr5J-0wS8hXk2FzL9eVbC4aM",
        "eyJ1c2VybmFtZSI6ImFkbWluIiwiand0X3Rva2VuX2lkIjoiOWI3MGM4ZTUtMDMyNC00MjU3LTkwODYtYjc3YTAzYTQzNmFlIiwiand0X3Rva2VuX2Rlc2NyaXB0aW9uIjoieCIsImV4cCI6NDEwMn0",
    );
    each(["\n", "\r\n"], |line_end| {
        let lines: Vec<_> = token.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        let typed = lines.join(line_end);
        folder.command(["revoke", "-"]).stdin(&typed).run().expect(
            3,
            "",
            "error: could not find a token by `eyJhbGci…`, `iand0X3R…`, `m6z3BtnU…`, `zNmFlIiw…`; nothing was removed\n\
             hint: `specter-token list` shows the tokens; give the whole id, or its first 4 characters or more\n",
        );
        let shown = ["eyJhbGci…", "iand0X3R…", "zNmFlIiw…", "m6z3BtnU…"].join(&line_end.escape_debug().to_string());
        folder.command(["show", &typed]).run().expect(
            3,
            "",
            &format!(
                "error: could not find a token by `{shown}`\n\
                 hint: `specter-token list` shows the tokens; give the whole id, or its first 4 characters or more\n"
            ),
        );
        let output = folder.command(["revoke", "--json", "--ignore-missing", "-"]).stdin(&typed).run();
        assert_eq!(output.json()["missing"], serde_json::json!(["eyJhbGci…", "iand0X3R…", "m6z3BtnU…", "zNmFlIiw…"]));
    });
    // Texts that only resemble tokens stay as they are.
    let cases = [
        "release.2026.11.25-build.4711-of-main",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "a.b.c.internal.example.com",
    ];
    each(cases, |name| {
        let output = folder.command(["show", name]).run();
        assert!(output.stderr.contains(&format!("could not find a token by `{name}`\n")), "{output:?}");
    });
    assert_eq!(folder.files(), before);
}

#[test]
fn a_pipe_in_the_place_of_the_key_is_not_waited_for() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    assert!(std::process::Command::new("mkfifo").arg(folder.file("secret_key")).status().unwrap().success());
    folder.command(["create", "-l", "1h", "-d", "x"]).without("SECRET_KEY").run().expect(
        1,
        "",
        "error: could not read the key: <DIR>/secret_key is no file\n\
         hint: put the text of SECRET_KEY into a file of this name\n",
    );
    // The same holds if the key is in the variable and only compared with the file.
    let warning = "warning: could not read <DIR>/secret_key, so it is not known whether the given SECRET_KEY is the folder's own\n";
    folder.command(["create", "-q", "-l", "1h", "-d", "x", "--new-key"]).run().expect(0, "<TOKEN>\n", warning);
    fs::remove_file(folder.file("secret_key")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.file("secret_key")).unwrap();
    folder.command(["create", "-q", "-l", "1h", "-d", "y"]).run().expect(0, "<TOKEN>\n", warning);
}

/// Django and Flask use the name `SECRET_KEY`, too.
#[test]
fn a_variable_of_another_program_signs_no_first_token() {
    let folder = || {
        let folder = Folder::with_users(MINIFIED_ADMIN);
        write_private(&folder.file("secret_key"), &format!("{}\n", KEYS[3]));
        folder
    };
    let warning = DIFFERS;
    let refused = folder();
    let before = refused.files();
    let arguments = ["create", "-d", "a", "-l", "1h"];
    let told = "error: could not tell which key is Specter's: the one from SECRET_KEY differs from the one in <DIR>/secret_key, and \
                there is no token to try them on\nhint: --secret-file <DIR>/secret_key uses the folder's own; if Specter is \
                started with the other one, add --new-key\n";
    refused.command(arguments).run().expect(1, "", &format!("{warning}{told}"));
    assert_eq!(refused.files(), before);
    // A credential of systemd is as implicit as the variable.
    fs::create_dir(refused.file("credentials")).unwrap();
    write_private(&refused.file("credentials/SECRET_KEY"), KEYS[2]);
    let before = refused.files();
    let credential = refused.command(arguments).without("SECRET_KEY");
    let credential = credential.env("CREDENTIALS_DIRECTORY", refused.file("credentials"));
    let told = told.replace("from SECRET_KEY", "from <DIR>/credentials/SECRET_KEY");
    credential.run().expect(1, "", &format!("{warning}{told}"));
    assert_eq!(refused.files(), before);
    // Both remedies.
    let own = refused.file("secret_key");
    let with_own = refused.command(arguments.iter().copied().chain(["-q", "--secret-file", own.to_str().unwrap()]));
    with_own.run().expect(0, "<TOKEN>\n", "");
    folder().command(arguments.iter().copied().chain(["-q", "--new-key"])).run().expect(0, "<TOKEN>\n", warning);
    // A token tells which of the two is Specter's.
    let decided = folder();
    decided.create("by the variable", &["--new-key", "-q"]);
    decided.command(["create", "-q", "-d", "b", "-l", "1h"]).run().expect(0, "<TOKEN>\n", warning);
    // Two equal keys, or a key from --secret-file, raise no question.
    let same = folder();
    same.command(arguments.iter().copied().chain(["-q"])).env("SECRET_KEY", KEYS[3]).run().expect(0, "<TOKEN>\n", "");
    let named = folder();
    write_private(&named.file("named"), KEYS[0]);
    let file = named.file("named");
    let with_file = named.command(arguments.iter().copied().chain(["-q", "--secret-file", file.to_str().unwrap()]));
    with_file.run().expect(0, "<TOKEN>\n", "");
}

/// The last token of a job expired, and its next run has another SECRET_KEY in its environment.
#[test]
fn an_expired_token_tells_which_key_is_specters() {
    let folder = Folder::with_users(
        "[{\"id\":\"admin\",\"username\":\"admin\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{}}]",
    );
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    folder.run_at(now - 7200.0, SECRET, &["create", "-q", "-d", "old", "-l", "1h"]).expect(0, "<TOKEN>\n", "");
    let before = folder.files();
    let foreign = folder.command(["create", "-q", "-d", "new", "-l", "1h"]).env("SECRET_KEY", KEYS[1]).run();
    foreign.expect(
        1,
        "",
        "error: could not use the key from SECRET_KEY: it signed none of the newest tokens of user `admin`, so it is not Specter's\n\
         hint: give the key that Specter is started with; if Specter has a new one, add --new-key\n",
    );
    assert_eq!(folder.files(), before);
    // The token decides even if the folder keeps another key.
    write_private(&folder.file("secret_key"), KEYS[3]);
    folder.command(["create", "-q", "-d", "new", "-l", "1h"]).run().expect(0, "<TOKEN>\n", DIFFERS);
}
