//! Recognises a Specter that runs on a data folder. It leaves no pid file, no lock and no socket there, so the processes of
//! this machine are looked through for two signs, either of which suffices:
//!
//! 1. the command line is that of a Specter, and the folder that it would use is this one; true from its start to its end;
//! 2. it has `specter.log` in the folder open for writing, which also finds a Specter that was started in an unusual way.
//!
//! Files are compared by device and inode, because a process in a container has other names for them. The environment of a
//! process holds its key: of it, no more than three variables are ever kept, and none is ever printed.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, statat};

/// Whether a Specter runs on a data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Presence {
    Running(Process),
    Stopped,
    /// Nobody could see: there is no `/proc`, or it does not show every process, or not enough of one that could be it.
    Unknown,
}

/// A process as a person would look for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) id: u32,
    /// Arguments with spaces between them.
    pub(crate) command_line: String,
}

impl Process {
    /// Where a client on this machine would reach it, as far as its command line tells.
    pub(crate) fn url(&self) -> String {
        let words: Vec<&str> = self.command_line.split(' ').collect();
        let option = |name: &str| {
            words.iter().rev().find_map(|word| word.strip_prefix(name)?.strip_prefix('=')).or_else(|| {
                words.iter().rposition(|word| *word == name).and_then(|index| words.get(index + 1).copied())
            })
        };
        let scheme = if words.contains(&"--ssl") || option("--cert").is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", option("--port").unwrap_or("25441"))
    }
}

/// Looks for a Specter that runs on any of these folders.
pub(crate) fn look(folders: &[&Path]) -> Presence {
    look_in(Path::new("/proc"), folders)
}

/// Whether a Specter has ever got so far on this folder as to read its users.json: right after, it makes this file.
pub(crate) fn has_been_started_on(folder: &Path) -> bool {
    folder.join("config.json").exists()
}

fn look_in(proc: &Path, folders: &[&Path]) -> Presence {
    let ours: Vec<FileId> = folders.iter().filter_map(|folder| FileId::of(folder)).collect();
    let Ok(entries) = fs::read_dir(proc) else { return Presence::Unknown };
    let own_id = std::process::id();
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let processes: Vec<Running> = ids.filter(|id| *id != own_id).map(|id| Running::new(proc, id)).collect();

    let mut sees_all = sees_every_process(proc);
    for process in &processes {
        let Some(server) = Server::of(&process.arguments()) else { continue };
        match process.folders_of(&server) {
            Ok(folders) if folders.iter().any(|folder| ours.contains(folder)) => {
                return Presence::Running(process.shown());
            }
            Ok(_) => {}
            // Its folder as it is named here: in a container, it may be another.
            Err(_) if server.folder.is_some_and(|folder| is_named(folder, &ours)) => {
                return Presence::Running(process.shown());
            }
            Err(error) => sees_all &= is_gone(&error) || !process.may_write(folders),
        }
    }
    let logs: Vec<FileId> = folders.iter().filter_map(|folder| FileId::of(&folder.join("specter.log"))).collect();
    if !logs.is_empty() {
        for process in &processes {
            match process.writes_to(&logs) {
                Ok(true) => return Presence::Running(process.shown()),
                Ok(false) => {}
                Err(error) => sees_all &= is_gone(&error) || !(process.could_be_python() && process.may_write(folders)),
            }
        }
    }
    if sees_all { Presence::Stopped } else { Presence::Unknown }
}

/// A process that has ended meanwhile hides nothing.
fn is_gone(error: &io::Error) -> bool {
    // ESRCH has no kind of its own.
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(3)
}

fn is_named(folder: &OsStr, ours: &[FileId]) -> bool {
    let folder = Path::new(folder);
    folder.is_absolute() && FileId::of(folder).is_some_and(|folder| ours.contains(&folder))
}

/// Whether all processes of the machine are there: not in a container, nor where those of others are hidden (`hidepid`).
fn sees_every_process(proc: &Path) -> bool {
    /// The number of the first PID namespace is fixed (`PROC_PID_INIT_INO` of Linux).
    const FIRST: &str = "pid:[4026531836]";
    let is_first = fs::read_link(proc.join("self/ns/pid")).is_ok_and(|namespace| namespace == Path::new(FIRST));
    is_first && fs::read(proc.join("1/cmdline")).is_ok()
}

/// What a file is, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    fn of(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().map(|metadata| FileId { device: metadata.dev(), inode: metadata.ino() })
    }
}

/// A process, and its folder in `/proc`.
struct Running {
    id: u32,
    folder: PathBuf,
    command_line: Vec<u8>,
}

impl Running {
    fn new(proc: &Path, id: u32) -> Self {
        let folder = proc.join(id.to_string());
        // A kernel thread has none, and neither has a process that has ended.
        let command_line = contents(&folder.join("cmdline")).unwrap_or_default();
        Running { id, folder, command_line }
    }

    fn arguments(&self) -> Vec<&OsStr> {
        let command_line = self.command_line.strip_suffix(b"\0").unwrap_or(&self.command_line);
        command_line.split(|byte| *byte == 0).map(OsStr::from_bytes).collect()
    }

    fn shown(&self) -> Process {
        /// Enough to know it by.
        const LONGEST: usize = 200;
        let words: Vec<_> = self.arguments().iter().map(|word| word.to_string_lossy()).collect();
        let mut command_line: String = words.join(" ");
        if let Some((end, _)) = command_line.char_indices().nth(LONGEST) {
            command_line.truncate(end);
            command_line.push('…');
        }
        Process { id: self.id, command_line }
    }

    /// The folders that a Specter with this command line could have: one, if it says which.
    fn folders_of(&self, server: &Server<'_>) -> io::Result<Vec<FileId>> {
        if let Some(folder) = server.folder {
            return Ok(self.file_id(&self.with_home(folder)?)?.into_iter().collect());
        }
        let [folder, config] = self.variables(["SPECTER_DATA_FOLDER", "SPECTER_CONFIG"])?;
        if let Some(folder) = folder {
            return Ok(self.file_id(&self.with_home(&folder)?)?.into_iter().collect());
        }
        let config = server.config.map(OsStr::to_os_string).or(config);
        let defaults = default_folders(config.as_deref(), server.is_gunicorn);
        let mut folders = Vec::new();
        for folder in defaults {
            folders.extend(self.file_id(&self.with_home(OsStr::new(folder))?)?);
        }
        Ok(folders)
    }

    /// `~` as Python's `expanduser` takes it.
    fn with_home(&self, folder: &OsStr) -> io::Result<PathBuf> {
        let path = Path::new(folder);
        let Ok(rest) = path.strip_prefix("~") else { return Ok(path.to_owned()) };
        let [home] = self.variables(["HOME"])?;
        let home = home.map(PathBuf::from).or_else(|| self.home_of_user()).unwrap_or_else(|| PathBuf::from("/"));
        Ok(home.join(rest))
    }

    /// The home of the process's user, from its own `/etc/passwd`.
    fn home_of_user(&self) -> Option<PathBuf> {
        let uid = fs::metadata(&self.folder).ok()?.uid().to_string();
        let users = fs::read_to_string(self.folder.join("root/etc/passwd")).ok()?;
        let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
        fields.filter(|fields| fields.get(2) == Some(&&*uid)).find_map(|fields| fields.get(5).map(PathBuf::from))
    }

    /// Variables of the process's environment, of which nothing else is kept.
    fn variables<const N: usize>(&self, names: [&str; N]) -> io::Result<[Option<OsString>; N]> {
        let environment = fs::read(self.folder.join("environ"))?;
        Ok(names.map(|name| {
            let values = environment
                .split(|byte| *byte == 0)
                .filter_map(|variable| variable.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"=")));
            values.map(|value| OsString::from_vec(value.to_vec())).next()
        }))
    }

    /// What a path of the process leads to; none if nowhere.
    fn file_id(&self, path: &Path) -> io::Result<Option<FileId>> {
        let found = match path.strip_prefix("/") {
            Ok(path) => metadata_in_root(&self.folder.join("root"), path),
            Err(_) => fs::metadata(self.folder.join("cwd").join(path)),
        };
        match found {
            Ok(metadata) => Ok(Some(FileId { device: metadata.dev(), inode: metadata.ino() })),
            // Another process may have no such folder; its own files are there as long as it is.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the process has one of the files open for writing.
    fn writes_to(&self, files: &[FileId]) -> io::Result<bool> {
        let folder = fs::File::open(self.folder.join("fd"))?;
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            // From the folder on, because to walk to each descriptor takes longer than to look at it.
            let Ok(file) = statat(&folder, entry.file_name(), AtFlags::empty()) else { continue };
            #[allow(clippy::unnecessary_cast)] // the types differ between systems
            let file = FileId { device: file.st_dev as u64, inode: file.st_ino as u64 };
            if !files.contains(&file) {
                continue;
            }
            // The mode of the link tells how the file was opened.
            let link = statat(&folder, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)?;
            if link.st_mode & 0o200 != 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Of a process that cannot be looked into: whether its user could save users.json. Root could, but a Specter of root's
    /// tells itself by its command line.
    fn may_write(&self, folders: &[&Path]) -> bool {
        let Ok(process) = fs::metadata(&self.folder) else { return false };
        let is_specter = Server::of(&self.arguments()).is_some();
        folders.iter().filter_map(|folder| fs::metadata(folder).ok()).any(|folder| {
            folder.uid() == process.uid() || folder.mode() & 0o022 != 0 || process.uid() == 0 && is_specter
        })
    }

    /// Of a process that cannot be looked into: whether it could be a Specter that was started in an unusual way.
    fn could_be_python(&self) -> bool {
        let program = self.arguments().first().map(|program| name_of(program.as_bytes())).unwrap_or_default();
        program.starts_with(b"python") || program.starts_with(b"pypy") || program.starts_with(b"uwsgi")
    }
}

/// A small file, read without a look at its size, which `/proc` does not tell.
fn contents(file: &Path) -> io::Result<Vec<u8>> {
    let mut file = fs::File::open(file)?;
    let mut bytes = vec![0; 4096];
    let length = file.read(&mut bytes)?;
    bytes.truncate(length);
    if length == 4096 {
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// What lies at a path below a process's root, with absolute links resolved from there.
#[cfg(target_os = "linux")]
fn metadata_in_root(root: &Path, path: &Path) -> io::Result<fs::Metadata> {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
    let handle = openat(CWD, root, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    match openat2(&handle, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::IN_ROOT) {
        Ok(found) => fs::File::from(found).metadata(),
        // Before Linux 5.6, and where a sandbox does not know the call.
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => fs::metadata(root.join(path)),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn metadata_in_root(root: &Path, path: &Path) -> io::Result<fs::Metadata> {
    fs::metadata(root.join(path))
}

/// What the command line of a Specter tells.
#[derive(Debug, PartialEq, Eq)]
struct Server<'a> {
    folder: Option<&'a OsStr>,
    config: Option<&'a OsStr>,
    is_gunicorn: bool,
}

impl<'a> Server<'a> {
    /// Reads a command line; none if it is no Specter's. A program that merely names one, such as an editor or the shell that
    /// starts it, is not meant: its first word is another.
    fn of(arguments: &[&'a OsStr]) -> Option<Self> {
        let mut words = arguments.iter().map(|word| word.as_bytes());
        let program = name_of(words.next()?);
        // A process that has changed its title has one long word: `gunicorn: master [cryptoadvance.specter.server:…]`.
        let is_titled = program.starts_with(b"gunicorn: ");
        let is_python = program.starts_with(b"python") || program.starts_with(b"pypy");
        let rest: Vec<&[u8]> = words.collect();
        let has = |wanted: &dyn Fn(&[u8]) -> bool| rest.iter().any(|word| wanted(word));
        let is_module =
            |word: &[u8]| contains(word, b"cryptoadvance.specter") || contains(word, b"cryptoadvance/specter");
        let is_script = |word: &[u8]| is_specter(name_of(word));
        let is_gunicorn = is_titled || program == b"gunicorn" || is_python && has(&|word| name_of(word) == b"gunicorn");
        let is_specter = if is_gunicorn {
            has(&is_module) || is_module(arguments[0].as_bytes()) || is_specter(program)
        } else {
            (is_specter(program) || is_python && has(&|word| is_module(word) || is_script(word)))
                && has(&|word| word == b"server")
        };
        if !is_specter {
            return None;
        }
        let option = |name: &str| {
            // Of several, the last counts.
            let last = arguments.iter().rposition(|word| word.as_bytes().starts_with(name.as_bytes()))?;
            match arguments[last].as_bytes()[name.len()..].split_first() {
                None => arguments.get(last + 1).copied(),
                Some((b'=', value)) => Some(OsStr::from_bytes(value)),
                Some(_) => None,
            }
        };
        Some(Server { folder: option("--specter-data-folder"), config: option("--config"), is_gunicorn })
    }
}

/// The program of Specter's own packages: `specter` from PyPI, `specterd` for servers and in the desktop app.
fn is_specter(program: &[u8]) -> bool {
    program == b"specter" || program.starts_with(b"specterd")
}

/// Where a Specter keeps its data that was not told where.
fn default_folders(config: Option<&OsStr>, is_gunicorn: bool) -> &'static [&'static str] {
    let config = config.unwrap_or_default().as_bytes();
    match name_after(config, b'.') {
        b"DevelopmentConfig" => &["~/.specter_dev"],
        b"TestConfig" => &["~/.specter_testing"],
        b"CypressTestConfig" => &["~/.specter_cypress"],
        // What gunicorn is told to call may name a configuration, or leave it to Specter.
        b"" if is_gunicorn => &["~/.specter", "~/.specter_dev"],
        _ => &["~/.specter"],
    }
}

fn name_of(program: &[u8]) -> &[u8] {
    name_after(program, b'/')
}

fn name_after(text: &[u8], mark: u8) -> &[u8] {
    text.rsplit(|byte| *byte == mark).next().unwrap_or_default()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test stops where something is not as it should be
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    fn server(arguments: &str) -> Option<Server<'_>> {
        Server::of(&arguments.split(' ').map(OsStr::new).collect::<Vec<_>>())
    }

    #[test]
    fn command_lines_of_specters() {
        const DEFAULT: &[&str] = &["~/.specter"];
        for (line, folder, defaults) in [
            ("python3 -m cryptoadvance.specter server", None, DEFAULT),
            (
                "/srv/env/bin/python -u -m cryptoadvance.specter --debug server --config DevelopmentConfig",
                None,
                &["~/.specter_dev"],
            ),
            ("/usr/bin/python3.11 -m cryptoadvance.specter server --specter-data-folder /a", Some("/a"), DEFAULT),
            ("python -m cryptoadvance.specter server --specter-data-folder=/a=b --port 1", Some("/a=b"), DEFAULT),
            (
                "python -m cryptoadvance.specter server --specter-data-folder /a --specter-data-folder /b",
                Some("/b"),
                DEFAULT,
            ),
            (
                "/env/bin/python /env/bin/specter server --config=cryptoadvance.specter.config.DevelopmentConfig",
                None,
                &["~/.specter_dev"],
            ),
            ("python /src/specter-desktop/src/cryptoadvance/specter/__main__.py server", None, DEFAULT),
            ("./specterd server --no-filelog", None, DEFAULT),
            ("/opt/specter/specterd-v2.1.1-x86_64-linux-gnu server", None, DEFAULT),
            ("python3 -m cryptoadvance.specter gunicorn", None, &["~/.specter", "~/.specter_dev"]),
            (
                "/env/bin/python /env/bin/gunicorn -w 1 cryptoadvance.specter.server:create_and_init()",
                None,
                &["~/.specter", "~/.specter_dev"],
            ),
        ] {
            let server = server(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(server.folder, folder.map(OsStr::new), "{line}");
            assert_eq!(default_folders(server.config, server.is_gunicorn), defaults, "{line}");
        }
        let title = OsStr::new("gunicorn: master [cryptoadvance.specter.server:create_and_init()]");
        assert!(Server::of(&[title]).is_some_and(|server| server.is_gunicorn));
    }

    /// They name a Specter, or are one that keeps no users.
    #[test]
    fn command_lines_of_others() {
        for line in [
            "",
            "vim cryptoadvance.specter server",
            "sh -c python3\u{A0}-m\u{A0}cryptoadvance.specter\u{A0}server",
            "tmux new -d python3 -m cryptoadvance.specter server",
            "sudo -u specter python3 -m cryptoadvance.specter server",
            "tail -f /home/specter/.specter/specter.log server",
            "python3 -m http.server",
            "python3 server",
            "python3 -m cryptoadvance.specter ext gen",
            "specter-token create -d server",
            "/usr/bin/gunicorn other.app:server",
        ] {
            assert_eq!(server(line), None, "{line}");
        }
    }

    #[test]
    fn where_a_client_reaches_it() {
        for (line, url) in [
            ("python3 -m cryptoadvance.specter server", "http://127.0.0.1:25441"),
            ("python3 -m cryptoadvance.specter server --port 80", "http://127.0.0.1:80"),
            ("python3 -m cryptoadvance.specter server --ssl --port=443", "https://127.0.0.1:443"),
            ("python3 -m cryptoadvance.specter server --cert x.pem --key y.pem", "https://127.0.0.1:25441"),
        ] {
            assert_eq!(Process { id: 1, command_line: line.to_owned() }.url(), url);
        }
    }

    /// A `/proc` with one process beside the first.
    struct Proc {
        folder: TempDir,
    }

    const ID: u32 = 4_000_000_000;

    impl Proc {
        fn new(command_line: &str, environment: &str) -> Self {
            let folder = TempDir::new().unwrap();
            let proc = Proc { folder };
            fs::create_dir_all(proc.path("self/ns")).unwrap();
            symlink("pid:[4026531836]", proc.path("self/ns/pid")).unwrap();
            fs::create_dir_all(proc.path("1/fd")).unwrap();
            fs::write(proc.path("1/cmdline"), "init\0").unwrap();
            let process = ID.to_string();
            fs::create_dir_all(proc.path(&process).join("fd")).unwrap();
            fs::write(proc.path(&process).join("cmdline"), command_line.replace(' ', "\0") + "\0").unwrap();
            fs::write(proc.path(&process).join("environ"), environment.replace(' ', "\0") + "\0").unwrap();
            symlink("/", proc.path(&process).join("root")).unwrap();
            symlink("/", proc.path(&process).join("cwd")).unwrap();
            proc
        }

        fn path(&self, path: &str) -> PathBuf {
            self.folder.path().join(path)
        }

        fn of_process(&self, path: &str) -> PathBuf {
            self.path(&ID.to_string()).join(path)
        }

        fn root(self, root: &Path) -> Self {
            fs::remove_file(self.of_process("root")).unwrap();
            symlink(root, self.of_process("root")).unwrap();
            self
        }

        fn look(&self, folder: &Path) -> Presence {
            look_in(self.folder.path(), &[folder])
        }

        #[track_caller]
        fn expect_running(&self, folder: &Path) {
            assert!(matches!(self.look(folder), Presence::Running(Process { id: ID, .. })), "{:?}", self.look(folder));
        }
    }

    const SERVER: &str = "python3 -m cryptoadvance.specter server";

    #[test]
    fn the_folder_of_a_specter() {
        let home = TempDir::new().unwrap();
        let folder = home.path().join(".specter");
        let other = home.path().join("other");
        let development = home.path().join(".specter_dev");
        for folder in [&folder, &other, &development] {
            fs::create_dir(folder).unwrap();
        }
        let link = home.path().join("link");
        symlink(&folder, &link).unwrap();
        let (home, other, link) = (home.path().display(), other.display(), link.display());
        let in_home = format!("HOME={home}");
        for (arguments, environment, runs_on) in [
            (String::new(), in_home.clone(), &folder),
            (String::new(), format!("{in_home} SPECTER_DATA_FOLDER=~/.specter"), &folder),
            (String::new(), format!("SPECTER_DATA_FOLDER={link} {in_home}"), &folder),
            (" --specter-data-folder ~/.specter".to_owned(), format!("{in_home} SPECTER_DATA_FOLDER={other}"), &folder),
            (format!(" --specter-data-folder={link}"), in_home.clone(), &folder),
            (format!(" --specter-data-folder {}", &home.to_string()[1..]) + "/.specter", String::new(), &folder),
            (" --config DevelopmentConfig".to_owned(), in_home.clone(), &development),
            (String::new(), format!("{in_home} SPECTER_CONFIG=DevelopmentConfig"), &development),
        ] {
            let proc = Proc::new(&format!("{SERVER}{arguments}"), &environment);
            proc.expect_running(runs_on);
            let elsewhere = Path::new(&other.to_string()).to_owned();
            assert_eq!(proc.look(&elsewhere), Presence::Stopped, "{arguments} {environment}");
        }
    }

    #[test]
    fn in_a_container_paths_are_its_own() {
        let root = TempDir::new().unwrap();
        let folder = root.path().join("data/real");
        fs::create_dir_all(&folder).unwrap();
        symlink("/data/real", root.path().join("data/link")).unwrap();
        for path in ["/data/real", "/data/link", "/data/../data/real"] {
            let proc = Proc::new(&format!("{SERVER} --specter-data-folder {path}"), "").root(root.path());
            proc.expect_running(&folder);
            assert_eq!(proc.look(Path::new("/usr")), Presence::Stopped);
        }
        // The home of its user is told by its own /etc/passwd.
        fs::create_dir(root.path().join("etc")).unwrap();
        let uid = fs::metadata(&folder).unwrap().uid();
        fs::write(
            root.path().join("etc/passwd"),
            format!("other:x:{}::/o:\nspecter:x:{uid}:0::/data:/bin/sh\n", uid + 1),
        )
        .unwrap();
        fs::create_dir(root.path().join("data/.specter")).unwrap();
        Proc::new(SERVER, "").root(root.path()).expect_running(&root.path().join("data/.specter"));
    }

    #[test]
    fn a_log_that_is_open_for_writing() {
        let folder = TempDir::new().unwrap();
        let log = folder.path().join("specter.log");
        fs::write(&log, "").unwrap();
        let proc = Proc::new("python3 something.py", "");
        assert_eq!(proc.look(folder.path()), Presence::Stopped);
        symlink(&log, proc.of_process("fd/7")).unwrap();
        proc.expect_running(folder.path());

        // In the real /proc, the mode of a descriptor is seen as well.
        let reader = fs::File::open(&log).unwrap();
        let us = Running::new(Path::new("/proc"), std::process::id());
        let ours = [FileId::of(&log).unwrap()];
        assert!(!us.writes_to(&ours).unwrap(), "who reads the log, such as `tail -f`, is no Specter");
        let writer = fs::OpenOptions::new().append(true).open(&log).unwrap();
        assert!(us.writes_to(&ours).unwrap());
        drop((reader, writer));
    }

    #[test]
    fn unknown_where_not_everything_is_seen() {
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        let in_container = Proc::new("init", "");
        fs::remove_file(in_container.path("self/ns/pid")).unwrap();
        symlink("pid:[4026532000]", in_container.path("self/ns/pid")).unwrap();
        assert_eq!(in_container.look(path), Presence::Unknown);
        let hidden = Proc::new("init", "");
        fs::remove_dir_all(hidden.path("1")).unwrap();
        assert_eq!(hidden.look(path), Presence::Unknown);
        assert_eq!(look_in(Path::new("/nonexistent"), &[path]), Presence::Unknown);

        // What cannot be looked into stands for what belongs to others: a folder where a file is expected.
        let closed = |arguments: &str| {
            let proc = Proc::new(arguments, "");
            fs::remove_file(proc.of_process("environ")).unwrap();
            fs::create_dir(proc.of_process("environ")).unwrap();
            fs::remove_file(proc.of_process("root")).unwrap();
            fs::write(proc.of_process("root"), "").unwrap();
            proc
        };
        assert_eq!(closed(SERVER).look(path), Presence::Unknown);
        assert_eq!(closed(&format!("{SERVER} --specter-data-folder /usr")).look(path), Presence::Unknown);
        closed(&format!("{SERVER} --specter-data-folder {}", path.display())).expect_running(path);
        assert_eq!(closed("python3 other.py").look(path), Presence::Stopped);
    }

    #[test]
    fn a_process_that_has_ended_is_no_specter() {
        let folder = TempDir::new().unwrap();
        let proc = Proc::new(SERVER, "");
        fs::remove_file(proc.of_process("environ")).unwrap();
        assert_eq!(proc.look(folder.path()), Presence::Stopped);
    }

    #[test]
    fn a_long_command_line_is_cut() {
        let proc = Proc::new(&format!("{SERVER} {}", "é".repeat(300)), "");
        let shown = Running::new(proc.folder.path(), ID).shown().command_line;
        assert_eq!(shown.chars().count(), 201);
        assert!(shown.ends_with("é…"));
    }
}
