//! The token database of a Specter that is stopped: its users.json.
//!
//! [`read`] hands out the database; [`update`] hands it out under a lock and writes back what the caller decides. Whose a
//! token is follows its payload, not the user under whom it stands: a Specter that registers users lets them share one
//! `jwt_tokens`, so that the same token can stand under several of them, and counts only under its own.

mod damage;
mod document;
mod file;
mod select;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Instant;

use anyhow::Result;
use hashbrown::hash_table::Entry as Slot;
use hashbrown::{HashMap, HashSet, HashTable};

use crate::words::failure::{Failure, Kind};
use crate::core::jwt::{self, Claims, Key, Registered};
use crate::core::python::Text;
use crate::core::token::{Reason, Status, Token};

use damage::{Damage, Patience};
pub(crate) use document::NewEntry;
use document::{Document, Entry, Splice};
use file::{Backup, Contents, LOCK_PATIENCE, Lock, Written};
pub(crate) use file::{DataFolder, NewFolder};
pub(crate) use select::{Found, SelectedUser, is_candidate, is_in_scope, select};

/// A user by position in users.json.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UserIndex(u32);

/// Where an entry stands: under which user, and which of the user's entries it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) user: UserIndex,
    entry: u32,
}

/// One token, and everywhere it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Under its own user if it stands there, else the first place.
    pub(crate) home: Place,
    pub(crate) copies: Box<[Place]>,
}

impl Listed {
    /// A token that stands at one place alone.
    pub(crate) fn at(home: Place) -> Self {
        Listed { home, copies: Box::default() }
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        std::iter::once(self.home).chain(self.copies.iter().copied())
    }
}

/// The users and tokens of one users.json.
pub(crate) struct Database<'a> {
    document: Document<'a>,
    /// The first user of each name; Specter never finds the others.
    users_by_name: HashMap<Text<'a>, UserIndex>,
    index: OnceLock<Index>,
}

/// No user has the name.
struct UnknownUser;

/// Where each id stands, in the order of the file. Of equal ids under one user the last counts.
#[derive(Default)]
struct Index {
    first: Vec<Place>,
    /// Few ids stand under more than one user.
    more: HashMap<u32, Vec<Place>>,
    /// Positions in `first` by id. The ids themselves are left where they are.
    positions: HashTable<u32>,
    /// The users under whom an id stands twice.
    repeating: HashSet<UserIndex>,
}

impl<'a> Database<'a> {
    fn new(document: Document<'a>) -> Self {
        let mut users_by_name = HashMap::new();
        for (user, position) in document.users.iter().zip(0..) {
            users_by_name.entry(user.username.clone()).or_insert(UserIndex(position));
        }
        Database { document, users_by_name, index: OnceLock::new() }
    }

    pub(crate) fn user_named(&self, name: &str) -> Option<UserIndex> {
        self.user_of(&name.into())
    }

    fn user_of(&self, name: &Text<'_>) -> Option<UserIndex> {
        self.users_by_name.get(name).copied()
    }

    pub(crate) fn users(&self) -> impl Iterator<Item = UserIndex> {
        (0..).map(UserIndex).take(self.document.users.len())
    }

    /// The users whose `is_admin` is true in Python's sense.
    pub(crate) fn admins(&self) -> impl Iterator<Item = UserIndex> {
        self.users().filter(|user| self.document.users[user.0 as usize].is_admin)
    }

    /// The user's name, as far as it can be shown.
    pub(crate) fn username(&self, user: UserIndex) -> Cow<'a, str> {
        self.document.users[user.0 as usize].username.clone().into_shown()
    }

    /// The places under a user, in the order of the file.
    pub(crate) fn places_of(&self, user: UserIndex) -> impl DoubleEndedIterator<Item = Place> {
        let count = u32::try_from(self.document.users[user.0 as usize].entries().len()).unwrap_or(u32::MAX);
        (0..count).map(move |entry| Place { user, entry })
    }

    fn entry(&self, place: Place) -> Entry<'a> {
        self.document.users[place.user.0 as usize].entries()[place.entry as usize]
    }

    /// Where every token stands, in the order of the file, if none stands at two places, as is usual: then nothing has to be
    /// noted of each.
    pub(crate) fn only_places(&self) -> Option<&[Place]> {
        let index = self.index();
        index.more.is_empty().then_some(&index.first)
    }

    /// Every token once, in the order of the file.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = Listed> {
        let index = self.index();
        index.first.iter().zip(0..).flat_map(move |(first, position)| self.grouped(*first, index.more.get(&position)))
    }

    /// The tokens that stand under an id: more than one where users hold different tokens under it.
    pub(crate) fn tokens_with_id(&self, id: &Text<'_>) -> Vec<Listed> {
        let index = self.index();
        match self.position(index, id) {
            Some(position) => self.grouped(index.first[position as usize], index.more.get(&position)).collect(),
            None => Vec::new(),
        }
    }

    /// The token that stands at a place, with all its other places.
    pub(crate) fn token_at(&self, place: Place) -> Listed {
        let id = self.entry(place).id();
        let tokens = self.tokens_with_id(&id);
        tokens.into_iter().find(|token| token.places().any(|other| other == place)).unwrap_or_else(|| Listed::at(place))
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut index = Index::default();
            let count = self.document.users.iter().map(|user| user.entries().len()).sum();
            index.first.reserve(count);
            index.positions.reserve(count, |_| 0); // empty as yet
            for user in self.users() {
                for place in self.places_of(user) {
                    self.add(&mut index, place);
                }
            }
            index
        })
    }

    fn add(&self, index: &mut Index, place: Place) {
        let position = u32::try_from(index.first.len()).unwrap_or(u32::MAX);
        let entry = self.entry(place);
        let Index { first, more, positions, repeating } = index;
        let other = |position: &u32| self.entry(first[*position as usize]);
        let is_same = |position: &u32| other(position).hash == entry.hash && other(position).id() == entry.id();
        let known = match positions.entry(entry.hash, is_same, |position| other(position).hash) {
            Slot::Occupied(known) => *known.get(),
            Slot::Vacant(free) => {
                free.insert(position);
                return first.push(place);
            }
        };
        // Entries come user by user.
        let last = more.get_mut(&known).and_then(|places| places.last_mut()).unwrap_or(&mut first[known as usize]);
        if last.user == place.user {
            *last = place;
            repeating.insert(place.user);
        } else {
            more.entry(known).or_default().push(place);
        }
    }

    fn position(&self, index: &Index, id: &Text<'_>) -> Option<u32> {
        let is_same = |position: &u32| self.entry(index.first[*position as usize]).id() == *id;
        index.positions.find(self.document.hash_of(id), is_same).copied()
    }

    /// Folds the places of one id into tokens: equal entries are one token.
    fn grouped(&self, first: Place, more: Option<&Vec<Place>>) -> impl Iterator<Item = Listed> {
        // Nearly always the first place is the only one.
        let alone = more.is_none().then(|| Listed::at(first));
        alone.into_iter().chain(more.map(|more| self.groups(first, more)).unwrap_or_default())
    }

    fn groups(&self, first: Place, more: &[Place]) -> Vec<Listed> {
        let mut groups: Vec<Vec<Place>> = Vec::new();
        let mut by_text: HashMap<Cow<'a, str>, usize> = HashMap::new();
        for place in std::iter::once(first).chain(more.iter().copied()) {
            let entry = self.entry(place);
            let text = entry.read().text.unwrap_or(Cow::Borrowed(entry.spelling()));
            let group = *by_text.entry(text).or_insert(groups.len());
            if group == groups.len() {
                groups.push(Vec::new());
            }
            groups[group].push(place);
        }
        let listed = groups.into_iter().map(|mut places| {
            let text = self.text_at(places[0]).unwrap_or_default();
            let owner = Claims::of(&text).username().and_then(|name| self.user_named(name));
            let home = places.iter().position(|place| Some(place.user) == owner).unwrap_or_default();
            Listed { home: places.remove(home), copies: places.into() }
        });
        listed.collect()
    }

    /// The username that a token at this place names, or else the one under whom it stands.
    pub(crate) fn owner(&self, listed: &Listed) -> Cow<'a, str> {
        let text = self.entry(listed.home).read().text;
        self.owner_by(&text.map(|text| Claims::of(&text)).unwrap_or_default(), listed)
    }

    fn owner_by(&self, claims: &Claims, listed: &Listed) -> Cow<'a, str> {
        let user = self.username(listed.home.user);
        // Nearly always the two are the same.
        claims.username().filter(|name| *name != user).map_or(user, |name| Cow::Owned(name.to_owned()))
    }

    pub(crate) fn description_at(&self, place: Place) -> Option<Cow<'a, str>> {
        self.entry(place).read().description.map(Text::into_shown)
    }

    /// Whether the token at this place has exactly this description.
    pub(crate) fn is_described(&self, place: Place, description: &str) -> bool {
        self.entry(place).may_hold(description) && self.description_at(place).as_deref() == Some(description)
    }

    /// Whether the token at this place could have this text or description: a quick look, before all of it is read.
    fn may_hold(&self, place: Place, text: &str) -> bool {
        self.entry(place).may_hold(text)
    }

    pub(crate) fn id_at(&self, place: Place) -> Cow<'a, str> {
        self.entry(place).id().into_shown()
    }

    pub(crate) fn text_at(&self, place: Place) -> Option<Cow<'a, str>> {
        self.entry(place).read().text
    }

    /// The token as Specter would judge it at `now`, in seconds since 1970.
    pub(crate) fn token(&self, listed: &Listed, key: Option<&Key>, now: i64) -> Token<'a> {
        let entry = self.entry(listed.home);
        let stored = entry.read();
        let (reason, claims) = match &stored.text {
            Some(text) => {
                let registered = |username: &Text<'_>, id: &Text<'_>| {
                    // The entry just read is the one that counts for its user and id.
                    let is_here = self.user_of(username) == Some(listed.home.user) && entry.id() == *id;
                    if is_here { Registered::Same } else { self.compared(self.find(username, id), text) }
                };
                let judgment = jwt::judge(text, key, now, registered);
                (judgment.reason, judgment.claims)
            }
            None => (Reason::Malformed, Claims::default()),
        };
        Token {
            id: entry.id().into_shown(),
            username: self.owner_by(&claims, listed),
            description: stored.description.map(Text::into_shown),
            life: stored.life.map(Cow::Borrowed),
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            status: Status::of(reason, key.is_some(), claims.expires_at, now),
            reason,
            copies: Some(listed.copies.iter().map(|place| self.username(place.user)).collect()),
            text: stored.text,
        }
    }

    /// What stands for a user and an id, compared with a token byte for byte.
    pub(crate) fn registered(&self, username: &Text<'_>, id: &Text<'_>, token: &str) -> Registered {
        self.compared(self.find(username, id), token)
    }

    fn compared(&self, found: Result<Option<Place>, UnknownUser>, token: &str) -> Registered {
        match found.map(|place| place.map(|place| self.entry(place))) {
            Err(UnknownUser) => Registered::UnknownUser,
            Ok(Some(entry)) if entry.read().text.as_deref() == Some(token) => Registered::Same,
            Ok(Some(entry)) if entry.is_object() => Registered::Other,
            Ok(_) => Registered::Nothing,
        }
    }

    fn find(&self, username: &Text<'_>, id: &Text<'_>) -> Result<Option<Place>, UnknownUser> {
        let user = self.user_of(username).ok_or(UnknownUser)?;
        Ok(self.place_of(user, id))
    }

    /// Where a token stands that is presented with these claims.
    pub(crate) fn listed_for(&self, claims: &Claims) -> Option<Listed> {
        let found = self.find(&claims.username()?.into(), &claims.id()?.into());
        found.ok().flatten().map(|place| self.token_at(place))
    }

    fn place_of(&self, user: UserIndex, id: &Text<'_>) -> Option<Place> {
        let index = self.index();
        let position = self.position(index, id)?;
        let first = index.first[position as usize];
        if first.user == user {
            return Some(first);
        }
        // They stand there in the order of the users.
        let more = index.more.get(&position)?;
        more.binary_search_by_key(&user, |place| place.user).ok().map(|found| more[found])
    }

    /// When the token expires, in seconds since 1970.
    pub(crate) fn expiry(&self, listed: &Listed) -> Option<i64> {
        self.text_at(listed.home).and_then(|text| Claims::of(&text).expires_at)
    }

    /// The places to clear so that a token is gone. On behalf of a user who is not the token's own, only the copy under him.
    pub(crate) fn removal_of(&self, listed: &Listed, on_behalf: Option<UserIndex>) -> Vec<Place> {
        let is_own = on_behalf.is_none_or(|user| self.user_named(&self.owner(listed)) == Some(user));
        listed.places().filter(|place| is_own || Some(place.user) == on_behalf).collect()
    }

    /// The change that takes entries out and puts a new token at the end of a user's.
    pub(crate) fn change(&self, removed: &[Place], added: Option<(UserIndex, &NewEntry<'_>)>) -> Result<Change> {
        let mut removed = self.with_shadowed(removed);
        removed.sort_unstable();
        removed.dedup();
        let by_user = removed.chunk_by(|one, other| one.user == other.user);
        let mut edits: BTreeMap<UserIndex, Vec<usize>> =
            by_user.map(|places| (places[0].user, places.iter().map(|place| place.entry as usize).collect())).collect();
        edits.extend(added.filter(|(owner, _)| !edits.contains_key(owner)).map(|(owner, _)| (owner, Vec::new())));
        let mut splices = Vec::new();
        for (user, of_user) in edits {
            let added = added.filter(|(owner, _)| *owner == user).map(|(_, entry)| entry);
            let edit = self.document.edit(user.0 as usize, &of_user, added).map_err(|why| {
                let name = self.username(user);
                let message = format!("could not change the tokens of user `{name}` in users.json: {why}");
                Failure::new(Kind::DamagedFile, message)
                    .hint("mend this user in users.json with an editor, while Specter is stopped, and try again")
            })?;
            splices.extend(edit);
        }
        let backup = if removed.is_empty() { Backup::Old } else { Backup::New };
        Ok(Change { splices, backup })
    }

    /// Where an id stands twice under one user, the earlier entry must go with the later, or it would count again.
    fn with_shadowed(&self, removed: &[Place]) -> Vec<Place> {
        let mut all = removed.to_vec();
        let mut ids: HashMap<UserIndex, HashSet<Text<'a>>> = HashMap::new();
        for place in removed.iter().filter(|place| self.index().repeating.contains(&place.user)) {
            ids.entry(place.user).or_default().insert(self.entry(*place).id());
        }
        for (user, ids) in ids {
            all.extend(self.places_of(user).filter(|place| ids.contains(&self.entry(*place).id())));
        }
        all
    }
}

/// What is to be written.
#[derive(Debug)]
pub(crate) struct Change {
    splices: Vec<Splice>,
    backup: Backup,
}

/// What a command has decided to do with the database.
#[derive(Debug)]
pub(crate) enum Decision {
    Nothing,
    Users(Change),
    /// The change is one of users.json.bkp alone.
    Backup(Change),
}

/// Reads the database.
pub(crate) fn read<T>(folder: &DataFolder, use_it: impl FnOnce(&Database<'_>) -> Result<T>) -> Result<T> {
    read_both(folder, |database, _| use_it(database))
}

/// Reads the database, and the backup if it is asked for.
pub(crate) fn read_both<T>(
    folder: &DataFolder,
    use_them: impl FnOnce(&Database<'_>, &OldBackup) -> Result<T>,
) -> Result<T> {
    let mut patience = Patience::default();
    loop {
        let contents = file::read(&folder.users())?;
        let identity = contents.as_ref().map(|contents| contents.identity);
        match contents.as_ref().map(|contents| database_in(&contents.bytes)) {
            Some(Ok(database)) => return use_them(&database, &OldBackup::of(folder)),
            Some(Err(damage)) => patience.wait_out(identity, damage::damaged(folder, damage))?,
            None => patience.wait_out(None, damage::missing(folder))?,
        }
    }
}

/// What came of an update.
pub(crate) struct Updated<T> {
    pub(crate) value: T,
    /// Whether the change outlives a failure of power for certain.
    pub(crate) is_synced: bool,
}

/// Reads the database under the lock and writes what `decide` decides, which may be asked again if another process
/// overtakes the write.
pub(crate) fn update<T>(
    folder: &DataFolder,
    mut decide: impl FnMut(&Database<'_>, &OldBackup) -> Result<(Decision, T)>,
) -> Result<Updated<T>> {
    let mut patience = Patience::default();
    let give_up_at = Instant::now() + LOCK_PATIENCE;
    loop {
        let lock = Lock::take(folder)?;
        let (Some(lock), Some(users)) = (lock, file::read(&folder.users())?) else {
            patience.wait_out(None, damage::missing(folder))?;
            continue;
        };
        let database = match database_in(&users.bytes) {
            Ok(database) => database,
            Err(damage) => {
                drop(lock);
                patience.wait_out(Some(users.identity), damage::damaged(folder, damage))?;
                continue;
            }
        };
        patience = Patience::default();
        let backup = OldBackup::of(folder);
        let (decision, value) = decide(&database, &backup)?;
        let written = match (&decision, backup.contents.into_inner().flatten()) {
            (Decision::Users(change), _) => lock.write(&users, &change.splices, &change.backup)?,
            (Decision::Backup(change), Some(backup)) => lock.write_backup(&backup, &change.splices)?,
            (Decision::Nothing | Decision::Backup(_), _) => Written::Done { is_synced: true },
        };
        if let Written::Done { is_synced } = written {
            return Ok(Updated { value, is_synced });
        }
        if Instant::now() > give_up_at {
            let message = format!("could not change {}: another process keeps rewriting it", folder.users().display());
            return Err(Failure::new(Kind::Busy, message).hint("is Specter running? stop it and try again").into());
        }
    }
}

/// users.json.bkp before a write, read when it is asked for.
pub(crate) struct OldBackup {
    path: PathBuf,
    contents: OnceCell<Option<Contents>>,
}

impl OldBackup {
    fn of(folder: &DataFolder) -> Self {
        OldBackup { path: folder.backup(), contents: OnceCell::new() }
    }

    /// What Specter would fall back on; none if it could not.
    pub(crate) fn database(&self) -> Result<Option<Database<'_>>> {
        if self.contents.get().is_none() {
            let contents = file::read(&self.path)?;
            self.contents.get_or_init(|| contents);
        }
        let read = self.contents.get().and_then(Option::as_ref);
        Ok(read.and_then(|contents| database_in(&contents.bytes).ok()))
    }
}

/// For the fuzzer: reads a users.json, and if it is accepted, checks that a token which is created and revoked again leaves
/// every byte as it was.
#[cfg(any(test, fuzzing))]
pub(crate) fn read_and_change(bytes: &[u8]) {
    let Ok(database) = database_in(bytes) else { return };
    for listed in database.tokens() {
        let token = database.token(&listed, None, 1_790_000_000);
        let _ = select(&database, &[token.id.into_owned()], None);
    }
    let text = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAA";
    let entry = NewEntry { id: "00000000-0000-4000-8000-00000000f022", text, description: "a new one", life: 60 };
    for user in database.users() {
        // A file that would be ambiguous is not changed.
        let Ok(change) = database.change(&[], Some((user, &entry))) else { continue };
        let with_token = file::spliced(bytes, &change.splices);
        let Ok(changed) = database_in(&with_token) else { panic!("what was written cannot be read") };
        let place = changed.place_of(user, &entry.id.into());
        let Some(place) = place else { panic!("what was written is not found") };
        let Ok(change) = changed.change(&[place], None) else { panic!("what was written cannot be taken back") };
        let after = file::spliced(&with_token, &change.splices);
        // Where there was no `jwt_tokens`, or null, an empty one stays.
        let had_tokens = matches!(database.document.users[user.0 as usize].tokens, document::TokenMap::Map { .. });
        assert!(!had_tokens || after == bytes, "what was taken back has left something");
    }
}

fn database_in(bytes: &[u8]) -> Result<Database<'_>, Damage> {
    damage::text_in(bytes).and_then(Document::parse).map(Database::new)
}
