//! The users and tokens of one users.json.
//!
//! A token belongs to the user that its payload names, not to the user under whom it is stored. A Specter that
//! registers users lets them share one `jwt_tokens`, so that the same token can be stored under several users, and
//! counts only under its own.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use hashbrown::{HashMap, HashSet};

use super::document::Document;
#[cfg(any(test, fuzzing))]
use super::document::TokenMap;
use super::edit::{BackupBecomes, Edit, NotAMap};
use super::entry::NewEntry;
use super::index::{Index, Listed, Place, Places, UserIndex, entry_at, places_of, users};
use crate::core::error::{Error, Result};
use crate::core::jwt::claims::Claims;
use crate::core::jwt::judge::{Registration, Verdict, judge};
use crate::core::jwt::key::Key;
use crate::core::jwt::presented::as_sent;
use crate::core::jwt::rules::Rules;
use crate::core::python::text::Text;
use crate::core::token::{Known, Reason, Status, Token};

pub(crate) struct Database<'a> {
    document: Document<'a>,
    /// The first user with each name. Specter never finds the others.
    users_by_name: HashMap<Text<'a>, UserIndex>,
    index: OnceLock<Index>,
}

/// No user has this name.
struct UnknownUser;

impl<'a> Database<'a> {
    pub(super) fn new(document: Document<'a>) -> Self {
        let mut users_by_name = HashMap::new();
        for (user, position) in document.users.iter().zip(users(&document)) {
            users_by_name.entry(user.username.clone()).or_insert(position);
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
        users(&self.document)
    }

    /// The users whose `is_admin` is true in Python's sense.
    pub(crate) fn admins(&self) -> impl Iterator<Item = UserIndex> {
        self.users().filter(|user| self.document.users[user.position()].is_admin)
    }

    /// The name of the user, as far as it can be displayed.
    pub(crate) fn username(&self, user: UserIndex) -> Cow<'a, str> {
        self.document.users[user.position()].username.clone().into_shown()
    }

    /// The places under a user, in the order of the file.
    pub(crate) fn places_of(&self, user: UserIndex) -> impl DoubleEndedIterator<Item = Place> {
        places_of(&self.document, user)
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(&self.document))
    }

    /// Every token once, in the order of the file.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = Listed> {
        self.index().ids().flat_map(|places| self.grouped(places))
    }

    /// The tokens stored under an id. There are several if users hold different tokens with the same id.
    pub(crate) fn tokens_with_id(&self, id: &Text<'_>) -> Vec<Listed> {
        let found = self.index().find(&self.document, id);
        found.map(|places| self.grouped(places).collect()).unwrap_or_default()
    }

    /// The token at a place, with all its other places.
    pub(crate) fn token_at(&self, place: Place) -> Listed {
        let id = entry_at(&self.document, place).id();
        let tokens = self.tokens_with_id(&id);
        tokens.into_iter().find(|token| token.places().any(|other| other == place)).unwrap_or_else(|| Listed::at(place))
    }

    /// Groups the places of one id into tokens: equal entries are one token.
    fn grouped(&self, (first, more): Places<'_>) -> impl Iterator<Item = Listed> + use<> {
        // The first place is nearly always the only one.
        let alone = more.is_none().then(|| Listed::at(first));
        alone.into_iter().chain(more.map(|more| self.groups(first, more)).unwrap_or_default())
    }

    fn groups(&self, first: Place, more: &[Place]) -> Vec<Listed> {
        let mut groups: Vec<Vec<Place>> = Vec::new();
        let mut by_text: HashMap<Cow<'a, str>, usize> = HashMap::new();
        for place in std::iter::once(first).chain(more.iter().copied()) {
            let entry = entry_at(&self.document, place);
            let text = entry.fields().text.unwrap_or(Cow::Borrowed(entry.spelling()));
            let group = *by_text.entry(text).or_insert(groups.len());
            if group == groups.len() {
                groups.push(Vec::new());
            }
            groups[group].push(place);
        }
        let listed = groups.into_iter().map(|mut places| {
            let text = self.text_at(places[0]).unwrap_or_default();
            let owner = Claims::of(&text).username.and_then(|name| self.user_named(&name));
            let home = places.iter().position(|place| Some(place.user) == owner).unwrap_or_default();
            Listed { home: places.remove(home), copies: places.into() }
        });
        listed.collect()
    }

    /// The user that the token names, or else the user under whom it is stored.
    pub(crate) fn owner(&self, listed: &Listed) -> Cow<'a, str> {
        let text = entry_at(&self.document, listed.home).fields().text;
        self.owner_by(&text.map(|text| Claims::of(&text)).unwrap_or_default(), listed)
    }

    fn owner_by(&self, claims: &Claims, listed: &Listed) -> Cow<'a, str> {
        let user = self.username(listed.home.user);
        // The two are nearly always the same.
        claims.username.as_deref().filter(|name| *name != user).map_or(user, |name| Cow::Owned(name.to_owned()))
    }

    pub(crate) fn description_at(&self, place: Place) -> Option<Cow<'a, str>> {
        entry_at(&self.document, place).fields().description.map(Text::into_shown)
    }

    /// Whether the token at this place has exactly this description.
    pub(crate) fn is_described(&self, place: Place, description: &str) -> bool {
        entry_at(&self.document, place).may_hold(description)
            && self.description_at(place).as_deref() == Some(description)
    }

    /// Whether the token at this place could have this text or description. This quick check comes before the whole
    /// entry is read.
    pub(super) fn may_hold(&self, place: Place, text: &str) -> bool {
        entry_at(&self.document, place).may_hold(text)
    }

    pub(crate) fn id_at(&self, place: Place) -> Cow<'a, str> {
        entry_at(&self.document, place).id().into_shown()
    }

    pub(crate) fn text_at(&self, place: Place) -> Option<Cow<'a, str>> {
        entry_at(&self.document, place).fields().text
    }

    /// The token as Specter would judge it by the newest rules at `now`, in seconds since 1970.
    pub(crate) fn token(&self, listed: &Listed, key: Option<&Key>, now: i64) -> Token<'a> {
        let entry = entry_at(&self.document, listed.home);
        let fields = entry.fields();
        let Verdict { reason, claims, .. } = match &fields.text {
            Some(text) => judge(text, key, Rules::From2_1_11, now, |username, id| {
                // This entry is the one that counts for its user and id, unless its text changes on its way to Specter.
                let is_here = self.user_of(username) == Some(listed.home.user) && entry.id() == *id;
                let is_whole = as_sent(text) == text;
                if is_here && is_whole {
                    Registration::Same
                } else {
                    self.compared(self.find(username, id), as_sent(text))
                }
            }),
            None => Verdict { reason: Reason::Malformed, is_registered: None, claims: Claims::default() },
        };
        let known = Known {
            description: fields.description.map(Text::into_shown),
            life: fields.life.map(Cow::Borrowed),
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            copies: Some(self.copies(listed)),
            text: fields.text,
        };
        let status = Status::of(reason, key.is_some(), claims.expires_at, now);
        Token::new(entry.id().into_shown(), self.owner_by(&claims, listed), (status, reason), known)
    }

    /// The other users under whom the token is stored.
    pub(crate) fn copies(&self, listed: &Listed) -> Vec<Cow<'a, str>> {
        listed.copies.iter().map(|place| self.username(place.user)).collect()
    }

    /// `jwt_token_life` as it is spelled, if it is a number in JSON.
    pub(crate) fn life(&self, listed: &Listed) -> Option<&'a str> {
        entry_at(&self.document, listed.home).fields().life
    }

    /// The verdict of a Specter with these rules on a presented token at `now`, in seconds since 1970.
    pub(crate) fn verdict(&self, token: &str, key: Option<&Key>, rules: Rules, now: i64) -> Verdict {
        judge(token, key, rules, now, |username, id| self.compared(self.find(username, id), as_sent(token)))
    }

    /// Whether the file holds exactly this token, with these claims, for its user.
    pub(crate) fn holds(&self, token: &str, claims: &Claims) -> bool {
        let (Some(username), Some(id)) = (&claims.username, &claims.id) else { return false };
        let found = self.find(&username.as_str().into(), &id.as_str().into());
        self.compared(found, as_sent(token)) == Registration::Same
    }

    /// Compares the entry of a user and an id with a token, byte for byte.
    fn compared(&self, found: Result<Option<Place>, UnknownUser>, token: &str) -> Registration {
        match found.map(|place| place.map(|place| entry_at(&self.document, place))) {
            Err(UnknownUser) => Registration::UnknownUser,
            Ok(Some(entry)) if entry.fields().text.as_deref() == Some(token) => Registration::Same,
            Ok(Some(entry)) if entry.is_object() => Registration::Other,
            Ok(_) => Registration::Nothing,
        }
    }

    fn find(&self, username: &Text<'_>, id: &Text<'_>) -> Result<Option<Place>, UnknownUser> {
        let user = self.user_of(username).ok_or(UnknownUser)?;
        Ok(self.place_of(user, id))
    }

    /// The stored token that has these claims of a presented token.
    pub(crate) fn listed_for(&self, claims: &Claims) -> Option<Listed> {
        let found = self.find(&claims.username.as_deref()?.into(), &claims.id.as_deref()?.into());
        found.ok().flatten().map(|place| self.token_at(place))
    }

    pub(super) fn place_of(&self, user: UserIndex, id: &Text<'_>) -> Option<Place> {
        let (first, more) = self.index().find(&self.document, id)?;
        if first.user == user {
            return Some(first);
        }
        // These places are in the order of the users.
        let more = more?;
        more.binary_search_by_key(&user, |place| place.user).ok().map(|found| more[found])
    }

    /// The expiry of the token, in seconds since 1970.
    pub(crate) fn expiry(&self, listed: &Listed) -> Option<i64> {
        self.text_at(listed.home).and_then(|text| Claims::of(&text).expires_at)
    }

    /// The places to clear so that a token is gone. On behalf of a user who does not own the token, only that user's
    /// copy goes.
    pub(crate) fn removal_of(&self, listed: &Listed, on_behalf: Option<UserIndex>) -> Vec<Place> {
        let is_own = on_behalf.is_none_or(|user| self.user_named(&self.owner(listed)) == Some(user));
        listed.places().filter(|place| is_own || Some(place.user) == on_behalf).collect()
    }

    /// The change that removes entries and adds a new token at the end of a user's tokens.
    pub(crate) fn edit(&self, removed: &[Place], added: Option<(UserIndex, &NewEntry<'_>)>) -> Result<Edit> {
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
            let pieces = self.document.edit(user.position(), &of_user, added);
            splices.extend(pieces.map_err(|NotAMap { value }| Error::NoTokenMap {
                username: self.username(user).into_owned(),
                value,
            })?);
        }
        let backup = if removed.is_empty() { BackupBecomes::Old } else { BackupBecomes::New };
        Ok(Edit { splices, backup })
    }

    /// Adds earlier entries with the same id under the same user. They must go as well, or they would count again.
    fn with_shadowed(&self, removed: &[Place]) -> Vec<Place> {
        let mut all = removed.to_vec();
        let mut ids: HashMap<UserIndex, HashSet<Text<'a>>> = HashMap::new();
        for place in removed.iter().filter(|place| self.index().is_repeating(place.user)) {
            ids.entry(place.user).or_default().insert(entry_at(&self.document, *place).id());
        }
        for (user, ids) in ids {
            all.extend(self.places_of(user).filter(|place| ids.contains(&entry_at(&self.document, *place).id())));
        }
        all
    }

    /// Whether the user has a map of tokens, even an empty one.
    #[cfg(any(test, fuzzing))]
    pub(super) fn has_token_map(&self, user: UserIndex) -> bool {
        matches!(self.document.users[user.position()].tokens, TokenMap::Map { .. })
    }
}
