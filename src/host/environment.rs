//! The environment variables of this process, and paths that they expand.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use crate::core::error::Result;
use crate::core::password::Password;
use crate::core::source::Source;
use crate::core::specter::expanduser::{User, Whose, expanduser, home_in_passwd};

/// The places of the key outside the command line and the data folder.
#[derive(Debug, Default)]
pub(crate) struct KeyVariables {
    /// `SECRET_KEY`.
    pub(crate) secret_key: Option<OsString>,
    /// `CREDENTIALS_DIRECTORY`.
    pub(crate) credentials_directory: Option<PathBuf>,
}

impl KeyVariables {
    /// The name of Specter's variable, and of the systemd credential.
    pub(crate) const SECRET_KEY: &'static str = "SECRET_KEY";

    pub(crate) fn of_process() -> Self {
        KeyVariables {
            secret_key: std::env::var_os(KeyVariables::SECRET_KEY),
            credentials_directory: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        }
    }
}

const PASSWORD: &str = "SPECTER_PASSWORD";

/// The password in the variable `SPECTER_PASSWORD`, if it is set.
pub(crate) fn password() -> Result<Option<Password>> {
    let Some(value) = std::env::var_os(PASSWORD) else { return Ok(None) };
    Password::new(value.into_encoded_bytes(), Source::Variable(PASSWORD)).map(Some)
}

/// Whether the variable `SPECTER_PASSWORD` is set.
pub(crate) fn has_password() -> bool {
    std::env::var_os(PASSWORD).is_some()
}

/// The data folder in `SPECTER_DATA_FOLDER`, Specter's own variable, if it is set.
pub(crate) fn data_folder() -> Option<PathBuf> {
    std::env::var_os("SPECTER_DATA_FOLDER").map(|folder| with_home(folder.into()))
}

/// Specter's default data folder.
pub(crate) fn default_data_folder() -> PathBuf {
    with_home(PathBuf::from("~/.specter"))
}

/// The address in `SPECTER_URL`, unless it is empty.
pub(crate) fn url() -> Option<String> {
    set("SPECTER_URL").map(|url| url.to_string_lossy().into_owned())
}

/// The file of certificates in `SPECTER_CA_CERT`, unless it is empty. A leading `~` is a home folder.
pub(crate) fn ca_cert() -> Option<PathBuf> {
    set("SPECTER_CA_CERT").map(|file| with_home(file.into()))
}

/// Whether this is a job of continuous integration, where nobody can answer a question.
pub(crate) fn is_ci() -> bool {
    set("CI").is_some_and(|value| value != "0" && value != "false")
}

/// Returns the path with a leading `~` replaced by a home folder, as in Specter.
pub(crate) fn with_home(path: PathBuf) -> PathBuf {
    let home_of = |whose: Whose<'_>| match whose {
        // If HOME is not set, this looks into the user database.
        Whose::Own => std::env::home_dir().map(PathBuf::into_os_string),
        Whose::Named(name) => home_in_passwd(&fs::read("/etc/passwd").ok()?, User::Name(name)),
    };
    expanduser(path.as_os_str(), std::env::var_os("HOME"), home_of).map_or(path, PathBuf::from)
}

/// Whether this is a job of GitHub Actions, whose log can hide a text.
pub(crate) fn is_github_actions() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

/// Whether to use colours if no option says so: <https://no-color.org> and <https://bixense.com/clicolors>.
pub(crate) fn wants_colors(is_terminal: bool) -> bool {
    if set("NO_COLOR").is_some() {
        return false;
    }
    let is_forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    is_forced || is_terminal && !has_dumb_terminal()
}

/// Whether the terminal can only print.
pub(crate) fn has_dumb_terminal() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// The value of a variable that is set and not empty.
fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
