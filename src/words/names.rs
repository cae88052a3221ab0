//! Names, for a sentence, of tokens and of the places that keys and passwords come from.

use super::escape::escaped;
use crate::core::error::Secret;
use crate::core::source::Source;
use crate::core::token::TokenName;

/// A token by its id, its description and its user.
pub(crate) fn named(token: &TokenName) -> String {
    let description = token.description.as_ref().map(|text| format!(" \"{}\"", escaped(text))).unwrap_or_default();
    format!("{}{description} of user {}", escaped(&token.id), escaped(&token.username))
}

pub(crate) fn secret(what: Secret) -> &'static str {
    match what {
        Secret::Key => "key",
        Secret::Password => "password",
    }
}

/// The place that a key or a password comes from. A path in it is not escaped yet.
pub(crate) fn source(source: &Source) -> String {
    match source {
        Source::Variable(name) => (*name).to_owned(),
        Source::File(path) => path.display().to_string(),
        Source::StandardInput => "standard input".to_owned(),
        Source::Prompt => "the prompt".to_owned(),
    }
}
