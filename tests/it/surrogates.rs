//! Half a surrogate pair, which Python allows in a name, an id or a claim, is compared as exactly as everything else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::support::{Folder, SECRET, each};

/// A token that Specter has signed, with these claims.
fn signed(claims: &str) -> String {
    let segments = [r#"{"alg":"HS256","typ":"JWT"}"#, claims].map(|json| URL_SAFE_NO_PAD.encode(json));
    let signed = segments.join(".");
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(&signed);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn users(name: &str, tokens: &str) -> Folder {
    Folder::with_users(format!(
        r#"[{{"id":1,"username":"{name}","password":0,"is_admin":true,"jwt_tokens":{{{tokens}}}}}]"#
    ))
}

fn entry(id: &str, token: &str) -> String {
    format!(r#""{id}":{{"jwt_token":"{token}","jwt_token_description":"d","jwt_token_life":60}}"#)
}

/// The verdicts are those of Specter 2.1.11's own code.
#[test]
fn verify_compares_them_exactly() {
    let cases = [
        ("a", "", "a", r"\ud800", 11),
        ("a", r"\ud800", "a", r"\ud800", 0),
        ("a", r"\ud801", "a", r"\ud800", 11),
        ("a", r"\uD800", "a", r"\ud800", 0),
        (r"\ud800", "x", r"\ud800", "x", 0),
        (r"\ud800", "x", r"\udc00", "x", 11),
        ("a", "\u{FFFD}", "a", r"\ud800", 11),
        ("a", r"\ud83d\ude80", "a", "🚀", 0),
    ];
    each(cases, |(user, id, claimed_user, claimed_id, code)| {
        let token = signed(&format!(r#"{{"username":"{claimed_user}","jwt_token_id":"{claimed_id}","iat":1}}"#));
        let folder = users(user, &entry(id, &token));
        let output = folder.command(["verify"]).stdin(&token).run();
        assert_eq!(output.code, code, "{user} {id} {claimed_user} {claimed_id}: {output:#?}");
        let listed = folder.command(["list", "--json"]).run().json();
        assert_eq!(listed["tokens"][0]["status"] == "valid", code == 0, "{user} {id}: {listed:#?}");
    });
}

#[test]
fn revoke_removes_what_was_named_and_every_entry_of_its_id() {
    let (x, one, other) = (entry("x", "a.b.x"), entry(r"\ud800", "a.b.one"), entry(r"\udc00", "a.b.other"));
    let folder = users("a", &[&*x, &x, &one, &other].join(","));
    folder.command(["revoke", "-q", "--yes", "a.b.one"]).run().expect(0, "", "");
    assert_eq!(folder.users_text(), users("a", &[&*x, &x, &other].join(",")).users_text());

    // The last of equal ids counts, and must not uncover the one before.
    let folder = users("a", &[&*entry(r"\ud800", "a.b.old"), &entry(r"\uD800", "a.b.new")].join(","));
    folder.command(["list", "--ids"]).run().expect(0, "\u{FFFD}\n", "");
    folder.command(["revoke", "-q", "--yes", "a.b.new"]).run().expect(0, "", "");
    assert_eq!(folder.users_text(), users("a", "").users_text());
}
