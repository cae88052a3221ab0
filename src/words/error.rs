//! The words for an error: its message, its kind with the exit code, and a hint.
//!
//! The one match is [`told`]. A hint that needs options or keys is a [`Remedy`], which the user interface spells.

use std::io;
use std::path::Path;

use crate::core::error::{Action, Ambiguous, Error, Remedy, Secret, TakenBy};
use crate::core::fault::{Damage, KeyFault, Mark, Obstacle, PasswordFault, UserFault};
use crate::core::process::{Elsewhere, Process};
use crate::core::python::json::{MAX_DEPTH_AT_START, MAX_DIGITS};
use crate::core::source::Source;
use crate::core::token::TokenName;

use super::codes::Kind;
use super::doubts::clock;
use super::names::{named, secret, source};
use super::server::{address, are_revoked, failed_request};
use super::told::{Hint, Told};

/// Returns the words for an error.
#[expect(clippy::too_many_lines)] // a few lines for each error
pub(crate) fn told(error: &Error) -> Told {
    match error {
        Error::File { action, path, cause } => {
            Told::words(Kind::Io, format!("could not {}: {cause}", doing(*action, path)), io_hint(cause.kind()))
        }
        Error::Unreadable { what: Secret::Key, source: from @ Source::File(_), cause } => {
            Told::words(Kind::Io, format!("could not read the key: {}: {cause}", source(from)), io_hint(cause.kind()))
        }
        Error::Unreadable { what, source: from, cause } => {
            let what = secret(*what);
            let message = format!("could not read the {what} from {}: {cause}", source(from));
            Told::words(Kind::Io, message, io_hint(cause.kind()))
        }
        Error::NotMade { path, cause } => {
            let message = format!("could not make {}: {cause}", path.display());
            Told::remedy(
                Kind::Io,
                message,
                Remedy::NameNewFile { exists: cause.kind() == io::ErrorKind::AlreadyExists },
            )
        }
        Error::NotRegular { path } => {
            let message = format!("could not read {}: it is not a regular file", path.display());
            Told::remedy(Kind::Io, message, Remedy::NameFolderOrClearPath)
        }
        Error::OwnerNotKept { model, cause } => Told::words(
            Kind::Io,
            format!("could not give a new file the owner and access control list of {}: {cause}", model.display()),
            "Specter might not be able to read it; run this as the user that owns the file, or as root",
        ),
        Error::Irreplaceable { path, obstacle } => irreplaceable(path, *obstacle),
        Error::BackupReplaced { backup, cause } => {
            let Told { message, hint, kind } = told(cause);
            let message =
                format!("users.json is as it was, but {} has been replaced already: {message}", backup.display());
            Told { kind, message, hint }
        }
        Error::Random(cause) => Told::words(
            Kind::Io,
            format!("could not get random bytes from the operating system: {cause}"),
            "check whether the system is still starting, and try again",
        ),

        Error::NoUsersJson { users, elsewhere } => no_users_json(users, elsewhere),
        Error::NotAFolder { path, is_file, holder } => {
            let is = if *is_file { "a file" } else { "a device, a pipe or the like" };
            let message = format!("could not use {} as a folder: it is {is}", path.display());
            Told::remedy(Kind::Io, message, holder.clone().map_or(Remedy::NameFolderOrClearPath, Remedy::NameHolder))
        }
        Error::DanglingLink { link, target } => {
            let message = format!(
                "could not follow the link {}: it leads to {}, which is not there",
                link.display(),
                target.display()
            );
            Told::remedy(Kind::Io, message, Remedy::NameFolderOrFixLink)
        }
        Error::OnlyBackup { users, backup } => {
            let (users, backup) = (users.display(), backup.display());
            let message = format!(
                "could not find {users}, though its backup is there; at its next start Specter would ignore the backup and begin \
                 anew with the login admin/admin"
            );
            let hint = format!("to recover, stop Specter and run `cp -p {backup} {users}`");
            Told::words(Kind::DamagedFile, message, hint)
        }
        Error::Damaged { users, backup, damage, has_good_backup } => damaged(users, backup, damage, *has_good_backup),
        Error::LockBusy { folder, waited } => Told::words(
            Kind::Busy,
            format!("could not lock {} within {} seconds", folder.display(), waited.as_secs()),
            "another specter-token is writing there; try again when it has finished",
        ),
        Error::Interrupted => {
            Told::words(Kind::Interrupted, "interrupted; nothing was changed", "run the command again")
        }
        Error::NoLock { folder, cause } => {
            Told::remedy(Kind::Io, format!("could not lock {}: {cause}", folder.display()), Remedy::LocalFolderOrServer)
        }
        Error::KeepsChanging { users } => Told::words(
            Kind::Busy,
            format!("could not change {}: another process keeps rewriting it", users.display()),
            "is Specter running? stop it and try again",
        ),
        Error::FolderTaken { folder, file } => {
            let message =
                format!("could not make a data folder of {}: {} already exists", folder.display(), file.display());
            Told::remedy(Kind::Exists, message, Remedy::NameNewFolder)
        }
        Error::NoTokenMap { username, value } => {
            let value: String = value.chars().take(40).collect();
            let message = format!(
                "could not change the tokens of user `{username}` in users.json: its `jwt_tokens` is not an object but {value}"
            );
            let hint = "fix this user in users.json with an editor, while Specter is stopped, and try again";
            Told::words(Kind::DamagedFile, message, hint)
        }

        Error::UnknownUser { name, users } => Told::words(
            Kind::NotFound,
            format!("could not find user `{name}` in users.json"),
            format!("the users are: {}", users.join(", ")),
        ),
        Error::NotOneAdmin { count, users } => {
            let message = format!("could not choose the user of the token: users.json has {count} admins");
            Told::remedy(Kind::Usage, message, Remedy::NameUser(users.clone()))
        }
        Error::Names { missing, ambiguous, is_removal } => names(missing, ambiguous, *is_removal),
        Error::ShownHasChanged => Told::words(
            Kind::Busy,
            "could not remove what was shown: the tokens changed meanwhile; nothing was removed",
            "run the command again",
        ),

        Error::DescriptionTaken { description, username, by } => {
            let (id, revoked) = match by {
                TakenBy::Token(id) => (id.as_str(), &[][..]),
                TakenBy::MadeMeanwhile(revoked) => ("one made meanwhile", revoked.as_slice()),
            };
            let mut message = format!(
                "could not create another token `{description}` for user `{username}`: {id} already has this \
                 description"
            );
            if !revoked.is_empty() {
                message = format!("{message}; {}", are_revoked(revoked));
            }
            Told::remedy(Kind::DescriptionTaken, message, Remedy::OtherDescriptionOrReplace)
        }
        Error::TokenTooLong => Told::words(
            Kind::Usage,
            "could not create a token with this description: it would be too long for Specter's server",
            "give a shorter description",
        ),
        Error::NoKey { folder } => Told::remedy(
            Kind::Secret,
            "could not find the key that Specter signs its tokens with",
            Remedy::GiveKey(folder.clone()),
        ),
        Error::UnusableKey { source: from, fault } => unusable_key(&source(from), *fault),
        Error::KeyRefusedBySpecter { source: from } => Told::words(
            Kind::Secret,
            format!("could not sign with the key from {}: Specter refuses every token with such a key", source(from)),
            "start Specter with a SECRET_KEY of random text, which `openssl rand -base64 33` makes",
        ),
        Error::WrongKey { source: from, username } => {
            let whose = username.as_ref().map_or("any user".to_owned(), |name| format!("user `{name}`"));
            let message = format!(
                "could not use the key from {}: it signed none of the newest tokens of {whose}, so it is not Specter's",
                source(from)
            );
            Told::remedy(Kind::WrongSecret, message, Remedy::GiveSpectersKeyOrTakeNew)
        }
        Error::TwoKeys { source: from, own } => {
            let message = format!(
                "could not tell which key is Specter's: the one from {} differs from the one in {}, and there is no token to try \
                 them on",
                source(from),
                own.display()
            );
            Told::remedy(Kind::WrongSecret, message, Remedy::ChooseKey(own.clone()))
        }
        Error::ClockDoubtful { doubt, now } => {
            let message = format!("could not tell which tokens have expired: {}", clock(*doubt, *now));
            Told::remedy(Kind::Usage, message, Remedy::SetClockOrConfirm)
        }
        Error::UnusablePassword { source: from, fault } => {
            const ALONE: &str = "Specter would count that too; give the password alone, on one line";
            let (why, hint) = match fault {
                PasswordFault::Empty => ("it is empty", "Specter lets nobody in without a password; give one"),
                PasswordFault::NotUtf8 => ("it is not UTF-8", "write the password as UTF-8 text, as Specter reads it"),
                PasswordFault::WhiteSpace => ("it begins or ends with white space, or with a byte order mark", ALONE),
                PasswordFault::LineEnd => ("it holds a line end", ALONE),
            };
            Told::words(Kind::Secret, format!("could not use the password from {}: {why}", source(from)), hint)
        }

        Error::Running { users, process } => {
            let message = format!(
                "could not change {}: a Specter is running on it, which would not see the change, and would overwrite it ({})",
                users.display(),
                named_process(process)
            );
            Told::remedy(Kind::Running, message, Remedy::StopOrUseServer(process.url.clone()))
        }
        Error::StartedMeanwhile { process } => {
            let message = format!(
                "written, but a Specter was started meanwhile, which may not know of the change, and may undo it ({})",
                named_process(process)
            );
            Told::remedy(Kind::Running, message, Remedy::RestartAndList)
        }

        Error::SpecterTooOld { version } => Told::words(
            Kind::SpecterTooOld,
            format!(
                "could not do this for Specter {version}: a Specter before 1.14.0 has no tokens, and drops them all when it saves"
            ),
            "start a newer Specter on this folder once, and stop it again",
        ),
        Error::Address(fault) => address(*fault),
        Error::NoCertificates { file } => Told::words(
            Kind::Usage,
            format!("could not use the certificates in {}: it holds none in PEM", file.display()),
            "name a file with `-----BEGIN CERTIFICATE-----`; Specter's own is cert.pem in its data folder",
        ),
        Error::ColonInName { name } => Told::remedy(
            Kind::Usage,
            format!("could not log in as user `{name}`: the name has a colon"),
            Remedy::UseFolder,
        ),
        Error::Tls(cause) => Told::words(
            Kind::Io,
            format!("could not set up TLS: {cause}"),
            "work on the users.json of the data folder instead",
        ),
        Error::Server(error) => failed_request(error),
    }
}

fn doing(action: Action, path: &Path) -> String {
    let path = path.display();
    match action {
        Action::Find => format!("find {path}"),
        Action::Make => format!("make {path}"),
        Action::MakeFolder => format!("make the folder {path}"),
        Action::Open => format!("open {path}"),
        Action::Read => format!("read {path}"),
        Action::ReadCertificates => format!("read the certificates in {path}"),
        Action::Remove => format!("remove {path}"),
        Action::Replace => format!("replace {path}"),
        Action::Write => format!("write {path}"),
    }
}

const MOUNT_THE_FOLDER: &str = "a file that is mounted by itself cannot be replaced: mount the folder that holds it, for example into the container";

/// The remedy for a refusal of the operating system.
pub(crate) fn io_hint(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::PermissionDenied => {
            "run this as the user that runs Specter, for example with `sudo -u`; if that is you, check whether the file is \
             immutable (`lsattr`)"
        }
        io::ErrorKind::ResourceBusy => MOUNT_THE_FOLDER,
        io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => "name another path, or move what is in the way",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "free some room and try again"
        }
        io::ErrorKind::InvalidData => "name a file that holds only that, and is not too long",
        io::ErrorKind::NotFound => "check whether the path is right",
        io::ErrorKind::AlreadyExists => "name another path, or move what is there out of the way",
        io::ErrorKind::ReadOnlyFilesystem => "the file system is mounted read-only; remount it for writing",
        _ => "fix this and try again",
    }
}

fn irreplaceable(path: &Path, obstacle: Obstacle) -> Told {
    let shown = path.display();
    let (message, hint) = match obstacle {
        Obstacle::MountPoint => {
            (format!("could not replace {shown}: it is a mount point"), MOUNT_THE_FOLDER.to_owned())
        }
        Obstacle::File(mark) => {
            let (is, flag) = marked(mark);
            (format!("could not replace {shown}: it is {is}"), format!("run `chattr -{flag} {shown}` as root"))
        }
        Obstacle::Folder(mark) => {
            let (is, flag) = marked(mark);
            let message = format!("could not replace files in {shown}: the folder is {is}");
            (message, format!("run `chattr -{flag} {shown}` as root"))
        }
        Obstacle::StickyFolder => (
            format!(
                "could not replace {shown}: its folder is sticky (mode 1000), so only owners may replace its files"
            ),
            "run this as the user that owns the file or the folder, or as root".to_owned(),
        ),
    };
    Told::words(Kind::Io, message, hint)
}

/// The word for a mark, and its letter in `chattr`.
fn marked(mark: Mark) -> (&'static str, char) {
    match mark {
        Mark::Immutable => ("immutable", 'i'),
        Mark::AppendOnly => ("append-only", 'a'),
    }
}

fn no_users_json(users: &Path, elsewhere: &[Elsewhere]) -> Told {
    let message = format!("could not find {}", users.display());
    if elsewhere.is_empty() {
        return Told::remedy(Kind::Io, message, Remedy::NameOrMakeFolder);
    }
    let each = elsewhere.iter().map(|Elsewhere { id, folder }| match folder {
        Some(folder) => format!("on {} (process {id})", folder.display()),
        None => format!("(process {id})"),
    });
    let each: Vec<String> = each.collect();
    let message = format!("{message}, but a Specter is running {}", each.join(" and "));
    Told::remedy(Kind::Io, message, Remedy::NameFolderOfRunning)
}

fn damaged(users: &Path, backup: &Path, damage: &Damage, has_good_backup: bool) -> Told {
    let (users, backup) = (users.display(), backup.display());
    let why = why_damaged(damage);
    if !damage.is_unparsable() {
        return Told::words(
            Kind::DamagedFile,
            format!("could not use {users}: {why}; Specter stops at its next start with this file"),
            "fix it with an editor, or put back a copy that Specter has written",
        );
    }
    if has_good_backup {
        return Told::words(
            Kind::DamagedFile,
            format!(
                "could not parse {users}: {why}; at its next start, Specter would silently replace it by {backup}, the version before"
            ),
            format!("to recover that version yourself, stop Specter and run `cp -p {backup} {users}`"),
        );
    }
    Told::words(
        Kind::DamagedFile,
        format!(
            "could not parse {users}: {why}; Specter stops at its next start, because there is no good users.json.bkp either"
        ),
        "put back a copy that Specter has written",
    )
}

fn why_damaged(damage: &Damage) -> String {
    match damage {
        Damage::Empty => "it is empty".to_owned(),
        Damage::ByteOrderMark => "it begins with a byte order mark".to_owned(),
        Damage::WideEncoding => "it is UTF-16 or UTF-32 text, where Specter reads UTF-8".to_owned(),
        Damage::NotUtf8 { byte } => format!("it is not UTF-8 at byte {byte}"),
        Damage::NotJson(at) => format!("it is not JSON at line {}, column {}", at.line, at.column),
        Damage::CutOff(at) => format!("it breaks off at line {}, column {}", at.line, at.column),
        Damage::TooDeep(at) => format!("it is nested deeper than {MAX_DEPTH_AT_START} levels on line {}", at.line),
        Damage::TooManyDigits(at) => {
            format!("it holds an integer of more than {MAX_DIGITS} digits on line {}", at.line)
        }
        Damage::NotAnArray => "it is not an array of users".to_owned(),
        Damage::NoAdmin => "it has no user whose is_admin is true".to_owned(),
        Damage::User { number, line, fault: UserFault::NotAnObject } => {
            format!("user {number}, on line {line}, is not an object")
        }
        Damage::User { number, line, fault: UserFault::Lacks(name) } => {
            format!("user {number}, on line {line}, has no `{name}`")
        }
    }
}

fn names(missing: &[String], ambiguous: &[Ambiguous], is_removal: bool) -> Told {
    /// More names would drown the message.
    const SHOWN: usize = 100;
    let mut faults = Vec::new();
    let mut kind = Kind::Ambiguous;
    let mut hint = Hint::Remedy(Remedy::ListTokens);
    if !missing.is_empty() {
        kind = Kind::NotFound;
        let mut names: Vec<String> = missing.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
        if missing.len() > SHOWN {
            names.push(format!("and {} more", missing.len() - SHOWN));
        }
        faults.push(format!("could not find a token by {}", names.join(", ")));
    }
    for Ambiguous { name, candidates } in ambiguous {
        faults.push(format!("could not tell which token `{name}` means"));
        hint = Hint::Words(format!("name one by its id: {}", candidates_in_words(candidates)));
    }
    if is_removal {
        faults.push("nothing was removed".to_owned());
    }
    Told { kind, message: faults.join("; "), hint }
}

fn candidates_in_words(candidates: &[TokenName]) -> String {
    /// More would drown the hint.
    const SHOWN: usize = 10;
    let mut shown: Vec<String> = candidates.iter().take(SHOWN).map(named).collect();
    if candidates.len() > SHOWN {
        shown.push(format!("and {} more", candidates.len() - SHOWN));
    }
    shown.join("; ")
}

fn unusable_key(from: &str, fault: KeyFault) -> Told {
    const THE_SAME: &str = "Specter's key is the text of its variable SECRET_KEY; give the same";
    let refuse = |why: &str| Told::words(Kind::Secret, format!("could not use the key from {from}: {why}"), THE_SAME);
    match fault {
        KeyFault::Empty => refuse("it is empty, and Specter fails on every request with an empty key"),
        KeyFault::HoldsNul => refuse("it holds a NUL, which no variable can hold"),
        KeyFault::NotUtf8 => refuse("it is not UTF-8"),
        KeyFault::Newlines => Told::words(
            Kind::Secret,
            format!("could not keep the key in {from}: it ends in several newlines"),
            "leave one at most: a shell that reads the key for Specter drops them all",
        ),
        KeyFault::NoFile => Told::words(
            Kind::Secret,
            format!("could not read the key: {from} is no file"),
            "put the text of SECRET_KEY into a file of this name",
        ),
    }
}
fn named_process(process: &Process) -> String {
    match &process.command_line {
        Some(command_line) => format!("process {}: {command_line}", process.id),
        None => format!("process {}", process.id),
    }
}
