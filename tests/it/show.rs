//! `show`: finding one token, and everything about it.

use crate::support::{Folder, Output, SECRET, each};

/// 2026-11-24T00:00:00Z, as in the tests of `list`.
const NOW: f64 = 1_795_478_400.0;

fn show(folder: &Folder, arguments: &[&str]) -> Output {
    folder.run_at(NOW, SECRET, &[&["show"], arguments].concat())
}

#[test]
fn one_token_in_words() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    show(&folder, &["3ced9cd8-3f94-4563-927e-3377e85b3ef8"]).expect(
        0,
        "id           <ID>\n\
         user         bob\n\
         description  bobs\n\
         life         1 day\n\
         issued       <TIME>\n\
         expires      <TIME> (in 22 hours 46 minutes)\n\
         status       valid\n\
         copies       Alice, Дмитрий, two words, emoji🚀, 名前, O'Brien, q\"uote, a-b_c.d@example.com\n",
        "",
    );
    show(&folder, &["first token"]).expect(
        0,
        "id           <ID>\n\
         user         admin\n\
         description  first token\n\
         life         1 hour\n\
         issued       <TIME>\n\
         expires      <TIME> (13 minutes 31 seconds ago)\n\
         status       expired: it has expired (expired)\n",
        "",
    );
}

#[test]
fn found_by_id_beginning_description_and_text() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    let id = |name: &str| show(&folder, &["--json", name]).json()["jwt_token_id"].as_str().map(|id| id[..4].to_owned());
    assert_eq!(id("ec4a9e6f-8847-4600-b8fa-8567a070c567").as_deref(), Some("ec4a"));
    assert_eq!(id("ec4a").as_deref(), Some("ec4a"));
    assert_eq!(id("CI pipeline").as_deref(), Some("ec4a"));
    let revealed = show(&folder, &["--json", "--reveal", "ec4a"]).json();
    assert_eq!(id(revealed["jwt_token"].as_str().unwrap()).as_deref(), Some("ec4a"));
    assert_eq!(id("line\nbreak").as_deref(), Some("03eb"), "the text itself, not as it is shown");
}

#[test]
fn what_is_not_found_and_what_could_be_several() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    let not_found = "error: could not find a token by `NAME`\nhint: `specter-token list` shows the tokens; give the \
        whole id, or its first 4 characters or more\n";
    each(["nothing", "ec4", "EC4", "CI", "ci pipeline", "CI PIPELINE", "EC4A9E6X"], |name| {
        show(&folder, &[name]).expect(3, "", &not_found.replace("NAME", name));
    });
    // A forgery that carries the id of a token is not that token.
    let token = show(&folder, &["--json", "--reveal", "ec4a"]).json()["jwt_token"].as_str().unwrap().to_owned();
    let forged = format!("{}A", &token[..token.len() - 1]);
    let forged = if forged == token { format!("{}B", &token[..token.len() - 1]) } else { forged };
    assert_eq!(show(&folder, &[&forged]).code, 3);

    let folder = Folder::from_corpus("users/dup-descriptions.json");
    show(&folder, &["same"]).expect(
        3,
        "",
        "error: could not tell which token `same` means\n\
         hint: name one by its id: d0 \"same\" of user admin; d1 \"same\" of user admin\n",
    );
    assert_eq!(show(&folder, &["d0"]).code, 0, "a full id, however short");
}

#[test]
fn ids_in_any_case_and_blanks_around_a_name() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    let id = "ec4a9e6f-8847-4600-b8fa-8567a070c567";
    let token = show(&folder, &["--json", "--reveal", id]).json()["jwt_token"].as_str().unwrap().to_owned();
    let found = |name: &str| {
        let shown = show(&folder, &["--json", name]);
        assert_eq!((shown.code, &*shown.stderr), (0, ""), "{name:?}");
        assert_eq!(shown.json()["jwt_token_id"], id, "{name:?}");
    };
    for name in
        [id, &id.to_uppercase(), "Ec4A9e6f-8847-4600-B8fa-8567a070c567", "EC4A", "ec4A9E", "CI pipeline", &token]
    {
        for (before, after) in [("", ""), (" ", ""), ("", "\t "), ("\u{A0}", "\u{3000}"), ("", "\r"), ("\n", "\n")] {
            found(&format!("{before}{name}{after}"));
        }
    }
    // A token is compared byte for byte.
    let cases = [token.to_uppercase(), token.to_lowercase(), format!(" {} ", token.to_lowercase())];
    each(cases, |name| {
        assert_eq!(show(&folder, &[&name]).code, 3);
    });
    assert_eq!(show(&folder, &["EC4A", "-u", "bob"]).code, 3, "not one of his");
    assert_eq!(show(&folder, &["EC4A", "-u", "admin"]).code, 0);
}

#[test]
fn what_is_spelled_exactly_wins_over_another_case() {
    let entry = |(id, description): (&str, &str)| {
        format!("\"{id}\": {{\"jwt_token\": \"{id}.y.z\", \"jwt_token_description\": \"{description}\"}}")
    };
    let entries = [
        ("ABCDEF", "upper"),
        ("abcdef", "lower"),
        ("abcd99", "CAFE"),
        ("cafe00", "D1"),
        ("d1", "short"),
        ("BEEF", "whole"),
        ("beef01", "more"),
    ];
    let entries = entries.map(entry).join(",");
    let folder = Folder::with_users(format!(
        "[{{\"id\":\"a\",\"username\":\"a\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{{{entries}}}}}]"
    ));
    let cases = [
        ("ABCDEF", Some("ABCDEF")),
        ("abcdef", Some("abcdef")),
        // It is no whole id, but two in another case.
        ("AbCdEf", None),
        ("ABCD", Some("ABCDEF")),
        ("abcd", None),
        ("AbCd", None),
        ("ABCD9", Some("abcd99")),
        ("cafe", Some("cafe00")),
        ("CAFE", Some("abcd99")),
        ("Cafe", Some("cafe00")),
        ("D1", Some("cafe00")),
        (" D1 ", Some("cafe00")),
        ("UPPER", None),
        ("beef", Some("beef01")),
        ("Beef", Some("BEEF")),
        (" beeF ", Some("BEEF")),
        ("  ", None),
    ];
    each(cases, |(name, id)| {
        let shown = show(&folder, &["--json", name]);
        assert_eq!(shown.code, if id.is_some() { 0 } else { 3 }, "{name}: {shown:?}");
        if let Some(id) = id {
            assert_eq!(shown.json()["jwt_token_id"], id, "{name}");
        }
    });
    show(&folder, &["AbCdEf"]).expect(
        3,
        "",
        "error: could not tell which token `AbCdEf` means\n\
         hint: name one by its id: ABCDEF \"upper\" of user a; abcdef \"lower\" of user a\n",
    );
    // All in one go, each in its place, and one twice.
    folder.command(["revoke", "-", "D1\u{A0}", "aBCD9"]).stdin("\r\n \u{A0}\nBEEf\r\n Beef\n\tABCD99 \n").run().expect(
        0,
        "",
        "revoked token abcd99 \"CAFE\" of user a from <DIR>/users.json\n\
         revoked token BEEF \"whole\" of user a from <DIR>/users.json\n\
         revoked token cafe00 \"D1\" of user a from <DIR>/users.json\n\
         Specter refuses what was revoked from its next start on\n",
    );
}

#[test]
fn the_same_id_under_two_users_wants_a_user() {
    let entry = |text: &str| format!("\"same-id\": {{\"jwt_token\": \"{text}\", \"jwt_token_description\": \"d\"}}");
    let user = |name: &str, text: &str| {
        let entry = entry(text);
        format!(
            "{{\"id\":\"{name}\",\"username\":\"{name}\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{{{entry}}}}}"
        )
    };
    let folder = Folder::with_users(format!("[{},{}]", user("a", "x.y.z"), user("b", "u.v.w")));
    assert_eq!(show(&folder, &["same-id"]).code, 3);
    assert_eq!(show(&folder, &["--json", "same-id", "-u", "b"]).json()["username"], "b");
    assert_eq!(show(&folder, &["--json", "u.v.w"]).json()["username"], "b");
    assert_eq!(show(&folder, &["--json", "d", "-u", "c"]).code, 3);
}

/// The id in a presented token decides only between entries that hold that very token.
#[test]
fn an_id_inside_a_name_picks_no_victim() {
    // {"jwt_token_id":"id-one"}
    let forged = "e30.eyJqd3RfdG9rZW5faWQiOiJpZC1vbmUifQ.x";
    let users = |one: &str, two: &str| {
        format!(
            "[{{\"id\":\"a\",\"username\":\"a\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{{\"id-one\":{one},\"id-two\":{two}}}}}]"
        )
    };
    let described = format!("{{\"jwt_token\":\"u.v.w\",\"jwt_token_description\":\"{forged}\"}}");
    let folder = Folder::with_users(users(&described, &described.replace("u.v.w", "x.y.z")));
    assert_eq!(show(&folder, &[forged]).code, 3);
    let itself = format!("{{\"jwt_token\":\"{forged}\"}}");
    let folder = Folder::with_users(users(&itself, &itself));
    assert_eq!(show(&folder, &["--json", forged]).json()["jwt_token_id"], "id-one");
}

#[test]
fn the_token_itself_only_on_demand() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    assert!(!show(&folder, &["ec4a"]).stdout.contains("eyJ"));
    assert!(!show(&folder, &["--json", "ec4a"]).stdout.contains("eyJ"));
    let output = folder.command(["show", "--reveal", "ec4a"]).env("GITHUB_ACTIONS", "true").run();
    assert!(output.stdout.contains("\ntoken        eyJ"));
    let token = output.stdout.lines().last().unwrap().trim_start_matches("token").trim();
    assert_eq!(output.stderr, format!("::add-mask::{token}\n"));
}

#[test]
fn hostile_text_is_shown_and_not_obeyed() {
    let folder = Folder::with_users(
        "[{\"id\":\"a\",\"username\":\"a\\u001b[2J\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{\"id\\u202e\": \
         {\"jwt_token\": \"x\", \"jwt_token_description\": \"a\\nstatus  valid\"}}}]",
    );
    show(&folder, &["id\u{202E}"]).expect(
        0,
        "id           id\\u{202e}\n\
         user         a\\u{1b}[2J\n\
         description  a\\nstatus  valid\n\
         life\n\
         issued\n\
         expires\n\
         status       rejected: it is not a JWT (malformed)\n",
        "",
    );
}

#[test]
fn a_token_can_be_shown_alone() {
    let folder = Folder::with_users(
        "[{\"id\":\"admin\",\"username\":\"admin\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{\"textless\":{}}}]",
    );
    let token = folder.create("a", &["-q"]);
    let cases = [("token", format!("{token}\n")), ("header", format!("Authorization: Bearer {token}\n"))];
    each(cases, |(form, printed)| {
        let output = folder.command(["show", "a", "--reveal", "--print", form]).run();
        assert_eq!((output.code, output.stdout, &*output.stderr), (0, printed, ""));
    });
    let cases = [
        (&["--print", "token"][..], "--reveal"),
        (&["--print", "token", "--reveal", "--json"], "cannot be used with"),
        (&["--print", "both", "--reveal"], "possible values: token, header"),
    ];
    each(cases, |(more, part)| {
        let output = folder.command([&["show", "a"], more].concat()).run();
        assert_eq!((output.code, &*output.stdout), (2, ""), "{more:?}");
        assert!(output.stderr.contains(part), "{more:?}: {}", output.stderr);
    });
    folder.command(["show", "textless", "--reveal", "--print", "token"]).run().expect(
        1,
        "",
        "error: could not print token textless: users.json holds no usable text of it\nhint: create another token in its place\n",
    );
    folder.command(["create", "-d", "b", "-l", "1h", "--json", "--print", "header"]).run().expect(
        2,
        "",
        "{\"error\":{\"reason\":\"usage\",\"message\":\"could not print a header as JSON\",\"hint\":\"leave out --json to print the \
         header alone, or --print to print JSON\"}}\n",
    );
    // The header can go into a file, beside JSON.
    let out = folder.file("header");
    let made = folder.command([
        "create",
        "-q",
        "-d",
        "b",
        "-l",
        "1h",
        "--json",
        "--print",
        "header",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!(made.run().code, 0);
    assert!(std::fs::read_to_string(out).unwrap().starts_with("Authorization: Bearer eyJ"));
}

/// users.json is not trusted: text in place of a token may be meant for a terminal, or for the log of a job.
#[test]
fn a_text_that_is_no_token_commands_nothing() {
    let text = r"x\u001b[2J\n::warning::injected%\r";
    let folder = Folder::with_users(format!(
        "[{{\"id\":\"admin\",\"username\":\"admin\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{{\"odd1\":{{\"jwt_token\":\"{text}\"}}}}}}]"
    ));
    let masked = "::add-mask::x\x1B[2J%0A::warning::injected%25%0D\n";
    let alone = folder.command(["show", "odd1", "--reveal", "--print", "token"]).env("GITHUB_ACTIONS", "true");
    let error = "error: could not print token odd1: users.json holds no usable text of it\nhint: create another token in its place\n";
    alone.run().expect(1, "", &format!("{masked}{error}"));
    let shown = folder.command(["show", "odd1", "--reveal"]).env("GITHUB_ACTIONS", "true").run();
    assert_eq!((shown.code, &*shown.stderr), (0, masked));
    assert!(shown.stdout.ends_with("token        x\\u{1b}[2J\\n::warning::injected%\\r\n"), "{shown:?}");
}
