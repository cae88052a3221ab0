//! Messages while something takes long.

use super::escape::escaped;
use super::redact::redacted;
use crate::core::waiting::Waiting;

/// The message about a wait.
pub(crate) fn wait(waiting: Waiting<'_>) -> String {
    let text = match waiting {
        Waiting::Lock => "waiting for another specter-token to finish ...".to_owned(),
        Waiting::Save(file) => {
            let name = file.file_name().unwrap_or_default().display();
            format!("waiting for Specter, which seems to be saving {name} ...")
        }
        Waiting::Answer(url) => format!("waiting for the server at {url} ..."),
    };
    escaped(&redacted(&text)).into_owned()
}

/// The number of tokens judged so far, and the part of the input, if known: the bytes done, and all bytes.
pub(crate) fn judged(tokens: u64, part: Option<(u64, u64)>) -> String {
    let percent = part.filter(|(_, all)| *all > 0).map(|(done, all)| format!(", {}%", (done * 100 / all).min(100)));
    let noun = if tokens == 1 { "token" } else { "tokens" };
    format!("judged {} {noun}{}", grouped(tokens), percent.unwrap_or_default())
}

/// A number with a comma before every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let comma_before = |position: usize| position > 0 && (digits.len() - position).is_multiple_of(3);
    let group = |(position, digit)| [comma_before(position).then_some(','), Some(digit)];
    digits.chars().enumerate().flat_map(group).flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn waits_and_numbers_in_words() {
        for (said, expected) in [
            (wait(Waiting::Lock), "waiting for another specter-token to finish ..."),
            (
                wait(Waiting::Save(Path::new("/a/users.json"))),
                "waiting for Specter, which seems to be saving users.json ...",
            ),
            (wait(Waiting::Answer("http://a\u{1B}b")), "waiting for the server at http://a\\u{1b}b ..."),
            (judged(0, None), "judged 0 tokens"),
            (judged(1, Some((1, 12))), "judged 1 token, 8%"),
            (judged(999, Some((0, 0))), "judged 999 tokens"),
            (judged(1_000, Some((1, 3))), "judged 1,000 tokens, 33%"),
            (judged(1_234_567, Some((4, 3))), "judged 1,234,567 tokens, 100%"),
        ] {
            assert_eq!(said, expected);
        }
    }
}
