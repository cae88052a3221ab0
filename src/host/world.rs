//! What a command has of the outside world beside files and variables.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write};
use std::time::SystemTime;

use rustix::fd::AsFd;
#[cfg(target_os = "linux")]
use rustix::fs::makedev;
use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};
use rustix::io::Errno;

use super::status_line::Erasing;

/// The clock and the streams.
pub struct World<'a> {
    /// The time at which the command runs.
    pub now: SystemTime,
    /// Standard input.
    pub stdin: Box<dyn Read + 'a>,
    /// Standard input, if it is a regular file: all of it is there already.
    pub stdin_file: Option<File>,
    /// Standard output: data.
    pub stdout: Box<dyn Write + 'a>,
    /// Whether nobody can read what goes to standard output: it is the null device, which Rust opens in place of one that is
    /// closed, or is not open for writing.
    pub is_stdout_lost: bool,
    /// How wide the terminal is that standard output goes to; none if it goes elsewhere.
    pub stdout_columns: Option<u16>,
    /// Whether standard output is a regular file or a device that shows nothing, so that nobody on the terminal sees it.
    pub is_stdout_hidden: bool,
    /// Standard error: everything that is said about the data.
    pub stderr: Box<dyn Write + 'a>,
    /// Whether someone can be asked: standard input and standard error are terminals.
    pub can_ask: bool,
    /// Whether the command has the process for itself, so that it may handle its signals.
    pub is_process: bool,
}

impl World<'static> {
    /// The clock and the streams of this process.
    pub fn of_process() -> Self {
        // Standard error stays unlocked, for a prompt and for what Ctrl-C does to it.
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let stdout_columns = rustix::termios::tcgetwinsize(&stdout).ok().map(|size| size.ws_col);
        let is_terminal = stdout_columns.is_some();
        World {
            now: SystemTime::now(),
            is_stdout_lost: !is_writable(&stdout) || is_void(&stdout),
            is_stdout_hidden: is_file(&stdout) || is_void(&stdout),
            stdout_columns,
            is_process: true,
            can_ask: rustix::stdio::stdin().is_terminal() && stderr.is_terminal(),
            stdin: Box::new(Stdin),
            stdin_file: stdin_file(),
            stdout: if !is_writable(&stdout) {
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

/// Whether a stream is open for writing. Rust's own streams take what is written to one that is not, and lose it.
fn is_writable(stream: impl AsFd) -> bool {
    fcntl_getfl(stream).is_ok_and(|flags| !flags.contains(OFlags::PATH) && flags & OFlags::ACCMODE != OFlags::RDONLY)
}

/// Standard output that is not open for writing.
struct Unwritable;

impl Write for Unwritable {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(Errno::BADF.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a stream leads to a device that throws away what is written.
fn is_void(stream: impl AsFd) -> bool {
    let Ok(stat) = fstat(stream) else { return false };
    if !FileType::from_raw_mode(stat.st_mode).is_char_device() {
        return false;
    }
    // Linux has /dev/null and /dev/zero under these numbers, whatever the file system shows.
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

/// Standard input, whose buffer is made when something is read: most commands read nothing.
struct Stdin;

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        io::stdin().read(buffer)
    }
}
