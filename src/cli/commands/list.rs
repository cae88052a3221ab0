//! `list`: one row a token.

use std::io::{self, BufWriter, Write as _};

use anyhow::{Context as _, Result};
use clap::{ValueEnum, ValueHint};

use crate::cli::output::json::{self, TokenJson};
use crate::cli::output::table::{self, Row};
use crate::cli::parallel;
use crate::cli::remedies::CREATE_ONE;
use crate::cli::session::{KeyNeed, Needs, Opened, Session};
use crate::core::backend::contract::Tokens;
use crate::core::time::lifetime::Lifetime;
use crate::core::token::{Status, Token};
use crate::words::durations::typed_lifetime;
use crate::words::escape::escaped;

const EXAMPLES: &str = "\
Examples:
  specter-token list --status valid --sort expires
  specter-token list --expires-within \"7 days\"
  specter-token list --json | jq -r '.tokens[] | select(.reason == \"signature\").jwt_token_description'";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// List only the tokens of this user
    ///
    /// On a server, the default is admin.
    #[arg(short, long, value_name = "NAME", value_hint = ValueHint::Other)]
    user: Option<String>,
    /// List only tokens of this status
    #[arg(long, value_enum)]
    status: Option<Wanted>,
    /// List only tokens that expire within this time
    ///
    /// Expired tokens are left out.
    #[arg(long, value_name = "DURATION", value_hint = ValueHint::Other, value_parser = typed_lifetime)]
    expires_within: Option<Lifetime>,
    /// The order of the tokens [default: the oldest first]
    ///
    /// The default is the order in users.json.
    #[arg(long, value_enum)]
    sort: Option<Sort>,
    /// Print only the ids, one per line
    #[arg(long, conflicts_with = "json")]
    ids: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Wanted {
    Valid,
    Expired,
    Rejected,
    Unchecked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    Expires,
    Description,
}

pub(crate) fn run(args: &Args, session: &mut Session<'_>) -> Result<u8> {
    let needs = Needs {
        user: args.user.as_deref(),
        key: KeyNeed::IfThereIsOne,
        logs_in: true,
        version: None,
        only_offline: None,
    };
    let Opened { backend, key } = session.open(&needs)?;
    session.tell_unaware_specter(&*backend);
    let now = session.now;
    let tokens = backend.tokens(key.as_ref(), now)?;
    let tokens = &*tokens;
    let shown = shown(args, tokens, now);
    let count = shown.as_ref().map_or_else(|| tokens.count(), Vec::len);
    let position = |index: usize| shown.as_ref().map_or(index, |shown| shown[index]);
    let token = |index: usize| tokens.token(position(index));
    let (look, is_json) = (session.look, session.json);
    let mut out = BufWriter::with_capacity(1 << 14, session.out());
    if args.ids {
        for index in (0..count).map(position) {
            writeln!(out, "{}", escaped(&tokens.id(index))).context("could not write to standard output")?;
        }
    } else if is_json {
        write_json(&mut out, count, now, token)?;
    } else if count > 0 {
        let row = |index| Row::of(&token(index), now);
        table::write(&mut out, look, count, row).context("could not write to standard output")?;
    }
    out.flush().context("could not write to standard output")?;
    drop(out);
    if count == 0 && !args.ids {
        if args.status.is_none() && args.expires_within.is_none() && args.user.is_none() {
            session.confirm(format_args!("no tokens; {CREATE_ONE}"));
        } else {
            session.confirm("no such tokens; `specter-token list` shows all tokens");
        }
    }
    Ok(0)
}

/// The positions of the tokens to show, in order. `None` for all of them as they are stored.
fn shown(args: &Args, tokens: &dyn Tokens, now: i64) -> Option<Vec<usize>> {
    let is_narrowed = args.status.is_some() || args.expires_within.is_some();
    if !is_narrowed && args.user.is_none() && args.sort.is_none() {
        return None;
    }
    let mut shown: Vec<usize> = (0..tokens.count()).filter(|index| tokens.is_listed(*index)).collect();
    if is_narrowed {
        shown.retain(|index| is_wanted(args, &tokens.token(*index), now));
    }
    match args.sort {
        None => {}
        // A token that never expires comes last.
        Some(Sort::Expires) => shown.sort_by_cached_key(|index| tokens.end(*index)),
        Some(Sort::Description) => shown.sort_by_cached_key(|index| tokens.description(*index)),
    }
    Some(shown)
}

fn is_wanted(args: &Args, token: &Token<'_>, now: i64) -> bool {
    let has_status = args.status.is_none_or(|wanted| match wanted {
        Wanted::Valid => token.status == Status::Valid,
        Wanted::Expired => token.status == Status::Expired,
        Wanted::Rejected => token.status == Status::Rejected,
        Wanted::Unchecked => token.status == Status::Unchecked,
    });
    let expires_in_time = args.expires_within.is_none_or(|within| {
        token.status != Status::Expired && token.remaining(now).is_some_and(|remaining| remaining <= within.seconds())
    });
    has_status && expires_in_time
}

/// `{"tokens":[…]}`, one token a line.
fn write_json<'a>(
    out: &mut impl io::Write,
    count: usize,
    now: i64,
    token: impl Fn(usize) -> Token<'a> + Sync,
) -> Result<()> {
    let mut write = |text: &[u8]| out.write_all(text).context("could not write to standard output");
    write(b"{\"tokens\":[")?;
    let make = |index: usize, text: &mut Vec<u8>| {
        text.extend_from_slice(if index == 0 { b"\n" } else { b",\n" });
        Ok(json::push_compact(text, &TokenJson::new(&token(index), now))?)
    };
    parallel::in_order(count, parallel::BLOCK, make, &mut write)?;
    write(if count == 0 { b"]}\n" } else { b"\n]}\n" })
}
