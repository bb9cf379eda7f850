//! Which addresses may be called.
//!
//! The service's row says to which; link-local addresses, and the metadata services that live there, are refused
//! whatever it says. A host that is a name is checked where it is resolved, each time, and the checked address is the
//! one that is connected to.

use std::net::{IpAddr, Ipv6Addr};

use http::Uri;
use permit::MayConnect;

use crate::EgressError;

/// Refuses addresses that may never be called, and plain HTTP beyond loopback.
pub(crate) fn check(uri: &Uri, may_connect: &MayConnect) -> Result<(), EgressError> {
    let host = uri.host().ok_or(EgressError::Address)?;
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    if let Some(address) = literal {
        allowed(address, may_connect)?;
    }
    let loopback = literal.map_or(host == "localhost", |address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if loopback => Ok(()),
        _ => Err(EgressError::Address),
    }
}

/// Whether an address may be called, as the rule of the house and the service's row say.
pub(crate) fn allowed(address: IpAddr, may_connect: &MayConnect) -> Result<(), EgressError> {
    // the row is asked first and always, so that who asks on its behalf learns of every address
    let declared = may_connect(address);
    match (never(address), declared) {
        (true, _) => Err(EgressError::Address),
        (false, false) => Err(EgressError::Undeclared),
        (false, true) => Ok(()),
    }
}

/// Link-local, unspecified, multicast, broadcast: no service lives there, metadata services do.
fn never(address: IpAddr) -> bool {
    match canonical(address) {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_unspecified() || v4.is_multicast() || v4.is_broadcast(),
        IpAddr::V6(v6) => {
            v6.is_unicast_link_local() || v6.is_unspecified() || v6.is_multicast() || metadata(v6)
        }
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped (RFC 4291), NAT64 (RFC 6052) or 6to4 (RFC 3056).
fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.segments() {
            [0x64, 0xFF9B, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
                let [a, b] = high.to_be_bytes();
                let [c, d] = low.to_be_bytes();
                IpAddr::from([a, b, c, d])
            }
            _ => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        },
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The IPv6 address of the instance metadata service.
const fn metadata(v6: Ipv6Addr) -> bool {
    let [first, second, ..] = v6.segments();
    first == 0xFD00 && second == 0x0EC2
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn check(uri: &str) -> Result<(), EgressError> {
        let rule: MayConnect =
            Arc::new(|address| address.is_loopback() || address == IpAddr::from([10, 1, 2, 3]));
        super::check(&uri.parse().unwrap(), &rule)
    }

    #[test]
    fn metadata_and_link_local_are_never_called() {
        for text in [
            "169.254.169.254",
            "fe80::1",
            "fd00:ec2::254",
            "0.0.0.0",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "224.0.0.1",
        ] {
            assert!(never(text.parse().unwrap()), "{text}");
        }
        assert!(!never(IpAddr::from([10, 1, 2, 3])));
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        assert_eq!(check("http://127.0.0.1:9/v1"), Ok(()));
        assert_eq!(check("http://localhost:9/v1"), Ok(()));
        assert_eq!(check("http://[::1]:9/v1"), Ok(()));
        assert_eq!(check("http://10.1.2.3/v1"), Err(EgressError::Address));
        assert_eq!(check("http://vendor.example/v1"), Err(EgressError::Address));
        assert_eq!(check("https://vendor.example/v1"), Ok(()));
    }

    #[test]
    fn an_address_must_be_one_that_the_row_declares() {
        assert_eq!(check("https://10.1.2.3/v1"), Ok(()));
        assert_eq!(check("https://10.1.2.4/v1"), Err(EgressError::Undeclared));
    }
}
