//! `show`: one token in full.

use std::fmt::Write as _;

use anyhow::Result;
use clap::ValueHint;

use super::chosen;
use crate::core::backend::{self, LOOK, Purpose, Tokens, candidates};
use crate::words::failure::{Failure, Kind};
use crate::core::time;
use crate::cli::output::json::{self, TokenJson};
use crate::cli::output::table;
use crate::cli::session::Session;
use crate::words::escape::escaped;
use crate::core::token::{Status, Token};

const EXAMPLES: &str = "\
Examples:
  specter-token show \"nightly backup\"
  specter-token show 9b70c8e5 --json";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The token's id, a unique beginning of it (4 characters or more), its description, or the token itself
    #[arg(value_name = "TOKEN", value_hint = ValueHint::Other)]
    token: Option<String>,
    /// Look only among the tokens of this user; on a server, whose they are [default there: admin]
    #[arg(short, long, value_name = "NAME", value_hint = ValueHint::Other)]
    user: Option<String>,
    /// Show the token itself as well
    #[arg(long)]
    reveal: bool,
}

pub(crate) fn run(args: &Args, session: &mut Session<'_>) -> Result<u8> {
    let backend = backend::open(session, Purpose::Show { reveal: args.reveal }, args.user.as_deref())?;
    backend.read(&mut |tokens| {
        let token = match &args.token {
            Some(name) => the_one(name, tokens)?,
            None => tokens.token(chosen(session, tokens, "Token to show")?),
        };
        let revealed = token.text.as_deref().filter(|_| args.reveal);
        if let Some(text) = revealed {
            session.mask(text);
        }
        if session.json {
            session.print(json::pretty(&TokenJson::new(&token, session.now).revealed(revealed))?)
        } else {
            session.print(in_words(&token, revealed, session.now))
        }
    })?;
    Ok(0)
}

fn the_one<'a>(name: &str, tokens: &'a dyn Tokens) -> Result<Token<'a>> {
    let mut found = tokens.find(name)?;
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(Failure::new(Kind::NotFound, format!("could not find a token by `{name}`")).hint(LOOK).into()),
        (Some(last), false) => {
            found.push(last);
            let failure = Failure::new(Kind::Ambiguous, format!("could not tell which token `{name}` means"));
            Err(failure.hint(format!("name one by its id: {}", candidates(&found))).into())
        }
    }
}

fn in_words(token: &Token<'_>, revealed: Option<&str>, now: i64) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{}", format!("{name:<13}{}", escaped(value)).trim_end()); // to a String
    };
    line("id", &token.id);
    line("user", &token.username);
    line("description", token.description.as_deref().unwrap_or_default());
    line("life", &table::life(token.life.as_deref()));
    line("issued", &token.issued_at.map(table::expiry).unwrap_or_default());
    let expires = match (token.expires_at, token.status) {
        (None, Status::Expired) => "in the past".to_owned(),
        (None, _) => token.without_expiry().to_owned(),
        (Some(at), Status::Expired) => {
            format!("{} ({} ago)", table::expiry(at), time::roughly(now.saturating_sub(at).unsigned_abs()))
        }
        (Some(at), _) => {
            format!("{} (in {})", table::expiry(at), time::roughly(at.saturating_sub(now).unsigned_abs()))
        }
    };
    line("expires", &expires);
    let status = match token.status {
        Status::Valid => "valid".to_owned(),
        Status::Unchecked => "unchecked: its signature was not checked, for which Specter's key is needed".to_owned(),
        status => format!("{}: {} ({})", status.word(), token.reason.sentence(), token.reason.word()),
    };
    line("status", &status);
    if let Some(copies) = token.copies.as_ref().filter(|copies| !copies.is_empty()) {
        line("copies", &copies.join(", "));
    }
    if let Some(revealed) = revealed {
        line("token", revealed);
    }
    text
}
