//! Python reads some texts that are not JSON. Specter loads such a users.json, so our changes in it must count.

use std::fs;

use tempfile::TempDir;

use crate::specter::Launch;
use crate::{KEY, create, exit_code, from_corpus, ours, start, users};

/// A users.json that Specter has written, with one more member at the beginning of the first user.
fn with_member(member: &str) -> TempDir {
    let folder = from_corpus("real-10-after-restart.json");
    let text = fs::read_to_string(users(&folder)).unwrap();
    fs::write(users(&folder), text.replacen('{', &format!("{{{member}, "), 1)).unwrap();
    folder
}

#[test]
fn a_token_in_a_file_that_only_python_reads_is_accepted() {
    for member in [
        r#""more": [NaN, Infinity, -Infinity, 1e400]"#,
        // The last of equal names counts.
        r#""jwt_tokens": {"x": 1}, "username": "nobody", "is_admin": false"#,
    ] {
        let folder = with_member(member);
        let token = create(&folder, "new", &[]);
        assert!(start(&folder).accepts(&token), "{member}");
        ours(&folder, &["revoke", "new"]);
        assert!(start(&folder).has_let_go_of(&token), "{member}");
    }
}

/// The array of users and the user are the first two levels.
#[test]
fn it_may_nest_as_deep_as_for_specter_at_its_start() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth: usize| with_member(&format!("\"deep\": {}0{}", open.repeat(depth), close.repeat(depth)));
        let folder = nested(975);
        let token = create(&folder, "new", &[]);
        assert!(start(&folder).accepts(&token));

        let folder = nested(976);
        assert_eq!(exit_code(&folder, &["list"]).0, Some(1));
        assert!(!Launch::server(folder.path(), KEY).spawn().comes_up(), "there is no backup to fall back on");
    }
}
