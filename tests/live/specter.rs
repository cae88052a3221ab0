//! A real Specter: installed from PyPI into a virtual environment of its own, started on a data folder, asked over HTTP.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

const VERSION: &str = "2.1.11";

/// The Python that has Specter. `SPECTER_VENV` names a virtual environment to use instead of making one.
static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| {
    let given = std::env::var_os("SPECTER_VENV").map(PathBuf::from);
    let made = || Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("specter-{VERSION}"));
    let python = given.unwrap_or_else(made).join("bin/python");
    if !has_specter(&python) {
        install(&python);
    }
    python
});

fn has_specter(python: &Path) -> bool {
    let version = "import importlib.metadata as m; print(m.version('cryptoadvance.specter'))";
    let output = Command::new(python).args(["-c", version]).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == VERSION)
}

fn install(python: &Path) {
    let folder = python.ancestors().nth(2).unwrap();
    // The Pythons that this Specter runs on, then whatever there is.
    let candidates = ["python3.12", "python3.11", "python3.10", "python3"];
    let is_there =
        |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    let base = candidates.into_iter().find(is_there).expect("Python 3.10, 3.11 or 3.12 must be installed");
    must(Command::new(base).args(["-m", "venv"]).arg(folder));
    // Specter imports pkg_resources, which newer versions of setuptools no longer have.
    let packages = [format!("cryptoadvance.specter=={VERSION}"), "setuptools<81".to_owned()];
    must(Command::new(python).args(["-m", "pip", "install", "--quiet"]).args(packages));
    assert!(has_specter(python), "Specter {VERSION} could not be installed into {}", folder.display());
}

fn must(command: &mut Command) {
    let status = command.stdin(Stdio::null()).status();
    assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "{command:?}: {status:?}");
}

/// A server, killed when it is dropped. Its save is over before it answers, so that nothing is lost by that.
pub(crate) struct Specter {
    process: Child,
    port: u16,
}

impl Specter {
    /// Starts a Specter on a data folder and waits until it answers.
    pub(crate) fn start(folder: &Path, key: &str) -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let log = folder.join("server.log");
        let output = File::create(&log).unwrap();
        let process = Command::new(&*PYTHON)
            .args(["-m", "cryptoadvance.specter", "server", "--config", "ProductionConfig", "--host", "127.0.0.1"])
            .args(["--port", &port.to_string(), "--specter-data-folder"])
            .arg(folder)
            .envs([("SECRET_KEY", key), ("SPECTER_API_ACTIVE", "True"), ("SKIP_HWI_INITIALISATION_AT_STARTUP", "True")])
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let mut specter = Specter { process, port };
        let give_up_at = Instant::now() + Duration::from_secs(90);
        while specter.ask("GET", "/api/healthz/liveness", "", "") != Some(200) {
            let has_ended = specter.process.try_wait().unwrap().is_some();
            if has_ended || Instant::now() > give_up_at {
                panic!("Specter does not answer:\n{}", fs::read_to_string(log).unwrap_or_default());
            }
            thread::sleep(Duration::from_millis(100));
        }
        specter
    }

    /// The status of a request for something that only the admin may see.
    pub(crate) fn status_for_admin(&self, token: &str) -> u16 {
        self.ask("GET", "/api/v1alpha/specter", &format!("Bearer {token}"), "").unwrap()
    }

    /// Whether the token of any user is accepted: a wallet that does not exist is answered otherwise than a bad token.
    pub(crate) fn accepts(&self, token: &str) -> bool {
        let status = self.ask("GET", "/api/v1alpha/wallets/no_such_wallet/", &format!("Bearer {token}"), "").unwrap();
        assert!(matches!(status, 401 | 403 | 500), "{status}");
        status != 401
    }

    /// The status of a page.
    pub(crate) fn get(&self, path: &str) -> u16 {
        self.ask("GET", path, "", "").unwrap()
    }

    /// Has Specter itself make a token, and so save users.json.
    pub(crate) fn post_token(&self, basic: &str, description: &str) -> u16 {
        let body = format!(r#"{{"jwt_token_description": "{description}", "jwt_token_life": "1 hour"}}"#);
        self.ask("POST", "/api/v1alpha/token/", &format!("Basic {basic}"), &body).unwrap()
    }

    /// The status of an answer; none if there is none.
    fn ask(&self, method: &str, path: &str, authorization: &str, body: &str) -> Option<u16> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
    }
}

impl Drop for Specter {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
