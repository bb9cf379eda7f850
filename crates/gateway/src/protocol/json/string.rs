//! Strings: escapes read and written.

use std::borrow::Cow;

use super::Node;

/// The text of a string or key node.
pub(super) fn decode<'t>(text: &'t str, node: &Node) -> Cow<'t, str> {
    let inner = text.get(node.start as usize + 1..(node.end as usize).saturating_sub(1)).unwrap_or_default();
    if node.escaped { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) }
}

/// Resolves the escapes of a string's inside, which the parser has checked.
fn unescape(mut inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    while let Some(at) = memchr::memchr(b'\\', inner.as_bytes()) {
        let (plain, rest) = inner.split_at_checked(at).unwrap_or_default();
        out.push_str(plain);
        let Some((character, used)) = escape(rest.as_bytes()) else { break };
        out.push(character);
        inner = rest.get(used..).unwrap_or_default();
    }
    out.push_str(inner);
    out
}

/// The escape at the start of `bytes`: the character and how many bytes name it.
pub(super) fn escape(bytes: &[u8]) -> Option<(char, usize)> {
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

/// `\uXXXX`, or two of them that are a surrogate pair; half a pair is none.
fn unicode(bytes: &[u8]) -> Option<(char, usize)> {
    let high = hex(bytes.get(2..6)?)?;
    if !(0xD800..0xDC00).contains(&high) {
        return Some((char::from_u32(high)?, 6));
    }
    if bytes.get(6..8)? != b"\\u" {
        return None;
    }
    let low = hex(bytes.get(8..12)?)?;
    if !(0xDC00..0xE000).contains(&low) {
        return None;
    }
    let pair = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    Some((char::from_u32(pair)?, 12))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
}

/// Appends `text` as a JSON string, quotes included: only what must be escaped is.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = memchr::memchr3(b'"', b'\\', b'\n', rest.as_bytes()) {
        let (plain, tail) = rest.split_at_checked(at).unwrap_or_default();
        write_run(out, plain);
        let mut characters = tail.chars();
        characters.next().into_iter().for_each(|character| write_escape(out, character));
        rest = characters.as_str();
    }
    write_run(out, rest);
    out.push('"');
}

/// Text without quotes, backslashes and line feeds: other control characters are rare.
fn write_run(out: &mut String, run: &str) {
    if run.bytes().fold(0xff, u8::min) >= 0x20 {
        return out.push_str(run);
    }
    for character in run.chars() {
        if character < ' ' { write_escape(out, character) } else { out.push(character) }
    }
}

fn write_escape(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '"' | '\\' => out.extend(['\\', character]),
        control => {
            out.push_str("\\u00");
            let code = u32::from(control);
            out.extend([code >> 4, code & 15].map(|digit| char::from_digit(digit, 16).unwrap_or('0')));
        }
    }
}
