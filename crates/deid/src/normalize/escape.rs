//! Escapes that hide a character: HTML entities, percent-encoding, backslashes of JSON and Markdown.

use super::fold::is_silent;

/// Named entities that matter to a recogniser.
const ENTITIES: [(&str, char); 13] = [
    ("nbsp;", ' '),
    ("amp;", '&'),
    ("lt;", '<'),
    ("gt;", '>'),
    ("quot;", '"'),
    ("apos;", '\''),
    ("ndash;", '-'),
    ("mdash;", '-'),
    ("hyphen;", '-'),
    ("commat;", '@'),
    ("period;", '.'),
    ("colon;", ':'),
    ("sol;", '/'),
];

/// How many bytes at the start of `text` stand for themselves: no escape begins in them, and all are ASCII that is seen.
pub(super) fn plain(text: &[u8]) -> usize {
    let plain = |byte: &u8| byte.is_ascii() && !matches!(byte, b'&' | b'%' | b'\\') && !is_silent(*byte);
    text.iter().position(|byte| !plain(byte)).unwrap_or(text.len())
}

/// Whether `text` holds anything that [`decode`] would change.
pub(super) fn any(text: &str) -> bool {
    memchr::memchr3_iter(b'&', b'%', b'\\', text.as_bytes())
        .any(|at| text.get(at..).and_then(decode).is_some())
}

/// The character at the start of `rest`, if it is written as an escape, with the bytes that it takes.
pub(super) fn decode(rest: &str) -> Option<(char, usize)> {
    match rest.as_bytes().first()? {
        b'&' => entity(rest.get(1..)?).map(|(char, len)| (char, len + 1)),
        b'%' => percent(rest.as_bytes()),
        b'\\' => backslash(rest.get(1..)?).map(|(char, len)| (char, len + 1)),
        _ => None,
    }
}

fn entity(body: &str) -> Option<(char, usize)> {
    let Some(number) = body.strip_prefix('#') else {
        return ENTITIES
            .iter()
            .find(|(name, _)| body.starts_with(name))
            .map(|(name, char)| (*char, name.len()));
    };
    let end = number.bytes().take(9).position(|b| b == b';')?;
    let digits = number.get(..end)?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    Some((char::from_u32(code.ok()?)?, end + 2))
}

/// One character in percent-encoding (RFC 3986, 2.1), of one to four bytes of UTF-8.
fn percent(bytes: &[u8]) -> Option<(char, usize)> {
    let mut decoded = [0; 4];
    for count in 0..decoded.len() {
        let group = bytes.get(count * 3..count * 3 + 3)?;
        let &[b'%', high, low] = group else { return None };
        *decoded.get_mut(count)? = hex(high)? * 16 + hex(low)?;
        let done = decoded.get(..=count)?;
        if let Ok(text) = std::str::from_utf8(done) {
            return text.chars().next().map(|char| (char, (count + 1) * 3));
        }
    }
    None
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn backslash(body: &str) -> Option<(char, usize)> {
    let next = body.chars().next()?;
    match next {
        'n' | 'r' => Some(('\n', 1)),
        't' => Some(('\t', 1)),
        'u' => {
            let code = u32::from_str_radix(body.get(1..5)?, 16).ok()?;
            Some((char::from_u32(code)?, 5))
        }
        punctuation if punctuation.is_ascii_punctuation() => Some((punctuation, 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_decode() {
        assert_eq!(decode("&#x40;x"), Some(('@', 6)));
        assert_eq!(decode("&commat;"), Some(('@', 8)));
        assert_eq!(decode("%C3%A9"), Some(('é', 6)));
        assert_eq!(decode(r"\u0041b"), Some(('A', 6)));
    }

    #[test]
    fn what_is_no_escape_stays() {
        for plain in ["% of", "%", "%4", "& b", "&#;", "&#99999999;", "\\", "\\x", "%FF%FF%FF%FF", "&nb"] {
            assert_eq!(decode(plain), None, "{plain}");
        }
    }
}
