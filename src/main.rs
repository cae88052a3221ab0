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
    let stdout = io::stdout();
    let exit_code = run(
        &cli,
        World {
            now: SystemTime::now(),
            stdin: &mut io::stdin().lock(),
            stdout_is_terminal: stdout.is_terminal(),
            stdout: &mut stdout.lock(),
            stderr: &mut io::stderr().lock(),
        },
    );
    ExitCode::from(exit_code)
}
