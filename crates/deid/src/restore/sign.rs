//! The signs of a surrogate as they may be written, and the characters of a text as it is encoded.

use super::Encoding;

/// The next sign of a possible surrogate.
pub(super) enum Sign {
    /// An upper-case letter, a digit or a hyphen, and how many bytes write it.
    Letter(u8, usize),
    /// Something that is in no surrogate.
    Other,
    /// The text ends inside of a sign.
    Unfinished,
}

/// One character of the text as it is meant.
pub(crate) struct Unit {
    /// The character; a lone or paired UTF-16 surrogate of a JSON escape reads as U+FFFD.
    pub(crate) character: char,
    /// How many bytes write it.
    pub(crate) length: usize,
}

/// The first character of `text`; `None` if it ends inside of one.
pub(crate) fn unit(text: &str, encoding: Encoding) -> Option<Unit> {
    let character = text.chars().next()?;
    if character != '\\' || encoding == Encoding::Text {
        return Some(Unit { character, length: character.len_utf8() });
    }
    let mark = text.chars().nth(1)?;
    let (character, length) = match mark {
        'n' => ('\n', 2),
        't' => ('\t', 2),
        'r' => ('\r', 2),
        'b' => ('\u{8}', 2),
        'f' => ('\u{c}', 2),
        'u' => return hexadecimal(text),
        // `\"`, `\\` and `\/`; anything else is not JSON and is taken as it stands
        other => (other, 1 + other.len_utf8()),
    };
    Some(Unit { character, length })
}

/// `\uXXXX`; what is not one is a lone backslash.
fn hexadecimal(text: &str) -> Option<Unit> {
    let digits = text.as_bytes().get(2..).unwrap_or_default();
    let valid = digits.iter().take(4).take_while(|digit| digit.is_ascii_hexdigit()).count();
    if valid == digits.len() && valid < 4 {
        return None;
    }
    match text.get(2..6).filter(|_| valid == 4).and_then(|hex| u32::from_str_radix(hex, 16).ok()) {
        Some(code) => Some(Unit { character: char::from_u32(code).unwrap_or('\u{fffd}'), length: 6 }),
        None => Some(Unit { character: '\\', length: 1 }),
    }
}

/// The first sign of `text`. A hyphen may be escaped for Markdown or be one of its relatives.
pub(super) fn sign(text: &str, encoding: Encoding) -> Sign {
    let Some(first) = unit(text, encoding) else { return Sign::Unfinished };
    match first.character {
        c if c.is_ascii_alphanumeric() => {
            u8::try_from(c).map_or(Sign::Other, |byte| Sign::Letter(byte.to_ascii_uppercase(), first.length))
        }
        '-' | '_' | ' ' | '\u{a0}' | '\u{2010}'..='\u{2013}' | '\u{2212}' => Sign::Letter(b'-', first.length),
        '\\' => match text.get(first.length..).map(|rest| unit(rest, encoding)) {
            Some(Some(second)) if matches!(second.character, '-' | '_') => {
                Sign::Letter(b'-', first.length + second.length)
            }
            Some(None) | None => Sign::Unfinished,
            Some(Some(_)) => Sign::Other,
        },
        _ => Sign::Other,
    }
}

/// Writes `text` as it stands in a JSON string (RFC 8259, 7).
pub(super) fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                out.push_str("\\u00");
                out.extend(
                    [u32::from(c) >> 4, u32::from(c) & 15]
                        .map(|digit| char::from_digit(digit, 16).unwrap_or('0')),
                );
            }
            c => out.push(c),
        }
    }
}
