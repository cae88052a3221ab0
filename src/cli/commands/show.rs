//! `show`: one token in full.

use std::fmt::Write as _;

use anyhow::Result;
use clap::ValueHint;

use super::choice::chosen_token;
use crate::cli::output::form::Form;
use crate::cli::output::json::{self, TokenJson};
use crate::cli::session::{KeyNeed, Needs, Opened, Session};
use crate::core::backend::contract::Tokens;
use crate::core::error::{Ambiguous, Error};
use crate::core::token::{Status, Token};
use crate::words::codes::Kind;
use crate::words::durations::{Style, expiry, life, roughly, without_expiry};
use crate::words::escape::escaped;
use crate::words::failure::Failure;
use crate::words::reasons::{otherwise_here, sentence};

const EXAMPLES: &str = "\
Examples:
  specter-token show \"nightly backup\"
  specter-token show 9b70c8e5 --json";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// The token's id or the start of it, its description, or its text
    ///
    /// The start of an id must be unique and have 4 characters or more. Ids match in any letter case.
    #[arg(value_name = "TOKEN", value_hint = ValueHint::Other)]
    token: Option<String>,
    /// Look only among the tokens of this user
    ///
    /// On a server, the default is admin.
    #[arg(short, long, value_name = "NAME", value_hint = ValueHint::Other)]
    user: Option<String>,
    /// Also show the token itself
    #[arg(long)]
    reveal: bool,
    /// With --reveal, print only the token
    #[arg(long, value_name = "FORM", value_enum, requires = "reveal", conflicts_with = "json")]
    print: Option<Form>,
}

pub(crate) fn run(args: &Args, session: &mut Session<'_>) -> Result<u8> {
    if args.reveal {
        session.check_output("token", "send standard output to a file or a pipe, or leave out --reveal")?;
    }
    let needs = Needs {
        user: args.user.as_deref(),
        key: KeyNeed::IfThereIsOne,
        logs_in: true,
        version: None,
        only_offline: args.reveal.then_some(("reveal a token", "the server does not tell the text of a token")),
    };
    let Opened { backend, key } = session.open(&needs)?;
    session.tell_unaware_specter(&*backend);
    let tokens = backend.tokens(key.as_ref(), session.now)?;
    let token = match &args.token {
        Some(name) => the_one(name, &*tokens)?,
        None => tokens.token(chosen_token(session, &*tokens, "Token to show")?),
    };
    let revealed = token.text.as_deref().filter(|_| args.reveal);
    if let Some(text) = revealed {
        session.mask(text);
    }
    if let Some(form) = args.print {
        // Other text could be a command to a terminal, and is no token for Specter either.
        let Some(text) = revealed.filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic())) else {
            let message = format!("could not print token {}: users.json holds no usable text of it", token.id);
            return Err(Failure::new(Kind::DamagedFile, message, "create another token in its place").into());
        };
        session.print(form.of(text))?;
    } else if session.json {
        session.print(json::pretty(&TokenJson::new(&token, session.now).revealed(revealed))?)?;
    } else {
        session.print(as_text(&token, revealed, session.now))?;
    }
    Ok(0)
}

fn the_one<'a>(name: &str, tokens: &'a dyn Tokens) -> Result<Token<'a>> {
    let mut found = tokens.find(name)?;
    if found.len() == 1 {
        return Ok(found.remove(0));
    }
    let (mut missing, mut ambiguous) = (Vec::new(), Vec::new());
    if found.is_empty() {
        missing.push(name.to_owned());
    } else {
        let candidates = found.iter().map(Token::name).collect();
        ambiguous.push(Ambiguous { name: name.to_owned(), candidates });
    }
    Err(Error::Names { missing, ambiguous, is_removal: false }.into())
}

fn as_text(token: &Token<'_>, revealed: Option<&str>, now: i64) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{}", format!("{name:<13}{}", escaped(value)).trim_end()); // to a String
    };
    line("id", &token.id);
    line("user", &token.username);
    line("description", token.description.as_deref().unwrap_or_default());
    line("life", &life(token.life.as_deref(), Style::Sentence));
    line("issued", &token.issued_at.map(expiry).unwrap_or_default());
    let expires = match (token.expires_at, token.status) {
        (None, Status::Expired) => "in the past".to_owned(),
        (None, _) => without_expiry(token).to_owned(),
        (Some(at), Status::Expired) => {
            format!("{} ({} ago)", expiry(at), roughly(now.saturating_sub(at).unsigned_abs(), Style::Sentence))
        }
        (Some(at), _) => {
            format!("{} (in {})", expiry(at), roughly(at.saturating_sub(now).unsigned_abs(), Style::Sentence))
        }
    };
    line("expires", &expires);
    let status = match token.status {
        Status::Valid => "valid".to_owned(),
        Status::Unchecked => "unchecked: its signature was not checked, because that needs Specter's key".to_owned(),
        status => format!("{}: {} ({})", status.word(), sentence(token.reason), token.reason.word()),
    };
    let here = otherwise_here(token)
        .map(|(version, verb)| format!("; but Specter {version}, which was started here last, {verb}"));
    line("status", &(status + &here.unwrap_or_default()));
    if let Some(copies) = token.copies.as_ref().filter(|copies| !copies.is_empty()) {
        line("copies", &copies.join(", "));
    }
    if let Some(revealed) = revealed {
        line("token", revealed);
    }
    text
}
