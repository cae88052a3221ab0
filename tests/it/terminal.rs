//! Prompts, on a terminal of the test's own; and that without one nothing waits for an answer.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::support::{Command, Folder};

const ADMIN: &str = "[\n    {\n        \"id\": \"admin\",\n        \"username\": \"admin\",\n        \"password\": {},\n        \"is_admin\": true,\n        \"jwt_tokens\": {}\n    }\n]";
const PATIENCE: Duration = Duration::from_secs(20);
const HIDE_CURSOR: &str = "\x1B[?25l";
const SHOW_CURSOR: &str = "\x1B[?25h";

/// A command that runs on a terminal of 100 columns.
struct Session {
    keyboard: File,
    terminal: File,
    screen: Arc<Mutex<String>>,
    child: Child,
}

impl Session {
    fn start(command: Command) -> Self {
        Session::start_on(command, 24)
    }

    fn start_on(mut command: Command, rows: u16) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap().into_string().unwrap();
        let terminal = File::options().read(true).write(true).open(name).unwrap();
        tcsetwinsize(&terminal, Winsize { ws_row: rows, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let stream = || Stdio::from(terminal.try_clone().unwrap());
        let child =
            command.command.stdin(stream()).stdout(stream()).stderr(stream()).env("TERM", "xterm").spawn().unwrap();
        let keyboard = File::from(keyboard);
        let screen = Arc::new(Mutex::new(String::new()));
        let (mut shown, written) = (keyboard.try_clone().unwrap(), Arc::clone(&screen));
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The terminal is hung up when the session is dropped.
            while let Ok(count @ 1..) = shown.read(&mut bytes) {
                written.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        Session { keyboard, terminal, screen, child }
    }

    fn screen(&self) -> String {
        self.screen.lock().unwrap().clone()
    }

    /// Waits until the screen has shown a text, and types an answer.
    #[track_caller]
    fn answer(&mut self, text: &str, keys: &str) {
        self.wait_for(text);
        // Let the prompt behind the text put the terminal into its mode.
        thread::sleep(Duration::from_millis(100));
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    #[track_caller]
    fn wait_for(&self, text: &str) {
        let give_up_at = Instant::now() + PATIENCE;
        while !self.screen().contains(text) {
            assert!(Instant::now() < give_up_at, "{text:?} was not shown in {:?}", self.screen());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// The exit code and all that was shown, without the codes that move the cursor.
    #[track_caller]
    fn end(mut self) -> (Option<i32>, String) {
        let status = wait(&mut self.child).unwrap_or_else(|| panic!("it does not end: {:?}", self.screen()));
        thread::sleep(Duration::from_millis(50));
        let modes = tcgetattr(&self.terminal).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG), "the terminal is as it was");
        let screen = self.screen();
        assert!(screen.rfind(HIDE_CURSOR) <= screen.rfind(SHOW_CURSOR), "the cursor is shown again: {screen:?}");
        // As a shell has it.
        let code = status.code().or(status.signal().map(|signal| 128 + signal));
        (code, screen.replace('\r', ""))
    }
}

/// Waits for a process that should end by itself; none if it does not.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let give_up_at = Instant::now() + PATIENCE;
    while Instant::now() < give_up_at {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    None
}

/// A folder with the tokens `one` and `two`.
fn folder() -> Folder {
    let folder = Folder::with_users(ADMIN);
    folder.create("one", &["-q"]);
    folder.create("two", &["-q"]);
    folder
}

#[test]
fn create_asks_for_what_is_missing() {
    let folder = Folder::with_users(ADMIN);
    let mut session = Session::start(folder.command(["create", "-q"]));
    session.answer("Description, which says what the token is for: ", " \r");
    session.answer("error: the description is blank; say what the token is for", "\x7Fnightly backup\r");
    session.answer("Life, such as 3 days, 12h or 3 months: ", "5\r");
    session.answer("the life has no unit after 5; write for example `5s`, `5min`, `5h` or `5d`", "\x7F3 days\r");
    let (code, screen) = session.end();
    assert_eq!(code, Some(0), "{screen}");
    let token = screen.lines().last().unwrap();
    assert_eq!(folder.command(["verify", token]).run().code, 0, "{screen}");
    let shown = folder.command(["show", "--json", "nightly backup"]).run().json();
    assert_eq!(shown["jwt_token_life"], 259_200);

    let mut session = Session::start(folder.command(["create", "-q", "-l", "1h"]));
    session.answer("Description", "asked\r");
    assert_eq!(session.end().0, Some(0));
    let mut session = Session::start(folder.command(["create", "-q", "-d", "b"]));
    session.answer("Life", "1h\r");
    assert_eq!(session.end().0, Some(0));
}

#[test]
fn a_token_is_chosen_with_the_arrow_keys() {
    let folder = folder();
    let mut session = Session::start(folder.command(["show"]));
    session.answer("two (admin, expires in ", "\x1B[B\r");
    let (code, screen) = session.end();
    assert_eq!(code, Some(0));
    assert!(screen.contains("Token to show:") && screen.contains("\ndescription  two\n"), "{screen:?}");

    let mut session = Session::start(folder.command(["revoke", "-q"]));
    session.answer("two (admin, expires in ", "\x1B[B\x1B[A\r");
    session.answer("Remove it? [y/N]", "y");
    assert_eq!(session.end().0, Some(0));
    assert_eq!(folder.command(["show", "one"]).run().code, 3);
    assert_eq!(folder.command(["show", "two"]).run().code, 0);

    let mut session = Session::start(folder.command(["revoke"]));
    session.answer("two (admin, expires in ", "\x1B");
    let (code, screen) = session.end();
    assert_eq!(code, Some(1));
    assert!(screen.contains("error: declined; nothing was changed"), "{screen:?}");
}

#[test]
fn a_choice_fits_the_terminal_or_is_not_offered() {
    let folder = folder();
    let long = folder.create(&"long ".repeat(1_000), &["-q"]);
    let mut session = Session::start(folder.command(["show"]));
    session.answer("two (admin, expires in ", "\r");
    let (code, screen) = session.end();
    assert_eq!(code, Some(0));
    let widest = screen.lines().take(4).map(|line| line.trim_start_matches("\x1B[?25l").chars().count()).max();
    assert!(widest <= Some(100), "{screen:?}");

    let command = folder.command(["show"]);
    let (code, screen) = Session::start_on(command, 4).end();
    assert_eq!(code, Some(2));
    assert!(screen.contains("could not show what to choose from: the terminal has 4 rows"), "{screen:?}");

    // A terminal hands over 4,095 bytes of a line, and a wrong verdict would be worse than none.
    let mut session = Session::start(folder.command(["verify"]));
    session.answer("Token (not shown): ", &format!("{long}\r"));
    let (code, screen) = session.end();
    assert_eq!(code, Some(2), "{screen:?}");
    assert!(screen.contains("a terminal cuts lines of 4095 bytes"), "{screen:?}");
}

#[test]
fn what_is_shown_to_choose_from_is_escaped() {
    let folder = Folder::with_users(ADMIN);
    folder.create("\x1B[2J\nforged row", &["-q"]);
    let mut session = Session::start(folder.command(["show", "--json"]));
    session.answer("\\u{1b}[2J\\nforged row (admin", "\r");
    let (code, screen) = session.end();
    assert_eq!(code, Some(0));
    assert!(!screen.contains("\x1B[2J"), "{screen:?}");
}

#[test]
fn removing_several_is_confirmed() {
    for (arguments, question) in [
        (&["revoke", "--all"] as &[&str], "Remove these 2? [y/N]"),
        (&["revoke", "one", "two"], "Remove these 2? [y/N]"),
        (&["revoke", "--all", "-u", "admin"], "Remove these 2? [y/N]"),
    ] {
        let folder = folder();
        let before = folder.files();
        for keys in ["n", "\r", "\x1B"] {
            let mut session = Session::start(folder.command(arguments));
            session.answer(question, keys);
            let (code, screen) = session.end();
            assert_eq!(code, Some(1), "{screen}");
            assert!(
                screen.contains("would remove token ") && screen.contains("declined; nothing was changed"),
                "{screen}"
            );
            assert_eq!(folder.files(), before, "{keys:?}");
        }
        let mut session = Session::start(folder.command(arguments));
        session.answer(question, "y");
        assert_eq!(session.end().0, Some(0));
        assert_eq!(folder.users_text(), ADMIN);
    }
    // One token by name, or --yes, is not asked about.
    let folder = folder();
    assert_eq!(Session::start(folder.command(["revoke", "one"])).end().0, Some(0));
    assert_eq!(Session::start(folder.command(["revoke", "--all", "--yes"])).end().0, Some(0));
}

#[test]
fn what_changed_meanwhile_is_not_removed() {
    let folder = folder();
    let mut session = Session::start(folder.command(["revoke", "--all"]));
    session.wait_for("Remove these 2? [y/N]");
    folder.create("three", &["-q"]);
    let before = folder.files();
    session.answer("[y/N]", "y");
    let (code, screen) = session.end();
    assert_eq!(code, Some(1));
    assert!(
        screen.contains("error: could not remove what was shown: the tokens changed meanwhile; nothing was removed"),
        "{screen}"
    );
    assert_eq!(folder.files(), before);
}

#[test]
fn secrets_are_asked_for_and_not_shown() {
    let folder = folder();
    let token = folder.create("three", &["-q"]);
    let mut session = Session::start(folder.command(["verify"]));
    session.answer("Token (not shown): ", &format!("{token}\r"));
    let (code, screen) = session.end();
    assert_eq!(code, Some(0));
    assert!(screen.contains("accepted, expires in ") && !screen.contains(&token[..20]), "{screen:?}");

    let mut session = Session::start(folder.command(["create", "-d", "x", "-l", "1h", "-q"]).without("SECRET_KEY"));
    session.answer("Specter's SECRET_KEY (not shown): ", &format!("{}\r", crate::support::SECRET));
    let (code, screen) = session.end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(!screen.contains(crate::support::SECRET), "{screen:?}");

    let folder = Folder::empty();
    let init = || folder.command(["init"]).env("SPECTER_DATA_FOLDER", folder.file("new"));
    let mut session = Session::start(init());
    session.answer("Password for admin (not shown; empty: one is made up): ", "correct horse\r");
    session.answer("Once more: ", "wrong horse\r");
    session.answer("The two differ.", "correct horse\r");
    thread::sleep(Duration::from_millis(300));
    session.answer("Once more: ", "correct horse\r");
    let (code, screen) = session.end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(!screen.contains("horse"), "{screen:?}");
    std::fs::remove_dir_all(folder.file("new")).unwrap();
    let mut session = Session::start(init());
    session.answer("one is made up): ", "\r");
    let (code, screen) = session.end();
    assert_eq!(code, Some(0), "{screen}");
    let first = screen.lines().find_map(|line| line.rsplit_once("\x1B[1A")).unwrap().1;
    assert_eq!(first.len(), 24, "the password is printed: {screen}");
}

/// Ctrl-C reaches the process as a key where the terminal is raw, and as a signal where it is not.
#[test]
fn an_interrupt_leaves_the_terminal_as_it_was() {
    let folder = folder();
    let empty = Folder::empty();
    let before = folder.files();
    for (command, text) in [
        (folder.command(["create"]), "Description"),
        (folder.command(["show"]), "two (admin"),
        (folder.command(["revoke", "--all"]), "[y/N]"),
        (folder.command(["verify"]), "Token (not shown): "),
        (folder.command(["create", "-d", "x", "-l", "1h"]).without("SECRET_KEY"), "SECRET_KEY (not shown): "),
        (empty.command(["init"]), "Password for admin"),
    ] {
        let session = Session::start(command);
        session.wait_for(text);
        thread::sleep(Duration::from_millis(100));
        let is_raw = !tcgetattr(&session.terminal).unwrap().local_modes.contains(LocalModes::ICANON);
        if is_raw {
            (&session.keyboard).write_all(b"\x03").unwrap();
        } else {
            kill_process(Pid::from_child(&session.child), Signal::INT).unwrap();
        }
        let (code, screen) = session.end();
        assert_eq!(code, Some(130), "{text}: {screen:?}");
        assert!(!screen.contains("error"), "{screen:?}");
    }
    assert_eq!(folder.files(), before);
    assert_eq!(empty.files(), []);
}

/// A pipe that nobody ever writes to, nothing at all, and no standard input.
#[test]
fn without_a_terminal_nothing_waits_for_an_answer() {
    let folder = folder();
    for (arguments, code) in [
        (&["create"] as &[&str], 2),
        (&["create", "-d", "x"], 2),
        (&["create", "-d", "one", "-l", "1h"], 4),
        (&["list"], 0),
        (&["show"], 2),
        (&["show", "one"], 0),
        (&["revoke"], 2),
        (&["revoke", "--all"], 2),
        (&["revoke", "--expired"], 0),
        (&["revoke", "one", "two", "--dry-run"], 0),
        (&["verify", "x"], 13),
        (&["init"], 1),
    ] {
        let start = |stdin: Stdio| {
            folder.command(arguments).command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
        };
        let mut waiting = start(Stdio::piped());
        // Kept open until the process has ended.
        let pipe = waiting.stdin.take();
        assert_eq!(
            wait(&mut waiting).unwrap_or_else(|| panic!("{arguments:?} waits")).code(),
            Some(code),
            "{arguments:?}"
        );
        drop(pipe);
        assert_eq!(wait(&mut start(Stdio::null())).unwrap().code(), Some(code), "{arguments:?}");
        let mut closed = folder.program("/bin/sh");
        closed.command.args(["-c", "exec \"$@\" <&-", "sh", env!("CARGO_BIN_EXE_specter-token")]).args(arguments);
        let mut closed = closed.command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        assert_eq!(wait(&mut closed).unwrap().code(), Some(code), "{arguments:?}");
    }
    // Without a key, nobody is asked for one either.
    for arguments in [&["create", "-d", "x", "-l", "1h"] as &[&str], &["verify", "x"]] {
        let mut command = folder.command(arguments).without("SECRET_KEY").command;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let _pipe = child.stdin.take();
        assert_eq!(wait(&mut child).unwrap().code(), Some(1));
    }
    // These read standard input, to its end.
    for (arguments, code) in [(&["verify"] as &[&str], 2), (&["verify", "-"], 2), (&["revoke", "-"], 0)] {
        let mut child = folder
            .command(arguments)
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        assert_eq!(wait(&mut child).unwrap().code(), Some(code), "{arguments:?}");
    }
}
