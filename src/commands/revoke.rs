//! `revoke`: removes tokens, all in one write.

use std::collections::HashSet;

use anyhow::Result;
use clap::ValueHint;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{LOOK, candidates, chosen, named, selected_user};
use crate::failure::{Failure, Kind};
use crate::output::json::{self, EFFECT, TokenJson, With};
use crate::session::Session;
use crate::store::{
    self, DataFolder, Database, Decision, Found, Listed, OldBackup, Place, SelectedUser, Updated, is_in_scope,
};
use crate::terminal::escaped;
use crate::token::{Status, Token};

const EXAMPLES: &str = "\
Examples:
  specter-token revoke \"nightly backup\"
  specter-token revoke --expired --dry-run
  specter-token list --ids --user bob | specter-token revoke -";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// Only tokens of this user; of another user's token, only the copy that stands under this one
    #[arg(short, long, value_name = "NAME", value_hint = ValueHint::Other)]
    user: Option<String>,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask; --all insists on it
    #[arg(short, long)]
    yes: bool,
    /// Pass over names that match no token
    #[arg(long)]
    ignore_missing: bool,
}

#[derive(Debug, clap::Args)]
#[group(multiple = false)]
struct Which {
    /// Ids, unique beginnings of ids (4 characters or more), descriptions, or tokens; `-`: read them from standard input,
    /// one a line
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
    let prompt = if args.yes || args.dry_run { None } else { session.prompt()? };
    if args.which.all && !args.yes && !args.dry_run && prompt.is_none() {
        let failure = Failure::new(Kind::Usage, "could not ask whether to remove all tokens: there is no terminal");
        return Err(failure.hint("add --yes if that is meant; --dry-run shows what would go").into());
    }
    let names = names(args, session)?;
    let search = Search { args, names: &names, now: session.now };
    let folder = session.folder.clone();
    if args.dry_run {
        report(args, session, &search.preview(&folder)?)?;
        return Ok(0);
    }
    let mut shown = None;
    if let Some(prompt) = prompt {
        // Nothing is locked while somebody thinks.
        let outcome = search.preview(&folder)?;
        let count = outcome.removed.len();
        // One that was chosen from a list may have been chosen by a slip of the finger.
        if count > 1 || count == 1 && args.which.tokens.is_empty() {
            for removed in &outcome.removed {
                session.say(removed.sentence("would remove"));
            }
            prompt.confirmation(&if count == 1 {
                "Remove it?".to_owned()
            } else {
                format!("Remove these {count}?")
            })?;
            shown = Some(outcome);
        }
    }
    let outcome = search.remove(&folder, shown.as_ref())?;
    let outcome = session.updated(outcome);
    report(args, session, &outcome)?;
    Ok(0)
}

/// The names on the command line and, for `-`, on standard input.
fn names(args: &Args, session: &mut Session<'_>) -> Result<Vec<String>> {
    if args.which.tokens.is_empty() && !args.which.all && !args.which.expired {
        return one_chosen(args, session);
    }
    let mut names = Vec::new();
    for token in &args.which.tokens {
        if token == "-" {
            let input = session.read_stdin()?;
            let input = String::from_utf8_lossy(&input);
            names.extend(input.lines().filter(|line| !line.is_empty()).map(str::to_owned));
        } else {
            names.push(token.clone());
        }
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// The token that the user picks on the terminal, by a name that can mean no other.
fn one_chosen(args: &Args, session: &Session<'_>) -> Result<Vec<String>> {
    store::read(&session.folder, |database| {
        let user = selected_user(database, args.user.as_deref())?;
        let token = chosen(session, database, user, "Token to remove")?;
        let name = database.text_at(token.home).unwrap_or_else(|| database.id_at(token.home));
        Ok(vec![name.into_owned()])
    })
}

/// What was removed, or would be, and which names led nowhere.
struct Outcome {
    removed: Vec<Removed>,
    missing: Vec<String>,
}

impl Outcome {
    fn is_same(&self, other: &Outcome) -> bool {
        self.removed.iter().map(|removed| &removed.name).eq(other.removed.iter().map(|removed| &removed.name))
    }
}

struct Removed {
    /// For people.
    name: String,
    /// For programs.
    json: Box<RawValue>,
    is_only_in_backup: bool,
    /// Only a copy goes, and the token stays with this user of its own.
    stays_with: Option<String>,
}

impl Removed {
    fn sentence(&self, went: &str) -> String {
        let name = &self.name;
        match &self.stays_with {
            Some(user) => format!(
                "{went} a copy of token {name}; the token itself stays, and Specter goes on accepting it for user {}",
                escaped(user)
            ),
            None if self.is_only_in_backup => {
                format!("{went} token {name} from users.json.bkp, the only place where it still stood")
            }
            None => format!("{went} token {name}"),
        }
    }
}

#[derive(Default)]
struct Removal {
    places: Vec<Place>,
    removed: Vec<Removed>,
}

/// What a search came to.
#[derive(Default)]
struct Picked {
    removal: Removal,
    missing: Vec<String>,
    /// Names, and the tokens that each could mean.
    ambiguous: Vec<(String, String)>,
}

struct Search<'a> {
    args: &'a Args,
    names: &'a [String],
    now: i64,
}

impl Search<'_> {
    /// What would go, for which nothing is locked or written.
    fn preview(&self, folder: &DataFolder) -> Result<Outcome> {
        store::read_both(folder, |users, backup| self.decide(users, backup, None).map(|(_, outcome)| outcome))
    }

    /// Removes what is found in one write. If it was shown before, it must still be the same.
    fn remove(&self, folder: &DataFolder, shown: Option<&Outcome>) -> Result<Updated<Outcome>> {
        store::update(folder, |users, backup| self.decide(users, backup, shown))
    }

    fn decide(&self, users: &Database<'_>, backup: &OldBackup, shown: Option<&Outcome>) -> Result<(Decision, Outcome)> {
        let Search { args, .. } = self;
        let Picked { mut removal, mut missing, mut ambiguous } = self.run(users)?;
        let mut only_in_backup = Removal::default();
        // Where every name is known, the backup is replaced by the new version, whatever it holds.
        let looks_into_backup = !missing.is_empty() || args.which.all || args.which.expired;
        let backup = if looks_into_backup { backup.database()? } else { None };
        if let Some(backup) = &backup {
            let picked = self.run_in_backup(users, backup, missing)?;
            only_in_backup = picked.removal;
            missing = picked.missing;
            ambiguous.extend(picked.ambiguous);
        }
        check_names(&missing, &ambiguous, args.ignore_missing)?;
        let decision = if !removal.places.is_empty() {
            Decision::Users(users.change(&removal.places, None)?)
        } else if let Some(backup) = backup.as_ref().filter(|_| !only_in_backup.places.is_empty()) {
            Decision::Backup(backup.change(&only_in_backup.places, None)?)
        } else {
            Decision::Nothing
        };
        removal.removed.extend(only_in_backup.removed);
        let outcome = Outcome { removed: removal.removed, missing };
        if shown.is_some_and(|shown| !shown.is_same(&outcome)) {
            let failure = Failure::new(
                Kind::Busy,
                "could not remove what was shown: the tokens changed meanwhile; nothing was removed",
            );
            return Err(failure.hint("look again, and answer again").into());
        }
        Ok((decision, outcome))
    }

    /// What is to go from users.json, and the names that it does not know.
    fn run(&self, users: &Database<'_>) -> Result<Picked> {
        let user = selected_user(users, self.args.user.as_deref())?;
        let mut picked = Picked::default();
        let tokens = self.tokens(users, user, self.names, &mut picked);
        picked.removal = self.removal(users, user, &tokens, false)?;
        Ok(picked)
    }

    /// What is to go from a backup that holds more than users.json does, and the names that it does not know either.
    fn run_in_backup(&self, users: &Database<'_>, backup: &Database<'_>, missing: Vec<String>) -> Result<Picked> {
        let user = match self.args.user.as_deref() {
            None => None,
            Some(name) => match backup.user_named(name) {
                Some(user) => Some((name, user)),
                None => return Ok(Picked { missing, ..Picked::default() }),
            },
        };
        let mut picked = Picked::default();
        let mut tokens = self.tokens(backup, user, &missing, &mut picked);
        tokens.retain(|token| {
            let text = backup.text_at(token.home);
            let same = users.tokens_with_id(&backup.id_at(token.home));
            !same.iter().any(|other| users.text_at(other.home) == text)
        });
        picked.removal = self.removal(backup, user, &tokens, true)?;
        Ok(picked)
    }

    /// The tokens that are meant; names that mean none or several are noted in `picked`.
    fn tokens(
        &self,
        database: &Database<'_>,
        user: SelectedUser<'_>,
        names: &[String],
        picked: &mut Picked,
    ) -> Vec<Listed> {
        if self.args.which.all || self.args.which.expired {
            let is_in_scope = |token: &Listed| is_in_scope(database, user, token);
            let is_wanted =
                |token: &Listed| self.args.which.all || database.token(token, None, self.now).status == Status::Expired;
            return database.tokens().filter(is_wanted).filter(is_in_scope).collect();
        }
        let mut tokens: Vec<Listed> = Vec::new();
        let mut seen = HashSet::new();
        for (name, Found { tokens: found, .. }) in names.iter().zip(store::select(database, names, user)) {
            match found.as_slice() {
                [] => picked.missing.push(name.clone()),
                [one] => tokens.extend(seen.insert(one.home).then(|| one.clone())),
                several => picked.ambiguous.push((name.clone(), candidates(database, several, self.now))),
            }
        }
        tokens
    }

    fn removal(
        &self,
        database: &Database<'_>,
        user: SelectedUser<'_>,
        tokens: &[Listed],
        is_only_in_backup: bool,
    ) -> Result<Removal> {
        let mut removal = Removal::default();
        for listed in tokens {
            let places = database.removal_of(listed, user.map(|(_, user)| user));
            let token = database.token(listed, None, self.now);
            let is_gone = places.contains(&listed.home);
            removal.removed.push(Removed {
                name: named(&token),
                json: self.json(&token, is_only_in_backup)?,
                is_only_in_backup,
                stays_with: (!is_gone).then(|| token.username.clone().into_owned()),
            });
            removal.places.extend(places);
        }
        Ok(removal)
    }

    fn json(&self, token: &Token<'_>, is_only_in_backup: bool) -> Result<Box<RawValue>> {
        let found_in = if is_only_in_backup { "users.json.bkp" } else { "users.json" };
        Ok(to_raw_value(&With { object: TokenJson::new(token, self.now), more: FoundIn { found_in } })?)
    }
}

#[derive(Debug, Serialize)]
struct FoundIn {
    found_in: &'static str,
}

/// The object that `--json` prints.
#[derive(Debug, Serialize)]
struct Report<'a> {
    /// No longer registered for their users.
    revoked: Vec<&'a RawValue>,
    /// Only copies under other users went.
    copies_removed: Vec<&'a RawValue>,
    missing: &'a [String],
    dry_run: bool,
    effect: Option<&'static str>,
}

fn report(args: &Args, session: &mut Session<'_>, outcome: &Outcome) -> Result<()> {
    let went = if args.dry_run { "would remove" } else { "removed" };
    for removed in &outcome.removed {
        let line = removed.sentence(went);
        if args.dry_run { session.say(line) } else { session.confirm(line) }
    }
    for name in &outcome.missing {
        session.confirm(format_args!("no token by `{}`", escaped(name)));
    }
    let is_written = !args.dry_run && !outcome.removed.is_empty();
    if is_written {
        session.confirm(
            "Specter refuses what was removed from its next start on; could not check whether a running Specter still \
             accepts it",
        );
    } else if outcome.removed.is_empty() {
        session.confirm("nothing to remove");
    }
    if session.json {
        let of_kind = |is_copy: bool| {
            outcome
                .removed
                .iter()
                .filter(move |removed| removed.stays_with.is_some() == is_copy)
                .map(|removed| &*removed.json)
        };
        let report = Report {
            revoked: of_kind(false).collect(),
            copies_removed: of_kind(true).collect(),
            missing: &outcome.missing,
            dry_run: args.dry_run,
            effect: is_written.then_some(EFFECT),
        };
        if let Err(error) = session.print(json::pretty(&report)?) {
            if !is_written {
                return Err(error);
            }
            let failure =
                Failure::new(Kind::Io, format!("the tokens are removed, but that could not be told: {error:#}"));
            return Err(failure.hint("`specter-token list` shows those that are left").into());
        }
    }
    Ok(())
}

/// More names would drown the message.
const SHOWN: usize = 100;

/// Either every name means one token, or nothing is removed and all wrong names are told.
fn check_names(missing: &[String], ambiguous: &[(String, String)], ignore_missing: bool) -> Result<()> {
    let mut faults = Vec::new();
    let mut kind = Kind::Ambiguous;
    let mut hint = LOOK.to_owned();
    if !missing.is_empty() && !ignore_missing {
        kind = Kind::NotFound;
        let mut names: Vec<String> = missing.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
        if missing.len() > SHOWN {
            names.push(format!("and {} more", missing.len() - SHOWN));
        }
        faults.push(format!("could not find a token by {}", names.join(", ")));
    }
    for (name, candidates) in ambiguous {
        faults.push(format!("could not tell which token `{name}` means"));
        hint = format!("name one by its id: {candidates}");
    }
    if faults.is_empty() {
        return Ok(());
    }
    faults.push("nothing was removed".to_owned());
    Err(Failure::new(kind, faults.join("; ")).hint(hint).into())
}
