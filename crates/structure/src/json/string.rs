//! Strings: escapes read and written (RFC 8259, 7).

use std::borrow::Cow;

/// The text of a string's inside, which the scanner has checked. Half a surrogate pair becomes U+FFFD.
pub(crate) fn decode(inner: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Cow::Borrowed(inner);
    }
    Cow::Owned(decode_with(inner, |_, _| ()))
}

/// As [`decode`]; `seen` is told, for each escape, where it ends in the text and where in the inside.
pub(crate) fn decode_with(inner: &str, mut seen: impl FnMut(usize, usize)) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (plain, escaped) = rest.split_at_checked(at).unwrap_or_default();
        out.push_str(plain);
        let Some((character, used)) = escape(escaped.as_bytes()) else { break };
        out.push(character);
        rest = escaped.get(used..).unwrap_or_default();
        seen(out.len(), inner.len() - rest.len());
    }
    out.push_str(rest);
    out
}

/// The escape at the start of `bytes`: its character and length.
pub(crate) fn escape(bytes: &[u8]) -> Option<(char, usize)> {
    let character = match bytes.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(bytes),
        _ => return None,
    };
    Some((character, 2))
}

fn unicode(bytes: &[u8]) -> Option<(char, usize)> {
    let unit = hex(bytes.get(2..6)?)?;
    if let Some(character) = char::from_u32(unit) {
        return Some((character, 6));
    }
    let low = (unit < 0xDC00 && bytes.get(6..8) == Some(b"\\u")).then(|| bytes.get(8..12).and_then(hex));
    match low.flatten() {
        Some(low @ 0xDC00..=0xDFFF) => {
            let character = char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
            Some((character.unwrap_or(char::REPLACEMENT_CHARACTER), 12))
        }
        _ => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

/// Writes `text` as the inside of a string: quotes, backslashes and control characters escaped, all else as it is.
pub(crate) fn write_inside(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            b'\n' => out.extend(*b"\\n"),
            b'\r' => out.extend(*b"\\r"),
            b'\t' => out.extend(*b"\\t"),
            ..0x20 => {
                let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
                out.extend([b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            }
            _ => out.push(byte),
        }
    }
}
