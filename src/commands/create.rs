//! `create`: signs a token and registers it under its user.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{ValueEnum, ValueHint};
use uuid::Uuid;

use super::{named, user_named, usernames};
use crate::failure::{Failure, Kind};
use crate::jwt::{self, Key, NewClaims};
use crate::lifetime::{self, LAST_SECOND, Lifetime, Time};
use crate::output::json::{self, EFFECT, Effect, TokenJson, With};
use crate::session::Session;
use crate::store::{self, Database, Decision, Listed, NewEntry, UserIndex};
use crate::terminal::escaped;
use crate::token::{Reason, Status, Token};

const EXAMPLES: &str = "\
Examples:
  specter-token create --description \"nightly backup\" --life \"3 months\"
  specter-token create -d grafana -l 1y --print header --out header.txt    # for curl -H @header.txt
  token=$(specter-token create -q -d deploy --until 2026-12-31)";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// What the token is for; unique among the user's tokens
    #[arg(short, long, value_name = "TEXT", value_hint = ValueHint::Other, value_parser = description)]
    description: Option<String>,
    /// How long the token lives: `3 days`, `12h`, `1h 30m`, `3 months` (of 30.44 days), `1y`, `4:05:06`
    #[arg(short, long, value_name = "DURATION", value_hint = ValueHint::Other, allow_hyphen_values = true)]
    life: Option<Lifetime>,
    /// When the token expires, in place of --life: `2026-12-31`, `2026-12-31 18:00` (UTC), RFC 3339, `@SECONDS`
    #[arg(long, value_name = "TIME", value_hint = ValueHint::Other, allow_hyphen_values = true, conflicts_with = "life")]
    until: Option<Time>,
    /// Whose token it is [default: the only admin]
    #[arg(short, long, value_name = "NAME", value_hint = ValueHint::Other)]
    user: Option<String>,
    /// Remove the user's token of the same description, even if it has not expired
    #[arg(long)]
    replace: bool,
    /// Go on although the key fits none of the user's tokens
    #[arg(long)]
    new_key: bool,
    /// What to print
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Form::Token)]
    print: Form,
    /// Write the token to a new FILE that only you can read, and print its id instead
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = out_file)]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The token
    Token,
    /// `Authorization: Bearer TOKEN`, as `curl -H @FILE` reads it
    Header,
}

fn out_file(path: &str) -> Result<PathBuf, String> {
    if path == "-" {
        Err("is no file; without --out the token goes to standard output".to_owned())
    } else {
        Ok(path.into())
    }
}

fn description(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("is blank; say what the token is for".to_owned());
    }
    Ok(text.to_owned())
}

/// The description, and the life in seconds. What the command line lacks is asked for.
fn description_and_life(args: &Args, session: &Session<'_>) -> Result<(String, i64)> {
    let end = args.life.map(Time::After).or(args.until);
    if let (Some(text), Some(end)) = (&args.description, end) {
        return Ok((text.clone(), life_until(end, session.now)?));
    }
    let Some(prompt) = session.prompt()? else {
        let missing = match (&args.description, end) {
            (Some(_), _) => "--life or --until",
            (None, Some(_)) => "--description",
            (None, None) => "--description, and --life or --until",
        };
        let failure = Failure::new(Kind::Usage, format!("could not create a token without {missing}"));
        return Err(failure.hint("for example: specter-token create -d \"nightly backup\" -l \"3 months\"").into());
    };
    let text = match &args.description {
        Some(text) => text.clone(),
        None => prompt.line("Description, which says what the token is for", |text| {
            description(text).map_err(|error| format!("the description {error}"))
        })?,
    };
    let end = match end {
        Some(end) => end,
        None => prompt.line("Life, such as 3 days, 12h or 3 months", |life| {
            life.parse().map(Time::After).map_err(|error: String| format!("the life {error}"))
        })?,
    };
    Ok((text, life_until(end, session.now)?))
}

fn life_until(end: Time, now: i64) -> Result<i64> {
    let usage = |message: &str, hint: &str| Err(Failure::new(Kind::Usage, message).hint(hint).into());
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

/// What was registered.
struct Created {
    id: String,
    username: String,
    description: String,
    life: i64,
    text: String,
    removed: Vec<String>,
}

pub(crate) fn run(args: &Args, session: &mut Session<'_>) -> Result<u8> {
    let now = session.now;
    let (description, life) = description_and_life(args, session)?;
    let key = session.required_key()?;
    if key.key.is_refused_by_specter() {
        let message =
            format!("could not sign with the key from {}: with such a key Specter refuses every token", key.source);
        let hint = "start Specter with a SECRET_KEY of random text, which `openssl rand -base64 33` makes";
        return Err(Failure::new(Kind::Secret, message).hint(hint).into());
    }
    // Made before anything is registered, so that a token that cannot be handed over is not registered either.
    let out = args.out.as_deref().map(OutFile::create).transpose()?;
    let folder = session.folder.clone();

    let created = store::update(&folder, |database, _| {
        let user = match &args.user {
            Some(name) => user_named(database, name)?,
            None => only_admin(database)?,
        };
        let replaced = replaced(args, &description, database, user, now)?;
        if !args.new_key {
            check_key(&key.key, &key.source, database, user, now)?;
        }
        let id = Uuid::new_v4().to_string();
        let username = database.username(user).into_owned();
        let claims = NewClaims {
            username: &username,
            id: &id,
            description: &description,
            issued_at: now,
            expires_at: now + life,
        };
        let text = jwt::sign(&key.key, &claims)?;
        let entry = NewEntry { id: &id, text: &text, description: &description, life };
        let places: Vec<_> = replaced.iter().flat_map(|token| database.removal_of(token, Some(user))).collect();
        let removed = replaced.iter().map(|token| removed(database, token, user, now)).collect();
        let change = database.change(&places, Some((user, &entry)))?;
        Ok((Decision::Users(change), Created { id, username, description: description.clone(), life, text, removed }))
    })?;
    let created = session.updated(created);

    for removed in &created.removed {
        session.say(format_args!("removed {removed}, which had the same description"));
    }
    let text = match args.print {
        Form::Token => format!("{}\n", created.text),
        Form::Header => format!("Authorization: Bearer {}\n", created.text),
    };
    let hint = format!("`specter-token revoke {}` takes it back", created.id);
    // Said as failures of their own, because even a broken pipe loses something here.
    let failed = |what: String, error: anyhow::Error| {
        Failure::new(Kind::Io, format!("token {} is registered, but {what}: {error:#}", created.id)).hint(&*hint)
    };
    if let Some(out) = out {
        let file = out.path.display();
        out.fill(&text).map_err(|error| failed("was not handed over".to_owned(), error))?;
        print(args, session, &created, &format!("{}\n", created.id))
            .map_err(|error| failed(format!("its id was not printed, and it is in {file}"), error))?;
    } else {
        session.mask(&created.text);
        print(args, session, &created, &text).map_err(|error| failed("was not handed over".to_owned(), error))?;
    }
    session.confirm(format_args!(
        "created token {} of user {}, expires {}; key from {}",
        created.id,
        escaped(&created.username),
        lifetime::rfc3339(now + life).unwrap_or_default(),
        escaped(&key.source),
    ));
    session.confirm("Specter accepts it from its next start on");
    Ok(0)
}

/// Prints `text`, or the token as JSON, which leaves out what is in the file of `--out`.
fn print(args: &Args, session: &mut Session<'_>, created: &Created, text: &str) -> Result<()> {
    if !session.json {
        return session.print(text);
    }
    let life = created.life.to_string();
    let token = Token {
        id: created.id.as_str().into(),
        username: created.username.as_str().into(),
        description: Some(created.description.as_str().into()),
        life: Some(&life),
        issued_at: Some(session.now),
        expires_at: Some(session.now + created.life),
        status: Status::Valid,
        reason: Reason::Ok,
        copies: Vec::new(),
        text: None,
    };
    let text = args.out.is_none().then_some(created.text.as_str());
    let object = TokenJson::new(&token, session.now).revealed(text);
    session.print(json::pretty(&With { object, more: Effect { effect: EFFECT } })?)
}

fn only_admin(database: &Database<'_>) -> Result<UserIndex> {
    let admins: Vec<UserIndex> = database.admins().collect();
    if let [admin] = admins[..] {
        return Ok(admin);
    }
    let message = format!("could not tell whose token it is to be: users.json has {} admins", admins.len());
    let hint = format!("name the token's user with --user; the users are: {}", usernames(database));
    Err(Failure::new(Kind::Usage, message).hint(hint).into())
}

/// The tokens that make room for the description: expired ones, and others if the user said so.
fn replaced(args: &Args, description: &str, database: &Database<'_>, user: UserIndex, now: i64) -> Result<Vec<Listed>> {
    let mut replaced = Vec::new();
    for place in database.places_of(user) {
        if !database.is_described(place, description) {
            continue;
        }
        let listed = database.token_at(place);
        let token = database.token(&listed, None, now);
        if token.status != Status::Expired && !args.replace {
            let username = database.username(user);
            let message =
                format!("could not create another token `{description}` for user `{username}`: {} is there", token.id);
            let hint = "choose another description, for example `ci-$RUN_ID`, or remove the old token in the same step with --replace";
            return Err(Failure::new(Kind::DescriptionTaken, message).hint(hint).into());
        }
        replaced.push(listed);
    }
    Ok(replaced)
}

/// What goes with a token that makes room: it, or only the copy that stands under a user who is not its own.
fn removed(database: &Database<'_>, token: &Listed, user: UserIndex, now: i64) -> String {
    let is_copy = !database.removal_of(token, Some(user)).contains(&token.home);
    let what = if is_copy { "a copy of token" } else { "token" };
    format!("{what} {}", named(&database.token(token, None, now)))
}

/// Tries the key on the newest tokens of the user, or else of the others: one that fits none of them is most likely not
/// Specter's.
fn check_key(key: &Key, source: &str, database: &Database<'_>, user: UserIndex, now: i64) -> Result<()> {
    /// Enough to get past a few tokens of another key.
    const TRIED: usize = 10;
    let fits = |user: UserIndex| {
        let texts = database.places_of(user).rev().filter_map(|place| database.text_at(place));
        let unexpired = texts.filter(|text| {
            let claims = jwt::Claims::of(text);
            claims.id.is_some() && claims.expires_at.is_none_or(|expires_at| expires_at > now)
        });
        // None where there is nothing to try it on.
        unexpired.take(TRIED).map(|text| key.fits(&text)).max()
    };
    let (whose, verdict) = match fits(user) {
        Some(verdict) => (format!("user `{}`", database.username(user)), Some(verdict)),
        None => ("any user".to_owned(), database.users().filter_map(fits).max()),
    };
    if verdict.unwrap_or(true) {
        return Ok(());
    }
    let message = format!(
        "could not use the key from {source}: it signed none of the newest tokens of {whose}, so it is not Specter's"
    );
    let hint = "give the key that Specter is started with; if Specter has a new one, add --new-key";
    Err(Failure::new(Kind::WrongSecret, message).hint(hint).into())
}

/// A new file for the token, removed again unless it is filled.
struct OutFile<'a> {
    path: &'a Path,
    file: File,
    is_filled: bool,
}

impl<'a> OutFile<'a> {
    fn create(path: &'a Path) -> Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|error| {
            let hint = match error.kind() {
                io::ErrorKind::AlreadyExists => "name a file that is not there yet; --out never writes over one",
                _ => "name a file that you can make, in a folder that is there",
            };
            Failure::new(Kind::Io, format!("could not make {}: {error}", path.display())).hint(hint)
        })?;
        Ok(OutFile { path, file, is_filled: false })
    }

    fn fill(mut self, text: &str) -> Result<()> {
        self.file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_all())
            .with_context(|| format!("could not write {}", self.path.display()))?;
        self.is_filled = true;
        Ok(())
    }
}

impl Drop for OutFile<'_> {
    fn drop(&mut self) {
        if !self.is_filled {
            // Empty, or cut off: of no use to anybody.
            let _ = std::fs::remove_file(self.path);
        }
    }
}
