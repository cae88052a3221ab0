//! A real Specter: installed from PyPI into its own virtual environment, started on a data folder, and asked over HTTP.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// The versions that are tried. Each stands for the versions up to the next one that decides differently.
pub(crate) const VERSIONS: [&str; 4] = ["2.1.7", "2.1.10", "2.1.11", "2.2.0rc5"];

/// The version for all tests that do not run against every version: 2.1.11, or `SPECTER_VERSION`.
static VERSION: LazyLock<&'static str> = LazyLock::new(|| {
    let wanted = std::env::var("SPECTER_VERSION").unwrap_or_else(|_| "2.1.11".to_owned());
    VERSIONS
        .into_iter()
        .find(|version| *version == wanted)
        .unwrap_or_else(|| panic!("one of {VERSIONS:?}, not {wanted}"))
});

/// Whether a version still accepts a token that users.json no longer holds.
pub(crate) fn accepts_unregistered(version: &str) -> bool {
    matches!(version, "2.1.7" | "2.1.10")
}

/// The version that the tests run against.
pub(crate) fn version() -> &'static str {
    *VERSION
}

/// As [`accepts_unregistered`], for the version that the tests run against.
pub(crate) fn forgets_nothing() -> bool {
    accepts_unregistered(*VERSION)
}

/// Whether the JWT library accepts a token in the very second of its expiry.
pub(crate) fn is_lax() -> bool {
    *VERSION == "2.1.7"
}

/// Returns the Python with a version of Specter. `SPECTER_VENVS` names a folder of existing virtual environments, each
/// named after its version, to use instead of making them.
fn python_with(version: &str) -> PathBuf {
    /// Virtual environments are made one at a time, and only once.
    static MADE: Mutex<()> = Mutex::new(());
    let given = std::env::var_os("SPECTER_VENVS").map(|folder| PathBuf::from(folder).join(version));
    let made = || Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("specter-{version}"));
    let python = given.unwrap_or_else(made).join("bin/python");
    let _held = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if !has_specter(&python, version) {
        install(&python, version);
    }
    python
}

static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| python_with(*VERSION));

/// The Python with the Specter of the tests.
pub(crate) fn python() -> &'static Path {
    &PYTHON
}

fn has_specter(python: &Path, wanted: &str) -> bool {
    let version = "import importlib.metadata as m; print(m.version('cryptoadvance.specter'))";
    let output = Command::new(python).args(["-c", version]).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == wanted)
}

fn install(python: &Path, version: &str) {
    let folder = python.ancestors().nth(2).unwrap();
    // This Specter runs on these Pythons.
    let candidates = ["python3.11", "python3.10"];
    let is_there =
        |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    let base = candidates.into_iter().find(is_there).expect("Python 3.10 or 3.11 must be installed");
    must(Command::new(base).args(["-m", "venv"]).arg(folder));
    // Specter imports pkg_resources, which newer versions of setuptools no longer have.
    let packages = [format!("cryptoadvance.specter=={version}"), "setuptools<81".to_owned()];
    must(Command::new(python).args(["-m", "pip", "install", "--quiet"]).args(packages));
    assert!(has_specter(python, version), "Specter {version} could not be installed into {}", folder.display());
}

fn must(command: &mut Command) {
    let status = command.stdin(Stdio::null()).status();
    assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "{command:?}: {status:?}");
}

/// The way to start a server.
pub(crate) struct Launch<'a> {
    folder: &'a Path,
    /// The words after `python`.
    words: Vec<String>,
    environment: Vec<(&'static str, String)>,
    port: u16,
    python: PathBuf,
}

impl<'a> Launch<'a> {
    /// The server from the command line, as an operator starts it.
    pub(crate) fn server(folder: &'a Path, key: &str) -> Self {
        let words = ["-m", "cryptoadvance.specter", "server", "--host", "127.0.0.1"];
        let mut launch = Launch::new(folder, key, &words);
        launch.words.extend(["--port".to_owned(), launch.port.to_string()]);
        launch.config("ProductionConfig").told_folder("--specter-data-folder", folder)
    }

    /// A server under gunicorn, configured only by variables.
    pub(crate) fn gunicorn(folder: &'a Path, key: &str) -> Self {
        let launch = Launch::new(folder, key, &["-m", "cryptoadvance.specter", "gunicorn"]);
        let arguments = format!("--bind=127.0.0.1:{} --workers=1", launch.port);
        launch.env("GUNICORN_CMD_ARGS", &arguments).env("SPECTER_DATA_FOLDER", folder.to_str().unwrap())
    }

    /// As `gunicorn`, with the script that Specter's package installs.
    pub(crate) fn script(folder: &'a Path, key: &str) -> Self {
        let mut launch = Launch::gunicorn(folder, key);
        let script = PYTHON.with_file_name("specter").to_str().unwrap().to_owned();
        launch.words.splice(..2, [script]);
        launch
    }

    /// As `gunicorn`, but told what to run, with the folder in an option.
    pub(crate) fn application(folder: &'a Path, key: &str) -> Self {
        Launch::application_told(folder, key, &[&format!("SPECTER_DATA_FOLDER={}", folder.display())])
    }

    /// As `application`, with any variables in options.
    pub(crate) fn application_told(folder: &'a Path, key: &str, variables: &[&str]) -> Self {
        let script = PYTHON.with_file_name("gunicorn");
        let mut launch = Launch::new(folder, key, &[script.to_str().unwrap(), "-w", "1"]);
        let bind = format!("127.0.0.1:{}", launch.port);
        for variable in variables {
            launch = launch.with(&["-e", variable]);
        }
        launch.with(&["-b", &bind, "cryptoadvance.specter.server:create_and_init(config='ProductionConfig')"])
    }

    /// A server started by a user's own program, which does not name Specter.
    pub(crate) fn by_program(folder: &'a Path, key: &str) -> Self {
        let program = folder.with_file_name("start.py");
        fs::write(&program, "from cryptoadvance.specter.cli import entry_point\nentry_point()\n").unwrap();
        let mut launch = Launch::server(folder, key);
        launch.words.splice(..2, [program.to_str().unwrap().to_owned()]);
        launch
    }

    /// The server with a stopped clock in its JWT library, at `now` in seconds since 1970.
    pub(crate) fn server_at(folder: &'a Path, key: &str, now: f64) -> Self {
        let mut launch = Launch::server(folder, key);
        let program = format!(
            "import datetime, jwt.api_jwt\n\
             class Stopped(datetime.datetime):\n    \
             @classmethod\n    \
             def now(cls, tz=None): return datetime.datetime.fromtimestamp({now}, tz)\n\
             jwt.api_jwt.datetime = Stopped\n\
             from cryptoadvance.specter.cli import entry_point\n\
             entry_point()"
        );
        launch.words.splice(..2, ["-c".to_owned(), program]);
        launch
    }

    fn new(folder: &'a Path, key: &str, words: &[&str]) -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        let launch = Launch { folder, words, environment: Vec::new(), port, python: PYTHON.clone() };
        launch
            .env("SECRET_KEY", key)
            .env("SPECTER_API_ACTIVE", "True")
            .env("SKIP_HWI_INITIALISATION_AT_STARTUP", "True")
    }

    /// Uses another version than the tests in general.
    pub(crate) fn version(self, version: &str) -> Self {
        Launch { python: python_with(version), ..self }
    }

    pub(crate) fn env(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    pub(crate) fn with(mut self, words: &[&str]) -> Self {
        self.words.extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    /// Sets the configuration, in place of an earlier one.
    pub(crate) fn config(self, config: &str) -> Self {
        self.told("--config", config)
    }

    /// Gives another path for the folder.
    pub(crate) fn told_folder(self, option: &str, folder: &Path) -> Self {
        self.told(option, folder.to_str().unwrap())
    }

    fn told(mut self, option: &str, value: &str) -> Self {
        match self.words.iter().position(|word| word == option) {
            Some(index) => value.clone_into(&mut self.words[index + 1]),
            None => self.words.extend([option.to_owned(), value.to_owned()]),
        }
        self
    }

    /// Leaves the folder to variables and Specter's own default.
    pub(crate) fn without_folder_option(mut self) -> Self {
        let index = self.words.iter().position(|word| word == "--specter-data-folder").unwrap();
        self.words.drain(index..index + 2);
        self
    }

    /// Starts the process, which does not answer yet.
    pub(crate) fn spawn(self) -> Specter {
        let mut command = Command::new(&self.python);
        // A Specter for development looks for extensions where it is started.
        command.args(&self.words).envs(self.environment).current_dir(self.folder);
        Specter::run(&mut command, self.port, self.folder.join("server.log"))
    }

    /// Starts the process and waits until it answers.
    pub(crate) fn start(self) -> Specter {
        let mut specter = self.spawn();
        specter.wait();
        specter
    }
}

/// A server. It is killed with all its processes when it is dropped. Its save is over before it answers, so nothing is
/// lost.
pub(crate) struct Specter {
    process: Child,
    port: u16,
    log: PathBuf,
}

impl Specter {
    /// Starts a Specter on a data folder and waits until it answers.
    pub(crate) fn start(folder: &Path, key: &str) -> Self {
        Launch::server(folder, key).start()
    }

    /// Runs a command that starts a Specter on a port, which does not answer yet.
    pub(crate) fn run(command: &mut Command, port: u16, log: PathBuf) -> Self {
        let output = File::create(&log).unwrap();
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output);
        let process = command.process_group(0).spawn().unwrap();
        // For a moment after its start, a process has no command line yet.
        while fs::read(format!("/proc/{}/cmdline", process.id())).unwrap().is_empty() {
            thread::yield_now();
        }
        Specter { process, port, log }
    }

    fn wait(&mut self) {
        assert!(self.comes_up(), "Specter does not answer:\n{}", self.log_text());
    }

    /// Waits until the server answers, or has ended without an answer.
    pub(crate) fn comes_up(&mut self) -> bool {
        let give_up_at = Instant::now() + Duration::from_secs(90);
        while !self.is_up() {
            let has_ended = self.process.try_wait().unwrap().is_some();
            if has_ended || Instant::now() > give_up_at {
                return false;
            }
            thread::sleep(Duration::from_millis(100));
        }
        true
    }

    /// Whether the server answers, or with TLS, whether it listens.
    pub(crate) fn is_up(&self) -> bool {
        match self.ask("GET", "/api/healthz/liveness", "", "") {
            Some(status) => status == 200 || status == 404,
            None => self.log_text().contains("Configuring SSL-certificate") && self.listens(),
        }
    }

    fn listens(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    /// What it has said.
    pub(crate) fn log_text(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The server's address.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The status of a request that only the admin may make.
    pub(crate) fn status_for_admin(&self, token: &str) -> u16 {
        self.ask("GET", "/api/v1alpha/specter", &format!("Bearer {token}"), "").unwrap()
    }

    /// Whether the token of any user is accepted. The answer for a wallet that does not exist differs from that for a
    /// bad token.
    pub(crate) fn accepts(&self, token: &str) -> bool {
        let status = self.ask("GET", "/api/v1alpha/wallets/no_such_wallet/", &format!("Bearer {token}"), "").unwrap();
        assert!(matches!(status, 401 | 403 | 500), "{status}");
        status != 401
    }

    /// Whether a removed token is treated as in this version: refused, or still accepted by a version that does not
    /// look it up.
    pub(crate) fn has_let_go_of(&self, token: &str) -> bool {
        self.accepts(token) == forgets_nothing()
    }

    /// The status of a page.
    pub(crate) fn get(&self, path: &str) -> u16 {
        self.ask("GET", path, "", "").unwrap()
    }

    /// Makes Specter itself make a token, and so save users.json.
    pub(crate) fn post_token(&self, basic: &str, description: &str) -> u16 {
        let body = format!(r#"{{"jwt_token_description": "{description}", "jwt_token_life": "1 hour"}}"#);
        self.ask("POST", "/api/v1alpha/token/", &format!("Basic {basic}"), &body).unwrap()
    }

    /// The status of a request that only the admin may make, with this exact header line.
    pub(crate) fn status_of_line(&self, line: &str) -> u16 {
        self.ask_with(&format!(
            "GET /api/v1alpha/specter HTTP/1.1\r\nHost: 127.0.0.1\r\n{line}\r\nConnection: close\r\n\r\n"
        ))
        .unwrap()
    }

    /// The status of an answer. `None` if there is none.
    fn ask(&self, method: &str, path: &str, authorization: &str, body: &str) -> Option<u16> {
        let length = body.len();
        self.ask_with(&format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
    }

    fn ask_with(&self, request: &str) -> Option<u16> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
    }
}

impl Drop for Specter {
    fn drop(&mut self) {
        // The group includes the children of gunicorn and of --debug.
        if let Some(group) = Pid::from_raw(self.process.id().cast_signed()) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.process.wait();
    }
}
