//! The command `specter-token`: parses its arguments, runs, and returns the exit code.

use std::process::ExitCode;

use specter_token::{Cli, World, forbid_core_dumps, run};

fn main() -> ExitCode {
    forbid_core_dumps();
    match Cli::from_args() {
        Ok(cli) => ExitCode::from(run(&cli, World::of_process())),
        Err(usage) => usage.report(),
    }
}
