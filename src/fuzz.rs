//! What a fuzzer drives, and the tests that try again what it has found: no input makes the program panic, and what must hold
//! for every input holds.

use crate::jwt::{self, Claims, Key, Registered};
use crate::lifetime::{Lifetime, Time};
use crate::secret::Secret;
use crate::store;
use crate::terminal;
use crate::token::Reason;

/// A users.json: read, every token judged; and if it is accepted, a token created and revoked again leaves it as it was.
pub fn users_json(bytes: &[u8]) {
    store::read_and_change(bytes);
}

/// A token: judged, with and without a key; accepted only if every part of it says so.
pub fn token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(secret) = Secret::typed("a key that signs nothing of this".to_owned()) else { return };
    let key = Key::new(&secret);
    for now in [0, 1_790_000_000, i64::MAX] {
        let judgment = jwt::judge(text, None, now, |_, _| Registered::Same);
        let with_key = jwt::judge(text, Some(&key), now, |_, _| Registered::Same);
        assert_ne!(with_key.reason, Reason::Ok, "nobody has signed it");
        assert_eq!(judgment.claims, Claims::of(text));
        let expires_at = judgment.claims.expires_at;
        assert!(judgment.reason != Reason::Ok || expires_at.is_none_or(|at| at > now), "{judgment:?}");
    }
}

/// A life and a time: read, within their limits, and shown again.
pub fn time(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(life) = text.parse::<Lifetime>() {
        assert!(life.seconds() > 0, "{life:?}");
    }
    if let Ok(time) = text.parse::<Time>() {
        let _ = crate::lifetime::rfc3339(time.resolve(1_790_000_000));
    }
}

/// A text for a terminal: nothing is left in it that a terminal obeys, and to escape it again changes nothing.
pub fn escaping(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let escaped = terminal::escaped(&text);
    assert!(!escaped.chars().any(char::is_control), "{escaped:?}");
    assert_eq!(terminal::escaped(&escaped), escaped);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test stops where something is not as it should be
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Tries every input that is kept in a folder of the corpus.
    fn try_all(target: fn(&[u8]), folder: &str) -> usize {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
        let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
        files.map(|file| target(&fs::read(file).unwrap())).count()
    }

    #[test]
    fn what_was_found_stays_mended() {
        assert!(try_all(users_json, "users") > 100);
        assert!(try_all(users_json, "fuzz/users_json") > 10);
        assert!(try_all(token, "fuzz/token") > 10);
        assert!(try_all(time, "fuzz/time") > 10);
        assert!(try_all(escaping, "fuzz/escaping") > 10);
    }
}
