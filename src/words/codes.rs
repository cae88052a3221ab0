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
    /// The meaning, for README and for the page of the whole program.
    pub meaning: &'static str,
    /// The commands that can end with it.
    pub commands: &'static [&'static str],
    /// The meaning to groups of these commands, if it differs.
    own: &'static [(&'static [&'static str], &'static str)],
}

impl ExitCode {
    /// Returns the meaning to one command. `None` if the command never ends with this code.
    pub fn meaning_to(&self, command: &str) -> Option<&'static str> {
        let own = self.own.iter().find(|(commands, _)| commands.contains(&command));
        self.commands.contains(&command).then_some(own.map_or(self.meaning, |(_, meaning)| meaning))
    }
}

const ALL: &[&str] = &["create", "list", "show", "revoke", "verify", "init", "completions"];

/// Every exit code.
pub const EXIT_CODES: [ExitCode; 15] = [
    ExitCode {
        code: 0,
        meaning: "Done. `verify`: every token is accepted.",
        commands: ALL,
        own: &[
            (&["verify"], "Every token is accepted."),
            (&["create", "list", "show", "revoke", "init", "completions"], "Done."),
        ],
    },
    ExitCode {
        code: 1,
        meaning: "Failed: input or output, a damaged users.json, a missing or wrong key, a Specter without tokens, or a question that was declined.",
        commands: ALL,
        own: &[
            (
                &["list", "show", "revoke"],
                "Failed: input or output, a damaged users.json, an unusable key or password, a Specter without tokens, or a question that was declined.",
            ),
            (
                &["init"],
                "Failed: input or output, a folder that already holds a users.json, an unusable key or password, or a question that was declined.",
            ),
            (
                &["verify"],
                "Failed: input or output, a damaged users.json, a missing or unusable key, a Specter without tokens, or a question that was declined.",
            ),
            (&["completions"], "The script could not be printed."),
        ],
    },
    ExitCode { code: 2, meaning: "The command was used wrongly.", commands: ALL, own: &[] },
    ExitCode {
        code: 3,
        meaning: "There is no such token or user, or several tokens match.",
        commands: &["create", "list", "show", "revoke"],
        own: &[(&["create", "list"], "There is no such user.")],
    },
    ExitCode { code: 4, meaning: "The description is taken.", commands: &["create"], own: &[] },
    ExitCode {
        code: 5,
        meaning: "A Specter is running that would not see the change.",
        commands: &["create", "revoke"],
        own: &[],
    },
    ExitCode {
        code: 6,
        meaning: "The server could not be reached or trusted, has its API turned off, refused the login, or failed.",
        commands: &["create", "list", "show", "revoke", "verify"],
        own: &[],
    },
    ExitCode {
        code: 10,
        meaning: "`verify`: the token has expired, or expires sooner than `--for` asks.",
        commands: &["verify"],
        own: &[(&["verify"], "The token has expired, or expires sooner than `--for` asks.")],
    },
    ExitCode {
        code: 11,
        meaning: "`verify`: the token is not registered: it was revoked, another token has its id, or there is no such user.",
        commands: &["verify"],
        own: &[(
            &["verify"],
            "The token is not registered: it was revoked, another token has its id, or there is no such user.",
        )],
    },
    ExitCode {
        code: 12,
        meaning: "`verify`: the signature is wrong.",
        commands: &["verify"],
        own: &[(&["verify"], "The signature is wrong.")],
    },
    ExitCode {
        code: 13,
        meaning: "`verify`: the token is refused for another reason.",
        commands: &["verify"],
        own: &[(&["verify"], "The token is refused for another reason.")],
    },
    ExitCode {
        code: 14,
        meaning: "`verify`: a server refuses the token, and does not say why. Several tokens give the highest code.",
        commands: &["verify"],
        own: &[(
            &["verify"],
            "A server refuses the token, and does not say why. Several tokens give the highest code.",
        )],
    },
    ExitCode {
        code: 129,
        meaning: "The signal HUP ended the command, for example because the terminal was closed.",
        commands: ALL,
        own: &[],
    },
    ExitCode {
        code: 130,
        meaning: "The signal INT, which is Ctrl-C, ended the command. If the command changes something, the change is made and reported, or nothing is changed. A second signal ends it at once.",
        commands: ALL,
        own: &[
            (&["list", "show", "verify", "completions"], "The signal INT, which is Ctrl-C, ended the command."),
            (
                &["create", "revoke", "init"],
                "The signal INT, which is Ctrl-C, ended the command. The change is made and reported, or nothing is changed. A second signal ends it at once.",
            ),
        ],
    },
    ExitCode { code: 143, meaning: "The signal TERM ended the command.", commands: ALL, own: &[] },
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

    #[test]
    fn a_command_is_told_of_its_own_meanings_alone() {
        for exit in EXIT_CODES {
            let own: Vec<&str> = exit.own.iter().flat_map(|(commands, _)| commands.iter().copied()).collect();
            assert_eq!(own.iter().collect::<HashSet<_>>().len(), own.len(), "{}: one meaning each", exit.code);
            assert!(own.iter().all(|command| exit.commands.contains(command)), "{}", exit.code);
            for command in ALL {
                let meaning = exit.meaning_to(command);
                assert_eq!(meaning.is_some(), exit.commands.contains(command), "{} {command}", exit.code);
                let names = |name: &&str| meaning.is_some_and(|meaning| meaning.contains(&format!("`{name}`")));
                assert!(!ALL.iter().any(names), "{} {command}: {meaning:?}", exit.code);
            }
        }
    }
}
