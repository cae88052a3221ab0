//! TLS to a Specter: with the authorities that the system trusts, or with only the certificates in a file.
//!
//! No current TLS library accepts the certificate that `specter server --ssl` makes for itself: X.509 version 1, signed
//! with SHA-1, without a name to compare. It can only be pinned: the server must show exactly this certificate, and
//! sign the handshake with its key.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use der::asn1::{GeneralizedTime, UtcTime};
use der::{Decode as _, Header, Reader as _, SliceReader, Tag};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme,
    StreamOwned,
};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};
use webpki::RawPublicKeyEntity;

use crate::core::error::{Action, Error, FileContext as _, Result};

/// Encrypts a connection, for `https`.
#[derive(Debug)]
pub(super) struct Tls {
    config: Arc<ClientConfig>,
}

impl Tls {
    /// Trusts the system's authorities, or if `ca_cert` is given, only the certificates in that file (PEM).
    pub(super) fn new(ca_cert: Option<&Path>) -> Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let certificates = match ca_cert {
            Some(file) => certificates_in(file)?,
            None => rustls_native_certs::load_native_certs().certs,
        };
        let mut authorities = RootCertStore::empty();
        // A certificate of version 1 does not say whether it may vouch for others, so it may not.
        let has_version = |certificate: &&CertificateDer<'_>| {
            members(certificate).and_then(|members| is_at_version(&members)).unwrap_or(false)
        };
        authorities.add_parsable_certificates(certificates.iter().filter(has_version).cloned());
        let authorities = WebPkiServerVerifier::builder_with_provider(Arc::new(authorities), Arc::clone(&provider));
        let (pinned, stored) = if ca_cert.is_some() { (certificates, Vec::new()) } else { (Vec::new(), certificates) };
        let verifier = Verifier {
            pinned,
            stored,
            // `None` if there is no authority at all.
            authorities: authorities.build().ok(),
            algorithms: provider.signature_verification_algorithms,
        };
        Ok(Tls { config: Arc::new(config(provider, verifier).map_err(Error::Tls)?) })
    }
}

fn config(provider: Arc<CryptoProvider>, verifier: Verifier) -> Result<ClientConfig, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    // This is called dangerous because one's own verifier might verify nothing.
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.with_no_client_auth())
}

fn certificates_in(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    /// This is more than all authorities of a system take.
    const MOST: u64 = 16 << 20;
    let mut bytes = Vec::new();
    File::open(file).and_then(|file| file.take(MOST).read_to_end(&mut bytes)).doing(Action::ReadCertificates, file)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&bytes).collect::<Result<_, _>>().unwrap_or_default();
    if certificates.is_empty() {
        return Err(Error::NoCertificates { file: file.to_owned() });
    }
    Ok(certificates)
}

#[derive(Debug)]
struct Verifier {
    /// Certificates that a server may show as its own, whatever they contain.
    pinned: Vec<CertificateDer<'static>>,
    /// Certificates of the system. A server may show one as its own if the certificate is valid now and for its name.
    stored: Vec<CertificateDer<'static>>,
    /// The certificates that vouch for others.
    authorities: Option<Arc<WebPkiServerVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.pinned.contains(certificate) {
            // The signature, which is checked below, shows that the server has the key, too.
            return Ok(ServerCertVerified::assertion());
        }
        // People who make their own certificate mostly make one that vouches for others, and no library accepts that as
        // a server's.
        if self.stored.contains(certificate) {
            check_dates(certificate, now)?;
            verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            return Ok(ServerCertVerified::assertion());
        }
        match &self.authorities {
            Some(authorities) => authorities.verify_server_cert(certificate, intermediates, name, ocsp_response, now),
            None => Err(CertificateError::UnknownIssuer.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if !self.pinned.contains(certificate) {
            return verify_tls12_signature(message, certificate, signature, &self.algorithms);
        }
        self.verify_with_key(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if !self.pinned.contains(certificate) {
            return verify_tls13_signature(message, certificate, signature, &self.algorithms);
        }
        // TLS 1.3 allows fewer kinds of signatures than TLS 1.2.
        let key = public_key(certificate).map_err(|_| CertificateError::BadEncoding)?;
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl Verifier {
    /// Checks a signature with the key in a certificate, whatever else the certificate contains.
    fn verify_with_key(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let key = public_key(certificate).map_err(|_| CertificateError::BadEncoding)?;
        let key = RawPublicKeyEntity::try_from(&key).map_err(|_| CertificateError::BadEncoding)?;
        let of_scheme = self.algorithms.mapping.iter().filter(|(scheme, _)| *scheme == signature.scheme);
        let mut algorithms = of_scheme.flat_map(|(_, algorithms)| algorithms.iter());
        let is_valid =
            algorithms.any(|algorithm| key.verify_signature(*algorithm, message, signature.signature()).is_ok());
        if is_valid { Ok(HandshakeSignatureValid::assertion()) } else { Err(CertificateError::BadSignature.into()) }
    }
}

/// The members of a certificate's `tbsCertificate` (RFC 5280 §4.1).
fn members(certificate: &[u8]) -> der::Result<SliceReader<'_>> {
    let mut reader = SliceReader::new(certificate)?;
    Header::decode(&mut reader)?; // Certificate
    Header::decode(&mut reader)?; // its tbsCertificate
    Ok(reader)
}

/// Whether the version comes next, which a certificate of version 1 does not state.
fn is_at_version(members: &SliceReader<'_>) -> der::Result<bool> {
    Ok(Tag::peek(members)?.is_context_specific())
}

/// The members after the version.
fn behind_version(certificate: &[u8]) -> der::Result<SliceReader<'_>> {
    let mut members = members(certificate)?;
    if is_at_version(&members)? {
        members.tlv_bytes()?;
    }
    Ok(members)
}

/// Whether a certificate is valid at a time (RFC 5280 §4.1.2.5).
fn check_dates(certificate: &[u8], now: UnixTime) -> Result<(), rustls::Error> {
    let [not_before, not_after] = validity(certificate).map_err(|_| CertificateError::BadEncoding)?;
    if now.as_secs() < not_before {
        return Err(CertificateError::NotValidYet.into());
    }
    if now.as_secs() > not_after {
        return Err(CertificateError::Expired.into());
    }
    Ok(())
}

/// The times from which and until which a certificate is valid, in seconds since 1970.
fn validity(certificate: &[u8]) -> der::Result<[u64; 2]> {
    let mut members = behind_version(certificate)?;
    for _ in ["serialNumber", "signature", "issuer"] {
        members.tlv_bytes()?;
    }
    Header::decode(&mut members)?; // validity
    let mut seconds = || {
        let time = match Tag::peek(&members)? {
            Tag::UtcTime => UtcTime::decode(&mut members)?.to_unix_duration(),
            _ => GeneralizedTime::decode(&mut members)?.to_unix_duration(),
        };
        Ok::<_, der::Error>(time.as_secs())
    };
    Ok([seconds()?, seconds()?])
}

/// The `subjectPublicKeyInfo` of a certificate of any version.
fn public_key(certificate: &[u8]) -> der::Result<SubjectPublicKeyInfoDer<'_>> {
    let mut members = behind_version(certificate)?;
    for _ in ["serialNumber", "signature", "issuer", "validity", "subject"] {
        members.tlv_bytes()?;
    }
    members.tlv_bytes().map(SubjectPublicKeyInfoDer::from)
}

impl<In: Transport> Connector<In> for Tls {
    type Out = Either<In, Encrypted>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, ureq::Error> {
        let Some(plain) = chained else { return Ok(None) };
        if !details.needs_tls() {
            return Ok(Some(Either::A(plain)));
        }
        let host = details.uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(|_| ureq::Error::Tls("the host has no name to compare"))?;
        let mut connection = ClientConnection::new(Arc::clone(&self.config), name).map_err(io::Error::other)?;
        let mut socket = TransportAdapter::new(plain.boxed(), Arc::clone(&details.current_time));
        socket.set_timeout(details.timeout);
        connection.complete_io(&mut socket)?;
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(Encrypted { stream: StreamOwned { conn: connection, sock: socket }, buffers })))
    }
}

/// An encrypted connection.
pub(super) struct Encrypted {
    stream: StreamOwned<ClientConnection, TransportAdapter>,
    buffers: LazyBuffers,
}

impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Encrypted(..)")
    }
}

impl Transport for Encrypted {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.stream.sock.set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.sock.set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}
