//! The tokens of a Specter that is stopped: its users.json, and what may be done to it while it might be running.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::Result;
use uuid::Uuid;

use super::{
    Backend, Created, Effect, Judge, NewToken, Purpose, Removal, Removed, Selection, Tokens, Verdict, Written,
    candidates, check_names, description_taken, named,
};
use crate::words::failure::{Failure, Kind};
use crate::core::jwt::{self, Claims, Key, NewClaims};
use crate::core::python::Text;
use crate::cli::session::{KeyFrom, Session};
use crate::core::specter::process::{self, Presence, Process};
use crate::core::users_json::{
    self, DataFolder, Database, Decision, Found, Listed, NewEntry, OldBackup, Place, SelectedUser, UserIndex,
    is_in_scope,
};
use crate::core::token::{Reason, Status, Token};

/// What was seen of a Specter when a command began to write.
struct Before {
    at: Instant,
    presence: Presence,
}

pub(super) struct UsersJson<'a> {
    folder: DataFolder,
    now: i64,
    /// The value of `--user`.
    user: Option<&'a str>,
    key: Option<KeyFrom>,
    /// For `create`: whether a key is used that fits none of the tokens.
    takes_new_key: bool,
    even_if_running: bool,
    /// For `verify`: the time to judge at.
    at: i64,
}

impl<'a> UsersJson<'a> {
    pub(super) fn open(session: &mut Session<'_>, purpose: Purpose, user: Option<&'a str>) -> Result<Self> {
        let folder = session.folder.clone();
        let even_if_running = session.options.even_if_running;
        let key = match purpose {
            Purpose::Create { .. } | Purpose::Verify { .. } => Some(session.required_key()?),
            Purpose::List | Purpose::Show { .. } => session.optional_key()?,
            Purpose::Revoke { .. } => None,
        };
        let is_create = matches!(purpose, Purpose::Create { .. });
        if let Some(KeyFrom { source, .. }) = key.as_ref().filter(|key| is_create && key.key.is_refused_by_specter()) {
            let message =
                format!("could not sign with the key from {source}: with such a key Specter refuses every token");
            let hint = "start Specter with a SECRET_KEY of random text, which `openssl rand -base64 33` makes";
            return Err(Failure::new(Kind::Secret, message).hint(hint).into());
        }
        let users_json = UsersJson {
            folder,
            now: session.now,
            user,
            key,
            takes_new_key: matches!(purpose, Purpose::Create { new_key: true }),
            even_if_running,
            at: match purpose {
                Purpose::Verify { at: Some(at) } => at,
                _ => session.now,
            },
        };
        let writes = is_create || purpose == Purpose::Revoke { dry_run: false };
        if writes && session.can_ask() {
            // Before anybody thinks about an answer.
            users_json.check_writable()?;
        }
        if !writes
            && users_json.may_have_been_read()
            && let Presence::Running(process) = users_json.presence()
        {
            session.say(format_args!(
                "a Specter is running on this folder (process {}); it goes by what it read at its start, so it may answer \
                 otherwise",
                process.id
            ));
        }
        Ok(users_json)
    }

    fn presence(&self) -> Presence {
        let real = self.real_folder();
        let folders: Vec<&Path> = std::iter::once(self.folder.path()).chain(real.as_deref()).collect();
        process::look(&folders)
    }

    /// Where users.json is a link, a Specter of the folder that it leads to counts as much.
    fn real_folder(&self) -> Option<PathBuf> {
        let users = self.folder.users();
        let is_link = fs::symlink_metadata(&users).is_ok_and(|metadata| metadata.is_symlink());
        is_link.then(|| fs::canonicalize(users).ok()?.parent().map(Path::to_owned)).flatten()
    }

    /// Whether there ever was a Specter here to read users.json. To look for that takes less than to look for one that runs.
    fn may_have_been_read(&self) -> bool {
        let real = self.real_folder();
        std::iter::once(self.folder.path()).chain(real.as_deref()).any(process::has_been_started_on)
    }

    /// Whether Specter is running, which is an error unless the user says that it is not.
    fn check_writable(&self) -> Result<Before, Failure> {
        let at = Instant::now();
        match self.presence() {
            Presence::Running(process) if !self.even_if_running => Err(is_running(&self.folder, &process)),
            presence => Ok(Before { at, presence }),
        }
    }

    /// What a write came to. To be asked right after it, because Specter may have been started since `before`.
    fn written(&self, before: Before, is_synced: bool) -> Written {
        /// A Specter takes many times as long from its first moment to the one at which it reads users.json: more than a second.
        const SOON: Duration = Duration::from_millis(100);
        let after = if before.at.elapsed() < SOON { Presence::Stopped } else { self.presence() };
        let effect = match (before.presence, after) {
            (Presence::Running(process), _) => Effect::Unseen(process),
            (_, Presence::Running(process)) => Effect::Overtaken(process),
            (Presence::Unknown, _) | (_, Presence::Unknown) => Effect::Unknown,
            (Presence::Stopped, Presence::Stopped) => Effect::NextStart,
        };
        Written { effect, is_synced }
    }

    fn search<'s>(&'s self, which: &'s Selection) -> Search<'s> {
        Search { user: self.user, which, now: self.now }
    }

    /// Everything that `create` decides before it writes.
    fn register(&self, key: &KeyFrom, new: &NewToken<'_>, database: &Database<'_>) -> Result<(Decision, Registered)> {
        let user = match self.user {
            Some(name) => user_named(database, name)?,
            None => only_admin(database)?,
        };
        let replaced = replaced(new, database, user, self.now)?;
        if !self.takes_new_key {
            check_key(key, database, user, self.now)?;
        }
        let id = Uuid::new_v4().to_string();
        let username = database.username(user).into_owned();
        let claims = NewClaims {
            username: &username,
            id: &id,
            description: new.description,
            issued_at: self.now,
            expires_at: self.now + new.life,
        };
        let text = jwt::sign(&key.key, &claims)?;
        if text.len() > jwt::LONGEST_TOKEN {
            let message =
                "could not create a token of this description: it would be longer than Specter's server takes";
            return Err(Failure::new(Kind::Usage, message).hint("give a shorter description").into());
        }
        let entry = NewEntry { id: &id, text: &text, description: new.description, life: new.life };
        let places: Vec<_> = replaced.iter().flat_map(|token| database.removal_of(token, Some(user))).collect();
        let removed = replaced.iter().map(|token| in_words(database, token, user, self.now)).collect();
        let change = database.change(&places, Some((user, &entry)))?;
        Ok((Decision::Users(change), Registered { id, username, text, removed }))
    }
}

/// What `create` has registered.
struct Registered {
    id: String,
    username: String,
    text: String,
    removed: Vec<String>,
}

impl Backend for UsersJson<'_> {
    fn read(&self, use_them: &mut dyn FnMut(&dyn Tokens) -> Result<()>) -> Result<()> {
        users_json::read(&self.folder, |database| {
            let user = selected_user(database, self.user)?;
            let key = self.key.as_ref().map(|from| &from.key);
            let only_places = if user.is_none() { database.only_places() } else { None };
            use_them(&Stored { database, user, key, now: self.now, only_places, listed: OnceLock::new() })
        })
    }

    fn create(&self, new: &NewToken<'_>) -> Result<Created> {
        let before = self.check_writable()?;
        let Some(key) = &self.key else { return Err(crate::host::secret::missing(self.folder.path()).into()) };
        let updated = users_json::update(&self.folder, |database, _| self.register(key, new, database))?;
        let written = self.written(before, updated.is_synced);
        let Registered { id, username, text, removed } = updated.value;
        let token = Token {
            id: id.into(),
            username: username.into(),
            description: Some(new.description.to_owned().into()),
            life: Some(new.life.to_string().into()),
            issued_at: Some(self.now),
            expires_at: Some(self.now + new.life),
            status: Status::Valid,
            reason: Reason::Ok,
            copies: Some(Vec::new()),
            text: None,
        };
        Ok(Created { token, text, removed, key_source: Some(key.source.clone()), written })
    }

    fn preview(&self, which: &Selection) -> Result<Removal> {
        let search = self.search(which);
        // Nothing is locked or written.
        users_json::read_both(&self.folder, |users, backup| search.decide(users, backup, None).map(|(_, removal)| removal))
    }

    fn remove(&self, which: &Selection, shown: Option<&Removal>) -> Result<Removal> {
        let before = self.check_writable()?;
        let search = self.search(which);
        let updated = users_json::update(&self.folder, |users, backup| search.decide(users, backup, shown))?;
        let is_written = !updated.value.removed.is_empty();
        let written = is_written.then(|| self.written(before, updated.is_synced));
        Ok(Removal { written, ..updated.value })
    }

    fn judge(&self, use_it: &mut dyn FnMut(&dyn Judge) -> Result<()>) -> Result<()> {
        let Some(key) = &self.key else { return Err(crate::host::secret::missing(self.folder.path()).into()) };
        users_json::read(&self.folder, |database| use_it(&Bench { database, key: &key.key, now: self.at }))
    }
}

/// Refuses to write, and names the ways out.
fn is_running(folder: &DataFolder, process: &Process) -> Failure {
    let message = format!(
        "could not change {}: a Specter is running on it, which would not see the change, and write over it (process {}: {})",
        folder.users().display(),
        process.id,
        process.command_line
    );
    let hint = format!(
        "stop Specter first, or let it make the change itself: --server {}; --even-if-running changes the file all the same",
        process.url.as_deref().unwrap_or("URL")
    );
    Failure::new(Kind::Running, message).hint(hint)
}

/// The tokens of a users.json that are within reach of `--user`.
struct Stored<'a, 'd> {
    database: &'a Database<'d>,
    user: SelectedUser<'a>,
    key: Option<&'a Key>,
    now: i64,
    /// Where the tokens stand, if that is all that there is to say.
    only_places: Option<&'a [Place]>,
    listed: OnceLock<Vec<Listed>>,
}

impl Stored<'_, '_> {
    fn listed(&self) -> &[Listed] {
        let is_in_scope = |token: &Listed| is_in_scope(self.database, self.user, token);
        self.listed.get_or_init(|| self.database.tokens().filter(is_in_scope).collect())
    }

    fn listed_at(&self, index: usize) -> Cow<'_, Listed> {
        match self.only_places {
            Some(places) => Cow::Owned(Listed::at(places[index])),
            None => Cow::Borrowed(&self.listed()[index]),
        }
    }
}

impl Tokens for Stored<'_, '_> {
    fn count(&self) -> usize {
        self.only_places.map_or_else(|| self.listed().len(), <[Place]>::len)
    }

    fn token(&self, index: usize) -> Token<'_> {
        self.database.token(&self.listed_at(index), self.key, self.now)
    }

    fn id(&self, index: usize) -> Cow<'_, str> {
        self.database.id_at(self.listed_at(index).home)
    }

    fn description(&self, index: usize) -> Option<Cow<'_, str>> {
        self.database.description_at(self.listed_at(index).home)
    }

    fn expires_at(&self, index: usize) -> Option<i64> {
        self.database.expiry(&self.listed_at(index))
    }

    /// A token of somebody who does not have it belongs to whoever does: nobody else would list it.
    fn is_listed(&self, index: usize) -> bool {
        let Some((name, user)) = self.user else { return true };
        let listed = self.listed_at(index);
        let owner = self.database.owner(&listed);
        let is_orphan = self.database.user_named(&owner) != Some(listed.home.user);
        owner == name || is_orphan && listed.places().any(|place| place.user == user)
    }

    fn find(&self, name: &str) -> Result<Vec<Token<'_>>> {
        let found = users_json::select(self.database, &[name.to_owned()], self.user).pop().unwrap_or_default();
        Ok(found.tokens.iter().map(|listed| self.database.token(listed, self.key, self.now)).collect())
    }
}

/// Judges by what users.json holds.
struct Bench<'a, 'd> {
    database: &'a Database<'d>,
    key: &'a Key,
    now: i64,
}

impl Judge for Bench<'_, '_> {
    fn verdict(&self, token: &str, wants_details: bool) -> Result<Verdict<'_>> {
        let registered = |username: &Text<'_>, id: &Text<'_>| self.database.registered(username, id, token);
        let judgment = jwt::judge(token, Some(self.key), self.now, registered);
        // Life and copies are those of the token that stands there, if it is this one.
        let is_stored = wants_details && judgment.reason == Reason::Ok;
        let listed = if is_stored { self.database.listed_for(&judgment.claims) } else { None };
        let stored = listed.map(|listed| self.database.token(&listed, None, self.now));
        let (life, copies) = stored.map(|stored| (stored.life, stored.copies)).unwrap_or_default();
        Ok(Verdict {
            reason: judgment.reason,
            claims: judgment.claims,
            now: self.now,
            life,
            copies: Some(copies.unwrap_or_default()),
        })
    }
}

/// The user that `--user` names.
fn user_named(database: &Database<'_>, name: &str) -> Result<UserIndex> {
    database.user_named(name).ok_or_else(|| {
        let message = format!("could not find user `{name}` in users.json");
        Failure::new(Kind::NotFound, message).hint(format!("the users are: {}", usernames(database))).into()
    })
}

/// The user to whom `--user` narrows a command down.
fn selected_user<'a>(database: &Database<'_>, name: Option<&'a str>) -> Result<SelectedUser<'a>> {
    name.map(|name| user_named(database, name).map(|user| (name, user))).transpose()
}

fn usernames(database: &Database<'_>) -> String {
    database.users().map(|user| database.username(user).into_owned()).collect::<Vec<_>>().join(", ")
}

fn only_admin(database: &Database<'_>) -> Result<UserIndex> {
    let admins: Vec<UserIndex> = database.admins().collect();
    if let [admin] = admins[..] {
        return Ok(admin);
    }
    let message = format!("could not tell whose token it is to be: users.json has {} admins", admins.len());
    let hint = format!("name the token's user with --user; the users are: {}", usernames(database));
    Err(Failure::new(Kind::Usage, message).hint(hint).into())
}

/// The tokens that make room for the description: expired ones, and others if the user said so.
fn replaced(new: &NewToken<'_>, database: &Database<'_>, user: UserIndex, now: i64) -> Result<Vec<Listed>> {
    let mut replaced = Vec::new();
    for place in database.places_of(user) {
        if !database.is_described(place, new.description) {
            continue;
        }
        let listed = database.token_at(place);
        let token = database.token(&listed, None, now);
        if token.status != Status::Expired && !new.replaces {
            return Err(description_taken(new.description, &database.username(user), &token.id).into());
        }
        replaced.push(listed);
    }
    Ok(replaced)
}

/// What goes with a token that makes room: it, or only the copy that stands under a user who is not its own.
fn in_words(database: &Database<'_>, token: &Listed, user: UserIndex, now: i64) -> String {
    let is_copy = !database.removal_of(token, Some(user)).contains(&token.home);
    let what = if is_copy { "a copy of token" } else { "token" };
    format!("{what} {}", named(&database.token(token, None, now)))
}

/// Tries the key on the newest tokens of the user, or else of the others: one that fits none of them is most likely not
/// Specter's.
fn check_key(from: &KeyFrom, database: &Database<'_>, user: UserIndex, now: i64) -> Result<()> {
    /// Enough to get past a few tokens of another key.
    const TRIED: usize = 10;
    let fits = |user: UserIndex| {
        let texts = database.places_of(user).rev().filter_map(|place| database.text_at(place));
        let unexpired = texts.filter(|text| {
            let claims = Claims::of(text);
            claims.id().is_some() && claims.expires_at.is_none_or(|expires_at| expires_at > now)
        });
        // None where there is nothing to try it on.
        unexpired.take(TRIED).map(|text| from.key.fits(&text)).max()
    };
    let (whose, verdict) = match fits(user) {
        Some(verdict) => (format!("user `{}`", database.username(user)), Some(verdict)),
        None => ("any user".to_owned(), database.users().filter_map(fits).max()),
    };
    if verdict.unwrap_or(true) {
        return Ok(());
    }
    let message = format!(
        "could not use the key from {}: it signed none of the newest tokens of {whose}, so it is not Specter's",
        from.source
    );
    let hint = "give the key that Specter is started with; if Specter has a new one, add --new-key";
    Err(Failure::new(Kind::WrongSecret, message).hint(hint).into())
}

/// The search for what `revoke` is to remove.
struct Search<'a> {
    user: Option<&'a str>,
    which: &'a Selection,
    now: i64,
}

/// What is to go from a file.
#[derive(Default)]
struct ToRemove {
    places: Vec<Place>,
    removed: Vec<Removed>,
}

/// What a search came to.
#[derive(Default)]
struct Picked {
    to_remove: ToRemove,
    missing: Vec<String>,
    /// Names, and the tokens that each could mean.
    ambiguous: Vec<(String, String)>,
}

impl Search<'_> {
    fn decide(&self, users: &Database<'_>, backup: &OldBackup, shown: Option<&Removal>) -> Result<(Decision, Removal)> {
        let (names, may_miss): (&[String], _) = match self.which {
            Selection::Named { names, may_miss } => (names, *may_miss),
            Selection::All | Selection::Expired => (&[], false),
        };
        let Picked { to_remove, mut missing, mut ambiguous } = self.run(users, names)?;
        let mut only_in_backup = ToRemove::default();
        // Where every name is known, the backup is replaced by the new version, whatever it holds.
        let looks_into_backup = !missing.is_empty() || !matches!(self.which, Selection::Named { .. });
        let backup = if looks_into_backup { backup.database()? } else { None };
        if let Some(backup) = &backup {
            let picked = self.run_in_backup(users, backup, missing);
            only_in_backup = picked.to_remove;
            missing = picked.missing;
            ambiguous.extend(picked.ambiguous);
        }
        check_names(&missing, &ambiguous, may_miss)?;
        let decision = if !to_remove.places.is_empty() {
            Decision::Users(users.change(&to_remove.places, None)?)
        } else if let Some(backup) = backup.as_ref().filter(|_| !only_in_backup.places.is_empty()) {
            Decision::Backup(backup.change(&only_in_backup.places, None)?)
        } else {
            Decision::Nothing
        };
        let mut removed = to_remove.removed;
        removed.extend(only_in_backup.removed);
        let removal = Removal { removed, missing, written: None };
        removal.check_shown(shown)?;
        Ok((decision, removal))
    }

    /// What is to go from users.json, and the names that it does not know.
    fn run(&self, users: &Database<'_>, names: &[String]) -> Result<Picked> {
        let user = selected_user(users, self.user)?;
        let mut picked = Picked::default();
        let tokens = self.tokens(users, user, names, &mut picked);
        picked.to_remove = self.to_remove(users, user, &tokens, false);
        Ok(picked)
    }

    /// What is to go from a backup that holds more than users.json does, and the names that it does not know either.
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

    /// The tokens that are meant; names that mean none or several are noted in `picked`.
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
        for (name, Found { tokens: found, .. }) in names.iter().zip(users_json::select(database, names, user)) {
            match found.as_slice() {
                [] => picked.missing.push(name.clone()),
                [one] => tokens.extend(seen.insert(one.home).then(|| one.clone())),
                several => {
                    let several: Vec<_> = several.iter().map(|listed| database.token(listed, None, self.now)).collect();
                    picked.ambiguous.push((name.clone(), candidates(&several)));
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
            to_remove.removed.push(Removed {
                stays_with: (!is_gone).then(|| token.username.clone().into_owned()),
                found_in: Some(if is_only_in_backup { "users.json.bkp" } else { "users.json" }),
                token,
            });
            to_remove.places.extend(places);
        }
        to_remove
    }
}
