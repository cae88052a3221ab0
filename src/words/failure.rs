//! Why a command stops: a reason with its exit code, what to say, and what to do next. `main` prints the one error.

use std::fmt;
use std::io;

use serde::Serialize;

/// What kind of failure it is; the exit code and the word in JSON follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Reading or writing failed.
    Io,
    /// users.json is not what Specter loads.
    DamagedFile,
    /// No key, or one that cannot be used.
    Secret,
    /// The key does not fit the tokens that are there.
    WrongSecret,
    /// Another process holds the lock, or keeps changing users.json.
    Busy,
    /// What was to be made is there already.
    Exists,
    /// The user was asked, and said no.
    Declined,
    Usage,
    NotFound,
    Ambiguous,
    DescriptionTaken,
    /// A Specter is running that would not see the change.
    Running,
    /// The server could not be reached, or is not the one that it should be.
    Unreachable,
    /// The server's token API is turned off.
    ApiOff,
    /// The server does not let the user in.
    Login,
    /// The server failed, or answered what nobody expects.
    Server,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Io => "io",
            Kind::DamagedFile => "damaged_file",
            Kind::Secret => "secret",
            Kind::WrongSecret => "wrong_secret",
            Kind::Busy => "busy",
            Kind::Exists => "exists",
            Kind::Declined => "declined",
            Kind::Usage => "usage",
            Kind::NotFound => "not_found",
            Kind::Ambiguous => "ambiguous",
            Kind::DescriptionTaken => "description_taken",
            Kind::Running => "running",
            Kind::Unreachable => "unreachable",
            Kind::ApiOff => "api_off",
            Kind::Login => "login",
            Kind::Server => "server",
        }
    }

    fn exit_code(self) -> u8 {
        match self {
            Kind::Io
            | Kind::DamagedFile
            | Kind::Secret
            | Kind::WrongSecret
            | Kind::Busy
            | Kind::Exists
            | Kind::Declined => 1,
            Kind::Usage => 2,
            Kind::NotFound | Kind::Ambiguous => 3,
            Kind::DescriptionTaken => 4,
            Kind::Running => 5,
            Kind::Unreachable | Kind::ApiOff | Kind::Login | Kind::Server => 6,
        }
    }
}

/// A failure with a remedy. Everything else that goes wrong is I/O.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Failure { kind, message: message.into(), hint: None }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The failure, and what it has left behind.
    #[must_use]
    pub(crate) fn and(mut self, what: &str) -> Self {
        self.message = format!("{}; {what}", self.message);
        self
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// An error as it is reported.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    #[serde(skip)]
    pub(crate) exit_code: u8,
}

impl Report {
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        let failure = error.downcast_ref::<Failure>();
        let kind = failure.map_or(Kind::Io, |failure| failure.kind);
        Report {
            reason: kind.word(),
            message: redacted(&format!("{error:#}")),
            hint: failure.map_or_else(|| io_hint(error), |failure| failure.hint.clone()),
            exit_code: kind.exit_code(),
        }
    }
}

/// The text with every token in it cut short: what someone has typed in the wrong place must not end up in a log.
pub(crate) fn redacted(text: &str) -> String {
    let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.' | '=');
    let mut redacted = String::with_capacity(text.len());
    for word in text.split_inclusive(|char| !is_part(char)) {
        let token = word.trim_end_matches(|char| !is_part(char));
        if token.len() > 40 && token.matches('.').count() >= 2 {
            redacted.push_str(&token[..8]);
            redacted.push('…');
            redacted.push_str(&word[token.len()..]);
        } else {
            redacted.push_str(word);
        }
    }
    redacted
}

fn io_hint(error: &anyhow::Error) -> Option<String> {
    let kind = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>())?.kind();
    let hint = match kind {
        io::ErrorKind::PermissionDenied => {
            "run this as the user that runs Specter, for example with `sudo -u`; if that is you, see whether the file is \
             immutable (`lsattr`)"
        }
        io::ErrorKind::ResourceBusy => {
            "a file that is mounted by itself cannot be replaced: mount the folder that holds it, for example into the container"
        }
        io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => "name another path, or move what is in the way",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "free some room and try again"
        }
        io::ErrorKind::InvalidData => "name a file that holds what is wanted and nothing else",
        io::ErrorKind::NotFound => "see whether the path is right",
        io::ErrorKind::AlreadyExists => "something is there already: name another path, or move that out of the way",
        io::ErrorKind::ReadOnlyFilesystem => "the file system is mounted read-only; remount it for writing",
        _ => "mend that, and try again",
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_cut_short() {
        const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6MX0.Qltm6z3BtnUlqpQd_voY";
        for (text, shown) in [
            (format!("could not find a token by `{TOKEN}`, `x`"), "could not find a token by `eyJhbGci…`, `x`"),
            (format!("'{TOKEN}=' found\nUsage: {TOKEN}"), "'eyJhbGci…' found\nUsage: eyJhbGci…"),
            ("no such file: /srv/a.b.c/users.json.bkp".to_owned(), "no such file: /srv/a.b.c/users.json.bkp"),
            ("9b70c8e5-0324-4257-9086-b77a03a436ae".to_owned(), "9b70c8e5-0324-4257-9086-b77a03a436ae"),
            ("é…".to_owned(), "é…"),
        ] {
            assert_eq!(redacted(&text), shown);
        }
    }
}
