//! `revoke`: removes tokens, all in one write.

use anyhow::Result;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{candidates, named, user_named};
use crate::failure::{Failure, Kind};
use crate::output::json::{self, EFFECT, TokenJson, With};
use crate::session::Session;
use crate::store::{self, Database, Decision, Found, Listed, Place, UserIndex};
use crate::terminal::escaped;
use crate::token::{Status, Token};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// Only tokens of this user; of another user's token, only the copy that stands under this one
    #[arg(short, long, value_name = "NAME")]
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
#[group(required = true, multiple = false)]
struct Which {
    /// Ids, unique beginnings of ids (4 characters or more), descriptions, or tokens; `-`: read them from standard input,
    /// one a line
    #[arg(value_name = "TOKEN")]
    tokens: Vec<String>,
    /// Remove all expired tokens
    #[arg(long)]
    expired: bool,
    /// Remove all tokens
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(args: &Args, session: &mut Session<'_>) -> Result<u8> {
    if args.which.all && !args.yes && !args.dry_run {
        let failure = Failure::new(Kind::Usage, "--all removes every token, and nobody was asked");
        return Err(failure.hint("add --yes if that is meant; --dry-run shows what would go").into());
    }
    let names = names(args, session)?;
    let folder = session.folder.clone();
    let now = session.now;
    let outcome = store::update(&folder, |users, backup| {
        let search = Search { args, names: &names, now };
        let Picked { mut removal, mut missing, mut ambiguous } = search.run(users)?;
        let mut only_in_backup = Removal::default();
        // Where every name is known, the backup is replaced by the new version, whatever it holds.
        let looks_into_backup = !missing.is_empty() || args.which.all || args.which.expired;
        let backup = if looks_into_backup { backup.database()? } else { None };
        if let Some(backup) = &backup {
            let picked = search.run_in_backup(users, backup, missing)?;
            only_in_backup = picked.removal;
            missing = picked.missing;
            ambiguous.extend(picked.ambiguous);
        }
        check_names(&missing, &ambiguous, args.ignore_missing)?;
        let decision = if args.dry_run {
            Decision::Nothing
        } else if !removal.places.is_empty() {
            Decision::Users(users.change(&removal.places, None)?)
        } else if let Some(backup) = backup.as_ref().filter(|_| !only_in_backup.places.is_empty()) {
            Decision::Backup(backup.change(&only_in_backup.places, None)?)
        } else {
            Decision::Nothing
        };
        removal.removed.extend(only_in_backup.removed);
        Ok((decision, Outcome { removed: removal.removed, missing }))
    })?;
    report(args, session, &outcome)?;
    Ok(0)
}

/// The names on the command line and, for `-`, on standard input.
fn names(args: &Args, session: &mut Session<'_>) -> Result<Vec<String>> {
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

/// What was removed, or would be, and which names led nowhere.
struct Outcome {
    removed: Vec<Removed>,
    missing: Vec<String>,
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
    /// What is to go from users.json, and the names that it does not know.
    fn run(&self, users: &Database<'_>) -> Result<Picked> {
        let user =
            self.args.user.as_deref().map(|name| user_named(users, name).map(|user| (name, user))).transpose()?;
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
        user: Option<(&str, UserIndex)>,
        names: &[String],
        picked: &mut Picked,
    ) -> Vec<Listed> {
        if self.args.which.all || self.args.which.expired {
            let is_in_scope = |token: &Listed| {
                user.is_none_or(|(name, user)| {
                    token.places().any(|place| place.user == user) || database.owner(token) == name
                })
            };
            let is_wanted =
                |token: &Listed| self.args.which.all || database.token(token, None, self.now).status == Status::Expired;
            return database.tokens().filter(is_wanted).filter(is_in_scope).collect();
        }
        let mut tokens: Vec<Listed> = Vec::new();
        for (name, Found { tokens: found, .. }) in names.iter().zip(store::select(database, names, user)) {
            match found.as_slice() {
                [] => picked.missing.push(name.clone()),
                [one] if tokens.contains(one) => {}
                [one] => tokens.push(one.clone()),
                several => picked.ambiguous.push((name.clone(), candidates(database, several, self.now))),
            }
        }
        tokens
    }

    fn removal(
        &self,
        database: &Database<'_>,
        user: Option<(&str, UserIndex)>,
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
    for Removed { name, is_only_in_backup, stays_with, .. } in &outcome.removed {
        let line = match stays_with {
            Some(user) => format!(
                "{went} a copy of token {name}; the token itself stays, and Specter goes on accepting it for user {}",
                escaped(user)
            ),
            None if *is_only_in_backup => {
                format!("{went} token {name} from users.json.bkp, the only place where it still stood")
            }
            None => format!("{went} token {name}"),
        };
        if args.dry_run { session.say(line) } else { session.confirm(line) }
    }
    for name in &outcome.missing {
        session.confirm(format_args!("no token by `{}`", escaped(name)));
    }
    let is_written = !args.dry_run && !outcome.removed.is_empty();
    if is_written {
        session.confirm("a Specter that is stopped refuses what was removed from its next start; could not check whether a running Specter still accepts it");
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
        session.print(json::pretty(&report)?)?;
    }
    Ok(())
}

/// Either every name means one token, or nothing is removed and all wrong names are told.
fn check_names(missing: &[String], ambiguous: &[(String, String)], ignore_missing: bool) -> Result<()> {
    let mut faults = Vec::new();
    let mut kind = Kind::Ambiguous;
    let mut hint = "`specter-token list` shows the tokens".to_owned();
    if !missing.is_empty() && !ignore_missing {
        kind = Kind::NotFound;
        let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
        faults.push(format!("could not find a token by {}", names.join(", ")));
    }
    for (name, candidates) in ambiguous {
        faults.push(format!("`{name}` could be several tokens"));
        hint = format!("name one by its id: {candidates}");
    }
    if faults.is_empty() {
        return Ok(());
    }
    faults.push("nothing was removed".to_owned());
    Err(Failure::new(kind, faults.join("; ")).hint(hint).into())
}
