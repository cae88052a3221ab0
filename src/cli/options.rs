//! The options that every command has, and what they choose: a data folder, or a server.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Arg, Args, ValueEnum, ValueHint};

use crate::core::specter::address::Address;
use crate::core::users_json::folder::DataFolder;
use crate::host::environment;
use crate::words::codes::Kind;
use crate::words::failure::Failure;

const FOLDER: &str = "Folder and key";
const SERVER: &str = "Running server";
const OUTPUT: &str = "Output";

#[derive(Debug, Args)]
pub(crate) struct GlobalOptions {
    /// Specter's data folder, which holds users.json [env: SPECTER_DATA_FOLDER] [default: ~/.specter]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, value_parser = path(), help_heading = FOLDER)]
    data_folder: Option<PathBuf>,
    /// Read the key that signs tokens from FILE (`-`: standard input) instead of SECRET_KEY or the data folder's
    /// secret_key
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = path(), help_heading = FOLDER)]
    pub(crate) secret_file: Option<PathBuf>,
    /// Change users.json even if a Specter is running, which does not see the change and overwrites it at its next save
    #[arg(long, help_heading = FOLDER)]
    pub(crate) even_if_running: bool,
    /// Work through the running Specter at URL, such as http://127.0.0.1:25441, and its token API [env: SPECTER_URL]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, help_heading = SERVER)]
    server: Option<String>,
    /// Read a password from FILE (`-`: standard input), for the user on the server [env: SPECTER_PASSWORD] or for the
    /// admin that `init` makes
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = path(), help_heading = SERVER)]
    pub(crate) password_file: Option<PathBuf>,
    /// Trust only the certificates in FILE: Specter's own cert.pem, or those of authorities [env: SPECTER_CA_CERT]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = path(), help_heading = SERVER)]
    ca_cert: Option<PathBuf>,
    /// Send the password and tokens unencrypted, over http, to a server on another machine
    #[arg(long, help_heading = SERVER)]
    allow_http: bool,
    /// How long to wait for each answer of the server [default: 30]
    #[arg(long, value_name = "SECONDS", value_hint = ValueHint::Other, value_parser = clap::value_parser!(u32).range(1..=86_400), help_heading = SERVER)]
    timeout: Option<u32>,
    /// Print JSON, and errors as JSON on standard error
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) json: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, help_heading = OUTPUT)]
    pub(crate) color: Color,
    /// Print no messages except warnings, hints and errors
    #[arg(short, long, help_heading = OUTPUT)]
    pub(crate) quiet: bool,
    /// Never ask a question, but fail instead [env: CI, unless empty, 0 or false]
    #[arg(long, help_heading = OUTPUT)]
    no_input: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

/// Hides a global option from the short help of a command, and from all its help if the option does nothing there. An
/// empty name stands for the program as a whole.
pub(crate) fn of_command(command: &str, option: Arg) -> Arg {
    let does_something = match (command, option.get_id().as_str()) {
        ("", _) | (_, "json") => true,
        // `verify` needs no login.
        ("completions", _) | ("verify", "password_file") => false,
        ("init", name) => matches!(name, "data_folder" | "password_file" | "quiet" | "no_input"),

        (_, "color") => command == "list",
        (_, "even_if_running") => matches!(command, "create" | "revoke"),
        _ => true,
    };
    let is_of_new_admin = command == "init" && option.get_id() == "password_file";
    let option = if is_of_new_admin { option.help_heading(FOLDER) } else { option };
    option.hide_short_help(true).hide(!does_something)
}

/// Returns the last line of a command's short help, which tells where the other options are.
pub(crate) fn where_more_are(command: &clap::Command) -> String {
    let kinds = [(FOLDER, "folder"), (SERVER, "server"), (OUTPUT, "output")];
    let is_offered = |heading| {
        command.get_arguments().any(|option| option.get_help_heading() == Some(heading) && !option.is_hide_set())
    };
    let kinds: Vec<_> = kinds.into_iter().filter(|(heading, _)| is_offered(heading)).map(|(_, kind)| kind).collect();
    format!("More options ({}): specter-token {} --help", kinds.join(", "), command.get_name())
}

/// A path in any bytes. A leading `~` is a home folder, even if no shell has replaced it, as in `--out=~/x`.
pub(crate) fn path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(environment::with_home)
}

/// The place of the tokens.
pub(crate) enum Target<'a> {
    /// In the users.json of a data folder.
    Folder,
    Server(Address<'a>),
}

impl GlobalOptions {
    /// The data folder.
    pub(crate) fn data_folder(&self) -> DataFolder {
        let named = self.data_folder.clone().or_else(environment::data_folder);
        named.map_or_else(|| DataFolder::by_default(environment::default_data_folder()), DataFolder::new)
    }

    /// Whether nothing may be asked, even on a terminal.
    pub(crate) fn no_input(&self) -> bool {
        self.no_input || environment::is_ci()
    }

    /// Returns the target that the options choose. An option beats a variable. An option without effect is an error,
    /// because the user believes to work on something else.
    pub(crate) fn target(&self) -> Result<Target<'_>, Failure> {
        let url = match &self.server {
            Some(url) => Some(Cow::Borrowed(&**url)),
            None if self.data_folder.is_some() => None,
            None => environment::url().map(Cow::Owned),
        };
        let usage = |message: String, hint: &str| Err(Failure::new(Kind::Usage, message, hint));
        let url = match (url, self.of_a_folder(), self.of_a_server()) {
            (None, _, None) => return Ok(Target::Folder),
            (None, _, Some(option)) => {
                let hint = "name the server with --server or SPECTER_URL";
                return usage(format!("could not use {option}: there is no server"), hint);
            }
            (Some(_), Some(option), _) => {
                let hint = "a server works on its own users.json with its own key; with --data-folder, SPECTER_URL does not count";
                return usage(format!("could not use both a server and {option}"), hint);
            }
            (Some(url), None, _) => url,
        };
        // The variable may be there for other servers.
        let has_certificate = url.to_ascii_lowercase().starts_with("https:");
        let of_variable = if has_certificate { environment::ca_cert() } else { None };
        Ok(Target::Server(Address {
            url,
            ca_cert: self.ca_cert.clone().or(of_variable),
            allow_http: self.allow_http,
            timeout: Duration::from_secs(self.timeout.unwrap_or(30).into()),
        }))
    }

    /// Fails if an option chooses a server: `init` makes a folder on this machine.
    pub(crate) fn check_no_server(&self) -> Result<(), Failure> {
        let option = self.server.as_ref().map(|_| "--server").or_else(|| self.of_a_server_alone());
        let option = option.or(self.even_if_running.then_some("--even-if-running"));
        match option {
            None => Ok(()),
            Some(option) => {
                let message = format!("could not use {option}: init makes a data folder");
                Err(Failure::new(Kind::Usage, message, "name the folder with --data-folder"))
            }
        }
    }

    /// The first option given that works only on a data folder.
    fn of_a_folder(&self) -> Option<&'static str> {
        let options = [
            (self.data_folder.is_some(), "--data-folder"),
            (self.secret_file.is_some(), "--secret-file"),
            (self.even_if_running, "--even-if-running"),
        ];
        first_given(options)
    }

    /// The first option given that works only with a server.
    fn of_a_server(&self) -> Option<&'static str> {
        self.of_a_server_alone().or(self.password_file.as_ref().map(|_| "--password-file"))
    }

    fn of_a_server_alone(&self) -> Option<&'static str> {
        let options = [
            (self.ca_cert.is_some(), "--ca-cert"),
            (self.allow_http, "--allow-http"),
            (self.timeout.is_some(), "--timeout"),
        ];
        first_given(options)
    }
}

fn first_given<const N: usize>(options: [(bool, &'static str); N]) -> Option<&'static str> {
    options.into_iter().find_map(|(is_given, option)| is_given.then_some(option))
}
