//! References of characters read and written.

use std::borrow::Cow;

use quick_xml::escape::{resolve_html5_entity, resolve_predefined_entity};

/// Longest name of a character.
const LONGEST: usize = 40;

/// Where a text stands, and so how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Text,
    /// Between these quotes.
    Attribute(u8),
    Cdata,
    Comment,
    Instruction,
}

impl Place {
    /// Whether it is text of the document.
    pub(crate) const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Cdata)
    }

    /// The text, references of characters resolved where they count. An unknown one stays as it is.
    pub(crate) fn read(self, raw: &str) -> Cow<'_, str> {
        match self {
            Self::Text | Self::Attribute(_) => decode(raw),
            Self::Cdata | Self::Comment | Self::Instruction => Cow::Borrowed(raw),
        }
    }

    /// Writes `text` so that it stays where it is put; what XML does not allow becomes U+FFFD.
    pub(crate) fn write(self, text: &str) -> String {
        let allowed = |c: char| {
            (!c.is_control() || matches!(c, '\t' | '\n' | '\r')) && !matches!(c, '\u{FFFE}' | '\u{FFFF}')
        };
        let clean: String =
            text.chars().map(|c| if allowed(c) { c } else { char::REPLACEMENT_CHARACTER }).collect();
        match self {
            Self::Text => escape(&clean, |c| matches!(c, '&' | '<' | '>' | '\r')),
            Self::Attribute(quote) => escape(&clean, |c| {
                matches!(c, '&' | '<' | '>' | '\r' | '\n' | '\t') || c == char::from(quote)
            }),
            Self::Cdata => clean.replace("]]>", "]]]]><![CDATA[>"),
            Self::Comment => {
                let apart = clean.replace("--", "- -").replace("--", "- -");
                if apart.ends_with('-') { apart + " " } else { apart }
            }
            Self::Instruction => clean.replace("?>", "? >"),
        }
    }
}

fn escape(text: &str, needs: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if needs('"') => out.push_str("&quot;"),
            '\'' if needs('\'') => out.push_str("&apos;"),
            other if needs(other) => {
                out.push_str("&#");
                out.push_str(&u32::from(other).to_string());
                out.push(';');
            }
            other => out.push(other),
        }
    }
    out
}

/// The text of a raw one. An unknown reference stays as it is.
pub(crate) fn decode(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        rest = after;
        let name = after
            .bytes()
            .take(LONGEST)
            .position(|byte| byte == b';')
            .and_then(|end| after.split_at_checked(end));
        if let Some((text, tail)) = name.and_then(|(name, tail)| Some((resolve(name)?, tail))) {
            out.push_str(&text);
            rest = tail.strip_prefix(';').unwrap_or(tail);
        } else {
            out.push('&');
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn resolve(name: &str) -> Option<Cow<'static, str>> {
    let Some(number) = name.strip_prefix('#') else {
        return resolve_predefined_entity(name).or_else(|| resolve_html5_entity(name)).map(Cow::Borrowed);
    };
    let value = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    value.ok().and_then(char::from_u32).map(|character| Cow::Owned(character.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references_are_resolved() {
        assert_eq!(decode("Ren&eacute;e &amp; &#74;&#x6F;e &none; & x"), "Renée & Joe &none; & x");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(text in "[a<>&\"' é\n\r\t;#-]{0,20}") {
            for place in [Place::Text, Place::Attribute(b'"'), Place::Attribute(b'\'')] {
                let raw = place.write(&text);
                prop_assert_eq!(decode(&raw), text.as_str());
                prop_assert!(!raw.contains('<') && !raw.contains('>'));
            }
            prop_assert!(!Place::Comment.write(&text).contains("--") && !Place::Comment.write(&text).ends_with('-'));
        }
    }
}
