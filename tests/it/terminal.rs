//! Prompts on a terminal of the test's own. Without a terminal, nothing waits for an answer.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::support::{ADMIN, Command, Folder, each, each_at_once};

const PATIENCE: Duration = Duration::from_secs(20);
const HIDE_CURSOR: &str = "\x1B[?25l";
const SHOW_CURSOR: &str = "\x1B[?25h";
/// The prompt of a shell.
const SHELL: &str = "ready> ";
/// Written after a command's last output.
const END: &str = "<end>";

/// A command that runs on a terminal of 100 columns.
pub(crate) struct Session {
    keyboard: File,
    terminal: File,
    written: Arc<Mutex<String>>,
    /// How much of the output has been waited for.
    seen: usize,
    pub(crate) child: Child,
}

impl Session {
    pub(crate) fn start(command: Command) -> Self {
        Session::start_on(command, 24, "")
    }

    /// Starts a command on a terminal of `rows` rows, on which `keys` were pressed before.
    fn start_on(mut command: Command, rows: u16, keys: &str) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap().into_string().unwrap();
        let terminal = File::options().read(true).write(true).open(name).unwrap();
        tcsetwinsize(&terminal, Winsize { ws_row: rows, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let stream = || Stdio::from(terminal.try_clone().unwrap());
        let mut keyboard = File::from(keyboard);
        keyboard.write_all(keys.as_bytes()).unwrap();
        let child =
            command.command.stdin(stream()).stdout(stream()).stderr(stream()).env("TERM", "xterm").spawn().unwrap();
        let written = Arc::new(Mutex::new(String::new()));
        let (mut shown, all) = (keyboard.try_clone().unwrap(), Arc::clone(&written));
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The terminal is hung up when the session is dropped.
            while let Ok(count @ 1..) = shown.read(&mut bytes) {
                all.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        Session { keyboard, terminal, written, seen: 0, child }
    }

    /// An interactive shell with jobs, which leaves the state of the terminal as its jobs leave it.
    fn of_shell(folder: &Folder) -> Self {
        let mut shell = folder.program("setsid");
        shell.command.args(["--ctty", "sh", "-i"]).env("PATH", "/usr/bin:/bin").env("PS1", SHELL);
        let mut session = Session::start(shell);
        session.answer(SHELL, "ulimit -c 0\r");
        session
    }

    pub(crate) fn written(&self) -> String {
        self.written.lock().unwrap().clone()
    }

    /// The end of the output, as people see it.
    pub(crate) fn screen(&self) -> String {
        let size = |of: u16| NonZero::new(of).unwrap();
        let mut screen = vt100::Parser::new(size(24), size(100), 0);
        screen.process(self.written().as_bytes());
        screen.screen().contents()
    }

    fn local_modes(&self) -> LocalModes {
        tcgetattr(&self.terminal).unwrap().local_modes
    }

    /// Waits until a text is shown, and types an answer. A question is shown when the terminal is ready for the answer.
    #[track_caller]
    fn answer(&mut self, text: &str, keys: &str) {
        self.wait_for(text);
        self.press(keys);
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until a text is shown after those that were waited for.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        let mut end = None;
        wait_until(|| {
            end = self.written()[self.seen..].find(text).map(|start| self.seen + start + text.len());
            end.is_some()
        })
        .unwrap_or_else(|| panic!("{text:?} was not shown in {:?}", &self.written()[self.seen..]));
        self.seen = end.unwrap();
    }

    /// The terminal is as a shell wants to find it.
    #[track_caller]
    fn is_as_it_was(&self) {
        assert!(self.local_modes().contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG));
        let written = self.written();
        assert!(written.rfind(HIDE_CURSOR) <= written.rfind(SHOW_CURSOR), "the cursor is shown again: {written:?}");
    }

    /// The exit code and all that was shown, without the codes that move the cursor.
    #[track_caller]
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let status = wait(&mut self.child).unwrap_or_else(|| panic!("it does not end: {:?}", self.written()));
        self.terminal.write_all(END.as_bytes()).unwrap();
        self.wait_for(END);
        self.is_as_it_was();
        // A shell counts so.
        let code = status.code().or(status.signal().map(|signal| 128 + signal));
        (code, self.written().replace('\r', "").replace(END, ""))
    }
}

impl Drop for Session {
    /// A test that fails leaves no process behind; with a shell, its jobs end as well.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for a state. `None` if it does not come.
fn wait_until(mut is_there: impl FnMut() -> bool) -> Option<()> {
    let give_up_at = Instant::now() + PATIENCE;
    while Instant::now() < give_up_at {
        if is_there() {
            return Some(());
        }
        thread::sleep(Duration::from_millis(10));
    }
    None
}

/// Waits for a process that should end by itself. `None` if it does not.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let mut status = None;
    wait_until(|| {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    if status.is_none() {
        child.kill().unwrap();
    }
    status
}

/// A folder with the tokens `one` and `two`.
pub(crate) fn folder() -> Folder {
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
    session.wait_for("error: the description is blank; say what the token is for");
    session.answer("Description, which says what the token is for: ", "nightlx\x7Fy backup\r");
    session.answer("Life, such as 3 days, 12h or 3 months: ", "5\r");
    session.wait_for("error: the life has no unit after 5; write for example `5s`, `5min`, `5h` or `5d`");
    session.answer("Life, such as 3 days, 12h or 3 months: ", "\x7F3 days\r");
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
    session.answer("Remove it? [y/N] ", "y\r");
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
    let (code, screen) = Session::start_on(command, 2, "").end();
    assert_eq!(code, Some(2));
    assert!(screen.contains("could not show what to choose from: the terminal has 2 rows"), "{screen:?}");

    // A terminal hands over 4,095 bytes of a line, and a wrong verdict would be worse than none.
    let mut session = Session::start(folder.command(["verify"]));
    session.answer("Token (not shown): ", &format!("{long}\r"));
    let (code, screen) = session.end();
    assert_eq!(code, Some(2), "{screen:?}");
    assert!(screen.contains("a terminal cuts lines at 4095 bytes"), "{screen:?}");
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
    let cases = [
        (&["revoke", "--all"] as &[&str], "Remove these 2? [y/N] "),
        (&["revoke", "one", "two"], "Remove these 2? [y/N] "),
        (&["revoke", "--all", "-u", "admin"], "Remove these 2? [y/N] "),
    ];
    each_at_once(cases, |(arguments, question)| {
        let folder = folder();
        let before = folder.files();
        each(["n\r", "\r", "\x1B\r", "yy\r", "ny\r", "yes, all\r"], |keys| {
            let mut session = Session::start(folder.command(arguments));
            session.answer(question, keys);
            let (code, screen) = session.end();
            assert_eq!(code, Some(1), "{screen}");
            assert!(
                screen.contains("would remove token ") && screen.contains("declined; nothing was changed"),
                "{screen}"
            );
            assert_eq!(folder.files(), before, "{keys:?}");
        });
        let keys = if arguments.len() > 2 { "Yes\r" } else { " y\r" };
        let mut session = Session::start(folder.command(arguments));
        session.answer(question, keys);
        assert_eq!(session.end().0, Some(0));
        assert_eq!(folder.users_text(), ADMIN);
    });
    // One token by name, or --yes, is not asked about.
    let folder = folder();
    assert_eq!(Session::start(folder.command(["revoke", "one"])).end().0, Some(0));
    assert_eq!(Session::start(folder.command(["revoke", "--all", "--yes"])).end().0, Some(0));
}

#[test]
fn what_changed_meanwhile_is_not_removed() {
    let folder = folder();
    let mut session = Session::start(folder.command(["revoke", "--all"]));
    session.wait_for("Remove these 2? [y/N] ");
    folder.create("three", &["-q"]);
    let before = folder.files();
    session.press("y\r");
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
    let init = || folder.command(["init"]).env("SPECTER_DATA_FOLDER", folder.file("new")).without("SECRET_KEY");
    let mut session = Session::start(init());
    session.answer("Password for admin (not shown; leave it empty to make one up): ", "correct horse\r");
    session.answer("Once more: ", "wrong horse\r");
    session.wait_for("The two differ.");
    session.answer("to make one up): ", "correct horse\r");
    session.answer("Once more: ", "correct horse\r");
    let (code, screen) = session.end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(!screen.contains("horse"), "{screen:?}");
    std::fs::remove_dir_all(folder.file("new")).unwrap();
    let mut session = Session::start(init());
    session.answer("to make one up): ", "\r");
    let (code, screen) = session.end();
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(screen.lines().nth(1).unwrap().len(), 24, "the password is printed: {screen}");

    // The blank is invisible. The variable is not used.
    std::fs::remove_dir_all(folder.file("new")).unwrap();
    let mut session = Session::start(init().env("SPECTER_PASSWORD", "donkey"));
    session.wait_for("init does not use it, but asks for one; --password-file takes a password of your own");
    session.answer("to make one up): ", "correct horse \r");
    session.answer("Once more: ", "correct horse \r");
    let (code, screen) = session.end();
    assert_eq!(code, Some(1), "{screen}");
    assert!(
        screen.contains("could not use the password from the prompt: it begins or ends with white space"),
        "{screen}"
    );
    assert!(!folder.file("new").exists());
}

/// Every kind of question: the command, and the end of its prompt.
fn questions<'a>(folder: &'a Folder, empty: &'a Folder) -> [(Command, &'static str); 7] {
    [
        (folder.command(["create"]), "is for: "),
        (folder.command(["create", "-d", "x"]), "3 months: "),
        (folder.command(["show"]), "two (admin"),
        (folder.command(["revoke", "--all"]), "[y/N] "),
        (folder.command(["verify"]), "Token (not shown): "),
        (folder.command(["create", "-d", "x", "-l", "1h"]).without("SECRET_KEY"), "SECRET_KEY (not shown): "),
        (empty.command(["init"]), "to make one up): "),
    ]
}

/// With `--no-input`, or in a job of continuous integration, a question is an error that says what to give in its
/// place.
#[test]
fn what_may_not_be_asked_is_a_usage_error() {
    let instead = [
        "--description, and --life or --until",
        "could not create a token without --life or --until",
        "name the token by its id or description",
        "add --yes to go on",
        "give the token as an argument, or - for standard input",
        "give the key in SECRET_KEY, or its file with --secret-file",
        "give the password in a file, with --password-file",
    ];
    let cases = [
        (None, true),
        (Some("true"), true),
        (Some("1"), true),
        (Some(""), false),
        (Some("0"), false),
        (Some("false"), false),
    ];
    each_at_once(cases, |(variable, is_refused)| {
        let (folder, empty) = (folder(), Folder::empty());
        let before = folder.files();
        each(questions(&folder, &empty).into_iter().zip(instead), |((command, question), instead)| {
            let mut command = match variable {
                Some(value) => command.env("CI", value),
                None => command,
            };
            if variable.is_none() {
                command.command.arg("--no-input");
            }
            let mut session = Session::start(command);
            if is_refused {
                let (code, screen) = session.end();
                assert_eq!(code, Some(2), "{screen}");
                assert!(screen.contains(instead) && screen.contains("error: could not "), "{instead}: {screen}");
            } else {
                session.answer(question, "\x04");
                assert_eq!(session.end().0, Some(1), "{question}");
            }
        });
        assert_eq!(folder.files(), before);
        // A question that would not be asked is no error.
        let one = Session::start(folder.command(["revoke", "one", "--no-input"])).end();
        assert_eq!(one.0, Some(0), "{one:?}");
    });
}

#[test]
fn an_interrupt_leaves_the_terminal_as_it_was() {
    let (folder, empty) = (folder(), Folder::empty());
    let before = folder.files();
    each(questions(&folder, &empty), |(command, text)| {
        let mut session = Session::start(command);
        session.wait_for(text);
        kill_process(Pid::from_child(&session.child), Signal::INT).unwrap();
        let (code, screen) = session.end();
        assert_eq!(code, Some(130), "{text}: {screen:?}");
        assert!(!screen.contains("error"), "{screen:?}");
    });
    assert_eq!(folder.files(), before);
    assert_eq!(empty.files(), []);
}

#[test]
fn ctrl_d_ends_every_question() {
    let (folder, empty) = (folder(), Folder::empty());
    let before = folder.files();
    let half_an_answer = questions(&folder, &empty).into_iter().filter(|(_, text)| *text != "two (admin");
    let cases = questions(&folder, &empty)
        .into_iter()
        .map(|question| (question, "\x04"))
        .chain(half_an_answer.map(|question| (question, "y\x04")));
    each(cases, |((command, text), keys)| {
        let mut session = Session::start(command);
        session.answer(text, keys);
        let (code, screen) = session.end();
        assert_eq!(code, Some(1), "{text} {keys:?}: {screen:?}");
        assert!(screen.contains("error: no answer; nothing was changed\nhint: "), "{text} {keys:?}: {screen:?}");
    });
    assert_eq!(folder.files(), before);
    assert_eq!(empty.files(), []);
}

/// The line that runs a command in a shell.
fn shell_line(Command { command, .. }: &Command) -> String {
    let settings =
        command.get_envs().filter_map(|(name, value)| Some(format!("{}='{}'", name.display(), value?.display())));
    let program = format!("'{}'", command.get_program().display());
    let arguments = command.get_args().map(|argument| argument.display().to_string());
    let words: Vec<_> = settings.chain([program]).chain(arguments).collect();
    format!("env -i {}\r", words.join(" "))
}

/// Ctrl-Z, `fg` and Ctrl-\, as a shell with jobs sees them.
#[test]
fn a_question_is_stopped_and_goes_on() {
    let (folder, empty) = (folder(), Folder::empty());
    let before = folder.files();
    let mut session = Session::of_shell(&folder);
    each(questions(&folder, &empty), |(command, text)| {
        let line = shell_line(&command);
        session.answer(SHELL, &line);
        session.wait_for(text);
        let modes = session.local_modes();
        session.press("\x1A");
        session.wait_for(SHELL);
        session.is_as_it_was();
        session.press("fg\r");
        session.wait_for(text);
        assert_eq!(session.local_modes(), modes, "{text}");
        let hides_cursor = text == "two (admin";
        let written = session.written();
        assert_eq!(written.rfind(HIDE_CURSOR) > written.rfind(SHOW_CURSOR), hides_cursor, "{text}");
        // The answer after that counts.
        session.press("\x1A");
        session.answer(SHELL, "fg\r");
        session.answer(text, "\x04");
        session.wait_for("error: no answer; nothing was changed");
        session.answer(SHELL, &line);
        session.answer(text, "\x1C");
        session.wait_for(SHELL);
        session.is_as_it_was();
        session.press("echo status $?\r");
        session.wait_for("\nstatus 131\r\n");
    });
    session.answer(SHELL, "exit\r");
    assert!(wait(&mut session.child).unwrap().success());
    assert_eq!(folder.files(), before);
    assert_eq!(empty.files(), []);
}

/// Nothing could resume it. The kernel does not stop such a process either.
#[test]
fn without_a_shell_ctrl_z_does_not_stop_a_question() {
    let folder = folder();
    let mut command = folder.program("setsid");
    command
        .command
        .args(["--ctty", env!("CARGO_BIN_EXE_specter-token"), "revoke", "--all"])
        .env("PATH", "/usr/bin:/bin");
    let mut session = Session::start(command);
    session.answer("[y/N] ", "\x1A");
    session.answer("^Z", "n\r");
    session.wait_for("error: declined; nothing was changed");
    assert_eq!(wait(&mut session.child).unwrap().code(), Some(1));
}

#[test]
fn what_was_typed_before_a_question_does_not_answer_it() {
    let folder = folder();
    let before = folder.files();
    let cases = [
        (&["revoke", "--all"] as &[&str], "y\r", "[y/N] ", "\r"),
        (&["revoke", "--all"], "yes\ry\ry\r", "[y/N] ", "\r"),
        (&["revoke"], "\ry\r", "two (admin", "q"),
        (&["create", "-d", "x"], "1h\r", "3 months: ", "\x04"),
        (&["verify"], "x\r", "Token (not shown): ", "\x04"),
    ];
    each(cases, |(arguments, ahead, text, answer)| {
        let mut session = Session::start_on(folder.command(arguments), 24, ahead);
        session.answer(text, answer);
        let (code, screen) = session.end();
        assert_eq!(code, Some(1), "{arguments:?}: {screen:?}");
        assert!(screen.contains("; nothing was changed"), "{arguments:?}: {screen:?}");
    });
    assert_eq!(folder.files(), before);
}

#[test]
fn what_is_pasted_into_a_list_chooses_and_removes_nothing() {
    let folder = folder();
    let before = folder.files();
    each(["ls my-dir", "ls my-dir\r", "ls my-dir\ry\r", " ", " y\r", "\ry\r", "y"], |paste| {
        let mut session = Session::start(folder.command(["revoke"]));
        session.answer("two (admin", paste);
        // It is shown again when the keys are read.
        session.answer("two (admin", "\x1B");
        let (code, screen) = session.end();
        assert_eq!(code, Some(1), "{paste:?}: {screen:?}");
        assert!(!screen.contains("would remove"), "{paste:?}: {screen:?}");
    });
    assert_eq!(folder.files(), before);
}

/// The line is slow. No person answers within a tenth of a second of the last part.
#[test]
fn a_paste_in_parts_does_not_run_on_into_the_confirmation() {
    let folder = folder();
    let before = folder.files();
    // A run in which the test itself paused for too long proves nothing.
    for _ in 0..10 {
        let mut session = Session::start(folder.command(["revoke", "--all"]));
        session.wait_for("would remove");
        let mut longest_pause = Duration::ZERO;
        let mut last = Instant::now();
        for _ in 0..60 {
            session.press("y\r");
            thread::sleep(Duration::from_millis(5));
            longest_pause = longest_pause.max(last.elapsed());
            last = Instant::now();
        }
        if longest_pause > Duration::from_millis(50) {
            continue;
        }
        session.answer("[y/N] ", "\r");
        let (code, screen) = session.end();
        assert_eq!(code, Some(1), "{screen:?}");
        assert_eq!(folder.files(), before);
        return;
    }
}

#[test]
fn an_error_that_wraps_leaves_no_line_behind() {
    let folder = folder();
    let wrong = format!("5{}", "x".repeat(250));
    let mut session =
        Session::start(folder.command(["create", "-d", "y", "-q", "--out", &folder.file("t").display().to_string()]));
    let question = "Life, such as 3 days, 12h or 3 months: ";
    for keys in [&wrong, "\x1B[D", &wrong, "5", ""] {
        session.answer(question, &format!("{keys}\r"));
        session.wait_for("error: ");
    }
    session.answer(question, "12h");
    session.wait_for("12h");
    assert!(session.screen().starts_with("error: "), "{}", session.screen());
    session.press("\r");
    assert_eq!(wait(&mut session.child).unwrap().code(), Some(0));
    session.terminal.write_all(END.as_bytes()).unwrap();
    session.wait_for(END);
    let screen = session.screen();
    let rows: Vec<_> = screen.lines().collect();
    assert!(matches!(rows[..], [first, id, END] if first == format!("{question}12h") && id.len() == 36), "{screen}");
}

/// A pipe that nobody ever writes to, nothing at all, and no standard input.
#[test]
fn without_a_terminal_nothing_waits_for_an_answer() {
    let folder = folder();
    let cases = [
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
    ];
    each(cases, |(arguments, code)| {
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
    });
    // A missing key is not asked for either.
    each([&["create", "-d", "x", "-l", "1h"] as &[&str], &["verify", "x"]], |arguments| {
        let mut command = folder.command(arguments).without("SECRET_KEY").command;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let _pipe = child.stdin.take();
        assert_eq!(wait(&mut child).unwrap().code(), Some(1));
    });
    // These read standard input, to its end.
    let cases = [(&["verify"] as &[&str], 2), (&["verify", "-"], 2), (&["revoke", "-"], 0)];
    each(cases, |(arguments, code)| {
        let mut child = folder
            .command(arguments)
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        assert_eq!(wait(&mut child).unwrap().code(), Some(code), "{arguments:?}");
    });
}
