//! Text made safe for a terminal. Text from users.json may hold escape sequences, newlines that forge rows, and marks
//! that reorder the text beside them. JSON may be read on a terminal as well.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every control, line-breaking, invisible and direction-changing character shown as an escape.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    let is_plain = has_none(text.as_bytes(), |byte| !(b' '..=b'~').contains(&byte));
    if is_plain || !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        match char {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            _ if is_unsafe(char) => {
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(char)); // writing to a String cannot fail
            }
            _ => safe.push(char),
        }
    }
    Cow::Owned(safe)
}

/// Escapes the same characters in JSON that ends a text and begins at byte `from`. Its values stay the same. serde_json
/// has already escaped the ASCII controls except DEL, and only strings hold characters beyond ASCII.
pub(crate) fn escape_json(text: &mut Vec<u8>, from: usize) {
    let is_unsafe = |char: char| char >= '\x7F' && is_unsafe(char);
    if has_none(&text[from..], |byte| byte >= 0x7F) {
        return;
    }
    // JSON is UTF-8.
    let Ok(json) = str::from_utf8(&text[from..]) else { return };
    if !json.chars().any(is_unsafe) {
        return;
    }
    let mut safe = String::with_capacity(json.len() + 8);
    for char in json.chars() {
        if is_unsafe(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}"); // writing to a String cannot fail
            }
        } else {
            safe.push(char);
        }
    }
    text.truncate(from);
    text.extend_from_slice(safe.as_bytes());
}

/// Whether no byte is wanted. The loop never stops early, so that many bytes are compared at once: character by
/// character, the table of 100,000 tokens takes 1.14 times as long (medians of 25 pairs of runs of two programs, with
/// and without).
fn has_none(text: &[u8], is_wanted: impl Fn(u8) -> bool) -> bool {
    text.iter().fold(0, |found, byte| found | u8::from(is_wanted(*byte))) == 0
}

fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{61C}' | '\u{200E}' | '\u{200F}' // marks of direction
            | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // embeddings, overrides, isolates
            | '\u{2028}' | '\u{2029}' // line and paragraph separators
            | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}' | '\u{180E}' // nothing to see
            | '\u{E0000}'..='\u{E007F}') // tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attacks_are_shown_and_not_obeyed() {
        for (attack, text, shown) in [
            ("clear the screen", "a\x1B[2Jb", "a\\u{1b}[2Jb"),
            ("set the title", "\x1B]0;x\x07", "\\u{1b}]0;x\\u{7}"),
            ("eight-bit escape", "\u{9B}2J", "\\u{9b}2J"),
            ("forge a row", "a\nb", "a\\nb"),
            ("overwrite the line", "a\rb", "a\\rb"),
            ("erase a letter", "ab\x08", "ab\\u{8}"),
            ("reverse the text", "a\u{202E}b", "a\\u{202e}b"),
            ("isolate", "a\u{2067}b", "a\\u{2067}b"),
            ("hide", "a\u{200B}b", "a\\u{200b}b"),
            ("NUL", "a\0b", "a\\u{0}b"),
            ("line separator", "a\u{2028}b", "a\\u{2028}b"),
        ] {
            assert_eq!(escaped(text), shown, "{attack}");
        }
    }

    #[test]
    fn json_keeps_its_values_and_shows_no_attack() {
        for (text, json) in [
            ("plain", r#""plain""#),
            ("a\x1B\n\t\"b", r#""a\u001b\n\t\"b""#),
            ("a\x7Fb", r#""a\u007fb""#),
            ("\u{80}\u{9B}2J", r#""\u0080\u009b2J""#),
            ("a\u{202E}b", r#""a\u202eb""#),
            ("a\u{2067}b\u{2028}", r#""a\u2067b\u2028""#),
            ("\u{FEFF}a\u{200B}", r#""\ufeffa\u200b""#),
            ("\u{E0041}", r#""\udb40\udc41""#),
            ("é 日本語 עברית 👩‍👧 \u{E9}", r#""é 日本語 עברית 👩‍👧 é""#),
        ] {
            for pretty in [false, true] {
                let value = serde_json::json!([text]);
                let made = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
                let before = "not \u{202E} mine";
                let mut all = (before.to_owned() + &made.expect("JSON")).into_bytes();
                escape_json(&mut all, before.len());
                let all = String::from_utf8(all).expect("UTF-8");
                let after = all.strip_prefix(before).expect("the text before stays");
                let shown = if pretty { format!("[\n  {json}\n]") } else { format!("[{json}]") };
                assert_eq!(after, shown);
                assert_eq!(serde_json::from_str::<serde_json::Value>(after).expect("JSON"), value);
            }
        }
    }

    #[test]
    fn languages_and_emoji_pass() {
        for text in ["ci", "Müller & Söhne", "日本語", "עברית", "👩‍👩‍👧", "e\u{301}", "\\n"] {
            assert!(matches!(escaped(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
