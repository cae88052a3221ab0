//! The REST API of a running Specter, as far as it deals with tokens, below `/api/v1alpha`. The token endpoints take a
//! user's name and password (HTTP Basic, sent unasked, because Specter does not ask); everything else takes a token.
//!
//! No redirect is followed and no proxy is used: either would pass the password or a token to somebody else.

use std::io;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ureq::http::{HeaderValue, Method, Request};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector as _, TcpConnector};
use uuid::Uuid;

use super::address::{API_PATH, Address, checked};
use super::answer::{Answer, ListedToken, listed};
use super::tls::Tls;
use crate::core::error::Result;
use crate::core::fault::{Doing, ServerError, ServerFault};
use crate::core::jwt::claims::Claims;
use crate::core::jwt::presented::{LONGEST_TOKEN, as_sent};
use crate::core::password::Password;
use crate::core::version::Installed;
use crate::core::waiting::{TellWait, Wait, Waiting};

/// A server.
pub(crate) struct Api {
    agent: ureq::Agent,
    /// The URL for messages and requests, without a final slash.
    url: String,
    login: Option<Login>,
    tell: TellWait,
}

struct Login {
    username: String,
    authorization: HeaderValue,
}

/// A token that the server has made.
pub(crate) struct MadeToken {
    pub(crate) id: String,
    pub(crate) text: String,
}

/// The server's reaction to a presented token.
pub(crate) enum Reception {
    Accepted,
    Refused,
    /// No header can carry the token, so no server will ever see it.
    Unsendable,
    /// The server takes no header of this length.
    TooLong,
    /// The server failed because of the token, or for another reason.
    Failed(Box<ServerError>),
}

/// Why a request for a new token did not make one.
pub(crate) enum NotMade {
    /// Another token of the user has this description.
    DescriptionTaken,
    /// It is certain that no token was made.
    Refused(Box<ServerError>),
    /// The server failed, but may have made a token anyway.
    Failed(Box<ServerError>),
    /// No answer came, and the server may still be working on the request.
    Unanswered(Box<ServerError>),
}

/// Why a request to delete a token did not do so.
pub(crate) enum NotDeleted {
    /// The server failed, for example because the token no longer exists.
    Failed(Box<ServerError>),
    /// No answer came, and the server may still be working on the request.
    Unanswered(Box<ServerError>),
    /// Another request would fail as well.
    Refused(Box<ServerError>),
}

impl Api {
    /// Checks the address. Nothing is sent yet. `tell` is told of every wait for an answer.
    pub(crate) fn new(address: &Address<'_>, tell: TellWait) -> Result<Self> {
        let uri = checked(address)?;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            // Specter closes every connection. Reusing a closed one would make a request fail.
            .max_idle_connections(0)
            .timeout_global(Some(address.timeout))
            .user_agent(concat!("specter-token/", env!("CARGO_PKG_VERSION")))
            .accept("*/*")
            .build();
        // Reading the certificates takes longer than a request to this machine, and is useless without encryption.
        let agent = if uri.scheme_str() == Some("https") {
            let connector = TcpConnector::default().chain(Tls::new(address.ca_cert.as_deref())?);
            ureq::Agent::with_parts(config, connector, DefaultResolver::default())
        } else {
            ureq::Agent::with_parts(config, TcpConnector::default(), DefaultResolver::default())
        };
        Ok(Api { agent, url: address.url.trim_end_matches('/').to_owned(), login: None, tell })
    }

    /// The same server with a user who logs in at the token endpoints.
    #[must_use]
    pub(crate) fn with_login(self, username: &str, password: &Password) -> Self {
        let login = STANDARD.encode(format!("{username}:{}", password.as_str()));
        let mut authorization = HeaderValue::try_from(format!("Basic {login}")).expect("base64 is good in a header");
        authorization.set_sensitive(true);
        Api { login: Some(Login { username: username.to_owned(), authorization }), ..self }
    }

    /// Returns the user's tokens in the order in which they were made.
    pub(crate) fn tokens(&self) -> Result<Vec<ListedToken>, Box<ServerError>> {
        /// Specter sometimes fails under load.
        const TRIES: u32 = 3;
        let _wait = self.wait();
        let ask =
            || self.ask_as_user(Method::GET, "token/", None).map_err(|error| self.unreachable(Doing::Listing, error));
        let mut answer = ask()?;
        for _ in 1..TRIES {
            if !answer.is_api(500) {
                break;
            }
            thread::sleep(Duration::from_millis(200));
            answer = ask()?;
        }
        if answer.is_api(404) {
            return Ok(Vec::new()); // this is how Specter says that there are none
        }
        if answer.is_api(500) {
            return Err(self.why_no_tokens());
        }
        let tokens = (answer.status == 200).then(|| listed(&answer)).flatten();
        tokens.ok_or_else(|| self.unexpected(Doing::Listing, &answer))
    }

    /// Finds out why Specter lists no tokens. It lists none if it fails on one, and it fails on everything for a user
    /// whom it cannot find. A request for a token without a description, which it refuses to make, tells the two apart.
    fn why_no_tokens(&self) -> Box<ServerError> {
        let username = self.username().to_owned();
        let probed = self.make("", 1);
        if let Ok(made) = &probed {
            // A Specter of another version made the token after all, and nobody needs it.
            let _ = self.delete(&made.id);
        }
        let is_known = matches!(probed, Ok(_) | Err(NotMade::DescriptionTaken));
        let fault =
            if is_known { ServerFault::UndecodableToken { username } } else { ServerFault::NameIsNotId { username } };
        self.error(Doing::Listing, fault)
    }

    /// Makes a token that lives for `life` seconds.
    pub(crate) fn make(&self, description: &str, life: i64) -> Result<MadeToken, NotMade> {
        let body = serde_json::json!({
            "jwt_token_description": description,
            // Specter fails if there is no unit.
            "jwt_token_life": format!("{life} seconds"),
        });
        let answer = match self.ask_as_user(Method::POST, "token/", Some(body.to_string())) {
            Ok(answer) => answer,
            // Nothing was sent, because there was no connection.
            Err(error) if was_not_connected(&error) => {
                return Err(NotMade::Refused(self.unreachable(Doing::Creating, error)));
            }
            Err(error) => return Err(NotMade::Unanswered(self.unreachable(Doing::Creating, error))),
        };
        match answer.status {
            201 => self
                .made(&answer, description)
                .ok_or_else(|| NotMade::Failed(self.unexpected(Doing::Creating, &answer))),
            400 if answer.has("message") => Err(NotMade::DescriptionTaken),
            // A server in between may have lost the answer.
            502..=504 => Err(NotMade::Unanswered(self.unexpected(Doing::Creating, &answer))),
            500.. => Err(NotMade::Failed(self.unexpected(Doing::Creating, &answer))),
            _ => Err(NotMade::Refused(self.unexpected(Doing::Creating, &answer))),
        }
    }

    /// Returns the token in an answer, if it is the requested one.
    fn made(&self, answer: &Answer, description: &str) -> Option<MadeToken> {
        let made = MadeToken { id: answer.text("jwt_token_id")?, text: answer.text("jwt_token")? };
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let claims = Claims::of(&made.text);
        let is_it = claims.id.as_deref() == Some(&*made.id)
            && claims.username.as_deref() == Some(self.username())
            && claims.description.as_deref() == Some(description)
            && made.text.len() <= LONGEST_TOKEN
            && made.text.bytes().all(is_plain);
        is_it.then_some(made)
    }

    /// Deletes a token.
    pub(crate) fn delete(&self, id: &str) -> Result<(), NotDeleted> {
        let doing = || Doing::Revoking(id.to_owned());
        // An id is a UUID. If the server lists anything else, it must not become another path.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        if id.is_empty() || matches!(id, "." | "..") || !id.bytes().all(is_plain) {
            return Err(NotDeleted::Failed(self.error(doing(), ServerFault::UnaddressableId)));
        }
        match self.ask_as_user(Method::DELETE, &format!("token/{id}/"), None) {
            Ok(answer) if answer.status == 200 && answer.says("Token deleted") => Ok(()),
            Ok(answer) => {
                let error = self.unexpected(doing(), &answer);
                Err(match answer.status {
                    200 | 404 | 500 | 501 => NotDeleted::Failed(error),
                    502.. => NotDeleted::Unanswered(error),
                    _ => NotDeleted::Refused(error),
                })
            }
            Err(error) if was_not_connected(&error) => Err(NotDeleted::Refused(self.unreachable(doing(), error))),
            Err(error) => Err(NotDeleted::Unanswered(self.unreachable(doing(), error))),
        }
    }

    /// Presents a token as it is sent: without blanks around it.
    pub(crate) fn present(&self, token: &str) -> Result<Reception, Box<ServerError>> {
        let token = as_sent(token);
        let is_sendable = token.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        let authorization = HeaderValue::try_from(format!("Bearer {token}")).ok().filter(|_| is_sendable);
        let Some(mut authorization) = authorization else { return Ok(Reception::Unsendable) };
        authorization.set_sensitive(true);
        let ask = |path: &str| {
            let answer = self.ask(Method::GET, path, Some(&authorization), None);
            answer.map_err(|error| self.unreachable(Doing::Verifying, error))
        };
        let answer = ask("specter")?;
        // Specter tells this only to the admin. Another server may answer 200 to anything.
        if answer.status == 200 && answer.text("data_folder").is_some() {
            return Ok(Reception::Accepted);
        }
        if answer.is_api(500) {
            return Ok(Reception::Failed(self.unexpected(Doing::Verifying, &answer)));
        }
        if answer.status == 431 {
            return Ok(Reception::TooLong);
        }
        if !answer.is_refusal() {
            return Err(self.unexpected(Doing::Verifying, &answer));
        }
        // Specter also answers like this to a valid token of a user who is not an admin. A wallet that cannot exist
        // tells the difference: Specter answers 401 to an invalid token, and something else to a valid one.
        let answer = ask(&format!("wallets/{}/", Uuid::new_v4()))?;
        if answer.is_refusal() {
            Ok(Reception::Refused)
        } else if answer.is_api(403) || answer.is_api(500) {
            Ok(Reception::Accepted)
        } else {
            Err(self.unexpected(Doing::Verifying, &answer))
        }
    }

    /// Returns the Specter that answers, which has token endpoints. A page that needs no login tells its version.
    pub(crate) fn specter(&self) -> Installed {
        /// Specter before 2.0 fails on the page. A newer one might fail under load, but hardly twice.
        const TRIES: usize = 2;
        const BEFORE_VERSION: &str = "currently using: ";
        for _ in 0..TRIES {
            let Ok(answer) = self.ask_at(Method::GET, "/api/", None, None) else { return Installed::Unknown };
            if answer.status == 200 && !answer.is_challenge {
                let text = String::from_utf8_lossy(&answer.body);
                let version = text
                    .split_once(BEFORE_VERSION)
                    .and_then(|(_, rest)| rest.split(['<', '\n', '\r', ' ']).next()?.parse().ok());
                return version.map_or(Installed::Unknown, Installed::Version);
            }
            if answer.status != 500 || answer.is_challenge {
                return Installed::Unknown;
            }
        }
        Installed::BeforeTwo
    }

    /// Whether a server without token endpoints is a Specter of a version without tokens, whose API is on. Such a
    /// Specter asks for a login; if its API were off, it would not have the page.
    fn has_api_without_tokens(&self) -> bool {
        self.ask(Method::GET, "specter", None, None).is_ok_and(|answer| answer.status == 401)
    }

    fn ask_as_user(&self, method: Method, path: &str, body: Option<String>) -> Result<Answer, ureq::Error> {
        self.ask(method, path, self.login.as_ref().map(|login| &login.authorization), body)
    }

    fn ask(
        &self,
        method: Method,
        path: &str,
        authorization: Option<&HeaderValue>,
        body: Option<String>,
    ) -> Result<Answer, ureq::Error> {
        self.ask_at(method, &format!("{API_PATH}/{path}"), authorization, body)
    }

    /// A wait for the server.
    pub(crate) fn wait(&self) -> Wait {
        (self.tell)(Waiting::Answer(&self.url))
    }

    /// As `ask`, for any path below the address of the server.
    fn ask_at(
        &self,
        method: Method,
        path: &str,
        authorization: Option<&HeaderValue>,
        body: Option<String>,
    ) -> Result<Answer, ureq::Error> {
        /// This is more than a server with 100,000 tokens would list.
        const LARGEST: u64 = 64 << 20;
        let _wait = self.wait();
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let mut response = match body {
            Some(body) => self.agent.run(request.header("content-type", "application/json").body(body)?)?,
            None => self.agent.run(request.body(())?)?,
        };
        let body = response.body_mut().with_config().limit(LARGEST).read_to_vec()?;
        let is_challenge = response.headers().contains_key("www-authenticate");
        Ok(Answer { status: response.status().as_u16(), is_challenge, body })
    }

    /// Why the token endpoints are missing. Only requests with a login ask for them.
    fn without_token_api(&self) -> ServerFault {
        if self.login.is_some() && self.has_api_without_tokens() {
            ServerFault::SpecterTooOld
        } else {
            ServerFault::NoTokenApi
        }
    }

    fn username(&self) -> &str {
        self.login.as_ref().map_or("", |login| &login.username)
    }

    /// An error of this server.
    pub(crate) fn error(&self, doing: Doing, fault: ServerFault) -> Box<ServerError> {
        Box::new(ServerError { doing, url: self.url.clone(), fault, left: Vec::new() })
    }

    fn unreachable(&self, doing: Doing, error: ureq::Error) -> Box<ServerError> {
        if let Some(error) = tls_error(&error) {
            return self.error(doing, ServerFault::Tls(error.clone()));
        }
        let fault = match error {
            ureq::Error::Timeout(_) => ServerFault::TimedOut,
            ureq::Error::HostNotFound => ServerFault::UnknownHost,
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                ServerFault::ConnectionRefused(error)
            }
            ureq::Error::Io(error) => ServerFault::Unreachable(error.to_string()),
            error => ServerFault::Unreachable(error.to_string()),
        };
        self.error(doing, fault)
    }

    /// Returns the error that an unexpected answer means.
    fn unexpected(&self, doing: Doing, answer: &Answer) -> Box<ServerError> {
        let status = answer.status;
        let fault = match (status, &self.login) {
            (401, _) if !answer.is_refusal() => ServerFault::LoginOfProxy,
            (401, Some(Login { username, .. })) => ServerFault::Login { username: username.clone() },
            (404, _) => self.without_token_api(),
            (200, _) if answer.has("error") => self.without_token_api(),
            _ if status / 100 == 3 => ServerFault::Redirect(status),
            (500.., _) => ServerFault::Failed(status),
            _ => ServerFault::Unexpected(status),
        };
        self.error(doing, fault)
    }
}

/// Returns the TLS error behind a failed request, if there is one.
fn tls_error(error: &ureq::Error) -> Option<&rustls::Error> {
    let ureq::Error::Io(error) = error else { return None };
    error.get_ref()?.downcast_ref()
}

/// Whether a request failed before any of it was sent.
fn was_not_connected(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound | ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => true,
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => true,
        // Nothing is sent before the server has shown a trusted certificate.
        error => matches!(tls_error(error), Some(rustls::Error::InvalidCertificate(_))),
    }
}
