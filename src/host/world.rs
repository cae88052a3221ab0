//! What a command has of the outside world beside files and variables.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use rustix::fd::AsFd;
#[cfg(target_os = "linux")]
use rustix::fs::makedev;
use rustix::fs::{FileType, fstat};

/// The clock, the streams and the processes.
pub struct World<'a> {
    /// The time at which the command runs.
    pub now: SystemTime,
    /// Standard input.
    pub stdin: Box<dyn Read + 'a>,
    /// Standard input, if it is a regular file: all of it is there already.
    pub stdin_file: Option<File>,
    /// Standard output: data.
    pub stdout: Box<dyn Write + 'a>,
    /// Whether standard output is the null device, which Rust opens in place of one that is closed.
    pub is_stdout_null: bool,
    /// How wide the terminal is that standard output goes to; none if it goes elsewhere.
    pub stdout_columns: Option<u16>,
    /// Standard error: everything that is said about the data.
    pub stderr: Box<dyn Write + 'a>,
    /// Whether someone can be asked: standard input and standard error are terminals.
    pub can_ask: bool,
    /// Whether the command has the process for itself, so that it may handle its signals.
    pub is_process: bool,
    /// Where the processes of this machine are seen, of which one may be a Specter.
    pub processes: PathBuf,
}

impl World<'static> {
    /// The clock and the streams of this process, and those beside it.
    pub fn of_process() -> Self {
        // Standard error stays unlocked, for a prompt and for what Ctrl-C does to it.
        let (stdout, stderr) = (io::stdout(), io::stderr());
        World {
            now: SystemTime::now(),
            is_stdout_null: is_null(&stdout),
            stdout_columns: rustix::termios::tcgetwinsize(&stdout).ok().map(|size| size.ws_col),
            is_process: true,
            processes: processes(),
            can_ask: rustix::stdio::stdin().is_terminal() && stderr.is_terminal(),
            stdin: Box::new(Stdin),
            stdin_file: stdin_file(),
            stdout: Box::new(stdout.lock()),
            stderr: Box::new(stderr),
        }
    }
}

/// `/proc`. A build for tests, and no other, can be shown processes that are put in from outside.
fn processes() -> PathBuf {
    #[cfg(debug_assertions)]
    if let Some(folder) = std::env::var_os("SPECTER_TOKEN_TEST_PROC") {
        return folder.into();
    }
    PathBuf::from("/proc")
}

/// Whether a stream leads to the null device.
fn is_null(stream: impl AsFd) -> bool {
    let Ok(stat) = fstat(stream) else { return false };
    if !FileType::from_raw_mode(stat.st_mode).is_char_device() {
        return false;
    }
    // Linux has it under this number, whatever the file system shows.
    #[cfg(target_os = "linux")]
    let null = Some(makedev(1, 3));
    #[cfg(not(target_os = "linux"))]
    let null = rustix::fs::stat("/dev/null").ok().map(|null| null.st_rdev);
    Some(stat.st_rdev) == null
}

/// Standard input, if it is a regular file.
fn stdin_file() -> Option<File> {
    let stdin = rustix::stdio::stdin();
    let is_file = fstat(stdin).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_file());
    is_file.then(|| stdin.try_clone_to_owned().ok().map(File::from)).flatten()
}

/// Standard input, whose buffer is made when something is read: most commands read nothing.
struct Stdin;

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        io::stdin().read(buffer)
    }
}
