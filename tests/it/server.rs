//! Work through a server: our requests, and what we make of its answers. These are the real Specter's, recorded in
//! `corpus/rest.jsonl`; `tests/live` tests what it does with our requests.

use std::os::unix::fs::PermissionsExt as _;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fake_server::{Answer, FakeServer, fixture_path};
use crate::support::{Command, Folder, Output, corpus_lines, each, each_at_once, masked};

/// Specter's answer to everything that it did not expect.
pub(crate) const FAILED: Answer =
    (500, r#"{"message": "Can't tell you the reason of the issue. Please check the logs"}"#);
pub(crate) const UNAUTHORIZED: Answer =
    (401, r#"{"message": "The server could not verify that you are authorized to access the URL requested."}"#);
pub(crate) const NONE: Answer = (404, r#"{"message": "Tokens does not exist"}"#);
pub(crate) const TWO: Answer = (
    200,
    r#"{"message": "Tokens exist", "jwt_tokens": {"7ca9cc9e-8a0b-481f-9450-eec3ddac776d": {"jwt_token_description": "alpha", "jwt_token_life": 3600, "jwt_token_remaining_life": 3595.25}, "adda7bc3-9aae-4877-920e-63ee892ee376": {"jwt_token_description": "past", "jwt_token_life": 1.5, "jwt_token_remaining_life": 0}}}"#,
);
const CASES_OF_ONE: Answer = (
    200,
    r#"{"message": "Tokens exist", "jwt_tokens": {"ABCD": {"jwt_token_description": "upper", "jwt_token_life": 3600, "jwt_token_remaining_life": 3595.25}, "abcd": {"jwt_token_description": "lower", "jwt_token_life": 3600, "jwt_token_remaining_life": 3595.25}, "abcdef": {"jwt_token_description": "more", "jwt_token_life": 3600, "jwt_token_remaining_life": 3595.25}}}"#,
);
const THREE: Answer = (
    200,
    r#"{"message": "Tokens exist", "jwt_tokens": {"7ca9cc9e-8a0b-481f-9450-eec3ddac776d": {"jwt_token_description": "alpha", "jwt_token_life": 3600, "jwt_token_remaining_life": 3595.25}, "adda7bc3-9aae-4877-920e-63ee892ee376": {"jwt_token_description": "past", "jwt_token_life": 1.5, "jwt_token_remaining_life": 0}, "29a2797b-72f7-48ee-85e1-7b5f3294f975": {"jwt_token_description": "new", "jwt_token_life": 3600, "jwt_token_remaining_life": 3599.9}}}"#,
);
/// As THREE, but somebody else has made the third.
const OF_ANOTHER: Answer = (
    200,
    r#"{"message": "Tokens exist", "jwt_tokens": {"29a2797b-72f7-48ee-85e1-7b5f3294f975": {"jwt_token_description": "new", "jwt_token_life": 3601, "jwt_token_remaining_life": 3600.9}}}"#,
);
pub(crate) const DELETED: Answer = (200, r#"{"message": "Token deleted"}"#);
const TAKEN: Answer = (400, r#"{"message": "Token description already exists or is blank"}"#);
pub(crate) const MADE: Answer = (
    201,
    r#"{"message": "Token generated", "jwt_token_id": "7ca9cc9e-8a0b-481f-9450-eec3ddac776d", "jwt_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFkbWluIiwiand0X3Rva2VuX2lkIjoiN2NhOWNjOWUtOGEwYi00ODFmLTk0NTAtZWVjM2RkYWM3NzZkIiwiand0X3Rva2VuX2Rlc2NyaXB0aW9uIjoiYWxwaGEiLCJleHAiOjE3OTU0NzUzOTksImlhdCI6MTc5NTQ3MTc5OX0.Xm-KSLJ19oO8ZS5vEQi0RznNm_yEQokR1FTmaJPvmnM", "jwt_token_description": "alpha", "jwt_token_life": 3600}"#,
);
const MADE_PAST: Answer = (
    201,
    r#"{"message": "Token generated", "jwt_token_id": "adda7bc3-9aae-4877-920e-63ee892ee376", "jwt_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFkbWluIiwiand0X3Rva2VuX2lkIjoiYWRkYTdiYzMtOWFhZS00ODc3LTkyMGUtNjNlZTg5MmVlMzc2Iiwiand0X3Rva2VuX2Rlc2NyaXB0aW9uIjoicGFzdCIsImV4cCI6MTc5NTQ3NTM5OSwiaWF0IjoxNzk1NDcxNzk5fQ.Xm-KSLJ19oO8ZS5vEQi0RznNm_yEQokR1FTmaJPvmnM", "jwt_token_description": "past", "jwt_token_life": 3600}"#,
);
const SPECTER: Answer = (200, r#"{"data_folder": "/home/specter/.specter"}"#);
const NO_WALLET: Answer = (403, r#"{"message": "Wallet x does not exist"}"#);
pub(crate) const API_OFF: Answer = (404, "<!DOCTYPE html>\n<html>");
const API_OFF_AS_JSON: Answer =
    (200, r#"{"error":"Could not find Resource (404): http://127.0.0.1:25441/api/v1alpha/token/"}"#);
/// The page that tells the version.
const ABOUT: Answer = (200, "<html>\nthe version you're currently using: v2.1.11\n\n<br><br>");
const HANGS_UP: Answer = (0, "");
/// The answer of a proxy with its own login.
const CHALLENGE: Answer = (1401, r#"{"message": "Unauthorized"}"#);

/// A token of admin that has expired.
const OLD: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6ImFkbWluIiwiand0X3Rva2VuX2lkIjoiN2NhOWNjOWUtOGEwYi00ODFmLTk0NTAtZWVjM2RkYWM3NzZkIiwiand0X3Rva2VuX2Rlc2NyaXB0aW9uIjoiYWxwaGEiLCJleHAiOjE3OTU0NzUzOTksImlhdCI6MTc5NTQ3MTc5OX0.Xm-KSLJ19oO8ZS5vEQi0RznNm_yEQokR1FTmaJPvmnM";

const BASIC: &str = "[Basic YWRtaW46cGFzc3dvcmQ=]"; // admin:password
/// The command with a server and its password, and a proxy and a key that must not be used.
fn command(url: &str, arguments: &[&str]) -> Command {
    let folder = Folder::empty();
    let command = folder.command(arguments).env("SPECTER_URL", url).env("SPECTER_PASSWORD", "password");
    command
        .env("http_proxy", "http://127.0.0.1:1")
        .env("ALL_PROXY", "http://127.0.0.1:1")
        .without("SPECTER_DATA_FOLDER")
}

/// Runs the command with a server that gives these answers. Its requests are masked like output.
#[track_caller]
pub(crate) fn exchange(arguments: &[&str], stdin: &str, answers: &'static [Answer]) -> (Output, Vec<String>) {
    let server = FakeServer::answering(answers);
    let url = server.url();
    let Output { code, stdout, stderr } = command(&url, arguments).stdin(stdin).run();
    let output = Output { code, stdout, stderr: stderr.replace(&url, "<URL>") };
    (output, server.asked().iter().map(|request| masked(request)).collect())
}

struct Case {
    arguments: &'static [&'static str],
    answers: &'static [Answer],
    /// The requests, the exit code, standard output and standard error.
    expected: &'static str,
}

/// All of an exchange as one text.
fn transcript((output, asked): &(Output, Vec<String>)) -> String {
    let asked = asked.iter().map(|request| request.replace("/api/v1alpha/", "").replace(BASIC, "as admin"));
    let asked: Vec<String> = asked.map(|request| request.trim_end().to_owned() + "\n").collect();
    let Output { code, stdout, stderr } = output;
    // A second may begin between question and answer.
    let stdout = masked(stdout).replace("_remaining\": 3596", "_remaining\": 3595");
    format!("{}= {code}\n{stdout}{}", asked.concat(), masked(stderr))
}

#[rustfmt::skip] // the transcripts
const CASES: &[Case] = &[
    Case { arguments: &["list"], answers: &[NONE], expected: r#"GET token/ as admin
= 0
no tokens; `specter-token create -d TEXT -l "3 days"` makes one
"# },
    Case { arguments: &["list", "--ids"], answers: &[TWO], expected: r"GET token/ as admin
= 0
<ID>
<ID>
" },
    Case { arguments: &["list", "--status", "expired"], answers: &[TWO], expected: r"GET token/ as admin
= 0
ID                                    USER   DESCRIPTION  LIFE  REMAINING  EXPIRES  STATUS
<ID>  admin  past         1.5   0s                  expired
" },
    Case { arguments: &["list"], answers: &[UNAUTHORIZED], expected: r"GET token/ as admin
= 6
error: could not log in: the server at <URL> does not let user `admin` in
hint: give this user's name with --user, and the password with --password-file
" },
    Case { arguments: &["list"], answers: &[API_OFF, API_OFF], expected: r"GET token/ as admin
GET specter []
= 6
error: could not use the token API: the server at <URL> has none
hint: start Specter with SPECTER_API_ACTIVE=True; if it is started with APP_URL_PREFIX, add that to the URL
" },
    Case { arguments: &["list"], answers: &[API_OFF_AS_JSON, API_OFF], expected: r"GET token/ as admin
GET specter []
= 6
error: could not use the token API: the server at <URL> has none
hint: start Specter with SPECTER_API_ACTIVE=True; if it is started with APP_URL_PREFIX, add that to the URL
" },
    Case { arguments: &["list"], answers: &[FAILED, FAILED, FAILED, TAKEN], expected: r#"GET token/ as admin
GET token/ as admin
GET token/ as admin
POST token/ as admin {"jwt_token_description":"","jwt_token_life":"1 seconds"}
= 6
error: could not list the tokens of user `admin`: the server fails (500), as it does when it cannot decode one of them
hint: find it in the server's users.json (`specter-token list --data-folder DIR`), and revoke it by its full id
"# },
    Case { arguments: &["list"], answers: &[FAILED, FAILED, FAILED, FAILED], expected: r#"GET token/ as admin
GET token/ as admin
GET token/ as admin
POST token/ as admin {"jwt_token_description":"","jwt_token_life":"1 seconds"}
= 6
error: could not use the token API as user `admin`: the server fails (500), as it does for a user whose name is not his id, such as one that was renamed, and for one with an entry in `jwt_tokens` that is no object
hint: stop Specter and work on its users.json: --data-folder DIR in place of --server
"# },
    Case { arguments: &["list"], answers: &[(502, "<html>Bad Gateway")], expected: r"GET token/ as admin
= 6
error: could not list the tokens: the server at <URL> failed (502)
hint: Specter's log tells why
" },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[(502, "<html>Bad Gateway")], expected: r"GET token/ as admin
= 6
error: could not create the token: the server at <URL> failed (502)
hint: Specter's log tells why; `specter-token list` shows the tokens
" },
    Case { arguments: &["list"], answers: &[(200, r#"{"message": "Tokens exist", "jwt_tokens": {"adda7bc3-9aae-4877-920e-63ee892ee376": {"jwt_token_description": "x", "jwt_token_life": 60}}}"#)], expected: r"GET token/ as admin
= 6
error: could not list the tokens: the server at <URL> does not answer as Specter does (200)
hint: check whether the address is Specter's
" },
    Case { arguments: &["list"], answers: &[(308, "<html>Redirecting")], expected: r"GET token/ as admin
= 6
error: could not list the tokens: the server at <URL> redirects elsewhere, which is not followed (308)
hint: give the address of Specter itself
" },
    Case { arguments: &["list"], answers: &[(200, "<html>hello")], expected: r"GET token/ as admin
= 6
error: could not list the tokens: the server at <URL> does not answer as Specter does (200)
hint: check whether the address is Specter's
" },
    Case { arguments: &["list"], answers: &[HANGS_UP], expected: r"GET token/ as admin
= 6
error: could not reach the server at <URL>: Peer disconnected
hint: check whether the address is right, and http or https
" },
    Case { arguments: &["list", "--timeout", "1"], answers: &[(1, "")], expected: r"GET token/ as admin
= 6
error: could not reach the server at <URL>: it did not answer in time
hint: try again, or give it longer with --timeout
" },
    Case { arguments: &["show", "past"], answers: &[TWO], expected: r"GET token/ as admin
= 0
id           <ID>
user         admin
description  past
life         1.5
issued
expires      in the past
status       expired: it has expired (expired)
" },
    Case { arguments: &["show", "nope"], answers: &[TWO], expected: r"GET token/ as admin
= 3
error: could not find a token by `nope`
hint: `specter-token list` shows the tokens; give the whole id, or its first 4 characters or more
" },
    Case { arguments: &["show", "adda"], answers: &[TWO], expected: r"GET token/ as admin
= 0
id           <ID>
user         admin
description  past
life         1.5
issued
expires      in the past
status       expired: it has expired (expired)
" },
    Case { arguments: &["show", " ADDA7bc3-9AAE-4877-920e-63ee892ee376\u{A0}"], answers: &[TWO], expected: r"GET token/ as admin
= 0
id           <ID>
user         admin
description  past
life         1.5
issued
expires      in the past
status       expired: it has expired (expired)
" },
    Case { arguments: &["revoke", "\tAdDa ", "ALPHA", "--ignore-missing"], answers: &[TWO, DELETED], expected: r#"GET token/ as admin
DELETE token/<ID>/ as admin
= 0
revoked token <ID> "past" of user admin from <URL>
no token by `ALPHA`
Specter refuses what was revoked from now on
"# },
    Case { arguments: &["show", "past\r\n"], answers: &[TWO], expected: r"GET token/ as admin
= 0
id           <ID>
user         admin
description  past
life         1.5
issued
expires      in the past
status       expired: it has expired (expired)
" },
    // Ids that differ only in case.
    Case { arguments: &["show", "AbCd"], answers: &[CASES_OF_ONE], expected: r#"GET token/ as admin
= 3
error: could not tell which token `AbCd` means
hint: name one by its id: ABCD "upper" of user admin; abcd "lower" of user admin
"# },
    Case { arguments: &["revoke", "ABCD"], answers: &[CASES_OF_ONE, DELETED, ABOUT], expected: r#"GET token/ as admin
DELETE token/ABCD/ as admin
GET /api/ []
= 0
revoked token ABCD "upper" of user admin from <URL>
Specter refuses what was revoked from now on
"# },
    Case { arguments: &["show", OLD], answers: &[TWO, UNAUTHORIZED, UNAUTHORIZED], expected: r"GET token/ as admin
GET specter [Bearer <TOKEN>]
GET wallets/<ID>/ [Bearer <TOKEN>]
= 3
error: could not find a token by `eyJhbGci…`
hint: `specter-token list` shows the tokens; give the whole id, or its first 4 characters or more
" },
    Case { arguments: &["show", OLD, "--json"], answers: &[TWO, SPECTER], expected: r#"GET token/ as admin
GET specter [Bearer <TOKEN>]
= 0
{
  "jwt_token_id": "<ID>",
  "username": "admin",
  "jwt_token_description": "alpha",
  "jwt_token_life": 3600,
  "jwt_token_life_remaining": 3595,
  "expiry_status": "Valid",
  "issued_at": null,
  "expires_at": "<TIME>",
  "status": "unchecked",
  "reason": null,
  "copies": null
}
"# },
    Case { arguments: &["create", "-d", "alpha", "-l", "1h"], answers: &[NONE, MADE], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"alpha","jwt_token_life":"3600 seconds"}
= 0
<TOKEN>
created token <ID> of user admin in <URL>, expires <TIME>
Specter accepts it from now on
"# },
    Case { arguments: &["create", "-d", "alpha", "-l", "1h"], answers: &[TWO], expected: r"GET token/ as admin
= 4
error: could not create another token `alpha` for user `admin`: <ID> already has this description
hint: choose another description, for example `ci-$RUN_ID`, or remove the old token in the same step with --replace
" },
    Case { arguments: &["create", "-d", "past", "-l", "1h"], answers: &[TWO, DELETED, MADE_PAST], expected: r#"GET token/ as admin
DELETE token/<ID>/ as admin
POST token/ as admin {"jwt_token_description":"past","jwt_token_life":"3600 seconds"}
= 0
<TOKEN>
removed token <ID> "past" of user admin from <URL>, which had the same description
created token <ID> of user admin in <URL>, expires <TIME>
Specter accepts it from now on
"# },
    Case { arguments: &["create", "-d", "past", "-l", "1h"], answers: &[TWO, FAILED, TWO], expected: r"GET token/ as admin
DELETE token/<ID>/ as admin
GET token/ as admin
= 6
error: could not revoke token <ID>: the server at <URL> failed (500)
hint: Specter's log tells why; `specter-token list` shows the tokens
" },
    Case { arguments: &["create", "-d", "alpha", "-l", "1h", "--replace"], answers: &[TWO, DELETED, FAILED, THREE], expected: r#"GET token/ as admin
DELETE token/<ID>/ as admin
POST token/ as admin {"jwt_token_description":"alpha","jwt_token_life":"3600 seconds"}
GET token/ as admin
= 6
error: could not create the token: the server at <URL> failed (500); no token was made; token <ID> "alpha" of user admin is removed already
hint: Specter's log tells why; `specter-token list` shows the tokens
"# },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[TWO, TAKEN], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"new","jwt_token_life":"3600 seconds"}
= 4
error: could not create another token `new` for user `admin`: one made meanwhile already has this description
hint: choose another description, for example `ci-$RUN_ID`, or remove the old token in the same step with --replace
"# },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[TWO, FAILED, THREE, DELETED], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"new","jwt_token_life":"3600 seconds"}
GET token/ as admin
DELETE token/<ID>/ as admin
= 6
error: could not create the token: the server at <URL> failed (500); token <ID> was made, and has been removed again
hint: Specter's log tells why; `specter-token list` shows the tokens
"# },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[TWO, (201, "{}"), THREE, DELETED], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"new","jwt_token_life":"3600 seconds"}
GET token/ as admin
DELETE token/<ID>/ as admin
= 6
error: could not create the token: the server at <URL> does not answer as Specter does (201); token <ID> was made, and has been removed again
hint: check whether the address is Specter's
"# },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[TWO, HANGS_UP, THREE, FAILED, THREE], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"new","jwt_token_life":"3600 seconds"}
GET token/ as admin
DELETE token/<ID>/ as admin
GET token/ as admin
= 6
error: could not reach the server at <URL>: Peer disconnected; token <ID> was made and is still there, but nobody has its text: could not revoke token <ID>: the server at <URL> failed (500)
hint: `specter-token revoke <ID>` removes it
"# },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[TWO, FAILED, TWO], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"new","jwt_token_life":"3600 seconds"}
GET token/ as admin
= 6
error: could not create the token: the server at <URL> failed (500); no token was made
hint: Specter's log tells why; `specter-token list` shows the tokens
"# },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[TWO, FAILED, HANGS_UP], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"new","jwt_token_life":"3600 seconds"}
GET token/ as admin
= 6
error: could not create the token: the server at <URL> failed (500); it is not known whether a token was made: could not reach the server at <URL>: Peer disconnected
hint: `specter-token list` shows it by its description; if it is there, revoke it, because nobody has its text
"# },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[TWO, UNAUTHORIZED], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"new","jwt_token_life":"3600 seconds"}
= 6
error: could not log in: the server at <URL> does not let user `admin` in
hint: give this user's name with --user, and the password with --password-file
"# },
    Case { arguments: &["revoke", "alpha", "past"], answers: &[TWO, DELETED, DELETED, ABOUT], expected: r#"GET token/ as admin
DELETE token/<ID>/ as admin
DELETE token/<ID>/ as admin
GET /api/ []
= 0
revoked token <ID> "alpha" of user admin from <URL>
revoked token <ID> "past" of user admin from <URL>
Specter refuses what was revoked from now on
"# },
    Case { arguments: &["revoke", "alpha", "past"], answers: &[TWO, DELETED, FAILED, TWO], expected: r#"GET token/ as admin
DELETE token/<ID>/ as admin
DELETE token/<ID>/ as admin
GET token/ as admin
= 6
error: could not revoke token <ID>: the server at <URL> failed (500); token <ID> "alpha" of user admin is removed already
hint: Specter's log tells why; `specter-token list` shows the tokens
"# },
    Case { arguments: &["revoke", "alpha"], answers: &[TWO, FAILED, NONE, ABOUT], expected: r#"GET token/ as admin
DELETE token/<ID>/ as admin
GET token/ as admin
GET /api/ []
= 0
revoked token <ID> "alpha" of user admin from <URL>
Specter refuses what was revoked from now on
"# },
    Case { arguments: &["revoke", "alpha", "nope"], answers: &[TWO], expected: r"GET token/ as admin
= 3
error: could not find a token by `nope`; nothing was removed
hint: `specter-token list` shows the tokens; give the whole id, or its first 4 characters or more
" },
    Case { arguments: &["revoke", "nope", "--ignore-missing"], answers: &[TWO], expected: r"GET token/ as admin
= 0
no token by `nope`
nothing to remove
" },
    Case { arguments: &["revoke", "--expired", "--json"], answers: &[TWO, DELETED], expected: r#"GET token/ as admin
DELETE token/<ID>/ as admin
= 0
{
  "revoked": [
    {
      "jwt_token_id": "<ID>",
      "username": "admin",
      "jwt_token_description": "past",
      "jwt_token_life": 1.5,
      "jwt_token_life_remaining": 0,
      "expiry_status": "Expired",
      "issued_at": null,
      "expires_at": null,
      "status": "expired",
      "reason": "expired",
      "copies": null,
      "found_in": null,
      "accepted_until": null
    }
  ],
  "copies_removed": [],
  "missing": [],
  "dry_run": false,
  "effect": "now",
  "specter_version": null
}
revoked token <ID> "past" of user admin from <URL>
Specter refuses what was revoked from now on
"# },
    Case { arguments: &["revoke", "--all", "--dry-run"], answers: &[TWO], expected: r#"GET token/ as admin
= 0
would remove token <ID> "alpha" of user admin from <URL>
would remove token <ID> "past" of user admin from <URL>
"# },
    Case { arguments: &["revoke", OLD], answers: &[TWO, UNAUTHORIZED, UNAUTHORIZED], expected: r"GET token/ as admin
GET specter [Bearer <TOKEN>]
GET wallets/<ID>/ [Bearer <TOKEN>]
= 3
error: could not find a token by `eyJhbGci…`; nothing was removed
hint: `specter-token list` shows the tokens; give the whole id, or its first 4 characters or more
" },
    Case { arguments: &["revoke", " ADDA7bc3-9aae-4877-920e-63ee892ee376\t", "adda7bc3-9aae-4877-920e-63ee892ee376"], answers: &[FAILED, FAILED, FAILED, TAKEN, DELETED, ABOUT], expected: r#"GET token/ as admin
GET token/ as admin
GET token/ as admin
POST token/ as admin {"jwt_token_description":"","jwt_token_life":"1 seconds"}
DELETE token/<ID>/ as admin
GET /api/ []
= 0
revoked token <ID> of user admin from <URL>
Specter refuses what was revoked from now on
"# },
    Case { arguments: &["revoke", "adda7bc3-9aae-4877-920e-63ee892ee376"], answers: &[FAILED, FAILED, FAILED, TAKEN, FAILED, FAILED, FAILED, FAILED, TAKEN], expected: r#"GET token/ as admin
GET token/ as admin
GET token/ as admin
POST token/ as admin {"jwt_token_description":"","jwt_token_life":"1 seconds"}
DELETE token/<ID>/ as admin
GET token/ as admin
GET token/ as admin
GET token/ as admin
POST token/ as admin {"jwt_token_description":"","jwt_token_life":"1 seconds"}
= 6
error: could not revoke token <ID>: the server at <URL> failed (500)
hint: Specter's log tells why; `specter-token list` shows the tokens
"# },
    Case { arguments: &["verify", OLD], answers: &[SPECTER], expected: r"GET specter [Bearer <TOKEN>]
= 0
accepted, expires in <REST>; token <ID> of user admin
" },
    Case { arguments: &["verify", OLD], answers: &[UNAUTHORIZED, UNAUTHORIZED], expected: r"GET specter [Bearer <TOKEN>]
GET wallets/<ID>/ [Bearer <TOKEN>]
= 10
refused (expired): it has expired; token <ID> of user admin
" },
    Case { arguments: &["verify", "x"], answers: &[UNAUTHORIZED, UNAUTHORIZED], expected: r"GET specter [Bearer x]
GET wallets/<ID>/ [Bearer x]
= 14
refused (refused_by_server): the server refuses it, and does not say why
" },
    Case { arguments: &["verify", "x", "--json"], answers: &[UNAUTHORIZED, NO_WALLET, ABOUT], expected: r#"GET specter [Bearer x]
GET wallets/<ID>/ [Bearer x]
GET /api/ []
= 0
{"accepted":true,"jwt_token_id":null,"username":null,"jwt_token_description":null,"jwt_token_life":null,"jwt_token_life_remaining":null,"expiry_status":"Valid","issued_at":null,"expires_at":null,"status":"valid","reason":"ok","copies":null,"registered":null,"specter_version":"2.1.11"}
"# },
    Case { arguments: &["verify", "x"], answers: &[UNAUTHORIZED, FAILED], expected: r"GET specter [Bearer x]
GET wallets/<ID>/ [Bearer x]
= 0
accepted, never expires
" },
    Case { arguments: &["verify", "x\u{1b}y"], answers: &[], expected: r"= 13
refused (empty): no token reaches Specter: it is empty, or a header cannot carry it
" },
    Case { arguments: &["verify", OLD], answers: &[FAILED], expected: r"GET specter [Bearer <TOKEN>]
= 6
error: could not verify the token: the server at <URL> failed (500)
hint: Specter's log tells why; `specter-token list` shows the tokens
" },
    Case { arguments: &["verify", "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOm51bGx9.AAAA"], answers: &[FAILED], expected: r"GET specter [Bearer eyJhbGciOiJIUzI1NiJ9.eyJleHAiOm51bGx9.AAAA]
= 14
refused (refused_by_server): the server refuses it, and does not say why
" },
    Case { arguments: &["verify", "x"], answers: &[API_OFF], expected: r"GET specter [Bearer x]
= 6
error: could not use the token API: the server at <URL> has none
hint: start Specter with SPECTER_API_ACTIVE=True; if it is started with APP_URL_PREFIX, add that to the URL
" },
    Case { arguments: &["verify", "x"], answers: &[(401, "<html>Authorization Required")], expected: r"GET specter [Bearer x]
= 6
error: could not use the API at <URL>: a proxy there probably wants a login of its own; the 401 is not Specter's
hint: give the address of Specter itself, or let the proxy pass /api/v1alpha without a login
" },
    Case { arguments: &["list"], answers: &[FAILED, FAILED, NONE], expected: r#"GET token/ as admin
GET token/ as admin
GET token/ as admin
= 0
no tokens; `specter-token create -d TEXT -l "3 days"` makes one
"# },
    Case { arguments: &["list"], answers: &[(401, "<html>Authorization Required")], expected: r"GET token/ as admin
= 6
error: could not use the API at <URL>: a proxy there probably wants a login of its own; the 401 is not Specter's
hint: give the address of Specter itself, or let the proxy pass /api/v1alpha without a login
" },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[TWO, HANGS_UP, TWO, TWO, TWO, TWO], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"new","jwt_token_life":"3600 seconds"}
GET token/ as admin
GET token/ as admin
GET token/ as admin
GET token/ as admin
= 6
error: could not reach the server at <URL>: Peer disconnected; no token is there yet, but one may still be made
hint: `specter-token list` shows it by its description; if it is there, revoke it, because nobody has its text
"# },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[TWO, HANGS_UP, TWO, THREE, DELETED], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"new","jwt_token_life":"3600 seconds"}
GET token/ as admin
GET token/ as admin
DELETE token/<ID>/ as admin
= 6
error: could not reach the server at <URL>: Peer disconnected; token <ID> was made, and has been removed again
hint: check whether the address is right, and http or https
"# },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[TWO, FAILED, OF_ANOTHER], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"new","jwt_token_life":"3600 seconds"}
GET token/ as admin
= 6
error: could not create the token: the server at <URL> failed (500); no token was made
hint: Specter's log tells why; `specter-token list` shows the tokens
"# },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[TWO, MADE, TWO], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"new","jwt_token_life":"3600 seconds"}
GET token/ as admin
= 6
error: could not create the token: the server at <URL> does not answer as Specter does (201); no token was made
hint: check whether the address is Specter's
"# },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[TWO, (504, "<html>Gateway Timeout"), THREE, DELETED], expected: r#"GET token/ as admin
POST token/ as admin {"jwt_token_description":"new","jwt_token_life":"3600 seconds"}
GET token/ as admin
DELETE token/<ID>/ as admin
= 6
error: could not create the token: the server at <URL> failed (504); token <ID> was made, and has been removed again
hint: Specter's log tells why; `specter-token list` shows the tokens
"# },
    Case { arguments: &["revoke", "alpha", "past"], answers: &[TWO, HANGS_UP, NONE, DELETED, ABOUT], expected: r#"GET token/ as admin
DELETE token/<ID>/ as admin
GET token/ as admin
DELETE token/<ID>/ as admin
GET /api/ []
= 0
revoked token <ID> "alpha" of user admin from <URL>
revoked token <ID> "past" of user admin from <URL>
Specter refuses what was revoked from now on
"# },
    Case { arguments: &["revoke", "alpha", "past"], answers: &[TWO, HANGS_UP, TWO], expected: r#"GET token/ as admin
DELETE token/<ID>/ as admin
GET token/ as admin
= 6
error: could not reach the server at <URL>: Peer disconnected; it may still be removed, or not; not tried: token <ID> "past" of user admin
hint: check whether the address is right, and http or https
"# },
    Case { arguments: &["revoke", "alpha", "past"], answers: &[TWO, FAILED, TWO, DELETED], expected: r#"GET token/ as admin
DELETE token/<ID>/ as admin
GET token/ as admin
DELETE token/<ID>/ as admin
= 6
error: could not revoke token <ID>: the server at <URL> failed (500); token <ID> "past" of user admin is removed already
hint: Specter's log tells why; `specter-token list` shows the tokens
"# },
    Case { arguments: &["revoke", "alpha"], answers: &[TWO, (200, r#"{"message": "nope"}"#), TWO], expected: r"GET token/ as admin
DELETE token/<ID>/ as admin
GET token/ as admin
= 6
error: could not revoke token <ID>: the server at <URL> does not answer as Specter does (200)
hint: check whether the address is Specter's
" },
    Case { arguments: &["revoke", OLD], answers: &[(200, r#"{"message": "Tokens exist", "jwt_tokens": {"7ca9cc9e-8a0b-481f-9450-eec3ddac776d": {"jwt_token_description": "alpha", "jwt_token_life": 1, "jwt_token_remaining_life": 0}}}"#), UNAUTHORIZED, UNAUTHORIZED, DELETED], expected: r#"GET token/ as admin
GET specter [Bearer <TOKEN>]
GET wallets/<ID>/ [Bearer <TOKEN>]
DELETE token/<ID>/ as admin
= 0
revoked token <ID> "alpha" of user admin from <URL>
Specter refuses what was revoked from now on
"# },
    Case { arguments: &["show", "odd"], answers: &[(200, r#"{"message": "Tokens exist", "jwt_tokens": {"../../x": {"jwt_token_description": "odd", "jwt_token_life": 1e400, "jwt_token_remaining_life": NaN}}}"#)], expected: r"GET token/ as admin
= 0
id           ../../x
user         admin
description  odd
life
issued
expires
status       unchecked: its signature was not checked, because that needs Specter's key
" },
    Case { arguments: &["revoke", "odd"], answers: &[(200, r#"{"message": "Tokens exist", "jwt_tokens": {"../../x": {"jwt_token_description": "odd", "jwt_token_life": 1, "jwt_token_remaining_life": 5}}}"#), NONE, ABOUT], expected: r#"GET token/ as admin
GET token/ as admin
GET /api/ []
= 0
revoked token ../../x "odd" of user admin from <URL>
Specter refuses what was revoked from now on
"# },
    Case { arguments: &["verify", "é"], answers: &[], expected: r"= 13
refused (empty): no token reaches Specter: it is empty, or a header cannot carry it
" },
    Case { arguments: &["verify", "x"], answers: &[(431, "<html>Line too long")], expected: r"GET specter [Bearer x]
= 13
refused (too_long): its header line is too long for Specter's server
" },
    Case { arguments: &["verify", "x"], answers: &[(200, "{}")], expected: r"GET specter [Bearer x]
= 6
error: could not verify the token: the server at <URL> does not answer as Specter does (200)
hint: check whether the address is Specter's
" },
    Case { arguments: &["verify", OLD], answers: &[(200, r#"{"ok": true}"#)], expected: r"GET specter [Bearer <TOKEN>]
= 6
error: could not verify the token: the server at <URL> does not answer as Specter does (200)
hint: check whether the address is Specter's
" },
    Case { arguments: &["verify", OLD], answers: &[CHALLENGE], expected: r"GET specter [Bearer <TOKEN>]
= 6
error: could not use the API at <URL>: a proxy there probably wants a login of its own; the 401 is not Specter's
hint: give the address of Specter itself, or let the proxy pass /api/v1alpha without a login
" },
    Case { arguments: &["list"], answers: &[CHALLENGE], expected: r"GET token/ as admin
= 6
error: could not use the API at <URL>: a proxy there probably wants a login of its own; the 401 is not Specter's
hint: give the address of Specter itself, or let the proxy pass /api/v1alpha without a login
" },
    Case { arguments: &["create", "-d", "new", "-l", "1h"], answers: &[UNAUTHORIZED], expected: r"GET token/ as admin
= 6
error: could not log in: the server at <URL> does not let user `admin` in
hint: give this user's name with --user, and the password with --password-file
" },
];

#[test]
fn every_answer_is_understood() {
    each_at_once(CASES, |Case { arguments, answers, expected }| {
        let got = transcript(&exchange(arguments, "", answers));
        assert!(got == *expected, "{arguments:?}\ngot\n{got}expected\n{expected}");
    });
}

/// The real Specter's recorded list of its tokens, some of them with fractional lives, and at the end a description
/// with half a surrogate pair, as it spells one.
#[test]
fn a_list_tells_what_the_server_tells() {
    let recorded = corpus_lines("rest.jsonl").into_iter().find(|line| line["name"] == "list some").unwrap();
    // The record breaks off after 2,000 characters.
    let (whole, _) = recorded["body"].as_str().unwrap().rsplit_once(", \"").unwrap();
    let (whole, _) = whole.rsplit_once("}, \"").unwrap();
    let broken = r#""adda7bc3-9aae-4877-920e-63ee892ee376": {"jwt_token_description": "half \ud800", "jwt_token_life": 60, "jwt_token_remaining_life": 9.5}"#;
    let body: &'static str = Box::leak(format!("{whole}}}, {broken}}}}}").into_boxed_str());
    let answers = Box::leak(vec![(200, body)].into_boxed_slice());
    let before = now();
    let (output, _) = exchange(&["list", "--json"], "", answers);
    let after = now();
    assert_eq!((output.code, &*output.stderr), (0, ""));
    let listed = output.json();
    let listed = listed["tokens"].as_array().unwrap();
    // The order is Python's, which serde_json's map does not keep.
    let told: serde_json::Value = serde_json::from_str(&body.replace("\\ud800", "\u{FFFD}")).unwrap();
    assert_eq!(listed.len(), told["jwt_tokens"].as_object().unwrap().len());
    let mut last = 0;
    for token in listed {
        let id = token["jwt_token_id"].as_str().unwrap();
        let position = body.find(id).unwrap();
        assert!(position > last, "in the server's order");
        last = position;
        let told = &told["jwt_tokens"][id];
        assert_eq!(token["jwt_token_description"], told["jwt_token_description"]);
        assert_eq!(token["jwt_token_life"], told["jwt_token_life"]);
        let remaining = told["jwt_token_remaining_life"].as_f64().unwrap();
        if remaining == 0.0 {
            assert_eq!((&token["status"], &token["expires_at"]), (&"expired".into(), &serde_json::Value::Null));
            assert_eq!((&token["jwt_token_life_remaining"], &token["expiry_status"]), (&0.into(), &"Expired".into()));
        } else {
            let expires_at = token["expires_at"].as_str().unwrap();
            let expires_at = humantime::parse_rfc3339(expires_at).unwrap().duration_since(UNIX_EPOCH).unwrap();
            assert!((before + remaining).floor() <= expires_at.as_secs_f64(), "{token}");
            assert!(expires_at.as_secs_f64() <= (after + remaining).floor(), "{token}");
            assert_eq!((&token["status"], &token["reason"]), (&"unchecked".into(), &serde_json::Value::Null));
        }
        assert_eq!((&token["username"], &token["copies"]), (&"admin".into(), &serde_json::Value::Null));
        assert_eq!(token["issued_at"], serde_json::Value::Null);
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

#[test]
fn the_login_is_the_users() {
    let folder = Folder::empty();
    let password = folder.file("password");
    std::fs::write(&password, "pass: wörd\n").unwrap();
    std::fs::set_permissions(&password, std::fs::Permissions::from_mode(0o600)).unwrap();
    let password = password.to_str().unwrap();
    let said = std::cell::RefCell::default();
    let asked = |arguments: &[&str], stdin: &str| {
        let server = FakeServer::answering(&[NONE]);
        let url = server.url();
        let output = command(&url, &[&["list", "-q"], arguments].concat()).stdin(stdin).run();
        assert_eq!(output.code, 0, "{output:?}");
        said.replace(
            masked(&output.stderr).replace("no tokens; `specter-token create -d TEXT -l \"3 days\"` makes one\n", ""),
        );
        server.asked().concat()
    };
    let basic = |login: &str| format!("GET /api/v1alpha/token/ [Basic {}] ", STANDARD.encode(login));
    assert_eq!(asked(&[], ""), basic("admin:password"));
    assert_eq!(asked(&["-u", "Дмитрий"], ""), basic("Дмитрий:password"));
    assert_eq!(asked(&["--password-file", password], ""), basic("admin:pass: wörd"));
    assert_eq!(said.take(), "");
    // A doubtful password gets a warning, and is used as it is.
    let edge = "warning: the password begins or ends with white space, or with a byte order mark; Specter would count that too\n";
    let line_end = "warning: the password holds a line end; Specter would count that too\n";
    let cases = [
        (" two words \n\n", " two words \n", edge),
        ("password\r\n", "password\r", edge),
        ("\u{FEFF}password", "\u{FEFF}password", edge),
        ("one\ntwo\n", "one\ntwo", line_end),
        ("one\ntwo\n\n", "one\ntwo\n", edge),
    ];
    each(cases, |(given, used, warning)| {
        assert_eq!(asked(&["--password-file", "-"], given), basic(&format!("admin:{used}")));
        assert_eq!(said.take(), warning, "{given:?}");
    });
    std::fs::set_permissions(password, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(asked(&["--password-file", password], ""), basic("admin:pass: wörd"));
    let warning = "warning: every user of this machine can read the password; run `chmod 600 <DIR>/password`\n";
    assert_eq!(said.take(), warning);
    let server = FakeServer::answering(&[NONE]);
    let output = command(&server.url(), &["list"]).env("SPECTER_PASSWORD", "password ").run();
    assert!(output.code == 0 && output.stderr.starts_with(edge), "{output:?}");
}

#[test]
fn a_prefix_of_the_path_is_kept() {
    each(["", "/", "/specter", "/a/b/"], |prefix| {
        let server = FakeServer::answering(&[NONE]);
        command("", &["list", "-q", "--server", &format!("{}{prefix}", server.url())]).run().expect(0, "", "");
        let path = format!("GET {}/api/v1alpha/token/ {BASIC} ", prefix.trim_end_matches('/'));
        assert_eq!(server.asked(), [path]);
    });
}

#[test]
fn a_list_of_tokens_is_judged_one_by_one() {
    let tokens = format!("\n{OLD}\r\nAUTHORIZATION:bearer  {OLD} \n \t\n\n");
    let answers = &[SPECTER, UNAUTHORIZED, UNAUTHORIZED];
    let (output, asked) = exchange(&["verify", "--for", "1h"], &tokens, answers);
    assert_eq!(
        transcript(&(output, asked)),
        "GET specter [Bearer <TOKEN>]\n\
         GET specter [Bearer <TOKEN>]\n\
         GET wallets/<ID>/ [Bearer <TOKEN>]\n\
         = 10\n\
         refused (expires_too_soon): it expires sooner than asked; token <ID> of user admin\n\
         refused (expired): it has expired; token <ID> of user admin\n"
    );
}

/// Errors in the options and the address, before any request.
#[test]
#[allow(clippy::too_many_lines)] // a table
fn what_cannot_be_used_is_said_at_once() {
    let loopback = "http://127.0.0.1:1";
    let pem = &fixture_path("key.pem");
    let other = "work on its users.json for that: --data-folder DIR in place of --server";
    let both = "a server works on its own users.json with its own key; with --data-folder, SPECTER_URL does not count";
    let none = "name the server with --server or SPECTER_URL";
    let example = "write it like http://127.0.0.1:25441 or https://specter.example.com/prefix";
    let url = |why: &str| format!("could not use the URL of the server: {why}");
    let cases = [
        (
            loopback,
            &["create", "-d", "x", "-l", "1h", "--new-key"][..],
            "could not use --new-key through a server: the server signs with its own key",
            other,
        ),
        (
            loopback,
            &["show", "x", "--reveal"],
            "could not reveal a token through a server: the server does not tell the text of a token",
            other,
        ),
        (
            loopback,
            &["verify", "x", "--at", "+1h"],
            "could not verify for another time through a server: the server judges tokens as of now",
            other,
        ),
        (
            loopback,
            &["verify", "x", "--specter-version", "2.1.10"],
            "could not verify as another version of Specter through a server: the server judges tokens as the version that it is",
            other,
        ),
        (
            loopback,
            &["list", "-u", "a:b"],
            "could not log in as user `a:b`: the name has a colon",
            "stop Specter and work on its users.json: --data-folder DIR in place of --server",
        ),
        (
            "http://127.0.0.1:25441/prefix/api/v1alpha/",
            &["list"],
            &url("it holds /api/v1alpha, which is added to it"),
            "leave out /api/v1alpha, as in http://127.0.0.1:25441",
        ),
        (loopback, &["list", "--secret-file", "x"], "could not use both a server and --secret-file", both),
        (loopback, &["list", "--even-if-running"], "could not use both a server and --even-if-running", both),
        (
            "",
            &["list", "--server", loopback, "--data-folder", "x"],
            "could not use both a server and --data-folder",
            both,
        ),
        ("", &["list", "--password-file", "x"], "could not use --password-file: there is no server", none),
        ("", &["list", "--ca-cert", "x"], "could not use --ca-cert: there is no server", none),
        ("", &["list", "--allow-http"], "could not use --allow-http: there is no server", none),
        (
            loopback,
            &["list", "--timeout", "3", "--data-folder", "x"],
            "could not use --timeout: there is no server",
            none,
        ),
        (
            loopback,
            &["init", "--server", "x"],
            "could not use --server: init makes a data folder",
            "name the folder with --data-folder",
        ),
        ("127.0.0.1:25441", &["list"], &url("it does not begin with http:// or https://"), example),
        ("ftp://127.0.0.1", &["list"], &url("it does not begin with http:// or https://"), example),
        ("http://127.0.0.1 /", &["list"], &url("it is not a URL"), example),
        ("http://127.0.0.1:254410", &["list"], &url("its port is not a number from 1 to 65535"), example),
        ("http://localhost:0", &["list"], &url("its port is not a number from 1 to 65535"), example),
        ("http://[::1]:", &["list"], &url("its port is not a number from 1 to 65535"), example),
        ("http://127.0.0.1/?x=y", &["list"], &url("it has a `?` or a `#`"), example),
        ("http://127.0.0.1/#x", &["list"], &url("it has a `?` or a `#`"), example),
        (
            "https://admin:secret@127.0.0.1",
            &["list"],
            &url("it holds a user or a password, which the process list would show"),
            "name the user with --user, and give the password with --password-file or SPECTER_PASSWORD",
        ),
        (
            "http://specter.example.com",
            &["list"],
            &url("http would send the password and every token over the network for all to read"),
            "begin it with https://; --allow-http allows http, for a private network such as a VPN",
        ),
        (
            loopback,
            &["list", "--ca-cert", pem],
            &url("http has no certificate to trust"),
            "begin it with https://, or leave out --ca-cert",
        ),
        (
            "https://127.0.0.1:1",
            &["list", "--ca-cert", pem],
            &format!("could not use the certificates in {pem}: it holds none in PEM"),
            "name a file with `-----BEGIN CERTIFICATE-----`; Specter's own is cert.pem in its data folder",
        ),
    ];
    each(cases, |(address, arguments, message, hint)| {
        command(address, arguments).run().expect(2, "", &format!("error: {message}\nhint: {hint}\n"));
    });
}

#[test]
fn who_logs_in_has_a_password() {
    let loopback = "http://127.0.0.1:1";
    command(loopback, &["list"]).without("SPECTER_PASSWORD").run().expect(
        1,
        "",
        "error: could not find the password of user `admin`\n\
         hint: give it in a file, with --password-file, or in the variable SPECTER_PASSWORD\n",
    );
    command(loopback, &["revoke", "-", "--password-file", "-"]).stdin("x").run().expect(
        2,
        "",
        "error: could not read tokens from standard input: it holds the password\nhint: put the password into a file, and name that file\n",
    );
    command(loopback, &["list"]).run().expect(
        6,
        "",
        "error: could not reach the server at http://127.0.0.1:1: Connection refused (os error 111)\n\
         hint: start Specter, or check whether the address is right; its own port is 25441\n",
    );
}

/// A named data folder counts, whatever SPECTER_URL says.
#[test]
fn a_data_folder_that_is_named_beats_the_variable() {
    let folder = Folder::from_corpus("users/real-10-after-restart.json");
    let listed = folder.command(["list", "--ids"]).run();
    let path = folder.path().to_str().unwrap();
    let same = folder.command(["list", "--ids", "--data-folder", path]).env("SPECTER_URL", "http://127.0.0.1:1").run();
    assert_eq!(same, listed);
}

mod tls {
    use rustls::SupportedProtocolVersion;
    use rustls::version::{TLS12, TLS13};

    use super::*;

    /// The command's trusted certificates.
    #[derive(Debug, Clone, Copy)]
    enum Trust {
        /// Those in a file, by the option.
        File(&'static str),
        /// The same, by the variable.
        Variable(&'static str),
        /// The option, which beats the variable.
        Both { option: &'static str, variable: &'static str },
        /// Those of the system.
        System,
        /// Those of a system whose store is this file.
        Store(&'static str),
    }

    /// Lists the tokens of a server with this certificate and key. Returns exit code and error.
    fn list(certificate: &str, key: &str, trust: Trust, host: &str) -> (u8, String) {
        let of_1_2 = list_over(&TLS12, certificate, key, trust, host);
        assert_eq!(of_1_2, list_over(&TLS13, certificate, key, trust, host));
        of_1_2
    }

    fn list_over(
        version: &'static SupportedProtocolVersion,
        certificate: &str,
        key: &str,
        trust: Trust,
        host: &str,
    ) -> (u8, String) {
        let server = FakeServer::answering_over_tls(&[NONE], version, certificate, key);
        let url = server.url().replace("127.0.0.1", host);
        let mut command = command("", &["list", "-q", "--ids", "--server", &url]);
        match trust {
            Trust::File(file) => {
                command.command.args(["--ca-cert", &fixture_path(file)]);
            }
            Trust::Variable(file) => command = command.env("SPECTER_CA_CERT", fixture_path(file)),
            Trust::Both { option, variable } => {
                command.command.args(["--ca-cert", &fixture_path(option)]);
                command = command.env("SPECTER_CA_CERT", fixture_path(variable));
            }
            Trust::System => {}
            Trust::Store(file) => command = command.env("SSL_CERT_FILE", fixture_path(file)),
        }
        let output = command.run();
        let asked = server.asked_or_left();
        assert_eq!(asked.len(), usize::from(output.code == 0), "no password may reach a server that is not trusted");
        (output.code, output.stderr.lines().next().unwrap_or_default().replace(&url, "<URL>"))
    }

    fn refused(why: &str) -> (u8, String) {
        (6, format!("error: could not trust the server at <URL>: {why}"))
    }

    const UNKNOWN: &str = "no trusted authority has signed its certificate";
    const NO_KEY: &str = "its certificate is not the trusted one, or the server does not have its key";

    /// `cert.pem` is made as Specter makes its own: version 1, signed with SHA-1, no name but "Specter Citadel Cert".
    #[test]
    fn a_certificate_like_specters_own_is_pinned() {
        each(["127.0.0.1", "localhost"], |host| {
            let cases = [
                Trust::File("cert.pem"),
                Trust::Variable("cert.pem"),
                Trust::Both { option: "cert.pem", variable: "ca.pem" },
            ];
            each(cases, |trust| {
                assert_eq!(list("cert.pem", "key.pem", trust, host), (0, String::new()), "{trust:?}");
            });
        });
        let other = Trust::Both { option: "ca.pem", variable: "cert.pem" };
        assert_ne!(list("cert.pem", "key.pem", other, "127.0.0.1").0, 0);
        // The certificate is public: a server that shows it must also have its key.
        assert_eq!(list("cert.pem", "other_key.pem", Trust::File("cert.pem"), "127.0.0.1"), refused(NO_KEY));
        let version = "its certificate is of X.509 version 1, like Specter's own, and must be named";
        each([Trust::File("ca.pem"), Trust::System, Trust::Store("cert.pem")], |trust| {
            assert_eq!(list("cert.pem", "key.pem", trust, "127.0.0.1"), refused(version), "{trust:?}");
        });
        // It vouches only for itself.
        assert_eq!(list("leaf_by_pinned.pem", "leaf_key.pem", Trust::File("cert.pem"), "localhost"), refused(UNKNOWN));
    }

    #[test]
    fn an_authority_vouches_for_a_name() {
        let name = "its certificate is for another name";
        assert_eq!(list("leaf.pem", "leaf_key.pem", Trust::File("ca.pem"), "localhost"), (0, String::new()));
        assert_eq!(list("leaf.pem", "leaf_key.pem", Trust::Store("ca.pem"), "localhost"), (0, String::new()));
        assert_eq!(list("leaf.pem", "other_key.pem", Trust::File("ca.pem"), "localhost"), refused(NO_KEY));
        assert_eq!(list("leaf.pem", "leaf_key.pem", Trust::File("ca.pem"), "127.0.0.1"), refused(name));
        each([Trust::File("cert.pem"), Trust::System], |trust| {
            assert_eq!(list("leaf.pem", "leaf_key.pem", trust, "localhost"), refused(UNKNOWN), "{trust:?}");
        });
        // A certificate of any kind may be pinned.
        assert_eq!(list("leaf.pem", "leaf_key.pem", Trust::File("leaf.pem"), "127.0.0.1"), (0, String::new()));
    }

    /// `openssl req -x509` makes it an authority, signed with its own key.
    #[test]
    fn a_self_signed_certificate_of_the_system_is_trusted_for_its_name_and_its_time() {
        let of_store =
            |certificate: &'static str| list(certificate, "own_key.pem", Trust::Store(certificate), "localhost");
        assert_eq!(of_store("own.pem"), (0, String::new()));
        assert_eq!(list("own.pem", "own_key.pem", Trust::Store("own.pem"), "127.0.0.1"), (0, String::new()));
        assert_eq!(of_store("own_expired.pem"), refused("its certificate has expired"));
        let future = "its certificate is not valid yet; check whether this machine's clock is right";
        assert_eq!(of_store("own_future.pem"), refused(future));
        assert_eq!(of_store("own_other_name.pem"), refused("its certificate is for another name"));
        assert_eq!(list("own.pem", "own_other_key.pem", Trust::Store("own.pem"), "localhost"), refused(NO_KEY));
        // A certificate of the same name and key in the store is not this one.
        let authority = "its certificate is that of an authority, and must be named";
        assert_eq!(list("own.pem", "own_key.pem", Trust::Store("own_future.pem"), "localhost"), refused(authority));
    }

    #[test]
    fn a_server_without_tls_is_told() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // Werkzeug gives this answer to non-HTTP.
            let answered = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad request version\r\n\r\n");
            let _ = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
            answered
        });
        let output = command("", &["list", "--server", &url]).run();
        server.join().unwrap().unwrap();
        assert_eq!(
            (output.code, output.stderr.replace(&url, "<URL>")),
            (
                6,
                "error: could not reach the server at <URL>: its answer is not TLS\n\
                 hint: check whether the address is right, and http or https\n"
                    .to_owned()
            )
        );
    }
}

/// It may be set for other servers.
#[test]
fn the_variable_of_certificates_does_not_hinder_http() {
    let server = FakeServer::answering(&[NONE]);
    let url = server.url();
    command(&url, &["list", "-q", "--ids"]).env("SPECTER_CA_CERT", "no-such-file").run().expect(0, "", "");
    server.asked();
    Folder::from_corpus("users/real-03-many-descriptions.json")
        .command(["list", "-q", "--ids", "-u", "nobody"])
        .env("SPECTER_CA_CERT", "no-such-file")
        .run()
        .expect(3, "", "error: could not find user `nobody` in users.json\nhint: the users are: admin\n");
}
