//! When a change takes effect, in sentences. They say only what is known.

use super::durations::expiry;
use crate::core::backend::contract::{Effect, End, Lasting, Written};
use crate::core::error::Error;
use crate::core::version::Installed;

/// A kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Created,
    Revoked,
    /// Tokens were removed that Specter still accepts, or may accept.
    Removed,
}

/// A sentence about a change that was made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sentence {
    /// The change does what the user wanted.
    Confirmation(String),
    Warning(String),
}

/// Returns the sentences about a change. It is an error if a Specter started in the middle of it.
pub(crate) fn sentences(written: &Written, change: Change) -> (Vec<Sentence>, Result<(), Error>) {
    let mut sentences = Vec::new();
    let mut warn = |text: String| sentences.push(Sentence::Warning(text));
    if !written.is_synced {
        warn("the change is made, but the disk did not confirm it: it may be lost if the power fails now".to_owned());
    }
    if let Some(text) = passed_over(&written.passed_over) {
        warn(text);
    }
    let when = match &written.effect {
        Effect::NextStart => "from its next start on",
        Effect::Now => "from now on",
        Effect::Unknown => {
            warn(not_checked(change).to_owned());
            return (sentences, Ok(()));
        }
        Effect::Unseen(process) => {
            warn(format!(
                "the Specter that is running (process {}) does not know of the change, and undoes it at its next save; \
                 restart it now",
                process.id
            ));
            return (sentences, Ok(()));
        }
        Effect::Overtaken(process) => return (sentences, Err(Error::StartedMeanwhile { process: process.clone() })),
    };
    match change {
        Change::Created => sentences.push(Sentence::Confirmation(format!("Specter accepts it {when}"))),
        Change::Revoked => sentences.push(Sentence::Confirmation(format!("Specter refuses what was revoked {when}"))),
        Change::Removed => {}
    }
    (sentences, Ok(()))
}

/// Returns the sentence about removed tokens that Specter still accepts, or may accept. `None` if there are none.
/// Without an effect, the tokens are only to be removed. `removed` is the verb: "removed" or "replaced".
pub(crate) fn of_lasting(
    lasting: &[Lasting],
    specter: Installed,
    removed: &str,
    effect: Option<&Effect>,
) -> Option<String> {
    const WHY: &str = "because it does not check whether users.json holds a token; an update to 2.1.11 or a later \
        version ends that, \
                       and so does a new SECRET_KEY, which ends all tokens";
    let total = lasting.len();
    let end = |lasting: &Lasting| if let Lasting::Until(end) = lasting { Some(*end) } else { None };
    let ends: Vec<End> = lasting.iter().filter_map(end).collect();
    let who = match specter {
        Installed::Version(version) => format!("Specter {version}"),
        Installed::BeforeTwo => "this Specter, which is older than 2.0,".to_owned(),
        Installed::Never | Installed::Unknown => "a Specter that is older than 2.1.11".to_owned(),
    };
    let tokens = |count: usize| match count {
        1 if total == 1 => format!("the {removed} token"),
        _ if count == total => format!("the {count} {removed} tokens"),
        _ => format!("{count} of the {removed} tokens"),
    };
    let accepts = if effect.is_some() { "goes on accepting" } else { "would go on accepting" };
    if let Some(last) = ends.iter().max() {
        let count = ends.len();
        let until = match last {
            End::Never if count == 1 => "for ever (it never expires)".to_owned(),
            End::Never => "until they expire, and some never expire".to_owned(),
            End::At(at) if count == 1 => format!("until {}", expiry(*at)),
            End::At(at) => format!("until they expire, the last at {}", expiry(*at)),
            End::Past => "until it expires".to_owned(),
        };
        return Some(format!("{who} {accepts} {} {until}, {WHY}", tokens(count)));
    }
    let unknown = lasting.iter().filter(|lasting| **lasting == Lasting::Unknown).count();
    if unknown == 0 {
        return None;
    }
    let what = tokens(unknown);
    Some(match effect {
        _ if specter.accepts_unregistered().is_some() => {
            format!("{who} may accept {what} for an unknown time, {WHY}")
        }
        Some(Effect::NextStart) => {
            format!(
                "Specter refuses {what} from its next start on, unless it is older than 2.1.11; its version is not known"
            )
        }
        Some(Effect::Now) => {
            format!("Specter refuses {what} from now on, unless it is older than 2.1.11; its version is not known")
        }
        _ => format!("{who} {accepts} {what} until the expiry, if there is one; the version of Specter is not known"),
    })
}

fn not_checked(change: Change) -> &'static str {
    match change {
        Change::Created => {
            "could not check whether a Specter is running, which would not accept it, and would lose it at its next save"
        }
        Change::Revoked => "could not check whether a running Specter still accepts it",
        Change::Removed => "could not check whether a Specter is running, which would put it back",
    }
}

/// Returns the warning about processes that look like a Specter but do not count as one. It tells only their ids:
/// another user chose the rest, and could put any text there.
fn passed_over(processes: &[u32]) -> Option<String> {
    let (who, they) = match processes {
        [] => return None,
        [id] => (format!("process {id} looks"), "it was ignored, because it"),
        [id, other] => (format!("processes {id} and {other} look"), "they were ignored, because they"),
        [id, others @ ..] => {
            (format!("processes {id} and {} others look", others.len()), "they were ignored, because they")
        }
    };
    Some(format!("{who} like a Specter on this folder; {they} may not even read its users.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_were_passed_over() {
        for (processes, text) in [
            (&[][..], None),
            (
                &[7],
                Some(
                    "process 7 looks like a Specter on this folder; it was ignored, because it may not even read its \
                     users.json",
                ),
            ),
            (
                &[7, 9],
                Some(
                    "processes 7 and 9 look like a Specter on this folder; they were ignored, because they may not even read \
                     its users.json",
                ),
            ),
            (
                &[7, 9, 12],
                Some(
                    "processes 7 and 2 others look like a Specter on this folder; they were ignored, because they may not \
                     even read its users.json",
                ),
            ),
        ] {
            assert_eq!(passed_over(processes).as_deref(), text, "{processes:?}");
        }
    }
}
