//! A path that is no data folder: a file, a link to nowhere, or the default one if Specter uses another. Every command
//! says the same of it, before it looks for a key.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;

use crate::support::{Command, Folder, Output, SECRET};

const ADMIN: &str = "[{\"id\":\"admin\",\"username\":\"admin\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{}}]";

/// Each command that works on an existing data folder.
const COMMANDS: [&[&str]; 7] = [
    &["create", "-d", "new", "-l", "1h"],
    &["create", "-d", "new", "-l", "1h", "--out", "out", "--even-if-running"],
    &["list"],
    &["show", "x"],
    &["revoke", "x"],
    &["revoke", "--all", "--dry-run"],
    &["verify", "x"],
];
const INIT: &[&str] = &["init"];

/// Runs a command in a folder. The option or the variable names the data folder.
fn on(folder: &Folder, data: &str, by_option: bool, arguments: &[&str]) -> Command {
    let command = folder.command(arguments).without("SECRET_KEY").env("SPECTER_DATA_FOLDER", data);
    let mut command = if by_option { command.env("SPECTER_DATA_FOLDER", "/nonexistent") } else { command };
    command.command.current_dir(folder.path());
    if by_option {
        command.command.args(["--data-folder", data]);
    }
    command
}

/// Every command must fail with this error, with and without a key, and change nothing.
#[track_caller]
fn every_command_says(folder: &Folder, data: &str, commands: &[&[&str]], message: &str, hint: &str) {
    let before = folder.files();
    for (arguments, by_option) in commands.iter().flat_map(|each| [(*each, true), (*each, false)]) {
        let said = format!("error: {message}\nhint: {hint}\n");
        on(folder, data, by_option, arguments).run().expect(1, "", &said);
        let is_init = arguments == INIT;
        let with_key = on(folder, data, by_option, arguments);
        let with_key = if is_init { with_key } else { with_key.env("SECRET_KEY", SECRET) };
        with_key.run().expect(1, "", &said);
        let json = on(folder, data, by_option, &[arguments, &["--json"]].concat()).run();
        let error = serde_json::json!({"error": {"reason": "io", "message": message, "hint": hint}});
        let in_folder = |text: &str| text.replace("<DIR>", folder.path().to_str().unwrap());
        let expected: serde_json::Value = serde_json::from_str(&in_folder(&error.to_string())).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json.stderr).unwrap(), expected);
        assert_eq!((json.code, &*json.stdout), (1, ""));
    }
    assert_eq!(folder.files(), before);
}

fn with_init() -> Vec<&'static [&'static str]> {
    COMMANDS.into_iter().chain([INIT]).collect()
}

#[test]
fn a_file_is_no_folder() {
    let folder = Folder::with_users(ADMIN);
    fs::write(folder.backup(), ADMIN).unwrap();
    fs::create_dir(folder.file("other")).unwrap();
    fs::write(folder.file("other/notes"), "").unwrap();
    symlink("other/notes", folder.file("link")).unwrap();
    let path = |name: &str| folder.file(name).to_str().unwrap().to_owned();
    let clear = "name Specter's data folder with --data-folder, or move this out of the way";
    let holder = "name the folder that holds it: --data-folder <DIR>";
    for (data, file, hint) in [
        (path("users.json"), "<DIR>/users.json", holder),
        (path("users.json/"), "<DIR>/users.json", holder),
        (path("users.json/below/it"), "<DIR>/users.json", holder),
        (path("users.json.bkp"), "<DIR>/users.json.bkp", holder),
        ("users.json".to_owned(), "users.json", "name the folder that holds it: --data-folder ."),
        (path("other/notes"), "<DIR>/other/notes", clear),
        (path("other/notes/below"), "<DIR>/other/notes", clear),
    ] {
        let message = format!("could not use {file} as a folder: it is a file");
        every_command_says(&folder, &data, &with_init(), &message, hint);
    }
    let message = "could not use /dev/null as a folder: it is a device, a pipe or the like";
    every_command_says(&folder, "/dev/null", &with_init(), message, clear);
    let message = "could not use <DIR>/link as a folder: it is a file";
    every_command_says(&folder, &path("link"), &with_init(), message, holder);
}

#[test]
fn a_link_may_lead_nowhere() {
    let hint = "check that the disk is mounted, correct the link, or name another folder with --data-folder";
    let folder = Folder::empty();
    let path = |name: &str| folder.file(name).to_str().unwrap().to_owned();
    symlink("/nonexistent/specter", folder.file("gone")).unwrap();
    symlink("gone", folder.file("two")).unwrap();
    symlink("nothing/here", folder.file("near")).unwrap();
    for (data, link, target) in [
        (path("gone"), "<DIR>/gone", "/nonexistent/specter"),
        (path("gone/"), "<DIR>/gone", "/nonexistent/specter"),
        (path("gone/below"), "<DIR>/gone", "/nonexistent/specter"),
        (path("two"), "<DIR>/two", "/nonexistent/specter"),
        (path("near"), "<DIR>/near", "<DIR>/nothing/here"),
        ("near".to_owned(), "near", "nothing/here"),
    ] {
        let message = format!("could not follow the link {link}: it leads to {target}, which is not there");
        every_command_says(&folder, &data, &with_init(), &message, hint);
    }

    // users.json itself, also beside a backup, which cannot be copied over it.
    let folder = Folder::empty();
    symlink("../nonexistent/users.json", folder.users()).unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    let message =
        "could not follow the link <DIR>/users.json: it leads to <DIR>/../nonexistent/users.json, which is not there";
    every_command_says(&folder, &data, &COMMANDS, message, hint);
    fs::write(folder.backup(), ADMIN).unwrap();
    let list: &[&[&str]] = &[&["list"]];
    every_command_says(&folder, &data, list, message, hint);
    // `init` sees that there is something.
    on(&folder, &data, true, INIT).run().expect(
        1,
        "",
        "error: could not make a data folder of <DIR>: <DIR>/users.json already exists\n\
         hint: name another folder with --data-folder; nothing that exists is ever replaced\n",
    );
    // A link that leads somewhere is as good as a file.
    fs::write(folder.file("elsewhere.json"), ADMIN).unwrap();
    fs::remove_file(folder.users()).unwrap();
    symlink("elsewhere.json", folder.users()).unwrap();
    on(&folder, &data, true, &["list", "--ids"]).run().expect(0, "", "");
}

#[test]
fn a_missing_users_json_is_told_before_a_key_is_asked_for() {
    let folder = Folder::empty();
    let hint = "name Specter's data folder with --data-folder; `specter-token init` makes a new one, and so does Specter at its start";
    for name in ["", "new"] {
        let data = folder.file(name);
        let message = format!("could not find {}/users.json", ["<DIR>", "<DIR>/new"][usize::from(!name.is_empty())]);
        let data = data.to_str().unwrap().trim_end_matches('/');
        every_command_says(&folder, data, &COMMANDS, &message, hint);
    }
}

/// A process that looks like a Specter. It ends when dropped.
struct Specter {
    child: Child,
    _scripts: tempfile::TempDir,
}

impl Specter {
    fn on(data: &Path) -> Self {
        let scripts = tempfile::tempdir().unwrap();
        fs::write(scripts.path().join("server"), "read line").unwrap();
        let mut command = std::process::Command::new("/bin/sh");
        command.arg0("specterd").arg("server").current_dir(scripts.path()).env_clear();
        command.env("SECRET_KEY", "the-key-of-specter").env("SPECTER_DATA_FOLDER", data);
        let child = command.stdin(Stdio::piped()).spawn().unwrap();
        // A process has no command line for a moment after its start.
        while fs::read(format!("/proc/{}/cmdline", child.id())).unwrap().is_empty() {
            thread::yield_now();
        }
        Specter { child, _scripts: scripts }
    }
}

impl Drop for Specter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The output without other tests' Specters, and with ours masked.
fn about(ours: &Specter, output: Output) -> Output {
    let Some((before, rest)) = output.stderr.split_once(", but a Specter is running ") else { return output };
    let (list, behind) = rest.split_once('\n').unwrap();
    let process = format!("(process {})", ours.child.id());
    let own: Vec<_> = list.split(" and ").filter(|each| each.contains(&process)).collect();
    let list = own.join(" and ").replace(&process, "(process <PROCESS>)");
    let stderr = format!("{before}, but a Specter is running {list}\n{behind}");
    Output { stderr, ..output }
}

#[test]
fn without_a_name_the_folder_of_a_specter_that_runs_is_told() {
    let (home, data) = (Folder::empty(), Folder::with_users(ADMIN));
    let specter = Specter::on(data.path());
    let said = "error: could not find <DIR>/.specter/users.json, but a Specter is running on <DIR> (process <PROCESS>)\n\
                hint: name its data folder: --data-folder DIR\n";
    for is_there in [false, true] {
        if is_there {
            fs::create_dir(home.file(".specter")).unwrap();
        }
        for arguments in COMMANDS {
            let mut command = home.command(arguments).without("SPECTER_DATA_FOLDER").without("SECRET_KEY");
            command.command.current_dir(home.path());
            about(&specter, command.env("HOME", home.path()).run()).expect(1, "", said);
        }
        assert_eq!(home.files(), if is_there { vec![(".specter".to_owned(), vec![])] } else { vec![] });
    }
    // A named folder is the one that is meant.
    let missing = home.file("none");
    let output = home.command(["list"]).env("SPECTER_DATA_FOLDER", &missing).run();
    output.expect(
        1,
        "",
        "error: could not find <DIR>/none/users.json\n\
         hint: name Specter's data folder with --data-folder; `specter-token init` makes a new one, and so does Specter at its start\n",
    );
    // `init` makes it even if a Specter runs elsewhere.
    fs::remove_dir(home.file(".specter")).unwrap();
    let init =
        home.command(["init", "-q"]).without("SPECTER_DATA_FOLDER").without("SECRET_KEY").env("HOME", home.path());
    assert_eq!(init.run().code, 0);
    assert!(home.file(".specter/users.json").exists());
}

/// It runs on this very folder, and a change is refused for that.
#[test]
fn one_that_runs_on_the_folder_itself_is_not_elsewhere() {
    let folder = Folder::empty();
    let specter = Specter::on(folder.path());
    let path = folder.path().to_str().unwrap().to_owned();
    let output = folder.command(["create", "-d", "new", "-l", "1h"]).env("SPECTER_TOKEN_TEST_PROC", "/proc").run();
    let process = format!("process {}: specterd server", specter.child.id());
    output.expect(
        5,
        "",
        &format!(
            "error: could not change <DIR>/users.json: a Specter is running on it, which would not see the change, and would overwrite it ({process})\n\
             hint: stop Specter first, or let it make the change itself: --server URL; --even-if-running changes the file anyway\n"
        ),
    );
    on(&folder, &path, true, &["list"]).run().expect(
        1,
        "",
        "error: could not find <DIR>/users.json\n\
         hint: name Specter's data folder with --data-folder; `specter-token init` makes a new one, and so does Specter at its start\n",
    );
}
