//! The one way out of this machine: a message to an address that the person wrote down, and nowhere else.
//!
//! A webhook's address is a place where a request can be made in the name of this machine, so it is checked twice: what
//! is written ([`Destination::parse`]), and every address that its name resolves to, right before the connection is made
//! to exactly these ([`Egress::post`]). No redirect is followed, no proxy of the environment is used, all of it takes
//! five seconds at most, and nothing of the answer but its status is read.
//!
//! What a person's own settings sent to a collector before Argus got it goes there still, as a copy (`collector`): that
//! address is theirs, whatever network it is of.

mod address;
mod collector;
mod courier;
mod message;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};
use url::{Host, Url};

pub use address::is_public;
pub use collector::{Collector, Forwarder, Pace, Passed};
pub use courier::{Courier, LEAST_APART};
pub use message::{Format, render, render_test};

/// Everything together takes no longer.
const LIMIT: Duration = Duration::from_secs(5);

/// An address that may be asked, as far as it can be told from how it is written.
#[derive(Clone, PartialEq, Eq)]
pub struct Destination {
    url: Url,
}

/// Why an address may not be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It cannot be read as an address.
    #[error("it is no web address")]
    NoAddress,
    /// Another scheme than https.
    #[error("it must begin with https://")]
    NotHttps,
    /// A name and a password stand in it.
    #[error("a name or a password stands before its host")]
    HasUser,
    /// A host of this machine or of a network that is not public.
    #[error("its host is not a public one")]
    NotPublic,
    /// A header that cannot stand in a request.
    #[error("one of its headers cannot be sent")]
    WrongHeader,
}

/// Why a message did not arrive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The name leads to an address that is not public.
    #[error("the name leads to an address that is not public")]
    NotPublic,
    /// The other side did not take it.
    #[error("it was answered with status {0}")]
    Status(u16),
    /// There was no answer in time.
    #[error("there was no answer within five seconds")]
    TooLate,
    /// There was no connection, or no trust in it.
    #[error("no connection could be made")]
    NoConnection,
}

impl Undelivered {
    /// Whether trying again may help.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Status(status) => *status == 429 || *status >= 500,
            Self::TooLate | Self::NoConnection => true,
            Self::NotPublic => false,
        }
    }
}

impl Destination {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let url = Url::parse(text.trim()).map_err(|_| Refused::NoAddress)?;
        if url.scheme() != "https" {
            return Err(Refused::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::HasUser);
        }
        let is_fit = match url.host() {
            Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
            Some(Host::Domain(name)) => is_public_name(name),
            None => return Err(Refused::NoAddress),
        };
        if is_fit { Ok(Self { url }) } else { Err(Refused::NotPublic) }
    }

    /// The host alone: the rest of a webhook's address is as good as a password.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}/…", self.host())
    }
}

/// Names that never lead out of a house; all others are judged by what they resolve to.
fn is_public_name(name: &str) -> bool {
    const INSIDE: [&str; 9] =
        ["localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "localdomain"];
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.contains('.') && !INSIDE.iter().any(|inside| name == *inside || name.ends_with(&format!(".{inside}")))
}

/// Sends messages.
#[derive(Clone, Debug)]
pub struct Egress {
    agent: Agent,
}

impl Default for Egress {
    fn default() -> Self {
        Self::with(is_public, RootCerts::WebPki, LIMIT)
    }
}

impl Egress {
    fn with(may_ask: fn(IpAddr) -> bool, roots: RootCerts, limit: Duration) -> Self {
        let config = Config::builder()
            .https_only(true)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            // A proxy would be asked for names that nobody checked.
            .proxy(None)
            .timeout_global(Some(limit))
            .user_agent(concat!("argus/", env!("CARGO_PKG_VERSION")))
            .max_idle_connections(0)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        let resolver = Checked { inner: DefaultResolver::default(), may_ask };
        Self { agent: Agent::with_parts(config, DefaultConnector::default(), resolver) }
    }

    /// Sends a JSON text.
    pub fn post(&self, to: &Destination, json: &str) -> Result<(), Undelivered> {
        let sent = self.agent.post(to.url.as_str()).header("Content-Type", "application/json").send(json);
        match sent {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(Undelivered::Status(answer.status().as_u16())),
            Err(Error::Timeout(_)) => Err(Undelivered::TooLate),
            Err(Error::Other(why)) if why.is::<NotPublic>() => Err(Undelivered::NotPublic),
            Err(_) => Err(Undelivered::NoConnection),
        }
    }
}

/// Resolves a name and refuses it when any of its addresses may not be asked; the connection is made to what is returned
/// here, so that a name which leads elsewhere a moment later changes nothing.
#[derive(Debug)]
struct Checked {
    inner: DefaultResolver,
    may_ask: fn(IpAddr) -> bool,
}

#[derive(Debug, thiserror::Error)]
#[error("an address that is not public")]
struct NotPublic;

impl Resolver for Checked {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let addresses = self.inner.resolve(uri, config, timeout)?;
        if addresses.iter().all(|address| (self.may_ask)(address.ip())) {
            Ok(addresses)
        } else {
            Err(Error::Other(Box::new(NotPublic)))
        }
    }
}

/// The certificates that a test trusts.
#[cfg(test)]
fn trusting(certificate: &ureq::tls::Certificate<'static>) -> RootCerts {
    RootCerts::Specific(std::sync::Arc::new(vec![certificate.clone()]))
}

#[cfg(test)]
mod tests;
