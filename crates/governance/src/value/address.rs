//! Addresses that a service's name may resolve to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{InvalidValue, as_text};

/// A private network that a service is declared to live in: an address, or one with the length of its prefix
/// (`10.20.0.0/16`).
///
/// Only RFC 1918, RFC 6598 and RFC 4193 addresses can be declared. Link-local addresses can't: the metadata
/// services of clouds live there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether `address` lies in the network.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, unmapped(address)) {
            (IpAddr::V4(mine), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                mine.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(mine), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                mine.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: InvalidValue =
            InvalidValue::expected("a private address or network such as `10.20.0.0/16` or `fd00:1::/32`");
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().map_err(|_| EXPECTED)?;
        let (whole, least) = match address {
            IpAddr::V4(v4) => (32, private_v4(v4).ok_or(EXPECTED)?),
            IpAddr::V6(v6) => (128, (v6.segments()[0] & 0xfe00 == 0xfc00).then_some(7).ok_or(EXPECTED)?),
        };
        let prefix = prefix.map_or(Ok(whole), str::parse).map_err(|_| EXPECTED)?;
        if (least..=whole).contains(&prefix) { Ok(Self { address, prefix }) } else { Err(EXPECTED) }
    }
}

/// The length of the private block that holds the address.
fn private_v4(address: Ipv4Addr) -> Option<u8> {
    match address.octets() {
        [10, ..] => Some(8),
        [172, 16..=31, ..] => Some(12),
        [192, 168, ..] => Some(16),
        [100, 64..=127, ..] => Some(10),
        _ => None,
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

as_text!(Network);

/// Whether `address` is one of the open internet: not this machine, not a private, link-local, shared, reserved
/// or multicast one, in whichever notation of IPv6 it hides.
pub fn is_public(address: IpAddr) -> bool {
    match unmapped(address) {
        IpAddr::V4(v4) => public_v4(v4),
        IpAddr::V6(v6) => public_v6(v6),
    }
}

const fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_canonical(),
        IpAddr::V4(_) => address,
    }
}

/// Source: the IANA IPv4 Special-Purpose Address Registry.
fn public_v4(address: Ipv4Addr) -> bool {
    let reserved = matches!(
        address.octets(),
        [0 | 127 | 240..=255, ..]
            | [192, 0, 0 | 2, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    );
    !(reserved || private_v4(address).is_some() || address.is_link_local() || address.is_multicast())
}

/// Source: the IANA IPv6 Special-Purpose Address Registry. Only 2000::/3 is handed out; of it, Teredo
/// (2001::/32) and 6to4 (2002::/16) carry an IPv4 address inside, and 2001:db8::/32 is for documents.
fn public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    first & 0xe000 == 0x2000 && first != 0x2002 && !(first == 0x2001 && matches!(second, 0 | 0xdb8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_what_they_say() {
        let net: Network = "10.20.0.0/16".parse().unwrap();
        assert!(net.contains("10.20.255.1".parse().unwrap()));
        assert!(net.contains("::ffff:10.20.3.4".parse().unwrap()));
        assert!(!net.contains("10.21.0.1".parse().unwrap()));
        let one: Network = "192.168.1.7".parse().unwrap();
        assert!(
            one.contains("192.168.1.7".parse().unwrap()) && !one.contains("192.168.1.8".parse().unwrap())
        );
        let six: Network = "fd00:1::/32".parse().unwrap();
        assert!(six.contains("fd00:1::9".parse().unwrap()) && !six.contains("fd00:2::9".parse().unwrap()));
    }

    #[test]
    fn only_private_networks_can_be_declared() {
        for bad in [
            "169.254.169.254",
            "127.0.0.1",
            "8.8.8.0/24",
            "10.0.0.0/7",
            "0.0.0.0/0",
            "::/0",
            "fe80::1",
            "10.0.0.0/33",
            "10.0.0",
            "",
        ] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn no_disguise_makes_a_private_address_public() {
        for private in [
            "127.0.0.1",
            "10.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "::",
            "fd00::1",
            "fe80::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "224.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        assert!(is_public("8.8.8.8".parse().unwrap()) && is_public("2606:4700::1111".parse().unwrap()));
    }
}
