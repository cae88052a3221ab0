//! Every command through the real Specter's REST API.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::specter::{Launch, Specter, forgets_nothing, version};
use crate::{KEY, create, exit_code, fresh, ours, start, users};

/// The way in which the command reaches a server.
struct Client {
    url: String,
    password: &'static str,
    options: Vec<String>,
}

impl Client {
    fn of(specter: &Specter) -> Self {
        Client { url: specter.url(), password: "admin", options: Vec::new() }
    }

    /// Returns the exit code, standard output without the last newline, and standard error.
    fn run(&self, arguments: &[&str], stdin: &str) -> (i32, String, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_specter-token"))
            .args(arguments)
            .args(["--server", &self.url])
            .args(&self.options)
            .env("SPECTER_PASSWORD", self.password)
            .env_remove("SPECTER_DATA_FOLDER")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = stdin.to_owned();
        let mut pipe = child.stdin.take().unwrap();
        let writer = thread::spawn(move || pipe.write_all(input.as_bytes()));
        let output = child.wait_with_output().unwrap();
        let _ = writer.join();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        assert!(!stderr.contains("panicked"), "{stderr}");
        (output.status.code().unwrap(), stdout.trim_end().to_owned(), stderr)
    }

    /// Returns the standard output of a command that must succeed.
    #[track_caller]
    fn ours(&self, arguments: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(arguments, "");
        assert_eq!(code, 0, "{arguments:?}: {stderr}");
        stdout
    }

    #[track_caller]
    fn fails(&self, arguments: &[&str], code: i32, error: &str) {
        let (got, stdout, stderr) = self.run(arguments, "");
        assert_eq!((got, &*stdout), (code, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(error), "{arguments:?}: {stderr}");
    }

    fn verdict(&self, token: &str) -> i32 {
        self.run(&["verify"], token).0
    }
}

const EVERY_COMMAND: [&[&str]; 5] = [
    &["create", "-d", "x", "-l", "1h"],
    &["list"],
    &["show", "x"],
    &["revoke", "x"],
    &["verify", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"],
];

/// Runs all commands as a user would, one after the other.
fn every_command(client: &Client) {
    assert_eq!(client.ours(&["list"]), "");
    let token = client.ours(&["create", "-d", "ci – é🚀 \"q\"", "-l", "3 months"]);
    assert_eq!(client.verdict(&token), 0);
    let shown: serde_json::Value = serde_json::from_str(&client.ours(&["show", "ci – é🚀 \"q\"", "--json"])).unwrap();
    assert_eq!(shown["jwt_token_life"], 7_890_048);
    // The expiry is computed from the remaining life that the server tells; the token itself holds it exactly.
    let (_, verified, _) = client.run(&["verify", "--json"], &token);
    let verified: serde_json::Value = serde_json::from_str(&verified).unwrap();
    assert_eq!((&shown["expires_at"], &shown["jwt_token_id"]), (&verified["expires_at"], &verified["jwt_token_id"]));
    assert_eq!(client.ours(&["list", "--ids"]), shown["jwt_token_id"].as_str().unwrap());

    client.fails(&["create", "-d", "ci – é🚀 \"q\"", "-l", "1h"], 4, "could not create another token");
    let new = client.ours(&["create", "-d", "ci – é🚀 \"q\"", "-l", "1h", "--replace"]);
    // An older Specter still accepts a removed token.
    let removed = if forgets_nothing() { 0 } else { 14 };
    assert_eq!((client.verdict(&token), client.verdict(&new)), (removed, 0));
    // The description of an expired token is free again.
    let short = client.ours(&["create", "-d", "short", "-l", "1s"]);
    let give_up_at = Instant::now() + Duration::from_secs(10);
    while client.verdict(&short) == 0 {
        assert!(Instant::now() < give_up_at, "it lives on");
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(client.verdict(&short), 10);
    assert_eq!(client.ours(&["list", "--ids", "--status", "expired"]).lines().count(), 1);
    client.ours(&["create", "-d", "short", "-l", "1.5 hours"]);
    assert_eq!(client.ours(&["list", "--ids"]).lines().count(), 2);
    // The id of a presented token counts only if the server accepts the token.
    let forged = format!("{}AAAA", &new[..new.len() - 4]);
    client.fails(&["revoke", &forged], 3, "could not find a token by");
    let (code, _, stderr) = client.run(&["revoke", "-"], &new);
    assert_eq!(code, 0, "{stderr}");
    if forgets_nothing() {
        assert!(
            stderr.starts_with("removed token ") && stderr.contains(" goes on accepting the removed token until "),
            "{stderr}"
        );
    } else {
        assert!(
            stderr.starts_with("revoked token ") && stderr.ends_with("Specter refuses what was revoked from now on\n"),
            "{stderr}"
        );
    }
    assert_eq!(client.verdict(&new), removed);
    client.fails(&["revoke", "nope"], 3, "could not find a token by `nope`");
    client.ours(&["revoke", "--all", "--yes"]);
    assert_eq!(client.ours(&["list"]), "");
}

#[test]
fn every_command_works() {
    let folder = fresh();
    let specter = Launch::server(folder.path(), KEY).start();
    let mut client = Client::of(&specter);
    every_command(&client);
    let token = client.ours(&["create", "-d", "kept", "-l", "1h"]);
    client.password = "wrong";
    for arguments in &EVERY_COMMAND[..4] {
        client.fails(arguments, 6, "does not let user `admin` in");
    }
    client.url = client.url.replace("http://", "https://");
    client.fails(&["list"], 6, "could not reach the server");
    drop(specter);
    client.url = client.url.replace("https://", "http://");
    for arguments in EVERY_COMMAND {
        client.fails(arguments, 6, "Connection refused");
    }
    assert_eq!(ours(&folder, &["verify", &token]).split(',').next(), Some("accepted"));
}

#[test]
fn every_command_works_behind_a_prefix() {
    let folder = fresh();
    let specter = Launch::server(folder.path(), KEY).env("APP_URL_PREFIX", "/wallet").start();
    let mut client = Client::of(&specter);
    client.fails(&["list"], 6, "could not use the token API");
    client.url += "/wallet";
    every_command(&client);
}

/// Specter's own certificate: version 1, SHA-1, no name.
#[test]
fn every_command_works_over_tls() {
    let folder = fresh();
    let specter = Launch::server(folder.path(), KEY).with(&["--ssl"]).start();
    let mut client = Client::of(&specter);
    client.url = client.url.replace("http://", "https://");
    for arguments in EVERY_COMMAND {
        client.fails(arguments, 6, "could not trust the server");
    }
    client.options = vec!["--ca-cert".to_owned(), folder.path().join("cert.pem").to_str().unwrap().to_owned()];
    every_command(&client);
}

#[test]
fn where_the_api_is_off_that_is_said() {
    let folder = fresh();
    for value in ["", "False"] {
        let specter = Launch::server(folder.path(), KEY).env("SPECTER_API_ACTIVE", value).start();
        for arguments in EVERY_COMMAND {
            Client::of(&specter).fails(arguments, 6, "has none\nhint: start Specter with SPECTER_API_ACTIVE=True");
        }
    }
}

/// Specter looks up a user's name as an id, and fails if the two differ.
#[test]
fn a_user_whose_name_is_not_his_id_is_told_what_works() {
    let folder = fresh();
    let text = fs::read_to_string(users(&folder)).unwrap();
    fs::write(users(&folder), text.replace("\"username\": \"admin\"", "\"username\": \"boss\"")).unwrap();
    let specter = Launch::server(folder.path(), KEY).start();
    for arguments in &EVERY_COMMAND[..4] {
        let arguments = [arguments, &["-u", "boss"][..]].concat();
        Client::of(&specter).fails(&arguments, 6, "as it does for a user whose name is not his id");
    }
    drop(specter);
    let token = ours(&folder, &["create", "-d", "x", "-l", "1h"]);
    let specter = Launch::server(folder.path(), KEY).start();
    assert_eq!(Client::of(&specter).verdict(&token), 0);
}

#[test]
fn a_token_that_it_cannot_decode_is_named_as_the_cause_and_can_be_revoked() {
    const ID: &str = "5970a3c4-5ba7-4197-85ba-b2a98bff3a9f";
    let folder = fresh();
    ours(&folder, &["create", "-d", "good", "-l", "1h"]);
    let text = fs::read_to_string(users(&folder)).unwrap();
    let broken = format!(
        "\"jwt_tokens\": {{ \"{ID}\": {{\"jwt_token\": \"x.y.z\", \"jwt_token_description\": \"broken\", \"jwt_token_life\": 1}}, "
    );
    fs::write(users(&folder), text.replace("\"jwt_tokens\": {", &broken)).unwrap();
    let specter = Launch::server(folder.path(), KEY).start();
    let client = Client::of(&specter);
    for arguments in &EVERY_COMMAND[..4] {
        client.fails(arguments, 6, "when it cannot decode one of them");
    }
    let (_, listed) = exit_code(&folder, &["list", "--ids", "--status", "rejected"]);
    assert_eq!(listed, ID);
    client.fails(&["revoke", "00000000-0000-4000-8000-000000000000"], 6, "could not revoke token");
    client.ours(&["revoke", ID]);
    assert_eq!(client.ours(&["list", "--ids"]).lines().count(), 1);
}

#[test]
fn a_user_who_is_no_admin() {
    let folder = fresh();
    let mut database: serde_json::Value = serde_json::from_slice(&fs::read(users(&folder)).unwrap()).unwrap();
    let mut user = database[0].clone();
    user["id"] = "o'neil é".into();
    user["username"] = "o'neil é".into();
    user["is_admin"] = false.into();
    user["config"] = serde_json::json!({});
    database.as_array_mut().unwrap().push(user);
    fs::write(users(&folder), serde_json::to_string_pretty(&database).unwrap()).unwrap();
    let specter = Launch::server(folder.path(), KEY).start();
    let client = Client::of(&specter);
    let as_user = |arguments: &[&str]| client.ours(&[arguments, &["-u", "o'neil é"]].concat());
    let token = as_user(&["create", "-d", "his", "-l", "1h"]);
    assert_eq!(client.ours(&["list", "--ids"]), "", "the admin's are other ones");
    assert_eq!(specter.status_for_admin(&token), 401, "valid, and not allowed to see this");
    assert_eq!(client.verdict(&token), 0);
    as_user(&["revoke", "his"]);
    assert_eq!(client.verdict(&token), if forgets_nothing() { 0 } else { 14 });
}

#[test]
fn eight_clients_at_once() {
    const CLIENTS: usize = 8;
    const EACH: usize = 6;
    let folder = fresh();
    let specter = Launch::server(folder.path(), KEY).start();
    let client = Client::of(&specter);
    let made: Vec<String> = thread::scope(|scope| {
        let client = &client;
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                scope.spawn(move || {
                    let mut made = Vec::new();
                    for count in 0..EACH {
                        let description = format!("{number}-{count}");
                        match client.run(&["create", "-d", &description, "-l", "1h"], "") {
                            (0, token, _) => made.push(token),
                            // Specter may fail under heavy load. Then no token may be left whose text is lost.
                            (code, token, error) => {
                                assert_eq!((code, &*token), (6, ""), "{error}");
                                assert!(
                                    error.contains("no token was made") || error.contains("removed again"),
                                    "{error}"
                                );
                            }
                        }
                    }
                    made
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    assert!(made.len() > CLIENTS * EACH / 2, "{}", made.len());
    let (code, _, stderr) = client.run(&["verify"], &made.join("\n"));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(client.ours(&["list", "--ids"]).lines().count(), made.len());
    drop(specter);
    assert_eq!(ours(&folder, &["list", "--ids", "--status", "valid"]).lines().count(), made.len());
}

/// For the tokens of the corpus that a header can carry, the program says offline what the server says.
#[test]
fn offline_and_server_agree_on_the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let cases = fs::read_to_string(corpus.join("verdicts.jsonl")).unwrap();
    let cases = cases.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut groups: BTreeMap<(String, String, String), Vec<serde_json::Value>> = BTreeMap::new();
    for case in cases.filter(|case| !case["http_accept"].is_null()) {
        let text = |name: &str| case[name].as_str().unwrap().to_owned();
        // A blank line is not a token.
        if text("token").lines().count() == 1 && !text("token").trim().is_empty() {
            let group = (text("users_json"), text("secret"), case["now"].to_string());
            groups.entry(group).or_default().push(case);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    // The groups with the most cases come first, so that a few servers are enough.
    groups.sort_by_key(|(_, cases)| std::cmp::Reverse(cases.len()));
    let (mut count, mut accepted) = (0, 0);
    for ((users_json, key, now), cases) in groups.into_iter().take(9) {
        let folder = TempDir::new().unwrap();
        fs::copy(corpus.join("verdict-users").join(&users_json), users(&folder)).unwrap();
        let tokens: Vec<&str> = cases.iter().map(|case| case["token"].as_str().unwrap()).collect();
        let offline = verdicts(
            |command| {
                command
                    .args(["--at", &format!("@{now}"), "--specter-version", version()])
                    .env("SECRET_KEY", &key)
                    .env("SPECTER_DATA_FOLDER", folder.path());
            },
            &tokens,
        );
        let specter = Launch::server_at(folder.path(), &key, now.parse().unwrap()).start();
        let by_server = verdicts(
            |command| {
                command.args(["--server", &specter.url()]);
            },
            &tokens,
        );
        for ((case, offline), by_server) in cases.iter().zip(offline).zip(by_server) {
            let recorded = case["http_accept"].as_bool().unwrap();
            if forgets_nothing() && !case["token"].as_str().unwrap().is_ascii() {
                continue; // we do not send such a token
            }
            // The corpus was recorded with 2.1.11.
            let expected = if forgets_nothing() { by_server } else { recorded };
            assert_eq!((offline, by_server), (expected, expected), "{users_json}: {}", case["name"]);
            count += 1;
            accepted += usize::from(recorded);
        }
    }
    assert!(count >= 200 && accepted >= 50, "{accepted} of {count}");
}

/// Whether each token is accepted.
fn verdicts(options: impl FnOnce(&mut Command), tokens: &[&str]) -> Vec<bool> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, tokens.join("\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_specter-token"));
    command.args(["verify", "--json"]).stdin(fs::File::open(file.path()).unwrap());
    options(&mut command);
    let output = command.output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let verdicts: Vec<bool> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["accepted"].as_bool().unwrap())
        .collect();
    assert_eq!(verdicts.len(), tokens.len(), "{}", String::from_utf8_lossy(&output.stderr));
    verdicts
}

/// After our writes, Specter saves every user and token of its own files again unchanged.
#[test]
fn what_specter_saves_again_keeps_every_user_and_token() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/users");
    let mut files: Vec<PathBuf> = fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        file.file_name().unwrap().to_str().unwrap().starts_with("real-") && file.extension().unwrap() == "json"
    });
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        let folder = TempDir::new().unwrap();
        fs::copy(&file, users(&folder)).unwrap();
        ours(&folder, &["create", "-d", "ours", "-l", "1h", "--new-key"]);
        let read = || -> serde_json::Value { serde_json::from_slice(&fs::read(users(&folder)).unwrap()).unwrap() };
        let before = read();
        // This user of our own has a known password. Registering a user makes Specter save.
        let with_user = |mut database: serde_json::Value| {
            let mut user =
                serde_json::from_slice::<serde_json::Value>(&fs::read(users(&fresh())).unwrap()).unwrap()[0].take();
            user["id"] = "saver".into();
            user["username"] = "saver".into();
            user["is_admin"] = false.into();
            user["config"] = serde_json::json!({});
            database.as_array_mut().unwrap().push(user);
            database
        };
        fs::write(users(&folder), serde_json::to_string_pretty(&with_user(before.clone())).unwrap()).unwrap();
        let specter = Launch::server(folder.path(), KEY).start();
        Client::of(&specter).ours(&["create", "-d", "its own", "-l", "1h", "-u", "saver"]);
        drop(specter);
        let mut after = read();
        let saver = after.as_array_mut().unwrap().pop().unwrap();
        assert_eq!(saver["jwt_tokens"].as_object().unwrap().len(), 1, "Specter has saved");
        for (before, after) in before.as_array().unwrap().iter().zip(after.as_array().unwrap()) {
            for member in ["id", "username", "password", "is_admin", "jwt_tokens"] {
                assert_eq!(before[member], after[member], "{}: {}", file.display(), before["username"]);
            }
        }
        assert_eq!(before.as_array().unwrap().len(), after.as_array().unwrap().len());
    }
}

/// `verify` says, offline and through the server, what the server answers to the same line.
#[test]
fn a_header_line_is_understood_as_specter_understands_it() {
    let folder = fresh();
    let token = create(&folder, "ci", &[]);
    let specter = start(&folder);
    let lines = [
        "Authorization: Bearer TOKEN",
        "authorization: bearer TOKEN",
        "AUTHORIZATION:BEARER TOKEN",
        "Authorization:Bearer   TOKEN  ",
        "Authorization:\t Bearer \tTOKEN\t",
        "Authorization: Bearer\tTOKEN",
        "Authorization : Bearer TOKEN",
        "Authorization: Token TOKEN",
        "Authorization: TOKEN",
        "Authorization: Bearer \u{A0}TOKEN",
        "Authorization: Bearer TOKEN\u{85}",
        "Authorization: Bearer \u{FEFF}TOKEN",
        "Authorization: Bearer TOKEN, TOKEN",
        "Authorization: Bearer \"TOKEN\"",
    ];
    let mut accepted = 0;
    for line in lines.map(|line| line.replace("TOKEN", &token)) {
        let is_accepted = specter.status_of_line(&line) == 200;
        let (offline, _) = exit_code(&folder, &["verify", &line]);
        let (online, _) = exit_code_without_folder(&["verify", "--server", &specter.url(), &line]);
        assert_eq!(offline == Some(0), is_accepted, "{line:?}");
        // An older Specter accepts bytes beyond ASCII after the signature, but we do not send them.
        let is_sent = line.is_ascii() || !forgets_nothing();
        assert_eq!(online == Some(0), is_accepted && is_sent, "{line:?}");
        accepted += usize::from(is_accepted && is_sent);
    }
    assert_eq!(accepted, 5);
}

fn exit_code_without_folder(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_specter-token")).args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}
