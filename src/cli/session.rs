//! The session of a command: the global options, the clock, the streams, the key and the password.

use std::fmt::Display;
use std::io::{self, Read, Seek as _, Write};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::cli::options::{Color, GlobalOptions, Target};
use crate::cli::output::json;
use crate::cli::output::table::Look;
use crate::cli::prompt::Prompt;
use crate::cli::remedies;
use crate::cli::stdin_lines::StdinLines;
use crate::cli::waits::{Progress, patience, tell};
use crate::core::backend::contract::{Backend, Written};
use crate::core::backend::server::{Server, check_username};
use crate::core::backend::users_json::UsersJson;
use crate::core::error::{Error, Secret};
use crate::core::jwt::key::Key;
use crate::core::jwt::rules::Rules;
use crate::core::password::Password;
use crate::core::secret::Doubt;
use crate::core::source::Source;
use crate::core::specter::api::Api;
use crate::core::time::clock::Clock;
use crate::core::users_json::folder::DataFolder;
use crate::core::version::{Installed, Version};
use crate::host::environment::{self, KeyVariables};
use crate::host::secret;
use crate::host::signals;
use crate::host::status_line::{self, Erasing};
use crate::host::world::World;
use crate::words::codes::Kind;
use crate::words::doubts::doubt;
use crate::words::effect::{Change, Sentence, sentences};
use crate::words::escape::escaped;
use crate::words::failure::{Failure, Report};
use crate::words::redact::redacted;

pub(crate) struct Session<'a> {
    pub(crate) options: &'a GlobalOptions,
    /// The data folder. It has no meaning if `server` is set.
    pub(crate) folder: DataFolder,
    /// The URL of the server, if the command works through one.
    server: Option<String>,
    pub(crate) json: bool,
    /// Seconds since 1970, rounded down.
    pub(crate) now: i64,
    /// The look of tables.
    pub(crate) look: Look,
    clock: Clock,
    world: World<'a>,
    lines: StdinLines,
}

/// The needs of a command from the store of tokens that the options choose.
pub(crate) struct Needs<'u> {
    /// The value of `--user`.
    pub(crate) user: Option<&'u str>,
    pub(crate) key: KeyNeed,
    /// Whether the command logs in to a server, as a user with a password.
    pub(crate) logs_in: bool,
    /// The version of Specter that counts in place of the installed one.
    pub(crate) version: Option<Version>,
    /// A request that only users.json can meet, and the reason why a server cannot.
    pub(crate) only_offline: Option<(&'static str, &'static str)>,
}

/// Whether a command needs the key that signs tokens. No command needs it on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyNeed {
    No,
    IfThereIsOne,
    /// The same, but without a warning about a key that is doubtful or cannot be used.
    Quietly,
    Yes,
}

/// A store of tokens, and the key if there is one.
pub(crate) struct Opened<'u> {
    pub(crate) backend: Box<dyn Backend + 'u>,
    pub(crate) key: Option<Key>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(options: &'a GlobalOptions, world: World<'a>) -> Self {
        let clock = Clock::starting_at(world.now);
        if world.is_process && !options.quiet {
            status_line::turn_on();
        }
        Session {
            options,
            folder: options.data_folder(),
            server: None,
            json: options.json,
            now: clock.start(),
            look: Look {
                columns: world.stdout_columns.map(usize::from),
                has_colors: has_colors(options.color, world.stdout_columns.is_some()),
            },
            clock,
            world,
            lines: StdinLines::default(),
        }
    }

    /// Opens the store that the options choose. Warns of doubts about the key or the password.
    pub(crate) fn open<'u>(&mut self, needs: &Needs<'u>) -> Result<Opened<'u>> {
        let options = self.options;
        let address = match options.target()? {
            Target::Folder => {
                let folder = self.folder.clone();
                let backend = UsersJson::new(
                    folder,
                    needs.user,
                    options.even_if_running,
                    patience(),
                    self.world.processes.clone(),
                );
                backend.check_there()?;
                let key = match needs.key {
                    KeyNeed::No => None,
                    KeyNeed::IfThereIsOne => self.optional_key()?,
                    KeyNeed::Quietly if options.secret_file.is_none() => self.key().ok().flatten(),
                    KeyNeed::Quietly => self.key()?,
                    KeyNeed::Yes => Some(self.required_key()?),
                };
                if let Some(key) = key.as_ref().filter(|_| needs.key != KeyNeed::Quietly) {
                    let specter = match needs.version {
                        Some(version) => Installed::Version(version),
                        None if key.depends_on_version() => backend.specter(),
                        None => Installed::Unknown,
                    };
                    self.tell_doubts(Secret::Key, key.doubts(Rules::of(specter)));
                }
                return Ok(Opened { backend: Box::new(backend), key });
            }
            Target::Server(address) => address,
        };
        if let Some((what, why)) = needs.only_offline {
            let hint = "work on its users.json for that: --data-folder DIR in place of --server";
            return Err(Failure::new(Kind::Usage, format!("could not {what} through a server: {why}"), hint).into());
        }
        let username = needs.user.unwrap_or("admin");
        check_username(username)?;
        self.server = Some(address.url.trim_end_matches('/').to_owned());
        let mut api = Api::new(&address, tell)?;
        if needs.logs_in {
            let password = self.password(username)?;
            self.tell_doubts(Secret::Password, password.doubts());
            api = api.with_login(username, &password);
        }
        Ok(Opened { backend: Box::new(Server::new(api, username, self.clock, signals::has_come)), key: None })
    }

    /// Warns of a running Specter that may answer differently from its users.json.
    pub(crate) fn tell_unaware_specter(&mut self, backend: &dyn Backend) {
        if let Some(process) = backend.unaware_specter() {
            self.warn(format_args!(
                "a Specter is running on this folder (process {}); it uses what it read at its start, so it may answer differently",
                process.id
            ));
        }
    }

    /// The key, if there is one.
    fn key(&mut self) -> Result<Option<Key>> {
        let secret_file = self.options.secret_file.as_deref();
        Ok(secret::find_key(secret_file, KeyVariables::of_process(), self.folder.path(), &mut *self.world.stdin)?)
    }

    /// The key, for a command that can do without it. An unusable key is only a warning, unless an option named it.
    fn optional_key(&mut self) -> Result<Option<Key>> {
        match self.key() {
            Err(error) if self.options.secret_file.is_none() => {
                let message = Report::of(&error, remedies::spelled).message;
                self.warn(format_args!("signatures are not checked: {message}"));
                Ok(None)
            }
            key => key,
        }
    }

    /// The key, for a command that needs it.
    fn required_key(&mut self) -> Result<Key> {
        if let Some(key) = self.key()? {
            return Ok(key);
        }
        let Some(prompt) = self.prompt("give the key in SECRET_KEY, or its file with --secret-file")? else {
            return Err(Error::NoKey { folder: self.folder.path().to_owned() }.into());
        };
        Ok(Key::new(prompt.secret("Specter's SECRET_KEY (not shown)")?.into_bytes(), Source::Prompt)?)
    }

    /// Warns of doubts about a key or a password.
    pub(crate) fn tell_doubts<'d>(&mut self, of: Secret, doubts: impl IntoIterator<Item = &'d Doubt>) {
        for each in doubts {
            self.warn(doubt(of, each));
        }
    }

    /// The password that logs a user in on a server.
    fn password(&mut self, username: &str) -> Result<Password> {
        if let Some(file) = &self.options.password_file {
            return Ok(secret::password_in(file, &mut *self.world.stdin)?);
        }
        if let Some(password) = environment::password()? {
            return Ok(password);
        }
        let Some(prompt) = self.prompt("give the password in a file, with --password-file, or in SPECTER_PASSWORD")?
        else {
            let message = format!("could not find the password of user `{username}`");
            let hint = "give it in a file, with --password-file, or in the variable SPECTER_PASSWORD";
            return Err(Failure::new(Kind::Secret, message, hint).into());
        };
        let question = format!("Password of {} on the server (not shown)", escaped(&redacted(username)));
        Ok(Password::new(prompt.secret(&question)?.into_bytes(), Source::Prompt)?)
    }

    /// Whether there is a terminal for questions.
    pub(crate) fn has_terminal(&self) -> bool {
        self.world.can_ask
    }

    /// Whether the user can be asked.
    pub(crate) fn can_ask(&self) -> bool {
        self.has_terminal() && !self.options.no_input()
    }

    /// Returns a prompt. `None` without a terminal. Fails if questions are turned off on a terminal; `instead` is the
    /// hint.
    pub(crate) fn prompt(&self, instead: &str) -> Result<Option<Prompt>> {
        if self.has_terminal() && !self.can_ask() {
            let message = "could not ask: --no-input, or the variable CI, turns questions off";
            return Err(Failure::new(Kind::Usage, message, instead).into());
        }
        self.can_ask().then(Prompt::new).transpose().context("could not prepare the terminal for a question")
    }

    /// Asks whether to go on.
    pub(crate) fn confirmation(&self, question: &str) -> Result<()> {
        self.prompt("add --yes to go on")?.map_or(Ok(()), |prompt| prompt.confirmation(question))
    }

    /// The place of changes: the path of users.json, or the URL of the server.
    pub(crate) fn place(&self) -> String {
        self.server.clone().unwrap_or_else(|| self.folder.users().display().to_string())
    }

    /// Standard input.
    pub(crate) fn stdin(&mut self) -> &mut dyn Read {
        &mut *self.world.stdin
    }

    /// Reads the next lines of standard input. There are none at its end.
    pub(crate) fn read_lines(&mut self, lines: &mut Vec<u8>) -> Result<()> {
        self.check_stdin()?;
        let World { stdin, stdin_file, .. } = &mut self.world;
        self.lines.next(lines, &mut **stdin, stdin_file.as_ref()).context("could not read standard input")
    }

    /// Whether the last line that was read was cut off, because it is longer than any token or name.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.lines.is_cut_off()
    }

    /// The number of bytes left on standard input, if known.
    pub(crate) fn input_left(&self) -> Option<u64> {
        let mut file = self.world.stdin_file.as_ref()?;
        file.metadata().ok()?.len().checked_sub(file.stream_position().ok()?)
    }

    /// Shows the progress of judging tokens; `bytes` is the length of the input. `None` unless the verdicts go to a file:
    /// on a terminal they show the progress themselves, and the reader of a pipe may write to the terminal.
    pub(crate) fn progress(&self, bytes: Option<u64>) -> Option<Progress> {
        if self.world.is_stdout_hidden { Progress::of(bytes) } else { None }
    }

    /// Fails if the key or a password comes from standard input as well.
    fn check_stdin(&self) -> Result<(), Failure> {
        let is_stdin = |file: &Option<_>| file.as_deref() == Some(Path::new("-"));
        for (file, what) in [(&self.options.secret_file, "key"), (&self.options.password_file, "password")] {
            if is_stdin(file) {
                let message = format!("could not read tokens from standard input: it holds the {what}");
                let hint = format!("put the {what} into a file, and name that file");
                return Err(Failure::new(Kind::Usage, message, hint));
            }
        }
        Ok(())
    }

    /// Standard output.
    pub(crate) fn out(&mut self) -> &mut dyn Write {
        &mut *self.world.stdout
    }

    /// Writes data to standard output, and flushes it.
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

    /// Writes a line to standard error.
    pub(crate) fn say(&mut self, text: impl Display) {
        // One write keeps the lines of several commands apart in a log. An error here could not be told to anybody.
        let _ = self.world.stderr.write_all(format!("{text}\n").as_bytes());
    }

    pub(crate) fn warn(&mut self, text: impl Display) {
        self.say(format_args!("warning: {}", escaped(&redacted(&text.to_string()))));
    }

    /// From here on, a signal ends the process only after the change is made and reported, or undone. A second signal,
    /// or QUIT, ends it anyway; then `may_stand` and the hint tell what may be left behind.
    pub(crate) fn hold_signals_back(&mut self, may_stand: &str, hint: &str) -> Result<()> {
        if !self.world.is_process {
            return Ok(());
        }
        let failure =
            Failure::new(Kind::Interrupted, format!("a signal ended the command in the middle; {may_stand}"), hint)
                .into();
        let (report, as_json) = (Report::of(&failure, remedies::spelled), self.json);
        let tell = move || write_report(&report, as_json, &mut Erasing(io::stderr()));
        signals::hold_back(tell).context("could not prepare for signals")
    }

    /// Fails if standard output leads nowhere, and would lose `secret`.
    pub(crate) fn check_output(&self, secret: &str, hint: &str) -> Result<(), Failure> {
        if self.world.is_stdout_lost {
            let message = format!("could not print the {secret}: standard output is closed, or leads nowhere");
            return Err(Failure::new(Kind::NoOutput, message, hint));
        }
        Ok(())
    }

    /// Makes the log of GitHub Actions show `***` in place of a secret. Call this before the secret is printed.
    pub(crate) fn mask(&mut self, secret: &str) {
        if environment::is_github_actions() {
            // A line end in the secret would begin another command to the log.
            let data = secret.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
            self.say(format_args!("::add-mask::{data}"));
        }
    }

    /// Tells when a change takes effect, and ends the command. It is an error if that cannot be known.
    pub(crate) fn finish(&mut self, written: &Written, change: Change) -> Result<u8> {
        let (sentences, end) = sentences(written, change);
        for sentence in sentences {
            match sentence {
                Sentence::Confirmation(text) => self.confirm(text),
                Sentence::Warning(text) => self.warn(text),
            }
        }
        end?;
        Ok(0)
    }

    /// Reports the error that ended the command, and returns the exit code.
    pub(crate) fn report(&mut self, error: &anyhow::Error) -> u8 {
        // The reader of our output wants no more of it.
        let is_broken_pipe = error.downcast_ref::<Failure>().is_none()
            && error.downcast_ref::<Error>().is_none()
            && error
                .chain()
                .filter_map(|cause| cause.downcast_ref::<io::Error>())
                .any(|error| error.kind() == io::ErrorKind::BrokenPipe);
        if is_broken_pipe {
            return 0;
        }
        let report = Report::of(error, remedies::spelled);
        write_report(&report, self.json, &mut *self.world.stderr);
        report.exit_code
    }
}

/// Writes an error as text or as JSON. All errors have the same JSON shape.
pub(crate) fn write_report(report: &Report, as_json: bool, stderr: &mut dyn Write) {
    let mut text = Vec::new();
    if as_json {
        // This cannot fail: three texts always make JSON.
        let _ = json::push_compact(&mut text, &ErrorJson { error: report });
        text.push(b'\n');
    } else {
        let hint = report.hint.as_ref().map(|hint| format!("\nhint: {}", escaped(hint)));
        text.extend(format!("error: {}{}\n", escaped(&report.message), hint.unwrap_or_default()).into_bytes());
    }
    let _ = stderr.write_all(&text);
}

#[derive(Debug, Serialize)]
struct ErrorJson<'a> {
    error: &'a Report,
}

/// Whether to use colours. The option beats the variables.
fn has_colors(option: Color, is_terminal: bool) -> bool {
    match option {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => environment::wants_colors(is_terminal),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::cli::args::Cli;
    use crate::core::backend::contract::Effect;
    use crate::core::process::Process;

    /// The exit code of a change, and the messages about it.
    fn told(effect: &Effect, is_synced: bool, change: Change, more: &[&str]) -> (u8, String) {
        let arguments = ["specter-token", "list"].iter().chain(more).map(Into::into);
        let Ok(cli) = Cli::parse_from(arguments) else { panic!("{more:?}") };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let world = World {
            now: SystemTime::UNIX_EPOCH,
            stdin: Box::new(io::empty()),
            stdin_file: None,
            stdout: Box::new(&mut stdout),
            stdout_columns: None,
            is_stdout_hidden: false,
            is_stdout_lost: false,
            stderr: Box::new(&mut stderr),
            can_ask: false,
            is_process: false,
            processes: "/proc".into(),
        };
        let mut session = Session::new(&cli.global, world);
        let written = Written { effect: effect.clone(), is_synced, passed_over: Vec::new() };
        let code = session.finish(&written, change).unwrap_or_else(|error| session.report(&error));
        drop(session);
        assert!(stdout.is_empty());
        (code, String::from_utf8_lossy(&stderr).into_owned())
    }

    #[test]
    fn nothing_is_said_that_is_not_known() {
        let process = || Process { id: 7, command_line: Some("specterd server".to_owned()), url: None, version: None };
        let accepts = "Specter accepts it from its next start on\n";
        let refuses = "Specter refuses what was revoked from its next start on\n";
        let undoes = "warning: the Specter that is running (process 7) does not know of the change, and undoes it at its next \
                      save; restart it now\n";
        let overtaken = "error: written, but a Specter was started meanwhile, which may not know of the change, and may undo it \
                         (process 7: specterd server)\nhint: restart Specter now; then `specter-token list` shows the tokens\n";
        for (effect, change, confirmed, code, warned) in [
            (Effect::NextStart, Change::Created, accepts, 0, ""),
            (Effect::NextStart, Change::Revoked, refuses, 0, ""),
            (Effect::NextStart, Change::Removed, "", 0, ""),
            (Effect::Now, Change::Created, "Specter accepts it from now on\n", 0, ""),
            (Effect::Now, Change::Revoked, "Specter refuses what was revoked from now on\n", 0, ""),
            (
                Effect::Unknown,
                Change::Created,
                "",
                0,
                "warning: could not check whether a Specter is running, which would not accept it, and would lose it at its next save\n",
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
                Change::Removed,
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
