//! Writing users.json: under a lock, in one step, with mode, owner and links as they were, and nothing left behind.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Folder, each, wait_for_one_who_waits};

fn names(folder: &Folder) -> Vec<String> {
    folder.files().into_iter().map(|(name, _)| name).collect()
}

#[test]
fn many_processes_at_once_lose_no_token() {
    const PROCESSES: usize = 32;
    const TOKENS: usize = 20;
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let tokens: Vec<String> = thread::scope(|scope| {
        let create = |process: usize| {
            let folder = &folder;
            scope.spawn(move || {
                let create = |number: usize| folder.create(&format!("{process}/{number}"), &["-q", "--new-key"]);
                (0..TOKENS).map(create).collect::<Vec<_>>()
            })
        };
        let running: Vec<_> = (0..PROCESSES).map(create).collect();
        running.into_iter().flat_map(|process| process.join().unwrap()).collect()
    });
    assert_eq!(tokens.len(), PROCESSES * TOKENS);
    let verdicts = folder.command(["verify", "--json"]).stdin(tokens.join("\n")).run();
    assert_eq!((verdicts.code, verdicts.stdout.lines().count()), (0, PROCESSES * TOKENS));
    assert_eq!(names(&folder), ["users.json", "users.json.bkp"]);
}

#[test]
fn mode_owner_and_access_list_stay() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    // Version 2; each entry a tag, permissions and an id: owner rw, user 65534 r, group r, mask r, others nothing.
    let entries: [(u16, u16, u32); 5] =
        [(1, 6, u32::MAX), (2, 4, 65_534), (4, 4, u32::MAX), (0x10, 4, u32::MAX), (0x20, 0, u32::MAX)];
    let mut access_list = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        access_list.extend([tag.to_le_bytes(), permissions.to_le_bytes()].concat());
        access_list.extend(id.to_le_bytes());
    }
    xattr::set(folder.users(), "system.posix_acl_access", &access_list).unwrap();
    let is_superuser = fs::metadata("/proc/self").unwrap().uid() == 0;
    if is_superuser {
        // Only root can give a file away, so only root has this case.
        chown(folder.users(), Some(65_534), Some(65_534)).unwrap();
    }
    let before = fs::metadata(folder.users()).unwrap();
    folder.create("a", &["-q"]);
    folder.command(["revoke", "-q", "a"]).run().expect(0, "", "");
    each([folder.users(), folder.backup()], |file| {
        let after = fs::metadata(&file).unwrap();
        assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
        assert_eq!(xattr::get(&file, "system.posix_acl_access").unwrap(), Some(access_list.clone()));
    });
    each([0o600, 0o640, 0o664], |mode| {
        let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
        fs::set_permissions(folder.users(), fs::Permissions::from_mode(mode)).unwrap();
        folder.create("a", &["-q"]);
        folder.create("b", &["-q"]);
        each([folder.users(), folder.backup()], |file| {
            assert_eq!(fs::metadata(file).unwrap().mode() & 0o7777, mode);
        });
    });
}

#[test]
fn a_link_stays_a_link_and_the_backup_stands_where_specter_looks() {
    let real = Folder::from_corpus("users/real-03-many-descriptions.json");
    let folder = Folder::empty();
    symlink(real.users(), folder.users()).unwrap();
    let before = fs::read(real.users()).unwrap();
    folder.create("a", &["-q"]);
    assert!(fs::symlink_metadata(folder.users()).unwrap().is_symlink());
    assert_eq!(fs::read(folder.backup()).unwrap(), before);
    assert_eq!(names(&real), ["users.json"]);
    assert_eq!(names(&folder), ["users.json", "users.json.bkp"]);
    folder.command(["revoke", "-q", "a"]).run().expect(0, "", "");
    assert_eq!(fs::read(real.users()).unwrap(), before);

    // The data folder may be a link as well, as on RaspiBlitz.
    let other = Folder::empty();
    symlink(folder.path(), other.file("specter")).unwrap();
    let output = other.command(["create", "-q", "-d", "x", "-l", "1h", "--data-folder"]);
    let mut output = output;
    output.command.arg(other.file("specter"));
    output.run().expect(0, "<TOKEN>\n", "");
}

#[test]
fn nothing_is_written_through_a_link_that_was_laid_in_the_way() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let victim = tempfile::NamedTempFile::new().unwrap();
    fs::write(victim.path(), "precious").unwrap();
    for trap in [".users.json.specter-token.tmp", ".users.json.bkp.specter-token.tmp", "users.json.bkp"] {
        symlink(victim.path(), folder.file(trap)).unwrap();
    }
    folder.create("a", &["-q"]);
    assert_eq!(names(&folder), ["users.json", "users.json.bkp"]);
    assert!(!fs::symlink_metadata(folder.backup()).unwrap().is_symlink());
    assert_eq!(fs::read(victim.path()).unwrap(), b"precious");
}

#[test]
fn what_a_dead_process_left_is_cleared_away() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    fs::write(folder.file(".users.json.specter-token.tmp"), "half a file").unwrap();
    // A create killed between its two renames leaves both names on one file.
    fs::hard_link(folder.users(), folder.backup()).unwrap();
    let before = fs::read(folder.users()).unwrap();
    folder.create("a", &["-q"]);
    assert_eq!(names(&folder), ["users.json", "users.json.bkp"]);
    assert_eq!(fs::read(folder.backup()).unwrap(), before);
}

#[test]
fn a_lock_is_waited_for_and_not_forever() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let lock = File::open(folder.path()).unwrap();
    lock.lock().unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            folder.create("patient", &["-q"]);
            Instant::now()
        });
        wait_for_one_who_waits(folder.path());
        let released = Instant::now();
        lock.unlock().unwrap();
        assert!(waiting.join().unwrap() > released);
    });
    lock.lock().unwrap();
    let before = folder.files();
    folder.command(["create", "-d", "x", "-l", "1h"]).run().expect(
        1,
        "",
        "error: could not lock <DIR> within 10 seconds\n\
         hint: another specter-token is writing there; try again when it has finished\n",
    );
    assert_eq!(folder.files(), before);
    // Reading needs no lock.
    assert_eq!(folder.command(["list", "--ids", "-u", "admin"]).run().code, 0);
}

/// Specter's save: the old file becomes the backup, and a new one is written in pieces, without a lock.
#[test]
fn a_reader_never_takes_a_save_for_damage() {
    let folder = Folder::from_corpus("users/real-03-many-descriptions.json");
    let text = fs::read(folder.users()).unwrap();
    let until = Instant::now() + Duration::from_secs(3);
    thread::scope(|scope| {
        scope.spawn(|| {
            while Instant::now() < until {
                fs::rename(folder.users(), folder.backup()).unwrap();
                thread::sleep(Duration::from_millis(2));
                let mut file = File::create(folder.users()).unwrap();
                for piece in text.chunks(2_000) {
                    file.write_all(piece).unwrap();
                    thread::sleep(Duration::from_millis(1));
                }
                thread::sleep(Duration::from_millis(20));
            }
        });
        let mut reads = 0;
        while Instant::now() < until {
            let output = folder.command(["list", "--ids"]).run();
            assert_eq!((output.code, &*output.stderr, output.stdout.lines().count()), (0, "", 15));
            reads += 1;
        }
        assert!(reads > 10, "{reads}");
    });
}
