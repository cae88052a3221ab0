//! A data folder with a users.json, and the command run on it. What a test does not expect must be empty: any stray byte on
//! either stream fails it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, UNIX_EPOCH};

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
    #[track_caller]
    pub(crate) fn expect(&self, code: u8, stdout: &str, stderr: &str) {
        let expected = Output { code, stdout: stdout.to_owned(), stderr: stderr.to_owned() };
        assert!(*self == expected, "got\n{self:#?}\nexpected\n{expected:#?}");
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// A data folder of its own.
pub(crate) struct Folder {
    directory: tempfile::TempDir,
}

impl Folder {
    /// A folder without users.json.
    pub(crate) fn empty() -> Self {
        Folder { directory: tempfile::tempdir().unwrap() }
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
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_specter-token"));
        command.env_clear().env("SPECTER_DATA_FOLDER", self.path()).env("SECRET_KEY", SECRET).args(arguments);
        Command { command, stdin: Vec::new() }
    }

    /// Runs the command in this process with the clock stopped at `now`, the key in a file named by `--secret-file`.
    pub(crate) fn run_at(&self, now: f64, secret: &Path, arguments: &[&str]) -> Output {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut all: Vec<OsString> = vec!["specter-token".into(), "--data-folder".into(), self.path().into()];
        all.extend(["--secret-file".into(), secret.into()]);
        all.extend(arguments.iter().map(OsString::from));
        let cli = Cli::parse_from(all).unwrap_or_else(|error| panic!("{error:?}"));
        let world = World {
            now: UNIX_EPOCH + Duration::from_secs_f64(now),
            stdin: &mut std::io::empty(),
            stdout: &mut stdout,
            stdout_is_terminal: false,
            stderr: &mut stderr,
        };
        let code = specter_token::run(&cli, world);
        Output { code, stdout: String::from_utf8(stdout).unwrap(), stderr: String::from_utf8(stderr).unwrap() }
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
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
