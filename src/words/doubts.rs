//! Doubts about a key, a password or the clock, one sentence each.

use super::durations::expiry;
use super::names::secret;
use crate::core::error::Secret;
use crate::core::secret::Doubt;
use crate::core::time::plausible::ClockDoubt;

pub(crate) fn doubt(of: Secret, doubt: &Doubt) -> String {
    let what = secret(of);
    match doubt {
        Doubt::KnownDefault => "this key is the default of a Specter configuration, and known to everyone".to_owned(),
        Doubt::Short => {
            "the key has fewer than 32 bytes, and can be guessed from a token (RFC 7518, section 3.2)".to_owned()
        }
        Doubt::WhiteSpace => {
            format!(
                "the {what} begins or ends with white space, or with a byte order mark; Specter would count that too"
            )
        }
        Doubt::LineEnd => format!("the {what} holds a line end; Specter would count that too"),
        Doubt::Asymmetric => {
            "the key looks like a PEM or ssh key, and Specter refuses every token with such a key".to_owned()
        }
        Doubt::HoldsSsh => {
            "the key holds the beginning of an ssh key, and this Specter refuses every token with such a key".to_owned()
        }
        Doubt::Jwk => "the key looks like a JWK, and Specter refuses every token with such a key".to_owned(),
        Doubt::DiffersFrom(file) => {
            format!("the given SECRET_KEY differs from the key in {}, and comes first", file.display())
        }
        Doubt::NotCompared(file) => format!(
            "could not read {}, so it is not known whether the given SECRET_KEY is the folder's own",
            file.display()
        ),
        Doubt::ReadableByAll(file) => {
            format!("every user of this machine can read the {what}; run `chmod 600 {}`", file.display())
        }
    }
}

/// The doubt about a clock that shows `now`, in seconds since 1970.
pub(crate) fn clock(doubt: ClockDoubt, now: i64) -> String {
    let now = expiry(now);
    match doubt {
        ClockDoubt::BeforeRelease => {
            format!(
                "the clock of this machine seems to be wrong: it shows {now}, which is before this program was released"
            )
        }
        ClockDoubt::BehindToken { issued_at } => format!(
            "the clock of this machine seems to be wrong: it shows {now}, but the newest token was issued at {}",
            expiry(issued_at)
        ),
    }
}
