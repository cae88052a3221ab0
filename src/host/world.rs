//! The clock, the streams and the terminal of a command.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use rustix::fd::AsFd;
#[cfg(target_os = "linux")]
use rustix::fs::makedev;
use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};
use rustix::io::Errno;

use super::status_line::Erasing;

/// The clock, the streams and the processes.
pub struct World<'a> {
    /// The time at which the command runs.
    pub now: SystemTime,
    /// Standard input.
    pub stdin: Box<dyn Read + 'a>,
    /// Standard input, if it is a regular file. All of it is there already.
    pub stdin_file: Option<File>,
    /// Standard output: data.
    pub stdout: Box<dyn Write + 'a>,
    /// Whether standard output leads nowhere: it is not open for writing, or is the null device, which Rust opens in
    /// place of a closed stream.
    pub is_stdout_lost: bool,
    /// The width of the terminal that standard output goes to. `None` if it goes elsewhere.
    pub stdout_columns: Option<u16>,
    /// Whether standard output is a regular file or a device that shows nothing, so that it never appears on the terminal.
    pub is_stdout_hidden: bool,
    /// Standard error: messages about the data.
    pub stderr: Box<dyn Write + 'a>,
    /// Whether the user can be asked: standard input and standard error are terminals.
    pub can_ask: bool,
    /// Whether the command has the process to itself, and may handle its signals.
    pub is_process: bool,
    /// Where the processes of this machine are seen, of which one may be a Specter.
    pub processes: PathBuf,
}

impl World<'static> {
    /// The clock and the streams of this process, and those beside it.
    pub fn of_process() -> Self {
        // Standard error stays unlocked, for prompts and for the handling of Ctrl-C.
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let stdout_columns = rustix::termios::tcgetwinsize(&stdout).ok().map(|size| size.ws_col);
        let is_terminal = stdout_columns.is_some();
        let (is_writable, is_void) = (is_writable(&stdout), is_void(&stdout));
        World {
            now: SystemTime::now(),
            is_stdout_lost: !is_writable || is_void,
            is_stdout_hidden: is_void || is_file(&stdout),
            stdout_columns,
            is_process: true,
            processes: processes(),
            can_ask: rustix::stdio::stdin().is_terminal() && stderr.is_terminal(),
            stdin: Box::new(Stdin),
            stdin_file: stdin_file(),
            stdout: if !is_writable {
                Box::new(Unwritable)
            } else if is_terminal {
                Box::new(Erasing(stdout.lock()))
            } else {
                Box::new(stdout.lock())
            },
            stderr: Box::new(Erasing(stderr)),
        }
    }
}

/// The folder in which processes are seen: `/proc`. Only a debug build can be shown others, for tests.
fn processes() -> PathBuf {
    #[cfg(debug_assertions)]
    if let Some(folder) = std::env::var_os("SPECTER_TOKEN_TEST_PROC") {
        return folder.into();
    }
    PathBuf::from("/proc")
}

/// Whether a stream is open for writing. If it is not, Rust's own streams lose what is written, without an error.
fn is_writable(stream: impl AsFd) -> bool {
    fcntl_getfl(stream).is_ok_and(|flags| !flags.contains(OFlags::PATH) && flags & OFlags::ACCMODE != OFlags::RDONLY)
}

/// Stands for a standard output that is not open for writing.
struct Unwritable;

impl Write for Unwritable {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(Errno::BADF.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a stream leads to a device that throws away all output.
fn is_void(stream: impl AsFd) -> bool {
    let Ok(stat) = fstat(stream) else { return false };
    if !FileType::from_raw_mode(stat.st_mode).is_char_device() {
        return false;
    }
    // These are the numbers of /dev/null and /dev/zero on Linux, under any name in the file system.
    #[cfg(target_os = "linux")]
    let voids = [makedev(1, 3), makedev(1, 5)];
    #[cfg(not(target_os = "linux"))]
    let voids = ["/dev/null", "/dev/zero"].map(|path| rustix::fs::stat(path).map_or(0, |stat| stat.st_rdev));
    voids.contains(&stat.st_rdev)
}

/// Whether a stream is a regular file.
fn is_file(stream: impl AsFd) -> bool {
    fstat(stream).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_file())
}

/// Standard input, if it is a regular file.
fn stdin_file() -> Option<File> {
    let stdin = rustix::stdio::stdin();
    is_file(stdin).then(|| stdin.try_clone_to_owned().ok().map(File::from)).flatten()
}

/// Standard input. Its buffer is made at the first read, because most commands read nothing.
struct Stdin;

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        io::stdin().read(buffer)
    }
}
