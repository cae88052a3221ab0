//! What every command works with: the options that all of them have, the clock, the streams, the key and the password.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::words::failure::{Failure, Kind, Report};
use crate::core::jwt::Key;
use crate::cli::options::{Color, GlobalOptions};
use crate::cli::output::table::Look;
use crate::core::password::Password;
use crate::cli::prompt::Prompt;
use crate::host::secret::{self, Environment, Secret};
use crate::core::users_json::DataFolder;
use crate::words::escape;

/// What a command has of the outside world beside files and variables.
pub struct World<'a> {
    /// The time at which the command runs.
    pub now: SystemTime,
    /// Standard input.
    pub stdin: &'a mut dyn Read,
    /// Standard input, if it is a regular file: all of it is there already.
    pub stdin_file: Option<File>,
    /// Standard output: data.
    pub stdout: &'a mut dyn Write,
    /// How wide the terminal is that standard output goes to; none if it goes elsewhere.
    pub stdout_columns: Option<u16>,
    /// Standard error: everything that is said about the data.
    pub stderr: &'a mut dyn Write,
    /// Whether someone can be asked: standard input and standard error are terminals.
    pub can_ask: bool,
}

/// A key and where it came from.
pub(crate) struct KeyFrom {
    pub(crate) key: Key,
    pub(crate) source: String,
}

pub(crate) struct Session<'a> {
    pub(crate) options: &'a GlobalOptions,
    /// The data folder; of no meaning where a server is worked with.
    pub(crate) folder: DataFolder,
    pub(crate) json: bool,
    /// Seconds since 1970, rounded down. Every rule about time compares with a whole number of seconds.
    pub(crate) now: i64,
    /// How tables are to look.
    pub(crate) look: Look,
    pub(crate) clock: Clock,
    world: World<'a>,
    /// The beginning of a line of standard input, of which the end has not been read.
    unfinished_line: Vec<u8>,
}

/// The time that goes on while a command runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// When the command began, since 1970.
    began: Duration,
    instant: Instant,
}

impl Clock {
    /// Seconds since 1970, with their fraction.
    pub(crate) fn now(self) -> f64 {
        (self.began + self.instant.elapsed()).as_secs_f64()
    }
}

impl<'a> Session<'a> {
    pub(crate) fn new(options: &'a GlobalOptions, world: World<'a>) -> Self {
        let since_1970 = world.now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Session {
            options,
            folder: DataFolder::new(options.data_folder()),
            json: options.json,
            now: i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX),
            look: Look {
                columns: world.stdout_columns.map(usize::from),
                has_colors: has_colors(options.color, world.stdout_columns.is_some()),
            },
            clock: Clock { began: since_1970, instant: Instant::now() },
            world,
            unfinished_line: Vec::new(),
        }
    }

    /// The key, if there is one. What is doubtful about it is said once, here.
    fn key(&mut self) -> Result<Option<KeyFrom>> {
        let environment = Environment::of_process();
        let secret_file = self.options.secret_file.as_deref();
        let secret = Secret::find(secret_file, environment, self.folder.path(), self.world.stdin)?;
        Ok(secret.map(|secret| self.usable(secret)))
    }

    /// The key, for a command that can do without: one that was not asked for and cannot be used is only warned about.
    pub(crate) fn optional_key(&mut self) -> Result<Option<KeyFrom>> {
        match self.key() {
            Err(error) if self.options.secret_file.is_none() => {
                self.warn(format_args!("signatures are not checked: {}", Report::of(&error).message));
                Ok(None)
            }
            key => key,
        }
    }

    /// The key, for a command that cannot do without.
    pub(crate) fn required_key(&mut self) -> Result<KeyFrom> {
        if let Some(key) = self.key()? {
            return Ok(key);
        }
        let Some(prompt) = self.prompt()? else { return Err(secret::missing(self.folder.path()).into()) };
        let secret = Secret::typed(prompt.secret("Specter's SECRET_KEY (not shown)")?)?;
        Ok(self.usable(secret))
    }

    fn usable(&mut self, secret: Secret) -> KeyFrom {
        for warning in &secret.warnings {
            self.warn(warning);
        }
        KeyFrom { key: Key::new(&secret), source: secret.source }
    }

    /// The password that logs a user in on a server.
    pub(crate) fn password(&mut self, username: &str) -> Result<Password> {
        if let Some(file) = &self.options.password_file {
            return Password::read(file, self.world.stdin);
        }
        if let Some(password) = Password::of_environment()? {
            return Ok(password);
        }
        let Some(prompt) = self.prompt()? else {
            let failure = Failure::new(Kind::Secret, format!("could not find the password of user `{username}`"));
            return Err(failure
                .hint("give it in a file, with --password-file, or in the variable SPECTER_PASSWORD")
                .into());
        };
        let question = format!("Password of {} on the server (not shown)", escape::escaped(username));
        Password::new(prompt.secret(&question)?, "the prompt")
    }

    /// Whether there is someone to ask.
    pub(crate) fn can_ask(&self) -> bool {
        self.world.can_ask
    }

    /// Someone to ask, if there is.
    pub(crate) fn prompt(&self) -> Result<Option<Prompt>> {
        self.world.can_ask.then(Prompt::new).transpose().context("could not prepare the terminal for a question")
    }

    /// Standard input.
    pub(crate) fn stdin(&mut self) -> &mut dyn Read {
        self.world.stdin
    }

    /// All of standard input, for an argument `-`.
    pub(crate) fn read_stdin(&mut self) -> Result<Vec<u8>> {
        self.check_stdin()?;
        let mut bytes = Vec::new();
        self.world.stdin.read_to_end(&mut bytes).context("could not read standard input")?;
        Ok(bytes)
    }

    /// The next lines of standard input; none at its end. A file comes in pieces, because it may be large. Whoever writes into a
    /// pipe may be at work on the very database that is to be read after it, so of that, all comes at once.
    pub(crate) fn read_lines(&mut self, lines: &mut Vec<u8>) -> Result<()> {
        self.check_stdin()?;
        lines.clear();
        lines.append(&mut self.unfinished_line);
        let Some(mut file) = self.world.stdin_file.as_ref() else {
            self.world.stdin.read_to_end(lines).context("could not read standard input")?;
            return Ok(());
        };
        let mut limit = 4 << 20;
        loop {
            let mut piece = (&mut file).take(limit);
            piece.read_to_end(lines).context("could not read standard input")?;
            if piece.limit() > 0 {
                return Ok(());
            }
            if let Some(newline) = lines.iter().rposition(|byte| *byte == b'\n') {
                self.unfinished_line = lines.split_off(newline + 1);
                return Ok(());
            }
            limit *= 2;
        }
    }

    /// The key or a password may not come from standard input as well.
    fn check_stdin(&self) -> Result<(), Failure> {
        let is_stdin = |file: &Option<_>| file.as_deref() == Some(Path::new("-"));
        for (file, what) in [(&self.options.secret_file, "key"), (&self.options.password_file, "password")] {
            if is_stdin(file) {
                let message = format!("could not read tokens from standard input: it holds the {what}");
                let hint = format!("put the {what} into a file, and name that");
                return Err(Failure::new(Kind::Usage, message).hint(hint));
            }
        }
        Ok(())
    }

    /// Standard output.
    pub(crate) fn out(&mut self) -> &mut dyn Write {
        self.world.stdout
    }

    /// Writes data to standard output, all of it or none that counts.
    pub(crate) fn print(&mut self, data: impl AsRef<[u8]>) -> Result<()> {
        let stdout = &mut self.world.stdout;
        stdout.write_all(data.as_ref()).and_then(|()| stdout.flush()).context("could not write to standard output")
    }

    /// Confirms a success, unless the user wants silence.
    pub(crate) fn confirm(&mut self, text: impl Display) {
        if !self.options.quiet {
            self.say(text);
        }
    }

    /// Tells a line on standard error.
    pub(crate) fn say(&mut self, text: impl Display) {
        // In one piece, lest lines of several commands mix in a log. Nobody is left to hear that standard error is closed.
        let _ = self.world.stderr.write_all(format!("{text}\n").as_bytes());
    }

    pub(crate) fn warn(&mut self, text: impl Display) {
        self.say(format_args!("warning: {}", escape::escaped(&text.to_string())));
    }

    /// Has a GitHub Actions log show `***` in place of a secret that is about to be printed.
    pub(crate) fn mask(&mut self, secret: &str) {
        if std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
            self.say(format_args!("::add-mask::{secret}"));
        }
    }

    /// Reports the error that ended the command, and returns the exit code.
    pub(crate) fn report(&mut self, error: &anyhow::Error) -> u8 {
        // Whoever reads our output has seen enough of it.
        let is_broken_pipe = error.downcast_ref::<Failure>().is_none()
            && error
                .chain()
                .filter_map(|cause| cause.downcast_ref::<io::Error>())
                .any(|error| error.kind() == io::ErrorKind::BrokenPipe);
        if is_broken_pipe {
            return 0;
        }
        let report = Report::of(error);
        write_report(&report, self.json, self.world.stderr);
        report.exit_code
    }
}

/// Writes an error as text, or as the one JSON object that all errors are.
pub(crate) fn write_report(report: &Report, as_json: bool, stderr: &mut dyn Write) {
    let text = if as_json {
        // Three texts can always be written as JSON.
        serde_json::to_string(&ErrorJson { error: report }).unwrap_or_default() + "\n"
    } else {
        let hint = report.hint.as_ref().map(|hint| format!("\nhint: {}", escape::escaped(hint)));
        format!("error: {}{}\n", escape::escaped(&report.message), hint.unwrap_or_default())
    };
    let _ = stderr.write_all(text.as_bytes());
}

#[derive(Debug, Serialize)]
struct ErrorJson<'a> {
    error: &'a Report,
}

/// <https://no-color.org> and <https://bixense.com/clicolors>; the option beats the variables.
fn has_colors(option: Color, is_terminal: bool) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match option {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if is_set("NO_COLOR") => false,
        Color::Auto
            if is_set("CLICOLOR_FORCE") && std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0") =>
        {
            true
        }
        Color::Auto => is_terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
    }
}
