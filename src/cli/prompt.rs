//! Questions on a terminal. The only user of dialoguer.
//!
//! Nothing here is reached unless standard input and standard error are terminals. A prompt hides the cursor or the echo; so
//! that Ctrl-C leaves neither behind, the terminal's state is kept from before the first one.

use std::io;
use std::panic;
use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use dialoguer::console::{Term, truncate_str};
use dialoguer::{Confirm, Input, Password, Select};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::SIGINT;

use crate::host::signals;
use crate::words::codes::Kind;
use crate::words::failure::Failure;

/// The state of the terminal before anything was asked.
static BEFORE: OnceLock<Option<Termios>> = OnceLock::new();

/// Someone at a terminal who can be asked.
#[derive(Debug)]
pub(crate) struct Prompt {
    term: Term,
}

impl Prompt {
    /// For a process whose standard input and standard error are terminals.
    pub(crate) fn new() -> io::Result<Self> {
        if BEFORE.set(tcgetattr(io::stderr()).ok()).is_ok() {
            signals::before_end(restore)?;
            let default = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                restore();
                default(info);
            }));
        }
        Ok(Prompt { term: Term::stderr() })
    }

    /// Asks for a line until `read` can make something of it.
    pub(crate) fn line<T>(&self, question: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T> {
        let input = Input::<String>::new().with_prompt(question);
        let line = answered(input.validate_with(|line: &String| read(line).map(|_| ())).interact_text_on(&self.term))?;
        read(&line).map_err(anyhow::Error::msg)
    }

    /// Asks for something that does not appear on the screen.
    pub(crate) fn secret(&self, question: &str) -> Result<String> {
        /// A terminal hands over no more of a line (`N_TTY_BUF_SIZE` of Linux, less the newline).
        const LONGEST: usize = 4095;
        let prompt = Password::new().with_prompt(question).allow_empty_password(true).report(false);
        let secret = answered(prompt.interact_on(&self.term))?;
        if secret.len() >= LONGEST {
            let message = "could not read all that was typed: a terminal cuts lines of 4095 bytes";
            return Err(Failure::new(Kind::Usage, message, "give it in a file, or on standard input").into());
        }
        Ok(secret)
    }

    /// Asks for a new secret, twice unless it is empty.
    pub(crate) fn new_secret(&self, question: &str) -> Result<String> {
        loop {
            let secret = self.secret(question)?;
            if secret.is_empty() || secret == self.secret("Once more")? {
                return Ok(secret);
            }
            self.term.write_line("The two differ.").context(ASKING)?;
        }
    }

    /// Lets one of several lines be chosen with the arrow keys. The lines must be fit for a terminal.
    pub(crate) fn choice(&self, question: &str, lines: &[String]) -> Result<usize> {
        /// The question, one line and what dialoguer keeps free, below which it panics.
        const FEWEST_ROWS: usize = 5;
        let (rows, columns) = self.term.size();
        let (rows, columns) = (usize::from(rows), usize::from(columns));
        if rows < FEWEST_ROWS {
            let message = format!("could not show what to choose from: the terminal has {rows} rows");
            return Err(Failure::new(Kind::Usage, message, "make it higher, or name the token").into());
        }
        // A line that wraps would be counted as one, and push the others off the screen. Two columns hold the mark.
        let lines: Vec<_> = lines.iter().map(|line| truncate_str(line, columns.saturating_sub(3), "…")).collect();
        let select = Select::new().with_prompt(question).items(&lines).default(0).max_length(rows - 2).report(false);
        answered(select.interact_on_opt(&self.term))?
            .ok_or_else(|| declined("name the token to do without the question"))
    }

    /// Asks whether to go on. Nothing happens unless the answer is yes.
    pub(crate) fn confirmation(&self, question: &str) -> Result<()> {
        let is_confirmed = answered(Confirm::new().with_prompt(question).default(false).interact_on_opt(&self.term))?;
        if is_confirmed == Some(true) { Ok(()) } else { Err(declined("answer y, or give --yes, to go on")) }
    }
}

const ASKING: &str = "could not ask on the terminal";

fn declined(hint: &str) -> anyhow::Error {
    Failure::new(Kind::Declined, "declined; nothing was changed", hint).into()
}

fn answered<T>(answer: dialoguer::Result<T>) -> Result<T> {
    match answer {
        Err(dialoguer::Error::IO(error)) if error.kind() == io::ErrorKind::Interrupted => signals::end_by(SIGINT),
        answer => answer.context(ASKING),
    }
}

/// Gives the terminal its state and its cursor back.
fn restore() {
    let term = Term::stderr();
    // Nothing can be done for a terminal that is gone.
    if let Some(Some(before)) = BEFORE.get() {
        let _ = tcsetattr(io::stderr(), OptionalActions::Now, before);
    }
    let _ = term.show_cursor();
    let _ = term.write_line("");
}
