//! `verify`: would Specter accept a token?

use std::borrow::Cow;
use std::io;
use std::sync::atomic::{AtomicU8, Ordering};

use anyhow::{Context as _, Result};
use clap::ValueHint;
use serde::Serialize;

use crate::core::backend::{self, Judge, Purpose, Verdict};
use crate::words::failure::{Failure, Kind};
use crate::core::jwt::Claims;
use crate::core::time::{self, Lifetime, Time};
use crate::cli::output::json::{TokenJson, With};
use crate::cli::parallel;
use crate::cli::session::Session;
use crate::words::escape::escaped;
use crate::core::token::{Reason, Status, Token};

const EXAMPLES: &str = "\
Examples:
  specter-token verify < token.txt
  specter-token verify --for \"1 day\" < token.txt || echo \"make a new one\"
  specter-token verify --at 2026-12-31 --json < token.txt | jq -r .reason
  specter-token verify --server http://127.0.0.1:25441 < token.txt";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Tokens; `-` or none: read them from standard input, one a line, which keeps them out of the process list
    #[arg(value_name = "TOKEN", value_hint = ValueHint::Other)]
    tokens: Vec<String>,
    /// Judge as Specter would at this time: `2026-12-31`, `2026-12-31 18:00` (UTC), RFC 3339, `@SECONDS`, `+3days`
    #[arg(long, value_name = "TIME", value_hint = ValueHint::Other, allow_hyphen_values = true)]
    at: Option<Time>,
    /// Refuse a token that does not live for at least so long from then on
    #[arg(long = "for", value_name = "DURATION", value_hint = ValueHint::Other, allow_hyphen_values = true)]
    at_least: Option<Lifetime>,
}

pub(crate) fn run(args: &Args, session: &mut Session<'_>) -> Result<u8> {
    let prompt = if args.tokens.is_empty() { session.prompt()? } else { None };
    let reads_stdin = prompt.is_none() && (args.tokens.is_empty() || args.tokens.iter().any(|token| token == "-"));
    let mut lines = Vec::new();
    if let Some(prompt) = prompt {
        lines = prompt.secret("Token (not shown)")?.into_bytes();
    } else if reads_stdin {
        session.read_lines(&mut lines)?;
    }
    if lines.is_empty() && args.tokens.iter().all(|token| token == "-") {
        let failure = Failure::new(Kind::Usage, "could not verify a token: none was given");
        return Err(failure.hint("give tokens as arguments, or one a line on standard input").into());
    }
    let purpose = Purpose::Verify { at: args.at.map(|at| at.resolve(session.now)) };
    let backend = backend::open(session, purpose, None)?;
    let mut exit_code = 0;
    backend.judge(&mut |judge| {
        let mut bench = Bench { judge, at_least: args.at_least, is_heard: true, exit_code: 0 };
        for (number, arguments) in args.tokens.split(|token| token == "-").enumerate() {
            if number > 0 || args.tokens.is_empty() {
                while !lines.is_empty() {
                    // Looks twice where something is to be replaced, and is faster where nothing is.
                    let text = str::from_utf8(&lines).map_or_else(|_| String::from_utf8_lossy(&lines), Cow::Borrowed);
                    bench.judge(&pieces_of(&text).map(Presented::Lines).collect::<Vec<_>>(), session)?;
                    lines.clear();
                    if reads_stdin {
                        session.read_lines(&mut lines)?;
                    }
                }
            }
            bench.judge(&[Presented::Arguments(arguments)], session)?;
        }
        exit_code = bench.exit_code;
        bench.went_through(session.out().flush())
    })?;
    Ok(exit_code)
}

/// What is to be judged: some of the arguments, or a piece of standard input with a token a line.
enum Presented<'a> {
    Arguments(&'a [String]),
    Lines(&'a str),
}

/// Pieces of whole lines. A list of the lines themselves would take many times the text if they are short.
fn pieces_of(text: &str) -> impl Iterator<Item = &str> {
    const LENGTH: usize = 1 << 17;
    let mut rest = text;
    std::iter::from_fn(move || {
        let from = LENGTH.min(rest.len());
        let newline = rest.as_bytes()[from..].iter().position(|byte| *byte == b'\n');
        let end = newline.map_or(rest.len(), |newline| from + newline + 1);
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Where tokens are judged, one after the other.
struct Bench<'a> {
    judge: &'a dyn Judge,
    /// The value of `--for`.
    at_least: Option<Lifetime>,
    /// Whether anybody still reads what is written.
    is_heard: bool,
    /// The highest of all verdicts so far.
    exit_code: u8,
}

impl Bench<'_> {
    fn judge(&mut self, presented: &[Presented<'_>], session: &mut Session<'_>) -> Result<()> {
        let is_json = session.json;
        let out = session.out();
        let (judge, at_least, exit_code) = (self.judge, self.at_least, AtomicU8::new(self.exit_code));
        let judge_one = |token: &str, text: &mut Vec<u8>| {
            // As `create --print header` writes it.
            let token = token.strip_prefix("Authorization: Bearer ").unwrap_or(token);
            let verdict = judge.verdict(token, is_json)?;
            let remaining = verdict.claims.expires_at.map(|expires_at| expires_at.saturating_sub(verdict.now));
            let reason = match (verdict.reason, remaining, at_least) {
                (Reason::Ok, Some(remaining), Some(at_least)) if remaining < at_least.seconds() => {
                    Reason::ExpiresTooSoon
                }
                (reason, ..) => reason,
            };
            let code = code_of(reason);
            if exit_code.load(Ordering::Relaxed) < code {
                exit_code.fetch_max(code, Ordering::Relaxed);
            }
            if is_json {
                push_json(text, reason, verdict)?;
            } else {
                push_words(text, reason, &verdict.claims, remaining);
            }
            text.push(b'\n');
            Ok(())
        };
        let make = |index: usize, text: &mut Vec<u8>| match presented[index] {
            Presented::Arguments(tokens) => tokens.iter().try_for_each(|token| judge_one(token, text)),
            Presented::Lines(lines) => lines.lines().try_for_each(|token| judge_one(token, text)),
        };
        let judged = parallel::in_order(presented.len(), 1, make, |text| {
            // Should the reader go away, the exit code still speaks for every token.
            if self.is_heard {
                self.went_through(out.write_all(text))?;
            }
            Ok(())
        });
        self.exit_code = exit_code.into_inner();
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

fn code_of(reason: Reason) -> u8 {
    match reason {
        Reason::Ok => 0,
        Reason::Expired | Reason::ExpiresTooSoon => 10,
        Reason::NotRegistered | Reason::RegisteredDiffers | Reason::UnknownUser => 11,
        Reason::Signature => 12,
        Reason::RefusedByServer => 14,
        _ => 13,
    }
}

/// One compact object.
fn push_json(text: &mut Vec<u8>, reason: Reason, verdict: Verdict<'_>) -> Result<()> {
    let Verdict { claims, now, .. } = verdict;
    let token = Token {
        id: claims.id().unwrap_or_default().into(),
        username: claims.username().unwrap_or_default().into(),
        description: claims.description().map(Into::into),
        life: verdict.life,
        issued_at: claims.issued_at,
        expires_at: claims.expires_at,
        status: Status::of(verdict.reason, true, claims.expires_at, now),
        reason,
        copies: verdict.copies,
        text: None,
    };
    let object = TokenJson::new(&token, now).presented(claims.username(), claims.id());
    let accepted = Accepted { accepted: reason == Reason::Ok };
    Ok(serde_json::to_writer(text, &With { object: accepted, more: object })?)
}

#[derive(Debug, Serialize)]
struct Accepted {
    accepted: bool,
}

fn push_words(text: &mut Vec<u8>, reason: Reason, claims: &Claims, remaining: Option<i64>) {
    let mut push = |parts: &[&str]| parts.iter().for_each(|part| text.extend_from_slice(part.as_bytes()));
    match (reason, remaining) {
        (Reason::Ok, None) => push(&["accepted, never expires"]),
        (Reason::Ok, Some(seconds)) => {
            push(&["accepted, expires in ", &time::roughly(seconds.unsigned_abs())]);
        }
        _ => push(&["refused (", reason.word(), "): ", reason.sentence()]),
    }
    if let (Some(id), Some(username)) = (claims.id(), claims.username()) {
        push(&["; token ", &escaped(id), " of user ", &escaped(username)]);
    }
}
