//! What can go wrong, as data: what was being done, to what, and by which cause.
//!
//! Nothing here is a sentence, and nothing names an option: `words` says what has happened, and the command line or a screen says
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
    /// It is a folder, a pipe or a device.
    NotRegular {
        path: PathBuf,
    },
    /// A new file cannot have the owner and the access control list of the one that it is to replace.
    OwnerNotKept {
        model: PathBuf,
        cause: io::Error,
    },
    /// A file cannot be replaced, or none in this folder. Nothing was tried.
    Irreplaceable {
        path: PathBuf,
        obstacle: Obstacle,
    },
    /// The backup is the new version already, and could not be taken back, but users.json is still the old one.
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
    /// The operating system has no random bytes.
    Random(getrandom::Error),

    /// There is neither a users.json nor a backup of one.
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
    /// The caller was told to end before anything was changed.
    Interrupted,
    /// The file system has no locks for folders.
    NoLock {
        folder: PathBuf,
        cause: io::Error,
    },
    /// Another process rewrites users.json each time that it was read.
    KeepsChanging {
        users: PathBuf,
    },
    /// What a new data folder needs is there already.
    FolderTaken {
        folder: PathBuf,
        file: PathBuf,
    },
    /// `jwt_tokens` of the user is neither an object nor null.
    NoTokenMap {
        username: String,
        /// As it is spelled.
        value: String,
    },

    UnknownUser {
        name: String,
        users: Vec<String>,
    },
    /// Nobody said whose token it is to be, and it cannot be told.
    NotOneAdmin {
        count: usize,
        users: Vec<String>,
    },
    /// Names that mean no token, or several.
    Names {
        missing: Vec<String>,
        ambiguous: Vec<Ambiguous>,
        /// Whether they were to be removed; then none was.
        is_removal: bool,
    },
    /// The tokens are no longer those that were shown before the answer.
    ShownHasChanged,

    DescriptionTaken {
        description: String,
        username: String,
        by: TakenBy,
    },
    /// No server would take a header that holds it.
    TokenTooLong,
    /// A command needs the key, and there is none.
    NoKey {
        /// The data folder in which one was looked for at last.
        folder: PathBuf,
    },
    UnusableKey {
        source: Source,
        fault: KeyFault,
    },
    /// With such a key Specter refuses every token.
    KeyRefusedBySpecter {
        source: Source,
    },
    /// The key signed none of the newest tokens.
    WrongKey {
        source: Source,
        /// Whose tokens; none: of all users.
        username: Option<String>,
    },
    /// The key differs from the data folder's own, and there is no token that would tell which of the two is Specter's.
    TwoKeys {
        source: Source,
        /// The file of the folder's own.
        own: PathBuf,
    },
    /// Tokens that have expired were to be removed, but the clock is most likely wrong.
    ClockDoubtful {
        doubt: ClockDoubt,
        now: i64,
    },
    UnusablePassword {
        source: Source,
        fault: PasswordFault,
    },

    /// A Specter runs that would not see the change.
    Running {
        users: PathBuf,
        process: Process,
    },
    /// The change is made, but a Specter was started at the same time.
    StartedMeanwhile {
        process: Process,
    },

    /// It is from before there were tokens.
    SpecterTooOld {
        version: Version,
    },

    /// The address of a server cannot be used.
    Address(AddressFault),
    /// The file holds no certificate in PEM.
    NoCertificates {
        file: PathBuf,
    },
    /// HTTP Basic ends a user's name at the first colon.
    ColonInName {
        name: String,
    },
    /// TLS could not be set up on this machine.
    Tls(rustls::Error),
    Server(Box<ServerError>),
}

/// What was being done to a file or a folder.
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

/// A thing that nobody else may know.
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

/// The token that has a description.
#[derive(Debug)]
pub(crate) enum TakenBy {
    /// This id.
    Token(String),
    /// One that somebody made at the same time, after these had made room.
    MadeMeanwhile(Vec<TokenName>),
}

impl From<Box<ServerError>> for Error {
    fn from(error: Box<ServerError>) -> Self {
        Error::Server(error)
    }
}

/// What would help, where it takes an option, a command or a key of the screen: each surface spells it in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Remedy {
    // Which data folder, which user, which token.
    NameFolderOrClearPath,
    NameOrMakeFolder,
    NameFolderOfRunning,
    /// This one, in place of a file in it.
    NameHolder(PathBuf),
    NameFolderOrFixLink,
    NameNewFolder,
    NameNewFile {
        /// Whether there is one of this name.
        exists: bool,
    },
    /// One of these users.
    NameUser(Vec<String>),
    ListTokens,
    // A new token.
    OtherDescriptionOrReplace,
    /// A key for this data folder.
    GiveKey(PathBuf),
    GiveSpectersKeyOrTakeNew,
    /// The folder's own key, in this file, or the other one.
    ChooseKey(PathBuf),
    SetClockOrConfirm,
    // A Specter that runs.
    /// The address of the server, if it is known.
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
    /// This id.
    Revoke(String),
}

/// For people there is `words`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Error {}

/// Adds to a refusal of the operating system what was being done, and to which file.
pub(crate) trait FileContext<T> {
    fn doing(self, action: Action, path: impl Into<PathBuf>) -> Result<T>;
}

impl<T> FileContext<T> for io::Result<T> {
    fn doing(self, action: Action, path: impl Into<PathBuf>) -> Result<T> {
        self.map_err(|cause| Error::File { action, path: path.into(), cause })
    }
}
