//! `show`: one token in full.

use std::fmt::Write as _;

use anyhow::Result;
use clap::ValueHint;

use super::{LOOK, candidates, chosen, selected_user};
use crate::failure::{Failure, Kind};
use crate::lifetime;
use crate::output::json::{self, TokenJson};
use crate::output::table;
use crate::session::Session;
use crate::store::{self, Database, Listed, SelectedUser};
use crate::terminal::escaped;
use crate::token::{Status, Token};

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
    /// Look only among the tokens of this user
    #[arg(short, long, value_name = "NAME", value_hint = ValueHint::Other)]
    user: Option<String>,
    /// Show the token itself as well
    #[arg(long)]
    reveal: bool,
}

pub(crate) fn run(args: &Args, session: &mut Session<'_>) -> Result<u8> {
    let key = session.optional_key()?;
    let folder = session.folder.clone();
    store::read(&folder, |database| {
        let user = selected_user(database, args.user.as_deref())?;
        let listed = match &args.token {
            Some(name) => the_one(name, database, user, session.now)?,
            None => chosen(session, database, user, "Token to show")?,
        };
        let token = database.token(&listed, key.as_ref(), session.now);
        let revealed = token.text.as_deref().filter(|_| args.reveal);
        if let Some(text) = revealed {
            session.mask(text);
        }
        if session.json {
            session.print(json::pretty(&TokenJson::new(&token, session.now).revealed(revealed))?)?;
        } else {
            session.print(in_words(&token, revealed, session.now))?;
        }
        Ok(0)
    })
}

fn the_one(name: &str, database: &Database<'_>, user: SelectedUser<'_>, now: i64) -> Result<Listed> {
    let found = store::select(database, &[name.to_owned()], user).pop().unwrap_or_default();
    match found.tokens.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Failure::new(Kind::NotFound, format!("could not find a token by `{name}`")).hint(LOOK).into()),
        several => Err(Failure::new(Kind::Ambiguous, format!("could not tell which token `{name}` means"))
            .hint(format!("name one by its id: {}", candidates(database, several, now)))
            .into()),
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
    line("life", &table::life(token.life));
    line("issued", &token.issued_at.map(table::expiry).unwrap_or_default());
    let expires = match (token.expires_at, token.status) {
        (None, _) => token.without_expiry().to_owned(),
        (Some(at), Status::Expired) => {
            format!("{} ({} ago)", table::expiry(at), lifetime::roughly(now.saturating_sub(at).unsigned_abs()))
        }
        (Some(at), _) => {
            format!("{} (in {})", table::expiry(at), lifetime::roughly(at.saturating_sub(now).unsigned_abs()))
        }
    };
    line("expires", &expires);
    let status = match token.status {
        Status::Valid => "valid".to_owned(),
        Status::Unchecked => "unchecked: without Specter's key the signature could not be checked".to_owned(),
        status => format!("{}: {} ({})", status.word(), token.reason.sentence(), token.reason.word()),
    };
    line("status", &status);
    if !token.copies.is_empty() {
        line("copies", &token.copies.join(", "));
    }
    if let Some(revealed) = revealed {
        line("token", revealed);
    }
    text
}
