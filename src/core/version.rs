//! The version of Specter that is installed, as far as it is known.
//!
//! The version matters because Specter before 2.1.11 accepts a token until it expires, whether or not users.json holds
//! it, and Specter before 1.14.0 has no tokens at all.

use std::fmt;
use std::str::FromStr;

/// A version in Specter's numbering: `2.1.10`, `v1.14.5`, `2.2.0rc5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    numbers: [u16; 3],
    /// The number of a release candidate. Candidates come before their release.
    candidate: Candidate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Candidate {
    Number(u16),
    Release,
}

/// The text is not a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoVersion;

impl Version {
    const fn release(major: u16, minor: u16, patch: u16) -> Self {
        Version { numbers: [major, minor, patch], candidate: Candidate::Release }
    }

    /// The first version with tokens.
    pub(crate) const FIRST_WITH_TOKENS: Version = Version::release(1, 14, 0);
    /// The first version whose JWT library checks `iat` against the clock, among other things.
    pub(crate) const FIRST_WITH_STRICT_CLAIMS: Version = Version::release(2, 1, 8);
    /// The first version that checks whether users.json holds a token.
    pub(crate) const FIRST_WITH_REVOCATION: Version = Version::release(2, 1, 11);
}

impl FromStr for Version {
    type Err = NoVersion;

    fn from_str(text: &str) -> Result<Self, NoVersion> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (numbers, candidate) = match text.split_once("rc") {
            Some((numbers, candidate)) => (numbers, Candidate::Number(number(candidate)?)),
            None => (text, Candidate::Release),
        };
        let mut parts = numbers.split('.').map(number);
        let mut next = || parts.next().unwrap_or(Err(NoVersion));
        let numbers = [next()?, next()?, next()?];
        if parts.next().is_some() { Err(NoVersion) } else { Ok(Version { numbers, candidate }) }
    }
}

fn number(digits: &str) -> Result<u16, NoVersion> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().map_err(|_| NoVersion) } else { Err(NoVersion) }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        match self.candidate {
            Candidate::Number(number) => write!(f, "rc{number}"),
            Candidate::Release => Ok(()),
        }
    }
}

/// The Specter of a data folder or a server, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Installed {
    Version(Version),
    /// A Specter that has tokens and is older than 2.0. Its API does not tell its version.
    BeforeTwo,
    /// No Specter has ever used the folder.
    Never,
    Unknown,
}

impl Installed {
    pub(crate) fn version(self) -> Option<Version> {
        match self {
            Installed::Version(version) => Some(version),
            Installed::BeforeTwo | Installed::Never | Installed::Unknown => None,
        }
    }

    /// Whether this Specter still accepts a token that users.json no longer holds. `None` if unknown.
    pub(crate) fn accepts_unregistered(self) -> Option<bool> {
        match self {
            Installed::Version(version) => Some(version < Version::FIRST_WITH_REVOCATION),
            Installed::BeforeTwo => Some(true),
            // The first Specter to use the folder will be a new one.
            Installed::Never => Some(false),
            Installed::Unknown => None,
        }
    }

    /// The version, if it has no tokens.
    pub(crate) fn without_tokens(self) -> Option<Version> {
        self.version().filter(|version| *version < Version::FIRST_WITH_TOKENS)
    }

    /// Combines two sources. The older of two versions wins, because a token that it accepts is accepted.
    #[must_use]
    pub(crate) fn or_older(self, other: Self) -> Self {
        match (self, other) {
            (Installed::Version(one), Installed::Version(other)) => Installed::Version(one.min(other)),
            (known @ (Installed::Version(_) | Installed::BeforeTwo), _)
            | (_, known @ (Installed::Version(_) | Installed::BeforeTwo)) => known,
            (Installed::Unknown, _) | (_, Installed::Unknown) => Installed::Unknown,
            (Installed::Never, Installed::Never) => Installed::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_ordered() {
        let ascending = [
            "1.13.1",
            "1.14.0",
            "v1.14.5",
            "2.0.1",
            "2.1.7",
            "2.1.8",
            "v2.1.10",
            "2.1.11",
            "2.2.0rc4",
            "v2.2.0rc5",
            "2.2.0",
        ];
        let versions: Vec<Version> = ascending.iter().map(|text| text.parse().expect(text)).collect();
        assert!(versions.is_sorted_by(|one, other| one < other), "{versions:?}");
        for (text, version) in ascending.iter().zip(versions) {
            assert_eq!(version.to_string(), text.trim_start_matches('v'));
        }
        for text in [
            "",
            "unknown",
            "custom",
            "2.1",
            "2.1.11.1",
            "2.1.11-dev",
            "vv2.1.1",
            "2.1.11rc",
            "2.1.rc5",
            " 2.1.11",
            "2.1.99999",
            "+2.1.1",
            "2.1.11\n",
        ] {
            assert_eq!(text.parse::<Version>(), Err(NoVersion), "{text:?}");
        }
    }

    #[test]
    fn of_two_sources_the_older_version_counts() {
        let [old, new] = ["2.1.10", "2.1.11"].map(|text| Installed::Version(text.parse().expect(text)));
        for (one, other, both) in [
            (old, new, old),
            (new, old, old),
            (new, Installed::Unknown, new),
            (Installed::Never, old, old),
            (Installed::Unknown, Installed::Never, Installed::Unknown),
            (Installed::Never, Installed::Unknown, Installed::Unknown),
            (Installed::Never, Installed::Never, Installed::Never),
        ] {
            assert_eq!(one.or_older(other), both, "{one:?} {other:?}");
        }
    }
}
