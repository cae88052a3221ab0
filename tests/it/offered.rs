//! Which options help, man pages and completions offer, and how much of a screen the short help takes.

use clap::CommandFactory as _;
use specter_token::Cli;

use crate::support::Folder;

fn commands() -> Vec<String> {
    Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

fn help(arguments: &[&str]) -> String {
    let output = Folder::empty().command(arguments).env("COLUMNS", "80").run();
    assert_eq!((output.code, &*output.stderr), (0, ""), "{arguments:?}");
    output.stdout
}

#[test]
fn short_help_fits_on_one_screen() {
    for command in commands().iter().map(|command| Some(&**command)).chain([None]) {
        let arguments: Vec<&str> = command.into_iter().chain(["-h"]).collect();
        let help = help(&arguments);
        let widest = help.lines().map(|line| line.chars().count()).max();
        assert!(help.lines().count() <= 24 && widest <= Some(80), "{arguments:?}:\n{help}");
        let last = help.lines().last().unwrap();
        let long: Vec<&str> = ["specter-token"].into_iter().chain(command).chain(["--help"]).collect();
        assert!(last.starts_with("More options (") && last.ends_with(&long.join(" ")), "{arguments:?}: {last}");
        assert!(!help.contains("--server") && !help.contains("--json"), "{help}");
    }
}

/// Headings, and the options below each.
type Kinds = &'static [(&'static str, &'static [&'static str])];

/// The long options below the heading of each kind.
fn kinds(help: &str) -> Vec<(&str, Vec<&str>)> {
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in help.lines().take_while(|line| *line != "Examples:") {
        if let Some(heading) = line.strip_suffix(':').filter(|_| !line.starts_with(' ')) {
            kinds.push((heading, Vec::new()));
        }
        let option = line.strip_prefix("      --").or_else(|| Some(line.strip_prefix("  -")?.split_once("--")?.1));
        if let (Some(option), Some((_, options))) = (option, kinds.last_mut()) {
            options.push(option.split(' ').next().unwrap());
        }
    }
    kinds
}

#[test]
fn a_command_offers_what_does_something_for_it_with_its_own_options_first() {
    const FOLDER: &str = "Folder and key";
    const SERVER: &str = "Running server";
    const ALL_OF_SERVER: &[&str] = &["server", "password-file", "ca-cert", "allow-http", "timeout"];
    let cases: [(&str, Kinds); 7] = [
        ("create", &[(FOLDER, &["data-folder", "secret-file", "even-if-running"]), (SERVER, ALL_OF_SERVER)]),
        ("list", &[(FOLDER, &["data-folder", "secret-file"]), (SERVER, ALL_OF_SERVER)]),
        ("show", &[(FOLDER, &["data-folder", "secret-file"]), (SERVER, ALL_OF_SERVER)]),
        ("revoke", &[(FOLDER, &["data-folder", "secret-file", "even-if-running"]), (SERVER, ALL_OF_SERVER)]),
        (
            "verify",
            &[(FOLDER, &["data-folder", "secret-file"]), (SERVER, &["server", "ca-cert", "allow-http", "timeout"])],
        ),
        ("init", &[(FOLDER, &["data-folder", "password-file"])]),
        ("completions", &[]),
    ];
    for (command, expected) in cases {
        let help = help(&[command, "--help"]);
        let kinds = kinds(&help);
        let own = kinds.iter().position(|(heading, _)| *heading == "Options").unwrap();
        let (last, of_all) = kinds[own + 1..].split_last().unwrap();
        let expected: Vec<_> = expected.iter().map(|(heading, options)| (*heading, options.to_vec())).collect();
        assert_eq!(of_all, expected, "{command}");
        let has = |option| last.1.contains(&option);
        let output = (last.0, has("json"), has("color"), has("quiet"));
        assert_eq!(output, ("Output", true, command == "list", command != "completions"), "{command}");
    }
}

#[test]
fn completions_offer_the_same() {
    let script = help(&["completions", "fish"]);
    for command in commands() {
        let condition = format!("__fish_specter_token_using_subcommand {command}\"");
        let offers = |option: &str| {
            let option = format!(" -l {option} ");
            script.lines().any(|line| line.contains(&condition) && format!("{line} ").contains(&option))
        };
        let help = help(&[&command, "--help"]);
        for option in ["server", "even-if-running", "color", "secret-file", "password-file", "json", "help"] {
            let is_told = kinds(&help).iter().any(|(_, options)| options.contains(&option));
            assert_eq!(offers(option), is_told, "{command} --{option}");
        }
    }
}

#[test]
fn what_is_not_offered_is_taken_or_refused_as_ever() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let ids = folder.command(["list", "--ids"]).run();
    let given = folder.command(["list", "--ids", "--even-if-running"]).run();
    assert_eq!((given.code, given.stdout, given.stderr), (0, ids.stdout, ids.stderr));
    let script = help(&["completions", "bash"]);
    let arguments = ["completions", "bash", "--server", "http://127.0.0.1:1", "--color", "always", "-q"];
    folder.command(arguments).run().expect(0, &script, "");
    folder.command(["verify", "--password-file", "x", "t"]).run().expect(
        2,
        "",
        "error: could not use --password-file: there is no server\nhint: name the server with --server or SPECTER_URL\n",
    );
    folder.command(["init", "--server", "http://127.0.0.1:1"]).run().expect(
        2,
        "",
        "error: could not use --server: init makes a data folder\nhint: name the folder with --data-folder\n",
    );
}
