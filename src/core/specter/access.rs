//! Finds out what another process can do with a data folder. Anyone can choose a command line, but the kernel decides
//! what a process may do.
//!
//! The rules are the kernel's own, applied to what `/proc` tells of the process. Each folder on the way must let the
//! process through; at the end, the mode or the access control list must give rights to its users and groups. A
//! capability counts for files whose owner is known in the process's user namespace. Powers that anyone can have in a
//! namespace of their own are therefore worth nothing here.
//!
//! The four users of a process (real, effective, saved, file system) are the same, except in a program that changes its
//! user. Anyone can start such a program, for example `sudo`, with any command line, so it counts only as far as its
//! real user alone could go.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

/// The access of a process to a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Access {
    /// The process cannot even read users.json.
    Nothing,
    Read,
    /// The process can save users.json.
    Write,
}

/// Bits of a mode, and of an entry in an access control list.
const READ: u32 = 4;
const WRITE: u32 = 2;
/// For a folder: the right to pass through it.
const SEARCH: u32 = 1;

/// The identity of a process to the file system.
#[derive(Debug)]
pub(super) struct Credentials {
    /// The real, effective, saved and file system users.
    users: Vec<u32>,
    /// The users of these that count.
    acting: Vec<u32>,
    groups: Vec<u32>,
    capabilities: u64,
    /// The users and groups for which its capabilities count.
    known: [Vec<Range>; 2],
}

/// A range of user or group ids.
#[derive(Debug)]
struct Range {
    first: u32,
    count: u32,
}

impl Range {
    fn has(&self, id: u32) -> bool {
        id.checked_sub(self.first).is_some_and(|index| index < self.count)
    }
}

/// The folders where the paths of a process begin.
#[derive(Debug)]
pub(super) struct View {
    root: PathBuf,
    working: PathBuf,
}

impl View {
    /// The view of the process with this folder in `/proc`.
    pub(super) fn of_process(folder: &Path) -> Self {
        View { root: folder.join("root"), working: folder.join("cwd") }
    }
}

impl Credentials {
    /// The credentials of the process with this folder in `/proc`.
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        let status = fs::read_to_string(folder.join("status"))?;
        let line = |name: &str| {
            let mut lines = status.lines();
            lines.find_map(|line| line.strip_prefix(name)).ok_or(io::ErrorKind::InvalidData)
        };
        let (users, mut groups) = (numbers(line("Uid:")?)?, numbers(line("Gid:")?)?);
        let mut acting = users.clone();
        let mut capabilities = u64::from_str_radix(line("CapEff:")?.trim(), 16).map_err(io::Error::other)?;
        let has_power = capabilities & (DAC_OVERRIDE | DAC_READ_SEARCH) != 0;
        let ids = |name| if has_power { mapped(&folder.join(name)) } else { Ok(Vec::new()) };
        let known = [ids("uid_map")?, ids("gid_map")?];
        let differ = |ids: &[u32]| ids.windows(2).any(|pair| pair[0] != pair[1]);
        // Root may start any program that then changes its user.
        if users.first() != Some(&0) && (differ(&users) || differ(&groups)) {
            acting.truncate(1);
            groups.truncate(1);
            capabilities = 0;
        }
        groups.extend(numbers(line("Groups:")?)?);
        Ok(Credentials { users, acting, groups, capabilities, known })
    }

    /// The user that Python's `os.getuid` returns.
    pub(super) fn real_user(&self) -> Option<u32> {
        self.users.first().copied()
    }

    pub(super) fn users(&self) -> &[u32] {
        &self.users
    }

    /// Whether the process has only users from this list. A program that changes its user can be run by anyone.
    pub(super) fn is_of_any(&self, users: &[u32]) -> bool {
        !self.users.is_empty() && self.users.iter().all(|user| users.contains(user))
    }

    /// The same credentials without the power to ignore the rights of files.
    pub(super) fn without_power(self) -> Self {
        Credentials { capabilities: 0, ..self }
    }

    /// The best access of the process to any of these folders. The paths are ours.
    pub(super) fn access_to_any(&self, folders: &[&Path]) -> io::Result<Access> {
        let view = View { root: PathBuf::from("/"), working: PathBuf::from(".") };
        let each = folders.iter().map(|folder| self.access(&view, &fs::canonicalize(folder)?));
        each.collect::<io::Result<Vec<_>>>().map(|each| each.into_iter().max().unwrap_or(Access::Nothing))
    }

    /// The access of the process to the data folder at this path, which is the process's own.
    pub(super) fn access(&self, view: &View, folder: &Path) -> io::Result<Access> {
        let Some(found) = self.reached(view, folder)? else { return Ok(Access::Nothing) };
        self.access_inside(&found, || self.reached(view, &folder.join("users.json")))
    }

    /// The access of the process to this folder once it is there. It is not known how it gets there.
    pub(super) fn access_from_inside(&self, folder: &Path) -> io::Result<Access> {
        let users = folder.join("users.json");
        self.access_inside(folder, || fs::metadata(&users).map(|_| Some(users.clone())))
    }

    /// `users` returns the path of users.json, if the process can get there.
    fn access_inside(&self, folder: &Path, users: impl Fn() -> io::Result<Option<PathBuf>>) -> io::Result<Access> {
        if !self.may(folder, SEARCH)? {
            return Ok(Access::Nothing);
        }
        // Specter first saves under another name.
        if self.may(folder, WRITE | SEARCH)? {
            return Ok(Access::Write);
        }
        match users() {
            Ok(Some(users)) if self.may(&users, WRITE)? => Ok(Access::Write),
            Ok(Some(users)) if self.may(&users, READ)? => Ok(Access::Read),
            Ok(_) => Ok(Access::Nothing),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Access::Read),
            Err(error) => Err(error),
        }
    }

    /// Follows a path of the process with its links. `None` if a folder on the way does not let the process through.
    fn reached(&self, view: &View, path: &Path) -> io::Result<Option<PathBuf>> {
        /// The number of links that Linux follows.
        const MOST_LINKS: usize = 40;
        let mut left: Vec<PathBuf> = Vec::new();
        let push = |left: &mut Vec<PathBuf>, path: &Path| {
            left.extend(path.components().rev().map(|part| PathBuf::from(part.as_os_str())));
        };
        push(&mut left, path);
        let mut at = view.working.clone();
        // The number of folders below root. `None` if the path is counted from the working folder.
        let mut depth = None;
        let mut links = 0;
        while let Some(part) = left.pop() {
            match part.components().next() {
                Some(Component::RootDir) => (at, depth) = (view.root.clone(), Some(0_usize)),
                Some(Component::ParentDir) => {
                    if !self.may(&at, SEARCH)? {
                        return Ok(None);
                    }
                    match &mut depth {
                        Some(0) => {}
                        Some(depth) => {
                            *depth -= 1;
                            at.pop();
                        }
                        None => at.push(".."),
                    }
                }
                Some(Component::Normal(name)) => {
                    if !self.may(&at, SEARCH)? {
                        return Ok(None);
                    }
                    let next = at.join(name);
                    if fs::symlink_metadata(&next)?.is_symlink() {
                        links += 1;
                        if links > MOST_LINKS {
                            return Err(io::Error::other("too many links"));
                        }
                        push(&mut left, &fs::read_link(&next)?);
                    } else {
                        at = next;
                        depth = depth.map(|depth| depth + 1);
                    }
                }
                _ => {}
            }
        }
        Ok(Some(at))
    }

    /// Whether the process has all of these rights on a file or folder. The path is ours.
    fn may(&self, path: &Path, wanted: u32) -> io::Result<bool> {
        let metadata = fs::metadata(path)?;
        if self.overrides(&metadata, wanted) {
            return Ok(true);
        }
        let list = match xattr::get(path, "system.posix_acl_access") {
            Ok(Some(bytes)) => List::parse(&bytes).ok_or(io::ErrorKind::InvalidData)?,
            Ok(None) => List::of_mode(metadata.mode()),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => List::of_mode(metadata.mode()),
            Err(error) => return Err(error),
        };
        let allows = |user: &u32| list.allows(*user, &self.groups, [metadata.uid(), metadata.gid()], wanted);
        Ok(self.acting.iter().any(allows))
    }

    fn overrides(&self, metadata: &Metadata, wanted: u32) -> bool {
        let enough = if wanted & WRITE == 0 { DAC_OVERRIDE | DAC_READ_SEARCH } else { DAC_OVERRIDE };
        let [users, groups] = &self.known;
        let knows = |ids: &[Range], id: u32| ids.iter().any(|range| range.has(id));
        self.capabilities & enough != 0 && knows(users, metadata.uid()) && knows(groups, metadata.gid())
    }
}

/// Capabilities of Linux.
const DAC_OVERRIDE: u64 = 1 << 1;
const DAC_READ_SEARCH: u64 = 1 << 2;

fn numbers(text: &str) -> io::Result<Vec<u32>> {
    text.split_whitespace().map(|number| number.parse().map_err(io::Error::other)).collect()
}

/// Reads the map of a user namespace. Returns the ids that are known there, as numbered in our own namespace.
fn mapped(path: &Path) -> io::Result<Vec<Range>> {
    let text = match fs::read_to_string(path) {
        // The kernel has no user namespaces.
        Err(error) if error.kind() == io::ErrorKind::NotFound => "0 0 4294967295".to_owned(),
        text => text?,
    };
    let range = |line| match numbers(line)?[..] {
        [_, first, count] => Ok(Range { first, count }),
        _ => Err(io::ErrorKind::InvalidData.into()),
    };
    text.lines().map(range).collect()
}

/// A POSIX access control list. A mode is a short one.
#[derive(Debug, Default)]
struct List {
    owner: u32,
    group: u32,
    other: u32,
    users: Vec<(u32, u32)>,
    groups: Vec<(u32, u32)>,
    mask: Option<u32>,
}

impl List {
    fn of_mode(mode: u32) -> Self {
        List { owner: mode >> 6 & 7, group: mode >> 3 & 7, other: mode & 7, ..List::default() }
    }

    /// Reads the kernel's format: a version, then entries of a tag, rights and an id, low byte first.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let entries = bytes.strip_prefix(&[2, 0, 0, 0])?.chunks(8);
        let mut list = List::default();
        for entry in entries {
            let &[tag, 0, rights, 0, a, b, c, d] = entry else { return None };
            let (rights, id) = (u32::from(rights), u32::from_le_bytes([a, b, c, d]));
            match tag {
                0x01 => list.owner = rights,
                0x02 => list.users.push((id, rights)),
                0x04 => list.group = rights,
                0x08 => list.groups.push((id, rights)),
                0x10 => list.mask = Some(rights),
                0x20 => list.other = rights,
                _ => return None,
            }
        }
        Some(list)
    }

    /// Whether the list gives a user with these groups all wanted rights on a file with this owner and group.
    fn allows(&self, user: u32, groups: &[u32], [owner, group]: [u32; 2], wanted: u32) -> bool {
        let has = |rights: u32| rights & wanted == wanted;
        let has_masked = |rights: u32| has(rights & self.mask.unwrap_or(7));
        if user == owner {
            return has(self.owner);
        }
        if let Some((_, rights)) = self.users.iter().find(|(id, _)| *id == user) {
            return has_masked(*rights);
        }
        // One group must give all of the rights. If any group is the user's, the rights of others do not count.
        let of_groups = std::iter::once((group, self.group)).chain(self.groups.iter().copied());
        let mut his = of_groups.filter(|(id, _)| groups.contains(id)).map(|(_, rights)| rights).peekable();
        if his.peek().is_some() { his.any(has_masked) } else { has(self.other) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test panics if something is wrong
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;

    const ALL: u64 = 0x01ff_ffff_ffff;

    fn somebody(user: u32, groups: &[u32], capabilities: u64) -> Credentials {
        let every = || vec![Range { first: 0, count: u32::MAX }];
        Credentials {
            users: vec![user; 4],
            acting: vec![user],
            groups: groups.to_vec(),
            capabilities,
            known: [every(), every()],
        }
    }

    #[test]
    fn what_proc_tells_of_a_process() {
        let folder = TempDir::new().unwrap();
        let of = |status: &str, map: Option<&str>| {
            fs::write(folder.path().join("status"), status).unwrap();
            for name in ["uid_map", "gid_map"] {
                let _ = fs::remove_file(folder.path().join(name));
                if let Some(map) = map {
                    fs::write(folder.path().join(name), map).unwrap();
                }
            }
            Credentials::of(folder.path())
        };
        let status = |capabilities: &str| {
            format!("Name:\tUid: 0\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t9 10 \nCapEff:\t{capabilities}\n")
        };
        let credentials = of(&status("0000000000000000"), Some("damaged")).unwrap();
        assert_eq!((&*credentials.users, &*credentials.acting), (&[1, 2, 3, 4][..], &[1][..]));
        assert_eq!(credentials.groups, [5, 9, 10]);
        assert_eq!(credentials.real_user(), Some(1));
        assert!(credentials.is_of_any(&[4, 3, 2, 1, 0]) && !credentials.is_of_any(&[1, 2, 3]));

        // The files that the capabilities are for.
        for (map, known) in [
            (None, [true, true, true]),
            (Some("         0          0 4294967295\n"), [true, true, true]),
            (Some("0 1000 1\n1 100000 65536\n"), [false, true, true]),
            (Some("0 1000 1\n"), [false, true, false]),
            (Some("0 1000 0\n"), [false, false, false]),
            (Some(""), [false, false, false]),
        ] {
            let credentials = of(&status("000001ffffffffff"), map).unwrap();
            for ids in &credentials.known {
                let is_known = [0, 1000, 165_535].map(|id| ids.iter().any(|range| range.has(id)));
                assert_eq!(is_known, known, "{map:?}");
            }
        }
        for (status, map) in [
            (status("000001ffffffffff"), Some("damaged")),
            (status("x"), None),
            (status("0").replace("Groups", "Other"), None),
            (status("0").replace("Uid:\t1", "Uid:\t-1"), None),
            (String::new(), None),
        ] {
            assert!(of(&status, map).is_err(), "{status} {map:?}");
        }
    }

    /// A list in the kernel's format.
    fn list(entries: &[(u8, u8, u32)]) -> Vec<u8> {
        let bytes = entries.iter().flat_map(|&(tag, rights, id)| {
            let [a, b, c, d] = id.to_le_bytes();
            [tag, 0, rights, 0, a, b, c, d]
        });
        [2, 0, 0, 0].into_iter().chain(bytes).collect()
    }

    const NONE: u32 = u32::MAX;
    const OWNER: u32 = 1000;
    const GROUP: u32 = 1000;

    #[test]
    fn rights_are_given_as_the_kernel_gives_them() {
        let mode = |mode| List::of_mode(mode);
        let with = |entries: &[(u8, u8, u32)]| {
            let always = [(0x01, 7, NONE), (0x04, 0, NONE), (0x20, 0, NONE)];
            List::parse(&list(&[&always, entries].concat())).unwrap()
        };
        for (list, user, groups, wanted, allows) in [
            (mode(0o700), OWNER, &[][..], WRITE | SEARCH, true),
            (mode(0o500), OWNER, &[], WRITE, false),
            // The first class that fits the process decides, even if a later one has more rights.
            (mode(0o077), OWNER, &[GROUP], READ, false),
            (mode(0o707), 5, &[GROUP], READ, false),
            (mode(0o070), 5, &[4, GROUP], WRITE | SEARCH, true),
            (mode(0o007), 5, &[4], WRITE | SEARCH, true),
            (mode(0o001), 5, &[4], SEARCH, true),
            (mode(0o001), 5, &[4], READ, false),
            (with(&[(0x02, 7, 5), (0x10, 7, NONE)]), 5, &[], WRITE | SEARCH, true),
            (with(&[(0x02, 7, 5), (0x10, 5, NONE)]), 5, &[], WRITE, false),
            (with(&[(0x02, 7, 5), (0x10, 7, NONE)]), 6, &[5], READ, false),
            (with(&[(0x02, 0, 5), (0x08, 7, 4), (0x10, 7, NONE)]), 5, &[4], READ, false),
            (with(&[(0x08, 7, 4), (0x10, 7, NONE)]), 5, &[4], WRITE | SEARCH, true),
            (with(&[(0x08, 7, 4), (0x10, 7, NONE)]), 5, &[GROUP, 4], WRITE | SEARCH, true),
            (with(&[(0x08, 1, 3), (0x08, 2, 4), (0x10, 7, NONE)]), 5, &[3, 4], WRITE | SEARCH, false),
            (with(&[(0x08, 0, 4), (0x20, 7, NONE), (0x10, 7, NONE)]), 5, &[4], READ, false),
            (with(&[(0x10, 0, NONE)]), OWNER, &[], WRITE, true),
        ] {
            assert_eq!(
                list.allows(user, groups, [OWNER, GROUP], wanted),
                allows,
                "{list:?} {user} {groups:?} {wanted}"
            );
        }
    }

    #[test]
    fn lists_that_are_not_understood() {
        for bytes in [&[][..], &[1, 0, 0, 0], &[2, 0, 0], &list(&[(0x40, 7, 0)]), &list(&[(1, 7, 0)])[..11]] {
            assert!(List::parse(bytes).is_none(), "{bytes:?}");
        }
    }

    /// Folders and links on the way, each of which may stop the process.
    #[test]
    fn the_way_to_the_folder() {
        let root = TempDir::new().unwrap();
        let at = |path: &str| root.path().join(path);
        let data = at("home/data");
        fs::create_dir_all(&data).unwrap();
        fs::create_dir(at("links")).unwrap();
        fs::write(data.join("users.json"), "[]").unwrap();
        symlink("/home/data", at("links/absolute")).unwrap();
        symlink("../home/./data", at("links/relative")).unwrap();
        symlink("round", at("links/round")).unwrap();
        let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        for folder in [root.path(), &at("home"), &at("links")] {
            mode(folder, 0o711);
        }
        mode(&data, 0o755);
        let view = View { root: root.path().to_owned(), working: at("links") };
        let owner = fs::metadata(&data).unwrap();
        let other = somebody(owner.uid() + 1, &[owner.gid() + 1], 0);
        let access = |who: &Credentials, path: &str| who.access(&view, Path::new(path)).ok();
        let paths = ["/home/data", "/links/absolute", "relative", "./absolute/", "../home/data", "/../../home//data"];
        for path in paths {
            assert_eq!(access(&other, path), Some(Access::Read), "{path}");
            assert_eq!(access(&somebody(owner.uid(), &[], 0), path), Some(Access::Write), "{path}");
        }
        for path in ["/links/round", "/home/nothing"] {
            assert_eq!(access(&other, path), None, "{path}");
        }
        // Each folder on the way may stop it.
        mode(&at("home"), 0o700);
        for path in paths {
            assert_eq!(access(&other, path), Some(Access::Nothing), "{path}");
            assert_eq!(access(&somebody(owner.uid() + 1, &[], DAC_READ_SEARCH), path), Some(Access::Read), "{path}");
            assert_eq!(access(&somebody(owner.uid() + 1, &[], ALL), path), Some(Access::Write), "{path}");
        }
        mode(&at("home"), 0o711);
        mode(&at("links"), 0o700);
        for (path, expected) in [
            ("/home/data", Access::Read),
            ("/links/absolute", Access::Nothing),
            ("relative", Access::Nothing),
            ("../home/data", Access::Nothing),
        ] {
            assert_eq!(access(&other, path), Some(expected), "{path}");
        }
        // The process has powers over a namespace of its own.
        let mut own = somebody(owner.uid() + 1, &[], ALL);
        own.known = [vec![Range { first: owner.uid() + 1, count: 1 }], vec![Range { first: owner.gid(), count: 1 }]];
        assert_eq!(access(&own, "relative"), Some(Access::Nothing));
        own.known[0].push(Range { first: owner.uid(), count: 1 });
        assert_eq!(access(&own, "relative"), Some(Access::Write));
        assert_eq!(access(&own.without_power(), "relative"), Some(Access::Nothing));

        // users.json may be elsewhere, or not exist yet.
        let users = data.join("users.json");
        fs::rename(&users, at("links/users.json")).unwrap();
        assert_eq!(access(&other, "/home/data"), Some(Access::Read), "nothing to read yet");
        symlink("/links/users.json", &users).unwrap();
        assert_eq!(access(&other, "/home/data"), Some(Access::Nothing));
        mode(&at("links"), 0o711);
        assert_eq!(access(&other, "/home/data"), Some(Access::Read));
        mode(&at("links/users.json"), 0o640);
        assert_eq!(access(&other, "/home/data"), Some(Access::Nothing));
    }
}
