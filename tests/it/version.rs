//! The version of Specter: we tell what an older one goes on accepting, of a stopped one and through a server.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::fake_server::Answer;
use crate::server::{API_OFF, DELETED, FAILED, MADE, TWO, UNAUTHORIZED, exchange};
use crate::support::{ADMIN, Folder, each, masked};

const WHY: &str = "because it does not check whether users.json holds a token; an update to 2.1.11 or a later version \
    ends that, and so \
                   does a new SECRET_KEY, which ends all tokens";

/// Makes this version the last Specter on the folder.
fn started(folder: &Folder, version: &str) {
    let data = format!(
        r#"{{"events": [{{"timestamp": 1, "version": "1.14.0"}}, {{"timestamp": 2, "version": "{version}"}}]}}"#
    );
    std::fs::write(folder.file("migration_data.json"), data).unwrap();
}

/// A folder of a Specter of this version, with a token `a` that lives for a day.
fn folder_of(version: &str) -> (Folder, String) {
    let folder = Folder::with_users(ADMIN);
    let token = folder.create("a", &["-q"]);
    started(&folder, version);
    (folder, token)
}

#[test]
fn a_removed_token_lasts_until_it_expires_before_2_1_11() {
    each(["1.14.0", "v2.0.1", "2.1.7", "2.1.8", "v2.1.10"], |version| {
        let (folder, token) = folder_of(version);
        let version = version.trim_start_matches('v');
        let warning = format!("warning: Specter {version} goes on accepting the removed token until <TIME>, {WHY}\n");
        let output = folder.command(["revoke", "--json", "a"]).run();
        assert_eq!(
            (output.code, masked(&output.stderr)),
            (0, format!("removed token <ID> \"a\" of user admin from <DIR>/users.json\n{warning}"))
        );
        let said = output.json();
        let until = &said["revoked"][0]["accepted_until"];
        assert_eq!((&said["effect"], &said["specter_version"]), (&json!("at_expiry"), &json!(version)));
        assert_eq!((until, until.is_string()), (&said["revoked"][0]["expires_at"], true));
        assert!(output.stderr.contains(&format!("until {}, because", until.as_str().unwrap())), "{}", output.stderr);
        assert!(!folder.users_text().contains("eyJ"), "it is removed all the same");

        folder.create("a", &["-q"]);
        folder.command(["revoke", "-q", "a"]).run().expect(0, "", &warning);
        let verdict = folder.command(["verify", &token]).run();
        verdict.expect(
            0,
            "accepted, though not registered, expires in <REST>; token <ID> of user admin\n",
            &format!(
                "warning: Specter {version} accepts a token until it expires, whether or not users.json holds it\n"
            ),
        );
    });
    each(["2.1.11", "2.2.0rc5", "3.0.0"], |version| {
        let (folder, token) = folder_of(version);
        let output = folder.command(["revoke", "--json", "a"]).run();
        let said = output.json();
        assert_eq!((&said["effect"], &said["specter_version"]), (&json!("next_start"), &json!(version)));
        assert_eq!(said["revoked"][0]["accepted_until"], Value::Null);
        assert_eq!(
            masked(&output.stderr),
            "revoked token <ID> \"a\" of user admin from <DIR>/users.json\nSpecter refuses what was revoked from its next start on\n"
        );
        assert_eq!(folder.command(["verify", &token]).run().code, 11);
    });
}

#[test]
fn of_a_version_that_is_not_known_nothing_is_promised() {
    each(["unknown", "custom", "\\u001b[31m2.1.11"], |version| {
        let (folder, token) = folder_of(version);
        let dry = folder.command(["revoke", "--dry-run", "a"]).run();
        assert_eq!(dry.stderr.lines().count(), 2, "{dry:?}");
        let output = folder.command(["revoke", "--json", "a"]).run();
        assert_eq!(
            masked(&output.stderr),
            "removed token <ID> \"a\" of user admin from <DIR>/users.json\n\
             warning: Specter refuses the removed token from its next start on, unless it is older than 2.1.11; its version is not \
             known\n"
        );
        let said = output.json();
        assert_eq!((&said["effect"], &said["specter_version"]), (&json!("unknown"), &Value::Null));
        assert_eq!(said["revoked"][0]["accepted_until"], Value::Null);
        assert_eq!(folder.command(["verify", &token]).run().code, 11, "judged as by 2.1.11");
    });
    let folder = Folder::with_users(ADMIN);
    folder.create("a", &["-q"]);
    let said = folder.command(["revoke", "--json", "a"]).run().json();
    assert_eq!((&said["effect"], &said["specter_version"]), (&json!("next_start"), &Value::Null), "never used");
}

/// An unsigned token of these claims, as users.json holds it.
fn entry(id: &str, claims: &Value) -> (String, Value) {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}.AAAA", part(&json!({"alg": "HS256"})), part(claims));
    (id.to_owned(), json!({"jwt_token": text, "jwt_token_description": id, "jwt_token_life": 60}))
}

/// A folder with a token for each of these claims, besides those that all have.
fn folder_with(version: &str, tokens: &[(&str, Value)]) -> Folder {
    let entries: serde_json::Map<String, Value> = tokens
        .iter()
        .map(|(id, more)| {
            let mut claims = json!({"username": "admin", "jwt_token_id": id, "exp": 4_102_444_800_i64, "iat": 1});
            claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            entry(id, &claims)
        })
        .collect();
    let users = json!([{"id": "admin", "username": "admin", "password": {}, "is_admin": true, "jwt_tokens": entries}]);
    let folder = Folder::with_users(users.to_string());
    started(&folder, version);
    folder
}

#[test]
fn what_lasts_is_what_this_version_accepts() {
    let tokens = [
        ("aaaa-lives", json!({})),
        ("bbbb-endless", json!({"exp": null})),
        ("cccc-expired", json!({"exp": 10})),
        ("dddd-subject", json!({"sub": 5})),
        ("eeee-later", json!({"nbf": 4_000_000_000_i64})),
        ("ffff-nobody", json!({"username": "nobody"})),
        ("gggg-audience", json!({"aud": "x"})),
        ("hhhh-10000", json!({"exp": 300_000_000_000_i64})),
    ];
    let (time, never) = (json!("2100-01-01T00:00:00Z"), json!("never_ends"));
    let cases = [
        ("2.1.7", [&time, &never, &Value::Null, &time, &time, &Value::Null, &Value::Null, &never]),
        ("2.1.10", [&time, &never, &Value::Null, &Value::Null, &time, &Value::Null, &Value::Null, &never]),
        ("2.1.11", [&Value::Null; 8]),
        ("1.13.1", [&Value::Null; 8]),
    ];
    each(cases, |(version, until)| {
        let folder = folder_with(version, &tokens);
        let said = folder.command(["revoke", "--all", "--yes", "--json", "-q"]).run().json();
        let got: Vec<&Value> =
            said["revoked"].as_array().unwrap().iter().map(|token| &token["accepted_until"]).collect();
        assert_eq!(got, until, "{version}");
        let lasts = until.iter().any(|until| !until.is_null());
        assert_eq!(said["effect"], if lasts { "at_expiry" } else { "next_start" }, "{version}");
    });
    // Refused tokens are revoked as before.
    let folder = folder_with("2.1.10", &tokens);
    let revoked = |name: &str| format!("revoked token {name} \"{name}\" of user admin from <DIR>/users.json\n");
    folder.command(["revoke", "cccc-expired", "gggg-audience"]).run().expect(
        0,
        "",
        &format!(
            "{}{}Specter refuses what was revoked from its next start on\n",
            revoked("cccc-expired"),
            revoked("gggg-audience")
        ),
    );
}

#[test]
fn how_many_last_and_until_when() {
    let day = |day: i64| json!({"exp": 4_102_444_800_i64 + day * 86_400});
    let tokens = [("aaaa", day(0)), ("bbbb", day(1)), ("cccc", json!({"exp": 10})), ("dddd", json!({"exp": null}))];
    let cases = [
        (&["aaaa", "bbbb"][..], "the 2 removed tokens until they expire, the last at 2100-01-02T00:00:00Z"),
        (&["aaaa", "cccc"], "1 of the removed tokens until 2100-01-01T00:00:00Z"),
        (&["dddd"], "the removed token for ever (it never expires)"),
        (&["aaaa", "dddd"], "the 2 removed tokens until they expire, and some never expire"),
    ];
    each(cases, |(names, went)| {
        let folder = folder_with("2.1.10", &tokens);
        let dry = folder.command([&["revoke", "-q", "--dry-run"], names].concat()).run();
        let warning = dry.stderr.lines().last().unwrap().to_owned();
        assert_eq!(warning, format!("warning: Specter 2.1.10 would go on accepting {went}, {WHY}"));
        let output = folder.command([&["revoke", "-q", "-y"], names].concat()).run();
        // The others are confirmed, which -q hides.
        output.expect(0, "", &masked(&format!("warning: Specter 2.1.10 goes on accepting {went}, {WHY}\n")));
    });
}

#[test]
fn what_was_replaced_lasts_too() {
    let (folder, _) = folder_of("2.1.10");
    let output = folder.command(["create", "--json", "-d", "a", "-l", "1h", "--replace", "-q"]).run();
    assert_eq!(
        masked(&output.stderr),
        format!("warning: Specter 2.1.10 goes on accepting the replaced token until <TIME>, {WHY}\n")
    );
    let said = output.json();
    assert_eq!(
        (&said["effect"], &said["replaced_effect"], &said["specter_version"]),
        (&json!("next_start"), &json!("at_expiry"), &json!("2.1.10"))
    );
    let said = folder.command(["create", "--json", "-d", "b", "-l", "1h"]).run().json();
    assert_eq!((&said["effect"], &said["replaced_effect"]), (&json!("next_start"), &Value::Null));
    // A new key makes Specter refuse everything that the old one signed.
    let create = ["create", "--json", "-q", "-d", "b", "-l", "1h", "--replace"];
    let with_new_key = [&create[..], &["--new-key"]].concat();
    let output = folder.command(with_new_key).env("SECRET_KEY", "another-key-0123456789abcdef0123456789").run();
    assert!(!output.stderr.contains("goes on accepting"), "{}", output.stderr);
    assert_eq!(output.json()["replaced_effect"], "next_start");
    started(&folder, "2.1.11");
    let said = folder.command(create).env("SECRET_KEY", "another-key-0123456789abcdef0123456789").run().json();
    assert_eq!(said["replaced_effect"], "next_start");
}

#[test]
fn without_tokens_there_is_nothing_to_create() {
    let (folder, token) = folder_of("1.13.1");
    let before = folder.files();
    let error = "error: could not do this for Specter 1.13.1: a Specter before 1.14.0 has no tokens, and drops them all when it saves\n\
                 hint: start a newer Specter on this folder once, and stop it again\n";
    folder.command(["create", "-d", "b", "-l", "1h"]).run().expect(1, "", error);
    folder.command(["verify", &token]).run().expect(1, "", error);
    let output = folder.command(["create", "-d", "b", "-l", "1h", "--json"]).run();
    let said: Value = serde_json::from_str(&output.stderr).unwrap();
    assert_eq!(said["error"]["reason"], "specter_too_old");
    assert_eq!(folder.files(), before);
    let as_newer = folder.command(["verify", "--specter-version", "2.1.10", &token]).run();
    assert_eq!(as_newer.code, 0, "{as_newer:?}");
}

#[test]
fn verify_judges_as_the_version_that_is_asked_for() {
    let (folder, token) = folder_of("2.1.11");
    folder.command(["revoke", "-q", "a"]).run().expect(0, "", "");
    let cases = [("2.1.11", 11, false), ("v2.1.10", 0, false), ("2.2.0rc5", 11, false)];
    each(cases, |(version, code, registered)| {
        let output = folder.command(["verify", "--json", "--specter-version", version, &token]).run();
        let verdict = output.json();
        assert_eq!((output.code, &verdict["registered"]), (code, &json!(registered)), "{version}");
        assert_eq!(verdict["specter_version"], version.trim_start_matches('v'));
        assert_eq!(verdict["accepted"], code == 0);
    });
    each(["2.1", "latest", "2.1.11-dev", "\u{1b}[31m"], |text| {
        let output = folder.command(["verify", "--specter-version", text, &token]).run();
        assert_eq!((output.code, &*output.stdout), (2, ""), "{text}");
        assert!(
            output.stderr.contains("is not a version of Specter; write it like 2.1.10, v2.1.10 or 2.2.0rc5"),
            "{text}"
        );
    });
    // A registered token that is refused for another reason.
    let late = folder.create("late", &["-q"]);
    let verdict = folder.command(["verify", "--json", "--at", "+2 days", &late]).run().json();
    assert_eq!((&verdict["reason"], &verdict["registered"]), (&json!("expired"), &json!(true)));
}

#[test]
fn list_and_show_tell_what_this_version_decides_otherwise() {
    let copied = json!({"username": "gone"});
    let tokens = [("aaaa", json!({})), ("bbbb", json!({"sub": 5})), ("cccc", copied), ("dddd", json!({"exp": 10}))];
    let folder = folder_with("2.1.7", &tokens);
    let here = |folder: &Folder| -> Vec<Value> {
        let list = folder.command(["list", "--json"]).without("SECRET_KEY").run().json();
        let tokens = list["tokens"].as_array().unwrap().iter();
        tokens.map(|token| token.get("accepted_by_this_version").cloned().unwrap_or(json!("absent"))).collect()
    };
    assert_eq!(here(&folder), [Value::Null, Value::Null, json!(false), json!(false)], "the signatures are not checked");
    let show = |name: &str| folder.command(["show", name]).without("SECRET_KEY").run().stdout;
    let status = |text: &str| text.lines().find(|line| line.starts_with("status")).unwrap().to_owned();
    assert_eq!(
        status(&show("bbbb")),
        "status       rejected: its `sub` claim is not a text (subject); but Specter 2.1.7, which was started here last, may accept it"
    );
    assert_eq!(status(&show("cccc")), "status       rejected: the user that it names does not exist (unknown_user)");
    let table = folder.command(["list"]).without("SECRET_KEY").run().stdout;
    assert!(table.lines().nth(2).unwrap().ends_with("rejected: subject (2.1.7 may accept it)"), "{table}");
    each(["2.1.11", "unknown"], |version| {
        started(&folder, version);
        assert_eq!(here(&folder), [json!("absent"), json!("absent"), json!("absent"), json!("absent")], "{version}");
    });

    // With a key: a token that is not registered under its own name.
    let (folder, token) = folder_of("2.1.10");
    let users = folder.users_text().replace(&folder.id("a"), "another-id");
    std::fs::write(folder.users(), users).unwrap();
    let shown = folder.command(["show", "--json", "another-id"]).run().json();
    assert_eq!((&shown["status"], &shown["accepted_by_this_version"]), (&json!("rejected"), &json!(true)));
    assert!(
        status(&folder.command(["show", "a"]).run().stdout)
            .ends_with("; but Specter 2.1.10, which was started here last, accepts it")
    );
    assert_eq!(folder.command(["verify", &token]).run().code, 0);
}

#[test]
fn a_key_counts_as_for_the_version_that_is_there() {
    let jwk = r#"{"kty": "oct", "k": "0123456789012345678901234567890"}"#;
    let ssh = "0123456789abcdef0123456789 ssh-rsa AAAA";
    let refused = "error: could not sign with the key from SECRET_KEY: Specter refuses every token with such a key\n\
                   hint: start Specter with a SECRET_KEY of random text, which `openssl rand -base64 33` makes\n";
    let of_jwk = "warning: the key looks like a JWK, and Specter refuses every token with such a key\n";
    let of_ssh =
        "warning: the key holds the beginning of an ssh key, and this Specter refuses every token with such a key\n";
    let cases = [
        (jwk, "2.1.7", None),
        (jwk, "2.1.10", None),
        (jwk, "2.1.11", Some(of_jwk)),
        (ssh, "2.1.7", Some(of_ssh)),
        (ssh, "2.1.10", None),
        (ssh, "2.1.11", None),
    ];
    each(cases, |(key, version, warning)| {
        let folder = Folder::with_users(ADMIN);
        started(&folder, version);
        let output = folder.command(["create", "-q", "-d", "a", "-l", "1h"]).env("SECRET_KEY", key).run();
        let expected = warning.map_or((0, String::new()), |warning| (1, format!("{warning}{refused}")));
        let stderr = output.stderr.split_inclusive('\n').filter(|line| !line.contains("could not check")).collect();
        assert_eq!((output.code, stderr), expected, "{key} {version}");
        if warning.is_none() {
            let token = output.line();
            let cases = [("2.1.7", if key == ssh { 13 } else { 0 }), ("2.1.11", if key == jwk { 13 } else { 0 })];
            each(cases, |(version, code)| {
                let arguments = ["verify", "--specter-version", version, token];
                let verdict = folder.command(arguments).env("SECRET_KEY", key).run();
                assert_eq!(verdict.code, code, "{version}: {verdict:?}");
            });
        }
    });
}

const OF_2_1_10: Answer = (200, "<html>\n<body>\nthe version you're currently using: v2.1.10\n\n<br><br>\n");
const OF_2_1_11: Answer = (200, "<html>\n<body>\nthe version you're currently using: 2.1.11<br>");
const OF_NONE: Answer = (200, "<html>\n<body>\nthe version you're currently using: unknown\n");

#[test]
fn a_server_is_asked_where_something_depends_on_it() {
    let lasts = |who: &str| format!("warning: {who} goes on accepting the removed token until <TIME>, {WHY}\n");
    let unknown = "warning: Specter refuses the removed token from now on, unless it is older than 2.1.11; its version is not known\n";
    let cases = [
        (&[TWO, DELETED, OF_2_1_10][..], "at_expiry", json!("2.1.10"), lasts("Specter 2.1.10")),
        (&[TWO, DELETED, FAILED, FAILED], "at_expiry", Value::Null, lasts("this Specter, which is older than 2.0,")),
        (&[TWO, DELETED, FAILED, OF_2_1_10], "at_expiry", json!("2.1.10"), lasts("Specter 2.1.10")),
        (&[TWO, DELETED, OF_NONE], "unknown", Value::Null, unknown.to_owned()),
        (&[TWO, DELETED, API_OFF], "unknown", Value::Null, unknown.to_owned()),
        (&[TWO, DELETED, OF_2_1_11], "now", json!("2.1.11"), String::new()),
    ];
    each(cases, |(answers, effect, version, said)| {
        let (output, asked) = exchange(&["revoke", "--json", "-q", "alpha"], "", answers);
        assert_eq!((output.code, masked(&output.stderr)), (0, said));
        let json = output.json();
        assert_eq!((&json["effect"], &json["specter_version"]), (&json!(effect), &version));
        let until = &json["revoked"][0]["accepted_until"];
        assert_eq!(until.is_string(), effect == "at_expiry", "{json}");
        assert_eq!(asked[2], "GET /api/ [] ", "without a login");
    });
    // Nothing depends on it if the token has expired.
    let (output, _) = exchange(&["revoke", "past"], "", &[TWO, DELETED]);
    assert_eq!(output.code, 0);
    let arguments = ["create", "-d", "alpha", "-l", "1h", "--replace", "--json"];
    let (output, asked) = exchange(&arguments, "", &[TWO, DELETED, MADE, OF_2_1_10]);
    assert_eq!(asked[3], "GET /api/ [] ");
    let json = output.json();
    assert_eq!((&json["effect"], &json["replaced_effect"]), (&json!("now"), &json!("at_expiry")));
    assert!(
        output.stderr.contains("warning: Specter 2.1.10 goes on accepting the replaced token until "),
        "{output:?}"
    );
    let (output, _) = exchange(&["verify", "--json", "x.y.z"], "", &[UNAUTHORIZED, UNAUTHORIZED, OF_2_1_10]);
    let verdict = output.json();
    assert_eq!((&verdict["registered"], &verdict["specter_version"]), (&Value::Null, &json!("2.1.10")));
}

#[test]
fn a_server_from_before_tokens_is_told_from_one_with_its_api_off() {
    let error = "error: could not use the token API: the Specter at <URL> is older than 1.14.0, and has no tokens\nhint: update Specter\n";
    // It wants a login by HTTP Basic, with a challenge.
    each([UNAUTHORIZED, (1401, "Unauthorized Access")], |old| {
        let answers = Box::leak(vec![API_OFF, old].into_boxed_slice());
        let (output, asked) = exchange(&["create", "-d", "x", "-l", "1h"], "", answers);
        assert_eq!((output.code, &*output.stdout, &*output.stderr), (1, "", error));
        assert_eq!(asked[1], "GET /api/v1alpha/specter [] ", "without a login");
    });
}

/// A Specter before 2.1.11 fails when it looks up a missing username. It also fails for reasons of its own.
#[test]
fn a_token_without_a_username_is_refused_though_the_server_fails() {
    let token = |claims: &str| {
        format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(claims))
    };
    let (output, _) = exchange(&["verify", &token(r#"{"jwt_token_id":"x"}"#)], "", &[FAILED]);
    assert_eq!((output.code, &*output.stderr), (14, ""));
    assert_eq!(output.stdout, "refused (refused_by_server): the server refuses it, and does not say why\n");
    let (output, _) = exchange(&["verify", &token(r#"{"username":"admin","jwt_token_id":"x"}"#)], "", &[FAILED]);
    assert_eq!((output.code, &*output.stdout), (6, ""));
}
