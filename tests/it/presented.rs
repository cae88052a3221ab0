//! Tokens as people have them: with blanks around, in a header line, in a file with blank lines, cut off or far too
//! long. `verify` says what Specter answers over HTTP; `show` and `revoke` understand the same.

use std::fs::{self, File};
use std::process::Stdio;

use crate::support::{Folder, each};

const ACCEPTED: &str = "accepted, expires in <REST>; token <ID> of user admin\n";
const EMPTY: &str = "refused (empty): no token reaches Specter: it is empty, or a header cannot carry it\n";
const LOST: &str =
    "refused (empty): no token reaches Specter: it is empty, or a header cannot carry it; token <ID> of user admin\n";
const MALFORMED: &str = "refused (malformed): it is not a JWT\n";
const SIGNATURE: &str =
    "refused (signature): it was signed with another key, or changed since; token <ID> of user admin\n";
const TOO_LONG: &str = "refused (too_long): its header line is too long for Specter's server\n";
const NONE: &str = "error: could not verify a token: none was given\nhint: give tokens as arguments, or one per line \
    on standard input\n";
const CUT_OFF: &str = "warning: a line of standard input is longer than a mebibyte; the lines after it were not read, \
    and are not judged\n";
/// The longest token that the server takes.
const LONGEST: usize = 65_512;

fn folder() -> (Folder, String) {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let token = folder.create("ci", &["-q", "--new-key"]);
    (folder, token)
}

#[test]
fn blanks_and_header_lines_are_understood_and_nothing_else_is() {
    let (folder, token) = folder();
    let cases = [
        (token.clone(), 0, ACCEPTED),
        (format!(" {token}"), 0, ACCEPTED),
        (format!("{token} "), 0, ACCEPTED),
        (format!("{token}  "), 0, ACCEPTED),
        (format!("\t {token} \t"), 0, ACCEPTED),
        (format!("Authorization: Bearer {token}"), 0, ACCEPTED),
        (format!("authorization: bearer {token}"), 0, ACCEPTED),
        (format!("AUTHORIZATION:Bearer  {token} "), 0, ACCEPTED),
        (format!("Authorization: Bearer\t{token}"), 13, MALFORMED),
        (format!("Authorization : Bearer {token}"), 13, MALFORMED),
        (format!("Bearer {token}"), 13, MALFORMED),
        (format!(" Authorization: Bearer {token}"), 13, MALFORMED),
        (format!("\u{A0}{token}"), 12, SIGNATURE),
        (format!("\u{FEFF}{token}"), 12, SIGNATURE),
        (format!("{token}\u{85}"), 13, LOST),
        (format!("{token}\u{A0}"), 13, LOST),
        ("x".repeat(LONGEST + 1), 13, TOO_LONG),
        ("x".repeat(LONGEST), 13, MALFORMED),
        (format!("   {}   ", "x".repeat(LONGEST)), 13, MALFORMED),
    ];
    each(cases, |(presented, code, verdict)| {
        folder.command(["verify", "--", &presented]).run().expect(code, verdict, "");
        if !presented.contains('\u{85}') {
            folder.command(["verify"]).stdin(&presented).run().expect(code, verdict, "");
        }
    });
}

#[test]
fn a_blank_line_is_no_token_and_an_empty_argument_is() {
    let (folder, token) = folder();
    let lines = format!("\n  \n{token}\r\n\t\n\nAuthorization: Bearer {token}\n\n");
    folder.command(["verify"]).stdin(&lines).run().expect(0, &format!("{ACCEPTED}{ACCEPTED}"), "");
    folder.command(["verify", "-", ""]).stdin(&lines).run().expect(13, &format!("{ACCEPTED}{ACCEPTED}{EMPTY}"), "");
    each(["", "\n", " \t\n\r\n\n", &"\n".repeat(5 << 20)], |blank| {
        folder.command(["verify"]).stdin(blank).run().expect(2, "", NONE);
        folder.command(["verify", "-"]).stdin(blank).run().expect(2, "", NONE);
    });
    folder.command(["verify", "-", &token]).stdin("\n\n").run().expect(0, ACCEPTED, "");
    folder.command(["verify", "--json", "-"]).stdin("\n\nx\n\n").run().json();
}

#[test]
fn a_line_without_an_end_ends_the_reading() {
    let (folder, token) = folder();
    let long = "x".repeat((1 << 20) + 1);
    let input = format!("{token}\n{long}\n{token}\n");
    let judged = format!("{ACCEPTED}{TOO_LONG}");
    folder.command(["verify"]).stdin(&input).run().expect(13, &judged, CUT_OFF);
    folder.command(["verify", "-q"]).stdin(&input).run().expect(13, &judged, CUT_OFF);
    // A file works as well, and so does an endless device.
    fs::write(folder.file("tokens"), &input).unwrap();
    each([(folder.file("tokens"), &*judged), ("/dev/zero".into(), TOO_LONG)], |(input, judged)| {
        let mut command = folder.command(["verify"]).command;
        let output = command.stdin(File::open(input).unwrap()).stdout(Stdio::piped()).output().unwrap();
        let text = |bytes| crate::support::masked(&String::from_utf8(bytes).unwrap());
        assert_eq!(
            (output.status.code(), text(output.stdout), text(output.stderr)),
            (Some(13), judged.into(), CUT_OFF.into())
        );
    });
    let before = folder.files();
    folder.command(["revoke", "-"]).stdin(format!("ci\n{long}")).run().expect(
        2,
        "",
        "error: could not read the names on standard input: a line is longer than a mebibyte; nothing was removed\n\
         hint: give one name or token per line\n",
    );
    assert_eq!(folder.files(), before);
}

#[test]
fn what_is_no_jwt_names_no_token() {
    let (folder, token) = folder();
    // The payload can be read, but the signature is no base64.
    let cut = &token[..token.len() - 2];
    let output = folder.command(["verify", cut]).run();
    output.expect(13, MALFORMED, "");
    let verdict = folder.command(["verify", "--json", cut]).run().json();
    assert_eq!(
        (&verdict["reason"], &verdict["username"]),
        (&"malformed".into(), &"admin".into()),
        "JSON has what it had"
    );
}

#[test]
fn show_and_revoke_take_a_header_file() {
    let (folder, _) = folder();
    let header = folder.file("header.txt");
    let path = header.to_str().unwrap();
    let made =
        folder.command(["create", "-q", "-d", "x", "-l", "1h", "--print", "header", "--out", path, "--new-key"]).run();
    assert_eq!(made.code, 0, "{made:?}");
    let line = fs::read_to_string(&header).unwrap();
    let line = line.trim_end();
    let (name, token) = line.split_at(22);
    let cases = [line, &format!("{}{token}", name.to_lowercase()), &format!("{}{token} ", name.to_uppercase())];
    each(cases, |name| {
        let shown = folder.command(["show", "--json", name]).run();
        assert_eq!((shown.code, &*shown.stderr), (0, ""), "{name}: {shown:?}");
        assert_eq!(shown.json()["jwt_token_id"], made.line());
    });
    folder.command(["revoke", "-"]).stdin(format!("\n{line}\n")).run().expect(
        0,
        "",
        "revoked token <ID> \"x\" of user admin from <DIR>/users.json\nSpecter refuses what was revoked from its next start on\n",
    );
    assert_eq!(folder.command(["revoke", " ci\t"]).run().code, 0);
}

/// A description may have blanks around it or look like a header line. Exactly as given, it names only its token.
#[test]
fn a_name_is_first_what_it_is() {
    let (folder, token) = folder();
    let plain = folder.create("foo", &["--new-key"]);
    let cases = [" foo", "foo ", "Authorization: Bearer foo", &format!("Authorization: Bearer {token}")];
    each(cases, |described| {
        let made = folder.create(described, &["--new-key"]);
        // A token's own text always names it.
        let (made, plain) = (folder.id(&made), folder.id(&plain));
        assert_eq!(folder.id(described), made, "{described}");
        let is_blank_around = described.trim() != described;
        assert_eq!(folder.id(&format!(" {described}\t")), if is_blank_around { plain } else { made }, "{described}");
    });
    let before = folder.files();
    assert_eq!(folder.command(["revoke", "  "]).run().code, 3);
    assert_eq!(folder.files(), before);
}

/// The rest of a line that is too long would be judged as something that it is not.
#[test]
fn a_long_line_is_never_judged_by_its_beginning() {
    let (folder, token) = folder();
    let blanks = " ".repeat(1 << 20);
    let cases = [format!("{token}{blanks}"), format!("{blanks}{token}"), format!("{blanks} \n{token}")];
    each(cases, |line| {
        folder.command(["verify"]).stdin(&line).run().expect(13, TOO_LONG, CUT_OFF);
    });
}
