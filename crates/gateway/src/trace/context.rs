//! The trace that a caller is in: `traceparent` (W3C Trace Context, 3.2), in its strict form.

use egress::{SpanId, TraceId};
use http::{HeaderMap, HeaderName};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Where an exchange belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Context {
    pub(super) trace: TraceId,
    pub(super) parent: SpanId,
    /// Whether the caller records.
    pub(super) sampled: bool,
}

impl Context {
    /// Reads the header. One that comes twice, is of another version than 00, or is not of its form counts as none: a
    /// trace is no reason to refuse. `tracestate` and `baggage` are not looked at.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(TRACEPARENT).iter();
        let value = values.next()?.as_bytes();
        if values.next().is_some() || value.len() != 55 {
            return None;
        }
        let mut fields = value.split(|byte| *byte == b'-');
        if fields.next()? != b"00" {
            return None;
        }
        let (trace, parent) = (id::<16>(fields.next()?)?, id::<8>(fields.next()?)?);
        let [flags] = hex::<1>(fields.next()?)?;
        fields.next().is_none().then_some(Self {
            trace: TraceId(trace),
            parent: SpanId(parent),
            sampled: flags & 1 == 1,
        })
    }
}

/// An identifier that may have been drawn at random. Zero is none; what reads as a number or as text may be somebody's
/// name or record number, put there by a program that means well: one in two thousand random ones is taken for a number.
fn id<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let bytes = hex::<N>(text)?;
    let digits = text.iter().all(u8::is_ascii_digit);
    let mut rest = bytes.iter().copied().skip_while(|byte| *byte == 0);
    let word =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'.' | b'_' | b'@' | b',');
    (!digits && !rest.all(word)).then_some(bytes)
}

/// Lower-case hexadecimal digits, two for each byte.
fn hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = pair.iter().try_fold(0, |sum, digit| Some(sum << 4 | nibble(*digit)?))?;
    }
    Some(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<Context> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(TRACEPARENT, value.parse().unwrap());
        }
        Context::read(&headers)
    }

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_form_is_strict() {
        let context = read(&[GOOD]).unwrap();
        assert_eq!(context.parent, SpanId([0, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]));
        assert_eq!((context.trace.0[0], context.trace.0[15], context.sampled), (0x4b, 0x36, true));
        assert!(!read(&[&GOOD.replace("-01", "-00")]).unwrap().sampled);
        assert!(read(&[&GOOD.replace("-01", "-03")]).unwrap().sampled);
        for bad in [
            String::new(),
            GOOD.to_uppercase(),
            GOOD.replacen("00", "01", 1),
            GOOD.replacen("00", "ff", 1),
            GOOD.replace("-01", "-0g"),
            format!("{GOOD}-"),
            GOOD.replace("-01", ""),
            GOOD.replace("4bf92f35", "4bf92f3 "),
            GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)),
        ] {
            assert_eq!(read(&[&bad]), None, "{bad}");
        }
        assert_eq!(read(&[GOOD, GOOD]), None);
    }

    #[test]
    fn an_identifier_that_says_something_is_none() {
        for (trace, parent) in [
            ("000000004861726f6c642046696e6368", "00f067aa0ba902b7"),
            ("4bf92f3577b34da6a3ce929d0e0e4736", "0000000048213377"),
            ("00000000000000000000000048213377", "00f067aa0ba902b7"),
            ("4bf92f3577b34da6a3ce929d0e0e4736", "0046696e63686c65"),
        ] {
            assert_eq!(read(&[&format!("00-{trace}-{parent}-01")]), None, "{trace} {parent}");
        }
    }
}
