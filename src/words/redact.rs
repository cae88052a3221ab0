//! Cutting tokens short: what someone has typed in the wrong place must not end up in a log.

/// The text with every token in it cut short.
pub(crate) fn redacted(text: &str) -> String {
    let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.' | '=');
    let mut redacted = String::with_capacity(text.len());
    for word in text.split_inclusive(|char| !is_part(char)) {
        let token = word.trim_end_matches(|char| !is_part(char));
        if token.len() > 40 && token.matches('.').count() >= 2 {
            redacted.push_str(&token[..8]);
            redacted.push('…');
            redacted.push_str(&word[token.len()..]);
        } else {
            redacted.push_str(word);
        }
    }
    redacted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_cut_short() {
        const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6MX0.Qltm6z3BtnUlqpQd_voY";
        for (text, shown) in [
            (format!("could not find a token by `{TOKEN}`, `x`"), "could not find a token by `eyJhbGci…`, `x`"),
            (format!("'{TOKEN}=' found\nUsage: {TOKEN}"), "'eyJhbGci…' found\nUsage: eyJhbGci…"),
            ("no such file: /srv/a.b.c/users.json.bkp".to_owned(), "no such file: /srv/a.b.c/users.json.bkp"),
            ("9b70c8e5-0324-4257-9086-b77a03a436ae".to_owned(), "9b70c8e5-0324-4257-9086-b77a03a436ae"),
            ("é…".to_owned(), "é…"),
        ] {
            assert_eq!(redacted(&text), shown);
        }
    }
}
