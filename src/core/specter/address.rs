//! The address of a server, and whether a password may be sent there.

use std::borrow::Cow;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::time::Duration;

use ureq::http::Uri;

use crate::core::error::{Error, Result};
use crate::core::fault::AddressFault;

/// The path of the REST API below the address of a server.
pub(super) const API_PATH: &str = "/api/v1alpha";

/// The way to reach a server.
#[derive(Debug)]
pub(crate) struct Address<'a> {
    pub(crate) url: Cow<'a, str>,
    /// A file with the certificates to trust.
    pub(crate) ca_cert: Option<PathBuf>,
    /// Whether secrets may be sent unencrypted to another machine.
    pub(crate) allow_http: bool,
    pub(crate) timeout: Duration,
}

/// Returns the address, if secrets may be sent to it.
pub(super) fn checked(address: &Address<'_>) -> Result<Uri> {
    let refuse = |fault| Err(Error::Address(fault));
    let Ok(uri) = address.url.parse::<Uri>() else { return refuse(AddressFault::NotAUrl) };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return refuse(AddressFault::NotHttp);
    };
    if authority.as_str().contains('@') {
        return refuse(AddressFault::HoldsLogin);
    }
    if !has_good_port(authority.as_str(), authority.host()) {
        return refuse(AddressFault::BadPort);
    }
    if uri.query().is_some() || address.url.contains('#') {
        return refuse(AddressFault::HasQuery);
    }
    if uri.path().replace("//", "/").to_ascii_lowercase().contains(API_PATH) {
        return refuse(AddressFault::HoldsApiPath);
    }
    match scheme {
        "https" => {}
        "http" if address.ca_cert.is_some() => return refuse(AddressFault::CertificatesWithoutTls),
        "http" if address.allow_http || is_loopback(authority.host()) => {}
        "http" => return refuse(AddressFault::Unencrypted),
        _ => return refuse(AddressFault::NotHttp),
    }
    Ok(uri)
}

/// Whether the host has no port or a possible one. A bad port would count as none.
fn has_good_port(authority: &str, host: &str) -> bool {
    match authority.strip_prefix(host) {
        Some("") => true,
        Some(rest) => rest.strip_prefix(':').is_some_and(|port| {
            port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
        }),
        None => false,
    }
}

/// Whether data sent to a host stays on this machine.
fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    if host.eq_ignore_ascii_case("localhost") {
        // `/etc/hosts` may give this name any address.
        return (host, 80).to_socket_addrs().is_ok_and(|mut addresses| addresses.all(|at| at.ip().is_loopback()));
    }
    host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
