//! `verify`: would Specter accept a token?

use std::borrow::Cow;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use anyhow::{Context as _, Result};
use clap::ValueHint;
use serde::Serialize;

use crate::cli::output::json::{self, TokenJson, With};
use crate::cli::parallel;
use crate::cli::session::{KeyNeed, Needs, Opened, Session};
use crate::cli::waits::Progress;
use crate::core::backend::contract::Judge;
use crate::core::jwt::judge::Verdict;
use crate::core::jwt::presented::{as_sent, token_in};
use crate::core::time::lifetime::Lifetime;
use crate::core::time::moment::Time;
use crate::core::token::{Known, Reason, Status, Token};
use crate::core::version::Version;
use crate::words::codes::{Kind, verdict_code};
use crate::words::durations::{Style, roughly, typed_lifetime, typed_time};
use crate::words::escape::escaped;
use crate::words::failure::Failure;
use crate::words::reasons::sentence;

const EXAMPLES: &str = "\
Examples:
  specter-token verify < token.txt
  specter-token verify --for \"1 day\" < token.txt || echo \"make a new one\"
  specter-token verify --at 2026-12-31 --json < token.txt | jq -r .reason
  specter-token verify --server http://127.0.0.1:25441 < token.txt";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Tokens or header lines; `-` or none: standard input, one per line
    ///
    /// A header line holds a token. Standard input keeps tokens out of the process list.
    #[arg(value_name = "TOKEN", value_hint = ValueHint::Other)]
    tokens: Vec<String>,
    /// Judge as Specter would at this time
    ///
    /// Examples: `2026-12-31`, `2026-12-31 18:00` (UTC), RFC 3339, `@SECONDS`, `+3days`.
    #[arg(long, value_name = "TIME", value_hint = ValueHint::Other, value_parser = typed_time)]
    at: Option<Time>,
    /// Refuse a token that expires sooner than this
    ///
    /// The time is counted from now, or from --at.
    #[arg(long = "for", value_name = "DURATION", value_hint = ValueHint::Other, value_parser = typed_lifetime)]
    at_least: Option<Lifetime>,
    /// Judge as this version of Specter would
    ///
    /// An example is 2.1.10 [default: the version that was last started on the data folder].
    #[arg(long, value_name = "VERSION", value_hint = ValueHint::Other, value_parser = version)]
    specter_version: Option<Version>,
}

fn version(text: &str) -> Result<Version, String> {
    text.parse().map_err(|_| "is not a version of Specter; write it like 2.1.10, v2.1.10 or 2.2.0rc5".to_owned())
}

pub(crate) fn run(args: &Args, session: &mut Session<'_>) -> Result<u8> {
    let prompt = if args.tokens.is_empty() {
        session.prompt("give the token as an argument, or - for standard input")?
    } else {
        None
    };
    let reads_stdin = prompt.is_none() && (args.tokens.is_empty() || args.tokens.iter().any(|token| token == "-"));
    let input = if reads_stdin { session.input_left() } else { None };
    let mut lines = Vec::new();
    if let Some(prompt) = prompt {
        lines = prompt.secret("Token (not shown)")?.into_bytes();
    } else if reads_stdin {
        session.read_lines(&mut lines)?;
        while !lines.is_empty() && !has_token(&lines) {
            session.read_lines(&mut lines)?;
        }
    }
    if !has_token(&lines) && args.tokens.iter().all(|token| token == "-") {
        let hint = "give tokens as arguments, or one per line on standard input";
        return Err(Failure::new(Kind::Usage, "could not verify a token: none was given", hint).into());
    }
    let of_time = args.at.map(|_| ("verify for another time", "the server judges tokens as of now"));
    let of_version = ("verify as another version of Specter", "the server judges tokens as the version that it is");
    let needs = Needs {
        user: None,
        key: KeyNeed::Yes,
        logs_in: false,
        version: args.specter_version,
        only_offline: of_time.or(args.specter_version.map(|_| of_version)),
    };
    let Opened { backend, key } = session.open(&needs)?;
    session.tell_unaware_specter(&*backend);
    let judge = backend.judge(key.as_ref(), args.specter_version)?;
    let now = args.at.map_or(session.now, |at| at.resolve(session.now));
    let mut hearing = Hearing {
        judge: &*judge,
        now,
        at_least: args.at_least,
        is_heard: true,
        exit_code: 0,
        has_accepted_unregistered: false,
        progress: if reads_stdin { session.progress(input) } else { None },
    };
    // On a terminal, each verdict is shown when it is there.
    let length = if session.look.columns.is_some() { 0 } else { PIECE };
    for (number, arguments) in args.tokens.split(|token| token == "-").enumerate() {
        if number > 0 || args.tokens.is_empty() {
            while !lines.is_empty() {
                // This reads the lines twice if they are not UTF-8, but is faster if they are.
                let text = str::from_utf8(&lines).map_or_else(|_| String::from_utf8_lossy(&lines), Cow::Borrowed);
                hearing.judge(&pieces_of(&text, length).map(Presented::Lines).collect::<Vec<_>>(), session)?;
                lines.clear();
                if reads_stdin {
                    session.read_lines(&mut lines)?;
                }
            }
        }
        let each = if session.look.columns.is_some() { 1 } else { arguments.len().max(1) };
        hearing.judge(&arguments.chunks(each).map(Presented::Arguments).collect::<Vec<_>>(), session)?;
    }
    hearing.progress = None;
    hearing.went_through(session.out().flush())?;
    if hearing.has_accepted_unregistered {
        let version = judge.specter().version().map(|version| format!(" {version}")).unwrap_or_default();
        session.warn(format_args!(
            "Specter{version} accepts a token until it expires, whether or not users.json holds it"
        ));
    }
    if session.is_cut_off() {
        session.warn(
            "a line of standard input is longer than a mebibyte; the lines after it were not read, and are not judged",
        );
    }
    Ok(hearing.exit_code)
}

/// Whether a line is not blank.
fn has_token(lines: &[u8]) -> bool {
    lines.iter().any(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Tokens to judge: some of the arguments, or a piece of standard input with one token a line.
enum Presented<'a> {
    Arguments(&'a [String]),
    Lines(&'a str),
}

/// The bytes of lines that are judged in one piece. A list of short lines would take many times the memory of the text.
const PIECE: usize = 1 << 17;

/// Splits a text into pieces of whole lines. Each ends at the first line end after `length` bytes.
fn pieces_of(text: &str, length: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let from = length.min(rest.len());
        let newline = rest.as_bytes()[from..].iter().position(|byte| *byte == b'\n');
        let end = newline.map_or(rest.len(), |newline| from + newline + 1);
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The state while tokens are judged, one after the other.
struct Hearing<'a> {
    judge: &'a dyn Judge,
    /// The time for which tokens are judged, in seconds since 1970.
    now: i64,
    /// The value of `--for`.
    at_least: Option<Lifetime>,
    /// Whether anybody still reads the output.
    is_heard: bool,
    /// The highest exit code so far.
    exit_code: u8,
    /// Whether a token was accepted that users.json does not hold.
    has_accepted_unregistered: bool,
    /// The progress, if it is shown.
    progress: Option<Progress>,
}

impl Hearing<'_> {
    fn judge(&mut self, presented: &[Presented<'_>], session: &mut Session<'_>) -> Result<()> {
        let is_json = session.json;
        let out = session.out();
        let (judge, now, at_least) = (self.judge, self.now, self.at_least);
        let done = self.progress.as_ref().map(Progress::done);
        let exit_code = AtomicU8::new(self.exit_code);
        let has_accepted_unregistered = AtomicBool::new(self.has_accepted_unregistered);
        let judge_one = |token: &str, text: &mut Vec<u8>| {
            let token = token_in(token);
            let verdict = judge.verdict(token, now)?;
            let remaining = verdict.claims.expires_at.map(|expires_at| expires_at.saturating_sub(now));
            let reason = match (verdict.reason, remaining, at_least) {
                (Reason::Ok, Some(remaining), Some(at_least)) if remaining < at_least.seconds() => {
                    Reason::ExpiresTooSoon
                }
                (reason, ..) => reason,
            };
            let code = verdict_code(reason);
            if exit_code.load(Ordering::Relaxed) < code {
                exit_code.fetch_max(code, Ordering::Relaxed);
            }
            if reason == Reason::Ok && verdict.is_registered == Some(false) {
                has_accepted_unregistered.store(true, Ordering::Relaxed);
            }
            if is_json {
                push_json(text, reason, &verdict, judge, token, now)?;
            } else {
                push_words(text, reason, &verdict, remaining);
            }
            text.push(b'\n');
            Ok(())
        };
        let make = |index: usize, text: &mut Vec<u8>| match presented[index] {
            Presented::Arguments(tokens) => tokens.iter().try_for_each(|token| judge_one(token, text)),
            Presented::Lines(lines) => {
                let mut tokens = lines.lines().filter(|line| !as_sent(line).is_empty());
                tokens.try_for_each(|token| {
                    judge_one(token, text)?;
                    done.as_deref().inspect(|done| done.add_line(token.len()));
                    Ok(())
                })
            }
        };
        let judged = parallel::in_order(presented.len(), 1, make, |text| {
            // If the reader goes away, the exit code still covers every token.
            if self.is_heard {
                self.went_through(out.write_all(text))?;
            }
            Ok(())
        });
        self.exit_code = exit_code.into_inner();
        self.has_accepted_unregistered = has_accepted_unregistered.into_inner();
        judged
    }

    fn went_through(&mut self, written: io::Result<()>) -> Result<()> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.is_heard = false,
            other => other.context("could not write to standard output")?,
        }
        Ok(())
    }
}

/// Appends one compact object. `reason` may be one of our own in place of Specter's.
fn push_json(
    text: &mut Vec<u8>,
    reason: Reason,
    verdict: &Verdict,
    judge: &dyn Judge,
    token: &str,
    now: i64,
) -> Result<()> {
    let claims = &verdict.claims;
    let details = judge.details(token, verdict);
    let more = Registered {
        registered: details.is_registered,
        specter_version: judge.specter().version().map(|version| version.to_string()),
    };
    let known = Known {
        description: claims.description.as_deref().map(Into::into),
        life: details.life,
        issued_at: claims.issued_at,
        expires_at: claims.expires_at,
        copies: details.copies,
        text: None,
    };
    let status = match verdict.reason {
        // An older Specter accepts a token in the very second of its expiry, too.
        Reason::Ok => Status::Valid,
        reason => Status::of(reason, true, claims.expires_at, now),
    };
    let (id, username) = (claims.id.as_deref().unwrap_or_default(), claims.username.as_deref().unwrap_or_default());
    let token = Token::new(id, username, (status, reason), known);
    let object = TokenJson::new(&token, now).presented(claims.username.as_deref(), claims.id.as_deref());
    let accepted = Accepted { accepted: reason == Reason::Ok };
    Ok(json::push_compact(text, &With { object: With { object: accepted, more: object }, more })?)
}

#[derive(Debug, Serialize)]
struct Accepted {
    accepted: bool,
}

#[derive(Debug, Serialize)]
struct Registered {
    /// Null if a server has judged: it does not tell.
    registered: Option<bool>,
    /// Null if it is not known.
    specter_version: Option<String>,
}

fn push_words(text: &mut Vec<u8>, reason: Reason, verdict: &Verdict, remaining: Option<i64>) {
    let claims = &verdict.claims;
    let mut push = |parts: &[&str]| parts.iter().for_each(|part| text.extend_from_slice(part.as_bytes()));
    let accepted =
        if verdict.is_registered == Some(false) { "accepted, though not registered, " } else { "accepted, " };
    match (reason, remaining) {
        (Reason::Ok, None) => push(&[accepted, "never expires"]),
        (Reason::Ok, Some(seconds)) => {
            push(&[accepted, "expires in ", &roughly(seconds.unsigned_abs(), Style::Sentence)]);
        }
        _ => push(&["refused (", reason.word(), "): ", sentence(reason)]),
    }
    // A text that is not a token has neither id nor user.
    if reason == Reason::Malformed {
        return;
    }
    if let (Some(id), Some(username)) = (claims.id.as_deref(), claims.username.as_deref()) {
        push(&["; token ", &escaped(id), " of user ", &escaped(username)]);
    }
}
