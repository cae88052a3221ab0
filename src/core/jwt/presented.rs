//! A token on its way to Specter over HTTP, and the header line that carries it (RFC 9110 §5.5, RFC 6750 §2.1).
//!
//! Measured on Specter 2.1.11: spaces and tabs around the token are cut off before it is looked at; tokens that are not
//! ASCII are refused; no header line can hold a line end or a NUL; a line of more than 65,536 bytes is answered with
//! 431.

/// The longest token that reaches Specter. Its server refuses a line of more than 65,536 bytes; the rest of the line is
/// `Authorization: Bearer ` and the line end.
pub(crate) const LONGEST_TOKEN: usize = 65_536 - 24;

/// The blanks that HTTP cuts off (`OWS` of RFC 9110 §5.6.3).
const BLANKS: [char; 2] = [' ', '\t'];

/// Returns a token as it arrives: without blanks around it.
pub(crate) fn as_sent(token: &str) -> &str {
    token.trim_matches(BLANKS)
}

/// Returns the token in a presented text: a header line that Specter takes, or the token itself. Specter takes the name
/// `Authorization` and the scheme `Bearer` in any letter case, blanks around the scheme, and at least one space after
/// it.
pub(crate) fn token_in(text: &str) -> &str {
    in_header(text).unwrap_or_else(|| as_sent(text))
}

fn in_header(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    let (scheme, token) = value.trim_start_matches(BLANKS).split_once(' ')?;
    let is_bearer = name.eq_ignore_ascii_case("Authorization") && scheme.eq_ignore_ascii_case("Bearer");
    is_bearer.then(|| as_sent(token))
}

/// Whether a token that Specter's function would accept gets lost on its way. Werkzeug takes a value with a `=` before
/// its end for a list of parameters, and passes on no token.
pub(super) fn is_lost(token: &str) -> bool {
    !token.is_ascii() || token.contains(['\r', '\n', '\0']) || token.trim_end_matches('=').contains('=')
}

/// As [`is_lost`], for a token that is not compared with a text. Bytes beyond ASCII arrive as other bytes. In the
/// signature they are skipped, as in Python's base64; before the signature they differ from what was signed.
pub(super) fn is_lost_uncompared(token: &str) -> bool {
    let is_plain = |token: &str| token.rsplit_once('.').is_some_and(|(signed, _)| signed.is_ascii());
    is_lost(token) && (token.contains(['\r', '\n', '\0', '=']) || !is_plain(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of these was sent to the real Specter. Those with a token were answered with 200.
    #[test]
    fn header_lines_as_specter_takes_them() {
        for (line, token) in [
            ("Authorization: Bearer a.b.c", Some("a.b.c")),
            ("authorization: bearer a.b.c", Some("a.b.c")),
            ("AUTHORIZATION:BEARER a.b.c", Some("a.b.c")),
            ("AUTHORIZATION:Bearer  a.b.c ", Some("a.b.c")),
            ("Authorization:\tBearer \ta.b.c \t ", Some("a.b.c")),
            ("Authorization: Bearer\ta.b.c", None),
            ("Authorization : Bearer a.b.c", None),
            ("Authorization: a.b.c", None),
            ("Authorization: Token a.b.c", None),
            ("Authorization: Bearer: a.b.c", None),
            ("X-Authorization: Bearer a.b.c", None),
            (" Authorization: Bearer a.b.c", None),
            ("a.b.c", None),
            ("", None),
        ] {
            assert_eq!(in_header(line), token, "{line:?}");
            assert_eq!(token_in(line), token.unwrap_or(as_sent(line)), "{line:?}");
        }
        assert_eq!(token_in("\t a.b.c  "), "a.b.c");
        assert_eq!(token_in("\u{A0}a.b.c"), "\u{A0}a.b.c", "a no-break space is no blank");
    }
}
