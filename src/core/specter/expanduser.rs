//! Expands a leading `~` in a path as CPython's `posixpath.expanduser` does.
//!
//! Specter passes its data folder through that function. For an empty HOME or `~NAME`, the result is not that of a
//! shell or of Rust's own `home_dir`, and this program must find the same folder.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// The user whose home folder a path begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose<'a> {
    /// The user of the process.
    Own,
    Named(&'a OsStr),
}

/// Returns the path with its `~` expanded. `home` is the variable HOME, which may be empty; `home_of` looks into the
/// user database. `None` if the user does not exist: Python then leaves the path as it is.
pub(crate) fn expanduser(
    path: &OsStr,
    home: Option<OsString>,
    home_of: impl FnOnce(Whose<'_>) -> Option<OsString>,
) -> Option<OsString> {
    let Some(behind) = path.as_bytes().strip_prefix(b"~") else { return Some(path.to_owned()) };
    let (name, rest) = behind.split_at(behind.iter().position(|byte| *byte == b'/').unwrap_or(behind.len()));
    let home = match (name, home) {
        ([], Some(home)) => home,
        ([], None) => home_of(Whose::Own)?,
        (name, _) => home_of(Whose::Named(OsStr::from_bytes(name)))?,
    };
    let mut expanded = home.into_vec();
    while expanded.last() == Some(&b'/') {
        expanded.pop();
    }
    expanded.extend(rest);
    if expanded.is_empty() {
        expanded.push(b'/');
    }
    Some(OsString::from_vec(expanded))
}

/// A user in passwd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum User<'a> {
    Id(u32),
    Name(&'a OsStr),
}

/// The home folder of a user in the text of a passwd file. The first of several lines counts.
pub(crate) fn home_in_passwd(passwd: &[u8], user: User<'_>) -> Option<OsString> {
    passwd.split(|byte| *byte == b'\n').find_map(|line| {
        let fields: Vec<&[u8]> = line.trim_ascii_start().split(|byte| *byte == b':').collect();
        let [name, _, id, _, _, home, ..] = fields[..] else { return None };
        let is_asked = match user {
            User::Name(asked) => name == asked.as_bytes() && !name.starts_with(b"#"),
            User::Id(asked) => !name.starts_with(b"#") && str::from_utf8(id).is_ok_and(|id| id.parse() == Ok(asked)),
        };
        is_asked.then(|| OsStr::from_bytes(home).to_owned())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test panics if something is wrong
mod tests {
    use super::*;

    const PASSWD: &[u8] =
        b"amy:x:0:0:amy:/srv/amy:/bin/bash\n# ada:x:0:0::/comment:\n\nshort:x:5\nada:x:7:7::/home/ada/:/bin/sh\n\
        ada:x:8:8::/second:\neve:x:9:9:://:\nnone:x:10:10:::\nrel:x:11:11::home:\n\xff:x:12:12::/\xff:";

    /// CPython 3.11 gave these results, for HOME and the home of the process's user in passwd, if any.
    #[test]
    fn as_python_does_it() {
        for (path, home, own, expanded) in [
            ("~", Some("/h"), None, "/h"),
            ("~/", Some("/h"), None, "/h/"),
            ("~/a", Some("/h"), None, "/h/a"),
            ("~/a", Some("/h/"), None, "/h/a"),
            ("~/a", Some("/h///"), None, "/h/a"),
            ("~//a", Some("/h"), None, "/h//a"),
            ("~", Some(""), None, "/"),
            ("~/", Some(""), None, "/"),
            ("~/a", Some(""), None, "/a"),
            ("~", Some("/"), None, "/"),
            ("~/a", Some("/"), None, "/a"),
            ("~/a", Some("//"), None, "/a"),
            ("~", Some("//"), None, "/"),
            ("~/a", Some("h"), None, "h/a"),
            ("~/a", Some("~amy"), None, "~amy/a"),
            ("~/a", None, Some("/own"), "/own/a"),
            ("~/a", None, Some("/own//"), "/own/a"),
            ("~", None, Some(""), "/"),
            ("~/a", None, Some(""), "/a"),
            ("~", None, None, "~"),
            ("~/a", None, None, "~/a"),
            ("~/a", Some(""), Some("/own"), "/a"),
            ("~amy", Some("/h"), None, "/srv/amy"),
            ("~amy/", Some("/h"), None, "/srv/amy/"),
            ("~amy/.x", Some("/h"), None, "/srv/amy/.x"),
            ("~amy/.x", None, None, "/srv/amy/.x"),
            ("~amy//x", Some("/h"), None, "/srv/amy//x"),
            ("~ada", Some("/h"), None, "/home/ada"),
            ("~ada/a", Some("/h"), None, "/home/ada/a"),
            ("~eve", Some("/h"), None, "/"),
            ("~eve/a", Some("/h"), None, "/a"),
            ("~none", Some("/h"), None, "/"),
            ("~none/a", Some("/h"), None, "/a"),
            ("~rel/a", Some("/h"), None, "home/a"),
            ("~nobody-here", Some("/h"), None, "~nobody-here"),
            ("~nobody-here/a", Some("/h"), None, "~nobody-here/a"),
            ("~~", Some("/h"), None, "~~"),
            ("~~/a", Some("/h"), None, "~~/a"),
            ("~ /a", Some("/h"), None, "~ /a"),
            ("~+/a", Some("/h"), None, "~+/a"),
            ("", Some("/h"), None, ""),
            ("a", Some("/h"), None, "a"),
            ("/a/~", Some("/h"), None, "/a/~"),
            ("./~/a", Some("/h"), None, "./~/a"),
            (" ~/a", Some("/h"), None, " ~/a"),
            ("a~", Some("/h"), None, "a~"),
        ] {
            let home_of = |whose: Whose<'_>| match whose {
                Whose::Own => own.map(OsString::from),
                Whose::Named(name) => home_in_passwd(PASSWD, User::Name(name)),
            };
            let found = expanduser(OsStr::new(path), home.map(OsString::from), home_of);
            let is_known = !path.starts_with('~') || expanded != path;
            assert_eq!(found.is_some(), is_known, "{path} {home:?} {own:?}");
            assert_eq!(found.unwrap_or_else(|| path.into()), expanded, "{path} {home:?} {own:?}");
        }
    }

    #[test]
    fn lines_of_passwd() {
        for (user, home) in [
            (User::Id(0), Some("/srv/amy")),
            (User::Id(7), Some("/home/ada/")),
            (User::Id(10), Some("")),
            (User::Id(5), None),
            (User::Id(6), None),
            (User::Name(OsStr::new("ada")), Some("/home/ada/")),
            (User::Name(OsStr::new("# ada")), None),
            (User::Name(OsStr::new("")), None),
            (User::Name(OsStr::new("Amy")), None),
        ] {
            assert_eq!(home_in_passwd(PASSWD, user), home.map(OsString::from), "{user:?}");
        }
        let name = OsStr::from_bytes(b"\xff");
        assert_eq!(home_in_passwd(PASSWD, User::Name(name)).unwrap().as_bytes(), b"/\xff");
    }
}
