//! The token itself (RFC 7519): signing one as Specter does, and judging one as Specter does, in Specter's order.
//!
//! Header and claims are written and checked here and only the signing is jsonwebtoken's, because its `Validation`
//! accepts tokens that Specter refuses (a future `iat`, an unknown `crit`, `{"alg":{"HS256":null}}`), and the other way round.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::crypto::{self, CryptoProvider, JwtSigner, KeyUtils};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::signature::{self, Signer};
use jsonwebtoken::{Algorithm, EncodingKey};
use sha2::Sha256;

use crate::core::python::{self, IntError, JsonError, Object, Text, Value};
use crate::host::secret::Secret;
use crate::core::token::Reason;

/// What PyJWT writes before every token of Specter: `{"alg":"HS256","typ":"JWT"}`.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// The longest token that reaches Specter: its server refuses a line of more than 65,536 bytes, and the rest of it is
/// `Authorization: Bearer ` and the end of the line.
pub(crate) const LONGEST_TOKEN: usize = 65_536 - 24;

/// A secret, ready to sign and to verify.
pub(crate) struct Key {
    encoding: EncodingKey,
    hs256: Hs256,
    is_refused_by_specter: bool,
}

impl Key {
    pub(crate) fn new(secret: &Secret) -> Self {
        // Fails only when it is installed already, which is as good.
        let _ = HS256_ONLY.install_default();
        Key {
            encoding: EncodingKey::from_secret(secret.bytes()),
            hs256: Hs256::new(secret.bytes()),
            is_refused_by_specter: secret.is_refused_by_specter(),
        }
    }

    /// Whether PyJWT refuses to work with the key, so that Specter answers every token with an error.
    pub(crate) fn is_refused_by_specter(&self) -> bool {
        self.is_refused_by_specter
    }

    /// Whether the token's signature was made with this key.
    pub(crate) fn fits(&self, token: &str) -> bool {
        let Some((signed, signature)) = token.rsplit_once('.') else { return false };
        let mut buffer = [0; SIGNATURE];
        let signature = python::base64_decode(signature, &mut buffer);
        signature.is_some_and(|signature| self.verifies(signed, &signature))
    }

    /// Not by jsonwebtoken's `verify`, which prepares the key for each token anew and reads base64 more strictly than PyJWT.
    fn verifies(&self, signed: &str, signature: &[u8]) -> bool {
        self.hs256.verifies(signed.as_bytes(), signature)
    }
}

/// The claims of a new token; `iat` and `exp` in seconds since 1970.
pub(crate) struct NewClaims<'a> {
    pub(crate) username: &'a str,
    pub(crate) id: &'a str,
    pub(crate) description: &'a str,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
}

/// Signs a token whose bytes are those that Specter's Python would make of the same claims.
pub(crate) fn sign(key: &Key, claims: &NewClaims<'_>) -> anyhow::Result<String> {
    let mut payload = String::from("{\"username\":");
    python::push_json_string(&mut payload, claims.username);
    payload.push_str(",\"jwt_token_id\":");
    python::push_json_string(&mut payload, claims.id);
    payload.push_str(",\"jwt_token_description\":");
    python::push_json_string(&mut payload, claims.description);
    let NewClaims { issued_at, expires_at, .. } = claims;
    let _ = write!(payload, ",\"exp\":{expires_at},\"iat\":{issued_at}}}"); // writing to a String cannot fail

    let mut token = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(payload));
    let signature = crypto::sign(token.as_bytes(), &key.encoding, Algorithm::HS256)?;
    token.push('.');
    token.push_str(&signature);
    Ok(token)
}

/// The names of the claims that anybody looks at.
const CLAIMS: [&str; 9] =
    ["username", "jwt_token_id", "jwt_token_description", "iat", "nbf", "exp", "aud", "sub", "jti"];

/// What a token says of itself, whether or not anybody should believe it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Claims {
    /// Username, `jwt_token_id` and description one behind the other: one piece of memory, for there may be many tokens.
    texts: String,
    /// How long each of them is; none where it is no text.
    lengths: [Option<usize>; 3],
    /// Seconds since 1970, as Python's `int` reads them; so `expires_at`.
    pub(crate) issued_at: Option<i64>,
    pub(crate) expires_at: Option<i64>,
}

impl Claims {
    /// Reads the claims without checking anything.
    pub(crate) fn of(token: &str) -> Self {
        Payload::of(Segments::of(token), &mut [0; PAYLOAD]).claims()
    }

    fn new(texts: [Option<&str>; 3], issued_at: Option<i64>, expires_at: Option<i64>) -> Self {
        let lengths = texts.map(|text| text.map(str::len));
        Claims { texts: texts.map(Option::unwrap_or_default).concat(), lengths, issued_at, expires_at }
    }

    fn from_object(object: &Object<'_>) -> Self {
        let text = |name| object.member(name).and_then(Value::as_str);
        let seconds = |name| object.member(name).and_then(|value| value.to_int().ok());
        Claims::new(["username", "jwt_token_id", "jwt_token_description"].map(text), seconds("iat"), seconds("exp"))
    }

    pub(crate) fn username(&self) -> Option<&str> {
        self.text(0)
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.text(1)
    }

    pub(crate) fn description(&self) -> Option<&str> {
        self.text(2)
    }

    fn text(&self, index: usize) -> Option<&str> {
        let start = self.lengths[..index].iter().flatten().sum();
        self.lengths[index].map(|length| &self.texts[start..start + length])
    }
}

/// Room for the bytes of nearly every payload, and of every signature of 32 bytes.
const PAYLOAD: usize = 512;
const SIGNATURE: usize = 48;

/// The segments of a token, not decoded (RFC 7515 §3.1). As PyJWT splits it, more dots belong to the payload.
#[derive(Clone, Copy)]
struct Segments<'a> {
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// Header and payload with the dot between them.
    signed: &'a str,
}

impl<'a> Segments<'a> {
    fn of(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        Some(Segments { header, payload, signature, signed })
    }
}

/// The decoded second segment.
struct Payload<'b>(Option<Cow<'b, [u8]>>);

impl<'b> Payload<'b> {
    fn of(segments: Option<Segments<'_>>, buffer: &'b mut [u8]) -> Self {
        Payload(segments.and_then(|segments| python::base64_decode(segments.payload, buffer)))
    }

    /// The claims of a payload that is spelled as Specter spells one without escapes, in a fraction of the time.
    fn plain_claims(&self) -> Option<Claims> {
        let text = std::str::from_utf8(self.0.as_deref()?).ok()?;
        let (username, rest) = python::split_plain_string(text.strip_prefix("{\"username\":\"")?)?;
        let (id, rest) = python::split_plain_string(rest.strip_prefix(",\"jwt_token_id\":\"")?)?;
        let (description, rest) = python::split_plain_string(rest.strip_prefix(",\"jwt_token_description\":\"")?)?;
        let (expires_at, rest) = python::split_plain_number(rest.strip_prefix(",\"exp\":")?)?;
        let (issued_at, rest) = python::split_plain_number(rest.strip_prefix(",\"iat\":")?)?;
        if rest != "}" {
            return None;
        }
        Some(Claims::new([username, id, description].map(Some), Some(issued_at), Some(expires_at)))
    }

    fn claims(&self) -> Claims {
        let plain = self.plain_claims();
        debug_assert!(plain.as_ref().is_none_or(|plain| *plain == self.any_claims()), "{plain:?}");
        plain.unwrap_or_else(|| self.any_claims())
    }

    /// The claims of a payload of any content.
    fn any_claims(&self) -> Claims {
        let text = self.0.as_deref().and_then(|bytes| python::json_text(bytes).ok());
        let value = text.as_deref().and_then(|text| python::json(text, &CLAIMS).ok());
        value.as_ref().and_then(Value::as_object).map(Claims::from_object).unwrap_or_default()
    }
}

/// What users.json holds for a user and an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registered {
    /// No user has that name.
    UnknownUser,
    /// The first user with that name has no entry of that id.
    Nothing,
    /// The entry holds the text of another token, or none.
    Other,
    /// The entry holds exactly this token.
    Same,
}

/// Specter's verdict on a token, and what the token says of itself.
#[derive(Debug)]
pub(crate) struct Judgment {
    pub(crate) reason: Reason,
    pub(crate) claims: Claims,
}

/// Judges as a Specter would to whom the token is presented at `now` (seconds since 1970). Without a key, the signature
/// counts as right. `registered` looks a username and a `jwt_token_id` up in users.json.
pub(crate) fn judge(
    token: &str,
    key: Option<&Key>,
    now: i64,
    registered: impl FnOnce(&Text<'_>, &Text<'_>) -> Registered,
) -> Judgment {
    let segments = Segments::of(token);
    let mut buffer = [0; PAYLOAD];
    let payload = Payload::of(segments, &mut buffer);
    let (verdict, claims) = match payload.plain_claims() {
        Some(claims) => {
            let verdict = check_signed(segments, true, key).and_then(|()| check_plain_claims(&claims, now, registered));
            (verdict, claims)
        }
        None => judge_as_python(segments, &payload, key, now, registered),
    };
    // Werkzeug takes an Authorization header with a `=` before its end for a list of parameters, and hands on no token.
    let is_lost = || python::has_byte(b'=', token.trim_end_matches('=')) || token.len() > LONGEST_TOKEN;
    let reason = match verdict {
        _ if token.is_empty() => Reason::Empty,
        Err(reason) => reason,
        Ok(()) if is_lost() => Reason::Empty,
        Ok(()) => Reason::Ok,
    };
    Judgment { reason, claims }
}

/// Judges a payload of any content.
fn judge_as_python(
    segments: Option<Segments<'_>>,
    payload: &Payload<'_>,
    key: Option<&Key>,
    now: i64,
    registered: impl FnOnce(&Text<'_>, &Text<'_>) -> Registered,
) -> (Result<(), Reason>, Claims) {
    let text = payload.0.as_deref().map(python::json_text);
    let read = |text| python::json(text, &CLAIMS);
    let value = text.as_ref().map(|text| text.as_deref().map_err(|error| *error).and_then(read));
    let object = value.as_ref().and_then(|value| value.as_ref().ok()).and_then(Value::as_object);
    let claims = object.map(Claims::from_object).unwrap_or_default();
    let verdict = check_signed(segments, payload.0.is_some(), key).and_then(|()| {
        let value = value.as_ref().ok_or(Reason::Malformed)?;
        let value = value.as_ref().map_err(|error| reason_of(*error))?;
        check_claims(value.as_object().ok_or(Reason::Malformed)?, now, registered)
    });
    (verdict, claims)
}

/// PyJWT's `decode` up to and including the signature.
fn check_signed(segments: Option<Segments<'_>>, payload_is_base64: bool, key: Option<&Key>) -> Result<(), Reason> {
    let Segments { header, payload, signature, signed } = segments.ok_or(Reason::Malformed)?;
    let mut buffer = [0; SIGNATURE];
    let signature = match key {
        Some(_) => python::base64_decode(signature, &mut buffer),
        // Nobody will look at its bytes.
        None => python::is_base64(signature).then_some(Cow::default()),
    };
    let signature = signature.ok_or(Reason::Malformed);
    let signature = if header == HEADER {
        if !payload_is_base64 {
            return Err(Reason::Malformed);
        }
        signature?
    } else {
        let bytes = python::base64_decode(header, &mut []).ok_or(Reason::Malformed)?;
        let text = python::json_text(&bytes).map_err(reason_of)?;
        let value = python::json(&text, &["alg", "kid", "crit", "b64"]).map_err(reason_of)?;
        let header = value.as_object().ok_or(Reason::Malformed)?;
        // RFC 7797: an unencoded payload would have to come by another way, and Specter knows none.
        let is_detached = header.member("b64") == Some(&Value::Bool(false));
        if !payload_is_base64 || is_detached && !payload.is_empty() {
            return Err(Reason::Malformed);
        }
        let signature = signature?;
        check_header(header)?;
        if is_detached {
            return Err(Reason::Header);
        }
        if header.member("alg").and_then(Value::as_str) != Some("HS256") {
            return Err(Reason::Algorithm);
        }
        signature
    };
    match key {
        Some(key) if key.is_refused_by_specter => Err(Reason::ServerError),
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

/// PyJWT's checks of the claims (RFC 7519 §4.1), then Specter's own.
fn check_claims(
    claims: &Object<'_>,
    now: i64,
    registered: impl FnOnce(&Text<'_>, &Text<'_>) -> Registered,
) -> Result<(), Reason> {
    let seconds = |name, bad| match claims.member(name).map(Value::to_int) {
        None => Ok(None),
        Some(Ok(seconds)) => Ok(Some(seconds)),
        Some(Err(IntError::Value)) => Err(bad),
        Some(Err(IntError::Crash)) => Err(Reason::ServerError),
    };
    if seconds("iat", Reason::BadIat)?.is_some_and(|issued_at| issued_at > now) {
        return Err(Reason::NotYetValidIat);
    }
    if seconds("nbf", Reason::BadNbf)?.is_some_and(|not_before| not_before > now) {
        return Err(Reason::NotYetValidNbf);
    }
    if seconds("exp", Reason::BadExp)?.is_some_and(|expires_at| expires_at <= now) {
        return Err(Reason::Expired);
    }
    if claims.member("aud").is_some_and(Value::is_truthy) {
        return Err(Reason::Audience);
    }
    let is_text = |name| claims.member(name).is_none_or(|value| matches!(value, Value::Text(_)));
    if !is_text("sub") {
        return Err(Reason::Subject);
    }
    if !is_text("jti") {
        return Err(Reason::Jti);
    }
    let text = |name, reason| match claims.member(name) {
        Some(Value::Text(text)) if text.as_str() != Some("") => Ok(text),
        _ => Err(reason),
    };
    let username = text("username", Reason::UsernameClaim)?;
    check_registered(username, text("jwt_token_id", Reason::TokenIdClaim)?, registered)
}

/// What is left of [`check_claims`] for claims that are the ones which Specter writes, and of their types.
fn check_plain_claims(
    claims: &Claims,
    now: i64,
    registered: impl FnOnce(&Text<'_>, &Text<'_>) -> Registered,
) -> Result<(), Reason> {
    if claims.issued_at.is_some_and(|issued_at| issued_at > now) {
        return Err(Reason::NotYetValidIat);
    }
    if claims.expires_at.is_some_and(|expires_at| expires_at <= now) {
        return Err(Reason::Expired);
    }
    let username = claims.username().filter(|name| !name.is_empty()).ok_or(Reason::UsernameClaim)?;
    let id = claims.id().filter(|id| !id.is_empty()).ok_or(Reason::TokenIdClaim)?;
    check_registered(&username.into(), &id.into(), registered)
}

fn check_registered(
    username: &Text<'_>,
    id: &Text<'_>,
    registered: impl FnOnce(&Text<'_>, &Text<'_>) -> Registered,
) -> Result<(), Reason> {
    match registered(username, id) {
        Registered::UnknownUser => Err(Reason::UnknownUser),
        Registered::Nothing => Err(Reason::NotRegistered),
        Registered::Other => Err(Reason::RegisteredDiffers),
        Registered::Same => Ok(()),
    }
}

fn reason_of(error: JsonError) -> Reason {
    match error {
        JsonError::Malformed => Reason::Malformed,
        JsonError::TooDeep => Reason::ServerError,
    }
}

/// HMAC-SHA256 and nothing else, so that no header can choose another algorithm. jsonwebtoken's own backends would bring
/// RSA and elliptic curves along.
static HS256_ONLY: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256::new(key.as_bytes()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    // `Key::verifies` has no use for it.
    verifier_factory: |_, _| Err(ErrorKind::InvalidAlgorithm.into()),
    key_utils: KeyUtils::new_unimplemented(),
};

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(key: &[u8]) -> Self {
        Hs256(Hmac::new_from_slice(key).expect("HMAC takes a key of any length"))
    }

    /// Compares in constant time.
    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.clone().chain_update(message).verify_slice(signature).is_ok()
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::host::secret::Environment;

    /// The key under which PyJWT 2.13 made the token below.
    const KEY: &str = "s3cr3t-key-for-tests-0123456789abcdef";
    const PYJWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6InFcInVvdGUiLCJqd3RfdG9rZW5faWQiOiIwYjFjMmQzZS00ZjUwLTRhNjEtOGI3Mi05M2E0YjVjNmQ3ZTgiLCJqd3RfdG9rZW5fZGVzY3JpcHRpb24iOiJcdTAwZTkgXHVkODNkXHVkZTgwXG4vIiwiZXhwIjoxNzk1NzM3NjAwLCJpYXQiOjE3OTU0Nzg0MDB9.Qltm6z3BtnUlqpQd_voY_-Ju_j9Uq5GXDOJ_zzIjcIc";

    fn key(text: &str) -> Key {
        let secret = Secret::find(Some(Path::new("-")), Environment::default(), Path::new(""), &mut text.as_bytes());
        Key::new(&secret.ok().flatten().expect("a usable key"))
    }

    #[test]
    fn signs_the_bytes_that_pyjwt_signs() {
        let claims = NewClaims {
            username: "q\"uote",
            id: "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8",
            description: "é 🚀\n/",
            issued_at: 1_795_478_400,
            expires_at: 1_795_737_600,
        };
        assert_eq!(sign(&key(KEY), &claims).expect("signing works"), PYJWT);
        assert!(key(KEY).fits(PYJWT));
        assert!(!key("another").fits(PYJWT));
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
                judge(&token(&payload), None, 150, |name, id| {
                    assert!(!name.as_bytes().is_empty() && !id.as_bytes().is_empty());
                    Registered::Same
                })
            });
            assert_eq!(as_specter.reason, with_space.reason, "{payload}");
            assert_eq!(as_specter.claims, with_space.claims, "{payload}");
        }
    }

    #[test]
    fn checks_come_in_the_order_of_specter() {
        let verdict =
            |token: &str, key: Option<&Key>, now, registered| judge(token, key, now, |_, _| registered).reason;
        let (ours, other) = (key(KEY), key("another"));
        for (key, now, registered, reason) in [
            (&ours, 1_795_478_400, Registered::Same, Reason::Ok),
            (&ours, 1_795_478_399, Registered::Same, Reason::NotYetValidIat),
            (&ours, 1_795_737_599, Registered::Same, Reason::Ok),
            (&ours, 1_795_737_600, Registered::Same, Reason::Expired),
            (&other, 1_795_737_600, Registered::Nothing, Reason::Signature),
            (&ours, 1_795_737_600, Registered::Nothing, Reason::Expired),
            (&ours, 1_795_478_400, Registered::UnknownUser, Reason::UnknownUser),
            (&ours, 1_795_478_400, Registered::Nothing, Reason::NotRegistered),
            (&ours, 1_795_478_400, Registered::Other, Reason::RegisteredDiffers),
        ] {
            assert_eq!(verdict(PYJWT, Some(key), now, registered), reason, "{now} {registered:?}");
        }
        assert_eq!(
            verdict(PYJWT, None, 1_795_478_400, Registered::Same),
            Reason::Ok,
            "without a key nothing is held against it"
        );
        for token in ["", ".", "..", "a.b", "a.b.c", "é.é.é", "....", "eyJhbGciOiJIUzI1NiJ9..", "\0.\0.\0"] {
            let reason = verdict(token, Some(&ours), 0, Registered::Same);
            assert!(matches!(reason, Reason::Empty | Reason::Malformed | Reason::Signature), "{token:?}: {reason:?}");
        }
    }
}
