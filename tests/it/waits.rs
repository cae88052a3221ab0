//! What is said on a terminal while a command waits, or works for long; and that it goes away again.

use std::fs::{self, File};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::fake_server::FakeServer;
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

/// The exit code, and the lines that stay, without what was erased.
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
    // As long as another process has it open for writing, it may go on.
    let writer = File::options().append(true).open(&users).unwrap();
    let mut session = Session::start(folder.command(["list", "--ids"]));
    session.wait_for(FOR_A_SAVE);
    assert_eq!(session.screen(), FOR_A_SAVE);
    fs::write(&users, &whole).unwrap();
    drop(writer);
    let (code, lines) = end(session);
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!(lines, folder.command(["list", "--ids"]).run().stdout.lines().collect::<Vec<_>>());

    // One that nobody ends.
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

#[test]
fn verify_of_many_lines_shows_how_far_it_is() {
    const LINES: usize = 20_000;
    let folder = folder();
    let (tokens, verdicts, gate) = (folder.file("tokens"), folder.file("verdicts"), folder.file("gate"));
    fs::write(&tokens, format!("{}\n", "x".repeat(100)).repeat(LINES)).unwrap();
    let mut shell = folder.program("/bin/sh");
    // Nobody takes the verdicts before there is a gate.
    let script =
        "{ \"$1\" verify < \"$2\"; echo code $?; } | { until [ -e \"$4\" ]; do sleep 0.1; done; cat > \"$3\"; }";
    shell.command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_specter-token")]);
    shell.command.args([&tokens, &verdicts, &gate]).env("PATH", "/usr/bin:/bin");
    let mut session = Session::start(shell);
    session.wait_for("judged ");
    session.wait_for(" tokens, ");
    session.wait_for("%");
    let screen = session.screen();
    let (count, percent) = screen.strip_prefix("judged ").unwrap().split_once(" tokens, ").unwrap();
    let count: usize = count.replace(',', "").parse().unwrap();
    assert_eq!(percent, format!("{}%", count * 100 / LINES));
    fs::write(&gate, "").unwrap();
    let (code, lines) = end(session);
    assert_eq!((code, &*lines.concat()), (Some(0), ""));
    let verdicts = fs::read_to_string(&verdicts).unwrap();
    assert_eq!(verdicts.lines().count(), LINES + 1);
    assert!(verdicts.ends_with("\ncode 13\n"), "{verdicts:?}");
}
