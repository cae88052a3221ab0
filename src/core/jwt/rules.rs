//! The rules by which a Specter judges tokens: those of its version, and of the JWT library (PyJWT) that comes with it.
//!
//! There are three sets. Up to 2.1.10, a token counts until it expires, whether or not users.json holds it. Up to
//! 2.1.7, the library also checks fewer claims and takes more keys.

use crate::core::version::{Installed, Version};

/// A set of rules, named after the versions that use it. The older sets accept more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rules {
    /// With PyJWT 2.4.
    Until2_1_7,
    /// With PyJWT 2.12.
    Until2_1_10,
    /// With PyJWT 2.13.
    From2_1_11,
}

impl Rules {
    /// The rules of a Specter. If its version is not known, the newest rules.
    pub(crate) fn of(specter: Installed) -> Self {
        match specter {
            Installed::Version(version) if version < Version::FIRST_WITH_STRICT_CLAIMS => Rules::Until2_1_7,
            Installed::Version(version) if version < Version::FIRST_WITH_REVOCATION => Rules::Until2_1_10,
            Installed::BeforeTwo => Rules::Until2_1_7,
            Installed::Version(_) | Installed::Never | Installed::Unknown => Rules::From2_1_11,
        }
    }

    /// Whether users.json must hold a token.
    pub(super) fn ask_for_registration(self) -> bool {
        self == Rules::From2_1_11
    }

    /// Whether `iat` may lie in the future and `exp` in this very second, and `sub`, `jti`, `kid` and `crit` are not
    /// checked.
    pub(super) fn are_lax_on_claims(self) -> bool {
        self == Rules::Until2_1_7
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_follow_the_version() {
        for (version, rules) in [
            ("1.14.0", Rules::Until2_1_7),
            ("2.1.7", Rules::Until2_1_7),
            ("2.1.8", Rules::Until2_1_10),
            ("v2.1.10", Rules::Until2_1_10),
            ("2.1.11", Rules::From2_1_11),
            ("2.2.0rc5", Rules::From2_1_11),
        ] {
            assert_eq!(Rules::of(Installed::Version(version.parse().expect(version))), rules, "{version}");
        }
        assert_eq!(Rules::of(Installed::BeforeTwo), Rules::Until2_1_7);
        assert_eq!([Installed::Never, Installed::Unknown].map(Rules::of), [Rules::From2_1_11; 2]);
    }
}
