//! Paths on the command line: with a `~` that no shell has expanded, and in bytes that are no text.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::{Folder, Output, SECRET, corpus, each};

/// A folder with a home in it. The home holds a data folder with `users.json`, and files with the key and a password.
/// All three are called `name`.
fn home(name: &OsStr) -> Folder {
    let folder = Folder::empty();
    let home = folder.file("home");
    for below in ["data", "key", "password"] {
        fs::create_dir_all(home.join(below)).unwrap();
    }
    let from = corpus("users/real-03-many-descriptions.json");
    fs::create_dir(home.join("data").join(name)).unwrap();
    fs::copy(from, home.join("data").join(name).join("users.json")).unwrap();
    for (below, text) in [("key", SECRET), ("password", "secret")] {
        let file = home.join(below).join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    folder
}

/// Runs the command in the home, without the variables that name folder and key.
fn run(folder: &Folder, arguments: &[OsString]) -> Output {
    let home = folder.file("home");
    let mut command = folder.command(arguments).without("SPECTER_DATA_FOLDER").without("SECRET_KEY").env("HOME", &home);
    command.command.current_dir(home);
    command.run()
}

/// `--option=`, the bytes of `before`, and `name`.
fn option(option: &str, before: &str, name: &OsStr) -> OsString {
    let mut argument = OsString::from(format!("--{option}={before}"));
    argument.push(name);
    argument
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

/// Gives `before` and `name` to every option that takes a path.
#[track_caller]
fn every_option_finds_its_file(before: &str, name: &[u8]) {
    let name = OsStr::from_bytes(name);
    let folder = home(name);
    let home = folder.file("home");
    let shown = |path: &Path| format!("{}", path.display());
    let create = [
        words(&["create", "-d", "x", "-l", "1h", "--new-key"]),
        vec![
            option("data-folder", &format!("{before}data/"), name),
            option("secret-file", &format!("{before}key/"), name),
            option("out", before, name),
        ],
    ]
    .concat();
    let created = run(&folder, &create);
    assert_eq!(created.code, 0, "{created:?}");
    let key = home.join("key").join(name);
    let key = if before == "~/" { shown(&key) } else { shown(&Path::new(before).join("key").join(name)) };
    assert!(created.stderr.contains(&format!("; key from {key}\n")), "{}", created.stderr);
    let token = fs::read_to_string(home.join(name)).unwrap();
    let users = fs::read_to_string(home.join("data").join(name).join("users.json")).unwrap();
    assert!(users.contains(token.trim_end()));

    // An existing file is left alone, and named as it was meant.
    let again = run(&folder, &create);
    assert_eq!((again.code, &*again.stdout), (1, ""), "{again:?}");
    assert!(again.stderr.contains("File exists"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(home.join(name)).unwrap(), token);

    let init =
        [words(&["init", "--data-folder", "new"]), vec![option("password-file", &format!("{before}password/"), name)]];
    let made = run(&folder, &init.concat());
    assert_eq!((made.code, &*made.stdout), (0, ""), "{made:?}");

    let list = [
        words(&["list", "--server", "https://127.0.0.1:1", "--password-file", "/dev/null"]),
        vec![option("ca-cert", &format!("{before}nope/"), name)],
    ];
    let listed = run(&folder, &list.concat());
    let missing = if before == "~/" { home.join("nope").join(name) } else { Path::new(before).join("nope").join(name) };
    assert!(listed.code != 0 && listed.stderr.contains(&shown(&missing)), "{listed:?}");
}

#[test]
fn a_leading_tilde_is_the_home_in_every_option() {
    every_option_finds_its_file("~/", b"file");
    // `./` means a file of that name.
    every_option_finds_its_file("./", b"~");
    every_option_finds_its_file("./", b"~root");
}

#[test]
fn a_name_may_be_any_bytes() {
    every_option_finds_its_file("", b"caf\xE9 \xFF");
    every_option_finds_its_file("~/", b"caf\xE9 \xFF");
}

#[test]
fn a_named_user_has_a_home_too() {
    let folder = home(OsStr::new("file"));
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let root = passwd.lines().find_map(|line| line.strip_prefix("root:")?.split(':').nth(4)).unwrap();
    let verify = |path: &str| words(&["verify", "x", "--data-folder", "data/file", "--secret-file", path]);
    let cases = [("~root/nope", &*format!("{root}/nope")), ("~nobody-of-this-name/nope", "~nobody-of-this-name/nope")];
    each(cases, |(path, meant)| {
        run(&folder, &verify(path)).expect(
            1,
            "",
            &format!(
                "error: could not read the key: {meant}: No such file or directory (os error 2)\nhint: check whether the path is \
                 right\n"
            ),
        );
    });
}
