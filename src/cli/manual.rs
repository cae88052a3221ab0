//! Parts of the man pages and README: variables, files, and what commands do in each state of Specter.

/// The variables that the program reads, and the use of each.
pub const ENVIRONMENT: [(&str, &str); 10] = [
    ("SPECTER_DATA_FOLDER", "The data folder, unless --data-folder is given. Specter's own variable."),
    ("SECRET_KEY", "The key that signs tokens, unless --secret-file is given; not for `init`. Specter's own variable."),
    ("SPECTER_URL", "The address of a running Specter to work through, unless --server or --data-folder is given."),
    ("SPECTER_PASSWORD", "The password of the user on that server, unless --password-file is given; not for `init`."),
    ("SPECTER_CA_CERT", "The file with the certificates to trust, unless --ca-cert is given."),
    ("CI", "The same as --no-input, unless it is empty, `0` or `false`."),
    (
        "CREDENTIALS_DIRECTORY",
        "The folder with systemd's credentials. The one named SECRET_KEY is the key if that variable is not set.",
    ),
    ("NO_COLOR", "Turns colours off, if it is set and not empty."),
    ("CLICOLOR_FORCE", "Turns colours on even without a terminal, if it is set and neither empty nor 0."),
    (
        "GITHUB_ACTIONS",
        "If `true`, the log masks each token and password that is printed. The command for that goes to standard error first.",
    ),
];

/// The files that the program works with.
pub const FILES: [(&str, &str); 4] = [
    ("~/.specter/users.json", "Specter's database of users and tokens, in the data folder."),
    (
        "~/.specter/users.json.bkp",
        "The version before, on which Specter falls back. After a token is removed, it is the new version.",
    ),
    (
        "~/.specter/migration_data.json",
        "Specter's list of the versions that were started. It is only read, and decides by which rules tokens are judged.",
    ),
    (
        "~/.specter/secret_key",
        "The key, if no option and no variable gives one. `init` makes it; Specter itself does not read it.",
    ),
];

/// The behaviour of commands in each of the three states of Specter.
#[derive(Debug, Clone, Copy)]
pub struct WhatCommandsDo {
    /// The names of the commands, with a comma between them.
    pub commands: &'static str,
    /// While Specter is stopped.
    pub stopped: &'static str,
    /// Beside a running Specter.
    pub beside: &'static str,
    /// Through a running Specter.
    pub through: &'static str,
}

/// The behaviour of commands while Specter is stopped, beside a running one, and through it. README has the same table.
pub const WORLDS: [WhatCommandsDo; 4] = [
    WhatCommandsDo {
        commands: "create",
        stopped: "Specter accepts the token from its next start on",
        beside: "refused (5): Specter would not accept the token, and would lose it",
        through: "Specter makes the token, and accepts it at once",
    },
    WhatCommandsDo {
        commands: "revoke",
        stopped: "Specter refuses the token from its next start on; before 2.1.11, once it has expired",
        beside: "refused (5): Specter would go on accepting the token",
        through: "Specter refuses the token at once; before 2.1.11, once it has expired",
    },
    WhatCommandsDo {
        commands: "list, show",
        stopped: "tell what is in users.json, and whether Specter will accept it",
        beside: "the same, and a warning that Specter may see it differently",
        through: "tell what Specter tells: the tokens of one user, signatures unchecked",
    },
    WhatCommandsDo {
        commands: "verify",
        stopped: "tells whether the Specter that was last started there will accept the token, and why not",
        beside: "the same, and a warning that Specter may see it differently",
        through: "asks Specter, which does not say why",
    },
];
