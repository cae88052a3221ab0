//! One file a command: its arguments, whose comments are the help, then what it does.

pub(crate) mod completions;
pub(crate) mod create;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod show;
pub(crate) mod verify;

use anyhow::Result;

use crate::core::backend::{Effect, Tokens, Written};
use crate::words::failure::{Failure, Kind};
use crate::core::time;
use crate::cli::session::Session;
use crate::words::escape::escaped;
use crate::core::token::{Status, Token};

/// The token that the user picks on the terminal, by position.
fn chosen(session: &Session<'_>, tokens: &dyn Tokens, question: &str) -> Result<usize> {
    let Some(prompt) = session.prompt()? else {
        let failure = Failure::new(Kind::Usage, "could not tell which token is meant: none is named");
        return Err(failure.hint("name one by its id or description; `specter-token list` shows them").into());
    };
    if tokens.count() == 0 {
        return Err(Failure::new(Kind::NotFound, "could not find a token: there are none").hint(EMPTY).into());
    }
    let lines: Vec<String> = (0..tokens.count()).map(|index| choice(&tokens.token(index), session.now)).collect();
    prompt.choice(question, &lines)
}

/// A kind of change, for what is to be said of its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Created,
    Revoked,
    /// Of tokens that stay.
    CopiesRemoved,
}

/// Says when a change takes effect, and ends the command: with an error if nobody can know.
fn finish(session: &mut Session<'_>, written: &Written, change: Change) -> Result<u8> {
    if !written.is_synced {
        session.warn("the change is made, but the disk did not confirm it: it may be lost if the power fails now");
    }
    let what = match change {
        Change::Created => Some("accepts it"),
        Change::Revoked => Some("refuses what was revoked"),
        Change::CopiesRemoved => None,
    };
    let when = match &written.effect {
        Effect::NextStart => Some("from its next start on"),
        Effect::Now => Some("from now on"),
        Effect::Unknown | Effect::Unseen(_) | Effect::Overtaken(_) => None,
    };
    if let (Some(what), Some(when)) = (what, when) {
        session.confirm(format_args!("Specter {what} {when}"));
    }
    match &written.effect {
        Effect::NextStart | Effect::Now => Ok(0),
        Effect::Unknown => {
            session.warn(match change {
                Change::Created => {
                    "could not check whether a Specter is running, which would not accept it, and lose it at its next save"
                }
                Change::Revoked => "could not check whether a running Specter still accepts it",
                Change::CopiesRemoved => "could not check whether a Specter is running, which would put it back",
            });
            Ok(0)
        }
        Effect::Unseen(process) => {
            session.warn(format_args!(
                "the Specter that is running (process {}) does not know of the change, and undoes it at its next save; \
                 restart it now",
                process.id
            ));
            Ok(0)
        }
        Effect::Overtaken(process) => {
            let message = format!(
                "written, but a Specter was started meanwhile, which may not know of the change, and undo it (process {}: {})",
                process.id, process.command_line
            );
            let hint = "restart Specter now; then `specter-token list` shows what stands";
            Err(Failure::new(Kind::Running, message).hint(hint).into())
        }
    }
}

/// What to do where there is nothing.
const EMPTY: &str = "`specter-token create -d TEXT -l \"3 days\"` makes one";

/// A token on one line of a list to choose from.
fn choice(token: &Token<'_>, now: i64) -> String {
    let end = match (token.status, token.remaining(now)) {
        (Status::Expired, _) => "expired".to_owned(),
        (_, Some(seconds)) => format!("expires in {}", time::roughly(seconds.unsigned_abs())),
        (_, None) => "never expires".to_owned(),
    };
    let id: String = token.id.chars().take(8).collect();
    let description = token.description.as_deref().unwrap_or_default();
    format!("{}  {} ({}, {end})", escaped(&id), escaped(description), escaped(&token.username))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::cli::args::Cli;
    use crate::cli::session::World;
    use crate::core::specter::process::Process;

    /// The exit code of a change, and what is said of it.
    fn told(effect: &Effect, is_synced: bool, change: Change, more: &[&str]) -> (u8, String) {
        let arguments = ["specter-token", "list"].iter().chain(more).map(Into::into);
        let Ok(cli) = Cli::parse_from(arguments) else { panic!("{more:?}") };
        let (mut stdin, mut stdout, mut stderr) = (std::io::empty(), Vec::new(), Vec::new());
        let world = World {
            now: SystemTime::UNIX_EPOCH,
            stdin: &mut stdin,
            stdin_file: None,
            stdout: &mut stdout,
            stdout_columns: None,
            stderr: &mut stderr,
            can_ask: false,
        };
        let mut session = Session::new(&cli.global, world);
        let written = Written { effect: effect.clone(), is_synced };
        let code = finish(&mut session, &written, change).unwrap_or_else(|error| session.report(&error));
        drop(session);
        assert!(stdout.is_empty());
        (code, String::from_utf8_lossy(&stderr).into_owned())
    }

    #[test]
    fn nothing_is_said_that_is_not_known() {
        let process = || Process { id: 7, command_line: "specterd server".to_owned(), url: None };
        let accepts = "Specter accepts it from its next start on\n";
        let refuses = "Specter refuses what was revoked from its next start on\n";
        let undoes = "warning: the Specter that is running (process 7) does not know of the change, and undoes it at its next \
                      save; restart it now\n";
        let overtaken = "error: written, but a Specter was started meanwhile, which may not know of the change, and undo it \
                         (process 7: specterd server)\nhint: restart Specter now; then `specter-token list` shows what stands\n";
        for (effect, change, confirmed, code, warned) in [
            (Effect::NextStart, Change::Created, accepts, 0, ""),
            (Effect::NextStart, Change::Revoked, refuses, 0, ""),
            (Effect::NextStart, Change::CopiesRemoved, "", 0, ""),
            (Effect::Now, Change::Created, "Specter accepts it from now on\n", 0, ""),
            (Effect::Now, Change::Revoked, "Specter refuses what was revoked from now on\n", 0, ""),
            (
                Effect::Unknown,
                Change::Created,
                "",
                0,
                "warning: could not check whether a Specter is running, which would not accept it, and lose it at its next save\n",
            ),
            (
                Effect::Unknown,
                Change::Revoked,
                "",
                0,
                "warning: could not check whether a running Specter still accepts it\n",
            ),
            (
                Effect::Unknown,
                Change::CopiesRemoved,
                "",
                0,
                "warning: could not check whether a Specter is running, which would put it back\n",
            ),
            (Effect::Unseen(process()), Change::Created, "", 0, undoes),
            (Effect::Unseen(process()), Change::Revoked, "", 0, undoes),
            (Effect::Overtaken(process()), Change::Created, "", 5, overtaken),
            (Effect::Overtaken(process()), Change::Revoked, "", 5, overtaken),
        ] {
            assert_eq!(told(&effect, true, change, &[]), (code, format!("{confirmed}{warned}")), "{effect:?}");
            assert_eq!(told(&effect, true, change, &["-q"]), (code, warned.to_owned()), "{effect:?}, quietly");
        }
        let (code, warning) = told(&Effect::NextStart, false, Change::Created, &["-q"]);
        assert_eq!(code, 0);
        assert!(warning.starts_with("warning: the change is made, but the disk did not confirm it"), "{warning}");
    }
}
