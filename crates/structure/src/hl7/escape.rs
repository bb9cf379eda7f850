//! The marks of a message, and escapes (v2.5.1, 2.5.4 and 2.7).

use crate::error::StructureError;

/// The marks that a message's header declares; of those that it does not, there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    field: u8,
    component: Option<u8>,
    repetition: Option<u8>,
    escape: Option<u8>,
    subcomponent: Option<u8>,
    truncation: Option<u8>,
}

impl Marks {
    /// Reads the header that begins at `at`.
    pub(super) fn read(text: &str, at: usize) -> Result<Self, StructureError> {
        let rest = text.get(at..).unwrap_or_default();
        if !super::HEADERS.iter().any(|header| rest.starts_with(header)) {
            return Err(StructureError::at(at, "a message begins with MSH"));
        }
        let is_mark = |byte: &u8| byte.is_ascii_punctuation();
        let wrong = |offset: usize| StructureError::at(offset, "the marks of the message are missing");
        let bytes = rest.as_bytes();
        let field = *bytes.get(3).filter(|byte| is_mark(byte)).ok_or(wrong(at + 3))?;
        let declared = bytes.get(4..).unwrap_or_default();
        let count = declared.iter().take_while(|byte| is_mark(byte) && **byte != field).count();
        let distinct = declared
            .iter()
            .take(count)
            .enumerate()
            .all(|(n, mark)| !declared.iter().take(n).any(|m| m == mark));
        if count == 0 || count > 5 || !distinct {
            return Err(wrong(at + 4));
        }
        let mark = |nth: usize| declared.get(nth).filter(|_| nth < count).copied();
        Ok(Self {
            field,
            component: mark(0),
            repetition: mark(1),
            escape: mark(2),
            subcomponent: mark(3),
            truncation: mark(4),
        })
    }

    pub(super) const fn field(&self) -> u8 {
        self.field
    }

    pub(super) const fn component(&self) -> Option<u8> {
        self.component
    }

    pub(super) const fn repetition(&self) -> Option<u8> {
        self.repetition
    }

    pub(super) const fn subcomponent(&self) -> Option<u8> {
        self.subcomponent
    }

    /// The mark that a letter between two marks of escape names, and the other way round.
    fn named(&self) -> [(char, Option<u8>); 6] {
        [
            ('F', Some(self.field)),
            ('S', self.component),
            ('R', self.repetition),
            ('E', self.escape),
            ('T', self.subcomponent),
            ('P', self.truncation),
        ]
    }

    /// The text of a raw one: marks, line breaks and hexadecimal characters resolved, highlighting left out, other
    /// sequences as they are.
    pub(super) fn decode(&self, raw: &str) -> String {
        let Some(escape) = self.escape.map(char::from) else { return raw.to_owned() };
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some((before, after)) = rest.split_once(escape) {
            out.push_str(before);
            let end = after.bytes().take(LONGEST).position(|byte| char::from(byte) == escape);
            let sequence = end.and_then(|end| after.split_at_checked(end));
            if let Some((sequence, tail)) = sequence.filter(|(sequence, _)| self.resolve(sequence, &mut out))
            {
                rest = tail.strip_prefix(escape).unwrap_or(tail);
                let _ = sequence;
            } else {
                out.push(escape);
                rest = after;
            }
        }
        out + rest
    }

    fn resolve(&self, sequence: &str, out: &mut String) -> bool {
        if let Some((_, mark)) =
            self.named().iter().find(|(name, _)| sequence.strip_prefix(*name) == Some(""))
        {
            out.extend(mark.map(char::from));
            return mark.is_some();
        }
        match sequence.split_at_checked(1) {
            Some(("H" | "N", "")) => true,
            Some((".", "br" | "BR")) => {
                out.push('\n');
                true
            }
            Some(("X", digits)) => hexadecimal(digits, out),
            _ => false,
        }
    }

    /// Writes `text` so that it stays within its place.
    pub(crate) fn encode(&self, text: &str, out: &mut Vec<u8>) {
        let lines = text.replace("\r\n", "\n");
        for character in lines.chars() {
            let mark = u8::try_from(character).ok().and_then(|byte| {
                self.named().into_iter().find(|(_, mark)| *mark == Some(byte)).map(|(name, _)| name)
            });
            match (mark, self.escape) {
                (Some(name), Some(escape)) => {
                    out.extend([escape, u8::try_from(name).unwrap_or(b'E'), escape]);
                }
                // nothing can be escaped: the mark itself must not stand there
                (Some(_), None) => out.push(b' '),
                (None, Some(escape)) if matches!(character, '\n' | '\r') => {
                    out.push(escape);
                    out.extend(*b".br");
                    out.push(escape);
                }
                (None, Some(escape)) if u32::from(character) < 0x20 => {
                    out.push(escape);
                    out.extend(format!("X{:02X}", u32::from(character)).into_bytes());
                    out.push(escape);
                }
                (None, _) if u32::from(character) < 0x20 => out.push(b' '),
                (None, _) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }
}

/// Longest sequence between two marks of escape.
const LONGEST: usize = 200;

/// Characters in hexadecimal: bytes of UTF-8.
fn hexadecimal(digits: &str, out: &mut String) -> bool {
    let bytes: Option<Vec<u8>> = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| {
            std::str::from_utf8(pair)
                .ok()
                .filter(|pair| pair.len() == 2)
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        })
        .collect();
    let text = bytes.filter(|bytes| !bytes.is_empty()).and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(text) = &text {
        out.push_str(text);
    }
    text.is_some()
}
