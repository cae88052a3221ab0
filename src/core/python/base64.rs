//! Base64 as PyJWT decodes it (`base64.urlsafe_b64decode` without validation), which takes more than RFC 4648 allows.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The bytes of a token's segment as PyJWT decodes it: `+/` count as `-_`, every other foreign character is skipped, a
/// finished padding ends the segment, and bits left over are dropped.
pub(crate) fn base64_decode(segment: &str) -> Option<Vec<u8>> {
    if let Ok(bytes) = URL_SAFE_NO_PAD.decode(segment) {
        return Some(bytes);
    }
    // PyJWT pads to a multiple of four by the segment's length, foreign characters included.
    let padding = (4 - segment.len() % 4) % 4;
    let mut bytes = Vec::with_capacity(segment.len());
    let (mut quad, mut bits, mut pads) = (0, 0_u32, 0);
    for byte in segment.bytes().chain(std::iter::repeat_n(b'=', padding)) {
        let six = match byte {
            b'=' => {
                if quad >= 2 {
                    pads += 1;
                    if quad + pads >= 4 {
                        return Some(bytes);
                    }
                }
                continue;
            }
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        pads = 0;
        bits = bits << 6 | u32::from(six);
        if quad > 0 {
            #[expect(clippy::cast_possible_truncation)] // the eight bits wanted
            bytes.push((bits >> (6 - 2 * quad)) as u8);
        }
        quad = (quad + 1) % 4;
    }
    (quad == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_pyjwt_decodes_it() {
        for (segment, bytes) in [
            ("", Some(&b""[..])),
            ("YWJj", Some(b"abc")),
            ("YWI", Some(b"ab")),
            ("YWI=", Some(b"ab")),
            ("YWJ", Some(b"ab")), // bits left over
            ("--__", Some(b"\xFB\xEF\xFF")),
            ("++//", Some(b"\xFB\xEF\xFF")),
            ("Y!W J\nj", Some(b"abc")),
            ("Y!WJj???", Some(b"abc")),
            ("YQ==YWJj", Some(b"a")), // a finished padding ends the segment
            ("=YWJj===", Some(b"abc")),
            ("A", None),
            ("AAAAA", None),
        ] {
            assert_eq!(base64_decode(segment).as_deref(), bytes, "{segment:?}");
        }
    }
}
