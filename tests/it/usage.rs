//! Arguments that cannot be used, and the sources of the data folder.

use crate::support::{Folder, each};

#[test]
fn wrong_arguments_are_usage_errors_that_name_the_remedy() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let before = folder.files();
    let cases = [
        (&[] as &[&str], "Usage: specter-token"),
        (&["creat"], "a similar subcommand exists: 'create'"),
        (&["list", "--statos", "valid"], "a similar argument exists: '--status'"),
        (&["create"], "could not create a token without --description, and --life or --until"),
        (&["create", "-l", "1h"], "could not create a token without --description"),
        (&["create", "-d", "x"], "could not create a token without --life or --until"),
        (&["create", "-d", "x", "-l", "1h", "--until", "2099-01-01"], "cannot be used with"),
        (&["create", "-d", " ", "-l", "1h"], "is blank; say what the token is for"),
        (
            &["create", "-d", "x", "-l", "3600"],
            "has no unit after 3600; write for example `3600s`, `3600min`, `3600h` or `3600d`",
        ),
        (&["create", "-d", "x", "-l", "-1h"], "has a minus sign"),
        (&["create", "-d", "x", "-l", "5M"], "capital `M`"),
        (&["create", "-d", "x", "-l", "5 min."], "has a dot after a unit; write `5 min`"),
        (&["create", "-d", "x", "-l", "1,5h"], "has a comma in a number; write `1.5h`"),
        (&["create", "-d", "x", "--until", "tomorrow"], "is not a time"),
        (
            &["create", "-d", "x", "--until", "2099-12-31 24:00"],
            "has an hour past 23; the end of a day is 00:00 of the next day",
        ),
        (
            &["verify", "--at", "2099-12-31T23:59:60Z", "t"],
            "has a second past 59, but Specter knows no leap seconds; write 59, or 00",
        ),
        (&["create", "-d", "x", "--until", "++3 days"], "has `+`, which a lifetime cannot hold"),
        (&["create", "-d", "x", "-l", "1h", "--out", "-"], "without --out the token goes to standard output"),
        (&["revoke"], "could not tell which token is meant: none is named"),
        (&["revoke", "x", "--all"], "cannot be used with"),
        (&["list", "--expires-within", "soon"], "is not a lifetime"),
        (&["verify", "--at", "x", "t"], "is not a time"),
        (&["show"], "could not tell which token is meant: none is named"),
        (&["list", "--ids", "--json"], "cannot be used with '--json'"),
    ];
    each(cases, |(arguments, part)| {
        let output = folder.command(arguments).run();
        assert_eq!((output.code, &*output.stdout), (2, ""), "{arguments:?}");
        assert!(output.stderr.contains(part), "{arguments:?}: {}", output.stderr);
    });
    assert_eq!(folder.files(), before);
}

#[test]
fn usage_errors_are_json_too() {
    let folder = Folder::empty();
    folder.command(["--json", "list", "--sort", "x"]).run().expect(
        2,
        "",
        "{\"error\":{\"reason\":\"usage\",\"message\":\"invalid value 'x' for '--sort <SORT>' [possible values: expires, \
         description]\",\"hint\":\"a similar value exists: 'expires'\"}}\n",
    );
    folder.command(["--json", "list", "--zzz"]).run().expect(
        2,
        "",
        "{\"error\":{\"reason\":\"usage\",\"message\":\"unexpected argument '--zzz' found\",\"hint\":\"`specter-token --help` lists \
         commands and options\"}}\n",
    );
}

#[test]
fn global_options_stand_before_or_after_the_command() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let before = folder.command(["--json", "--quiet", "list"]).run();
    let after = folder.command(["list", "--quiet", "--json"]).run();
    assert_eq!(before.code, 0);
    assert_eq!(before.stdout.lines().count(), after.stdout.lines().count());
}

#[test]
fn the_data_folder_is_the_option_or_the_variable_or_below_home() {
    let folder = Folder::empty();
    let home = folder.file("home");
    for name in [".specter", "elsewhere"] {
        std::fs::create_dir_all(home.join(name)).unwrap();
        let user = format!("[{{\"id\":\"{name}\",\"username\":\"{name}\",\"password\":1,\"is_admin\":true}}]");
        std::fs::write(home.join(name).join("users.json"), user).unwrap();
    }
    let users = |arguments: &[&str], variable: Option<&str>| {
        let description = format!("{arguments:?}{variable:?}");
        let all = [&["create", "--json", "-q", "-l", "1h", "-d", &description], arguments].concat();
        let command = folder.command(all).without("SPECTER_DATA_FOLDER").env("HOME", &home);
        let command =
            if let Some(variable) = variable { command.env("SPECTER_DATA_FOLDER", variable) } else { command };
        command.run().json()["username"].as_str().unwrap().to_owned()
    };
    assert_eq!(users(&[], None), ".specter");
    assert_eq!(users(&[], Some("~/elsewhere")), "elsewhere");
    assert_eq!(users(&["--data-folder", "~/.specter"], Some("~/elsewhere")), ".specter");
    assert_eq!(users(&["--data-folder", home.join("elsewhere").to_str().unwrap()], None), "elsewhere");
}

#[test]
fn help_and_version_go_to_standard_output() {
    let folder = Folder::empty();
    each([&["--help"] as &[&str], &["-h"], &["create", "--help"], &["--version"]], |arguments| {
        let output = folder.command(arguments).run();
        assert_eq!((output.code, &*output.stderr), (0, ""), "{arguments:?}");
        assert!(output.stdout.lines().all(|line| line.len() <= 120), "{}", output.stdout);
    });
}

#[test]
fn help_is_a_command_too() {
    let folder = Folder::empty();
    each(["", "create", "list", "show", "revoke", "verify", "init", "completions"], |command| {
        let words =
            |word: &str| [word, command].into_iter().filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let words: Vec<String> = words("help");
        let asked = folder.command(words).run();
        let option: Vec<&str> = [command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        let expected = folder.command(option).run();
        assert_eq!((asked.code, &asked.stdout, &*asked.stderr), (0, &expected.stdout, ""), "{command}");
    });
    let create = folder.command(["create", "--help"]).run().stdout;
    for more in [&["help", "create", "--json"][..], &["help", "--json", "create"], &["help", "create", "-h"]] {
        folder.command(more).run().expect(0, &create, "");
    }
    let unknown = folder.command(["help", "nope"]).run();
    assert_eq!((unknown.code, &*unknown.stdout), (2, ""));
    assert!(unknown.stderr.starts_with("error: unrecognized subcommand 'nope'"), "{}", unknown.stderr);
}

/// Nothing is asked off a terminal, and neither the option nor the variable changes anything.
#[test]
fn without_a_terminal_no_input_is_nothing_new() {
    let cases = [
        (&["revoke", "--expired"][..], 0),
        (&["revoke", "--all"], 2),
        (&["create"], 2),
        (&["show"], 2),
        (&["list"], 0),
        (&["verify"], 2),
    ];
    each(cases, |(arguments, code)| {
        let run = |more: &[&str], variable: &str| {
            let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
            let output = folder.command([arguments, more].concat()).env("CI", variable).run();
            assert_eq!(output.code, code, "{output:?}");
            output.stderr.lines().count()
        };
        let plain = run(&[], "");
        assert_eq!([run(&["--no-input"], ""), run(&[], "true")], [plain; 2], "{arguments:?}");
    });
}

#[test]
fn help_that_cannot_be_printed_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Folder::empty().command(["--help"]).command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}
