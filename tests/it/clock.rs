//! A machine whose clock is probably wrong. The program says so, and removes nothing by it unasked.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::{Folder, MINIFIED_ADMIN, SECRET, each, masked};

const OTHER: &str = "another-key-for-tests-0123456789abcd";
const DAY: f64 = 86_400.0;

const BEFORE_RELEASE: &str = "the clock of this machine seems to be wrong: it shows 2001-09-09T01:46:40Z, which is before this program was released";
const BEHIND: &str =
    "the clock of this machine seems to be wrong: it shows <TIME>, but the newest token was issued at <TIME>";

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// A folder with a token for one day, made now by a clock that is `ahead` seconds ahead.
fn folder(ahead: f64) -> Folder {
    let folder = Folder::with_users(MINIFIED_ADMIN);
    let arguments = ["create", "-q", "-d", "token", "-l", "1 day"];
    assert_eq!(folder.run_at(now() + ahead, SECRET, &arguments).stderr, "");
    folder
}

#[test]
fn removal_by_a_doubtful_clock_wants_a_yes() {
    let long_ago = 1_000_000_000.0;
    let refused = |doubt: &str| {
        format!(
            "error: could not tell which tokens have expired: {doubt}\nhint: set the clock; if it is right, add --yes\n"
        )
    };
    let warned = |doubt: &str| format!("warning: {doubt}\nnothing to remove\n");
    let fine = || "nothing to remove\n".to_owned();
    let cases = [
        (0.0, long_ago, SECRET, &[][..], 2, refused(BEFORE_RELEASE)),
        (0.0, long_ago, OTHER, &[], 2, refused(BEFORE_RELEASE)),
        (0.0, long_ago, SECRET, &["--yes"], 0, warned(BEFORE_RELEASE)),
        (0.0, long_ago, SECRET, &["--dry-run"], 0, warned(BEFORE_RELEASE)),
        (DAY + 60.0, now(), SECRET, &[], 2, refused(BEHIND)),
        (DAY + 60.0, now(), SECRET, &["--yes"], 0, warned(BEHIND)),
        // Anyone can write a time; the key shows who did.
        (DAY + 60.0, now(), OTHER, &[], 0, fine()),
        (DAY - 60.0, now(), SECRET, &[], 0, fine()),
        (0.0, now(), SECRET, &[], 0, fine()),
    ];
    each(cases, |(ahead, clock, key, more, code, told)| {
        let folder = folder(ahead);
        let before = folder.files();
        let output = folder.run_at(clock, key, &[&["revoke", "--expired"], more].concat());
        let told = (code, String::new(), told);
        assert_eq!(
            (
                output.code,
                output.stdout,
                if told.2.contains("<TIME>") { masked(&output.stderr) } else { output.stderr }
            ),
            told
        );
        assert_eq!(folder.files(), before);
    });
    // Names and --all need no clock.
    let folder = folder(0.0);
    folder.run_at(long_ago, SECRET, &["revoke", "-q", "token"]).expect(0, "", "");
}

#[test]
fn a_token_that_is_made_by_a_doubtful_clock_is_told_so() {
    let cases = [(0.0, 1_000_000_000.0, BEFORE_RELEASE), (DAY + 60.0, now(), BEHIND)];
    each(cases, |(ahead, clock, doubt)| {
        let folder = folder(ahead);
        let output = folder.run_at(clock, SECRET, &["create", "-q", "-d", "new", "-l", "90 days"]);
        assert_eq!(output.code, 0);
        let stderr = if doubt == BEHIND { masked(&output.stderr) } else { output.stderr };
        assert_eq!(stderr, format!("warning: {doubt}\n"));
    });
}

/// The man pages also give the day of the release.
#[test]
fn the_release_is_the_one_that_the_manual_tells() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/man/specter-token.1")).unwrap();
    let date =
        page.lines().find(|line| line.starts_with(".TH ")).and_then(|line| line.split_whitespace().nth(3)).unwrap();
    let midnight: std::time::SystemTime = humantime::parse_rfc3339(&format!("{date}T00:00:00Z")).unwrap();
    let midnight = midnight.duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    each([(midnight - 1.0, true), (midnight, false)], |(clock, is_doubted)| {
        let folder = Folder::with_users(MINIFIED_ADMIN);
        let output = folder.run_at(clock, SECRET, &["revoke", "--expired", "--yes"]);
        assert_eq!(output.stderr.starts_with("warning: the clock"), is_doubted, "{date}: {}", output.stderr);
    });
}
