//! Values that begin with `-`, and options whose value was left out.

use clap::CommandFactory as _;
use specter_token::Cli;

use crate::support::{Folder, each};

/// Every way to spell every option that takes a value, after its command.
fn options_with_values() -> Vec<(String, String)> {
    let mut command = Cli::command();
    command.build();
    let mut options = Vec::new();
    for command in command.get_subcommands() {
        for option in command.get_arguments().filter(|argument| !argument.is_positional()) {
            if !option.get_action().takes_values() {
                continue;
            }
            let spellings =
                [option.get_long().map(|name| format!("--{name}")), option.get_short().map(|c| format!("-{c}"))];
            options.extend(spellings.into_iter().flatten().map(|option| (command.get_name().to_owned(), option)));
        }
    }
    assert!(options.len() > 60, "{options:?}");
    options
}

#[test]
fn an_option_is_no_value_unless_it_is_attached() {
    let folder = Folder::empty();
    // It has a folder of its own, because `init` makes one.
    let run = |arguments: &[&str]| {
        let mut command = folder.command(arguments);
        command.command.current_dir(folder.path());
        command.run()
    };
    let mut wrong = Vec::new();
    for (command, option) in options_with_values() {
        for value in ["--json", "-q", "--help"] {
            let output = run(&[&command, &option, value]);
            let told = format!("if it is the value, write '{option}={value}'");
            let is_told = output.stderr.contains("a value is missing for ") && output.stderr.contains(&told);
            if output.code != 2 || !output.stdout.is_empty() || !is_told {
                wrong.push(format!("{command} {option} {value}: {output:?}"));
            }
            let output = run(&[&command, &format!("{option}={value}")]);
            if output.stderr.contains("a value is missing for ") {
                wrong.push(format!("{command} {option}={value}: {output:?}"));
            }
        }
        for value in ["-", "- nightly", "-x", "--nothing-like-an-option", "-1", "--"] {
            let output = run(&[&command, &option, value]);
            let is_taken = !["unexpected argument", "a value is required", "a value is missing"]
                .iter()
                .any(|part| output.stderr.contains(part));
            if !is_taken {
                wrong.push(format!("{command} {option} {value}: {output:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_value_with_a_hyphen_comes_to() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let cases = [
        ("- nightly", &["-d", "- nightly"][..]),
        ("-x", &["-qd", "-x"]),
        ("--", &["-d", "--"]),
        ("--nightly", &["--description", "--nightly"]),
        ("--json", &["-d=--json"]),
        ("-q", &["--description=-q"]),
        ("-d", &["-d=-d"]),
    ];
    each(cases, |(description, arguments)| {
        let output = folder.command([&["create", "-q", "--new-key", "-l", "1h"], arguments].concat()).run();
        assert_eq!((output.code, &*output.stderr), (0, ""), "{arguments:?}");
        let shown = folder.command(["show", "--json", "--", description]).run();
        assert_eq!(shown.json()["jwt_token_description"], description);
    });
    folder.command(["list", "-u", "-x"]).run().expect(
        3,
        "",
        "error: could not find user `-x` in users.json\nhint: the users are: admin\n",
    );
    folder.command(["create", "-qd", "--json", "-l", "1h"]).run().expect(
        2,
        "",
        "{\"error\":{\"reason\":\"usage\",\"message\":\"a value is missing for '--description <TEXT>': '--json' is an option of this \
         command\",\"hint\":\"if it is the value, write '-qd=--json'\"}}\n",
    );
    folder.command(["list", "--user", "-q"]).run().expect(
        2,
        "",
        "error: a value is missing for '--user <NAME>': '-q' is an option of this command\n\n  tip: if it is the value, write \
         '--user=-q'\n\nUsage: specter-token list [OPTIONS]\n\nFor more information, try '--help'.\n",
    );
    // There are no options after `--`.
    folder.command(["show", "--", "-d", "--json"]).run().expect(
        2,
        "",
        "error: unexpected argument '--json' found\n\nUsage: specter-token show [OPTIONS] [TOKEN]\n\nFor more information, try \
         '--help'.\n",
    );
}
