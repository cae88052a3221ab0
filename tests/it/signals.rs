//! Signals during a change: they end the process, but only when everything is told or undone.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};

use rustix::process::{Pid, Signal, kill_process};

use crate::fake_server::{Answer, FakeServer};
use crate::server::{DELETED, MADE, NONE, TWO};
use crate::support::{Folder, each, each_at_once, masked};

const SIGINT: i32 = Signal::INT.as_raw();
const SIGTERM: i32 = Signal::TERM.as_raw();

/// The server keeps the connection open for two seconds, and does not answer.
const NO_ANSWER: Answer = (1, "");

const ONE_ADMIN: &str =
    "[{\"id\":\"admin\",\"username\":\"admin\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{}}]";

const CREATE: [&str; 5] = ["create", "-d", "alpha", "-l", "1h"];

/// The result of a command that was told to end before a server had answered.
struct Ended {
    signal: Option<i32>,
    stdout: String,
    stderr: String,
    asked: Vec<String>,
}

/// Runs a command with a server that gives these answers, and sends the signals before answer number `at`.
fn ended(arguments: &[&str], answers: &'static [Answer], at: usize, signals: &'static [Signal]) -> Ended {
    ended_after("", arguments, answers, at, signals)
}

/// The same, after a shell has run `first`.
fn ended_after(
    first: &str,
    arguments: &[&str],
    answers: &'static [Answer],
    at: usize,
    signals: &'static [Signal],
) -> Ended {
    let child: Arc<OnceLock<Pid>> = Arc::default();
    let pid = Arc::clone(&child);
    let server = FakeServer::answering_after(answers, move |number| {
        if number == at {
            for signal in signals {
                kill_process(*pid.wait(), *signal).unwrap();
            }
        }
    });
    let folder = Folder::empty();
    let url = server.url();
    let mut command = folder.program("/bin/sh").without("SPECTER_DATA_FOLDER").command;
    command.args(["-c", &format!("{first}\nexec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_specter-token")]).args(arguments);
    command.env("SPECTER_URL", &url).env("SPECTER_PASSWORD", "password");
    let process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.set(Pid::from_child(&process)).unwrap();
    let output = process.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| masked(&String::from_utf8(bytes).unwrap().replace(&url, "<URL>"));
    Ended {
        signal: output.status.signal(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        asked: server.asked_or_left().iter().map(|request| request.split(' ').next().unwrap().to_owned()).collect(),
    }
}

#[test]
fn a_token_that_comes_after_a_signal_is_taken_back() {
    const SIGNALS: [&[Signal]; 3] = [&[Signal::INT], &[Signal::TERM], &[Signal::HUP]];
    let cases = [
        (0, &[NONE][..], &["GET"][..], "no token was made"),
        (1, &[NONE, MADE, DELETED], &["GET", "POST", "DELETE"], "token <ID> was made, and has been removed again"),
    ];
    each(cases, |(at, answers, asked, left)| {
        each(SIGNALS, |signals| {
            let ended = ended(&CREATE, answers, at, signals);
            let told = format!("error: could not create the token: interrupted; {left}\nhint: run the command again\n");
            assert_eq!((ended.signal, &*ended.stdout, ended.stderr), (Some(signals[0].as_raw()), "", told));
            assert_eq!(ended.asked, asked);
        });
    });
}

#[test]
fn tokens_that_a_signal_saved_are_told() {
    let ended = ended(&["revoke", "alpha", "past"], &[TWO, DELETED], 1, &[Signal::TERM]);
    let told = "error: could not revoke token <ID>: interrupted; token <ID> \"alpha\" of user admin is removed already\n\
                hint: run the command again\n";
    assert_eq!((ended.signal, &*ended.stdout, &*ended.stderr), (Some(SIGTERM), "", told));
    assert_eq!(ended.asked, ["GET", "DELETE"]);
}

#[test]
fn a_second_signal_ends_at_once_and_says_what_may_stand() {
    let told = "a signal ended the command in the middle; a token may have been made in <URL>, but was not handed over";
    let hint = "`specter-token list` shows whether there is a token; revoke it if so";
    let json = format!("{{\"error\":{{\"reason\":\"interrupted\",\"message\":\"{told}\",\"hint\":\"{hint}\"}}}}\n");
    let text = format!("error: {told}\nhint: {hint}\n");
    each_at_once([(&[][..], text), (&["--json"], json)], |(more, told)| {
        let arguments: Vec<&str> = CREATE.iter().chain(more).copied().collect();
        let ended = ended(&arguments, &[NONE, NO_ANSWER], 1, &[Signal::INT, Signal::TERM]);
        assert!([Some(SIGINT), Some(SIGTERM)].contains(&ended.signal), "{:?}", ended.signal);
        assert_eq!((&*ended.stdout, ended.stderr), ("", told));
        assert_eq!(ended.asked, ["GET", "POST"], "it waits for no answer");
    });
}

/// Ctrl-\ is for those who do not want to wait.
#[test]
fn quit_ends_at_once_and_says_what_may_stand() {
    let ended = ended(&CREATE, &[NONE, NO_ANSWER], 1, &[Signal::QUIT]);
    let told = "error: a signal ended the command in the middle; a token may have been made in <URL>, but was not handed over\nhint: \
                `specter-token list` shows whether there is a token; revoke it if so\n";
    assert_eq!((ended.signal, &*ended.stdout, &*ended.stderr), (Some(Signal::QUIT.as_raw()), "", told));
}

/// A limit on the size of files is an error like a full disk.
#[test]
fn a_file_that_may_not_grow_is_an_error() {
    let folder = Folder::with_users(ONE_ADMIN);
    let before = folder.files();
    let out = folder.file("out");
    let mut shell = folder.program("/bin/sh");
    let script = "ulimit -f 0; exec \"$0\" create -d x -l 1h --out \"$1\"";
    shell.command.args(["-c", script, env!("CARGO_BIN_EXE_specter-token")]).arg(out);
    let output = shell.run();
    assert_eq!((output.code, &*output.stdout), (1, ""), "{output:?}");
    assert!(output.stderr.contains("File too large"), "{output:?}");
    assert_eq!(folder.files(), before, "nothing is left");
}

/// As under `nohup`.
#[test]
fn a_signal_that_is_ignored_stays_so() {
    let ended =
        ended_after("trap '' HUP", &["create", "-q", "-d", "alpha", "-l", "1h"], &[NONE, MADE], 1, &[Signal::HUP]);
    assert_eq!((ended.signal, &*ended.stdout, &*ended.stderr), (None, "<TOKEN>\n", ""));
    assert_eq!(ended.asked, ["GET", "POST"]);
}
