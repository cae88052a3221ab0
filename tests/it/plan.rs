//! `create --dry-run`: what would be made, with the exit codes of the real run, and nothing changed.

use crate::fake_server::FakeServer;
use crate::server::{DELETED, MADE, NONE, TWO};
use crate::support::{Folder, MINIFIED_ADMIN, each, masked};

fn folder() -> Folder {
    let folder = Folder::with_users(MINIFIED_ADMIN);
    folder.create("old", &["-q"]);
    folder
}

/// A dry run and the real run after it have the same exit code and the same error, and only the real one changes
/// anything.
#[test]
fn it_ends_as_the_real_run() {
    let cases = [
        (&["-d", "new"][..], 0),
        (&["-d", "old", "--replace"], 0),
        (&["-d", "old"], 4),
        (&["-d", "new", "-u", "nobody"], 3),
        (&["-d", " "], 2),
        (&["-d", "new", "--secret-file", "no-such-file"], 1),
        (&["-d", "new", "--data-folder", "no-such-folder"], 1),
        (&["-d", "new", "--out", "users.json"], 1),
        (&["-d", "new", "--out", "no-such-folder/token"], 1),
        (&["-d", "new", "--out", "token"], 0),
    ];
    each(cases, |(arguments, code)| {
        let folder = folder();
        let before = folder.files();
        let run = |more: &[&str]| {
            let mut command = folder.command([&["create", "-q", "-l", "1h"], arguments, more].concat());
            command.command.current_dir(folder.path());
            command.run()
        };
        let dry = run(&["--dry-run"]);
        assert_eq!(dry.code, code, "{arguments:?}: {dry:?}");
        assert_eq!(folder.files(), before, "{arguments:?}");
        let real = run(&[]);
        assert_eq!((real.code, &real.stderr), (dry.code, &dry.stderr), "{arguments:?}");
    });
    // A key that fits no token.
    let folder = folder();
    let wrong = |more: &[&str]| {
        let command = folder.command([&["create", "-q", "-d", "new", "-l", "1h"], more].concat());
        command.env("SECRET_KEY", "another-key-for-tests-0123456789abcd").run()
    };
    assert_eq!(wrong(&["--dry-run"]).stderr, wrong(&[]).stderr);
    assert_eq!(wrong(&["--dry-run"]).code, 1);
    assert_eq!(wrong(&["--dry-run", "--new-key"]).code, 0);
}

#[test]
fn it_prints_json_without_a_token() {
    let folder = folder();
    let plan = folder.command(["create", "-d", "old", "-l", "1h", "--replace", "--dry-run"]).run();
    let said = "would remove token <ID> \"old\" of user admin from <DIR>/users.json, which had the same description\n\
                would create a token of user admin in <DIR>/users.json, expires <TIME>; key from SECRET_KEY\n";
    assert_eq!(masked(&plan.stderr), said);
    let json = plan.json();
    let id = folder.id("old");
    assert_eq!(json["replaced"], serde_json::json!([id]));
    let cases = [
        ("jwt_token_id", serde_json::Value::Null),
        ("username", "admin".into()),
        ("jwt_token_description", "old".into()),
        ("jwt_token_life", 3600.into()),
        ("jwt_token_life_remaining", 3600.into()),
        ("effect", serde_json::Value::Null),
        ("dry_run", true.into()),
    ];
    each(cases, |(member, value)| {
        assert_eq!(json[member], value, "{member}: {plan:?}");
    });
    assert!(json.get("jwt_token").is_none() && !plan.stdout.contains("eyJ"), "{plan:?}");
    // `--json` gives the same.
    let members: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
    let with_json =
        folder.command(["create", "-d", "old", "-l", "1h", "--replace", "--dry-run", "--json"]).run().json();
    assert_eq!(with_json.as_object().unwrap().keys().cloned().collect::<Vec<_>>(), members);
    // The real run tells it too.
    let made = folder.command(["create", "-q", "-d", "old", "-l", "1h", "--replace", "--json"]).run().json();
    assert_eq!(made["replaced"], serde_json::json!([id]));
    assert!(made.get("dry_run").is_none());
    let made = folder.command(["create", "-q", "-d", "another", "-l", "1h", "--json"]).run().json();
    assert_eq!(made["replaced"], serde_json::json!([]));
}

#[test]
fn a_server_is_only_asked_what_it_has() {
    let run = |arguments: &[&str], answers| {
        let server = FakeServer::answering(answers);
        let folder = Folder::empty();
        let command = folder.command(arguments).without("SPECTER_DATA_FOLDER").env("SPECTER_PASSWORD", "password");
        let output = command.env("SPECTER_URL", server.url()).run();
        let asked: Vec<String> =
            server.asked().iter().map(|asked| asked.split(' ').next().unwrap().to_owned()).collect();
        (output.code, output.stdout, asked)
    };
    let (code, stdout, asked) = run(&["create", "-q", "-d", "new", "-l", "1h", "--dry-run"], &[NONE]);
    assert_eq!((code, asked), (0, vec!["GET".to_owned()]));
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(json["expires_at"], serde_json::Value::Null, "its clock tells that");
    let (code, _, asked) = run(&["create", "-q", "-d", "alpha", "-l", "1h", "--dry-run"], &[TWO]);
    assert_eq!((code, asked), (4, vec!["GET".to_owned()]));
    let (code, stdout, asked) = run(&["create", "-q", "-d", "past", "-l", "1h", "--dry-run"], &[TWO]);
    assert_eq!((code, asked), (0, vec!["GET".to_owned()]));
    assert!(stdout.contains("\"replaced\": [\n    \"adda7bc3-9aae-4877-920e-63ee892ee376\"\n  ]"), "{stdout}");
    // The real run with these arguments makes room and the token.
    let (code, _, asked) = run(&["create", "-q", "-d", "alpha", "-l", "1h", "--replace"], &[TWO, DELETED, MADE, NONE]);
    assert_eq!((code, asked.len()), (0, 4));
}
