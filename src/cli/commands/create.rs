//! `create`: signs a token and registers it under its user.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::ValueHint;
use clap::builder::TypedValueParser as _;

use crate::cli::options::path;
use crate::cli::output::form::Form;
use crate::cli::output::json::{self, CreatedJson, TokenJson, With};
use crate::cli::session::{KeyNeed, Needs, Opened, Session};
use crate::core::backend::contract::{Created, Effect, Lasting, NewToken, Planned, Replaced};
use crate::core::jwt::rules::Rules;
use crate::core::time::lifetime::{LAST_SECOND, Lifetime};
use crate::core::time::moment::Time;
use crate::host::private_file::{PrivateFile, check_free};
use crate::words::codes::Kind;
use crate::words::doubts::clock;
use crate::words::durations::{expiry, typed_lifetime, typed_time};
use crate::words::effect::{Change, of_lasting};
use crate::words::error::told;
use crate::words::escape::escaped;
use crate::words::failure::Failure;
use crate::words::names::{named, source};

const EXAMPLES: &str = "\
Examples:
  specter-token create --description \"nightly backup\" --life \"3 months\"
  specter-token create -d grafana -l 1y --print header --out header.txt    # for curl -H @header.txt
  token=$(specter-token create -q -d deploy --until 2026-12-31)
  specter-token create -d phone -l 1y --server http://127.0.0.1:25441 --password-file password";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// What the token is for; unique for its user
    #[arg(short, long, value_name = "TEXT", value_hint = ValueHint::Other, value_parser = description)]
    description: Option<String>,
    /// How long the token lives, such as `3 months`
    ///
    /// Examples: `3 days`, `12h`, `1h 30m`, `3 months` (of 30.44 days), `1y`, `4:05:06`.
    #[arg(short, long, value_name = "DURATION", value_hint = ValueHint::Other, value_parser = typed_lifetime)]
    life: Option<Lifetime>,
    /// When the token expires, in place of --life
    ///
    /// Examples: `2026-12-31`, `2026-12-31 18:00` (UTC), RFC 3339, `@SECONDS`.
    #[arg(long, value_name = "TIME", value_hint = ValueHint::Other, conflicts_with = "life", value_parser = typed_time)]
    until: Option<Time>,
    /// The user of the token [default: the only admin]
    ///
    /// On a server, the default is admin.
    #[arg(short, long, value_name = "NAME", value_hint = ValueHint::Other)]
    user: Option<String>,
    /// Remove the user's token with the same description
    ///
    /// It is removed even if it has not expired. An expired one is removed without this option, too.
    #[arg(long)]
    replace: bool,
    /// Go on even if the key seems to be wrong
    ///
    /// A key seems wrong if it fits none of the user's tokens, or differs from the folder's own.
    #[arg(long)]
    new_key: bool,
    /// What to print
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Form::Token)]
    print: Form,
    /// Write the token to a new FILE, and print its id
    ///
    /// Only you can read the file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = path().try_map(out_file))]
    out: Option<PathBuf>,
    /// Print what would be made, as JSON, and make nothing
    #[arg(long)]
    dry_run: bool,
}

fn out_file(path: PathBuf) -> Result<PathBuf, &'static str> {
    if path == Path::new("-") {
        Err("is not a file; without --out the token goes to standard output")
    } else {
        Ok(path)
    }
}

fn description(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("is blank; say what the token is for".to_owned());
    }
    Ok(text.to_owned())
}

/// Returns the description, and the life in seconds. `None` if one is missing and the user can be asked for it.
fn given(args: &Args, session: &Session<'_>) -> Result<Option<(String, i64)>> {
    let missing = match (&args.description, args.life.map(Time::After).or(args.until)) {
        (Some(text), Some(end)) => return Ok(Some((text.clone(), life_until(end, session.now)?))),
        _ if session.can_ask() => return Ok(None),
        (Some(_), None) => "--life or --until",
        (None, Some(_)) => "--description",
        (None, None) => "--description, and --life or --until",
    };
    let message = format!("could not create a token without {missing}");
    let hint = "for example: specter-token create -d \"nightly backup\" -l \"3 months\"";
    Err(Failure::new(Kind::Usage, message, hint).into())
}

fn asked_for(args: &Args, session: &Session<'_>) -> Result<(String, i64)> {
    let prompt = session.prompt("")?.context("there is no terminal")?;
    let text = match &args.description {
        Some(text) => text.clone(),
        None => prompt.line("Description, which says what the token is for", |text| {
            description(text).map_err(|error| format!("the description {error}"))
        })?,
    };
    let end = match args.life.map(Time::After).or(args.until) {
        Some(end) => end,
        None => prompt.line("Life, such as 3 days, 12h or 3 months", |life| {
            typed_lifetime(life).map(Time::After).map_err(|error| format!("the life {error}"))
        })?,
    };
    Ok((text, life_until(end, session.now)?))
}

fn life_until(end: Time, now: i64) -> Result<i64> {
    let usage = |message: &str, hint: &str| Err(Failure::new(Kind::Usage, message, hint).into());
    match end.resolve(now) {
        end if end <= now => usage(
            "could not create a token that has expired: the time of --until is past",
            "give a later one; without an offset, times are UTC",
        ),
        end if end > LAST_SECOND => usage(
            "could not create a token that expires past the year 9999: Specter cannot store the time",
            "give it a shorter life",
        ),
        end => Ok(end - now),
    }
}

pub(crate) fn run(args: &Args, session: &mut Session<'_>) -> Result<u8> {
    let given = given(args, session)?;
    if args.out.is_none() && session.json && args.print == Form::Header {
        let hint = "leave out --json to print the header alone, or --print to print JSON";
        return Err(Failure::new(Kind::Usage, "could not print a header as JSON", hint).into());
    }
    if args.out.is_none() && !args.dry_run {
        session.check_output("token", "write it to a file, with --out FILE")?;
    }
    let needs = Needs {
        user: args.user.as_deref(),
        key: KeyNeed::Yes,
        logs_in: true,
        version: None,
        only_offline: args.new_key.then_some(("use --new-key", "the server signs with its own key")),
    };
    let Opened { backend, key } = session.open(&needs)?;
    if session.can_ask() {
        // These checks come before the questions, so that no answer is typed in vain.
        key.as_ref().map_or(Ok(()), |key| key.check_accepted(Rules::of(backend.specter())))?;
        backend.check_writable()?;
    }
    let (description, life) = match given {
        Some(given) => given,
        None => asked_for(args, session)?,
    };
    let new = NewToken {
        description: &description,
        life,
        issued_at: session.now,
        replaces: args.replace,
        takes_new_key: args.new_key,
    };
    if args.dry_run {
        args.out.as_deref().map_or(Ok(()), check_free)?;
        let planned = backend.plan(&new, key.as_ref())?;
        return tell_plan(session, &planned);
    }
    session.hold_signals_back(
        &match &args.out {
            None => format!("a token may have been made in {}, but was not handed over", session.place()),
            Some(out) => {
                let (place, out) = (session.place(), out.display());
                format!("a token may have been made in {place}, and {out} may exist without it")
            }
        },
        "`specter-token list` shows whether there is a token; revoke it if so",
    )?;
    // The file is made first, so that no token is registered that cannot be written to it.
    let out = args.out.as_deref().map(PrivateFile::create).transpose()?;
    let created = backend.create(&new, key.as_ref())?;
    let Created { planned, text, written } = &created;

    tell_before(session, planned, "removed");
    let form = args.print.of(text);
    let id = &planned.token.id;
    let hint = format!("`specter-token revoke {id}` removes it");
    // Even a broken pipe loses something here, so each of these is a failure of its own.
    let failed = |what: String, error: anyhow::Error| {
        Failure::new(Kind::Io, format!("token {id} is registered, but {what}: {error:#}"), &*hint)
    };
    if let Some(out) = out {
        let file = out.path().display().to_string();
        let filled = out.fill(&form).map_err(|error| anyhow::Error::msg(told(&error).message));
        filled.map_err(|error| failed("was not handed over".to_owned(), error))?;
        print(session, &created, None, &format!("{id}\n"))
            .map_err(|error| failed(format!("its id was not printed, and it is in {file}"), error))?;
    } else {
        session.mask(text);
        print(session, &created, Some(text), &form).map_err(|error| failed("was not handed over".to_owned(), error))?;
    }
    session.confirm(sentence("created", planned, &session.place()));
    if let Some(text) = of_lasting(&lasting(planned), planned.specter, "replaced", Some(&written.effect)) {
        session.warn(text);
    }
    session.finish(written, Change::Created)
}

/// Tells what was removed to make room, and a doubt about the clock.
fn tell_before(session: &mut Session<'_>, planned: &Planned, went: &str) {
    let place = session.place();
    for Replaced { name, is_copy, .. } in &planned.replaced {
        let what = if *is_copy { "a copy of token" } else { "token" };
        let place = escaped(&place);
        session.confirm(format_args!("{went} {what} {} from {place}, which had the same description", named(name)));
    }
    if let Some(doubt) = planned.clock {
        session.warn(clock(doubt, session.now));
    }
}

/// The sentence about the token that is made, or would be made.
fn sentence(made: &str, planned: &Planned, place: &str) -> String {
    let Planned { token, key_source, .. } = planned;
    // A token that is only planned has no id yet.
    let id = if token.id.is_empty() { "a token".to_owned() } else { format!("token {}", escaped(&token.id)) };
    let expires = token.expires_at.map(|at| format!(", expires {}", expiry(at))).unwrap_or_default();
    let key = key_source.as_ref().map(|from| format!("; key from {}", escaped(&source(from)))).unwrap_or_default();
    format!("{made} {id} of user {} in {}{expires}{key}", escaped(&token.username), escaped(place))
}

/// Tells what would be made. The output is always JSON, because there is no token to print.
fn tell_plan(session: &mut Session<'_>, planned: &Planned) -> Result<u8> {
    tell_before(session, planned, "would remove");
    session.confirm(sentence("would create", planned, &session.place()));
    let object = TokenJson::new(&planned.token, session.now).presented(Some(&planned.token.username), None);
    session.print(json::pretty(&With { object, more: more(planned, None) })?)?;
    Ok(0)
}

/// How long each of the replaced tokens stays accepted.
fn lasting(planned: &Planned) -> Vec<Lasting> {
    planned.replaced.iter().map(|replaced| replaced.lasting).collect()
}

/// Prints `text`, or the token as JSON. `revealed` is its text, or `None` if that is in the file of `--out`.
fn print(session: &mut Session<'_>, created: &Created, revealed: Option<&str>, text: &str) -> Result<()> {
    if !session.json {
        return session.print(text);
    }
    let Created { planned, written, .. } = created;
    let object = TokenJson::new(&planned.token, session.now).revealed(revealed);
    session.print(json::pretty(&With { object, more: more(planned, Some(&written.effect)) })?)
}

fn more(planned: &Planned, effect: Option<&Effect>) -> CreatedJson {
    CreatedJson {
        effect: effect.map(Effect::word),
        replaced: planned.replaced.iter().map(|replaced| replaced.name.id.clone()).collect(),
        replaced_effect: effect
            .filter(|_| !planned.replaced.is_empty())
            .map(|effect| effect.word_of_removal(&lasting(planned))),
        specter_version: planned.specter.version().map(|version| version.to_string()),
        dry_run: effect.is_none().then_some(true),
    }
}
