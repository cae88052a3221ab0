//! Secrets that are printed once must reach a reader: standard output must not be closed or the null device.

use crate::support::{Folder, MINIFIED_ADMIN, Output, each};

/// Outputs that nobody reads, as a shell spells them. `null` is the null device under another name.
const NOBODY: [&str; 6] = [">&-", ">/dev/null", ">null", ">/dev/zero", "1<users.json", "1<."];

/// Runs the command with standard output sent elsewhere.
fn run(folder: &Folder, arguments: &[&str], to: &str) -> Output {
    let mut shell = folder.program("/bin/sh");
    shell.command.current_dir(folder.path());
    shell
        .command
        .args(["-c", &format!("exec \"$0\" \"$@\" {to}"), env!("CARGO_BIN_EXE_specter-token")])
        .args(arguments);
    shell.run()
}

fn with_null_device(folder: &Folder) -> bool {
    let made = std::process::Command::new("mknod").arg(folder.file("null")).args(["c", "1", "3"]).output();
    // Some file systems hold devices that cannot be opened.
    made.is_ok_and(|output| output.status.success()) && std::fs::File::create(folder.file("null")).is_ok()
}

#[test]
fn a_secret_that_nobody_would_read_is_not_made() {
    let error = |secret: &str, hint: &str| {
        format!("error: could not print the {secret}: standard output is closed, or leads nowhere\nhint: {hint}\n")
    };
    let out = "write it to a file, with --out FILE";
    let file = "send standard output to a file or a pipe, or leave out --reveal";
    let own = "give one of your own, with --password-file FILE";
    let json = format!(
        "{{\"error\":{{\"reason\":\"no_output\",\"message\":\"could not print the token: standard output is closed, or leads \
         nowhere\",\"hint\":\"{out}\"}}}}\n"
    );
    each(NOBODY, |to| {
        let cases = [
            // This is checked first: neither the key nor the server is there.
            (&["create", "-d", "a", "-l", "1h", "--secret-file", "no-such"][..], error("token", out)),
            (&["create", "-d", "a", "-l", "1h", "--print", "header"], error("token", out)),
            (&["create", "-d", "a", "-l", "1h", "--server", "http://127.0.0.1:1", "-q"], error("token", out)),
            (&["create", "-d", "a", "-l", "1h", "--json"], json.clone()),
            (&["show", "old", "--reveal"], error("token", file)),
            (&["show", "old", "--reveal", "--json"], String::new()),
        ];
        each(cases, |(arguments, told)| {
            let folder = Folder::with_users(MINIFIED_ADMIN);
            if !with_null_device(&folder) && to == ">null" {
                return; // it takes root
            }
            folder.create("old", &["-q"]);
            let before = folder.files();
            let output = run(&folder, arguments, to);
            let told = if told.is_empty() { json.replace(out, file) } else { told };
            output.expect(1, "", &told);
            assert_eq!(folder.files(), before, "{arguments:?} {to}");
        });
        let folder = Folder::with_users("");
        let _ = with_null_device(&folder);
        let new = folder.file("new");
        run(&folder, &["init", "--data-folder", new.to_str().unwrap()], to).expect(1, "", &error("password", own));
        assert!(!new.exists(), "{to}");
    });
}

/// Rust's standard output accepts writes to a file that is open only for reading, and loses them.
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let folder = Folder::with_users(MINIFIED_ADMIN);
    folder.create("old", &["-q"]);
    let error =
        "error: could not write to standard output: Bad file descriptor (os error 9)\nhint: fix this and try again\n";
    for arguments in [&["list"][..], &["list", "--ids"], &["show", "old"], &["verify", "x"]] {
        let before = folder.files();
        run(&folder, arguments, "1<users.json").expect(1, "", error);
        assert_eq!(folder.files(), before);
    }
    let revoked = run(&folder, &["revoke", "old", "--json", "-q"], "1<users.json");
    assert_eq!(revoked.code, 1);
    assert!(revoked.stderr.contains("the tokens are removed, but the result could not be printed"), "{revoked:?}");
}

#[test]
fn what_is_no_secret_may_be_thrown_away() {
    let folder = Folder::with_users(MINIFIED_ADMIN);
    let token = folder.create("old", &["-q"]);
    std::fs::write(folder.file("password"), "a password").unwrap();
    let (new, password) = (folder.file("new"), folder.file("password"));
    let (new, password) = (new.to_str().unwrap(), password.to_str().unwrap());
    let cases = [
        &["list"][..],
        &["show", "old"],
        &["verify", &token],
        &["create", "-q", "-d", "a", "-l", "1h", "--out", "token"],
        &["init", "-q", "--data-folder", new, "--password-file", password],
    ];
    each(cases, |arguments| {
        let output = run(&folder, arguments, ">/dev/null");
        assert_eq!(output.code, 0, "{output:?}");
    });
    assert!(folder.file("token").exists());
}
