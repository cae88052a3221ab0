//! Errors as data: what was being done, to what, and what caused the error.
//!
//! Nothing here is a sentence or names an option: `words` says what has happened, and the command line or a screen says
//! in its own terms what helps.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::fault::{AddressFault, Damage, KeyFault, Obstacle, PasswordFault, ServerError};
use super::process::{Elsewhere, Process};
use super::source::Source;
use super::time::plausible::ClockDoubt;
use super::token::TokenName;
use super::version::Version;

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be done.
#[derive(Debug)]
pub(crate) enum Error {
    /// The operating system refused to do something with a file or a folder.
    File {
        action: Action,
        path: PathBuf,
        cause: io::Error,
    },
    /// The path is a folder, a pipe or a device.
    NotRegular {
        path: PathBuf,
    },
    /// A new file cannot get the owner and the access control list of the file that it replaces.
    OwnerNotKept {
        model: PathBuf,
        cause: io::Error,
    },
    /// A file cannot be replaced, or no file in this folder can. Nothing was tried.
    Irreplaceable {
        path: PathBuf,
        obstacle: Obstacle,
    },
    /// The backup is already the new version and could not be taken back; users.json is still the old version.
    BackupReplaced {
        backup: PathBuf,
        cause: Box<Error>,
    },
    /// A new file for a token could not be made.
    NotMade {
        path: PathBuf,
        cause: io::Error,
    },
    /// A key or a password could not be read.
    Unreadable {
        what: Secret,
        source: Source,
        cause: io::Error,
    },
    /// The operating system gave no random bytes.
    Random(getrandom::Error),

    /// There is neither a users.json nor a backup of it.
    NoUsersJson {
        users: PathBuf,
        /// Specters on other folders, where nobody has named one.
        elsewhere: Vec<Elsewhere>,
    },
    /// A file, or something else, where a folder has to be.
    NotAFolder {
        path: PathBuf,
        is_file: bool,
        /// The folder that it is in, if that is a data folder.
        holder: Option<PathBuf>,
    },
    /// A link leads nowhere.
    DanglingLink {
        link: PathBuf,
        target: PathBuf,
    },
    OnlyBackup {
        users: PathBuf,
        backup: PathBuf,
    },
    Damaged {
        users: PathBuf,
        backup: PathBuf,
        damage: Damage,
        /// Whether Specter could fall back on the backup.
        has_good_backup: bool,
    },
    /// Another process of this program holds the lock.
    LockBusy {
        folder: PathBuf,
        waited: Duration,
    },
    /// The caller was told to stop before anything was changed.
    Interrupted,
    /// The file system has no locks for folders.
    NoLock {
        folder: PathBuf,
        cause: io::Error,
    },
    /// Another process rewrites users.json each time it is read.
    KeepsChanging {
        users: PathBuf,
    },
    /// The folder already holds a file that a new data folder would get.
    FolderTaken {
        folder: PathBuf,
        file: PathBuf,
    },
    /// `jwt_tokens` of the user is neither an object nor null.
    NoTokenMap {
        username: String,
        /// The value as it is spelled in the file.
        value: String,
    },

    UnknownUser {
        name: String,
        users: Vec<String>,
    },
    /// The user for a new token was not named, and there is not exactly one admin.
    NotOneAdmin {
        count: usize,
        users: Vec<String>,
    },
    /// Names that mean no token, or several.
    Names {
        missing: Vec<String>,
        ambiguous: Vec<Ambiguous>,
        /// Whether the tokens were to be removed; if so, none was.
        is_removal: bool,
    },
    /// The tokens have changed since they were shown for confirmation.
    ShownHasChanged,

    DescriptionTaken {
        description: String,
        username: String,
        by: TakenBy,
    },
    /// No server would accept a header with this token.
    TokenTooLong,
    /// The command needs a key, and there is none.
    NoKey {
        /// The data folder, which is the last place where a key is looked for.
        folder: PathBuf,
    },
    UnusableKey {
        source: Source,
        fault: KeyFault,
    },
    /// Specter refuses every token with such a key.
    KeyRefusedBySpecter {
        source: Source,
    },
    /// The key signed none of the newest tokens.
    WrongKey {
        source: Source,
        /// The owner of these tokens; `None` for all users.
        username: Option<String>,
    },
    /// The key differs from the data folder's own, and no token tells which of the two is Specter's.
    TwoKeys {
        source: Source,
        /// The file with the data folder's own key.
        own: PathBuf,
    },
    /// Expired tokens were to be removed, but the clock is probably wrong.
    ClockDoubtful {
        doubt: ClockDoubt,
        now: i64,
    },
    UnusablePassword {
        source: Source,
        fault: PasswordFault,
    },

    /// A Specter is running that would not see the change.
    Running {
        users: PathBuf,
        process: Process,
    },
    /// The change was made, but a Specter started at the same time.
    StartedMeanwhile {
        process: Process,
    },

    /// This version of Specter has no tokens.
    SpecterTooOld {
        version: Version,
    },

    /// The address of a server cannot be used.
    Address(AddressFault),
    /// The file holds no PEM certificate.
    NoCertificates {
        file: PathBuf,
    },
    /// HTTP Basic ends a user name at the first colon.
    ColonInName {
        name: String,
    },
    /// TLS could not be set up on this machine.
    Tls(rustls::Error),
    Server(Box<ServerError>),
}

/// An operation on a file or a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Find,
    Make,
    MakeFolder,
    Open,
    Read,
    ReadCertificates,
    Remove,
    Replace,
    Write,
}

/// A kind of secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secret {
    Key,
    Password,
}

/// A name that means several tokens.
#[derive(Debug)]
pub(crate) struct Ambiguous {
    pub(crate) name: String,
    pub(crate) candidates: Vec<TokenName>,
}

/// The token that already has a description.
#[derive(Debug)]
pub(crate) enum TakenBy {
    /// The id of the token.
    Token(String),
    /// A token that another client made at the same time, after these tokens had been removed to make room.
    MadeMeanwhile(Vec<TokenName>),
}

impl From<Box<ServerError>> for Error {
    fn from(error: Box<ServerError>) -> Self {
        Error::Server(error)
    }
}

/// A remedy that needs an option, a command or a key on a screen. Each user interface spells it in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Remedy {
    // Choosing a data folder, a user or a token.
    NameFolderOrClearPath,
    NameOrMakeFolder,
    NameFolderOfRunning,
    /// This one, in place of a file in it.
    NameHolder(PathBuf),
    NameFolderOrFixLink,
    NameNewFolder,
    NameNewFile {
        /// Whether a file of this name exists.
        exists: bool,
    },
    /// The users to choose from.
    NameUser(Vec<String>),
    ListTokens,
    // Making a token.
    OtherDescriptionOrReplace,
    /// The data folder that needs a key.
    GiveKey(PathBuf),
    GiveSpectersKeyOrTakeNew,
    /// The file with the data folder's own key, which is one of the two to choose from.
    ChooseKey(PathBuf),
    SetClockOrConfirm,
    // A running Specter.
    /// The address of the server, if known.
    StopOrUseServer(Option<String>),
    RestartAndList,
    // A server.
    GiveLogin,
    GiveLoginApart,
    WaitLonger,
    TrustCertificate,
    EncryptOrAllow,
    EncryptOrDropCertificates,
    UseFolder,
    LocalFolderOrServer,
    RevokeInFolder,
    FindUndecodable,
    SeeLogAndList,
    RevokeLater,
    /// The id of the token.
    Revoke(String),
}

/// For debugging only: `words` has the messages for people.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Error {}

/// Adds the operation and the path to an error of the operating system.
pub(crate) trait FileContext<T> {
    fn doing(self, action: Action, path: impl Into<PathBuf>) -> Result<T>;
}

impl<T> FileContext<T> for io::Result<T> {
    fn doing(self, action: Action, path: impl Into<PathBuf>) -> Result<T> {
        self.map_err(|cause| Error::File { action, path: path.into(), cause })
    }
}
