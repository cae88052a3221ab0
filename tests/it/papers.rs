//! The papers besides README name only what is there, and none is longer than a page.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// A page each.
const PAGES: [&str; 3] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"];
const MOST_LINES: usize = 85;
const MOST_COLUMNS: usize = 120;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Finds a path of a paper, which may leave out `src` or `tests`.
fn found(path: &str) -> Option<PathBuf> {
    ["", "src", "tests"].iter().map(|below| root().join(below).join(path)).find(|path| path.exists())
}

/// The texts between backticks in a paper, without blocks of code.
fn spans(text: &str) -> Vec<String> {
    let blocks = Regex::new(r"(?ms)^```.*?^```$").unwrap().replace_all(text, "").into_owned();
    let span = Regex::new(r"`([^`\n]+)`").unwrap();
    span.captures_iter(&blocks).map(|span| span[1].to_owned()).collect()
}

/// Every word of the program, its tests and its benchmark.
fn words_of_sources() -> HashSet<String> {
    let word = Regex::new(r"\w+").unwrap();
    let mut folders: Vec<PathBuf> =
        ["src", "tests/it", "tests/live", "tests/safety", "benches"].map(|f| root().join(f)).into();
    let mut words = HashSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                words.extend(word.find_iter(&read(path)).map(|word| word.as_str().to_owned()));
            }
        }
    }
    words
}

/// The fault of a text between backticks. `None` if it is right, or names nothing of this project.
fn fault(span: &str, words: &HashSet<String>) -> Option<&'static str> {
    let is = |pattern: &str| Regex::new(pattern).unwrap().is_match(span);
    let (is_there, fault) = if let Some((file, test)) = span.split_once(".rs::") {
        let beginning = Regex::new(&format!(r"#\[test\]\n\s*fn {test}\(")).unwrap();
        let file = found(&format!("{file}.rs"));
        (file.is_some_and(|file| beginning.is_match(&read(file))), "there is no such test")
    } else if is(r"^[\w.-][\w./-]*$") && (is("/") || is(r"\.(rs|md|toml|sh|py)$")) {
        (found(span).is_some(), "there is no such file")
    } else if let Some(name) = Regex::new(r"--(?:test|bench) (\w+)").unwrap().captures(span) {
        (read("Cargo.toml").contains(&format!("name = \"{}\"", &name[1])), "Cargo.toml has none of this name")
    } else if is(r"^\w+$") && is("_") {
        (words.contains(span), "the sources have no such word")
    } else {
        (true, "")
    };
    (!is_there).then_some(fault)
}

#[test]
fn what_they_name_is_there() {
    let words = words_of_sources();
    let link = Regex::new(r"\]\(([^)#]+)").unwrap();
    let mut faults = Vec::new();
    for paper in PAGES.into_iter().chain(["README.md", "CHANGELOG.md"]) {
        let text = read(paper);
        for span in spans(&text) {
            faults.extend(fault(&span, &words).map(|fault| format!("{paper}: `{span}`: {fault}")));
        }
        for target in link.captures_iter(&text).filter(|target| !target[1].starts_with("https://")) {
            if !root().join(&target[1]).exists() {
                faults.push(format!("{paper} links to {}, which is not there", &target[1]));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn none_is_longer_than_a_page() {
    for paper in PAGES {
        let text = read(paper);
        assert!(text.lines().count() <= MOST_LINES, "{paper} has {} lines", text.lines().count());
        let is_wide = |line: &&str| line.chars().count() > MOST_COLUMNS;
        assert_eq!(text.lines().find(is_wide), None, "{paper}");
    }
}

/// Otherwise the first test would prove nothing.
#[test]
fn faults_are_found() {
    let words = words_of_sources();
    let text = "`cargo test --test it` and `cli/args.rs`\n```sh\n`no/such`\n```\n`x y`";
    assert_eq!(spans(text), ["cargo test --test it", "cli/args.rs", "x y"]);
    for (span, is_right) in [
        ("tests/it/papers.rs::faults_are_found", true),
        ("it/papers.rs::fault", false),
        ("it/no_such.rs::faults_are_found", false),
        ("core/fault.rs", true),
        ("core/faults.rs", false),
        ("no_such.toml", false),
        (".ci/run", true),
        ("/api/v1alpha", true),
        ("cargo test --test live", true),
        ("cargo test --test dead", false),
        ("jwt_tokens", true),
        (concat!("jwt_token", "z"), false),
        ("verify", true),
    ] {
        assert_eq!(fault(span, &words).is_none(), is_right, "{span}");
    }
}
