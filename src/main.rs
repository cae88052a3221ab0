//! The `specter-token` command: parses its arguments, runs, and returns the exit code.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::time::SystemTime;

use specter_token::{Cli, World, run};

fn main() -> ExitCode {
    let cli = match Cli::from_args() {
        Ok(cli) => cli,
        Err(usage) => return usage.report(),
    };
    // Standard input and error stay unlocked, for a prompt and for what Ctrl-C does to it.
    let (mut stdin, stdout, mut stderr) = (io::stdin(), io::stdout(), io::stderr());
    let exit_code = run(
        &cli,
        World {
            now: SystemTime::now(),
            stdout_columns: rustix::termios::tcgetwinsize(&stdout).ok().map(|size| size.ws_col),
            can_ask: stdin.is_terminal() && stderr.is_terminal(),
            stdin: &mut stdin,
            stdout: &mut stdout.lock(),
            stderr: &mut stderr,
        },
    );
    ExitCode::from(exit_code)
}
