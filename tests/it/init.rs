//! `init`: the folder that it makes, and what it leaves alone. The live tests prove that Specter starts on it.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;

use crate::support::{Command, Folder, each};

/// The output besides the password.
const SAID: &str = "made <DIR>/new: users.json with the user admin, and a new secret_key\n\
                    start Specter with this key:\n  \
                    SECRET_KEY=\"$(cat <DIR>/new/secret_key)\" SPECTER_API_ACTIVE=True SKIP_HWI_INITIALISATION_AT_STARTUP=True \
                    python3 -m cryptoadvance.specter server --config ProductionConfig --specter-data-folder <DIR>/new\n\
                    the password guards only the token API: Specter's web pages ask for no password until a login is \
                    turned on in their settings\n";

fn init(folder: &Folder, arguments: &[&str]) -> Command {
    let command = folder.command([&["init"], arguments].concat()).without("SECRET_KEY");
    command.env("SPECTER_DATA_FOLDER", folder.file("new"))
}

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn makes_a_folder_that_is_ready_for_the_other_commands() {
    let folder = Folder::empty();
    let output = init(&folder, &[]).run();
    assert_eq!(output.line().len(), 24, "{output:?}");
    output.expect(0, &output.stdout, SAID);
    assert_eq!(mode(folder.file("new")), 0o700);
    assert_eq!(mode(folder.file("new/users.json")), 0o600);
    assert_eq!(mode(folder.file("new/secret_key")), 0o600);
    let names: Vec<_> = fs::read_dir(folder.file("new")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let key = fs::read_to_string(folder.file("new/secret_key")).unwrap();
    assert_eq!((key.len(), key.ends_with('\n')), (44, true));

    // Specter makes the same with Python's `json.dump(indent=4)`.
    let users = fs::read_to_string(folder.file("new/users.json")).unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&users).unwrap();
    let member = |name: &str| parsed[0]["password"][name].as_str().unwrap();
    let expected = format!(
        r#"[
    {{
        "id": "admin",
        "username": "admin",
        "password": {{
            "salt": "{}",
            "pwdhash": "{}"
        }},
        "is_admin": true,
        "jwt_tokens": {{}},
        "encrypted_user_secret": null,
        "services": []
    }}
]"#,
        member("salt"),
        member("pwdhash")
    );
    assert_eq!(users, expected);
    assert_eq!((member("salt").len(), member("pwdhash").len()), (44, 44));

    let in_new = |arguments: &[&str]| {
        folder.command(arguments).without("SECRET_KEY").env("SPECTER_DATA_FOLDER", folder.file("new"))
    };
    let token = in_new(&["create", "-q", "-d", "ci", "-l", "1h"]).run();
    token.expect(0, "<TOKEN>\n", "");
    assert_eq!(in_new(&["verify", token.line()]).run().code, 0);
}

#[test]
fn the_password_comes_from_a_file_or_standard_input_and_is_not_repeated() {
    let folder = Folder::empty();
    init(&folder, &["--password-file", "-"]).stdin("correct horse\n").run().expect(0, "", SAID);
    fs::remove_dir_all(folder.file("new")).unwrap();
    let file = private(&folder, "correct horse\n");
    let output = init(&folder, &["-q", "--json", "--password-file", file.to_str().unwrap()]).run();
    let made = output.json();
    let new = folder.file("new");
    assert_eq!(made["data_folder"], new.to_str().unwrap());
    assert_eq!(made["username"], "admin");
    assert_eq!(made["password"], serde_json::Value::Null);
    assert_eq!(made["secret_key_file"], new.join("secret_key").to_str().unwrap());
    assert!(made["start"].as_str().unwrap().starts_with("SECRET_KEY=\"$(cat "));

    let folder = Folder::empty();
    let made = init(&folder, &["--json"]).run().json();
    assert_eq!(made["password"].as_str().map(str::len), Some(24));
    let cases = [(&b""[..], "it is empty"), (b"\n", "it is empty"), (b"\xFF", "it is not UTF-8")];
    each(cases, |(password, why)| {
        let folder = Folder::empty();
        let output = init(&folder, &["--password-file", "-"]).stdin(password).run();
        assert_eq!((output.code, &*output.stdout), (1, ""));
        assert!(output.stderr.contains(why), "{output:?}");
        assert_eq!(folder.files(), [], "nothing is made without a password");
    });
}

/// A password file for its owner alone.
fn private(folder: &Folder, password: &str) -> std::path::PathBuf {
    let file = folder.file("password");
    fs::write(&file, password).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

/// The hash in users.json tells which one was used.
#[test]
fn one_final_line_end_is_no_part_of_the_password() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    each(["correct horse", "correct horse\n", "correct horse\r\n"], |text| {
        let folder = Folder::empty();
        let file = private(&folder, text);
        init(&folder, &["--password-file", file.to_str().unwrap()]).run().expect(0, "", SAID);
        let users: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(folder.file("new/users.json")).unwrap()).unwrap();
        let member = |name: &str| users[0]["password"][name].as_str().unwrap();
        let mut hash = [0; 32];
        pbkdf2::pbkdf2::<hmac::Hmac<sha2::Sha256>>(b"correct horse", member("salt").as_bytes(), 10_000, &mut hash)
            .unwrap();
        assert_eq!(member("pwdhash"), STANDARD.encode(hash), "{text:?}");
    });
}

#[test]
fn what_nobody_sees_in_a_password_is_refused() {
    let cases = [
        ("admin\r", "it begins or ends with white space, or with a byte order mark"),
        ("admin\n\n", "it begins or ends with white space, or with a byte order mark"),
        ("admin\r\n\r\n", "it begins or ends with white space, or with a byte order mark"),
        (" admin\n", "it begins or ends with white space, or with a byte order mark"),
        ("admin\t", "it begins or ends with white space, or with a byte order mark"),
        ("\u{FEFF}admin\r\n", "it begins or ends with white space, or with a byte order mark"),
        ("admin\nsecret\n", "it holds a line end"),
    ];
    each(cases, |(text, why)| {
        let folder = Folder::empty();
        let file = private(&folder, text);
        let before = folder.files();
        init(&folder, &["--password-file", file.to_str().unwrap()]).run().expect(
            1,
            "",
            &format!(
                "error: could not use the password from <DIR>/password: {why}\n\
                 hint: Specter would count that too; give the password alone, on one line\n"
            ),
        );
        let output = init(&folder, &["--json", "--password-file", "-"]).stdin(text).run();
        assert!(output.code == 1 && output.stderr.starts_with(r#"{"error":{"reason":"secret""#), "{output:?}");
        assert_eq!(folder.files(), before, "nothing is made");
    });
}

#[test]
fn a_password_that_all_can_read_is_warned_about() {
    let folder = Folder::empty();
    let file = private(&folder, "correct horse\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let warning = "warning: every user of this machine can read the password; run `chmod 600 <DIR>/password`\n";
    init(&folder, &["--password-file", file.to_str().unwrap()]).run().expect(0, "", &format!("{warning}{SAID}"));
}

#[test]
fn variables_that_do_not_count_are_told() {
    let key = "warning: SECRET_KEY is set, and init does not use it: the key of this folder is in <DIR>/new/secret_key; unset \
               SECRET_KEY, which the other commands take first, or write its key into that file\n";
    let password = "warning: SPECTER_PASSWORD is set, and init does not use it, but makes one up; --password-file takes a \
                    password of your own\n";
    let folder = Folder::empty();
    let both = |command: Command| command.env("SECRET_KEY", "the-key-of-the-variable").env("SPECTER_PASSWORD", "p");
    let output = both(init(&folder, &["-q"])).run();
    output.expect(0, &output.stdout, &format!("{password}{key}"));

    // An option beats the variable. An equal key needs no warning, and another one gets it.
    let cases = [("the-key-of-the-variable-0123456789abcdef\n", ""), ("another-key-0123456789abcdef0123456\n", key)];
    each(cases, |(kept, warning)| {
        let folder = Folder::empty();
        fs::create_dir(folder.file("new")).unwrap();
        let kept_file = folder.file("new/secret_key");
        fs::write(&kept_file, kept).unwrap();
        fs::set_permissions(&kept_file, fs::Permissions::from_mode(0o600)).unwrap();
        let init = init(&folder, &["-q", "--password-file", "-"]).stdin("correct horse");
        let output =
            init.env("SECRET_KEY", "the-key-of-the-variable-0123456789abcdef").env("SPECTER_PASSWORD", "p").run();
        output.expect(0, "", warning);
    });
}

#[test]
fn nothing_that_is_there_is_replaced() {
    each(["users.json", "users.json.bkp"], |name| {
        let cases =
            [|path: &Path| fs::write(path, "precious").unwrap(), |path: &Path| symlink("nowhere", path).unwrap()];
        each(cases, |make| {
            let folder = Folder::empty();
            fs::create_dir(folder.file("new")).unwrap();
            make(&folder.file("new").join(name));
            let output = init(&folder, &[]).run();
            output.expect(
                1,
                "",
                &format!(
                    "error: could not make a data folder of <DIR>/new: <DIR>/new/{name} already exists\n\
                     hint: name another folder with --data-folder; nothing that exists is ever replaced\n"
                ),
            );
            assert_eq!(fs::read_dir(folder.file("new")).unwrap().count(), 1);
        });
    });
    // An existing key is kept, and is the one that counts.
    let folder = Folder::empty();
    fs::create_dir(folder.file("new")).unwrap();
    fs::write(folder.file("new/secret_key"), "a key that has been here for a long time\n").unwrap();
    fs::set_permissions(folder.file("new/secret_key"), fs::Permissions::from_mode(0o600)).unwrap();
    let output = init(&folder, &[]).run();
    output.expect(0, &output.stdout, &SAID.replace("a new secret_key", "the secret_key that was there"));
    let key = fs::read_to_string(folder.file("new/secret_key")).unwrap();
    assert_eq!(key, "a key that has been here for a long time\n");
    // An unusable key is an error before any users.json is made.
    let folder = Folder::empty();
    fs::create_dir(folder.file("new")).unwrap();
    fs::write(folder.file("new/secret_key"), "\n").unwrap();
    let output = init(&folder, &[]).run();
    assert!(output.code == 1 && output.stderr.contains("it is empty"), "{output:?}");
    assert!(!folder.file("new/users.json").exists());
}

#[test]
fn a_folder_of_somebody_else_gets_files_of_his() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return; // only the superuser can give files away
    }
    let folder = Folder::empty();
    fs::create_dir(folder.file("new")).unwrap();
    chown(folder.file("new"), Some(65_534), Some(65_534)).unwrap();
    assert_eq!(init(&folder, &[]).run().code, 0);
    each(["users.json", "secret_key"], |name| {
        let metadata = fs::metadata(folder.file("new").join(name)).unwrap();
        assert_eq!((metadata.uid(), metadata.gid(), mode(folder.file("new").join(name))), (65_534, 65_534, 0o600));
    });
}

#[test]
fn a_key_of_ones_own_is_not_an_option() {
    let folder = Folder::empty();
    init(&folder, &["--secret-file", "key"]).run().expect(
        2,
        "",
        "error: could not take the key of --secret-file: init makes one, or keeps the folder's own\n\
         hint: to have a key of yours, put it into the folder's secret_key first\n",
    );
    assert_eq!(folder.files(), []);
}

#[test]
fn github_actions_is_told_to_mask_the_password() {
    let folder = Folder::empty();
    let output = init(&folder, &[]).env("GITHUB_ACTIONS", "true").run();
    assert!(output.stderr.starts_with(&format!("::add-mask::{}\n", output.line())), "{output:?}");
}

#[test]
fn a_password_that_reached_nobody_is_an_error() {
    let folder = Folder::empty();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = init(&folder, &["--json"]).command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("is made, but the result could not be printed"), "{stderr}");
    fs::remove_dir_all(folder.file("new")).unwrap();
    let mut command = init(&folder, &[]).command;
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1), "a broken pipe is no better");
}

#[test]
fn what_the_printed_line_could_not_carry_is_refused() {
    let folder = Folder::empty();
    each(["new\nline", "\u{202E}", "\x1B[2J"], |name| {
        let output = init(&folder, &["--data-folder", folder.file(name).to_str().unwrap()]).run();
        assert_eq!((output.code, &*output.stdout), (2, ""), "{output:?}");
        assert!(output.stderr.contains("its path cannot be printed"), "{output:?}");
    });
    assert_eq!(folder.files(), []);
    // A shell that reads the key drops every newline at its end, and Specter gets another key than this program.
    fs::create_dir(folder.file("new")).unwrap();
    fs::write(folder.file("new/secret_key"), "a key that has been here for a long time\n\n").unwrap();
    let output = init(&folder, &[]).run();
    assert!(output.code == 1 && output.stderr.contains("it ends in several newlines"), "{output:?}");
    assert!(!folder.file("new/users.json").exists());
}

#[test]
fn a_mask_takes_nothing_from_the_owner() {
    let folder = Folder::empty();
    let mut shell = folder.program("/bin/sh");
    shell.command.args([
        "-c",
        "umask 777; exec \"$@\"",
        "sh",
        env!("CARGO_BIN_EXE_specter-token"),
        "init",
        "--data-folder",
    ]);
    shell.command.arg(folder.file("new"));
    assert_eq!(shell.run().code, 0);
    assert_eq!(mode(folder.file("new")), 0o700);
    assert_eq!(mode(folder.file("new/users.json")), 0o600);
}

/// `mkdir -p -m 700` does the same.
#[test]
fn folders_above_it_are_made_as_any_others() {
    for (mask, of_parents) in [("022", 0o755), ("002", 0o775), ("077", 0o700), ("0", 0o777)] {
        for name in ["a/b/c", "a/b/c/", "a/b/c/."] {
            let folder = Folder::empty();
            let mut shell = folder.program("/bin/sh");
            let script = format!("umask {mask}; exec \"$@\"");
            shell.command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_specter-token"), "init"]);
            shell.command.args(["--data-folder", name]).current_dir(folder.path());
            let output = shell.without("SECRET_KEY").run();
            let said = SAID.replace("<DIR>/new", "<DIR>/a/b/c");
            output.expect(0, &output.stdout, &said);
            assert_eq!([mode(folder.file("a")), mode(folder.file("a/b"))], [of_parents; 2], "{mask} {name}");
            assert_eq!(mode(folder.file("a/b/c")), 0o700, "{mask} {name}");
            assert_eq!(mode(folder.file("a/b/c/users.json")), 0o600, "{mask} {name}");
        }
    }
    // Existing folders stay as they are.
    let folder = Folder::empty();
    fs::create_dir_all(folder.file("a/new")).unwrap();
    for (name, own) in [("a", 0o711), ("a/new", 0o750)] {
        fs::set_permissions(folder.file(name), fs::Permissions::from_mode(own)).unwrap();
    }
    assert_eq!(init(&folder, &["--data-folder", folder.file("a/new").to_str().unwrap()]).run().code, 0);
    assert_eq!([mode(folder.file("a")), mode(folder.file("a/new"))], [0o711, 0o750]);
}

#[test]
fn of_many_at_once_one_wins() {
    let folder = Folder::empty();
    let mut codes: Vec<u8> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..8).map(|_| scope.spawn(|| init(&folder, &[]).run().code)).collect();
        running.into_iter().map(|run| run.join().unwrap()).collect()
    });
    codes.sort_unstable();
    assert_eq!(codes, [0, 1, 1, 1, 1, 1, 1, 1]);
}
