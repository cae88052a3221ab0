//! `-q`: warnings, hints and errors remain, and nothing else.

use crate::support::{Folder, MINIFIED_ADMIN, each};

#[test]
fn what_went_well_is_not_said() {
    let folder = Folder::with_users(MINIFIED_ADMIN);
    let new = folder.file("new");
    let cases = [
        (&["create", "-d", "a", "-l", "1h"][..], 0, "<TOKEN>\n"),
        (&["create", "-d", "a", "-l", "1h", "--replace"], 0, "<TOKEN>\n"),
        (&["list", "--status", "expired", "--json"], 0, "{\"tokens\":[]}\n"),
        (&["list", "--status", "expired"], 0, ""),
        (&["revoke", "a", "--dry-run"], 0, ""),
        (&["revoke", "a", "nothing", "--ignore-missing"], 0, ""),
        (&["revoke", "--expired"], 0, ""),
        (&["revoke", "--all", "--yes"], 0, ""),
    ];
    each(cases, |(arguments, code, stdout)| {
        folder.command([arguments, &["-q"]].concat()).run().expect(code, stdout, "");
    });
    let made = folder.command(["init", "-q", "--data-folder", new.to_str().unwrap()]).without("SECRET_KEY").run();
    assert_eq!((made.code, made.stdout.len(), &*made.stderr), (0, 25, ""));
}

#[test]
fn what_is_wrong_is_said() {
    let folder = Folder::with_users(MINIFIED_ADMIN);
    let error = "error: could not find a token by `nothing`\nhint: `specter-token list` shows the tokens; give the whole id, or its first 4 characters or more\n";
    folder.command(["show", "-q", "nothing"]).run().expect(3, "", error);
    let warning = "warning: the key has fewer than 32 bytes, and can be guessed from a token (RFC 7518, section 3.2)\n";
    let create = folder.command(["create", "-q", "-d", "a", "-l", "1h"]).env("SECRET_KEY", "short");
    create.run().expect(0, "<TOKEN>\n", warning);
}
