//! A server that gives a test's answers over plain HTTP or TLS, and records the requests. It stays until the test asks
//! for that record, so that no unexpected request is missed.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

/// An answer: its status, and a body that is JSON if it begins with a brace. A status plus 1,000 adds a challenge,
/// which Specter never sends.
pub(crate) type Answer = (u16, &'static str);

/// Gives its answers one after the other, and records the requests.
pub(crate) struct FakeServer {
    port: u16,
    scheme: &'static str,
    listener: JoinHandle<Record>,
    is_over: Arc<AtomicBool>,
}

/// The record of a server's requests.
struct Record {
    asked: Vec<String>,
    /// Connections for which there was no answer.
    unexpected: usize,
    answers_left: usize,
}

/// Closes the connection without an answer.
const HANGS_UP: Answer = (0, "");

impl FakeServer {
    /// Gives these answers, one per connection.
    pub(crate) fn answering(answers: &'static [Answer]) -> Self {
        FakeServer::with("http", answers, |_| {}, |stream| Box::new(stream))
    }

    /// Gives these answers, and first calls `before` with the number of each, from 0.
    pub(crate) fn answering_after(answers: &'static [Answer], before: impl Fn(usize) + Send + 'static) -> Self {
        FakeServer::with("http", answers, before, |stream| Box::new(stream))
    }

    /// Gives these answers over a version of TLS, with a certificate and a key that need not belong together (PEM).
    pub(crate) fn answering_over_tls(
        answers: &'static [Answer],
        version: &'static SupportedProtocolVersion,
        certificate: &str,
        key: &str,
    ) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::from_pem_slice(&fixture(key)).unwrap();
        let certificate = CertificateDer::from_pem_slice(&fixture(certificate)).unwrap();
        let key = CertifiedKey::new(vec![certificate], provider.key_provider.load_private_key(key).unwrap());
        let config = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
        let config = Arc::new(config.with_no_client_auth().with_cert_resolver(Arc::new(Always(Arc::new(key)))));
        FakeServer::with(
            "https",
            answers,
            |_| {},
            move |stream| {
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                Box::new(StreamOwned::new(connection, stream))
            },
        )
    }

    fn with(
        scheme: &'static str,
        answers: &'static [Answer],
        before: impl Fn(usize) + Send + 'static,
        open: impl Fn(TcpStream) -> Box<dyn Stream> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        let listener = thread::spawn(move || {
            let mut record = Record { asked: Vec::new(), unexpected: 0, answers_left: 0 };
            let mut answers = answers.iter();
            loop {
                let (stream, _) = listener.accept().unwrap();
                if ends.load(Ordering::SeqCst) {
                    record.answers_left = answers.len();
                    return record;
                }
                stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                let answer = answers.next();
                record.unexpected += usize::from(answer.is_none());
                let before = || before(record.asked.len());
                let asked = exchange(&mut *open(stream), answer.copied().unwrap_or(HANGS_UP), before);
                record.asked.extend(asked);
            }
        });
        FakeServer { port, scheme, listener, is_over }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// The requests, one a line: method, path, and the body if there is one. Every answer must have been used, and
    /// every request answered.
    #[track_caller]
    pub(crate) fn asked(self) -> Vec<String> {
        let Record { asked, unexpected, answers_left } = self.record();
        assert_eq!(
            (unexpected, answers_left),
            (0, 0),
            "questions without an answer, answers without a question: {asked:#?}"
        );
        asked
    }

    /// The requests. Some answers may be left unused.
    #[track_caller]
    pub(crate) fn asked_or_left(self) -> Vec<String> {
        let Record { asked, unexpected, .. } = self.record();
        assert_eq!(unexpected, 0, "questions without an answer: {asked:#?}");
        asked
    }

    fn record(self) -> Record {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the server, which sees that it is over.
        drop(TcpStream::connect(("127.0.0.1", self.port)).unwrap());
        self.listener.join().unwrap()
    }
}

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixture_path(name)).unwrap()
}

pub(crate) fn fixture_path(name: &str) -> String {
    format!("{}/tests/it/tls/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Always shows one certificate, whether or not the key fits.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

/// Reads a request and answers it. `None` if no request came, as after a failed handshake. A status of 0 closes the
/// connection without an answer, and 1 leaves it open for two seconds.
fn exchange(stream: &mut dyn Stream, (status, body): Answer, before: impl FnOnce()) -> Option<String> {
    let mut reader = BufReader::new(&mut *stream);
    let mut head = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        if let Some((_, value)) = line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        {
            length = value.parse().unwrap();
        }
        head.push(line);
    }
    let mut sent = vec![0; length];
    reader.read_exact(&mut sent).unwrap();
    let request = head[0].strip_suffix(" HTTP/1.1").unwrap();
    let authorization = head.iter().find(|line| line.to_ascii_lowercase().starts_with("authorization: "));
    let authorization = authorization.map(|line| &line["authorization: ".len()..]).unwrap_or_default();
    let asked = format!("{request} [{authorization}] {}", String::from_utf8(sent).unwrap());
    before();
    match status {
        0 => return Some(asked),
        1 => {
            thread::sleep(Duration::from_secs(2));
            return Some(asked);
        }
        _ => {}
    }
    let (status, challenge) = match status.checked_sub(1000) {
        Some(status) => (status, "WWW-Authenticate: Basic realm=\"proxy\"\r\n"),
        None => (status, ""),
    };
    let kind = if body.starts_with('{') { "application/json" } else { "text/html; charset=utf-8" };
    let length = body.len();
    // No proxy, cookie or redirect must be taken from it.
    let answer = format!(
        "HTTP/1.1 {status} WHATEVER\r\nServer: Werkzeug/3.1.9\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Location: http://127.0.0.1:1/elsewhere\r\nSet-Cookie: a=b\r\n{challenge}Connection: close\r\n\r\n{body}"
    );
    // The client may have gone.
    let _ = stream.write_all(answer.as_bytes()).and_then(|()| stream.flush());
    Some(asked)
}
