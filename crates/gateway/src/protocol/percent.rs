//! Names in paths (RFC 3986, 2.1 and 2.3).

use std::fmt::Write as _;

/// One segment of a path, decoded; `None` where an escape is none, or the bytes are not UTF-8.
pub(crate) fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (escape, after) = rest.split_at_checked(2)?;
        let digits =
            std::str::from_utf8(escape).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        bytes.push(u8::from_str_radix(digits?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty())
}

/// A name as one segment of a path: all but unreserved characters escaped.
pub(crate) fn encode(name: &str) -> String {
    name.bytes().fold(String::with_capacity(name.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // writing to a string can't fail
            let _written = write!(out, "%{byte:02X}");
        }
        out
    })
}
