//! What is doubtful about a key or a password, a sentence each.

use super::names::secret;
use crate::core::error::Secret;
use crate::core::secret::Doubt;

pub(crate) fn doubt(of: Secret, doubt: &Doubt) -> String {
    let what = secret(of);
    match doubt {
        Doubt::KnownDefault => "this key is the default of a Specter configuration, and known to everyone".to_owned(),
        Doubt::Short => {
            "the key has fewer than 32 bytes, and can be guessed from a token (RFC 7518, section 3.2)".to_owned()
        }
        Doubt::WhiteSpace => {
            format!(
                "the {what} begins or ends with white space, or with a byte order mark; Specter would count that too"
            )
        }
        Doubt::LineEnd => format!("the {what} holds a line end; Specter would count that too"),
        Doubt::Asymmetric => {
            "the key looks like a PEM or ssh key, and with such a key Specter refuses every token".to_owned()
        }
        Doubt::HoldsSsh => {
            "the key holds what an ssh key begins with, and with such a key this Specter refuses every token".to_owned()
        }
        Doubt::Jwk => "the key looks like a JWK, and with such a key Specter refuses every token".to_owned(),
        Doubt::DiffersFrom(file) => {
            format!("the variable SECRET_KEY differs from the key in {}; the variable is used", file.display())
        }
        Doubt::ReadableByAll(file) => {
            format!("every user of this machine can read the {what}; run `chmod 600 {}`", file.display())
        }
    }
}
