//! Reading and judging a users.json takes no more memory than twice its size, whatever it holds in place of tokens.
//! Only users and entries that are shorter than any of Specter's cost more than their own length, and a name or
//! description that is most of the file is copied once or twice to show it.

#![cfg(target_os = "linux")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::support::{Folder, Output, each};

/// About the size of each users.json, in bytes.
const SIZE: usize = 6 << 20;
/// The program's own memory, with its threads, in KiB.
const BASE: usize = 10 << 10;

/// A users.json whose one token, `a`, is this entry.
fn users_with(entry: &str) -> String {
    format!(r#"[{{"id":"admin","username":"admin","password":0,"is_admin":true,"jwt_tokens":{{"aaaa":{entry}}}}}]"#)
}

/// About `SIZE` bytes of one item, with commas.
fn many(item: &str) -> String {
    vec![item; SIZE / (item.len() + 1)].join(",")
}

fn run_within(folder: &Folder, kibibytes: usize, arguments: &[&str]) -> Output {
    let mut command = folder.program("/bin/sh");
    command.command.args(["-c", "ulimit -d \"$0\" && exec \"$@\""]).arg(kibibytes.to_string());
    command.command.arg(env!("CARGO_BIN_EXE_specter-token")).args(arguments);
    command.run()
}

#[test]
fn no_file_takes_more_than_twice_its_size() {
    let payload = |json: &str| format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{}.AAAA", URL_SAFE_NO_PAD.encode(json));
    let token = |text: &str, description: &str| {
        format!(r#"{{"jwt_token":"{text}","jwt_token_description":"{description}","jwt_token_life":60}}"#)
    };
    let long_claims = payload(&format!(r#"{{"username":"admin","aud":[{}]}}"#, "0,".repeat(SIZE / 4) + "0"));
    let cases = [
        ("an array for a token", users_with(&format!("[{}]", many("0")))),
        ("an array for the text of a token", users_with(&format!(r#"{{"jwt_token":[{}]}}"#, many("[[]]")))),
        ("an entry of many members", users_with(&format!("{{{}}}", many(r#""b":{}"#)))),
        ("an entry that says everything many times", users_with(&format!("{{{}}}", many(r#""jwt_token":"x""#)))),
        ("a user of many members", users_with("0").replacen('{', &format!("{{{},", many(r#""b":0"#)), 1)),
        ("a long token", users_with(&token(&"A".repeat(SIZE), "d"))),
        ("a token of many claims", users_with(&token(&long_claims, "d"))),
        ("a long description", users_with(&token("a.b.c", &"d".repeat(SIZE)))),
        ("an escaped description", users_with(&token("a.b.c", &r"\u0041".repeat(SIZE / 6)))),
    ];
    each(cases, |(what, users)| {
        let folder = Folder::with_users(&users);
        let kibibytes = 2 * users.len() / 1024 + BASE;
        run_within(&folder, kibibytes, &["show", "zzzz"]).expect(
            3,
            "",
            "error: could not find a token by `zzzz`\n\
             hint: `specter-token list` shows the tokens; give the whole id, or its first 4 characters or more\n",
        );
        // Judges each and prints none.
        let judged = run_within(&folder, kibibytes, &["list", "--ids", "--status", "rejected"]);
        assert_eq!((judged.code, &*judged.stdout, &*judged.stderr), (0, "aaaa\n", ""), "{what}");
    });
}

/// Otherwise the test above would prove nothing.
#[test]
fn the_limit_is_one() {
    let folder = Folder::with_users(users_with(&format!("[{}]", many("0"))));
    let stopped = run_within(&folder, SIZE / 1024, &["list", "--ids"]);
    stopped.expect(
        1,
        "",
        "error: could not read <DIR>/users.json: Cannot allocate memory (os error 12)\nhint: fix this and try again\n",
    );
}

/// A server's list is read token by token: memory holds its answer, the kept tokens, and little more.
#[test]
fn a_long_list_of_a_server_takes_a_few_times_its_size() {
    use crate::fake_server::{Answer, FakeServer};
    let token = |number: usize| {
        format!(
            r#""{number:08}-8a0b-481f-9450-eec3ddac776d": {{"jwt_token_description": "token {number}", "jwt_token_life": 3600, "jwt_token_remaining_life": 3595.25, "more": [{{}}, {{"a": [1, 2, 3]}}]}}"#
        )
    };
    let tokens: Vec<String> = (0..100_000).map(token).collect();
    let body = format!(r#"{{"message": "Tokens exist", "jwt_tokens": {{{}}}}}"#, tokens.join(", "));
    let kibibytes = 5 * body.len() / 1024 + BASE;
    let answers: &'static [Answer] = Box::leak(Box::new([(200, Box::leak(body.into_boxed_str()) as &str)]));
    let server = FakeServer::answering(answers);
    let folder = Folder::empty();
    let mut command = folder.program("/bin/sh");
    command.command.args(["-c", "ulimit -d \"$0\" && exec \"$@\""]).arg(kibibytes.to_string());
    command.command.args([env!("CARGO_BIN_EXE_specter-token"), "list", "--ids", "--server", &server.url()]);
    let output = command.env("SPECTER_PASSWORD", "password").without("SPECTER_DATA_FOLDER").run();
    assert_eq!((output.code, output.stdout.lines().count(), &*output.stderr), (0, 100_000, ""));
    server.asked();
}
