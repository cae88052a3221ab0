//! Recognises a Specter that runs on a data folder. It leaves no pid file, lock or socket there, so the processes of
//! this machine are searched for two signs. Either is enough:
//!
//! 1. The command line is that of a Specter, and the folder that it would use is this one. This holds from its start to
//!    its end. For another program in Python, a library that it has loaded tells whether it runs a Specter.
//! 2. The process has `specter.log` in the folder open for writing. This also finds a Specter that was started in an
//!    unusual way.
//!
//! Files are compared by device and inode, because a process in a container has other names for them. Anyone can start
//! a process with any command line, so a process counts only as far as it can do something with the folder. The
//! environment of a process holds its key: only a few variables of it are ever kept, and the key is not one of them.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, Mode, OFlags, openat, statat};

use super::access::{Access, Credentials, View};
use super::command_line::{CommandLine, ServerSettings, base_name};
use super::expanduser::{User, Whose, expanduser, home_in_passwd};
use super::package::version_of;
use super::root::{metadata_in_root, passwd_in_root};
use crate::core::process::Process;

/// Whether a Specter runs on a data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Presence {
    Running(Process),
    Stopped,
    /// It could not be seen: there is no `/proc`, or it does not show every process, or not enough of one that could be
    /// a Specter. The same holds for a Specter that can save nothing but still goes by what it has read.
    Unknown,
}

/// The result of looking at the processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) presence: Presence,
    /// Processes that claim to be a Specter on the folder but cannot even read it, in the order of their ids.
    pub(crate) passed_over: Vec<u32>,
}

impl From<Presence> for Seen {
    fn from(presence: Presence) -> Self {
        Seen { presence, passed_over: Vec::new() }
    }
}

/// Whether a Specter has ever run on this folder long enough to read its users.json. It makes these files right after.
pub(crate) fn has_been_started_on(folder: &Path) -> bool {
    folder.join("config.json").exists() || folder.join("specter.log").exists()
}

/// Whether another process has a file open for writing, as Specter has while it saves. Processes that we cannot inspect
/// do not count.
pub(crate) fn is_being_written(file: &Path) -> bool {
    let Some(file) = FileId::of(file) else { return false };
    let writes = |process: &Running| process.writes_to(&[file]).unwrap_or(false);
    processes_in(Path::new("/proc")).is_ok_and(|processes| processes.iter().any(writes))
}

/// Looks for a Specter that runs on any of these folders, among the processes in `/proc`, wherever that is.
pub(crate) fn look(proc: &Path, folders: &[&Path]) -> Seen {
    let ours: Vec<FileId> = folders
        .iter()
        // Another folder may have the same users.json through a link.
        .flat_map(|folder| [FileId::of(folder), FileId::of(&folder.join("users.json"))])
        .flatten()
        .collect();
    let Ok(processes) = processes_in(proc) else { return Presence::Unknown.into() };

    let mut sees_all = sees_every_process(proc);
    let mut passed_over = Vec::new();
    for process in &processes {
        let arguments = process.arguments();
        let Some(told) = CommandLine::read(&arguments) else { continue };
        if !told.is_certain && !process.may_have_specter_loaded() {
            continue;
        }
        let (is_ours, access) = match process.uses(&told, &ours) {
            Ok(Use::Elsewhere) => continue,
            Ok(Use::Ours(folder)) => {
                let view = View::of_process(&process.folder);
                (true, process.access(|credentials| credentials.access(&view, &folder)))
            }
            Ok(Use::Untold) => (false, process.access(|credentials| credentials.access_to_any(folders))),
            Err(error) => match told.folder().filter(|folder| is_named(folder, &ours)) {
                // The path names our folder here. In a container, it may be another one.
                Some(folder) => {
                    let folder = Path::new(folder);
                    (true, process.access(|credentials| credentials.access_from_inside(folder)))
                }
                None if is_gone(&error) => continue,
                None => (false, process.access(|credentials| credentials.access_to_any(folders))),
            },
        };
        match access {
            Some(Access::Write) if is_ours => {
                let process = process.shown(Some(&told), &trusted_users(proc, folders));
                return Seen { presence: Presence::Running(process), passed_over };
            }
            Some(Access::Write | Access::Read) => sees_all = false,
            Some(Access::Nothing) if is_ours => passed_over.push(process.id),
            // Another user's Specter on another folder, or a process that has ended.
            Some(Access::Nothing) | None => {}
        }
    }
    passed_over.sort_unstable();
    let logs: Vec<FileId> = folders.iter().filter_map(|folder| FileId::of(&folder.join("specter.log"))).collect();
    if !logs.is_empty() {
        for process in &processes {
            match process.writes_to(&logs) {
                Ok(true) => {
                    let process = process.shown(None, &trusted_users(proc, folders));
                    return Seen { presence: Presence::Running(process), passed_over };
                }
                Ok(false) => {}
                Err(error) => {
                    sees_all &= is_gone(&error) || !(process.could_be_python() && process.may_write(folders));
                }
            }
        }
    }
    Seen { presence: if sees_all { Presence::Stopped } else { Presence::Unknown }, passed_over }
}

/// The users who can change the folder anyway, so that their processes need no doubt: root, the folder's owner, and we.
pub(super) fn trusted_users(proc: &Path, folders: &[&Path]) -> Vec<u32> {
    let mut users = vec![0];
    users.extend(folders.iter().filter_map(|folder| fs::metadata(folder).ok()).map(|folder| folder.uid()));
    users.extend(Credentials::of(&proc.join("self")).iter().flat_map(Credentials::users));
    users
}

/// The processes in `/proc` without this one.
pub(super) fn processes_in(proc: &Path) -> io::Result<Vec<Running>> {
    let folder = File::open(proc)?;
    // std's `read_dir` is not used, because it would end the program if closing the folder failed.
    let mut processes = Vec::new();
    let own = std::process::id();
    let kernel_threads = kernel_threads(&folder);
    for entry in Dir::read_from(&folder)? {
        let entry = entry?;
        let Some(id) = entry.file_name().to_str().ok().and_then(|name| name.parse().ok()) else { continue };
        if id == own || kernel_threads.binary_search(&id).is_ok() {
            continue;
        }
        // A process that has ended has no command line.
        let command_line = contents(&folder, &format!("{id}/cmdline")).unwrap_or_default();
        processes.push(Running { id, folder: proc.join(id.to_string()), command_line });
    }
    Ok(processes)
}

/// The threads of the kernel, in ascending order. A machine may have more of them than of all other processes. The list
/// is empty in a container, and if the kernel does not list them; then they are looked at like others, and have no
/// command line.
fn kernel_threads(proc: &File) -> Vec<u32> {
    /// `PF_KTHREAD` of Linux, which no other process can have.
    const OF_KERNEL: u32 = 0x0020_0000;
    let text = |path| String::from_utf8(contents(proc, path).unwrap_or_default()).unwrap_or_default();
    // This thread starts the others. After its name come state, parent, group, session, terminal and its group, flags.
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

/// Reads a small file below a folder without asking for its size, which `/proc` does not tell.
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

/// Whether the process has ended meanwhile. Such a process hides nothing.
pub(super) fn is_gone(error: &io::Error) -> bool {
    // ESRCH has no kind of its own.
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(3)
}

fn is_named(folder: &OsStr, ours: &[FileId]) -> bool {
    let folder = Path::new(folder);
    folder.is_absolute() && FileId::of(folder).is_some_and(|folder| ours.contains(&folder))
}

/// Whether all processes of the machine are visible. They are not in a container, or if those of others are hidden
/// (`hidepid`).
fn sees_every_process(proc: &Path) -> bool {
    /// The number of the first PID namespace is fixed (`PROC_PID_INIT_INO` of Linux).
    const FIRST: &str = "pid:[4026531836]";
    let is_first = fs::read_link(proc.join("self/ns/pid")).is_ok_and(|namespace| namespace == Path::new(FIRST));
    is_first && File::open(proc.join("1/cmdline")).is_ok_and(|mut file| file.read(&mut [0]).is_ok())
}

/// The identity of a file, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    pub(super) fn of(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().map(|metadata| FileId { device: metadata.dev(), inode: metadata.ino() })
    }
}

/// The folder that a Specter uses.
#[derive(Debug)]
enum Use {
    /// One of ours, at this path of the process.
    Ours(PathBuf),
    Elsewhere,
    /// The folder cannot be found out from the outside.
    Untold,
}

/// A process, and its folder in `/proc`.
pub(super) struct Running {
    pub(super) id: u32,
    pub(super) folder: PathBuf,
    command_line: Vec<u8>,
}

impl Running {
    pub(super) fn arguments(&self) -> Vec<&OsStr> {
        let command_line = self.command_line.strip_suffix(b"\0").unwrap_or(&self.command_line);
        command_line.split(|byte| *byte == 0).map(OsStr::from_bytes).collect()
    }

    /// Describes the process. Its own words count, and are repeated, only if it belongs to one of these users.
    fn shown(&self, told: Option<&CommandLine<'_>>, trusted: &[u32]) -> Process {
        /// This is enough to recognise it.
        const LONGEST: usize = 200;
        // Another user may have put any package there.
        if !self.belongs_to(trusted) {
            return Process { id: self.id, command_line: None, url: None, version: None };
        }
        let words: Vec<_> = self.arguments().iter().map(|word| word.to_string_lossy()).collect();
        let mut command_line: String = words.join(" ");
        if let Some((end, _)) = command_line.char_indices().nth(LONGEST) {
            command_line.truncate(end);
            command_line.push('…');
        }
        let url = told.and_then(|told| self.url(told));
        Process { id: self.id, command_line: Some(command_line), url, version: version_of(&self.folder) }
    }

    fn url(&self, told: &CommandLine<'_>) -> Option<String> {
        const NAMES: [&str; 4] = ["SPECTER_API_ACTIVE", "HOST", "PORT", "APP_URL_PREFIX"];
        let values = self.settings(told, NAMES).ok()?;
        let [api, host, port, prefix] = values.each_ref().map(|value| value.as_deref().and_then(OsStr::to_str));
        told.url(ServerSettings { api, host, port, prefix })
    }

    /// Whether the process belongs to one of these users, and has not changed since it was found.
    pub(super) fn belongs_to(&self, users: &[u32]) -> bool {
        Credentials::of(&self.folder).is_ok_and(|credentials| credentials.is_of_any(users))
            && fs::read(self.folder.join("cmdline")).is_ok_and(|command_line| command_line == self.command_line)
    }

    /// The access of the process to a folder. `None` if the process has ended. If the access cannot be found out, it
    /// counts as full.
    fn access(&self, of: impl FnOnce(Credentials) -> io::Result<Access>) -> Option<Access> {
        match Credentials::of(&self.folder).and_then(of) {
            Ok(access) => Some(access),
            // A process that has ended has no command line, even before its parent has noticed.
            Err(_) if fs::read(self.folder.join("cmdline")).is_ok_and(|words| !words.is_empty()) => Some(Access::Write),
            Err(_) => None,
        }
    }

    /// Finds the folder that a Specter with this command line uses.
    fn uses(&self, told: &CommandLine<'_>, ours: &[FileId]) -> io::Result<Use> {
        let (folders, mut is_told) = self.told_folders(told)?;
        for folder in folders {
            match self.leads_to(told, &folder, ours)? {
                Use::Elsewhere => {}
                Use::Untold => is_told = false,
                Use::Ours(folder) => return Ok(Use::Ours(folder)),
            }
        }
        Ok(if is_told { Use::Elsewhere } else { Use::Untold })
    }

    /// Returns the folders that a Specter with this command line may use, as it was told them, and whether it can use no
    /// other.
    pub(super) fn told_folders(&self, told: &CommandLine<'_>) -> io::Result<(Vec<OsString>, bool)> {
        const NAMES: [&str; 3] = ["SPECTER_DATA_FOLDER", "SPECTER_CONFIG", "GUNICORN_CMD_ARGS"];
        if let Some(folder) = told.folder() {
            return Ok((vec![folder.to_owned()], true));
        }
        let [folder, config, more] = self.variables(NAMES)?;
        // These are more options of gunicorn, which may set any variable.
        let sets = |name: &[u8]| more.iter().any(|more| more.as_bytes().windows(name.len()).any(|part| part == name));
        let mut is_told = !told.is_code && (!told.is_hosted || !sets(b"SPECTER_") && !sets(b"HOME="));
        let folders = if let Some(folder) = folder {
            vec![folder]
        } else {
            // A host may have a file of settings. Specter may have one, too, four folders above the one in which it was
            // started.
            is_told &= !told.is_hosted && !self.folder.join("cwd/../../../../.flaskenv").exists();
            let (folders, are_all) = told.default_folders(config.as_deref());
            is_told &= are_all;
            folders.iter().map(OsString::from).collect()
        };
        Ok((folders, is_told))
    }

    /// Finds out whether a folder that the process was told to use is ours.
    fn leads_to(&self, told: &CommandLine<'_>, folder: &OsStr, ours: &[FileId]) -> io::Result<Use> {
        let expanded = self.with_home(told, folder)?;
        let is_known = expanded.is_some();
        // Python leaves the path as it is if the user does not exist. But there may be other lists of users than
        // passwd.
        let folder = expanded.map_or_else(|| PathBuf::from(folder), PathBuf::from);
        let found = [self.file_id(&folder)?, self.file_id(&folder.join("users.json"))?];
        Ok(match found.into_iter().flatten().any(|file| ours.contains(&file)) {
            true => Use::Ours(folder),
            false if is_known => Use::Elsewhere,
            false => Use::Untold,
        })
    }

    /// Whether the process has loaded a library that hardly any program but Specter uses.
    pub(super) fn has_specter_loaded(&self) -> io::Result<bool> {
        fs::read(self.folder.join("maps")).map(|maps| maps.windows(7).any(|part| part == b"/embit/"))
    }

    /// Whether the process has loaded it, or that cannot be seen.
    fn may_have_specter_loaded(&self) -> bool {
        self.has_specter_loaded()
            .unwrap_or_else(|error| error.kind() == io::ErrorKind::PermissionDenied && !self.is_of_distribution())
    }

    /// Whether the process runs a script of the operating system, such as one that waits for updates.
    fn is_of_distribution(&self) -> bool {
        let arguments = self.arguments();
        let script = arguments.iter().skip(1).map(|word| word.as_bytes()).find(|word| !word.starts_with(b"-"));
        script.is_some_and(|script| script.starts_with(b"/usr/") && !script.starts_with(b"/usr/local/"))
    }

    /// Expands a path as the process does. `None` if that needs a user who is not in its passwd.
    pub(super) fn with_home(&self, told: &CommandLine<'_>, path: &OsStr) -> io::Result<Option<OsString>> {
        if !path.as_bytes().starts_with(b"~") {
            return Ok(Some(path.to_owned()));
        }
        let [home] = self.settings(told, ["HOME"])?;
        Ok(expanduser(path, home, |whose| {
            let user = match whose {
                Whose::Own => User::Id(Credentials::of(&self.folder).ok()?.real_user()?),
                Whose::Named(name) => User::Name(name),
            };
            home_in_passwd(&passwd_in_root(&self.folder.join("root")).ok()?, user)
        }))
    }

    /// The values of variables that the command line sets, or else of those in the environment.
    fn settings<const N: usize>(&self, told: &CommandLine<'_>, names: [&str; N]) -> io::Result<[Option<OsString>; N]>
    where
        [Option<OsString>; N]: Default,
    {
        let mut values = self.variables(names)?;
        for (value, name) in values.iter_mut().zip(names) {
            if let Some(set) = told.setting(name) {
                *value = Some(set.to_owned());
            }
        }
        Ok(values)
    }

    /// Variables from the process's environment. Nothing else of it is kept.
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

    /// The file at a path of the process. `None` if there is none.
    pub(super) fn file_id(&self, path: &Path) -> io::Result<Option<FileId>> {
        let found = match path.strip_prefix("/") {
            Ok(path) => metadata_in_root(&self.folder.join("root"), path),
            Err(_) => fs::metadata(self.folder.join("cwd").join(path)),
        };
        match found {
            Ok(metadata) => Ok(Some(FileId { device: metadata.dev(), inode: metadata.ino() })),
            // Another process may not have this folder. Its own files in `/proc` exist as long as it does.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the process has one of the files open for writing.
    fn writes_to(&self, files: &[FileId]) -> io::Result<bool> {
        let folder = File::open(self.folder.join("fd"))?;
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            // Files are looked up from the folder, because walking to each descriptor takes longer than looking at it.
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

    /// Whether the user of a process that we cannot inspect could save users.json. Root could, but a Specter of root's
    /// is recognised by its command line.
    fn may_write(&self, folders: &[&Path]) -> bool {
        let access = self.access(|credentials| credentials.without_power().access_to_any(folders));
        access == Some(Access::Write)
    }

    /// Whether a process that we cannot inspect could be a Specter that was started in an unusual way.
    fn could_be_python(&self) -> bool {
        let program = self.arguments().first().map(|program| program.as_bytes()).unwrap_or_default();
        let program = base_name(program);
        [&b"python"[..], b"pypy", b"uwsgi", b"gunicorn"].iter().any(|name| program.starts_with(name))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test panics if something is wrong
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;

    /// A `/proc` with one process besides the first.
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
            let us = fs::metadata(proc.folder.path()).unwrap();
            proc.status(&[us.uid().to_string().as_str(); 4].join("\t"), &us.gid().to_string(), "0000000000000000");
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
            self.see(folder).presence
        }

        fn see(&self, folder: &Path) -> Seen {
            look(self.folder.path(), &[folder])
        }

        /// Writes the users, groups and capabilities of the process.
        fn status(&self, users: &str, groups: &str, capabilities: &str) {
            let status = format!(
                "Name:\tpython3\nUid:\t{users}\nGid:\t{groups}\nGroups:\t{groups} \nCapInh:\t0\nCapEff:\t{capabilities}\n"
            );
            fs::write(self.of_process("status"), status).unwrap();
        }

        fn works_in(&self, folder: &Path) {
            fs::remove_file(self.of_process("cwd")).unwrap();
            symlink(folder, self.of_process("cwd")).unwrap();
        }

        fn runs_on(&self, folder: &Path) -> bool {
            matches!(self.look(folder), Presence::Running(Process { id: ID, .. }))
        }

        #[track_caller]
        fn expect_running(&self, folder: &Path) {
            assert!(self.runs_on(folder), "{:?}", self.look(folder));
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

    /// A server of web applications may or may not tell where Specter's data is.
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
        // The loaded libraries show whether it runs a Specter at all.
        let other = gunicorn("-c settings.py", "");
        assert_eq!(other.look(folder.path()), Presence::Stopped);
        fs::write(other.of_process("maps"), "7f0 r-xp 0 0:0 1 /env/site-packages/embit/util/prebuilt/x.so\n").unwrap();
        assert_eq!(other.look(folder.path()), Presence::Unknown);
    }

    /// Python code or a class of settings may name a folder that cannot be seen from the outside.
    #[test]
    fn what_is_told_in_code_is_not_known() {
        let folder = TempDir::new().unwrap();
        let environment = "SPECTER_DATA_FOLDER=/usr";
        for (line, environment) in [
            ("python3 -c import\u{a0}cryptoadvance.specter", environment),
            ("python3 -m cryptoadvance.specter server --config mine.TestConfig", "HOME=/usr"),
            (SERVER, "HOME=/usr SPECTER_CONFIG=mine.Config"),
        ] {
            assert_eq!(Proc::new(line, environment).look(folder.path()), Presence::Unknown, "{line}");
        }
    }

    #[test]
    fn what_came_with_the_system_is_no_specter() {
        for (line, is) in [
            ("/usr/bin/python3 /usr/share/unattended-upgrades/unattended-upgrade-shutdown --wait-for-signal", true),
            ("/usr/bin/python3 -s /usr/bin/fail2ban-server -xf start", true),
            ("/usr/bin/python3 /usr/local/bin/wallet server", false),
            ("/usr/bin/python3 start.py /usr/bin/x", false),
            ("/usr/bin/python3 -u /opt/start.py", false),
            ("/usr/bin/python3", false),
        ] {
            let proc = Proc::new(line, "");
            let processes = processes_in(proc.folder.path()).unwrap();
            let process = processes.iter().find(|process| process.id == ID).unwrap();
            assert_eq!(process.is_of_distribution(), is, "{line}");
        }
    }

    #[test]
    fn a_file_of_settings_four_folders_above() {
        let folder = TempDir::new().unwrap();
        let started_in = folder.path().join("1/2/3/4");
        fs::create_dir_all(&started_in).unwrap();
        let proc = Proc::new(SERVER, "");
        proc.works_in(&started_in);
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
        // The process's own /etc/passwd tells the home of its user.
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

        // The mode of a descriptor is visible in the real /proc, too.
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
        assert_eq!(look(Path::new("/nonexistent"), &[path]), Presence::Unknown.into());

        // A folder in the place of a file stands for a file of another user that cannot be read.
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
        // In a container, process 2 may be anyone's, with any name.
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

    /// Every form of `~`, with the homes of the process and the users of its own passwd.
    #[test]
    fn homes_are_those_of_the_process() {
        let root = TempDir::new().unwrap();
        for folder in ["etc", "home/.specter", "own/x", "x", ".specter", "~nobody", "~"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let own = fs::metadata(root.path()).unwrap().uid();
        let passwd =
            |own: u32| fs::write(root.path().join("etc/passwd"), format!("a:x:9:0::/own/:\no:x:{own}:0::/home:\n"));
        passwd(own).unwrap();
        for (arguments, environment, folder) in [
            ("", "SPECTER_DATA_FOLDER=~a/x", "own/x"),
            (" --specter-data-folder ~a/x", "", "own/x"),
            (" --specter-data-folder=~a//x/", "HOME=/nowhere", "own/x"),
            ("", "", "home/.specter"),
            ("", "HOME=", ".specter"),
            ("", "HOME= SPECTER_DATA_FOLDER=~/x", "x"),
            (" --specter-data-folder ~/x", "HOME=", "x"),
            // Python leaves this as it is, below the working folder of the process.
            (" --specter-data-folder ~nobody", "", "~nobody"),
        ] {
            let proc = Proc::new(&format!("{SERVER}{arguments}"), environment).root(root.path());
            proc.works_in(root.path());
            assert!(proc.runs_on(&root.path().join(folder)), "{arguments} {environment}: {:?}", proc.look(root.path()));
            let elsewhere = if folder == "~nobody" { Presence::Unknown } else { Presence::Stopped };
            assert_eq!(proc.look(&root.path().join("~")), elsewhere, "{arguments} {environment}");
        }
        let under = |arguments: &str, environment: &str| {
            let line = format!("gunicorn {arguments} cryptoadvance.specter.server:create_and_init()");
            Proc::new(&line, environment).root(root.path())
        };
        for (arguments, environment, folder) in [
            ("-e SPECTER_DATA_FOLDER=~a/x", "", "own/x"),
            ("-e HOME=", "HOME=/home SPECTER_DATA_FOLDER=~/x", "x"),
            ("-e HOME=/own -e SPECTER_DATA_FOLDER=~/x", "HOME=/home", "own/x"),
            ("--env=HOME=", "HOME=/home", ".specter"),
        ] {
            assert!(under(arguments, environment).runs_on(&root.path().join(folder)), "{arguments} {environment}");
        }
        let more = "SPECTER_DATA_FOLDER=/elsewhere GUNICORN_CMD_ARGS=--env=SPECTER_DATA_FOLDER=/x";
        assert_eq!(under("", more).look(&root.path().join("x")), Presence::Unknown);

        // The user of the process is unknown, or the list of users is something else.
        let proc = Proc::new(SERVER, "").root(root.path());
        let look = || proc.look(&root.path().join("home/.specter"));
        passwd(own + 1).unwrap();
        assert_eq!(look(), Presence::Unknown);
        fs::remove_file(root.path().join("etc/passwd")).unwrap();
        assert_eq!(look(), Presence::Unknown);
        let path = root.path().join("etc/passwd");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert_eq!(look(), Presence::Unknown, "nobody waits for what somebody else may write");
    }

    /// Processes of different users, and what follows from that.
    #[test]
    fn a_process_counts_as_far_as_it_can_do_something() {
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        let users = path.join("users.json");
        fs::write(&users, "[]").unwrap();
        let owner = fs::metadata(path).unwrap();
        let (other, group) = (owner.uid() + 1, owner.gid() + 1);
        let modes = |of_folder: u32, of_users: u32| {
            fs::set_permissions(path, Permissions::from_mode(of_folder)).unwrap();
            fs::set_permissions(&users, Permissions::from_mode(of_users)).unwrap();
        };
        let none = "0000000000000000";
        let named = Proc::new(&format!("{SERVER} --specter-data-folder {}", path.display()), "");
        // The folder of this process cannot be seen from here.
        let untold = Proc::new(&format!("gunicorn -c settings.py {}", "cryptoadvance.specter.server:app"), "");
        let id = |id: u32| [id.to_string().as_str(); 4].join("\t");
        for (of_folder, of_users, user, group, capabilities, claims, could) in [
            (0o700, 0o600, owner.uid(), group, none, "running", "unknown"),
            (0o700, 0o600, other, group, none, "passed over", "stopped"),
            (0o700, 0o666, other, owner.gid(), none, "passed over", "stopped"),
            (0o755, 0o600, other, group, none, "passed over", "stopped"),
            (0o755, 0o644, other, group, none, "unknown", "unknown"),
            (0o711, 0o604, other, group, none, "unknown", "unknown"),
            (0o755, 0o646, other, group, none, "running", "unknown"),
            (0o777, 0o600, other, group, none, "running", "unknown"),
            (0o770, 0o600, other, owner.gid(), none, "running", "unknown"),
            (0o707, 0o600, other, owner.gid(), none, "passed over", "stopped"),
            (0o500, 0o400, owner.uid(), group, none, "unknown", "unknown"),
            (0o700, 0o600, other, group, "0000000000000002", "running", "unknown"),
            (0o700, 0o600, other, group, "0000000000000004", "unknown", "unknown"),
            (0o700, 0o600, other, group, "fffffffffffffff9", "passed over", "stopped"),
        ] {
            modes(of_folder, of_users);
            let told = |proc: &Proc| {
                proc.status(&id(user), &id(group), capabilities);
                let seen = proc.see(path);
                let passed_over = !seen.passed_over.is_empty();
                assert!(!passed_over || seen.passed_over == [ID] && seen.presence == Presence::Stopped);
                match seen.presence {
                    Presence::Running(_) => "running",
                    Presence::Unknown => "unknown",
                    Presence::Stopped if passed_over => "passed over",
                    Presence::Stopped => "stopped",
                }
            };
            let case = format!("{of_folder:o} {of_users:o} {user} {group} {capabilities}");
            assert_eq!(told(&named), claims, "{case}");
            assert_eq!(told(&untold), could, "{case}");
        }
        // The rights of this process are unknown.
        modes(0o700, 0o600);
        for status in [Some("Uid:\tx"), Some(""), None] {
            named.status(&id(other), &id(group), none);
            assert_eq!(named.look(path), Presence::Stopped);
            fs::remove_file(named.of_process("status")).unwrap();
            if let Some(status) = status {
                fs::write(named.of_process("status"), status).unwrap();
            }
            named.expect_running(path);
        }
    }

    /// The process names its folder, but the way to it cannot be seen.
    #[test]
    fn a_process_that_cannot_be_looked_into_counts_by_the_folder_alone() {
        let closed = TempDir::new().unwrap();
        fs::set_permissions(closed.path(), Permissions::from_mode(0o700)).unwrap();
        let folder = closed.path().join("folder");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("users.json"), "[]").unwrap();
        let proc = Proc::new(&format!("{SERVER} --specter-data-folder {}", folder.display()), "");
        let other = fs::metadata(&folder).unwrap().uid() + 1;
        proc.status(&[other.to_string().as_str(); 4].join("\t"), &other.to_string(), "0");
        let mode = |mode| fs::set_permissions(&folder, Permissions::from_mode(mode)).unwrap();
        mode(0o777);
        assert_eq!((proc.look(&folder), proc.see(&folder).passed_over), (Presence::Stopped, vec![ID]), "stopped above");
        fs::remove_file(proc.of_process("root")).unwrap();
        fs::write(proc.of_process("root"), "").unwrap();
        proc.expect_running(&folder);
        mode(0o755);
        assert_eq!(proc.look(&folder), Presence::Unknown);
        mode(0o700);
        assert_eq!((proc.look(&folder), proc.see(&folder).passed_over), (Presence::Stopped, vec![ID]));
    }

    #[test]
    fn nobody_is_sent_where_anybody_listens() {
        let folder = TempDir::new().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        let owner = fs::metadata(folder.path()).unwrap().uid();
        let line = format!("{SERVER} --port 80 --specter-data-folder {}", folder.path().display());
        let url = |proc: &Proc| match proc.look(folder.path()) {
            Presence::Running(process) => process.url,
            other => panic!("{other:?}"),
        };
        let active = "SPECTER_API_ACTIVE=True";
        let here = Some("http://127.0.0.1:80".to_owned());
        let (us, other) = (owner + 1, owner + 2);
        for (users, expected) in [
            ([owner; 4], &here),
            ([0; 4], &here),
            ([us; 4], &here),
            ([0, 0, owner, us], &here),
            ([other; 4], &None),
            // A program that changes its user, started by anyone.
            ([other, 0, 0, 0], &None),
            ([0, other, 0, other], &None),
        ] {
            let proc = Proc::new(&line, active);
            let status = |user: &str| format!("Uid:\t{user}\nGid:\t7\nGroups:\t\nCapEff:\t0\n");
            fs::write(proc.path("self/status"), status(&[us.to_string().as_str(); 4].join("\t"))).unwrap();
            fs::write(proc.of_process("status"), status(&users.map(|user| user.to_string()).join("\t"))).unwrap();
            assert_eq!(url(&proc), *expected, "{users:?}");
        }
        for (environment, expected) in [
            ("", &None),
            ("SPECTER_API_ACTIVE=", &None),
            ("SPECTER_API_ACTIVE=False", &None),
            ("SPECTER_API_ACTIVE=1", &here),
        ] {
            assert_eq!(url(&Proc::new(&line, environment)), *expected, "{environment}");
        }
        let closed = Proc::new(&line, active);
        fs::remove_file(closed.of_process("environ")).unwrap();
        fs::create_dir(closed.of_process("environ")).unwrap();
        assert_eq!(url(&closed), None, "its environment is not seen");
        let gunicorn = "gunicorn -b :80 -e SPECTER_API_ACTIVE=yes cryptoadvance.specter.server:app";
        let told = format!("SPECTER_DATA_FOLDER={}", folder.path().display());
        assert_eq!(url(&Proc::new(gunicorn, &told)), here);

        // The process has changed since it was found.
        let proc = Proc::new(&line, active);
        let processes = processes_in(proc.folder.path()).unwrap();
        let process = processes.iter().find(|process| process.id == ID).unwrap();
        assert!(process.belongs_to(&[owner]));
        fs::write(proc.of_process("cmdline"), "specterd\0server\0").unwrap();
        assert!(!process.belongs_to(&[owner]));
    }

    #[test]
    fn a_long_command_line_is_cut() {
        let proc = Proc::new(&format!("{SERVER} {}", "é".repeat(300)), "");
        let processes = processes_in(proc.folder.path()).unwrap();
        let shown = |trusted: &[u32]| {
            processes.iter().find(|process| process.id == ID).unwrap().shown(None, trusted).command_line
        };
        let trusted = shown(&[fs::metadata(proc.folder.path()).unwrap().uid()]).unwrap();
        assert_eq!(trusted.chars().count(), 201);
        assert!(trusted.ends_with("é…"));
        assert_eq!(shown(&[]), None, "somebody's words");
    }
}
