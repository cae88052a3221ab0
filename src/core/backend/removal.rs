//! Finds what `revoke` is to remove, in users.json and in the backup on which Specter falls back, and tells how long
//! Specter still accepts it.

use std::borrow::Cow;
use std::collections::HashSet;

use super::contract::{End, Lasting, Removal, Removed, Selection};
use super::newest::clock_doubt;
use super::users::selected_user;
use crate::core::error::{Ambiguous, Error, Result};
use crate::core::jwt::judge::Verdict;
use crate::core::jwt::key::Key;
use crate::core::jwt::rules::Rules;
use crate::core::token::{Reason, Status};
use crate::core::users_json::database::Database;
use crate::core::users_json::index::{Listed, Place};
use crate::core::users_json::select::{Found, SelectedUser, is_in_scope, select};
use crate::core::users_json::update::{Decision, OldBackup};
use crate::core::version::Installed;

/// A search for the tokens that `revoke` is to remove.
pub(super) struct Search<'a> {
    pub(super) user: Option<&'a str>,
    pub(super) which: &'a Selection,
    /// The key tells whether the clock can be right.
    pub(super) key: Option<&'a Key>,
    pub(super) now: i64,
    pub(super) specter: Installed,
}

/// The tokens to remove from a file.
#[derive(Default)]
struct ToRemove {
    places: Vec<Place>,
    removed: Vec<Removed>,
}

/// The result of a search.
#[derive(Default)]
struct Picked {
    to_remove: ToRemove,
    missing: Vec<String>,
    ambiguous: Vec<Ambiguous>,
}

impl Search<'_> {
    pub(super) fn decide(
        &self,
        users: &Database<'_>,
        backup: &OldBackup,
        shown: Option<&Removal>,
    ) -> Result<(Decision, Removal)> {
        let (names, may_miss): (&[String], _) = match self.which {
            Selection::Named { names, may_miss } => (names, *may_miss),
            Selection::All | Selection::Expired { .. } => (&[], false),
        };
        let clock = match self.which {
            Selection::Expired { despite_clock } => {
                let doubt = clock_doubt(users, self.key, self.now);
                if let Some(doubt) = doubt.filter(|_| !despite_clock) {
                    return Err(Error::ClockDoubtful { doubt, now: self.now });
                }
                doubt
            }
            Selection::All | Selection::Named { .. } => None,
        };
        let Picked { to_remove, mut missing, mut ambiguous } = self.run(users, names)?;
        let mut only_in_backup = ToRemove::default();
        // If every name is known, the new version replaces the backup, whatever the backup holds.
        let looks_into_backup = !missing.is_empty() || !matches!(self.which, Selection::Named { .. });
        let backup = if looks_into_backup { backup.snapshot()? } else { None };
        if let Some(backup) = &backup {
            let picked = self.run_in_backup(users, backup.database(), missing);
            only_in_backup = picked.to_remove;
            missing = picked.missing;
            ambiguous.extend(picked.ambiguous);
        }
        missing = check_names(missing, ambiguous, may_miss)?;
        let decision = if !to_remove.places.is_empty() {
            Decision::Users(users.edit(&to_remove.places, None)?)
        } else if let Some(of) = backup.filter(|_| !only_in_backup.places.is_empty()) {
            Decision::Backup { edit: of.database().edit(&only_in_backup.places, None)?, of }
        } else {
            Decision::Nothing
        };
        let mut removed = to_remove.removed;
        removed.extend(only_in_backup.removed);
        let removal = Removal { removed, missing, written: None, specter: self.specter, clock };
        removal.check_shown(shown)?;
        Ok((decision, removal))
    }

    /// Finds what to remove from users.json, and the names that it does not know.
    fn run(&self, users: &Database<'_>, names: &[String]) -> Result<Picked> {
        let user = selected_user(users, self.user)?;
        let mut picked = Picked::default();
        let tokens = self.tokens(users, user, names, &mut picked);
        picked.to_remove = self.to_remove(users, user, &tokens, false);
        Ok(picked)
    }

    /// Finds what to remove from a backup that holds more than users.json does, and the names that it does not know
    /// either.
    fn run_in_backup(&self, users: &Database<'_>, backup: &Database<'_>, missing: Vec<String>) -> Picked {
        let user = match self.user {
            None => None,
            Some(name) => match backup.user_named(name) {
                Some(user) => Some((name, user)),
                None => return Picked { missing, ..Picked::default() },
            },
        };
        let mut picked = Picked::default();
        let mut tokens = self.tokens(backup, user, &missing, &mut picked);
        if !tokens.is_empty() {
            let known = |database: &Database<'_>, token: &Listed| {
                (database.id_at(token.home).into_owned(), database.text_at(token.home).map(Cow::into_owned))
            };
            let in_users: HashSet<_> = users.tokens().map(|token| known(users, &token)).collect();
            tokens.retain(|token| !in_users.contains(&known(backup, token)));
        }
        picked.to_remove = self.to_remove(backup, user, &tokens, true);
        picked
    }

    /// Returns the selected tokens. Notes names that mean none or several in `picked`.
    fn tokens(
        &self,
        database: &Database<'_>,
        user: SelectedUser<'_>,
        names: &[String],
        picked: &mut Picked,
    ) -> Vec<Listed> {
        if !matches!(self.which, Selection::Named { .. }) {
            let is_in_scope = |token: &Listed| is_in_scope(database, user, token);
            let is_wanted = |token: &Listed| {
                matches!(self.which, Selection::All) || database.token(token, None, self.now).status == Status::Expired
            };
            return database.tokens().filter(is_wanted).filter(is_in_scope).collect();
        }
        let mut tokens: Vec<Listed> = Vec::new();
        let mut seen = HashSet::new();
        for (name, Found { tokens: found, .. }) in names.iter().zip(select(database, names, user)) {
            match found.as_slice() {
                [] => picked.missing.push(name.clone()),
                [one] => tokens.extend(seen.insert(one.home).then(|| one.clone())),
                several => {
                    let candidates = several.iter().map(|listed| database.token(listed, None, self.now).name());
                    picked.ambiguous.push(Ambiguous { name: name.clone(), candidates: candidates.collect() });
                }
            }
        }
        tokens
    }

    fn to_remove(
        &self,
        database: &Database<'_>,
        user: SelectedUser<'_>,
        tokens: &[Listed],
        is_only_in_backup: bool,
    ) -> ToRemove {
        let mut to_remove = ToRemove::default();
        for listed in tokens {
            let places = database.removal_of(listed, user.map(|(_, user)| user));
            let token = database.token(listed, None, self.now).into_owned();
            let is_gone = places.contains(&listed.home);
            // A token that only loses a copy is not removed.
            let lasting =
                if is_gone { lasting(database, listed, None, self.specter, self.now) } else { Lasting::Refused };
            to_remove.removed.push(Removed {
                stays_with: (!is_gone).then(|| token.username.clone().into_owned()),
                lasting,
                found_in: Some(if is_only_in_backup { "users.json.bkp" } else { "users.json" }),
                token,
            });
            to_remove.places.extend(places);
        }
        to_remove
    }
}

/// How long this Specter would still accept a token that is removed now. Without a key, its signature counts as right.
pub(super) fn lasting(
    database: &Database<'_>,
    listed: &Listed,
    key: Option<&Key>,
    specter: Installed,
    now: i64,
) -> Lasting {
    let accepts_unregistered = specter.accepts_unregistered();
    if accepts_unregistered == Some(false) || specter.without_tokens().is_some() {
        return Lasting::Refused;
    }
    let Some(text) = database.text_at(listed.home) else { return Lasting::Refused };
    // An unknown version could be the one that accepts the most.
    let rules = if accepts_unregistered.is_some() { Rules::of(specter) } else { Rules::Until2_1_7 };
    let Verdict { reason, claims, .. } = database.verdict(&text, key, rules, now);
    let will_be_accepted = match reason {
        Reason::Ok => true,
        Reason::NotYetValidIat | Reason::NotYetValidNbf => claims.expires_at.is_none_or(|expires_at| expires_at > now),
        _ => false,
    };
    match (will_be_accepted, accepts_unregistered) {
        (false, _) => Lasting::Refused,
        (true, None) => Lasting::Unknown,
        (true, Some(_)) => Lasting::Until(claims.expires_at.map_or(End::Never, End::At)),
    }
}

/// Returns the names that mean no token. Fails with all wrong names, so that nothing is removed, if any name is wrong.
pub(super) fn check_names(missing: Vec<String>, ambiguous: Vec<Ambiguous>, may_miss: bool) -> Result<Vec<String>> {
    if ambiguous.is_empty() && (missing.is_empty() || may_miss) {
        return Ok(missing);
    }
    let missing = if may_miss { Vec::new() } else { missing };
    Err(Error::Names { missing, ambiguous, is_removal: true })
}
