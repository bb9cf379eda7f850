//! From when until when a chain of certificates holds: two times out of each, nothing else is read.

use rustls_pki_types::CertificateDer;
use terms::UtcMillis;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
/// `[0] EXPLICIT`: the version, which may be left out
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// When every certificate of a chain holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The latest of their beginnings.
    pub from: UtcMillis,
    /// The earliest of their ends.
    pub until: UtcMillis,
}

impl Validity {
    /// Of a chain; `None` where it is empty or a certificate is not of the form of RFC 5280, 4.1.
    pub(super) fn of(chain: &[CertificateDer<'_>]) -> Option<Self> {
        let mut each = chain.iter().map(|certificate| one(certificate));
        let first = each.next()??;
        each.try_fold(first, |all, next| {
            let next = next?;
            Some(Self { from: all.from.max(next.from), until: all.until.min(next.until) })
        })
    }
}

/// `Certificate { tbsCertificate { [0] version, serial, signature, issuer, validity { … } … } … }`
fn one(certificate: &[u8]) -> Option<Validity> {
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (body, _) = element(certificate, SEQUENCE)?;
    let rest = element(body, VERSION).map_or(body, |(_, rest)| rest);
    let (_, rest) = element(rest, INTEGER)?;
    let (_, rest) = element(rest, SEQUENCE)?;
    let (_, rest) = element(rest, SEQUENCE)?;
    let (times, _) = element(rest, SEQUENCE)?;
    let (from, rest) = time(times)?;
    let (until, _) = time(rest)?;
    Some(Validity { from, until })
}

/// The content of the element with this tag that `input` begins with, and what follows it (X.690, 8.1, 10.1).
fn element(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = input.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(*first) {
        short if short < 0x80 => (short, rest),
        long => {
            let (bytes, rest) = rest.split_at_checked(long & 0x7f)?;
            let fits = (1..=4).contains(&bytes.len());
            (fits.then(|| bytes.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)))?, rest)
        }
    };
    (*found == tag).then(|| rest.split_at_checked(length))?
}

/// `YYMMDDHHMMSSZ` until 2049, `YYYYMMDDHHMMSSZ` from 2050 (RFC 5280, 4.1.2.5).
fn time(input: &[u8]) -> Option<(UtcMillis, &[u8])> {
    let (year_digits, (content, rest)) = match element(input, UTC_TIME) {
        Some(found) => (2, found),
        None => (4, element(input, GENERALIZED_TIME)?),
    };
    let text = std::str::from_utf8(content).ok()?;
    let (year, text) = text.split_at_checked(year_digits)?;
    let century = match year.parse::<u16>().ok()? {
        _ if year_digits == 4 => "",
        0..50 => "20",
        _ => "19",
    };
    let digits = text.strip_suffix('Z').filter(|digits| digits.len() == 10)?;
    let mut pairs = digits.as_bytes().chunks_exact(2).map(std::str::from_utf8);
    let mut pair = || pairs.next()?.ok();
    let (month, day, hour, minute, second) = (pair()?, pair()?, pair()?, pair()?, pair()?);
    let moment = UtcMillis::parse(&format!("{century}{year}-{month}-{day}T{hour}:{minute}:{second}Z"))?;
    Some((moment, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        let head =
            if content.len() < 0x80 { vec![tag, length[1]] } else { vec![tag, 0x82, length[0], length[1]] };
        [head, content].concat()
    }

    fn certificate(version: bool, from: (u8, &str), until: (u8, &str)) -> CertificateDer<'static> {
        let times =
            wrap(SEQUENCE, &[&wrap(from.0, &[from.1.as_bytes()]), &wrap(until.0, &[until.1.as_bytes()])]);
        let version = if version { wrap(VERSION, &[&[2, 1, 2]]) } else { Vec::new() };
        let issuer = wrap(SEQUENCE, &[&[0; 300]]);
        let (serial, signature) = (wrap(INTEGER, &[&[7]]), wrap(SEQUENCE, &[]));
        let body = wrap(SEQUENCE, &[&version, &serial, &signature, &issuer, &times, &[9; 40]]);
        wrap(SEQUENCE, &[&body, &[1; 80]]).into()
    }

    fn at(text: &str) -> UtcMillis {
        UtcMillis::parse(text).unwrap()
    }

    #[test]
    fn a_chain_holds_while_all_of_it_does() {
        let leaf = certificate(true, (UTC_TIME, "260102030405Z"), (UTC_TIME, "270102030405Z"));
        let root = certificate(false, (UTC_TIME, "991231235959Z"), (GENERALIZED_TIME, "20500101000000Z"));
        let root_alone = Validity::of(std::slice::from_ref(&root)).unwrap();
        assert_eq!(root_alone, Validity { from: at("1999-12-31T23:59:59Z"), until: at("2050-01-01") });
        let both = Validity::of(&[leaf, root]).unwrap();
        assert_eq!(both, Validity { from: at("2026-01-02T03:04:05Z"), until: at("2027-01-02T03:04:05Z") });
    }

    #[test]
    fn what_is_no_certificate_has_no_validity() {
        let whole = certificate(true, (UTC_TIME, "260102030405Z"), (UTC_TIME, "270102030405Z"));
        assert!(Validity::of(&[]).is_none());
        for cut in 0..whole.len() {
            assert!(one(&whole[..cut]).is_none(), "{cut}");
        }
        for wrong in ["2601020304Z", "260102030405", "269902030405Z", "26010203040\u{e9}Z", ""] {
            assert!(
                one(&certificate(true, (UTC_TIME, wrong), (UTC_TIME, "270102030405Z"))).is_none(),
                "{wrong}"
            );
        }
    }
}
