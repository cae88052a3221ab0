//! Cuts tokens short. A token that someone typed in the wrong place must not end up in a log.
//!
//! A token is known by its header, whatever its signature is. A piece of a header or payload is known because it
//! decodes to text; folded lines, or a token that was cut off, are such pieces. A piece of a signature is like any
//! random text, such as an address of Bitcoin, so it is cut only beside another piece, or if it is as long as a whole
//! signature. Ids, hashes in hexadecimal, host names and paths are left whole.

use serde_json::{Map, Value};

use crate::core::python::base64::base64_decode;

/// The number of characters that are left of a token.
const SHOWN: usize = 8;

/// The least length of a segment that is known by itself to be a piece of a header or payload.
const SHORTEST_PIECE: usize = 20;

/// The length of the signature of HS256.
const SIGNATURE: usize = 43;

/// Returns the text with every token in it cut short, and every word that is a piece of a token.
pub(crate) fn redacted(text: &str) -> String {
    cut(text, holds_piece(text))
}

/// Returns each of the texts as [`redacted`] does. They were given together, so one of them tells what the others are.
pub(crate) fn all_redacted(texts: &[String]) -> Vec<String> {
    let is_beside_piece = texts.iter().any(|text| holds_piece(text));
    texts.iter().map(|text| cut(text, is_beside_piece)).collect()
}

/// The words of a text, each with the character that ends it.
fn words(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    text.split_inclusive(move |char| !is_part(char))
        .map(move |part| part.split_at(part.trim_end_matches(|char| !is_part(char)).len()))
}

/// Whether there is a token in the text, perhaps in short lines.
fn holds_piece(text: &str) -> bool {
    words(text).any(|(word, _)| holds_token(word) || word.split('.').any(begins_piece))
}

fn cut(text: &str, is_beside_piece: bool) -> String {
    let mut redacted = String::with_capacity(text.len());
    for (word, end) in words(text) {
        let is_cut = |segment: &str| is_piece(segment) || is_beside_piece && is_mixed(segment);
        if holds_token(word) || word.split('.').any(is_cut) {
            redacted.push_str(&word[..SHOWN.min(word.len())]);
            redacted.push('…');
        } else {
            redacted.push_str(word);
        }
        redacted.push_str(end);
    }
    redacted
}

/// Whether there are three segments, and the first is a header. Letters of an escape, as in `%20`, may stand before it.
fn holds_token(word: &str) -> bool {
    const LONGEST_ESCAPES: usize = 8;
    let segments: Vec<&str> = word.split('.').collect();
    let is_header = |segment: &str| {
        // Text that begins with `{` is encoded with an `e` first.
        let beginnings = segment.match_indices('e').map(|(at, _)| at).take_while(|at| *at <= LONGEST_ESCAPES);
        beginnings.into_iter().any(|at| is_object(&segment[at..]))
    };
    segments.windows(3).any(|segments| is_header(segments[0]))
}

/// Whether a segment decodes to a JSON object with a member.
fn is_object(segment: &str) -> bool {
    base64_decode(segment, &mut [])
        .and_then(|bytes| serde_json::from_slice::<Map<String, Value>>(&bytes).ok())
        .is_some_and(|object| !object.is_empty())
}

/// Whether a segment is a piece of a token, wherever it stands.
fn is_piece(segment: &str) -> bool {
    segment.len() >= SHORTEST_PIECE && is_encoded_text(segment) || segment.len() == SIGNATURE && looks_random(segment)
}

/// Whether a segment shows that there is a token in the text, perhaps in short lines.
fn begins_piece(segment: &str) -> bool {
    const FEWEST: usize = 16;
    /// The beginning of every JSON object that PyJWT writes.
    const OBJECT: &str = "eyJ";
    segment.len() >= FEWEST && is_encoded_text(segment) || segment.len() >= SHOWN && segment.starts_with(OBJECT)
}

/// Whether a segment mixes letters and digits as a line of a folded token does.
fn is_mixed(segment: &str) -> bool {
    segment.len() >= SHOWN
        && changes(segment) * 4 >= segment.len()
        // Ids and hashes are written in one case.
        && segment.bytes().any(|byte| byte.is_ascii_uppercase())
        && segment.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// How often the kind of character changes: capital, small letter, or digit.
fn changes(segment: &str) -> usize {
    let kind = |byte: u8| (byte.is_ascii_uppercase(), byte.is_ascii_lowercase(), byte.is_ascii_digit());
    let is_change = |pair: &&[u8]| kind(pair[0]) != kind(pair[1]) && pair.iter().all(u8::is_ascii_alphanumeric);
    segment.as_bytes().windows(2).filter(is_change).count()
}

/// Whether a segment decodes to printable ASCII. A piece may begin within a group of four characters, or after an
/// escape.
fn is_encoded_text(segment: &str) -> bool {
    const MOST_SKIPPED: usize = 8;
    const FEWEST_LEFT: usize = 16;
    (0..MOST_SKIPPED.min(segment.len().saturating_sub(FEWEST_LEFT - 1))).any(|skipped| {
        let groups = &segment[skipped..segment.len() - (segment.len() - skipped) % 4];
        base64_decode(groups, &mut []).is_some_and(|bytes| bytes.iter().all(|byte| (b' '..=b'~').contains(byte)))
    })
}

/// Whether letters and digits are mixed as if by chance. In random text, three of five characters are of another kind
/// than the one before, and one of seven stands in a run of three small letters or more. In names, the shares are a
/// quarter, and more than half. 99 of 100 signatures count as random.
fn looks_random(segment: &str) -> bool {
    let length = segment.len();
    let count = |is_wanted: fn(&u8) -> bool| segment.bytes().filter(is_wanted).count();
    let runs = segment.split(|char: char| !char.is_ascii_lowercase()).map(str::len);
    let in_words: usize = runs.filter(|run| *run >= 3).sum();
    changes(segment) * 3 >= length
        && in_words * 5 <= length * 2
        && count(u8::is_ascii_uppercase) * 10 >= length
        && count(u8::is_ascii_lowercase) * 10 >= length
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
    const PAYLOAD: &str = "eyJ1c2VybmFtZSI6ImFkbWluIiwiand0X3Rva2VuX2lkIjoiOWI3MGM4ZTUtMDMyNC00MjU3LTkwODYtYjc3YTAzYTQzNmFlIiwiand0X3Rva2VuX2Rlc2NyaXB0aW9uIjoiY2kiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTcwMDAwMDAwMH0";
    const SIGNED: &str = "Qltm6z3BtnUlqpQd_voYr5J-0wS8hXk2FzL9eVbC4aM";

    fn token() -> String {
        format!("{HEADER}.{PAYLOAD}.{SIGNED}")
    }

    /// The text in lines of `width` characters.
    fn folded(text: &str, width: usize, separator: &str) -> String {
        let lines: Vec<_> = text.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
        lines.join(separator)
    }

    #[test]
    fn tokens_are_cut_short() {
        let token = &token();
        for (text, shown) in [
            (format!("could not find a token by `{token}`, `x`"), "could not find a token by `eyJhbGci…`, `x`"),
            (format!("'{token}=' found\nUsage: {token}"), "'eyJhbGci…=' found\nUsage: eyJhbGci…"),
            (format!("Authorization: Bearer {token}"), "Authorization: Bearer eyJhbGci…"),
            (format!("authorization:bearer%20{token}&x=1"), "authorization:bearer%20eyJhbG…&x=1"),
            (format!("{{\"jwt_token\": \"{token}\"}}"), "{\"jwt_token\": \"eyJhbGci…\"}"),
            (format!("--user={token}"), "--user=eyJhbGci…"),
            (format!("/srv/{token}/users.json"), "/srv/eyJhbGci…/users.json"),
            (format!("«{token}»"), "«eyJhbGci…»"),
            (token.replace('.', "%2E"), "eyJhbGci…%2EeyJ1c2…%2EQltm6z…"),
            (token.replace('.', "\\u002e"), "eyJhbGci…\\u002eeyJ…\\u002eQlt…"),
            (format!("\\n{token}\\n"), "\\neyJhbGc…\\n"),
            (format!("{token}x"), "eyJhbGci…"),
            (format!("{HEADER}.{PAYLOAD}.{SIGNED}{SIGNED}"), "eyJhbGci…"),
            (format!("{HEADER}.{PAYLOAD}.x"), "eyJhbGci…"),
            (format!("{HEADER}.{PAYLOAD}."), "eyJhbGci…"),
            (format!("{HEADER}.{PAYLOAD}"), "eyJhbGci…"),
            (format!("{HEADER}.{}", &PAYLOAD[..5]), "eyJhbGci…"),
            (HEADER.to_owned(), "eyJhbGci…"),
            (PAYLOAD[7..].to_owned(), "ybmFtZSI…"),
            (format!("{}.{SIGNED}", &PAYLOAD[PAYLOAD.len() - 3..]), "MH0.Qltm…"),
            (SIGNED.to_owned(), "Qltm6z3B…"),
            // As short as possible; with blanks in its header; with a short secret.
            ("eyJhIjoxfQ.e30.".to_owned(), "eyJhIjox…"),
            ("ewogICJhbGciOiAiSFMyNTYiCn0.eyJpZCI6MX0.c2lnbmF0dXJl".to_owned(), "ewogICJh…"),
            (format!("x.{HEADER}.eyJpZCI6MX0.c2ln"), "x.eyJhbG…"),
        ] {
            assert_eq!(redacted(&text), shown, "{text}");
        }
    }

    #[test]
    fn nothing_else_is_cut() {
        for text in [
            "9b70c8e5-0324-4257-9086-b77a03a436ae",
            "9B70C8E5-0324-4257-9086-B77A03A436AE",
            "9b70c8e503244257",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "xpub6CUGRUonZSQ4TWtTMmzXdrXDtypWKiKrhko4egpiMZbpiaQL2jkwSB1icqYh2cfDfVxdx4df189oLKnC5fSwqPfgyP3hooxujYzAu3fDVmz",
            "iPhone15ProMaxOfAliceM2",
            "C02XK1ZJJGH7MacBookProM2",
            "ci-aB3dE5fG7hI9jK1lM3nO5",
            "/nonexist/1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa/x/users.json",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            "no such file: /srv/a.b.c/users.json.bkp",
            "release.2026.11.25-build.4711-of-main",
            "could not reach the server at https://specter.a-very-long-name-of-a-host.region-1.internal.example.com:25441/prefix",
            "ip-10-0-0-1.eu-central-1.compute.internal",
            "ec2-203-0-113-25.compute-1.amazonaws.com",
            "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
            "p5i7v4u2y3z6example2onionaddressofversion3abcdefghijklmn.onion",
            "e30.example.com",
            "nightly backup of grafana, 2026-11-25T18:00:00Z",
            "nightly-backup-of-grafana-2026.11.25",
            "NightlyBackupOfGrafana2026",
            "Specter-Desktop-API-Token-2026-Q4",
            "SPECTER_API_ACTIVE_PRODUCTION_2026",
            "NAS-Backup-2026-Q3-EU1-Primary",
            "X1-Carbon-Gen11-ThinkPad-T14s-L13",
            "GitHubActionsRunner42Linux",
            "HomeAssistant2026.11.3-BetaV2",
            "Donaudampfschifffahrtsgesellschaftskapitän",
            "first.last+specter@a-department.example.org",
            "/home/satoshi/.cache/specter-desktop/wallets/main/Savings2026.json",
            "/private/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/folder-aB3dE5",
            "--data-folder=/var/lib/docker/volumes/specter_data/_data",
            "é…",
            "",
        ] {
            assert_eq!(redacted(text), text);
        }
    }

    #[test]
    fn beside_a_token_other_names_are_left() {
        let others =
            "9b70c8e5-0324-4257-9086-b77a03a436ae, nightly backup, Authorization, e3b0c44298fc1c149afbf4c8996fb924";
        assert_eq!(redacted(&format!("{HEADER}, {others}")), format!("eyJhbGci…, {others}"));
    }

    /// A shell or a mail program folds a token. Then each line is a name, or all lines together are one.
    #[test]
    fn no_piece_that_tells_anything_is_left() {
        let token = token();
        for width in [8, 12, 16, 20, 24, 32, 40, 57, 60, 63, 64, 72, 76, 80, 100, 200] {
            for separator in ["\n", "\r\n", " ", "\\n", "\\r\\n", "%0A", "%0D%0A", "`, `", "\t\t"] {
                let shown = redacted(&folded(&token, width, separator));
                // The first characters of each line may be left.
                for piece in token.split('.').flat_map(|segment| segment.as_bytes().windows(SHOWN + 4)) {
                    let piece = String::from_utf8_lossy(piece);
                    assert!(!shown.contains(&*piece), "{width} {separator:?}: {piece} in {shown}");
                }
            }
        }
        for end in SHORTEST_PIECE..token.len() {
            let shown = redacted(&token[..end]);
            assert_eq!(shown, "eyJhbGci…", "{end}");
        }
    }

    /// The comment of `looks_random` tells this figure.
    #[test]
    fn nearly_every_signature_looks_random() {
        use base64::Engine as _;
        let made = (0..1000).filter(|_| {
            let bytes = crate::core::random::bytes::<32>().expect("random bytes");
            looks_random(&base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
        });
        let made = made.count();
        assert!(made > 950, "{made} of 1000");
    }

    #[test]
    fn a_long_name_takes_no_long_time() {
        let long = "e".repeat(1 << 20) + &".e".repeat(1 << 18);
        assert_eq!(redacted(&long), long);
    }
}
