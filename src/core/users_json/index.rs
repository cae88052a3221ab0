//! The places of each token, found in one pass over the ids of all users when they are first needed.
//!
//! The ids stay in the text and are found by a hash that was made while they were read. This is for speed: with a
//! `HashMap` that holds the ids, at 100,000 tokens, `show` takes 1.2 to 1.3 times as long and `verify` 1.2 times
//! (medians of 25 to 60 pairs of runs of two programs, with and without, on two idle processors).

use hashbrown::hash_table::Entry as Slot;
use hashbrown::{HashMap, HashSet, HashTable};

use super::document::Document;
use super::entry::Entry;
use crate::core::python::text::Text;

/// The position of a user in users.json.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UserIndex(u32);

impl UserIndex {
    pub(super) fn position(self) -> usize {
        self.0 as usize
    }
}

/// The place of an entry: the user under whom it is stored, and its position there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) user: UserIndex,
    /// The position among the entries of the user.
    pub(super) entry: u32,
}

/// One token and all its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The place under the token's own user, or else the first place.
    pub(crate) home: Place,
    pub(crate) copies: Box<[Place]>,
}

impl Listed {
    /// A token with only one place.
    pub(crate) fn at(home: Place) -> Self {
        Listed { home, copies: Box::default() }
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        std::iter::once(self.home).chain(self.copies.iter().copied())
    }
}

/// The places of each id, in the order of the file. The last of equal ids under one user counts.
#[derive(Debug, Default)]
pub(super) struct Index {
    first: Vec<Place>,
    /// Only a few ids are stored under more than one user.
    more: HashMap<u32, Vec<Place>>,
    /// Positions in `first` by id. The ids themselves stay in the text.
    positions: HashTable<u32>,
    /// The users who have an id twice.
    repeating: HashSet<UserIndex>,
}

/// The places of one id: the first, and those under further users.
pub(super) type Places<'i> = (Place, Option<&'i [Place]>);

impl Index {
    pub(super) fn of(document: &Document<'_>) -> Self {
        let mut index = Index::default();
        let count = document.users.iter().map(|user| user.entries().len()).sum();
        index.first.reserve(count);
        index.positions.reserve(count, |_| 0); // still empty
        for user in users(document) {
            for place in places_of(document, user) {
                index.add(document, place);
            }
        }
        index
    }

    fn add(&mut self, document: &Document<'_>, place: Place) {
        let position = u32::try_from(self.first.len()).unwrap_or(u32::MAX);
        let entry = entry_at(document, place);
        let Index { first, more, positions, repeating } = self;
        let other = |position: &u32| entry_at(document, first[*position as usize]);
        let is_same = |position: &u32| other(position).hash == entry.hash && other(position).id() == entry.id();
        let known = match positions.entry(entry.hash, is_same, |position| other(position).hash) {
            Slot::Occupied(known) => *known.get(),
            Slot::Vacant(free) => {
                free.insert(position);
                return first.push(place);
            }
        };
        // Entries come ordered by user.
        let last = more.get_mut(&known).and_then(|places| places.last_mut()).unwrap_or(&mut first[known as usize]);
        if last.user == place.user {
            *last = place;
            repeating.insert(place.user);
        } else {
            more.entry(known).or_default().push(place);
        }
    }

    /// The places of every id.
    pub(super) fn ids(&self) -> impl Iterator<Item = Places<'_>> {
        self.first.iter().zip(0..).map(|(first, position)| self.places(*first, position))
    }

    /// The places of one id.
    pub(super) fn find(&self, document: &Document<'_>, id: &Text<'_>) -> Option<Places<'_>> {
        let is_same = |position: &u32| entry_at(document, self.first[*position as usize]).id() == *id;
        let position = *self.positions.find(document.hash_of(id), is_same)?;
        Some(self.places(self.first[position as usize], position))
    }

    /// Whether the user has an id more than once.
    pub(super) fn is_repeating(&self, user: UserIndex) -> bool {
        self.repeating.contains(&user)
    }

    fn places(&self, first: Place, position: u32) -> Places<'_> {
        (first, self.more.get(&position).map(Vec::as_slice))
    }
}

pub(super) fn users(document: &Document<'_>) -> impl Iterator<Item = UserIndex> {
    (0..).map(UserIndex).take(document.users.len())
}

/// The places under a user, in the order of the file.
pub(super) fn places_of(document: &Document<'_>, user: UserIndex) -> impl DoubleEndedIterator<Item = Place> + use<> {
    let count = u32::try_from(document.users[user.position()].entries().len()).unwrap_or(u32::MAX);
    (0..count).map(move |entry| Place { user, entry })
}

pub(super) fn entry_at<'a>(document: &Document<'a>, place: Place) -> Entry<'a> {
    document.users[place.user.position()].entries()[place.entry as usize]
}
