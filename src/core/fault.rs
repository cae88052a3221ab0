//! The exact fault of a users.json, its place, a key, a password, an address or a server.

use std::io;

use super::token::TokenName;

/// Why neither Specter nor this program can use a users.json.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Damage {
    // Specter cannot parse the file.
    Empty,
    ByteOrderMark,
    /// The file is UTF-16 or UTF-32.
    WideEncoding,
    NotUtf8 {
        /// The offset of the first byte that is not UTF-8.
        byte: usize,
    },
    NotJson(Position),
    /// The file ends in the middle of a value.
    CutOff(Position),
    TooDeep(Position),
    TooManyDigits(Position),
    // Specter parses the file, then stops with an error.
    NotAnArray,
    NoAdmin,
    User {
        /// Counted from 1.
        number: usize,
        line: usize,
        fault: UserFault,
    },
}

/// A position in a text. Line and column are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    /// In characters.
    pub(crate) column: usize,
}

/// Why Specter cannot load a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserFault {
    NotAnObject,
    Lacks(&'static str),
}

impl Damage {
    /// Whether Specter cannot parse the file. It then falls back on the backup; after any other damage it stops with an
    /// error.
    pub(crate) fn is_unparsable(&self) -> bool {
        !matches!(self, Damage::NotAnArray | Damage::NoAdmin | Damage::User { .. })
    }
}

/// Why a file cannot be replaced by a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The file is a mount point of its own, as in a container.
    MountPoint,
    File(Mark),
    /// The mark is on the folder, and the path is the folder's.
    Folder(Mark),
    /// Only the owner of the file or of the folder may replace it (sticky bit).
    StickyFolder,
}

/// A mark that `chattr` sets on a file or a folder.
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
    /// The key ends in more than one newline, which a shell drops when it reads the key for Specter.
    Newlines,
    /// The key is not in a regular file.
    NoFile,
}

/// Why a password cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordFault {
    Empty,
    NotUtf8,
    // Only for a password that is being set, because another one can still be chosen.
    WhiteSpace,
    LineEnd,
}

/// Why the address of a server cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressFault {
    NotAUrl,
    NotHttp,
    /// The address holds a user name or a password.
    HoldsLogin,
    BadPort,
    /// The address has a query or a fragment.
    HasQuery,
    /// The address holds the path of the API, which this program adds.
    HoldsApiPath,
    /// There are certificates to trust, but http does not use any.
    CertificatesWithoutTls,
    /// Secrets would go over the network unencrypted.
    Unencrypted,
}

/// A failed request to a running Specter.
#[derive(Debug)]
pub(crate) struct ServerError {
    pub(crate) doing: Doing,
    /// The address of the server.
    pub(crate) url: String,
    pub(crate) fault: ServerFault,
    /// The state that the request left behind, in the order in which it became known.
    pub(crate) left: Vec<Left>,
}

/// The purpose of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doing {
    Listing,
    Creating,
    /// The id of the token.
    Revoking(String),
    Verifying,
}

/// Why a request failed.
#[derive(Debug)]
pub(crate) enum ServerFault {
    /// The server's certificate cannot be trusted, or the server does not speak the same TLS.
    Tls(rustls::Error),
    TimedOut,
    /// The caller was told to stop, so nothing more was requested.
    Interrupted,
    UnknownHost,
    ConnectionRefused(io::Error),
    Unreachable(String),
    /// The server did not let the user in.
    Login {
        username: String,
    },
    /// Something in front of Specter asks for a login of its own.
    LoginOfProxy,
    NoTokenApi,
    /// This version of Specter has no tokens.
    SpecterTooOld,
    /// The status of the answer.
    Redirect(u16),
    Failed(u16),
    Unexpected(u16),
    /// The server fails on every request of this user, as it does if it cannot decode one of the tokens.
    UndecodableToken {
        username: String,
    },
    /// The server fails on every request of this user, as it does if the user's name is not the id.
    NameIsNotId {
        username: String,
    },
    /// The token's id cannot be part of an address.
    UnaddressableId,
}

impl ServerFault {
    /// Whether the server answered and let the user in, but failed on this one request.
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

/// A state that a failed request left behind.
#[derive(Debug)]
pub(crate) enum Left {
    /// These tokens are revoked.
    Revoked(Vec<TokenName>),
    /// No request was sent for these tokens.
    NotTried(Vec<TokenName>),
    /// It is not known whether the token is, or still will be, revoked.
    MayBeRevoked,
    /// Another request failed, too.
    Also(Box<ServerError>),
    NothingMade,
    /// There is no new token so far, but the server may still make one.
    NothingMadeYet,
    /// It could not be found out whether a token was made.
    NotKnown(Box<ServerError>),
    /// A token with this id was made and then revoked.
    MadeAndRevoked(String),
    /// A token with this id was made and could not be revoked.
    Stands {
        id: String,
        cause: Box<ServerError>,
    },
}

impl ServerError {
    /// Adds a state that the request left behind.
    #[must_use]
    pub(crate) fn and(mut self: Box<Self>, left: Left) -> Box<Self> {
        self.left.push(left);
        self
    }
}
