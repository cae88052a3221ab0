//! Every error that the program can print: what could not be done, to what, why, and what to do next. Errors about
//! arguments are clap's own and are in usage.rs, those about a damaged users.json in damage.rs, those on a terminal in
//! terminal.rs.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Folder, SECRET, each};

const ADMIN: &str = r#"[{"id":"a","username":"admin","password":1,"is_admin":true,"jwt_tokens":{"id-one":{"jwt_token":"x.y.z","jwt_token_description":"same"},"id-two":{"jwt_token":"u.v.w","jwt_token_description":"same"}}}]"#;

struct Case {
    /// Changes a folder with ADMIN; the key is in a variable.
    setup: fn(&Folder),
    arguments: &'static [&'static str],
    stdin: &'static str,
    code: u8,
    reason: &'static str,
    message: &'static str,
    hint: &'static str,
}

const NO_CHANGE: fn(&Folder) = |_| {};
const CREATE: &[&str] = &["create", "-d", "x", "-l", "1h"];
const LOOK: &str = "`specter-token list` shows the tokens; give the whole id, or its first 4 characters or more";

#[rustfmt::skip] // one case a line, but for what is long
const CASES: &[Case] = &[
    // The description, the life, the user.
    Case { setup: NO_CHANGE, arguments: &["create"], stdin: "", code: 2, reason: "usage",
        message: "could not create a token without --description, and --life or --until",
        hint: "for example: specter-token create -d \"nightly backup\" -l \"3 months\"" },
    Case { setup: NO_CHANGE, arguments: &["create", "-d", "x", "--until", "2020-01-01"], stdin: "", code: 2, reason: "usage",
        message: "could not create a token that has expired: the time of --until is past",
        hint: "give a later one; without an offset, times are UTC" },
    Case { setup: NO_CHANGE, arguments: &["create", "-d", "x", "-l", "7990y"], stdin: "", code: 2, reason: "usage",
        message: "could not create a token that expires past the year 9999: Specter cannot store the time",
        hint: "give it a shorter life" },
    Case { setup: NO_CHANGE, arguments: &["create", "-d", "same", "-l", "1h"], stdin: "", code: 4, reason: "description_taken",
        message: "could not create another token `same` for user `admin`: id-one already has this description",
        hint: "choose another description, for example `ci-$RUN_ID`, or remove the old token in the same step with --replace" },
    Case { setup: NO_CHANGE, arguments: &["create", "-d", "x", "-l", "1h", "-u", "bob"], stdin: "", code: 3, reason: "not_found",
        message: "could not find user `bob` in users.json", hint: "the users are: admin" },
    Case { setup: |folder| fs::write(folder.users(), ADMIN.replace(']', r#",{"id":"b","username":"b","password":1,"is_admin":1}]"#)).unwrap(),
        arguments: CREATE, stdin: "", code: 2, reason: "usage",
        message: "could not choose the user of the token: users.json has 2 admins",
        hint: "name the token's user with --user; the users are: admin, b" },
    // Choosing a token.
    Case { setup: NO_CHANGE, arguments: &["show"], stdin: "", code: 2, reason: "usage",
        message: "could not tell which token is meant: none is named",
        hint: "name one by its id or description; `specter-token list` shows them" },
    Case { setup: NO_CHANGE, arguments: &["revoke"], stdin: "", code: 2, reason: "usage",
        message: "could not tell which token is meant: none is named",
        hint: "name one by its id or description; `specter-token list` shows them" },
    Case { setup: NO_CHANGE, arguments: &["show", "nope"], stdin: "", code: 3, reason: "not_found",
        message: "could not find a token by `nope`", hint: LOOK },
    Case { setup: NO_CHANGE, arguments: &["show", "id-"], stdin: "", code: 3, reason: "not_found",
        message: "could not find a token by `id-`", hint: LOOK },
    Case { setup: NO_CHANGE, arguments: &["show", "same"], stdin: "", code: 3, reason: "ambiguous",
        message: "could not tell which token `same` means",
        hint: "name one by its id: id-one \"same\" of user admin; id-two \"same\" of user admin" },
    Case { setup: NO_CHANGE, arguments: &["revoke", "same", "id-two"], stdin: "", code: 3, reason: "ambiguous",
        message: "could not tell which token `same` means; nothing was removed",
        hint: "name one by its id: id-one \"same\" of user admin; id-two \"same\" of user admin" },
    Case { setup: NO_CHANGE, arguments: &["revoke", "a", "id-two", "b"], stdin: "", code: 3, reason: "not_found",
        message: "could not find a token by `a`, `b`; nothing was removed", hint: LOOK },
    Case { setup: NO_CHANGE, arguments: &["revoke", "--all"], stdin: "", code: 2, reason: "usage",
        message: "could not ask whether to remove all tokens: there is no terminal",
        hint: "add --yes to go on; --dry-run shows what would be removed" },
    Case { setup: NO_CHANGE, arguments: &["verify"], stdin: "", code: 2, reason: "usage",
        message: "could not verify a token: none was given",
        hint: "give tokens as arguments, or one per line on standard input" },
    Case { setup: NO_CHANGE, arguments: &["verify", "-", "--secret-file", "-"], stdin: "x", code: 2, reason: "usage",
        message: "could not read tokens from standard input: it holds the key",
        hint: "put the key into a file, and name that file" },
    // The key.
    Case { setup: NO_CHANGE, arguments: &["create", "-d", "x", "-l", "1h", "--secret-file", "/nonexistent"], stdin: "", code: 1, reason: "io",
        message: "could not read the key: /nonexistent: No such file or directory (os error 2)",
        hint: "check whether the path is right" },
    Case { setup: NO_CHANGE, arguments: &["verify", "x", "--secret-file", "/"], stdin: "", code: 1, reason: "io",
        message: "could not read the key: /: Is a directory (os error 21)", hint: "name another path, or move what is in the way" },
    Case { setup: NO_CHANGE, arguments: &["verify", "x", "--secret-file", "-"], stdin: "\n", code: 1, reason: "secret",
        message: "could not use the key from standard input: it is empty, and Specter fails on every request with an empty key",
        hint: "Specter's key is the text of its variable SECRET_KEY; give the same" },
    Case { setup: NO_CHANGE, arguments: &["verify", "x", "--secret-file", "-"], stdin: "nul\0", code: 1, reason: "secret",
        message: "could not use the key from standard input: it holds a NUL, which no variable can hold",
        hint: "Specter's key is the text of its variable SECRET_KEY; give the same" },
    // The data folder.
    Case { setup: |folder| fs::remove_file(folder.users()).unwrap(), arguments: &["list"], stdin: "", code: 1, reason: "io",
        message: "could not find <DIR>/users.json",
        hint: "name Specter's data folder with --data-folder; `specter-token init` makes a new one, and so does \
            Specter at its start" },
    Case { setup: |folder| { fs::remove_file(folder.users()).unwrap(); symlink("users.json", folder.users()).unwrap() },
        arguments: CREATE, stdin: "", code: 1, reason: "io",
        message: "could not find <DIR>/users.json: Too many levels of symbolic links (os error 40)",
        hint: "fix this and try again" },
    Case { setup: |folder| { fs::remove_file(folder.users()).unwrap(); fs::create_dir(folder.users()).unwrap() },
        arguments: &["list"], stdin: "", code: 1, reason: "io",
        message: "could not read <DIR>/users.json: it is not a regular file",
        hint: "name Specter's data folder with --data-folder, or move this out of the way" },
    Case { setup: |folder| fs::create_dir(folder.backup()).unwrap(), arguments: CREATE, stdin: "", code: 1, reason: "io",
        message: "could not replace <DIR>/users.json.bkp: Is a directory (os error 21)", hint: "name another path, or move what is in the way" },
    Case { setup: |folder| fs::create_dir(folder.file(".users.json.specter-token.tmp")).unwrap(), arguments: CREATE, stdin: "", code: 1, reason: "io",
        message: "could not remove <DIR>/.users.json.specter-token.tmp: Is a directory (os error 21)", hint: "name another path, or move what is in the way" },
    Case { setup: |folder| fs::write(folder.users(), ADMIN.replace(r#""jwt_tokens":{"#, r#""jwt_tokens":5,"x":{"#)).unwrap(), arguments: CREATE,
        stdin: "", code: 1, reason: "damaged_file",
        message: "could not change the tokens of user `admin` in users.json: its `jwt_tokens` is not an object but 5",
        hint: "fix this user in users.json with an editor, while Specter is stopped, and try again" },
    // New files.
    Case { setup: NO_CHANGE, arguments: &["create", "-d", "x", "-l", "1h", "--out", "/"], stdin: "", code: 1, reason: "io",
        message: "could not make /: File exists (os error 17)",
        hint: "name a new file; --out never overwrites one" },
    Case { setup: NO_CHANGE, arguments: &["create", "-d", "x", "-l", "1h", "--out", "/nonexistent/x"], stdin: "", code: 1, reason: "io",
        message: "could not make /nonexistent/x: No such file or directory (os error 2)",
        hint: "name a file that you can make, in an existing folder" },
    Case { setup: NO_CHANGE, arguments: &["init"], stdin: "", code: 1, reason: "exists",
        message: "could not make a data folder of <DIR>: <DIR>/users.json already exists",
        hint: "name another folder with --data-folder; nothing that exists is ever replaced" },
    Case { setup: NO_CHANGE, arguments: &["init", "--secret-file", "x"], stdin: "", code: 2, reason: "usage",
        message: "could not take the key of --secret-file: init makes one, or keeps the folder's own",
        hint: "to have a key of yours, put it into the folder's secret_key first" },
    Case { setup: NO_CHANGE, arguments: &["init", "--data-folder", "/dev/null/x", "--password-file", "-"], stdin: "secret", code: 1, reason: "io",
        message: "could not use /dev/null as a folder: it is a device, a pipe or the like",
        hint: "name Specter's data folder with --data-folder, or move this out of the way" },
    Case { setup: NO_CHANGE, arguments: &["init", "--data-folder", "/nonexistent/x", "--password-file", "-"], stdin: "", code: 1, reason: "secret",
        message: "could not use the password from standard input: it is empty",
        hint: "Specter lets nobody in without a password; give one" },
    Case { setup: NO_CHANGE, arguments: &["init", "--data-folder", "/nonexistent/x", "--password-file", "/nonexistent/y"], stdin: "", code: 1, reason: "io",
        message: "could not read the password from /nonexistent/y: No such file or directory (os error 2)",
        hint: "check whether the path is right" },
];

#[test]
fn every_error_says_what_why_and_what_next() {
    each(CASES, |Case { setup, arguments, stdin, code, reason, message, hint }| {
        let folder = Folder::with_users(ADMIN);
        setup(&folder);
        let before = folder.files();
        let run = |more: &[&str]| folder.command(arguments.iter().chain(more)).stdin(stdin).run();
        run(&[]).expect(*code, "", &format!("error: {message}\nhint: {hint}\n"));
        let json = run(&["--json"]);
        let error: serde_json::Value = serde_json::from_str(&json.stderr).unwrap();
        let in_folder = |text: &str| text.replace("<DIR>", folder.path().to_str().unwrap());
        let expected =
            serde_json::json!({"error": {"reason": reason, "message": in_folder(message), "hint": in_folder(hint)}});
        assert_eq!(error, expected);
        assert_eq!((json.code, &*json.stdout), (*code, ""));
        assert_eq!(folder.files(), before, "{arguments:?}");
        assert!(message.starts_with("could not "), "{message}");
    });
    assert!(CASES.iter().all(|case| !case.hint.contains(SECRET) && !case.message.contains(SECRET)));
}
