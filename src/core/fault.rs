//! What exactly is wrong: with a users.json, its place, a key, a password, an address, or with what a server did.

use std::io;

use super::token::TokenName;

/// Why a users.json cannot be used, and so not by Specter either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Damage {
    // Specter cannot parse it.
    Empty,
    ByteOrderMark,
    /// It is UTF-16 or UTF-32.
    WideEncoding,
    NotUtf8 {
        /// The offset of the first byte that is none.
        byte: usize,
    },
    NotJson(Position),
    /// It ends in the middle of a value.
    CutOff(Position),
    TooDeep(Position),
    TooManyDigits(Position),
    // Specter parses it, and then stops with an error.
    NotAnArray,
    NoAdmin,
    User {
        /// Counted from 1.
        number: usize,
        line: usize,
        fault: UserFault,
    },
}

/// A position in a text, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    /// In characters.
    pub(crate) column: usize,
}

/// What is wrong with a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserFault {
    NotAnObject,
    Lacks(&'static str),
}

impl Damage {
    /// Whether Specter cannot parse the file, so that it falls back on the backup; otherwise it stops with an error.
    pub(crate) fn is_unparsable(&self) -> bool {
        !matches!(self, Damage::NotAnArray | Damage::NoAdmin | Damage::User { .. })
    }
}

/// Why a file cannot be replaced by a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// It is mounted by itself, as into a container.
    MountPoint,
    File(Mark),
    /// The path is the folder's own.
    Folder(Mark),
    /// The folder lets only owners replace files: the file's and its own.
    StickyFolder,
}

/// What `chattr` marks a file or folder with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Immutable,
    AppendOnly,
}

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyFault {
    Empty,
    HoldsNul,
    NotUtf8,
    /// More than one newline at its end, which a shell drops when it reads the key for Specter.
    Newlines,
    /// It stands in something that is no regular file.
    NoFile,
}

/// Why a password cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordFault {
    Empty,
    NotUtf8,
    // Only of one that a user is to have: it can still be chosen otherwise.
    WhiteSpace,
    LineEnd,
}

/// Why the address of a server cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressFault {
    NotAUrl,
    NotHttp,
    /// It holds a user or a password.
    HoldsLogin,
    BadPort,
    /// It has a query or a fragment.
    HasQuery,
    /// It holds the path of the API, which is added to it.
    HoldsApiPath,
    /// With http there is no certificate to trust.
    CertificatesWithoutTls,
    /// Secrets would go over the network unencrypted.
    Unencrypted,
}

/// A request to a running Specter that failed.
#[derive(Debug)]
pub(crate) struct ServerError {
    pub(crate) doing: Doing,
    /// The address of the server.
    pub(crate) url: String,
    pub(crate) fault: ServerFault,
    /// What it has left behind, in the order in which it came to be known.
    pub(crate) left: Vec<Left>,
}

/// What a server was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doing {
    Listing,
    Creating,
    /// This id.
    Revoking(String),
    Verifying,
}

/// Why a request failed.
#[derive(Debug)]
pub(crate) enum ServerFault {
    /// Its certificate is not one to trust, or it does not speak the same TLS.
    Tls(rustls::Error),
    TimedOut,
    /// The caller was told to end, so that nothing more was asked.
    Interrupted,
    UnknownHost,
    ConnectionRefused(io::Error),
    Unreachable(String),
    /// The user is not let in.
    Login {
        username: String,
    },
    /// Something in front of Specter wants a login of its own.
    LoginOfProxy,
    NoTokenApi,
    /// It is a Specter from before there were tokens.
    SpecterTooOld,
    /// The status of the answer.
    Redirect(u16),
    Failed(u16),
    Unexpected(u16),
    /// It fails on everything for this user, as it does when it cannot decode one of the tokens.
    UndecodableToken {
        username: String,
    },
    /// It fails on everything for this user, as it does for one whose name is not the id.
    NameIsNotId {
        username: String,
    },
    /// The id is none that an address can hold.
    UnaddressableId,
}

impl ServerFault {
    /// Whether the server was there and let the user in, but did not do this one thing.
    pub(crate) fn is_of_this_request(&self) -> bool {
        match self {
            ServerFault::Redirect(_)
            | ServerFault::Failed(_)
            | ServerFault::Unexpected(_)
            | ServerFault::UndecodableToken { .. }
            | ServerFault::NameIsNotId { .. }
            | ServerFault::UnaddressableId => true,
            ServerFault::Tls(_)
            | ServerFault::TimedOut
            | ServerFault::Interrupted
            | ServerFault::UnknownHost
            | ServerFault::ConnectionRefused(_)
            | ServerFault::Unreachable(_)
            | ServerFault::Login { .. }
            | ServerFault::LoginOfProxy
            | ServerFault::NoTokenApi
            | ServerFault::SpecterTooOld => false,
        }
    }
}

/// What stands after a request that failed.
#[derive(Debug)]
pub(crate) enum Left {
    /// These tokens are revoked.
    Revoked(Vec<TokenName>),
    /// For these tokens nothing was asked any more.
    NotTried(Vec<TokenName>),
    /// The token may be revoked yet, or not.
    MayBeRevoked,
    /// Another request failed as well.
    Also(Box<ServerError>),
    NothingMade,
    /// No token is there by now, but one may be made yet.
    NothingMadeYet,
    /// Nobody could see whether a token was made.
    NotKnown(Box<ServerError>),
    /// A token of this id was made, and is revoked again.
    MadeAndRevoked(String),
    /// A token of this id was made, and could not be revoked.
    Stands {
        id: String,
        cause: Box<ServerError>,
    },
}

impl ServerError {
    /// The error, and what it has left behind.
    #[must_use]
    pub(crate) fn and(mut self: Box<Self>, left: Left) -> Box<Self> {
        self.left.push(left);
        self
    }
}
