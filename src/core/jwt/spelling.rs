//! Specter's spelling of a token: the header, and the payload as a template for both writing and reading.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::key::Key;
use crate::core::python::template::{Filling, Slot, Template};

/// The header that PyJWT writes for every token of Specter: `{"alg":"HS256","typ":"JWT"}`.
pub(super) const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// The claims in the order in which Specter writes them. Further claims may follow.
pub(super) const PAYLOAD: Template<5> = Template {
    slots: [
        ("{\"username\":", Slot::Text),
        (",\"jwt_token_id\":", Slot::Text),
        (",\"jwt_token_description\":", Slot::Text),
        (",\"exp\":", Slot::Number),
        (",\"iat\":", Slot::Number),
    ],
    after: "}",
};

/// The claims of a new token.
#[derive(Debug)]
pub(crate) struct NewClaims<'a> {
    pub(crate) username: &'a str,
    /// `jwt_token_id`.
    pub(crate) id: &'a str,
    pub(crate) description: &'a str,
    /// Seconds since 1970. The same holds for `expires_at`.
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
}

/// Signs a token. Its bytes are those that Specter's Python would make of the same claims.
pub(crate) fn sign(key: &Key, claims: &NewClaims<'_>) -> String {
    let NewClaims { username, id, description, issued_at, expires_at } = *claims;
    let mut payload = String::new();
    PAYLOAD.write(
        &mut payload,
        [
            Filling::Text(username),
            Filling::Text(id),
            Filling::Text(description),
            Filling::Number(expires_at),
            Filling::Number(issued_at),
        ],
    );
    let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(payload));
    let signature = key.sign(&signed);
    format!("{signed}.{signature}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::source::Source;

    /// The key under which PyJWT 2.13 made the token below.
    const KEY: &str = "s3cr3t-key-for-tests-0123456789abcdef";
    const PYJWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VybmFtZSI6InFcInVvdGUiLCJqd3RfdG9rZW5faWQiOiIwYjFjMmQzZS00ZjUwLTRhNjEtOGI3Mi05M2E0YjVjNmQ3ZTgiLCJqd3RfdG9rZW5fZGVzY3JpcHRpb24iOiJcdTAwZTkgXHVkODNkXHVkZTgwXG4vIiwiZXhwIjoxNzk1NzM3NjAwLCJpYXQiOjE3OTU0Nzg0MDB9.Qltm6z3BtnUlqpQd_voY_-Ju_j9Uq5GXDOJ_zzIjcIc";

    #[test]
    fn signs_the_bytes_that_pyjwt_signs() {
        let key = |text: &str| Key::new(text.into(), Source::Prompt).expect("a usable key");
        let claims = NewClaims {
            username: "q\"uote",
            id: "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8",
            description: "é 🚀\n/",
            issued_at: 1_795_478_400,
            expires_at: 1_795_737_600,
        };
        assert_eq!(sign(&key(KEY), &claims), PYJWT);
        assert!(key(KEY).fits(PYJWT));
        assert!(!key("another").fits(PYJWT));
    }
}
