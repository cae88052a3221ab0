//! A data folder with a users.json, and the command run on it. Any unexpected byte on either stream fails a test.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use regex::Regex;
use specter_token::{Cli, World};

/// The key of all corpus files that the real Specter wrote.
pub(crate) const SECRET: &str = "s3cr3t-key-for-tests-0123456789abcdef";

/// A users.json with an admin who has no tokens, as Specter writes it.
pub(crate) const ADMIN: &str = r#"[
    {
        "id": "admin",
        "username": "admin",
        "password": {},
        "is_admin": true,
        "jwt_tokens": {},
        "encrypted_user_secret": null,
        "services": []
    }
]"#;

/// The same without white space.
pub(crate) const MINIFIED_ADMIN: &str =
    "[{\"id\":\"admin\",\"username\":\"admin\",\"password\":1,\"is_admin\":true,\"jwt_tokens\":{}}]";

/// A file of the evidence taken from the real Specter.
pub(crate) fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name)
}

/// The lines of a JSON-lines file of the corpus.
pub(crate) fn corpus_lines(name: &str) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(corpus(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Checks every case of a table in order, and fails with all that are wrong.
#[track_caller]
pub(crate) fn each<C>(cases: impl IntoIterator<Item = C>, mut check: impl FnMut(C)) {
    let results = cases.into_iter().map(|case| catch_unwind(AssertUnwindSafe(|| check(case))));
    fail_with_all(results.collect());
}

/// As [`each`], many cases at once: for those that wait, each in a folder of its own.
#[track_caller]
pub(crate) fn each_at_once<C: Send>(cases: impl IntoIterator<Item = C>, check: impl Fn(C) + Sync) {
    const AT_ONCE: usize = 64;
    let cases: Vec<C> = cases.into_iter().collect();
    let results = Mutex::new(cases.iter().map(|_| Ok(())).collect::<Vec<_>>());
    let next = Mutex::new(cases.into_iter().enumerate());
    let take = || next.lock().unwrap().next();
    let work = || {
        while let Some((number, case)) = take() {
            let result = catch_unwind(AssertUnwindSafe(|| check(case)));
            results.lock().unwrap()[number] = result;
        }
    };
    thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    fail_with_all(results.into_inner().unwrap());
}

/// The message of each failure, with the number of its case, counted from 1.
#[track_caller]
fn fail_with_all(results: Vec<thread::Result<()>>) {
    let total = results.len();
    let message = |(index, result): (usize, thread::Result<()>)| {
        let panic = result.err()?;
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Some(format!("case {}: {}", index + 1, text.unwrap_or("no message")))
    };
    let wrong: Vec<String> = results.into_iter().enumerate().filter_map(message).collect();
    assert!(wrong.is_empty(), "{} of {total} cases are wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// The result of a run. A test that ignores it tests nothing.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) code: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// The whole result must be this. Anything that differs from run to run is compared as `<ID>`, `<TOKEN>`, `<TIME>`,
    /// `<REST>` and `<DIR>`.
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

/// Stands in for `/proc` on a machine where all processes are visible, and only those that a test puts in are Specters.
/// The output then does not depend on where the tests run, or on what else runs there.
pub(crate) static PROCESSES: LazyLock<PathBuf> = LazyLock::new(|| {
    let processes = Path::new(env!("CARGO_TARGET_TMPDIR")).join("processes");
    fs::create_dir_all(processes.join("self/ns")).unwrap();
    fs::create_dir_all(processes.join("1")).unwrap();
    fs::write(processes.join("1/cmdline"), "init\0").unwrap();
    match symlink("pid:[4026531836]", processes.join("self/ns/pid")) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => panic!("{error}"),
        _ => processes,
    }
});

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

    /// The command as its own process, without the caller's environment, with the key in `SECRET_KEY`.
    pub(crate) fn command<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(&self, arguments: I) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_specter-token"));
        command.command.args(arguments);
        command
    }

    /// Another program, in the environment of [`Folder::command`].
    pub(crate) fn program(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = std::process::Command::new(program);
        command.env_clear().env("SPECTER_DATA_FOLDER", self.path()).env("SECRET_KEY", SECRET);
        command.env("SPECTER_TOKEN_TEST_PROC", &*PROCESSES);
        Command { command, stdin: Vec::new() }
    }

    /// A new token of this description, which lives for a day.
    #[track_caller]
    pub(crate) fn create(&self, description: &str, more: &[&str]) -> String {
        let output = self.command(["create", "-l", "1 day", "-d", description].iter().chain(more)).run();
        assert_eq!(output.code, 0, "{output:#?}");
        output.line().to_owned()
    }

    /// The id of the one token with this description.
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
            processes: PROCESSES.clone(),
            stderr: Box::new(&mut stderr),
        };
        let code = specter_token::run(&cli, world);
        Output { code, stdout: String::from_utf8(stdout).unwrap(), stderr: String::from_utf8(stderr).unwrap() }
    }
}

/// Waits until the command waits for the lock on a folder, which it has open by then.
pub(crate) fn wait_for_one_who_waits(folder: &Path) {
    let give_up_at = Instant::now() + Duration::from_secs(10);
    let opens_folder = || {
        fs::read_dir("/proc").unwrap().filter_map(Result::ok).any(|process| {
            let is_ours = fs::read(process.path().join("cmdline"))
                .is_ok_and(|words| words.starts_with(env!("CARGO_BIN_EXE_specter-token").as_bytes()));
            let descriptors = fs::read_dir(process.path().join("fd")).into_iter().flatten().filter_map(Result::ok);
            is_ours && descriptors.into_iter().any(|fd| fs::read_link(fd.path()).is_ok_and(|path| path == folder))
        })
    };
    while !opens_folder() {
        assert!(Instant::now() < give_up_at, "nobody waits for the lock");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A command about to be run.
#[must_use]
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
