//! Exit codes, and the words by which JSON names why a command stopped. The manual and README go by this table.

use crate::core::token::Reason;

/// Why a command stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Reading or writing failed.
    Io,
    /// users.json is not what Specter loads.
    DamagedFile,
    /// There is no key or password, or it cannot be used.
    Secret,
    /// The key does not fit the tokens that are there.
    WrongSecret,
    /// Another process holds the lock, or keeps changing users.json.
    Busy,
    /// The file that was to be made already exists.
    Exists,
    /// A signal ended the command.
    Interrupted,
    /// Standard output leads nowhere, and would lose a secret.
    NoOutput,
    /// The user was asked, and said no or nothing.
    Declined,
    Usage,
    NotFound,
    Ambiguous,
    DescriptionTaken,
    /// A Specter is running that would not see the change.
    Running,
    /// This version of Specter has no tokens.
    SpecterTooOld,
    /// The server could not be reached, or is not the one that it should be.
    Unreachable,
    /// The server's token API is turned off.
    ApiOff,
    /// The server does not let the user in.
    Login,
    /// The server failed, or gave an unexpected answer.
    Server,
}

impl Kind {
    #[cfg(test)]
    const ALL: [Kind; 19] = [
        Kind::Io,
        Kind::DamagedFile,
        Kind::Secret,
        Kind::WrongSecret,
        Kind::Busy,
        Kind::Exists,
        Kind::Interrupted,
        Kind::NoOutput,
        Kind::Declined,
        Kind::Usage,
        Kind::NotFound,
        Kind::Ambiguous,
        Kind::DescriptionTaken,
        Kind::Running,
        Kind::SpecterTooOld,
        Kind::Unreachable,
        Kind::ApiOff,
        Kind::Login,
        Kind::Server,
    ];

    /// The word in JSON, and the exit code.
    fn word_and_code(self) -> (&'static str, u8) {
        match self {
            Kind::Io => ("io", 1),
            Kind::DamagedFile => ("damaged_file", 1),
            Kind::Secret => ("secret", 1),
            Kind::WrongSecret => ("wrong_secret", 1),
            Kind::Busy => ("busy", 1),
            Kind::Exists => ("exists", 1),
            Kind::Interrupted => ("interrupted", 130),
            Kind::NoOutput => ("no_output", 1),
            Kind::Declined => ("declined", 1),
            Kind::SpecterTooOld => ("specter_too_old", 1),
            Kind::Usage => ("usage", 2),
            Kind::NotFound => ("not_found", 3),
            Kind::Ambiguous => ("ambiguous", 3),
            Kind::DescriptionTaken => ("description_taken", 4),
            Kind::Running => ("running", 5),
            Kind::Unreachable => ("unreachable", 6),
            Kind::ApiOff => ("api_off", 6),
            Kind::Login => ("login", 6),
            Kind::Server => ("server", 6),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        self.word_and_code().0
    }

    pub(crate) fn exit_code(self) -> u8 {
        self.word_and_code().1
    }
}

/// The exit code of `verify` for a token with this verdict.
pub(crate) fn verdict_code(reason: Reason) -> u8 {
    match reason {
        Reason::Ok => 0,
        Reason::Expired | Reason::ExpiresTooSoon => 10,
        Reason::NotRegistered | Reason::RegisteredDiffers | Reason::UnknownUser => 11,
        Reason::Signature => 12,
        Reason::RefusedByServer => 14,
        Reason::Empty
        | Reason::TooLong
        | Reason::Malformed
        | Reason::Header
        | Reason::Algorithm
        | Reason::BadIat
        | Reason::NotYetValidIat
        | Reason::BadNbf
        | Reason::NotYetValidNbf
        | Reason::BadExp
        | Reason::Audience
        | Reason::Subject
        | Reason::Jti
        | Reason::UsernameClaim
        | Reason::TokenIdClaim
        | Reason::ServerError => 13,
    }
}

/// An exit code, what it means, and which commands have it.
#[derive(Debug, Clone, Copy)]
pub struct ExitCode {
    /// The code itself.
    pub code: u8,
    /// A sentence or several.
    pub meaning: &'static str,
    /// None: every command.
    pub commands: &'static [&'static str],
}

/// Every exit code.
pub const EXIT_CODES: [ExitCode; 15] = [
    ExitCode { code: 0, meaning: "Done; of `verify`: accepted.", commands: &[] },
    ExitCode {
        code: 1,
        meaning: "Could not do it: input or output, a damaged users.json, no key or a wrong one, a Specter without tokens, declined.",
        commands: &[],
    },
    ExitCode { code: 2, meaning: "Usage.", commands: &[] },
    ExitCode {
        code: 3,
        meaning: "No such token or user, or several that fit.",
        commands: &["create", "list", "show", "revoke"],
    },
    ExitCode { code: 4, meaning: "The description is taken.", commands: &["create"] },
    ExitCode {
        code: 5,
        meaning: "A Specter is running that would not see the change.",
        commands: &["create", "revoke"],
    },
    ExitCode {
        code: 6,
        meaning: "The server could not be reached, is not to be trusted, has its API off, refused the login, or failed.",
        commands: &["create", "list", "show", "revoke", "verify"],
    },
    ExitCode {
        code: 10,
        meaning: "`verify`: expired, or does not live as long as `--for` asks.",
        commands: &["verify"],
    },
    ExitCode {
        code: 11,
        meaning: "`verify`: not registered: revoked, another token stands there, or there is no such user.",
        commands: &["verify"],
    },
    ExitCode { code: 12, meaning: "`verify`: bad signature.", commands: &["verify"] },
    ExitCode { code: 13, meaning: "`verify`: refused for another reason.", commands: &["verify"] },
    ExitCode {
        code: 14,
        meaning: "`verify`: refused by a server, which does not say why. For several tokens, `verify` exits with the highest code.",
        commands: &["verify"],
    },
    ExitCode { code: 129, meaning: "Ended by the signal HUP; a terminal was closed.", commands: &[] },
    ExitCode {
        code: 130,
        meaning: "Ended by the signal INT, which is Ctrl-C. A command that changes something ends with the change made and told, or with nothing changed; a second signal ends it at once.",
        commands: &[],
    },
    ExitCode { code: 143, meaning: "Ended by the signal TERM.", commands: &[] },
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_that_a_command_can_end_with_is_in_the_table() {
        let told: HashSet<u8> = EXIT_CODES.iter().map(|exit| exit.code).collect();
        assert_eq!(told.len(), EXIT_CODES.len(), "each once");
        let of_kinds = Kind::ALL.into_iter().map(Kind::exit_code);
        let of_verdicts = Reason::ALL.into_iter().map(verdict_code);
        let used: HashSet<u8> = of_kinds.chain(of_verdicts).chain([129, 143]).collect();
        assert_eq!(used, told);
        let words: HashSet<&str> = Kind::ALL.into_iter().map(Kind::word).collect();
        assert_eq!(words.len(), Kind::ALL.len(), "each kind has a word of its own");
    }
}
