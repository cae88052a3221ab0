//! `revoke`: removes tokens, all in one write.

use anyhow::Result;
use clap::ValueHint;
use serde::Serialize;

use super::choice::chosen_token;
use crate::cli::output::json::{self, AcceptedUntil, TokenJson, With};
use crate::cli::session::{KeyNeed, Needs, Opened, Session};
use crate::core::backend::contract::{Backend, Effect, Lasting, Removal, Removed, Selection};
use crate::words::codes::Kind;
use crate::words::doubts::clock;
use crate::words::effect::{Change, of_lasting};
use crate::words::escape::escaped;
use crate::words::failure::Failure;
use crate::words::names::named;
use crate::words::redact::all_redacted;

const EXAMPLES: &str = "\
Examples:
  specter-token revoke \"nightly backup\"
  specter-token revoke --expired --dry-run
  specter-token list --ids --user bob | specter-token revoke -
  specter-token revoke grafana --server http://127.0.0.1:25441 --password-file password";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// Remove only tokens of this user
    ///
    /// If another user's token is also stored under this user, only this copy is removed. On a server, the default is
    /// admin.
    #[arg(short, long, value_name = "NAME", value_hint = ValueHint::Other)]
    user: Option<String>,
    /// Print what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    ///
    /// Without a terminal, --all needs this option, and so does --expired if the clock seems to be wrong.
    #[arg(short, long)]
    yes: bool,
    /// Ignore names that match no token
    #[arg(long)]
    ignore_missing: bool,
}

#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct Which {
    /// Ids or starts of ids, descriptions, or tokens; `-`: standard input
    ///
    /// The start of an id must be unique and have 4 characters or more. Ids match in any letter case. `-` reads names
    /// from standard input, one per line.
    #[arg(value_name = "TOKEN", value_hint = ValueHint::Other)]
    tokens: Vec<String>,
    /// Remove all expired tokens
    #[arg(long)]
    expired: bool,
    /// Remove all tokens
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(args: &Args, session: &mut Session<'_>) -> Result<u8> {
    let asks = !args.yes && !args.dry_run && session.has_terminal();
    if args.which.all && !args.yes && !args.dry_run && !asks {
        let message = "could not ask whether to remove all tokens: there is no terminal";
        let hint = "add --yes to go on; --dry-run shows what would be removed";
        return Err(Failure::new(Kind::Usage, message, hint).into());
    }
    // The key, if there is one, tells which tokens' times can be trusted.
    let key = if args.which.expired { KeyNeed::Quietly } else { KeyNeed::No };
    let needs = Needs { user: args.user.as_deref(), key, logs_in: true, version: None, only_offline: None };
    let Opened { backend, key } = session.open(&needs)?;
    let key = key.as_ref();
    if args.dry_run {
        session.tell_unaware_specter(&*backend);
    } else if session.can_ask() {
        // This check comes before the questions, so that no answer is typed in vain.
        backend.check_writable()?;
    }
    let which = selection(args, session, &*backend)?;
    if args.dry_run {
        return report(args, session, &backend.preview(&which, key, session.now)?, false);
    }
    let mut shown = None;
    if asks {
        // Nothing is locked while the user thinks.
        let removal = backend.preview(&which, key, session.now)?;
        let count = removal.removed.len();
        // A token that was chosen from a list may have been chosen by a slip of the finger.
        if count > 1 || count == 1 && args.which.tokens.is_empty() {
            if let Some(doubt) = removal.clock {
                session.warn(clock(doubt, session.now));
            }
            for removed in &removal.removed {
                session.say(sentence(removed, "would remove", &session.place()));
            }
            let question = if count == 1 { "Remove it?".to_owned() } else { format!("Remove these {count}?") };
            session.confirmation(&question)?;
            shown = Some(removal);
        }
    }
    let may_stand = format!("the tokens may be removed from {}, or not", session.place());
    session.hold_signals_back(&may_stand, "`specter-token list` shows those that are left")?;
    let removal = backend.remove(&which, key, session.now, shown.as_ref())?;
    report(args, session, &removal, shown.is_some())
}

/// The tokens that the command line selects; `-` reads names from standard input.
fn selection(args: &Args, session: &mut Session<'_>, backend: &dyn Backend) -> Result<Selection> {
    if args.which.all {
        return Ok(Selection::All);
    }
    if args.which.expired {
        let despite_clock = args.yes || args.dry_run || session.has_terminal();
        return Ok(Selection::Expired { despite_clock });
    }
    let mut names = Vec::new();
    if args.which.tokens.is_empty() {
        names.push(one_chosen(session, backend)?);
    }
    for token in &args.which.tokens {
        if token == "-" {
            names.extend(names_on_stdin(session)?);
        } else {
            names.push(token.clone());
        }
    }
    names.sort_unstable();
    names.dedup();
    Ok(Selection::Named { names, may_miss: args.ignore_missing })
}

/// The names on standard input, one a line.
fn names_on_stdin(session: &mut Session<'_>) -> Result<Vec<String>> {
    let (mut names, mut lines) = (Vec::new(), Vec::new());
    loop {
        session.read_lines(&mut lines)?;
        if session.is_cut_off() {
            let message =
                "could not read the names on standard input: a line is longer than a mebibyte; nothing was removed";
            return Err(Failure::new(Kind::Usage, message, "give one name or token per line").into());
        }
        if lines.is_empty() {
            return Ok(names);
        }
        let text = String::from_utf8_lossy(&lines);
        names.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
    }
}

/// Returns the text or the id of the token that the user chooses on the terminal. This name means no other token.
fn one_chosen(session: &Session<'_>, backend: &dyn Backend) -> Result<String> {
    let tokens = backend.tokens(None, session.now)?;
    let token = tokens.token(chosen_token(session, &*tokens, "Token to remove")?);
    Ok(token.text.unwrap_or(token.id).into_owned())
}

fn sentence(removed: &Removed, went: &str, place: &str) -> String {
    let name = named(&removed.token.name());
    let place = escaped(place);
    match (&removed.stays_with, removed.found_in) {
        (Some(user), _) => format!(
            "{went} a copy of token {name} from {place}; the token itself stays, and Specter goes on accepting it for user {}",
            escaped(user)
        ),
        (None, Some("users.json.bkp")) => {
            format!("{went} token {name} from {place}.bkp, the only place where it still stood")
        }
        (None, _) => format!("{went} token {name} from {place}"),
    }
}

#[derive(Debug, Serialize)]
struct Went {
    found_in: Option<&'static str>,
    accepted_until: Option<AcceptedUntil>,
}

type RemovedJson<'a> = With<TokenJson<'a>, Went>;

/// The object that `--json` prints.
#[derive(Debug, Serialize)]
struct RevokeJson<'a> {
    /// Tokens that are no longer registered for their users.
    revoked: Vec<RemovedJson<'a>>,
    /// Tokens of which only copies under other users were removed.
    copies_removed: Vec<RemovedJson<'a>>,
    /// Names that match no token. A token among them is cut short.
    missing: Vec<String>,
    dry_run: bool,
    effect: Option<&'static str>,
    /// Null if it is not known.
    specter_version: Option<String>,
}

/// Tells what was removed. `was_shown` is true if the user has already seen that, and a doubt about the clock.
fn report(args: &Args, session: &mut Session<'_>, removal: &Removal, was_shown: bool) -> Result<u8> {
    if let Some(doubt) = removal.clock.filter(|_| !was_shown) {
        session.warn(clock(doubt, session.now));
    }
    let effect = removal.written.as_ref().map(|written| &written.effect);
    let went = |removed: &Removed| match effect {
        None => "would remove",
        // Specter refuses the token, now or from its next start on.
        Some(Effect::Now | Effect::NextStart)
            if removed.stays_with.is_none() && removed.lasting == Lasting::Refused =>
        {
            "revoked"
        }
        Some(_) => "removed",
    };
    let of_tokens = removal.removed.iter().filter(|removed| removed.stays_with.is_none());
    let lasting: Vec<Lasting> = of_tokens.map(|removed| removed.lasting).collect();
    for removed in &removal.removed {
        session.confirm(sentence(removed, went(removed), &session.place()));
    }
    let missing = all_redacted(&removal.missing);
    for name in &missing {
        session.confirm(format_args!("no token by `{}`", escaped(name)));
    }
    if removal.removed.is_empty() {
        session.confirm("nothing to remove");
    }
    if session.json {
        let now = session.now;
        let of_kind = |is_copy: bool| {
            let removed = removal.removed.iter().filter(|removed| removed.stays_with.is_some() == is_copy);
            let json = removed.map(|removed| With {
                object: TokenJson::new(&removed.token, now),
                more: Went { found_in: removed.found_in, accepted_until: AcceptedUntil::of(removed.lasting) },
            });
            json.collect()
        };
        let report = RevokeJson {
            revoked: of_kind(false),
            copies_removed: of_kind(true),
            missing,
            dry_run: args.dry_run,
            effect: effect.map(|effect| effect.word_of_removal(&lasting)),
            specter_version: removal.specter.version().map(|version| version.to_string()),
        };
        if let Err(error) = session.print(json::pretty(&report)?) {
            if effect.is_none() {
                return Err(error);
            }
            let message = format!("the tokens are removed, but the result could not be printed: {error:#}");
            return Err(Failure::new(Kind::Io, message, "`specter-token list` shows those that are left").into());
        }
    }
    if let Some(text) = of_lasting(&lasting, removal.specter, "removed", effect) {
        session.warn(text);
    }
    match &removal.written {
        Some(written) => {
            let is_revoked = lasting.contains(&Lasting::Refused);
            session.finish(written, if is_revoked { Change::Revoked } else { Change::Removed })
        }
        None => Ok(0),
    }
}
