//! A data folder with a users.json, and the command run on it. What a test does not expect must be empty: any stray byte on
//! either stream fails it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use regex::Regex;
use specter_token::{Cli, World};

/// The key of all corpus files that the real Specter wrote.
pub(crate) const SECRET: &str = "s3cr3t-key-for-tests-0123456789abcdef";

/// A file of the evidence taken from the real Specter.
pub(crate) fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name)
}

/// The lines of a JSON-lines file of the corpus.
pub(crate) fn corpus_lines(name: &str) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(corpus(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a run left behind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) code: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// All that the command left behind must be this. What differs from run to run is compared as `<ID>`, `<TOKEN>`,
    /// `<TIME>`, `<REST>` and `<DIR>`.
    #[track_caller]
    pub(crate) fn expect(&self, code: u8, stdout: &str, stderr: &str) {
        let got = Output { code: self.code, stdout: masked(&self.stdout), stderr: masked(&self.stderr) };
        let expected = Output { code, stdout: stdout.to_owned(), stderr: stderr.to_owned() };
        assert!(got == expected, "got\n{got:#?}\nexpected\n{expected:#?}");
    }

    /// Standard output without its last newline.
    pub(crate) fn line(&self) -> &str {
        self.stdout.trim_end_matches('\n')
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// Whether the program can see here that no Specter is running, as it cannot in a container.
fn sees_all_processes() -> bool {
    fs::read_link("/proc/self/ns/pid").is_ok_and(|namespace| namespace == Path::new("pid:[4026531836]"))
}

/// The `effect` of a change that is made here.
pub(crate) fn effect() -> &'static str {
    if sees_all_processes() { "next_start" } else { "unknown" }
}

/// What is said on standard error, also in a container, as it is said outside of one.
fn stderr(text: Vec<u8>) -> String {
    let text = String::from_utf8(text).unwrap();
    if sees_all_processes() {
        return text;
    }
    if text.contains(" goes on accepting ") {
        let lines =
            text.lines().filter(|line| !line.starts_with("warning: could not check whether a Specter is running"));
        return lines.flat_map(|line| [line, "\n"]).collect();
    }
    let lines = text.lines().map(|line| match line {
        "warning: could not check whether a running Specter still accepts it" => {
            "Specter refuses what was revoked from its next start on\n".to_owned()
        }
        line if line
            .starts_with("warning: could not check whether a Specter is running, which would not accept it") =>
        {
            "Specter accepts it from its next start on\n".to_owned()
        }
        line => match line.strip_prefix("removed token ") {
            Some(rest) if !line.ends_with("which had the same description") => format!("revoked token {rest}\n"),
            _ => format!("{line}\n"),
        },
    });
    lines.collect()
}

pub(crate) fn masked(text: &str) -> String {
    static MASKS: LazyLock<[(Regex, &str); 5]> = LazyLock::new(|| {
        [
            (r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", "<ID>"),
            (r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{43}", "<TOKEN>"),
            (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "<TIME>"),
            (r"expires in [0-9]+ [a-z]+( [0-9]+ [a-z]+)?", "expires in <REST>"),
            (r"/[^ ]*/folder-[0-9A-Za-z]{6}", "<DIR>"),
        ]
        .map(|(pattern, mask)| (Regex::new(pattern).unwrap(), mask))
    });
    MASKS.iter().fold(text.to_owned(), |text, (pattern, mask)| pattern.replace_all(&text, *mask).into_owned())
}

/// A data folder of its own.
pub(crate) struct Folder {
    directory: tempfile::TempDir,
}

impl Folder {
    /// A folder without users.json.
    pub(crate) fn empty() -> Self {
        Folder { directory: tempfile::Builder::new().prefix("folder-").tempdir().unwrap() }
    }

    pub(crate) fn with_users(users: impl AsRef<[u8]>) -> Self {
        let folder = Folder::empty();
        fs::write(folder.users(), users).unwrap();
        folder
    }

    pub(crate) fn from_corpus(name: &str) -> Self {
        Folder::with_users(fs::read(corpus(name)).unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn users(&self) -> PathBuf {
        self.file("users.json")
    }

    pub(crate) fn backup(&self) -> PathBuf {
        self.file("users.json.bkp")
    }

    /// Every file in the folder with its bytes, to see that nothing else was left or touched.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap());
        let read = |entry: fs::DirEntry| {
            (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap_or_default())
        };
        let mut files: Vec<_> = entries.map(read).collect();
        files.sort();
        files
    }

    /// The command as a process of its own, with nothing of the caller's environment and the key in `SECRET_KEY`.
    pub(crate) fn command<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(&self, arguments: I) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_specter-token"));
        command.command.args(arguments);
        command
    }

    /// Another program, in the environment of [`Folder::command`].
    pub(crate) fn program(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = std::process::Command::new(program);
        command.env_clear().env("SPECTER_DATA_FOLDER", self.path()).env("SECRET_KEY", SECRET);
        Command { command, stdin: Vec::new() }
    }

    /// A new token of this description, which lives for a day.
    #[track_caller]
    pub(crate) fn create(&self, description: &str, more: &[&str]) -> String {
        let output = self.command(["create", "-l", "1 day", "-d", description].iter().chain(more)).run();
        assert_eq!(output.code, 0, "{output:#?}");
        output.line().to_owned()
    }

    /// The id of the one token that is described so.
    #[track_caller]
    pub(crate) fn id(&self, description: &str) -> String {
        let shown = self.command(["show", "--json", description]).run();
        shown.json()["jwt_token_id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn users_text(&self) -> String {
        fs::read_to_string(self.users()).unwrap()
    }

    /// Runs the command in this process with the clock stopped at `now`, the key in a file outside the folder.
    pub(crate) fn run_at(&self, now: f64, key: &str, arguments: &[&str]) -> Output {
        let key_file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&key_file, format!("{key}\n")).unwrap();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut all: Vec<OsString> = vec!["specter-token".into(), "--data-folder".into(), self.path().into()];
        all.extend(["--secret-file".into(), key_file.path().into()]);
        all.extend(arguments.iter().map(OsString::from));
        let cli = Cli::parse_from(all).unwrap_or_else(|error| panic!("{error:?}"));
        let world = World {
            now: UNIX_EPOCH + Duration::from_secs_f64(now),
            stdin: Box::new(std::io::empty()),
            stdin_file: None,
            stdout: Box::new(&mut stdout),
            is_stdout_lost: false,
            stdout_columns: None,
            is_stdout_hidden: false,
            can_ask: false,
            is_process: false,
            stderr: Box::new(&mut stderr),
        };
        let code = specter_token::run(&cli, world);
        Output { code, stdout: String::from_utf8(stdout).unwrap(), stderr: self::stderr(stderr) }
    }
}

/// A command about to be run.
pub(crate) struct Command {
    pub(crate) command: std::process::Command,
    stdin: Vec<u8>,
}

impl Command {
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(crate) fn stdin(mut self, input: impl AsRef<[u8]>) -> Self {
        self.stdin = input.as_ref().to_vec();
        self
    }

    pub(crate) fn run(mut self) -> Output {
        let mut child =
            self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = std::mem::take(&mut self.stdin);
        // The command may end without reading all of it.
        let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &input).is_ok());
        let output = child.wait_with_output().unwrap();
        let _ = writer.join();
        Output {
            code: output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(255),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: stderr(output.stderr),
        }
    }
}
