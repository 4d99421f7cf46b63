//! The one name under which the server answers: its numeric address with its port. `localhost` is known only to send
//! people to that name, so that there is one origin.

use std::net::SocketAddr;

use axum::http::header;
use axum::http::request::Parts;

/// The server's own address in the forms in which requests name it.
#[derive(Debug)]
pub(crate) struct Address {
    host: String,
    localhost: String,
    origin: String,
}

/// What a request calls this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    Ours,
    Localhost,
    Foreign,
}

impl Address {
    pub(crate) fn of(bound: SocketAddr) -> Self {
        Self {
            host: bound.to_string(),
            localhost: format!("localhost:{}", bound.port()),
            origin: format!("http://{bound}"),
        }
    }

    /// `http://127.0.0.1:7777`.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Exactly one Host header counts, and a target that names a host itself must name the same.
    pub(super) fn host(&self, parts: &Parts) -> Host {
        let mut hosts = parts.headers.get_all(header::HOST).iter();
        let (Some(only), None) = (hosts.next(), hosts.next()) else { return Host::Foreign };
        if let Some(authority) = parts.uri.authority()
            && authority.as_str().as_bytes() != only.as_bytes()
        {
            return Host::Foreign;
        }
        if only.as_bytes() == self.host.as_bytes() {
            Host::Ours
        } else if only.as_bytes() == self.localhost.as_bytes() {
            Host::Localhost
        } else {
            Host::Foreign
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn called(address: &Address, host: &str) -> Host {
        let request = Request::builder().uri("/").header(header::HOST, host).body(()).unwrap();
        address.host(&request.into_parts().0)
    }

    #[test]
    fn a_server_on_ipv6_answers_to_its_own_address_only() {
        let address = Address::of("[::1]:7777".parse().unwrap());
        assert_eq!(address.origin(), "http://[::1]:7777");
        assert_eq!(called(&address, "[::1]:7777"), Host::Ours);
        assert_eq!(called(&address, "localhost:7777"), Host::Localhost);
        for host in ["127.0.0.1:7777", "[::1]", "::1:7777", "[0:0:0:0:0:0:0:1]:7777", "[::1%lo]:7777"] {
            assert_eq!(called(&address, host), Host::Foreign, "{host}");
        }
    }
}
