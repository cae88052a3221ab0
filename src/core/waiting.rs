//! What a caller is told of while it waits for others.

use std::any::Any;
use std::path::Path;

/// For whom or what the caller waits.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Waiting<'a> {
    /// For another process of this program, which holds the lock.
    Lock,
    /// For Specter, which seems to be saving this file.
    Save(&'a Path),
    /// For the answer of the server at this URL.
    Answer(&'a str),
}

/// Tells of a wait that begins. It is over when what comes back is dropped; none if nobody wants to know.
pub(crate) type TellWait = fn(Waiting<'_>) -> Wait;

/// Lasts as long as a wait.
pub(crate) type Wait = Option<Box<dyn Any>>;
