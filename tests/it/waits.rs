//! Messages on a terminal while a command waits or works for long, and that they go away again.

use std::fs::{self, File};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::fake_server::FakeServer;
use crate::server::UNAUTHORIZED;
use crate::support::{Command, Folder};
use crate::terminal::{Session, folder};

const FOR_ANOTHER: &str = "waiting for another specter-token to finish ...";
const FOR_A_SAVE: &str = "waiting for Specter, which seems to be saving users.json ...";
const FOR_THE_SERVER: &str = "waiting for the server at http://127.0.0.1:";
/// Long enough for a wait to be told, with time to spare.
const LONG: Duration = Duration::from_millis(1_800);

const ERASE: &str = "\x1B[K";

/// The lock of another process of the program.
fn lock(folder: &Folder) -> File {
    let lock = File::open(folder.path()).unwrap();
    lock.lock().unwrap();
    lock
}

fn create(folder: &Folder) -> Command {
    folder.command(["create", "-d", "three", "-l", "1h", "--replace"])
}

/// The exit code, and the lines that stay after what was erased.
#[track_caller]
fn end(session: Session) -> (Option<i32>, Vec<String>) {
    let (code, written) = session.end();
    let lines = written.lines().map(|line| line.rsplit(ERASE).next().unwrap().to_owned()).collect();
    (code, lines)
}

#[test]
fn a_wait_for_the_lock_is_told_while_it_lasts() {
    let folder = folder();
    let held = lock(&folder);
    let mut session = Session::start(create(&folder));
    session.wait_for(FOR_ANOTHER);
    assert_eq!(session.screen(), FOR_ANOTHER);
    drop(held);
    let (code, lines) = end(session);
    assert_eq!(code, Some(0), "{lines:?}");
    let [token, created, effect] = &lines[..] else { panic!("{lines:?}") };
    assert!(token.starts_with("eyJ") && created.starts_with("created token "), "{lines:?}");
    assert!(!effect.contains("waiting"), "{lines:?}");
}

#[test]
fn a_signal_during_a_wait_leaves_no_line() {
    let folder = folder();
    let before = folder.files();
    // One that holds signals back, and one that does not.
    let held = lock(&folder);
    let mut session = Session::start(create(&folder));
    session.wait_for(FOR_ANOTHER);
    kill_process(Pid::from_child(&session.child), Signal::INT).unwrap();
    let (code, lines) = end(session);
    assert_eq!(code, Some(130), "{lines:?}");
    assert!(lines.iter().all(|line| !line.contains("waiting for")), "{lines:?}");
    drop(held);
    assert_eq!(folder.files(), before);

    let (answer, wanted) = channel();
    let server = FakeServer::answering_after(&[(0, "")], move |_| wanted.recv().unwrap());
    let command = folder.command(["list", "--server", &server.url()]).env("SPECTER_PASSWORD", "x");
    let mut session = Session::start(command);
    session.wait_for(FOR_THE_SERVER);
    kill_process(Pid::from_child(&session.child), Signal::INT).unwrap();
    let (code, lines) = end(session);
    assert_eq!((code, &*lines.concat()), (Some(130), ""));
    answer.send(()).unwrap();
    server.asked();
}

#[test]
fn a_wait_for_a_save_is_told_while_it_lasts() {
    let folder = folder();
    let whole = folder.users_text();
    let users = folder.users();
    fs::write(&users, &whole[..whole.len() / 2]).unwrap();
    // A save may go on while another process has it open for writing.
    let writer = File::options().append(true).open(&users).unwrap();
    let mut session = Session::start(folder.command(["list", "--ids"]));
    session.wait_for(FOR_A_SAVE);
    assert_eq!(session.screen(), FOR_A_SAVE);
    fs::write(&users, &whole).unwrap();
    drop(writer);
    let (code, lines) = end(session);
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!(lines, folder.command(["list", "--ids"]).run().stdout.lines().collect::<Vec<_>>());

    // A save that never ends.
    fs::write(&users, &whole[..whole.len() / 2]).unwrap();
    let mut session = Session::start(folder.command(["list", "--ids"]));
    session.wait_for(FOR_A_SAVE);
    let (code, lines) = end(session);
    assert_eq!(code, Some(1), "{lines:?}");
    assert!(lines[0].starts_with("error: ") && !lines.concat().contains("waiting"), "{lines:?}");
}

#[test]
fn a_wait_for_a_server_is_told_while_it_lasts() {
    let folder = folder();
    let (answer, wanted) = channel();
    let server = FakeServer::answering_after(&[(404, "{\"message\":\"Token does not exist\"}")], move |_| {
        wanted.recv().unwrap();
    });
    let url = server.url();
    let mut session = Session::start(folder.command(["list", "--server", &url]).env("SPECTER_PASSWORD", "x"));
    session.wait_for(FOR_THE_SERVER);
    session.wait_for("...");
    assert_eq!(session.screen(), format!("waiting for the server at {url} ..."));
    answer.send(()).unwrap();
    let (code, lines) = end(session);
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("no tokens"), "{lines:?}");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_short_wait_is_not_told_nor_any_that_nobody_wants_to_know_of() {
    let folder = folder();
    // A second is counted from within.
    let began = Instant::now();
    let held = lock(&folder);
    let session = Session::start(create(&folder));
    thread::sleep(Duration::from_millis(200));
    drop(held);
    let (code, written) = session.end();
    assert_eq!(code, Some(0), "{written:?}");
    assert!(began.elapsed() > Duration::from_secs(1) || !written.contains(ERASE), "{written:?}");

    let held = lock(&folder);
    let session = Session::start(folder.command(["create", "-d", "four", "-l", "1h", "-q"]));
    thread::sleep(LONG);
    drop(held);
    let (code, written) = session.end();
    assert_eq!(code, Some(0), "{written:?}");
    assert!(!written.contains("waiting") && !written.contains(ERASE), "{written:?}");

    // Off a terminal.
    let held = lock(&folder);
    let child = thread::scope(|scope| {
        let run = scope.spawn(|| folder.command(["create", "-d", "six", "-l", "1h", "--json"]).run());
        thread::sleep(LONG);
        drop(held);
        run.join().unwrap()
    });
    assert_eq!(child.code, 0);
    assert!(
        child.stderr.lines().all(|line| line.starts_with("created token ") || line.contains("Specter")),
        "{child:?}"
    );
    assert!(!child.stderr.contains("waiting") && !child.stderr.contains(ERASE), "{child:?}");
}

/// The verdicts go to a file. On the terminal, or in a pipe whose reader may write there, they show the progress
/// themselves.
#[test]
fn verify_of_many_lines_shows_how_far_it_is() {
    const LINES: usize = 8;
    let run = |to: &str| {
        let server =
            FakeServer::answering_after(&[UNAUTHORIZED; 3 * LINES], |_| thread::sleep(Duration::from_millis(110)));
        let folder = folder();
        fs::write(folder.file("tokens"), "e30.e30.x\n".repeat(LINES)).unwrap();
        let mut shell = folder.program("/bin/sh").without("SPECTER_DATA_FOLDER").env("SPECTER_URL", server.url());
        let script = format!("\"$1\" verify < tokens {to}");
        shell.command.current_dir(folder.path()).args(["-c", &script, "sh", env!("CARGO_BIN_EXE_specter-token")]);
        let shell = shell.env("PATH", "/usr/bin:/bin");
        let session = Session::start(shell);
        (server, folder, session)
    };
    let (server, folder, mut session) = run("> verdicts");
    session.wait_for("judged ");
    session.wait_for(" tokens, ");
    session.wait_for("%");
    let screen = session.screen();
    let (count, percent) = screen.strip_prefix("judged ").unwrap().split_once(" tokens, ").unwrap();
    let count: usize = count.parse().unwrap();
    assert_eq!(percent, format!("{}%", count * 100 / LINES));
    let (code, lines) = end(session);
    assert_eq!((code, &*lines.concat()), (Some(14), ""));
    assert_eq!(fs::read_to_string(folder.file("verdicts")).unwrap().lines().count(), LINES);
    assert!(server.asked_or_left().len() >= LINES);

    for to in ["", "| cat"] {
        let (server, _folder, mut session) = run(to);
        if to.is_empty() {
            // Each verdict is shown at once.
            session.wait_for("refused (refused_by_server)");
            assert!(session.screen().matches("refused (").count() < LINES, "{}", session.screen());
        }
        let (_, lines) = end(session);
        assert_eq!(lines.iter().filter(|line| line.starts_with("refused (refused_by_server)")).count(), LINES);
        assert!(!lines.concat().contains("judged"), "{lines:?}");
        assert!(server.asked_or_left().len() >= LINES);
    }
}
