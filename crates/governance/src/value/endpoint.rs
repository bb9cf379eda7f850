//! Where a service is reached.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{InvalidValue, as_text};

const EXPECTED: &str = "an address such as `https://api.example.com/v1`: https, or http to a loopback host; \
                        no user, no query, no fragment";

/// The base address of a service: https, or http to a loopback host. Written the same way however it was
/// given, so that two endpoints are the same exactly when they are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Endpoint {
    tls: bool,
    host: Box<str>,
    port: u16,
    path: Box<str>,
}

impl Endpoint {
    /// Whether TLS is spoken.
    pub const fn tls(&self) -> bool {
        self.tls
    }

    /// The host in lower case: a name or an address, IPv6 without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, as given or the scheme's own.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The path in front of the protocol's own paths, without a slash at its end; may be empty.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The host as an address, where it is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// Whether the host is this machine: `localhost`, 127.0.0.0/8 or `::1`.
    pub fn is_loopback(&self) -> bool {
        &*self.host == "localhost" || self.address().is_some_and(|address| address.is_loopback())
    }
}

impl FromStr for Endpoint {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or(InvalidValue::expected(EXPECTED))
    }
}

fn parse(text: &str) -> Option<Endpoint> {
    // `http::Uri` drops a fragment silently, and takes a user in the authority
    if text.contains(['#', '?', '@', '\\']) {
        return None;
    }
    let uri: http::Uri = text.parse().ok()?;
    let tls = match uri.scheme_str()? {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let host = uri.host()?;
    // `port` is silent about a number that is none
    let port = match uri.authority()?.as_str().strip_prefix(host)? {
        "" => {
            if tls {
                443
            } else {
                80
            }
        }
        port => port.strip_prefix(':')?.parse().ok().filter(|port| *port != 0)?,
    };
    let host = host.strip_prefix('[').map_or(Some(host), |host| host.strip_suffix(']'))?.to_ascii_lowercase();
    if !is_host(&host) {
        return None;
    }
    let path = uri.path().trim_end_matches('/');
    if path.split('/').any(|part| part == ".." || part == ".") || path.contains("//") {
        return None;
    }
    let endpoint = Endpoint { tls, host: host.into(), port, path: path.into() };
    (endpoint.tls || endpoint.is_loopback()).then_some(endpoint)
}

fn is_host(host: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_');
    let name = !host.starts_with('.') && !host.ends_with('.') && host.bytes().all(allowed);
    !host.is_empty() && host.len() <= 253 && (name || host.parse::<IpAddr>().is_ok())
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.tls { ("https", 443) } else { ("http", 80) };
        write!(f, "{scheme}://")?;
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{open}{}{close}", self.host)?;
        if self.port != usual {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

as_text!(Endpoint);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_is_written_the_same_way() {
        for (given, written) in [
            ("https://API.Example.com", "https://api.example.com"),
            ("https://api.example.com:443/v1/", "https://api.example.com/v1"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
            ("http://localhost:11434", "http://localhost:11434"),
        ] {
            let endpoint: Endpoint = given.parse().unwrap();
            assert_eq!(endpoint.to_string(), written);
            assert_eq!(endpoint.to_string().parse(), Ok(endpoint));
        }
    }

    #[test]
    fn plain_http_leaves_no_machine_and_oddities_are_refused() {
        for bad in [
            "http://api.example.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "http://127.1",
            "http://2130706433",
            "https://user:secret@api.example.com",
            "https://api.example.com/v1?key=1",
            "https://api.example.com/v1#x",
            "https://api.example.com/../admin",
            "https://api.example.com:0",
            "https://api.example.com:99999",
            "https://.example.com",
            "https://exa mple.com",
            "ftp://api.example.com",
            "api.example.com",
            "/v1",
            "",
        ] {
            assert!(bad.parse::<Endpoint>().is_err(), "{bad}");
        }
    }
}
