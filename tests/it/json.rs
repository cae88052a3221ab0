//! JSON is safe on a terminal: nothing that a terminal would obey is raw in it, and every value stays what it is.

use crate::support::{Folder, each};

/// DEL, a C1 control, direction marks, a byte order mark, a tag; and characters that may stay.
const ATTACK: &str = "a\u{7F}\u{9B}2J\u{202E}b\u{2067}\u{200E}\u{200B}\u{FEFF}\u{E0041} é עברית 👩‍👧";

const ESCAPED: &str = r"a\u007f\u009b2J\u202eb\u2067\u200e\u200b\ufeff\udb40\udc41 é עברית 👩‍👧";

/// The characters in it that may not stay anywhere.
const RAW: [char; 8] = ['\u{7F}', '\u{9B}', '\u{202E}', '\u{2067}', '\u{200E}', '\u{200B}', '\u{FEFF}', '\u{E0041}'];

#[test]
fn no_command_prints_what_a_terminal_obeys() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let create = folder.command(["create", "--json", "-l", "1h", "--new-key", "-d", ATTACK]).run();
    assert!(create.stdout.contains(ESCAPED) && !create.stdout.contains(RAW), "{create:?}");
    let token = create.json()["jwt_token"].as_str().unwrap().to_owned();
    let cases = [
        (&["list"] as &[&str], 0),
        (&["show", ATTACK], 0),
        (&["revoke", "--dry-run", ATTACK], 0),
        (&["revoke", "--dry-run", "--ignore-missing", &format!("x{ATTACK}")], 0),
        (&["verify", &token], 0),
        (&["show", &format!("x{ATTACK}")], 3),
        (&["list", "-u", ATTACK], 3),
        (&["list", "--sort", ATTACK], 2),
        (&["list", ATTACK], 2),
    ];
    each(cases, |(arguments, code)| {
        let output = folder.command([&["--json"], arguments].concat()).run();
        assert_eq!(output.code, code, "{output:?}");
        let json = if code == 0 { &output.stdout } else { &output.stderr };
        assert!(json.contains(ESCAPED) && !json.contains(RAW), "{arguments:?}: {json}");
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        assert!(value.to_string().contains(ATTACK), "{arguments:?}: {value}");
    });
}
