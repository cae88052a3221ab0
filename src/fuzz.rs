//! The targets of a fuzzer, and tests that replay what it has found. No input makes the program panic or breaks a rule
//! that holds for every input.

use crate::core::jwt::claims::Claims;
use crate::core::jwt::judge::{Registration, judge};
use crate::core::jwt::key::Key;
use crate::core::jwt::rules::Rules;
use crate::core::source::Source;
use crate::core::time::lifetime::Lifetime;
use crate::core::time::moment::Time;
use crate::core::time::rfc3339::rfc3339;
use crate::core::token::Reason;
use crate::core::users_json::round_trip::read_and_change;
use crate::words::escape::escaped;

/// Reads a users.json and judges every token. If the file is accepted, creating and revoking a token leaves it as it
/// was.
pub fn users_json(bytes: &[u8]) {
    read_and_change(bytes);
}

/// Judges a token with and without a key. Older versions accept whatever newer ones do, and a key that has signed
/// nothing lets nothing in.
pub fn token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(key) = Key::new(b"a key that signs nothing of this".to_vec(), Source::Prompt) else { return };
    for now in [0, 1_790_000_000, i64::MAX] {
        let accepts = [Rules::Until2_1_7, Rules::Until2_1_10, Rules::From2_1_11].map(|rules| {
            let verdict = judge(text, None, rules, now, |_, _| Registration::Same);
            let with_key = judge(text, Some(&key), rules, now, |_, _| Registration::Same);
            assert_ne!(with_key.reason, Reason::Ok, "nobody has signed it");
            assert_eq!(verdict.claims, Claims::of(text));
            let expires_at = verdict.claims.expires_at;
            assert!(verdict.reason != Reason::Ok || expires_at.is_none_or(|at| at >= now), "{verdict:?}");
            verdict.reason == Reason::Ok
        });
        assert!(
            accepts.is_sorted_by(|older, newer| older >= newer),
            "what a version accepts, older ones accept as well"
        );
    }
}

/// Reads a life and a time. Each stays within its limits and can be shown again.
pub fn time(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(life) = text.parse::<Lifetime>() {
        assert!(life.seconds() > 0, "{life:?}");
    }
    if let Ok(time) = text.parse::<Time>() {
        let _ = rfc3339(time.resolve(1_790_000_000));
    }
}

/// Escapes a text for a terminal. The result holds nothing that a terminal obeys, and escaping it again changes
/// nothing.
pub fn escaping(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let shown = escaped(&text);
    assert!(!shown.chars().any(char::is_control), "{shown:?}");
    assert_eq!(escaped(&shown), shown);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test panics if something is wrong
mod tests {
    use std::fs;
    use std::path::Path;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// JSON values that Specter writes, others that it does not, and texts that are not JSON.
    fn value() -> impl Strategy<Value = String> {
        const VALUES: &[&str] = &[
            "1795478400",
            "0",
            "-0",
            "007",
            "-1",
            "1.5",
            "1e400",
            "9223372036854775808",
            "null",
            "true",
            "false",
            "NaN",
            "[]",
            "[[]]",
            "{}",
            "[\"b64\"]",
            "[\"b64\",\"b64\"]",
            "[\"b64\",0]",
            "\"admin\"",
            "\"\"",
            "\"a\\nb\"",
            "\"\\ud83d\\ude80\"",
            "\"\\ud800\"",
            "\"é\"",
            "\"12\"",
            "\"HS256\"",
            "\"a.b.c\"",
            "\"",
        ];
        select(VALUES).prop_map(str::to_owned)
    }

    /// An object with a few members, or with the members that Specter writes, which are the first of `names`. It is
    /// spelled like `json.dump(indent=4)`, like PyJWT, or like neither.
    fn object(names: &'static [&'static str], usual: usize) -> impl Strategy<Value = String> {
        let any = vec((select(names), value()), 0..6);
        let fitting = |name: &&'static str| {
            let is_number = matches!(*name, "jwt_token_life" | "exp" | "iat");
            let good = if is_number { &["1795478400", "1", "0"][..] } else { &["\"admin\"", "\"\"", "\"é\""] };
            (Just(*name), prop_oneof![6 => select(good).prop_map(str::to_owned), 1 => value()])
        };
        let as_usual = names[..usual].iter().map(fitting).collect::<Vec<_>>();
        let layout = select(
            &[
                ("{\n                ", ": ", ",\n                ", "\n            }"),
                ("{", ":", ",", "}"),
                ("{ ", " :\t", " ,", "\r\n}"),
            ][..],
        );
        let written = |members: &[(&str, String)], (start, colon, comma, end): (&str, &str, &str, &str)| {
            let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\"{colon}{value}")).collect();
            format!("{start}{}{end}", members.join(comma))
        };
        (prop_oneof![any, as_usual], layout).prop_map(move |(members, layout)| written(&members, layout))
    }

    fn segment(json: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
        json.prop_map(|json| URL_SAFE_NO_PAD.encode(json))
    }

    const CLAIMS: &[&str] =
        &["username", "jwt_token_id", "jwt_token_description", "exp", "iat", "nbf", "aud", "sub", "jti", "x"];
    const HEADER: &[&str] = &["alg", "typ", "kid", "crit", "b64"];
    const ENTRY: &[&str] = &["jwt_token", "jwt_token_description", "jwt_token_life", "jwt\\u005ftoken"];

    proptest! {
        #[test]
        fn users_json_with_any_entries(
            entries in vec((select(&["a", "b", "\\u0061", "é"][..]), prop_oneof![object(ENTRY, 3), value()]), 0..5),
            more in object(&["x", "jwt_tokens", "username"], 1),
        ) {
            let entries: Vec<_> = entries.iter().map(|(id, entry)| format!("\"{id}\": {entry}")).collect();
            let text = format!(
                "[{{\"id\": 1, \"username\": \"admin\", \"password\": 0, \"is_admin\": true, \"jwt_tokens\": {{{}}}, \"services\": {more}}}]",
                entries.join(", ")
            );
            users_json(text.as_bytes());
        }

        #[test]
        fn users_json_of_any_bytes(bytes: Vec<u8>) {
            users_json(&bytes);
        }

        #[test]
        fn tokens_with_any_header_and_claims(
            header in prop_oneof![Just(URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#)), segment(object(HEADER, 2))],
            claims in segment(object(CLAIMS, 5)),
            signature in "[A-Za-z0-9_=+/-]{0,44}",
        ) {
            token(format!("{header}.{claims}.{signature}").as_bytes());
        }

        #[test]
        fn lives_and_times_of_any_words(words in vec(select(&[
            "1", "30", "1.5", "99999999999", "2026", "-", "+", ":", "T", "Z", "@", " ", ",", "days", "d", "h", "min", "M", "month", "y",
            "w", "s", "ns", "and", "/", "\u{A0}", "١",
        ][..]), 0..8)) {
            time(words.concat().as_bytes());
        }

        #[test]
        fn any_text_on_a_terminal(text: String) {
            escaping(text.as_bytes());
        }
    }

    /// Runs a target on every input in a folder of the corpus.
    fn try_all(target: fn(&[u8]), folder: &str) -> usize {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
        let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
        files.map(|file| target(&fs::read(file).unwrap())).count()
    }

    #[test]
    fn what_was_found_stays_mended() {
        assert!(try_all(users_json, "users") > 100);
        assert!(try_all(users_json, "fuzz/users_json") > 10);
        assert!(try_all(token, "fuzz/token") > 10);
        assert!(try_all(time, "fuzz/time") > 10);
        assert!(try_all(escaping, "fuzz/escaping") > 10);
    }
}
