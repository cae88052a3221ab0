//! Words for a server: for its address, for a request that failed, and for what that has left behind.

use rustls::{CertificateError, OtherError};

use super::codes::Kind;
use super::names::named;
use super::told::{Hint, Told};
use crate::core::error::Remedy;
use crate::core::fault::{AddressFault, Doing, Left, ServerError, ServerFault};
use crate::core::token::TokenName;

pub(super) fn address(fault: AddressFault) -> Told {
    const EXAMPLE: &str = "write it like http://127.0.0.1:25441 or https://specter.example.com/prefix";
    // The message leaves the URL out, because it may hold a password.
    let message = |why: &str| format!("could not use the URL of the server: {why}");
    let example = |why| Told::words(Kind::Usage, message(why), EXAMPLE);
    match fault {
        AddressFault::NotAUrl => example("it is not a URL"),
        AddressFault::NotHttp => example("it does not begin with http:// or https://"),
        AddressFault::BadPort => example("its port is not a number from 1 to 65535"),
        AddressFault::HasQuery => example("it has a `?` or a `#`"),
        AddressFault::HoldsApiPath => Told::words(
            Kind::Usage,
            message("it holds /api/v1alpha, which is added to it"),
            "leave out /api/v1alpha, as in http://127.0.0.1:25441",
        ),
        AddressFault::HoldsLogin => Told::remedy(
            Kind::Usage,
            message("it holds a user or a password, which the process list would show"),
            Remedy::GiveLoginApart,
        ),
        AddressFault::CertificatesWithoutTls => {
            let why = message("http has no certificate to trust");
            Told::remedy(Kind::Usage, why, Remedy::EncryptOrDropCertificates)
        }
        AddressFault::Unencrypted => Told::remedy(
            Kind::Usage,
            message("http would send the password and every token over the network for all to read"),
            Remedy::EncryptOrAllow,
        ),
    }
}

pub(super) fn failed_request(error: &ServerError) -> Told {
    let Told { kind, message, hint } = server_alone(error);
    let mut parts = vec![message];
    let mut hint = hint;
    for left in &error.left {
        parts.push(what_is_left(left));
        match left {
            Left::NotKnown(_) | Left::NothingMadeYet => hint = Hint::Remedy(Remedy::RevokeLater),
            Left::Stands { id, .. } => hint = Hint::Remedy(Remedy::Revoke(id.clone())),
            _ => {}
        }
    }
    Told { kind, message: parts.join("; "), hint }
}

/// The failure of the request itself.
fn server_alone(error: &ServerError) -> Told {
    let url = &error.url;
    let what = match &error.doing {
        Doing::Listing => "list the tokens".to_owned(),
        Doing::Creating => "create the token".to_owned(),
        Doing::Revoking(id) => format!("revoke token {id}"),
        Doing::Verifying => "verify the token".to_owned(),
    };
    let could_not = |why: String| format!("could not {what}: {why}");
    let unreachable = |why: &str| format!("could not reach the server at {url}: {why}");
    let answered = |what: &str, status: u16| could_not(format!("the server at {url} {what} ({status})"));
    match &error.fault {
        ServerFault::Tls(cause) => tls(url, cause),
        ServerFault::TimedOut => {
            Told::remedy(Kind::Unreachable, unreachable("it did not answer in time"), Remedy::WaitLonger)
        }
        ServerFault::Interrupted => {
            Told::words(Kind::Interrupted, could_not("interrupted".to_owned()), "run the command again")
        }
        ServerFault::UnknownHost => {
            Told::words(Kind::Unreachable, unreachable("its name is not known"), "check whether the address is right")
        }
        ServerFault::ConnectionRefused(cause) => Told::words(
            Kind::Unreachable,
            unreachable(&cause.to_string()),
            "start Specter, or check whether the address is right; its own port is 25441",
        ),
        ServerFault::Unreachable(why) => {
            Told::words(Kind::Unreachable, unreachable(why), "check whether the address is right, and http or https")
        }
        ServerFault::Login { username } => Told::remedy(
            Kind::Login,
            format!("could not log in: the server at {url} does not let user `{username}` in"),
            Remedy::GiveLogin,
        ),
        ServerFault::LoginOfProxy => Told::words(
            Kind::Login,
            format!(
                "could not use the API at {url}: a proxy there probably wants a login of its own; the 401 is not Specter's"
            ),
            "give the address of Specter itself, or let the proxy pass /api/v1alpha without a login",
        ),
        ServerFault::NoTokenApi => Told::words(
            Kind::ApiOff,
            format!("could not use the token API: the server at {url} has none"),
            "start Specter with SPECTER_API_ACTIVE=True; if it is started with APP_URL_PREFIX, add that to the URL",
        ),
        ServerFault::SpecterTooOld => Told::words(
            Kind::SpecterTooOld,
            format!("could not use the token API: the Specter at {url} is older than 1.14.0, and has no tokens"),
            "update Specter",
        ),
        ServerFault::Redirect(status) => Told::words(
            Kind::Server,
            answered("redirects elsewhere, which is not followed", *status),
            "give the address of Specter itself",
        ),
        ServerFault::Failed(status) if error.doing == Doing::Listing => {
            Told::words(Kind::Server, answered("failed", *status), "Specter's log tells why")
        }
        ServerFault::Failed(status) => Told::remedy(Kind::Server, answered("failed", *status), Remedy::SeeLogAndList),
        ServerFault::Unexpected(status) => Told::words(
            Kind::Server,
            answered("does not answer as Specter does", *status),
            "check whether the address is Specter's",
        ),
        ServerFault::UndecodableToken { username } => Told::remedy(
            Kind::Server,
            format!(
                "could not list the tokens of user `{username}`: the server fails (500), as it does when it cannot decode one of \
                 them"
            ),
            Remedy::FindUndecodable,
        ),
        ServerFault::NameIsNotId { username } => Told::remedy(
            Kind::Server,
            format!(
                "could not use the token API as user `{username}`: the server fails (500), as it does for a user whose name is not \
                 his id, such as one that was renamed, and for one with an entry in `jwt_tokens` that is no object"
            ),
            Remedy::UseFolder,
        ),
        ServerFault::UnaddressableId => {
            Told::remedy(Kind::Server, could_not("a URL cannot hold this id".to_owned()), Remedy::RevokeInFolder)
        }
    }
}

/// A failure of the encryption.
fn tls(url: &str, error: &rustls::Error) -> Told {
    let rustls::Error::InvalidCertificate(fault) = error else {
        let why = match error {
            rustls::Error::InvalidMessage(_) => "its answer is not TLS".to_owned(),
            rustls::Error::AlertReceived(alert) => format!("it ended the TLS handshake ({alert:?})"),
            rustls::Error::PeerIncompatible(_) => "it offers no safe version of TLS".to_owned(),
            _ => "the TLS handshake failed".to_owned(),
        };
        let hint = "check whether the address is right, and http or https";
        return Told::words(Kind::Unreachable, format!("could not reach the server at {url}: {why}"), hint);
    };
    let why = match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet; check whether this machine's clock is right"
        }
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            "its certificate names no host as its subjectAltName"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name"
        }
        CertificateError::UnknownIssuer => "no trusted authority has signed its certificate",
        CertificateError::BadSignature => "its certificate is not the trusted one, or the server does not have its key",
        CertificateError::BadEncoding => "its certificate cannot be read",
        CertificateError::Revoked => "its certificate is revoked",
        CertificateError::Other(OtherError(error)) => match error.downcast_ref() {
            Some(webpki::Error::UnsupportedCertVersion) => {
                "its certificate is of X.509 version 1, like Specter's own, and must be named"
            }
            Some(webpki::Error::CaUsedAsEndEntity) => "its certificate is that of an authority, and must be named",
            _ => "its certificate is of a kind that must be named",
        },
        _ => "its certificate is of a kind that must be named",
    };
    let message = format!("could not trust the server at {url}: {why}");
    Told::remedy(Kind::Unreachable, message, Remedy::TrustCertificate)
}

fn what_is_left(left: &Left) -> String {
    let message = |error: &ServerError| failed_request(error).message;
    match left {
        Left::Revoked(tokens) => are_revoked(tokens),
        Left::NotTried(tokens) => format!("not tried: {}", listed(tokens)),
        Left::MayBeRevoked => "it may still be removed, or not".to_owned(),
        Left::Also(error) => message(error),
        Left::NothingMade => "no token was made".to_owned(),
        Left::NothingMadeYet => "no token is there yet, but one may still be made".to_owned(),
        Left::NotKnown(cause) => format!("it is not known whether a token was made: {}", message(cause)),
        Left::MadeAndRevoked(id) => format!("token {id} was made, and has been removed again"),
        Left::Stands { id, cause } => {
            format!("token {id} was made and is still there, but nobody has its text: {}", message(cause))
        }
    }
}

pub(super) fn are_revoked(tokens: &[TokenName]) -> String {
    let verb = if tokens.len() == 1 { "is" } else { "are" };
    format!("{} {verb} removed already", listed(tokens))
}

fn listed(tokens: &[TokenName]) -> String {
    tokens.iter().map(|token| format!("token {}", named(token))).collect::<Vec<_>>().join(", ")
}
