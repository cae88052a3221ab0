//! Judges a token as Specter does, in Specter's order.
//!
//! Header and claims are checked here and not by jsonwebtoken. Its `Validation` accepts tokens that Specter refuses (a
//! future `iat`, an unknown `crit`, `{"alg":{"HS256":null}}`), and refuses some that Specter accepts.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::claims::{Claims, NoClaims, PAYLOAD_ROOM, Payload, Seconds, Segments};
use super::key::{Key, SIGNATURE_ROOM};
use super::presented::{LONGEST_TOKEN, as_sent, is_lost, is_lost_uncompared};
use super::rules::Rules;
use super::spelling::HEADER;
use crate::core::python::base64::{base64_decode, is_base64};
use crate::core::python::encoding::json_text;
use crate::core::python::int::IntError;
use crate::core::python::json::{JsonError, Object, Value, json};
use crate::core::python::text::Text;
use crate::core::token::Reason;

/// The entry in users.json for a user and an id, compared with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registration {
    /// No user has that name.
    UnknownUser,
    /// The first user with that name has no entry with that id.
    Nothing,
    /// The entry holds the text of another token, or no text.
    Other,
    /// The entry holds exactly this token.
    Same,
}

/// Specter's verdict on a token, and the token's claims.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) reason: Reason,
    /// Whether users.json holds the token. `None` if this was not looked up, because the token is refused for another
    /// reason.
    pub(crate) is_registered: Option<bool>,
    pub(crate) claims: Claims,
}

/// Judges by these rules as a Specter would that gets the token over HTTP at `now` (seconds since 1970). Without a key,
/// the signature counts as right. `registered` looks up a username and a `jwt_token_id` in users.json, and compares the
/// entry with the token as it arrives, which is without blanks around it.
pub(crate) fn judge(
    token: &str,
    key: Option<&Key>,
    rules: Rules,
    now: i64,
    registered: impl FnOnce(&Text<'_>, &Text<'_>) -> Registration,
) -> Verdict {
    let token = as_sent(token);
    if token.len() > LONGEST_TOKEN {
        return Verdict { reason: Reason::TooLong, is_registered: None, claims: Claims::default() };
    }
    let segments = Segments::of(token);
    let mut buffer = [0; PAYLOAD_ROOM];
    let bytes = segments.and_then(|segments| base64_decode(segments.payload, &mut buffer));
    let decoded = OnceCell::new();
    let payload = bytes.as_deref().map(|bytes| Payload::read(bytes, &decoded));
    let checked = check_signed(segments, bytes.is_some(), key, rules).and_then(|()| match &payload {
        None | Some(Err(NoClaims::NotAnObject)) => Err(Reason::Malformed),
        Some(Err(NoClaims::Json(error))) => Err(reason_of(*error)),
        Some(Ok(payload)) => check_claims(payload, rules, now).map(|()| payload),
    });
    let found = checked.map(|payload| match (&payload.username, &payload.id) {
        (Some(username), Some(id)) => registered(username, id),
        // No entry has an empty id, but the user may still be unknown.
        (Some(username), None) => registered(username, &Text::from("")),
        (None, _) => Registration::UnknownUser,
    });
    let is_registered = found.ok().map(|found| found == Registration::Same);
    let checked = found.and_then(|found| match found {
        Registration::UnknownUser => Err(Reason::UnknownUser),
        Registration::Same => Ok(()),
        _ if !rules.ask_for_registration() => Ok(()),
        Registration::Nothing => Err(Reason::NotRegistered),
        Registration::Other => Err(Reason::RegisteredDiffers),
    });
    let is_lost = || if rules.ask_for_registration() { is_lost(token) } else { is_lost_uncompared(token) };
    let reason = match checked {
        _ if token.is_empty() => Reason::Empty,
        // A token that does not arrive unchanged cannot be compared with the registered one.
        Ok(()) | Err(Reason::NotRegistered | Reason::RegisteredDiffers) if is_lost() => Reason::Empty,
        Err(reason) => reason,
        Ok(()) => Reason::Ok,
    };
    let payload = payload.and_then(Result::ok);
    Verdict { reason, is_registered, claims: payload.as_ref().map(Payload::claims).unwrap_or_default() }
}

/// PyJWT's `decode` up to and including the signature.
fn check_signed(
    segments: Option<Segments<'_>>,
    payload_is_base64: bool,
    key: Option<&Key>,
    rules: Rules,
) -> Result<(), Reason> {
    let Segments { header, payload, signature, signed } = segments.ok_or(Reason::Malformed)?;
    let mut buffer = [0; SIGNATURE_ROOM];
    let signature = match key {
        Some(_) => base64_decode(signature, &mut buffer),
        // The bytes are not needed.
        None => is_base64(signature).then_some(Cow::default()),
    };
    let signature = signature.ok_or(Reason::Malformed);
    let signature = if header == HEADER {
        if !payload_is_base64 {
            return Err(Reason::Malformed);
        }
        signature?
    } else {
        let bytes = base64_decode(header, &mut []).ok_or(Reason::Malformed)?;
        let text = json_text(&bytes).map_err(reason_of)?;
        let value = json(&text, &["alg", "kid", "crit", "b64"]).map_err(reason_of)?;
        let header = value.as_object().ok_or(Reason::Malformed)?;
        // RFC 7797: an unencoded payload would have to be sent separately, and Specter has no way for that.
        let is_detached = header.member("b64") == Some(&Value::Bool(false));
        if !payload_is_base64 || is_detached && !payload.is_empty() {
            return Err(Reason::Malformed);
        }
        let signature = signature?;
        if !rules.are_lax_on_claims() {
            check_header(header)?;
        }
        if is_detached {
            return Err(Reason::Header);
        }
        if header.member("alg").and_then(Value::as_str) != Some("HS256") {
            return Err(Reason::Algorithm);
        }
        signature
    };
    match key {
        Some(key) if key.is_refused_by(rules) => Err(Reason::ServerError),
        Some(key) if !key.verifies(signed, &signature) => Err(Reason::Signature),
        _ => Ok(()),
    }
}

/// RFC 7515 §4.1.4 (`kid`) and §4.1.11 (`crit`) as PyJWT enforces them; the only extension that it knows is `b64`.
fn check_header(header: &Object<'_>) -> Result<(), Reason> {
    if header.member("kid").is_some_and(|kid| !matches!(kid, Value::Text(_))) {
        return Err(Reason::Header);
    }
    let is_supported = |name: &Text<'_>| name.as_str() == Some("b64") && header.member("b64").is_some();
    match header.member("crit") {
        None => Ok(()),
        Some(Value::Array { every: Some(name), .. }) if is_supported(name) => Ok(()),
        Some(_) => Err(Reason::Header),
    }
}

/// PyJWT's checks of the claims (RFC 7519 §4.1), then Specter's own checks of the claims that name user and id.
fn check_claims(payload: &Payload<'_>, rules: Rules, now: i64) -> Result<(), Reason> {
    let is_lax = rules.are_lax_on_claims();
    let seconds = |claim: Option<Seconds>, bad| match claim {
        None => Ok(None),
        Some(Ok(seconds)) => Ok(Some(seconds)),
        Some(Err(IntError::Value)) => Err(bad),
        Some(Err(IntError::Crash)) => Err(Reason::ServerError),
    };
    if seconds(payload.issued_at, Reason::BadIat)?.is_some_and(|issued_at| issued_at > now && !is_lax) {
        return Err(Reason::NotYetValidIat);
    }
    if seconds(payload.not_before, Reason::BadNbf)?.is_some_and(|not_before| not_before > now) {
        return Err(Reason::NotYetValidNbf);
    }
    let is_past = |expires_at| if is_lax { expires_at < now } else { expires_at <= now };
    if seconds(payload.expires_at, Reason::BadExp)?.is_some_and(is_past) {
        return Err(Reason::Expired);
    }
    if payload.has_audience {
        return Err(Reason::Audience);
    }
    if payload.has_odd_subject && !is_lax {
        return Err(Reason::Subject);
    }
    if payload.has_odd_jti && !is_lax {
        return Err(Reason::Jti);
    }
    if !rules.ask_for_registration() {
        // Specter fails if there is no username, and looks up any other.
        return if payload.has_username { Ok(()) } else { Err(Reason::ServerError) };
    }
    not_empty(payload.username.as_ref()).ok_or(Reason::UsernameClaim)?;
    not_empty(payload.id.as_ref()).ok_or(Reason::TokenIdClaim)?;
    Ok(())
}

fn not_empty<'a, 't>(text: Option<&'t Text<'a>>) -> Option<&'t Text<'a>> {
    text.filter(|text| text.as_str() != Some(""))
}

fn reason_of(error: JsonError) -> Reason {
    match error {
        JsonError::Malformed | JsonError::TooManyDigits => Reason::Malformed,
        JsonError::TooDeep => Reason::ServerError,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::core::source::Source;

    /// The key under which PyJWT 2.13 made the token below.
    const KEY: &str = "s3cr3t-key-for-tests-0123456789abcdef";
    const PYJWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6InFcInVvdGUiLCJqd3RfdG9rZW5faWQiOiIwYjFjMmQzZS00ZjUwLTRhNjEtOGI3Mi05M2E0YjVjNmQ3ZTgiLCJqd3RfdG9rZW5fZGVzY3JpcHRpb24iOiJcdTAwZTkgXHVkODNkXHVkZTgwXG4vIiwiZXhwIjoxNzk1NzM3NjAwLCJpYXQiOjE3OTU0Nzg0MDB9.Qltm6z3BtnUlqpQd_voY_-Ju_j9Uq5GXDOJ_zzIjcIc";

    fn key(text: &str) -> Key {
        Key::new(text.into(), Source::Prompt).expect("a usable key")
    }

    #[test]
    fn a_payload_is_judged_by_what_it_says_not_by_how_it_is_spelled() {
        let token = |payload: &str| format!("{HEADER}.{}.", URL_SAFE_NO_PAD.encode(payload));
        for (username, id, exp, iat) in [
            ("a", "b", "200", "100"),
            ("", "b", "200", "100"),
            ("a", "", "200", "100"),
            ("é\u{7F}", "\u{202E}", "200", "100"),
            ("a\\n", "b", "200", "100"),
            ("a", "b", "150", "100"),
            ("a", "b", "200", "151"),
            ("a", "b", "0", "0"),
            ("a", "b", "0200", "100"),
            ("a", "b", "-200", "100"),
            ("a", "b", "200.5", "1e2"),
            ("a", "b", "\"200\"", "null"),
            ("a", "b", "9223372036854775807", "100"),
            ("a", "b", "9223372036854775808", "100"),
            ("a", "b", "", "100"),
            ("a", "b", "200", "100,\"exp\":150"),
            ("a", "b", "200", "100,\"aud\":\"x\""),
        ] {
            let payload = format!(
                "{{\"username\":\"{username}\",\"jwt_token_id\":\"{id}\",\"jwt_token_description\":\"d\",\"exp\":{exp},\"iat\":{iat}}}"
            );
            let [as_specter, with_space] = [payload.clone(), payload.replacen('{', "{ ", 1)].map(|payload| {
                judge(&token(&payload), None, Rules::From2_1_11, 150, |name, id| {
                    assert!(!name.as_bytes().is_empty() && !id.as_bytes().is_empty());
                    Registration::Same
                })
            });
            assert_eq!(as_specter.reason, with_space.reason, "{payload}");
            assert_eq!(as_specter.claims, with_space.claims, "{payload}");
        }
    }

    /// The real ones answer this over HTTP: 2.1.10 with 200, and 2.1.11, which compares the text, with 401.
    #[test]
    fn bytes_beyond_ascii_behind_the_signature_matter_only_to_who_compares() {
        let ours = key(KEY);
        let reason =
            |token: &str, rules| judge(token, Some(&ours), rules, 1_795_478_400, |_, _| Registration::Nothing).reason;
        for (token, older) in [
            (format!("{PYJWT}\u{85}"), Reason::Ok),
            (format!("{PYJWT}\u{FEFF}"), Reason::Ok),
            (format!("\u{A0}{PYJWT}"), Reason::Signature),
            (format!("{PYJWT}=\u{85}"), Reason::Empty),
        ] {
            assert_eq!(reason(&token, Rules::Until2_1_10), older, "{token:?}");
            assert_ne!(reason(&token, Rules::From2_1_11), Reason::Ok, "{token:?}");
        }
    }

    #[test]
    fn checks_come_in_the_order_of_specter() {
        let verdict = |token: &str, key: Option<&Key>, now, registered| {
            judge(token, key, Rules::From2_1_11, now, |_, _| registered).reason
        };
        let (ours, other) = (key(KEY), key("another"));
        for (key, now, registered, reason) in [
            (&ours, 1_795_478_400, Registration::Same, Reason::Ok),
            (&ours, 1_795_478_399, Registration::Same, Reason::NotYetValidIat),
            (&ours, 1_795_737_599, Registration::Same, Reason::Ok),
            (&ours, 1_795_737_600, Registration::Same, Reason::Expired),
            (&other, 1_795_737_600, Registration::Nothing, Reason::Signature),
            (&ours, 1_795_737_600, Registration::Nothing, Reason::Expired),
            (&ours, 1_795_478_400, Registration::UnknownUser, Reason::UnknownUser),
            (&ours, 1_795_478_400, Registration::Nothing, Reason::NotRegistered),
            (&ours, 1_795_478_400, Registration::Other, Reason::RegisteredDiffers),
        ] {
            assert_eq!(verdict(PYJWT, Some(key), now, registered), reason, "{now} {registered:?}");
        }
        assert_eq!(
            verdict(PYJWT, None, 1_795_478_400, Registration::Same),
            Reason::Ok,
            "without a key nothing is held against it"
        );
        for token in ["", ".", "..", "a.b", "a.b.c", "é.é.é", "....", "eyJhbGciOiJIUzI1NiJ9..", "\0.\0.\0"] {
            let reason = verdict(token, Some(&ours), 0, Registration::Same);
            assert!(matches!(reason, Reason::Empty | Reason::Malformed | Reason::Signature), "{token:?}: {reason:?}");
        }
    }
}
