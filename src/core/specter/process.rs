//! Recognises a Specter that runs on a data folder. It leaves no pid file, no lock and no socket there, so the processes of
//! this machine are looked through for two signs, either of which suffices:
//!
//! 1. the command line is that of a Specter, and the folder that it would use is this one; true from its start to its end. Of
//!    another program in Python, a library that it has loaded tells whether it runs one;
//! 2. it has `specter.log` in the folder open for writing, which also finds a Specter that was started in an unusual way.
//!
//! Files are compared by device and inode, because a process in a container has other names for them. The environment of a
//! process holds its key: of it, a few variables are ever kept, and none of those is the key.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, Mode, OFlags, openat, statat};

use super::command_line::{CommandLine, base_name};
use crate::core::process::Process;

/// Whether a Specter runs on a data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Presence {
    Running(Process),
    Stopped,
    /// Nobody could see: there is no `/proc`, or it does not show every process, or not enough of one that could be it.
    Unknown,
}

/// Looks for a Specter that runs on any of these folders.
pub(crate) fn look(folders: &[&Path]) -> Presence {
    look_in(Path::new("/proc"), folders)
}

/// Whether a Specter has ever got so far on this folder as to read its users.json: right after, it makes these files.
pub(crate) fn has_been_started_on(folder: &Path) -> bool {
    folder.join("config.json").exists() || folder.join("specter.log").exists()
}

fn look_in(proc: &Path, folders: &[&Path]) -> Presence {
    let ours: Vec<FileId> = folders
        .iter()
        // Through a link, another folder may have the same users.json.
        .flat_map(|folder| [FileId::of(folder), FileId::of(&folder.join("users.json"))])
        .flatten()
        .collect();
    let Ok(processes) = processes_in(proc) else { return Presence::Unknown };

    let mut sees_all = sees_every_process(proc);
    for process in &processes {
        let arguments = process.arguments();
        let Some(told) = CommandLine::read(&arguments) else { continue };
        if !told.is_certain && !process.has_specter_loaded() {
            continue;
        }
        match process.uses(&told, &ours) {
            Ok(Some(true)) => return Presence::Running(process.shown(Some(&told))),
            Ok(Some(false)) => {}
            Ok(None) => sees_all = false,
            // Its folder as it is named here: in a container, it may be another.
            Err(_) if told.folder.is_some_and(|folder| is_named(folder, &ours)) => {
                return Presence::Running(process.shown(Some(&told)));
            }
            Err(error) => sees_all &= is_gone(&error) || !process.may_write(folders),
        }
    }
    let logs: Vec<FileId> = folders.iter().filter_map(|folder| FileId::of(&folder.join("specter.log"))).collect();
    if !logs.is_empty() {
        for process in &processes {
            match process.writes_to(&logs) {
                Ok(true) => return Presence::Running(process.shown(None)),
                Ok(false) => {}
                Err(error) => sees_all &= is_gone(&error) || !(process.could_be_python() && process.may_write(folders)),
            }
        }
    }
    if sees_all { Presence::Stopped } else { Presence::Unknown }
}

/// The processes in `/proc` but for this one.
fn processes_in(proc: &Path) -> io::Result<Vec<Running>> {
    let folder = File::open(proc)?;
    // Not with std's `read_dir`, which ends the program should closing the folder ever fail.
    let mut processes = Vec::new();
    let own = std::process::id();
    let kernel_threads = kernel_threads(&folder);
    for entry in Dir::read_from(&folder)? {
        let entry = entry?;
        let Some(id) = entry.file_name().to_str().ok().and_then(|name| name.parse().ok()) else { continue };
        if id == own || kernel_threads.binary_search(&id).is_ok() {
            continue;
        }
        // A process that has ended has none.
        let command_line = contents(&folder, &format!("{id}/cmdline")).unwrap_or_default();
        processes.push(Running { id, folder: proc.join(id.to_string()), command_line });
    }
    Ok(processes)
}

/// The threads of the kernel, ascending, of which a machine may have more than of all other processes. None in a container, nor
/// where they are not listed: then they are looked at like others, and found to have no command line.
fn kernel_threads(proc: &File) -> Vec<u32> {
    /// `PF_KTHREAD` of Linux, which no other process can have.
    const OF_KERNEL: u32 = 0x0020_0000;
    let text = |path| String::from_utf8(contents(proc, path).unwrap_or_default()).unwrap_or_default();
    // The one that starts the others. What stands after its name: state, parent, group, session, terminal and its group, flags.
    let stat = text("2/stat");
    let flags =
        stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(6)).and_then(|flags| flags.parse().ok());
    if flags.is_none_or(|flags: u32| flags & OF_KERNEL == 0) {
        return Vec::new();
    }
    let mut ids: Vec<u32> = text("2/task/2/children").split_whitespace().filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable();
    ids
}

/// A small file below a folder, read without a look at its size, which `/proc` does not tell.
fn contents(folder: &File, path: &str) -> io::Result<Vec<u8>> {
    const ENOUGH: usize = 4096;
    let mut file = File::from(openat(folder, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?);
    let mut buffer = [0; ENOUGH];
    let length = file.read(&mut buffer)?;
    let mut bytes = buffer[..length].to_vec();
    if length == ENOUGH {
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
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
    is_first && File::open(proc.join("1/cmdline")).is_ok_and(|mut file| file.read(&mut [0]).is_ok())
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
    fn arguments(&self) -> Vec<&OsStr> {
        let command_line = self.command_line.strip_suffix(b"\0").unwrap_or(&self.command_line);
        command_line.split(|byte| *byte == 0).map(OsStr::from_bytes).collect()
    }

    fn shown(&self, told: Option<&CommandLine<'_>>) -> Process {
        /// Enough to know it by.
        const LONGEST: usize = 200;
        let words: Vec<_> = self.arguments().iter().map(|word| word.to_string_lossy()).collect();
        let mut command_line: String = words.join(" ");
        if let Some((end, _)) = command_line.char_indices().nth(LONGEST) {
            command_line.truncate(end);
            command_line.push('…');
        }
        let variables = self.variables(["HOST", "PORT", "APP_URL_PREFIX"]).unwrap_or_default();
        let [host, port, prefix] = variables.each_ref().map(|value| value.as_deref().and_then(OsStr::to_str));
        Process { id: self.id, command_line, url: told.and_then(|told| told.url(host, port, prefix)) }
    }

    /// Whether a Specter with this command line uses one of our folders. None if it cannot be told from the outside.
    fn uses(&self, told: &CommandLine<'_>, ours: &[FileId]) -> io::Result<Option<bool>> {
        let is_ours = |folder: &OsStr| {
            let folder = self.with_home(folder)?;
            let found = [self.file_id(&folder)?, self.file_id(&folder.join("users.json"))?];
            io::Result::Ok(found.into_iter().flatten().any(|file| ours.contains(&file)))
        };
        if let Some(folder) = told.folder {
            return is_ours(folder).map(Some);
        }
        let [folder, config] = self.variables(["SPECTER_DATA_FOLDER", "SPECTER_CONFIG"])?;
        if let Some(folder) = told.setting("SPECTER_DATA_FOLDER").map(OsStr::to_owned).or(folder) {
            return is_ours(&folder).map(Some);
        }
        let config = told.config.or(told.setting("SPECTER_CONFIG")).map(OsStr::to_owned).or(config);
        for folder in told.default_folders(config.as_deref()) {
            if is_ours(OsStr::new(folder))? {
                return Ok(Some(true));
            }
        }
        // A host may have a file of settings, and so may Specter, four folders above the one that it was started in.
        let has_settings = told.is_hosted || self.folder.join("cwd/../../../../.flaskenv").exists();
        Ok((!has_settings).then_some(false))
    }

    /// Whether a library is loaded that comes with Specter and with little else.
    fn has_specter_loaded(&self) -> bool {
        let maps = fs::read(self.folder.join("maps")).unwrap_or_default();
        maps.windows(7).any(|part| part == b"/embit/")
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
    fn variables<const N: usize>(&self, names: [&str; N]) -> io::Result<[Option<OsString>; N]>
    where
        [Option<OsString>; N]: Default,
    {
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
        let folder = File::open(self.folder.join("fd"))?;
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
        let is_specter = CommandLine::read(&self.arguments()).is_some_and(|told| told.is_certain);
        folders.iter().filter_map(|folder| fs::metadata(folder).ok()).any(|folder| {
            folder.uid() == process.uid() || folder.mode() & 0o022 != 0 || process.uid() == 0 && is_specter
        })
    }

    /// Of a process that cannot be looked into: whether it could be a Specter that was started in an unusual way.
    fn could_be_python(&self) -> bool {
        let program = self.arguments().first().map(|program| program.as_bytes()).unwrap_or_default();
        let program = base_name(program);
        [&b"python"[..], b"pypy", b"uwsgi", b"gunicorn"].iter().any(|name| program.starts_with(name))
    }
}

/// What lies at a path below a process's root, with absolute links resolved from there.
#[cfg(target_os = "linux")]
fn metadata_in_root(root: &Path, path: &Path) -> io::Result<fs::Metadata> {
    use rustix::fs::{CWD, ResolveFlags, openat2};
    let handle = openat(CWD, root, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    match openat2(&handle, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::IN_ROOT) {
        Ok(found) => File::from(found).metadata(),
        // Before Linux 5.6, and where a sandbox does not know the call.
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => fs::metadata(root.join(path)),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn metadata_in_root(root: &Path, path: &Path) -> io::Result<fs::Metadata> {
    fs::metadata(root.join(path))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test stops where something is not as it should be
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

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

    /// A server of web applications tells where Specter's data is, or keeps it to itself.
    #[test]
    fn under_a_host() {
        const APP: &str = "cryptoadvance.specter.server:create_and_init()";
        let folder = TempDir::new().unwrap();
        let path = folder.path().display();
        let elsewhere = "SPECTER_DATA_FOLDER=/usr";
        let env = format!("SPECTER_DATA_FOLDER={path}");
        let gunicorn = |arguments: &str, environment: &str| Proc::new(&format!("gunicorn {arguments}"), environment);
        gunicorn(APP, &env).expect_running(folder.path());
        gunicorn(&format!("-e {env} {APP}"), elsewhere).expect_running(folder.path());
        assert_eq!(gunicorn(APP, elsewhere).look(folder.path()), Presence::Stopped);
        assert_eq!(gunicorn(&format!("-c settings.py {APP}"), "").look(folder.path()), Presence::Unknown);
        // Whether it runs a Specter at all is seen from what it has loaded.
        let other = gunicorn("-c settings.py", "");
        assert_eq!(other.look(folder.path()), Presence::Stopped);
        fs::write(other.of_process("maps"), "7f0 r-xp 0 0:0 1 /env/site-packages/embit/util/prebuilt/x.so\n").unwrap();
        assert_eq!(other.look(folder.path()), Presence::Unknown);
    }

    #[test]
    fn a_file_of_settings_four_folders_above() {
        let folder = TempDir::new().unwrap();
        let started_in = folder.path().join("1/2/3/4");
        fs::create_dir_all(&started_in).unwrap();
        let proc = Proc::new(SERVER, "");
        fs::remove_file(proc.of_process("cwd")).unwrap();
        symlink(&started_in, proc.of_process("cwd")).unwrap();
        assert_eq!(proc.look(folder.path()), Presence::Stopped);
        fs::write(folder.path().join(".flaskenv"), "SPECTER_DATA_FOLDER=somewhere").unwrap();
        assert_eq!(proc.look(folder.path()), Presence::Unknown);
    }

    #[test]
    fn another_folder_whose_users_json_is_ours() {
        let (ours, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        fs::write(ours.path().join("users.json"), "[]").unwrap();
        symlink(ours.path().join("users.json"), other.path().join("users.json")).unwrap();
        let proc = Proc::new(&format!("{SERVER} --specter-data-folder {}", other.path().display()), "");
        proc.expect_running(ours.path());
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
        let id = std::process::id();
        let us = Running { id, folder: PathBuf::from(format!("/proc/{id}")), command_line: Vec::new() };
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
    fn only_the_kernels_own_threads_are_passed_over() {
        let folder = TempDir::new().unwrap();
        let proc = Proc::new(&format!("{SERVER} --specter-data-folder {}", folder.path().display()), "");
        fs::create_dir_all(proc.path("2/task/2")).unwrap();
        fs::write(proc.path("2/task/2/children"), format!("7 {ID} 3 ")).unwrap();
        // In a container, anybody may be process 2, and take any name.
        for stat in [
            "",
            "2 (kthreadd) S 0 0 0 0 -1",
            "2 (kthreadd) S 0 0 0 0 -1 4194304 0",
            "2 (a) 2097152 b) S 0 0 0 0 -1 64 2097152",
        ] {
            fs::write(proc.path("2/stat"), stat).unwrap();
            proc.expect_running(folder.path());
        }
        fs::write(proc.path("2/stat"), "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0").unwrap();
        assert_eq!(proc.look(folder.path()), Presence::Stopped);
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
        let processes = processes_in(proc.folder.path()).unwrap();
        let shown = processes.iter().find(|process| process.id == ID).unwrap().shown(None).command_line;
        assert_eq!(shown.chars().count(), 201);
        assert!(shown.ends_with("é…"));
    }
}
