//! `completions/` and `man/` are made from the command line itself. If they are stale, this test writes them anew and
//! fails. Run it again, and commit the changes.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;
use roff::{Roff, bold, italic, roman};
use specter_token::{Cli, ENVIRONMENT, EXIT_CODES, ExitCode, FILES, WORLDS, WhatCommandsDo};

use crate::support::Folder;

/// The day of the release.
const RELEASED: &str = "2026-11-24";

/// Whether a file is right. If not, it is written anew.
fn is_fresh(path: &str, text: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let is_fresh = fs::read_to_string(&path).is_ok_and(|old| old == text);
    if !is_fresh {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    is_fresh
}

#[test]
fn completions_are_fresh() {
    let folder = Folder::empty();
    let mut stale = Vec::new();
    for (name, file) in [
        ("bash", "completions/specter-token.bash"),
        ("elvish", "completions/specter-token.elv"),
        ("fish", "completions/specter-token.fish"),
        ("powershell", "completions/_specter-token.ps1"),
        ("zsh", "completions/_specter-token"),
    ] {
        let output = folder.command(["completions", name]).run();
        assert_eq!((output.code, &*output.stderr), (0, ""), "{name}");
        if !is_fresh(file, &output.stdout) {
            stale.push(file);
        }
    }
    assert!(stale.is_empty(), "written anew: {stale:?}");
}

#[test]
fn man_pages_are_fresh() {
    let mut command = Cli::command();
    command.build();
    let mut stale = Vec::new();
    let pages = command.get_subcommands().filter(|command| command.get_name() != "help");
    let pages = pages.map(|command| (command.clone(), format!("specter-token-{}", command.get_name())));
    for (command, title) in pages.chain([(command.clone(), "specter-token".to_owned())]) {
        let file = format!("man/{title}.1");
        if !is_fresh(&file, &page(&command, &title)) {
            stale.push(file);
        }
    }
    assert!(stale.is_empty(), "written anew: {stale:?}");
}

fn page(command: &clap::Command, title: &str) -> String {
    let is_whole = title == "specter-token";
    let name = command.get_name();
    let positionals = command.get_positionals().map(|argument| argument.clone().help_heading("Arguments"));
    let arguments = clap::Command::new("arguments").disable_help_flag(true).args(positionals);
    let options = command.clone().mut_args(|option| {
        let is_hidden = option.is_hide_set() || option.is_positional();
        option.hide(is_hidden).hide_short_help(false)
    });
    let man = Man::new(options)
        .title(title.to_uppercase())
        .date(RELEASED)
        .source(format!("specter-token {}", env!("CARGO_PKG_VERSION")))
        .manual("Specter's access tokens".to_owned());
    let mut text = Vec::new();
    man.render_title(&mut text).unwrap();
    man.render_name_section(&mut text).unwrap();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let (bold_part, rest) =
        usage.split_once(" [").map_or((usage, String::new()), |(name, rest)| (name, format!(" [{rest}")));
    let mut synopsis = Roff::new();
    synopsis.control("SH", ["SYNOPSIS"]).text([bold(bold_part), roman(rest)]);
    synopsis.to_writer(&mut text).unwrap();
    man.render_description_section(&mut text).unwrap();
    Man::new(arguments).render_options_section(&mut text).unwrap();
    man.render_options_section(&mut text).unwrap();
    if is_whole {
        man.render_subcommands_section(&mut text).unwrap();
    }

    let mut sections = Roff::new();
    sections.control("SH", ["EXIT STATUS"]);
    for exit in EXIT_CODES {
        let meaning = if is_whole { Some(exit.meaning) } else { exit.meaning_to(name) };
        if let Some(meaning) = meaning {
            item(&mut sections, &exit.code.to_string(), meaning);
        }
    }
    if is_whole || matches!(name, "list" | "show" | "verify") {
        sections.control("SH", ["REASONS"]);
        sections.text([roman("Why Specter refuses a token, as --json tells it:")]);
        let of_verify = |word: &str| word == "expires_too_soon" || word == "refused_by_server";
        let is_verify = is_whole || name == "verify";
        for (word, sentence) in
            specter_token::reasons().filter(|(word, _)| *word != "ok" && (is_verify || !of_verify(word)))
        {
            item(&mut sections, word, sentence);
        }
    }
    let is_of_command = |row: &&WhatCommandsDo| is_whole || row.commands.split(", ").any(|command| command == name);
    for (index, row) in WORLDS.iter().filter(is_of_command).enumerate() {
        let WhatCommandsDo { commands, stopped, beside, through } = *row;
        if index == 0 {
            sections.control("SH", ["WHILE SPECTER IS STOPPED, AND WHILE IT IS RUNNING"]);
        }
        sections.control("TP", []).text([bold(commands)]);
        for (when, what) in [("Stopped", stopped), ("Running", beside), ("Running, with --server", through)] {
            sections.text([roman(format!("{when}: {what}."))]).control("br", []);
        }
    }
    if name != "completions" {
        sections.control("SH", ["ENVIRONMENT"]);
        for (name, meaning) in ENVIRONMENT {
            item(&mut sections, name, meaning);
        }
        sections.control("SH", ["FILES"]);
        for (name, meaning) in FILES {
            item(&mut sections, name, meaning);
        }
    }
    let examples_of = |command: &clap::Command| command.get_after_long_help().map(ToString::to_string);
    let examples = examples_of(command).filter(|_| !is_whole).unwrap_or_else(|| {
        let of_commands: Vec<String> = command.get_subcommands().filter_map(examples_of).collect();
        of_commands.iter().filter_map(|examples| examples.lines().nth(1)).collect::<Vec<_>>().join("\n")
    });
    sections.control("SH", ["EXAMPLES"]);
    for example in examples.lines().filter(|line| *line != "Examples:") {
        sections.control("PP", []).control("EX", []).text([roman(example.trim_start())]).control("EE", []);
    }
    sections.control("SH", ["SEE ALSO"]);
    let others = ["create", "list", "show", "revoke", "verify", "init", "completions"];
    let mut pages: Vec<String> =
        others.iter().filter(|other| **other != name).map(|name| format!("specter-token-{name}")).collect();
    if !is_whole {
        pages.insert(0, "specter-token".to_owned());
    }
    let last = pages.len() - 1;
    for (index, page) in pages.into_iter().enumerate() {
        sections.text([italic(page), roman(if index == last { "(1)" } else { "(1)," })]);
    }
    sections.to_writer(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn item(sections: &mut Roff, name: &str, meaning: &str) {
    sections.control("TP", []).text([bold(name)]).text([roman(meaning)]);
}

#[test]
fn readme_tells_the_same() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let rows: Vec<&str> = readme.lines().collect();
    for ExitCode { code, meaning, .. } in EXIT_CODES {
        let row = format!("| {code} | {meaning} |");
        assert!(rows.contains(&&*row), "{row}");
    }
    for WhatCommandsDo { commands, stopped, beside, through } in WORLDS {
        let row = format!("| `{}` | {stopped} | {beside} | {through} |", commands.replace(", ", "`, `"));
        assert!(rows.contains(&&*row), "{row}");
    }
}

/// The tables must name each new command: its exit codes, and what it does while a Specter runs.
#[test]
fn every_command_is_told_of() {
    let told: HashSet<&str> = WORLDS.iter().flat_map(|row| row.commands.split(", ")).collect();
    let with_codes: HashSet<&str> = EXIT_CODES.iter().flat_map(|exit| exit.commands.iter().copied()).collect();
    let cli = Cli::command();
    let commands = || cli.get_subcommands().map(clap::Command::get_name).filter(|name| *name != "help");
    // These two know no token.
    let of_tokens: HashSet<&str> = commands().filter(|name| !["init", "completions"].contains(name)).collect();
    assert_eq!(told, of_tokens, "WORLDS of src/cli/manual.rs");
    assert_eq!(with_codes, commands().collect(), "EXIT_CODES of src/words/codes.rs");
}
