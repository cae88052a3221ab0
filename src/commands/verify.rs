//! `verify`: would Specter accept a token?

use std::io::{self, BufWriter, Write as _};

use anyhow::{Context as _, Result};
use clap::ValueHint;
use serde::Serialize;

use crate::failure::{Failure, Kind};
use crate::jwt::{self, Claims, Judgment, Key};
use crate::lifetime::{self, Lifetime, Time};
use crate::output::json::{TokenJson, With};
use crate::session::Session;
use crate::store::{self, Database};
use crate::terminal::escaped;
use crate::token::{Reason, Status, Token};

const EXAMPLES: &str = "\
Examples:
  specter-token verify < token.txt
  specter-token verify --for \"1 day\" < token.txt || echo \"make a new one\"
  specter-token verify --at 2026-12-31 --json < token.txt | jq -r .reason";

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
    let stdin = match prompt {
        Some(prompt) => prompt.secret("Token (not shown)")?,
        None if args.tokens.is_empty() || args.tokens.iter().any(|token| token == "-") => {
            String::from_utf8_lossy(&session.read_stdin()?).into_owned()
        }
        None => String::new(),
    };
    let mut tokens: Vec<&str> = Vec::new();
    if args.tokens.is_empty() {
        tokens.extend(stdin.lines());
    }
    for token in &args.tokens {
        if token == "-" { tokens.extend(stdin.lines()) } else { tokens.push(token) }
    }
    if tokens.is_empty() {
        let failure = Failure::new(Kind::Usage, "could not verify a token: none was given");
        return Err(failure.hint("give tokens as arguments, or one a line on standard input").into());
    }
    let key = session.required_key()?.key;
    let folder = session.folder.clone();
    store::read(&folder, |database| {
        let judge = Judge {
            database,
            key: &key,
            now: args.at.map_or(session.now, |at| at.resolve(session.now)),
            at_least: args.at_least,
        };
        let is_json = session.json;
        let mut out = BufWriter::with_capacity(1 << 14, session.out());
        let mut exit_code = 0;
        let mut is_heard = true;
        for token in tokens {
            // As `create --print header` writes it.
            let token = token.strip_prefix("Authorization: Bearer ").unwrap_or(token);
            let (reason, line) = judge.verdict(token, is_json)?;
            exit_code = exit_code.max(code_of(reason));
            // Should the reader go away, the exit code still speaks for every token.
            is_heard = is_heard && went_through(writeln!(out, "{line}"))?;
        }
        went_through(out.flush())?;
        Ok(exit_code)
    })
}

fn went_through(written: io::Result<()>) -> Result<bool> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        other => other.map(|()| true).context("could not write to standard output"),
    }
}

fn code_of(reason: Reason) -> u8 {
    match reason {
        Reason::Ok => 0,
        Reason::Expired | Reason::ExpiresTooSoon => 10,
        Reason::NotRegistered | Reason::RegisteredDiffers | Reason::UnknownUser => 11,
        Reason::Signature => 12,
        _ => 13,
    }
}

/// What all verdicts of a run have in common.
struct Judge<'a, 'd> {
    database: &'a Database<'d>,
    key: &'a Key,
    now: i64,
    at_least: Option<Lifetime>,
}

impl Judge<'_, '_> {
    /// The reason, and the line that tells it.
    fn verdict(&self, text: &str, as_json: bool) -> Result<(Reason, String)> {
        let registered = |username: &str, id: &str| self.database.registered(username, id, text);
        let judgment = jwt::judge(text, Some(self.key), self.now, registered);
        let remaining = judgment.claims.expires_at.map(|expires_at| expires_at.saturating_sub(self.now));
        let reason = match (judgment.reason, remaining, self.at_least) {
            (Reason::Ok, Some(remaining), Some(at_least)) if remaining < at_least.seconds() => Reason::ExpiresTooSoon,
            (reason, ..) => reason,
        };
        let line = if as_json { self.json(reason, &judgment)? } else { in_words(reason, &judgment.claims, remaining) };
        Ok((reason, line))
    }

    /// One compact object. Life and copies are those of users.json, if the token is the one that it holds.
    fn json(&self, reason: Reason, judgment: &Judgment) -> Result<String> {
        let claims = &judgment.claims;
        let is_registered = judgment.reason == Reason::Ok;
        let listed = self.database.listed_for(claims).filter(|_| is_registered);
        let stored = listed.map(|listed| self.database.token(&listed, None, self.now));
        let token = Token {
            id: claims.id.as_deref().unwrap_or_default().into(),
            username: claims.username.as_deref().unwrap_or_default().into(),
            description: claims.description.as_deref().map(Into::into),
            life: stored.as_ref().and_then(|stored| stored.life),
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            status: Status::of(judgment.reason, true, claims.expires_at, self.now),
            reason,
            copies: stored.map(|stored| stored.copies).unwrap_or_default(),
            text: None,
        };
        let object = TokenJson::new(&token, self.now).presented(claims.username.as_deref(), claims.id.as_deref());
        let verdict = With { object: Verdict { accepted: reason == Reason::Ok }, more: object };
        Ok(serde_json::to_string(&verdict)?)
    }
}

#[derive(Debug, Serialize)]
struct Verdict {
    accepted: bool,
}

fn in_words(reason: Reason, claims: &Claims, remaining: Option<i64>) -> String {
    let verdict = match (reason, remaining) {
        (Reason::Ok, None) => "accepted, never expires".to_owned(),
        (Reason::Ok, Some(seconds)) => format!("accepted, expires in {}", lifetime::roughly(seconds.unsigned_abs())),
        _ => format!("refused ({}): {}", reason.word(), reason.sentence()),
    };
    match (&claims.id, &claims.username) {
        (Some(id), Some(username)) => format!("{verdict}; token {} of user {}", escaped(id), escaped(username)),
        _ => verdict,
    }
}
