//! `verify`: verdicts, exit codes and streams. Specter's verdict on each token is in corpus.rs.

use std::fs;

use crate::support::{Folder, each};

fn folder() -> (Folder, String) {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let token = folder.create("ci", &["-q", "--new-key"]);
    (folder, token)
}

#[test]
fn one_verdict_a_line_and_the_highest_code() {
    let (folder, token) = folder();
    let forged = format!("{}AAAA", &token[..token.len() - 4]);
    folder.command(["verify", &token, &forged, "nonsense", ""]).run().expect(
        13,
        "accepted, expires in <REST>; token <ID> of user admin\n\
         refused (signature): it was signed with another key, or changed since; token <ID> of user admin\n\
         refused (malformed): it is not a JWT\n\
         refused (empty): no token reaches Specter: it is empty, or a header cannot carry it\n",
        "",
    );
    folder.command(["verify", &forged]).run().expect(
        12,
        "refused (signature): it was signed with another key, or changed since; token <ID> of user admin\n",
        "",
    );
    folder.command(["revoke", "-q", "ci"]).run().expect(0, "", "");
    folder.command(["verify", &token]).run().expect(
        11,
        "refused (not_registered): users.json does not hold it for its user: it was revoked; token <ID> of user admin\n",
        "",
    );
}

#[test]
fn standard_input_is_read_line_by_line() {
    let (folder, token) = folder();
    let accepted = "accepted, expires in <REST>; token <ID> of user admin\n";
    folder.command(["verify"]).stdin(&token).run().expect(0, accepted, "");
    folder.command(["verify"]).stdin(format!("Authorization: Bearer {token}\n")).run().expect(0, accepted, "");
    folder.command(["verify", "-"]).stdin(format!("{token}\r\n\n{token}")).run().expect(
        0,
        &format!("{accepted}{accepted}"),
        "",
    );
    folder.command(["verify"]).stdin("").run().expect(
        2,
        "",
        "error: could not verify a token: none was given\nhint: give tokens as arguments, or one per line on standard input\n",
    );
    folder.command(["verify", "--secret-file", "-", "-"]).stdin(&token).run().expect(
        2,
        "",
        "error: could not read tokens from standard input: it holds the key\nhint: put the key into a file, and name that file\n",
    );
    folder.command(["verify"]).stdin(b"\xFF\xFE").run().expect(13, "refused (malformed): it is not a JWT\n", "");
}

#[test]
fn a_large_file_is_read_in_pieces() {
    let (folder, token) = folder();
    let accepted = "accepted, expires in <REST>; token <ID> of user admin\n";
    let malformed = "refused (malformed): it is not a JWT\n";
    let too_long = "refused (too_long): its header line is too long for Specter's server\n";
    let (short, long) = ("x".repeat(9_999), "y".repeat(1 << 20));
    // Lines that end where a piece does and lines that do not, the longest that is read, and a last one without an end.
    each([(1_000, 0), (419, 1), (420, 2), (0, 1)], |(lines, long_lines)| {
        let input = format!(
            "{token}\n{}{token}\n{}{}{token}",
            format!("{short}\n").repeat(lines),
            format!("{long}\n").repeat(long_lines),
            format!("{short}\n").repeat(lines),
        );
        fs::write(folder.file("input"), &input).unwrap();
        let mut verify = folder.program("sh");
        verify.command.args([
            "-c",
            "\"$0\" verify - - < \"$SPECTER_DATA_FOLDER/input\"",
            env!("CARGO_BIN_EXE_specter-token"),
        ]);
        let expected = format!(
            "{accepted}{}{accepted}{}{}{accepted}",
            malformed.repeat(lines),
            too_long.repeat(long_lines),
            malformed.repeat(lines)
        );
        verify.run().expect(13, &expected, "");
        folder.command(["verify"]).stdin(&input).run().expect(13, &expected, "");
    });
}

#[test]
fn at_and_for_move_the_moment() {
    let (folder, token) = folder();
    let code = |arguments: &[&str]| folder.command([&["verify", &token], arguments].concat()).run().code;
    assert_eq!(code(&["--at", "+2 days"]), 10);
    assert_eq!(code(&["--at", "2000-01-01"]), 13, "not yet issued");
    assert_eq!(code(&["--for", "1h"]), 0);
    assert_eq!(code(&["--for", "25h"]), 10);
    assert_eq!(code(&["--at", "+23h", "--for", "2h"]), 10);
    let output = folder.command(["verify", "--json", "--for", "25h", &token]).run().json();
    assert_eq!(output["reason"], "expires_too_soon");
    assert_eq!(output["accepted"], false);
    assert_eq!(output["status"], "valid");
}

#[test]
fn json_is_one_compact_object_a_line() {
    let (folder, token) = folder();
    let output = folder.command(["verify", "--json", &token, "x"]).run();
    assert_eq!(output.code, 13);
    let lines: Vec<serde_json::Value> = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["accepted"], true);
    assert_eq!(lines[0]["jwt_token_description"], "ci");
    assert_eq!(lines[0]["jwt_token_life"], 86_400);
    assert_eq!(lines[0]["registered"], true);
    assert_eq!(
        output.stdout.lines().nth(1),
        Some(
            "{\"accepted\":false,\"jwt_token_id\":null,\"username\":null,\"jwt_token_description\":null,\
             \"jwt_token_life\":null,\"jwt_token_life_remaining\":null,\"expiry_status\":null,\"issued_at\":null,\
             \"expires_at\":null,\"status\":\"rejected\",\"reason\":\"malformed\",\"copies\":[],\
             \"registered\":false,\"specter_version\":null}"
        )
    );
    assert!(!output.stdout.contains("eyJ"), "a verdict never repeats the token");
}

#[test]
fn without_a_verdict_there_is_an_error() {
    let (folder, token) = folder();
    let without_key = folder.command(["verify", &token]).without("SECRET_KEY").run();
    assert_eq!((without_key.code, &*without_key.stdout), (1, ""));
    fs::write(folder.users(), "[").unwrap();
    let damaged = folder.command(["verify", &token]).run();
    assert_eq!((damaged.code, &*damaged.stdout), (1, ""));
    fs::remove_file(folder.users()).unwrap();
    fs::remove_file(folder.backup()).unwrap();
    let missing = folder.command(["verify", &token]).run();
    assert_eq!((missing.code, &*missing.stdout), (1, ""));
}

#[test]
fn a_closed_pipe_does_not_change_the_verdict() {
    let (folder, token) = folder();
    each([(&*token, 0), ("x", 13)], |(token, code)| {
        let mut child = folder
            .command(["verify", token])
            .command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(code), String::new()));
    });
}
