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
    Usage,
    NotFound,
    Ambiguous,
    DescriptionTaken,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Io => "io",
            Kind::DamagedFile => "damaged_file",
            Kind::Secret => "secret",
            Kind::WrongSecret => "wrong_secret",
            Kind::Busy => "busy",
            Kind::Usage => "usage",
            Kind::NotFound => "not_found",
            Kind::Ambiguous => "ambiguous",
            Kind::DescriptionTaken => "description_taken",
        }
    }

    fn exit_code(self) -> u8 {
        match self {
            Kind::Io | Kind::DamagedFile | Kind::Secret | Kind::WrongSecret | Kind::Busy => 1,
            Kind::Usage => 2,
            Kind::NotFound | Kind::Ambiguous => 3,
            Kind::DescriptionTaken => 4,
        }
    }
}

/// A failure with a remedy. Everything else that goes wrong is I/O.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Failure { kind, message: message.into(), hint: None }
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
            message: format!("{error:#}"),
            hint: failure.map_or_else(|| io_hint(error), |failure| failure.hint.clone()),
            exit_code: kind.exit_code(),
        }
    }
}

fn io_hint(error: &anyhow::Error) -> Option<String> {
    let kind = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>())?.kind();
    let hint = match kind {
        io::ErrorKind::PermissionDenied => "run this as the user that runs Specter, for example with `sudo -u`",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "free some room and try again"
        }
        io::ErrorKind::ReadOnlyFilesystem => "the file system is mounted read-only; remount it for writing",
        _ => return None,
    };
    Some(hint.to_owned())
}
