//! Lets the user choose a token from a list on the terminal.

use anyhow::Result;

use crate::cli::remedies::CREATE_ONE;
use crate::cli::session::Session;
use crate::core::backend::contract::Tokens;
use crate::core::token::{Status, Token};
use crate::words::codes::Kind;
use crate::words::durations::{Style, roughly};
use crate::words::escape::escaped;
use crate::words::failure::Failure;

/// Returns the position of the token that the user chooses on the terminal.
pub(super) fn chosen_token(session: &Session<'_>, tokens: &dyn Tokens, question: &str) -> Result<usize> {
    let Some(prompt) = session.prompt("name the token by its id or description")? else {
        let message = "could not tell which token is meant: none is named";
        let hint = "name one by its id or description; `specter-token list` shows them";
        return Err(Failure::new(Kind::Usage, message, hint).into());
    };
    if tokens.count() == 0 {
        return Err(Failure::new(Kind::NotFound, "could not find a token: there are none", CREATE_ONE).into());
    }
    let lines: Vec<String> = (0..tokens.count()).map(|index| line(&tokens.token(index), session.now)).collect();
    prompt.choice(question, &lines)
}

/// The line of a token in the list.
fn line(token: &Token<'_>, now: i64) -> String {
    let end = match (token.status, token.remaining(now)) {
        (Status::Expired, _) => "expired".to_owned(),
        (_, Some(seconds)) => format!("expires in {}", roughly(seconds.unsigned_abs(), Style::Sentence)),
        (_, None) => "never expires".to_owned(),
    };
    let id: String = token.id.chars().take(8).collect();
    let description = token.description.as_deref().unwrap_or_default();
    format!("{}  {} ({}, {end})", escaped(&id), escaped(description), escaped(&token.username))
}
