//! The command line: the commands, and the one match that runs them.

use std::ffi::OsString;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use anyhow::Result;
use clap::error::ErrorKind as UsageErrorKind;
use clap::{Arg, ArgMatches, Args, CommandFactory as _, FromArgMatches, Parser, Subcommand};

use crate::cli::commands::{completions, create, init, list, revoke, show, verify};
use crate::cli::options::{GlobalOptions, of_command, where_more_are};
use crate::cli::session::{Session, write_report};
use crate::host::signals;
use crate::host::world::World;
use crate::words::codes::Kind;
use crate::words::failure::Report;
use crate::words::redact::redacted;

/// Create, list, show, revoke and verify the access tokens of Specter Desktop's REST API.
///
/// The commands work on users.json in Specter's data folder while Specter is stopped: a running Specter does not see a
/// change of that file, and overwrites it. With --server, they work through a running Specter.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, args_override_self = true)]
#[command(mut_args(|option| taking_hyphens(of_command("", option))))]
#[command(after_help = "More options (folder, server, output): specter-token --help")]
#[command(after_long_help = "`specter-token COMMAND --help` shows the options of a command, and examples.")]
pub struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a token and print it once
    ///
    /// The token is signed with Specter's key and registered in users.json, while Specter is stopped. With --server, a
    /// running Specter makes it. The token is printed to standard output, and stored only in users.json.
    Create(Deferred<create::Args>),
    /// List the tokens, one per row
    ///
    /// If Specter's key is found, every signature is checked. Without the key, or with --server, a token that seems
    /// valid is `unchecked`.
    List(Deferred<list::Args>),
    /// Show one token: its claims, times and status
    ///
    /// The status also tells why Specter would refuse the token.
    Show(Deferred<show::Args>),
    /// Remove tokens, so that Specter refuses them
    ///
    /// All tokens are removed from users.json in one write, or none is, while Specter is stopped. They are also removed
    /// from users.json.bkp, Specter's backup. With --server, a running Specter removes one after the other. A Specter
    /// before 2.1.11 accepts a removed token until it expires; a warning then says until when.
    Revoke(Deferred<revoke::Args>),
    /// Say whether Specter would accept a token, and why not
    ///
    /// Exit code 0: accepted; 10: expired; 11: not registered; 12: bad signature; 13: refused for another reason; 14:
    /// refused by a server (--server), which does not say why. Several tokens give the highest code.
    Verify(Deferred<verify::Args>),
    /// Make a data folder that Specter can start on
    ///
    /// The folder gets a users.json with one admin, and a random key in the file secret_key. Existing files are never
    /// replaced.
    Init(Deferred<init::Args>),
    /// Print the completion script for a shell
    Completions(Deferred<completions::Args>),
}

/// The arguments of a command and the global options. clap learns of them only if this command runs. Otherwise it would
/// describe every command, and copy every global option to each, at every start.
#[derive(Debug)]
struct Deferred<A>(A);

impl<A: Args> Args for Deferred<A> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.defer(|command| {
            let name = command.get_name().to_owned();
            let global = GlobalOptions::augment_args(command).mut_args(|option| of_command(&name, option).global(true));
            let more = where_more_are(&global);
            A::augment_args(global).after_help(more).mut_args(taking_hyphens)
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl<A: FromArgMatches> FromArgMatches for Deferred<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        A::from_arg_matches(matches).map(Deferred)
    }

    /// Without this, clap would clone all matches first.
    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        A::from_arg_matches_mut(matches).map(Deferred)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl Cli {
    /// Parses the process's arguments.
    pub fn from_args() -> Result<Self, UsageError> {
        Self::parse_from(std::env::args_os())
    }

    /// Parses the given arguments, the program's name first.
    pub fn parse_from(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, UsageError> {
        let arguments: Vec<OsString> = arguments.into_iter().collect();
        // If parsing fails, the parser does not tell whether the error is wanted as JSON.
        let wants_json = arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json");
        let arguments = without_options_of_help(arguments);
        let error = |error| UsageError { error, wants_json };
        swallowed_option(&arguments).map_or(Ok(()), Err).map_err(error)?;
        Self::try_parse_from(arguments).map_err(error)
    }
}

/// Drops the options of `help`, which has none: `help create --json` and `help --help` print help, too.
fn without_options_of_help(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|command| command == "help") {
        arguments.retain(|word| !word.as_encoded_bytes().starts_with(b"-"));
    }
    arguments
}

/// Lets an option take a value that begins with `-`, as in POSIX.
fn taking_hyphens(argument: Arg) -> Arg {
    if takes_value(&argument) { argument.allow_hyphen_values(true) } else { argument }
}

/// Whether an argument is an option that takes a value.
fn takes_value(argument: &Arg) -> bool {
    !argument.is_positional() && argument.get_action().takes_values()
}

/// Returns an error if the value of an option is one of the command's own options: probably the value was left out.
fn swallowed_option(arguments: &[OsString]) -> Option<clap::Error> {
    let words: Vec<&str> = arguments.iter().skip(1).map(|word| word.to_str().unwrap_or_default()).collect();
    // This is seldom true, so the command line is nearly always described only once.
    if !words.windows(2).any(|pair| pair.iter().all(|word| word.starts_with('-'))) {
        return None;
    }
    let mut command = Cli::command();
    command.build();
    let name = words.iter().find(|word| command.find_subcommand(word).is_some())?;
    let of_command = command.find_subcommand_mut(name)?;
    let is_option = |word: &str| {
        of_command.get_arguments().any(|option| {
            let long = word.strip_prefix("--").is_some_and(|name| option.get_long() == Some(name));
            long || option
                .get_short()
                .is_some_and(|short| word.strip_prefix('-').is_some_and(|rest| rest.chars().eq([short])))
        })
    };
    let mut rest = words.iter();
    while let Some(word) = rest.next().filter(|word| **word != "--") {
        let Some(option) = waiting_option(of_command, word) else { continue };
        let value = rest.next()?;
        if is_option(value) {
            let option = option.to_string();
            let message = format!(
                "a value is missing for '{option}': '{value}' is an option of this command\n\n  tip: if it is the value, write \
                 '{word}={value}'"
            );
            return Some(of_command.error(UsageErrorKind::InvalidValue, message));
        }
    }
    None
}

/// The option at the end of a word that takes the next word as its value.
fn waiting_option<'c>(command: &'c clap::Command, word: &str) -> Option<&'c Arg> {
    let options = || command.get_arguments().filter(|argument| takes_value(argument));
    if let Some(name) = word.strip_prefix("--") {
        return options().find(|option| option.get_long() == Some(name));
    }
    let mut letters = word.strip_prefix('-')?.chars();
    let with_value = letters.find_map(|letter| options().find(|option| option.get_short() == Some(letter)))?;
    // The rest of the word after the letter is its value.
    letters.next().is_none().then_some(with_value)
}

/// Arguments that cannot be used, or a request for help.
#[derive(Debug)]
pub struct UsageError {
    error: clap::Error,
    wants_json: bool,
}

impl UsageError {
    /// Prints help to standard output, or the error to standard error. Returns the exit code.
    pub fn report(&self) -> ExitCode {
        let text = self.error.to_string();
        let text = if self.error.use_stderr() { redacted(&text) } else { text };
        if self.wants_json && self.error.use_stderr() {
            let message = text.split("\n\nUsage:").next().unwrap_or_default().trim_start_matches("error: ");
            let message = message.trim_end().trim_end_matches("For more information, try '--help'.");
            let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
            let (message, hint) =
                message.split_once(" tip: ").unwrap_or((&message, "`specter-token --help` lists commands and options"));
            let (message, hint) = (message.to_owned(), Some(hint.to_owned()));
            let report = Report { reason: Kind::Usage.word(), message, hint, exit_code: Kind::Usage.exit_code() };
            write_report(&report, true, &mut std::io::stderr().lock());
        } else {
            let written = if self.error.use_stderr() {
                std::io::stderr().write_all(text.as_bytes())
            } else {
                std::io::stdout().write_all(text.as_bytes())
            };
            if written.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
                return ExitCode::from(1);
            }
        }
        ExitCode::from(u8::try_from(self.error.exit_code()).unwrap_or(2))
    }
}

/// Runs a command and returns its exit code, unless a signal ends the process. Reports an error to `world.stderr`.
pub fn run<'a>(cli: &'a Cli, world: World<'a>) -> u8 {
    let mut session = Session::new(&cli.global, world);
    let result = match &cli.command {
        Command::Create(args) => create::run(&args.0, &mut session),
        Command::List(args) => list::run(&args.0, &mut session),
        Command::Show(args) => show::run(&args.0, &mut session),
        Command::Revoke(args) => revoke::run(&args.0, &mut session),
        Command::Verify(args) => verify::run(&args.0, &mut session),
        Command::Init(args) => init::run(&args.0, &mut session),
        Command::Completions(args) => completions::run(&args.0, &mut session, Cli::command()),
    };
    let code = result.unwrap_or_else(|error| session.report(&error));
    signals::release();
    code
}
