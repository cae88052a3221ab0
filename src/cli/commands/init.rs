//! `init`: makes a data folder that Specter can start on.

use std::path::{Path, PathBuf, absolute};

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::cli::output::json;
use crate::cli::session::Session;
use crate::cli::waits::patience;
use crate::core::error::{Error, Secret};
use crate::core::fault::KeyFault;
use crate::core::jwt::rules::Rules;
use crate::core::password::{Hash, Password};
use crate::core::source::Source;
use crate::core::users_json::new_folder::NewFolder;
use crate::host::environment::has_password;
use crate::host::secret::{KEY_FILE, differs_from_variable, generate_key, kept_key, new_password_in};
use crate::words::codes::Kind;
use crate::words::escape::escaped;
use crate::words::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  specter-token init --data-folder ~/specter-test
  pass show specter | specter-token init --password-file -";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {}

/// The only name that works. While no login is turned on, Specter signs every visitor in as the user with this id, and
/// fails on all requests if there is none. Its token API needs a user whose name is also the id.
const ADMIN: &str = "admin";

/// The object that `--json` prints.
#[derive(Debug, Serialize)]
struct Made<'a> {
    data_folder: &'a Path,
    username: &'static str,
    /// Present only if `init` made it up.
    password: Option<&'a str>,
    secret_key_file: PathBuf,
    /// The shell command that starts Specter.
    start: &'a str,
}

pub(crate) fn run(_: &Args, session: &mut Session<'_>) -> Result<u8> {
    session.options.check_no_server()?;
    if session.options.secret_file.is_some() {
        let message = "could not take the key of --secret-file: init makes one, or keeps the folder's own";
        let hint = "to have a key of yours, put it into the folder's secret_key first";
        return Err(Failure::new(Kind::Usage, message, hint).into());
    }
    let folder = session.folder.clone();
    let path = absolute(folder.path()).context("could not find the current folder")?;
    // This drops a slash at the end.
    let path: PathBuf = path.components().collect();
    check_path(&path)?;
    NewFolder::check(&folder)?;
    let password = password(session)?;
    let generated = password.is_none();
    if generated {
        session.check_output("password", "give one of your own, with --password-file FILE")?;
    }
    let password = password.map_or_else(Password::generate, Ok)?;
    let users = users_json(&password.hash()?);

    session.hold_signals_back(
        &format!("{} may be made, whole or in part", path.display()),
        &format!("remove {} if it is there, and try again", folder.users().display()),
    )?;
    let new = NewFolder::make(&folder, &patience())?;
    new.clear(KEY_FILE)?;
    let key_file = folder.path().join(KEY_FILE);
    let kept = kept_key(&key_file)?;
    let whose_key = if kept.is_some() { "the secret_key that was there" } else { "a new secret_key" };
    // The key comes first: with users.json first, a crash between the two would leave a folder that looks complete.
    match kept {
        Some(key) if key.ends_in_newline() => {
            return Err(Error::UnusableKey { source: Source::File(key_file), fault: KeyFault::Newlines }.into());
        }
        Some(key) => session.tell_doubts(Secret::Key, key.doubts(Rules::From2_1_11)),
        None => new.add(KEY_FILE, &(generate_key()? + "\n"))?,
    }
    new.add("users.json", &users)?;
    if differs_from_variable(&key_file) {
        session.warn(format_args!(
            "SECRET_KEY is set, and init does not use it: the key of this folder is in {}; unset SECRET_KEY, which the other commands \
             take first, or write its key into that file",
            path.join(KEY_FILE).display()
        ));
    }

    let start = start_command(&path);
    let generated = generated.then_some(password.as_str());
    if let Some(password) = generated {
        session.mask(password);
    }
    let printed = if session.json {
        let secret_key_file = path.join(KEY_FILE);
        let made = Made { data_folder: &path, username: ADMIN, password: generated, secret_key_file, start: &start };
        session.print(json::pretty(&made)?)
    } else {
        generated.map_or(Ok(()), |password| session.print(format!("{password}\n")))
    };
    if let Err(error) = printed {
        // Even a broken pipe loses the password here, so this is a failure of its own.
        let folder = path.display();
        let message = format!("{folder} is made, but the result could not be printed: {error:#}");
        let hint = format!("remove {folder}/users.json and try again; --password-file takes a password of your own");
        return Err(Failure::new(Kind::Io, message, hint).into());
    }
    let shown = path.display().to_string();
    session.confirm(format_args!("made {}: users.json with the user {ADMIN}, and {whose_key}", escaped(&shown)));
    session.confirm(format_args!("start Specter with this key:\n  {}", escaped(&start)));
    session.confirm(
        "the password guards only the token API: Specter's web pages ask for no password until a login is turned on in their settings",
    );
    Ok(0)
}

/// Refuses a path that cannot be printed in the command that starts Specter.
fn check_path(path: &Path) -> Result<()> {
    if path.to_str().is_some_and(|path| escaped(path) == path) {
        return Ok(());
    }
    let message = format!("could not make a data folder of {}: its path cannot be printed", path.display());
    Err(Failure::new(Kind::Usage, message, "name a folder without control characters, in UTF-8").into())
}

/// The user's own password. `None` if one is to be made up.
fn password(session: &mut Session<'_>) -> Result<Option<Password>> {
    let options = session.options;
    if let Some(file) = &options.password_file {
        let password = new_password_in(file, session.stdin())?;
        session.tell_doubts(Secret::Password, password.doubts());
        return Ok(Some(password));
    }
    if has_password() {
        let instead = if session.can_ask() { "asks for one" } else { "makes one up" };
        session.warn(format_args!(
            "SPECTER_PASSWORD is set, and init does not use it, but {instead}; --password-file takes a password of your own"
        ));
    }
    let Some(prompt) = session.prompt("give the password in a file, with --password-file")? else { return Ok(None) };
    let typed = prompt.new_secret(&format!("Password for {ADMIN} (not shown; leave it empty to make one up)"))?;
    if typed.is_empty() { Ok(None) } else { Ok(Some(Password::chosen(typed.into_bytes(), Source::Prompt)?)) }
}

/// The file that Specter itself would save for a database with one user.
fn users_json(Hash { salt, pwdhash }: &Hash) -> String {
    format!(
        r#"[
    {{
        "id": "{ADMIN}",
        "username": "{ADMIN}",
        "password": {{
            "salt": "{salt}",
            "pwdhash": "{pwdhash}"
        }},
        "is_admin": true,
        "jwt_tokens": {{}},
        "encrypted_user_secret": null,
        "services": []
    }}
]"#
    )
}

/// The command that starts Specter. Without libusb, Specter ends at its start unless it is told not to look for
/// hardware wallets yet.
fn start_command(folder: &Path) -> String {
    let key_file = quoted(&folder.join(KEY_FILE).display().to_string());
    let folder = quoted(&folder.display().to_string());
    format!(
        "SECRET_KEY=\"$(cat {key_file})\" SPECTER_API_ACTIVE=True SKIP_HWI_INITIALISATION_AT_STARTUP=True \
         python3 -m cryptoadvance.specter server --config ProductionConfig --specter-data-folder {folder}"
    )
}

/// A word as a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,@%:=".contains(&byte);
    if word.bytes().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        for word in ["/srv/specter", "/srv/my specter", "it's", "$HOME", "a\"b", "`x`", "\\", ""] {
            let output = std::process::Command::new("sh").args(["-c", &format!("printf %s {}", quoted(word))]).output();
            let printed = output.expect("a shell").stdout;
            assert_eq!(String::from_utf8_lossy(&printed), word);
        }
    }
}
