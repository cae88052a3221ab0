//! The tokens of a stopped Specter: its users.json, and what may be done to it in case a Specter is running.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::contract::{
    Backend, Created, Details, Effect, End, Judge, Lasting, NewToken, Planned, Removal, Replaced, Selection, Tokens,
    Written,
};
use super::newest::{check_key, clock_doubt};
use super::removal::{Search, lasting};
use super::users::{selected_user, user_named, usernames};
use crate::core::error::{Error, Result, TakenBy};
use crate::core::jwt::judge::Verdict;
use crate::core::jwt::key::Key;
use crate::core::jwt::presented::LONGEST_TOKEN;
use crate::core::jwt::rules::Rules;
use crate::core::jwt::spelling::{NewClaims, sign};
use crate::core::process::Process;
use crate::core::specter::migration::last_started;
use crate::core::specter::process::{Presence, Seen, has_been_started_on, look};
use crate::core::token::{Here, Known, Reason, Status, Token};
use crate::core::users_json::database::Database;
use crate::core::users_json::entry::NewEntry;
use crate::core::users_json::folder::DataFolder;
use crate::core::users_json::index::{Listed, UserIndex};
use crate::core::users_json::patience::Patience;
use crate::core::users_json::recovery::check_there;
use crate::core::users_json::select::{SelectedUser, is_in_scope, select};
use crate::core::users_json::snapshot::Snapshot;
use crate::core::users_json::update::{Decision, OldBackup, read, update};
use crate::core::version::{Installed, Version};

/// A users.json that a Specter may be using.
pub(crate) struct UsersJson<'a> {
    folder: DataFolder,
    /// The user to whose tokens the store is limited.
    user: Option<&'a str>,
    /// Whether to change the file even if a running Specter does not see the change.
    even_if_running: bool,
    patience: Patience,
    /// Where processes are looked for: `/proc`.
    processes: PathBuf,
}

/// The state of Specter before a write.
struct Before {
    at: Instant,
    seen: Seen,
    specter: Installed,
}

impl<'a> UsersJson<'a> {
    /// Reads nothing yet.
    pub(crate) fn new(
        folder: DataFolder,
        user: Option<&'a str>,
        even_if_running: bool,
        patience: Patience,
        processes: PathBuf,
    ) -> Self {
        UsersJson { folder, user, even_if_running, patience, processes }
    }

    /// Fails if there is nothing to work on, so that nobody looks for a key in vain. Not if a Specter runs there: a change is then
    /// refused for that.
    pub(crate) fn check_there(&self) -> Result<()> {
        let is_running = || self.folder.path().is_dir() && matches!(self.seen().presence, Presence::Running(_));
        check_there(&self.folder).or_else(|error| if is_running() { Ok(()) } else { Err(error) })
    }

    fn seen(&self) -> Seen {
        let real = self.real_folder();
        let folders: Vec<&Path> = std::iter::once(self.folder.path()).chain(real.as_deref()).collect();
        look(&self.processes, &folders)
    }

    /// The folder that users.json leads to, if it is a link. A Specter of that folder counts as well.
    fn real_folder(&self) -> Option<PathBuf> {
        let users = self.folder.users();
        let is_link = fs::symlink_metadata(&users).is_ok_and(|metadata| metadata.is_symlink());
        is_link.then(|| fs::canonicalize(users).ok()?.parent().map(Path::to_owned)).flatten()
    }

    /// The Specter that was last started on the folder, or on the folder that a link leads to.
    fn last_started(&self) -> Installed {
        let real = self.real_folder();
        let of_real = real.as_deref().map_or(Installed::Never, last_started);
        last_started(self.folder.path()).or_older(of_real)
    }

    /// Whether a Specter has ever run here and read users.json. This check is faster than a search for a running
    /// Specter.
    fn may_have_been_read(&self) -> bool {
        let real = self.real_folder();
        std::iter::once(self.folder.path()).chain(real.as_deref()).any(has_been_started_on)
    }

    /// Checks whether Specter is running, which is an error unless it was allowed.
    fn before_write(&self) -> Result<Before> {
        let at = Instant::now();
        match self.seen() {
            Seen { presence: Presence::Running(process), .. } if !self.even_if_running => {
                Err(Error::Running { users: self.folder.users(), process })
            }
            seen => {
                let running = match &seen.presence {
                    Presence::Running(process) => process.version.map(Installed::Version),
                    Presence::Stopped | Presence::Unknown => None,
                };
                let last_started = self.last_started();
                let specter = running.map_or(last_started, |running| running.or_older(last_started));
                Ok(Before { at, seen, specter })
            }
        }
    }

    /// Returns the result of a write. Call this right after the write, because Specter may have been started since
    /// `before`.
    fn written(&self, before: Before, is_synced: bool) -> Written {
        /// Specter takes several times as long from its start until it reads users.json: 0.5 to 0.9 s.
        const SOON: Duration = Duration::from_millis(100);
        let after = if before.at.elapsed() < SOON { Presence::Stopped.into() } else { self.seen() };
        let effect = match (before.seen.presence, after.presence) {
            (Presence::Running(process), _) => Effect::Unseen(process),
            (_, Presence::Running(process)) => Effect::Overtaken(process),
            (Presence::Unknown, _) | (_, Presence::Unknown) => Effect::Unknown,
            (Presence::Stopped, Presence::Stopped) => Effect::NextStart,
        };
        let mut passed_over = before.seen.passed_over;
        passed_over.extend(after.passed_over);
        passed_over.sort_unstable();
        passed_over.dedup();
        Written { effect, is_synced, passed_over }
    }

    fn search<'s>(&'s self, which: &'s Selection, key: Option<&'s Key>, now: i64, specter: Installed) -> Search<'s> {
        Search { user: self.user, which, key, now, specter }
    }

    /// Checks the conditions for making a token.
    fn before_create<'k>(&self, key: Option<&'k Key>) -> Result<(&'k Key, Before)> {
        let key = self.required(key)?;
        key.check_accepted(Rules::of(self.last_started()))?;
        let before = self.before_write()?;
        check_has_tokens(before.specter)?;
        key.check_accepted(Rules::of(before.specter))?;
        Ok((key, before))
    }

    fn required<'k>(&self, key: Option<&'k Key>) -> Result<&'k Key> {
        key.ok_or_else(|| Error::NoKey { folder: self.folder.path().to_owned() })
    }

    /// Makes all decisions of `create` before anything is written.
    fn register(
        &self,
        key: &Key,
        new: &NewToken<'_>,
        specter: Installed,
        database: &Database<'_>,
    ) -> Result<(Decision, Registered)> {
        let now = new.issued_at;
        let user = match self.user {
            Some(name) => user_named(database, name)?,
            None => only_admin(database)?,
        };
        let replaced = replaced(new, database, user, now)?;
        if !new.takes_new_key {
            check_key(key, database, user, now)?;
        }
        let id = Uuid::new_v4().to_string();
        let username = database.username(user).into_owned();
        let expires_at = now + new.life;
        let claims =
            NewClaims { username: &username, id: &id, description: new.description, issued_at: now, expires_at };
        let text = sign(key, &claims);
        if text.len() > LONGEST_TOKEN {
            return Err(Error::TokenTooLong);
        }
        let entry = NewEntry { id: &id, text: &text, description: new.description, life: new.life };
        let places: Vec<_> = replaced.iter().flat_map(|token| database.removal_of(token, Some(user))).collect();
        let replaced = replaced.iter().map(|token| {
            let is_copy = !database.removal_of(token, Some(user)).contains(&token.home);
            let lasting = if is_copy { Lasting::Refused } else { lasting(database, token, Some(key), specter, now) };
            Replaced { name: database.token(token, None, now).name(), is_copy, lasting }
        });
        let replaced = replaced.collect();
        let edit = database.edit(&places, Some((user, &entry)))?;
        let known = Known {
            description: Some(new.description.to_owned().into()),
            life: Some(new.life.to_string().into()),
            issued_at: Some(now),
            expires_at: Some(expires_at),
            copies: Some(Vec::new()),
            text: None,
        };
        let token = Token::new(id, username, (Status::Valid, Reason::Ok), known);
        let clock = clock_doubt(database, Some(key), now);
        let planned = Planned { token, replaced, key_source: Some(key.source().clone()), specter, clock };
        Ok((Decision::Users(edit), Registered { planned, text }))
    }
}

/// The token that `create` has registered.
struct Registered {
    planned: Planned,
    text: String,
}

impl Backend for UsersJson<'_> {
    fn unaware_specter(&self) -> Option<Process> {
        if !self.may_have_been_read() {
            return None;
        }
        match self.seen().presence {
            Presence::Running(process) => Some(process),
            Presence::Stopped | Presence::Unknown => None,
        }
    }

    fn check_writable(&self) -> Result<()> {
        self.before_write().map(drop)
    }

    fn tokens<'a>(&'a self, key: Option<&'a Key>, now: i64) -> Result<Box<dyn Tokens + 'a>> {
        let snapshot = read(&self.folder, &self.patience)?;
        let user = selected_user(snapshot.database(), self.user)?;
        // A Specter with the newest rules needs no second judgement.
        let older = self.last_started();
        let older = older.version().filter(|_| older.accepts_unregistered() == Some(true));
        Ok(Box::new(Listing { snapshot, user, key, now, older, listed: OnceLock::new() }))
    }

    fn plan(&self, new: &NewToken<'_>, key: Option<&Key>) -> Result<Planned> {
        let (key, Before { specter, .. }) = self.before_create(key)?;
        let updated = update(&self.folder, &self.patience, |database, _| {
            self.register(key, new, specter, database).map(|(_, registered)| (Decision::DryRun, registered.planned))
        })?;
        let mut planned = updated.value;
        // The token that is really made gets another id.
        planned.token.id = Cow::Borrowed("");
        Ok(planned)
    }

    fn create(&self, new: &NewToken<'_>, key: Option<&Key>) -> Result<Created> {
        let (key, before) = self.before_create(key)?;
        let specter = before.specter;
        let updated = update(&self.folder, &self.patience, |database, _| self.register(key, new, specter, database))?;
        let Registered { planned, text } = updated.value;
        Ok(Created { planned, text, written: self.written(before, updated.is_synced) })
    }

    fn preview(&self, which: &Selection, key: Option<&Key>, now: i64) -> Result<Removal> {
        // Nothing is locked or written.
        let users = read(&self.folder, &self.patience)?;
        let backup = OldBackup::of(&self.folder);
        let search = self.search(which, key, now, self.last_started());
        search.decide(users.database(), &backup, None).map(|(_, removal)| removal)
    }

    fn remove(&self, which: &Selection, key: Option<&Key>, now: i64, shown: Option<&Removal>) -> Result<Removal> {
        let before = self.before_write()?;
        let search = self.search(which, key, now, before.specter);
        let updated = update(&self.folder, &self.patience, |users, backup| search.decide(users, backup, shown))?;
        let is_written = !updated.value.removed.is_empty();
        let written = is_written.then(|| self.written(before, updated.is_synced));
        Ok(Removal { written, ..updated.value })
    }

    fn specter(&self) -> Installed {
        self.last_started()
    }

    fn judge<'a>(&'a self, key: Option<&'a Key>, version: Option<Version>) -> Result<Box<dyn Judge + 'a>> {
        let key = self.required(key)?;
        let specter = version.map_or_else(|| self.last_started(), Installed::Version);
        check_has_tokens(specter)?;
        let snapshot = read(&self.folder, &self.patience)?;
        Ok(Box::new(ByUsersJson { snapshot, key, specter, rules: Rules::of(specter) }))
    }
}

/// The tokens of a users.json, limited to those of one user if a user was named.
struct Listing<'a> {
    snapshot: Snapshot,
    user: SelectedUser<'a>,
    key: Option<&'a Key>,
    now: i64,
    /// The version of a Specter with older rules.
    older: Option<Version>,
    listed: OnceLock<Vec<Listed>>,
}

impl Listing<'_> {
    fn database(&self) -> &Database<'_> {
        self.snapshot.database()
    }

    fn token_of(&self, listed: &Listed) -> Token<'_> {
        let mut token = self.database().token(listed, self.key, self.now);
        token.here = self.older.map(|version| Here { version, accepts: self.is_accepted_by(version, &token) });
        token
    }

    /// `None` if the signature could not be checked and nothing else is wrong.
    fn is_accepted_by(&self, version: Version, token: &Token<'_>) -> Option<bool> {
        let has_tokens = Installed::Version(version).without_tokens().is_none();
        let Some(text) = token.text.as_deref().filter(|_| has_tokens) else { return Some(false) };
        let rules = Rules::of(Installed::Version(version));
        let is_accepted = self.database().verdict(text, self.key, rules, self.now).reason == Reason::Ok;
        if is_accepted && self.key.is_none() { None } else { Some(is_accepted) }
    }

    fn listed(&self) -> &[Listed] {
        let is_in_scope = |token: &Listed| is_in_scope(self.database(), self.user, token);
        self.listed.get_or_init(|| self.database().tokens().filter(is_in_scope).collect())
    }
}

impl Tokens for Listing<'_> {
    fn count(&self) -> usize {
        self.listed().len()
    }

    fn token(&self, index: usize) -> Token<'_> {
        self.token_of(&self.listed()[index])
    }

    fn id(&self, index: usize) -> Cow<'_, str> {
        self.database().id_at(self.listed()[index].home)
    }

    fn description(&self, index: usize) -> Option<Cow<'_, str>> {
        self.database().description_at(self.listed()[index].home)
    }

    fn end(&self, index: usize) -> End {
        self.database().expiry(&self.listed()[index]).map_or(End::Never, End::At)
    }

    /// A token whose own user does not have it is listed under the users who do: otherwise it would never be listed.
    fn is_listed(&self, index: usize) -> bool {
        let Some((name, user)) = self.user else { return true };
        let listed = &self.listed()[index];
        let owner = self.database().owner(listed);
        let is_orphan = self.database().user_named(&owner) != Some(listed.home.user);
        owner == name || is_orphan && listed.places().any(|place| place.user == user)
    }

    fn find(&self, name: &str) -> Result<Vec<Token<'_>>> {
        let found = select(self.database(), &[name.to_owned()], self.user).pop().unwrap_or_default();
        Ok(found.tokens.iter().map(|listed| self.token_of(listed)).collect())
    }
}

/// Judges by the contents of users.json.
struct ByUsersJson<'a> {
    snapshot: Snapshot,
    key: &'a Key,
    specter: Installed,
    rules: Rules,
}

impl Judge for ByUsersJson<'_> {
    fn verdict(&self, token: &str, now: i64) -> Result<Verdict> {
        Ok(self.snapshot.database().verdict(token, Some(self.key), self.rules, now))
    }

    /// Life and copies come from the stored token, if it is this one.
    fn details(&self, token: &str, verdict: &Verdict) -> Details<'_> {
        let database = self.snapshot.database();
        let is_registered = verdict.is_registered.unwrap_or_else(|| database.holds(token, &verdict.claims));
        let is_it = verdict.reason == Reason::Ok && is_registered;
        let listed = if is_it { database.listed_for(&verdict.claims) } else { None };
        let life = listed.as_ref().and_then(|listed| database.life(listed)).map(Cow::Borrowed);
        let copies = Some(listed.map(|listed| database.copies(&listed)).unwrap_or_default());
        Details { life, copies, is_registered: Some(is_registered) }
    }

    fn specter(&self) -> Installed {
        self.specter
    }
}

/// Fails if this version of Specter has no tokens: it drops them all when it saves.
fn check_has_tokens(specter: Installed) -> Result<()> {
    specter.without_tokens().map_or(Ok(()), |version| Err(Error::SpecterTooOld { version }))
}

fn only_admin(database: &Database<'_>) -> Result<UserIndex> {
    let admins: Vec<UserIndex> = database.admins().collect();
    match admins[..] {
        [admin] => Ok(admin),
        _ => Err(Error::NotOneAdmin { count: admins.len(), users: usernames(database) }),
    }
}

/// The tokens that make room for the description: expired ones, and others if wanted.
fn replaced(new: &NewToken<'_>, database: &Database<'_>, user: UserIndex, now: i64) -> Result<Vec<Listed>> {
    let mut replaced = Vec::new();
    for place in database.places_of(user) {
        if !database.is_described(place, new.description) {
            continue;
        }
        let listed = database.token_at(place);
        let token = database.token(&listed, None, now);
        if token.status != Status::Expired && !new.replaces {
            return Err(Error::DescriptionTaken {
                description: new.description.to_owned(),
                username: database.username(user).into_owned(),
                by: TakenBy::Token(token.id.into_owned()),
            });
        }
        replaced.push(listed);
    }
    Ok(replaced)
}
