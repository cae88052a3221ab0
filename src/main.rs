//! The `specter-token` command: parses its arguments, runs, and returns the exit code.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::process::ExitCode;
use std::time::SystemTime;

use rustix::fs::{FileType, fstat};

use specter_token::{Cli, World, run};

fn main() -> ExitCode {
    let cli = match Cli::from_args() {
        Ok(cli) => cli,
        Err(usage) => return usage.report(),
    };
    // Standard error stays unlocked, for a prompt and for what Ctrl-C does to it.
    let (stdout, mut stderr) = (io::stdout(), io::stderr());
    let exit_code = run(
        &cli,
        World {
            now: SystemTime::now(),
            stdout_columns: rustix::termios::tcgetwinsize(&stdout).ok().map(|size| size.ws_col),
            can_ask: rustix::stdio::stdin().is_terminal() && stderr.is_terminal(),
            stdin: &mut Stdin,
            stdin_file: stdin_file(),
            stdout: &mut stdout.lock(),
            stderr: &mut stderr,
        },
    );
    ExitCode::from(exit_code)
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
