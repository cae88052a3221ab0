//! The line that `init` prints and the unit in README, each run as it stands there, on a machine without libusb.
//!
//! A machine that has libusb is made one without: Python is kept from finding it. That this works is seen from what it is about:
//! without the variable that both of them set, Specter does not come up.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::specter::{Specter, python, version};

/// Keeps Python from finding libusb, and says so, lest the file be passed over.
const WITHOUT_LIBUSB: &str = "\
import ctypes, ctypes.util, sys
find, load = ctypes.util.find_library, ctypes.CDLL.__init__
def without(self, name, *more, **others):
    if name is not None and 'usb-1.0' in str(name): raise OSError('no libusb here')
    load(self, name, *more, **others)
ctypes.CDLL.__init__ = without
ctypes.util.find_library = lambda name: None if 'usb' in name else find(name)
print('libusb is hidden', file=sys.stderr, flush=True)
";

/// A user's home, in which init has made a data folder and a token stands.
struct Home {
    folder: TempDir,
    data: PathBuf,
    /// What init has said to run.
    line: String,
    token: String,
}

impl Home {
    /// `data` is the folder below the home.
    fn new(data: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("python")).unwrap();
        fs::write(folder.path().join("python/sitecustomize.py"), WITHOUT_LIBUSB).unwrap();
        let data = folder.path().join(data);
        let run = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_specter-token"));
            command.args(arguments).arg("--data-folder").arg(&data).env_clear();
            let output = command.output().unwrap();
            assert!(output.status.success(), "{output:?}");
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
        };
        let (_, said) = run(&["init"]);
        let (_, line) = said.split_once("start Specter with this key:\n  ").unwrap();
        let line = line.lines().next().unwrap().to_owned();
        let (token, _) = run(&["create", "-d", "made while Specter is stopped", "-l", "1 hour"]);
        Home { folder, data, line, token: token.trim_end().to_owned() }
    }

    /// A shell that runs a line in the environment of a fresh login, but for Python, which is the one that has Specter.
    fn shell(&self, line: &str, variables: &[(&str, &str)]) -> Specter {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut command = Command::new("/bin/sh");
        command.args(["-c", line]).env_clear();
        command.env("HOME", self.folder.path()).env("PORT", port.to_string());
        command.env("PATH", format!("{}:/usr/bin:/bin", python().parent().unwrap().display()));
        command.env("PYTHONPATH", self.folder.path().join("python")).envs(variables.iter().copied());
        command.current_dir(self.folder.path());
        Specter::run(&mut command, port, self.folder.path().join("server.log"))
    }

    /// The line must start a Specter that accepts the token, and would start none without the variable in it.
    fn starts(&self, line: &str, variables: &[(&str, &str)]) {
        const SKIP: (&str, &str) = ("SKIP_HWI_INITIALISATION_AT_STARTUP", "True");
        let users = fs::read(self.data.join("users.json")).unwrap();
        let without = line.replace(&format!("{}={}", SKIP.0, SKIP.1), "");
        let others: Vec<_> = variables.iter().copied().filter(|variable| *variable != SKIP).collect();
        assert!(without != line || others != variables, "{line} {variables:?}");
        let mut specter = self.shell(&without, &others);
        assert!(!specter.comes_up(), "this machine has libusb after all");
        let log = specter.log_text();
        assert!(log.contains("libusb is hidden") && log.contains("FileNotFoundError"), "{log}");
        drop(specter);

        let mut specter = self.shell(line, variables);
        assert!(specter.comes_up(), "{}", specter.log_text());
        assert!(specter.log_text().contains("libusb is hidden"), "{}", specter.log_text());
        assert_eq!(specter.status_for_admin(&self.token), 200, "Specter {}", version());
        assert_eq!(specter.status_for_admin(&format!("{}AAAA", &self.token[..self.token.len() - 4])), 401);
        assert_eq!(fs::read(self.data.join("users.json")).unwrap(), users, "Specter finds nothing to change");
    }
}

#[test]
fn the_line_of_init_starts_specter_without_libusb() {
    for data in ["specter", "a folder's/of \"mine\""] {
        let home = Home::new(data);
        home.starts(&home.line, &[]);
    }
}

/// As systemd does it: the variables of `Environment=`, the credential in a folder, and the last command.
#[test]
fn the_unit_of_readme_starts_specter_without_libusb() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, unit) = readme.split_once("```ini\n# /etc/systemd/system/specter.service.d/").unwrap();
    let (unit, _) = unit.split_once("\n```").unwrap();
    let settings: Vec<(&str, &str)> = unit.lines().filter_map(|line| line.split_once('=')).collect();
    let all = |name: &str| settings.iter().filter(|(it, _)| *it == name).map(|(_, value)| *value).collect::<Vec<_>>();
    let [credential] = all("LoadCredential")[..] else { panic!("{unit}") };
    let (name, _) = credential.split_once(':').unwrap();

    // A service that was not told its folder has the default one.
    let home = Home::new(".specter");
    let credentials = home.folder.path().join("credentials");
    fs::create_dir(&credentials).unwrap();
    fs::copy(home.data.join("secret_key"), credentials.join(name)).unwrap();
    let mut variables: Vec<(&str, &str)> =
        all("Environment").into_iter().map(|setting| setting.split_once('=').unwrap()).collect();
    variables.push(("CREDENTIALS_DIRECTORY", credentials.to_str().unwrap()));
    // An empty one clears those before it. The quotes of what remains mean the same to a shell.
    let commands = all("ExecStart");
    let ["", command] = commands[..] else { panic!("{commands:?}") };
    home.starts(command, &variables);
}
