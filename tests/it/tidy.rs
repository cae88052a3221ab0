//! The rules of the sources: what `core` may not know, which way imports go, and that no file grows without end.
//!
//! Unit tests at the end of a file and comments are left out: only the program itself counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use regex::Regex;
use specter_token::Cli;

/// The other rooms that each room may import.
const ROOMS: [(&str, &[&str]); 5] = [
    ("core", &[]),
    ("host", &["core"]),
    ("words", &["core"]),
    ("cli", &["core", "host", "words"]),
    ("fuzz", &["core", "words"]),
];

/// `core` never parses arguments, asks, draws, or looks at variables, streams or the clock.
const NOT_IN_CORE: [&str; 7] = [
    r"\b(clap|clap_complete|comfy_table|anyhow)\b",
    r"\bstd::env\b",
    r"\benv::",
    r"\b(stdin|stdout|stderr)\b",
    r"\bis_terminal\b",
    r"\be?print(ln)?!",
    r"\bSystemTime::now\b",
];

/// Its strings are options of Specter, some of which share a name with ours.
const NAMES_SPECTERS_OPTIONS: &str = "core/specter/command_line.rs";

/// More lines of code need a good reason.
const MOST_LINES: usize = 400;

/// A file of the program.
struct Source {
    /// Below `src`.
    path: PathBuf,
    /// Its module, as names from the root on.
    module: Vec<String>,
    /// Its code without comments, strings and unit tests.
    code: String,
    strings: Vec<String>,
}

impl Source {
    fn read(root: &Path, path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let path = path.strip_prefix(root).unwrap();
        let mut module: Vec<String> =
            path.with_extension("").iter().map(|name| name.to_str().unwrap().to_owned()).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            module.pop();
        }
        let (code, strings) = taken_apart(&text);
        Source { path: path.to_owned(), module, code, strings }
    }

    fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// The paths below the crate that the code names, as modules and items from the root on.
    fn imports(&self) -> Vec<Vec<String>> {
        let paths = Regex::new(r"\b(crate|super|self)((?:::super)*)((?:::\w+)+)").unwrap();
        let resolved = |captures: regex::Captures<'_>| {
            let levels = captures[2].matches("super").count() + usize::from(&captures[1] == "super");
            let mut path = if &captures[1] == "crate" { Vec::new() } else { self.module.clone() };
            path.truncate(path.len() - levels);
            path.extend(captures[3].split("::").skip(1).map(str::to_owned));
            path
        };
        paths.captures_iter(&self.code).map(resolved).collect()
    }
}

/// The code without its unit tests, comments and strings; and the strings.
fn taken_apart(text: &str) -> (String, Vec<String>) {
    let tests = Regex::new(r"#\[cfg\(test\)\]\n(#\[.*\n)*mod tests \{").unwrap();
    let text = &text[..tests.find(text).map_or(text.len(), |found| found.start())];
    let parts = Regex::new(
        r##"//[^\n]*|br?#"(?s:.*?)"#|r#"(?s:.*?)"#|b?r"[^"]*"|b?"(?s:\\.|[^"\\])*"|b?'(?:\\u\{[^}]*\}|\\x..|\\.|[^'\\\n])'"##,
    )
    .unwrap();
    let is_string = |part: &&str| part.ends_with(['"', '#']) && !part.starts_with("//");
    let strings = parts.find_iter(text).map(|part| part.as_str()).filter(is_string).map(str::to_owned).collect();
    (parts.replace_all(text, " ").into_owned(), strings)
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut sources) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                sources.push(Source::read(&root, &path));
            }
        }
    }
    assert!(sources.len() > 50, "{} files", sources.len());
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

fn of_core() -> impl Iterator<Item = Source> {
    sources().into_iter().filter(|source| source.path.starts_with("core"))
}

#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn core_knows_no_surface_and_no_machine() {
    let mut faults = Vec::new();
    for source in of_core() {
        for pattern in NOT_IN_CORE {
            let found = Regex::new(pattern).unwrap().find(&source.code).map(|found| found.as_str().to_owned());
            faults.extend(found.map(|found| format!("{} names {found}", source.shown())));
        }
    }
    assert_none(&faults);
}

#[test]
fn core_has_no_word_of_our_options() {
    let mut command = Cli::command();
    command.build();
    let all = std::iter::once(&command).chain(command.get_subcommands());
    let options: BTreeSet<String> =
        all.flat_map(clap::Command::get_arguments).filter_map(|option| option.get_long()).map(str::to_owned).collect();
    assert!(options.len() > 25, "{options:?}");
    let option = Regex::new(r"--([a-z][a-z-]*)").unwrap();
    let mut faults = Vec::new();
    for source in of_core().filter(|source| source.path != Path::new(NAMES_SPECTERS_OPTIONS)) {
        for string in &source.strings {
            let named = option.captures_iter(string).find(|named| options.contains(&named[1]));
            faults.extend(named.map(|named| format!("{} says {}", source.shown(), &named[0])));
        }
    }
    assert_none(&faults);
}

#[test]
fn imports_go_one_way() {
    let rooms = BTreeMap::from(ROOMS);
    let mut faults = Vec::new();
    let grouped = Regex::new(r"\b(crate|super)::\{").unwrap();
    for source in sources() {
        if grouped.is_match(&source.code) {
            faults.push(format!(
                "{} imports several modules in one `use`, which this test does not read",
                source.shown()
            ));
        }
        let Some(room) = source.module.first() else { continue };
        let allowed = rooms.get(&**room).unwrap_or_else(|| panic!("{room} is no room: add it to ROOMS"));
        for import in source.imports() {
            if import[0] != *room && !allowed.contains(&&*import[0]) {
                faults.push(format!("{} imports {}", source.shown(), import.join("::")));
            }
        }
    }
    assert_none(&faults);
}

/// Files and folders of one folder that import each other, directly or through others.
#[test]
fn neighbours_do_not_import_each_other_in_a_circle() {
    let sources = sources();
    let modules: BTreeSet<&[String]> = sources.iter().map(|source| &*source.module).collect();
    let mut edges: BTreeMap<&[String], BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for source in &sources {
        for import in source.imports() {
            // The folders that hold both.
            for depth in 0..source.module.len() {
                let folder = &source.module[..depth];
                if !import.starts_with(folder) {
                    break;
                }
                let from = &source.module[depth];
                // Anything else is an item of the folder's own file.
                let is_module = import.len() > depth && modules.contains(&import[..=depth]);
                let to = if is_module { &*import[depth] } else { "mod" };
                if from != to {
                    edges.entry(folder).or_default().entry(from.clone()).or_default().insert(to.to_owned());
                }
            }
            // The folder's own file imports from the folder.
            if source.path.ends_with("mod.rs")
                && import.len() > source.module.len()
                && import.starts_with(&source.module)
            {
                let to = import[source.module.len()].clone();
                edges.entry(&source.module).or_default().entry("mod".to_owned()).or_default().insert(to);
            }
        }
    }
    let mut faults = Vec::new();
    for (folder, mut edges) in edges {
        // Removes everything that imports nothing left, until nothing changes.
        loop {
            let left: BTreeSet<String> = edges.keys().cloned().collect();
            for to in edges.values_mut() {
                to.retain(|to| left.contains(to));
            }
            edges.retain(|_, to| !to.is_empty());
            if edges.len() == left.len() {
                break;
            }
        }
        if !edges.is_empty() {
            faults.push(format!("in src/{}: {edges:?}", folder.join("/")));
        }
    }
    assert_none(&faults);
}

#[test]
fn no_file_grows_without_end() {
    let lines = |source: &Source| source.code.lines().filter(|line| !line.trim().is_empty()).count();
    let long = sources().into_iter().filter(|source| lines(source) > MOST_LINES);
    let faults: Vec<String> = long.map(|source| format!("{}: {} lines", source.shown(), lines(&source))).collect();
    assert_none(&faults);
}

/// If a source were misread, the tests above would prove nothing.
#[test]
fn sources_are_taken_apart() {
    let text = "use a; // --json \"no\"\nlet b = \"--json // \\\" \"; let c = '\"'; let d: &'a str = r#\"x\"y\"#;\n\
                #[cfg(test)]\n#[allow(x)]\nmod tests { std::env }";
    let (code, strings) = taken_apart(text);
    assert_eq!(code.split_whitespace().collect::<Vec<_>>().join(" "), "use a; let b = ; let c = ; let d: &'a str = ;");
    assert_eq!(strings, ["\"--json // \\\" \"", "r#\"x\"y\"#"]);
    let source = Source {
        path: "core/a/b.rs".into(),
        module: ["core", "a", "b"].map(str::to_owned).to_vec(),
        code: "use super::c::D; crate::core::e::f(); super::super::g::H; use crate::words::x::{Y, Z};".to_owned(),
        strings: Vec::new(),
    };
    let imports: Vec<String> = source.imports().iter().map(|path| path.join("::")).collect();
    assert_eq!(imports, ["core::a::c::D", "core::e::f", "core::g::H", "words::x"]);
}
