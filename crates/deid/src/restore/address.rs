//! Where in the text we are: in prose, or in an address that somebody's software may fetch.
//!
//! An original inside of an address leaves the house with the request that fetches it, so nothing is restored
//! there. When in doubt, the text is an address.

/// The place of the next character.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Prose,
    /// Behind `](`, before the first character of a link's target.
    Opening,
    /// In a link's target of the form `<…>`.
    Angle,
    /// In an address, up to white space, to `closer`, or to the `)` of a parenthesis that began before it.
    Address { closer: Option<u8>, depth: u32 },
}

/// Follows the text character by character.
#[derive(Clone, Copy, Default)]
pub(super) struct Follower {
    place: Place,
    /// The last sixteen characters, one byte each, lower case, the newest in the lowest byte; 0x80 for what is
    /// not ASCII.
    recent: u128,
}

impl Follower {
    /// Whether the next character is part of an address.
    pub(super) fn in_address(self) -> bool {
        self.place != Place::Prose
    }

    /// Goes on behind `character`; `bare_quote` says that it is the quote that ends the JSON string in which the
    /// address began, if we are in one.
    #[inline]
    pub(super) fn step(&mut self, character: char, bare_quote: bool) {
        let byte = match u8::try_from(character) {
            Ok(byte) if byte.is_ascii() => byte.to_ascii_lowercase(),
            _ if character.is_whitespace() => b' ',
            _ => 0x80,
        };
        if self.place == Place::Prose {
            self.recent = self.recent << 8 | u128::from(byte);
            if matches!(byte, b'/' | b'\\' | b':' | b'.' | b'(') {
                self.place = self.opened();
            }
        } else {
            self.place = if bare_quote { Place::Prose } else { self.inside(byte) };
            self.recent = self.recent << 8 | u128::from(byte);
        }
    }

    /// The newest of the last characters that is no white space; 0 where all are.
    pub(super) fn mark(self) -> u8 {
        (0..16).map(|back| self.past(back)).find(|byte| !byte.is_ascii_whitespace()).unwrap_or(0)
    }

    /// The byte `back` characters before the newest.
    #[expect(clippy::cast_possible_truncation, reason = "the lowest byte is what is asked for")]
    const fn past(self, back: u32) -> u8 {
        if back < 16 { (self.recent >> (8 * back)) as u8 } else { 0 }
    }

    fn ends_with(self, text: &[u8]) -> bool {
        text.iter().rev().zip(0..).all(|(byte, back)| self.past(back) == *byte)
    }

    /// The place behind a character that may open an address.
    fn opened(self) -> Place {
        if self.ends_with(b"](") {
            return Place::Opening;
        }
        let start = if self.ends_with(b"//") || self.ends_with(b"/\\") {
            2
        } else if self.ends_with(b"\\\\") {
            // A doubled backslash is common in code; it is an address where it opens a value.
            return match self.past(2) {
                b'"' | b'\'' | b'=' | b'(' => self.address(2),
                _ => Place::Prose,
            };
        } else if self.ends_with(b"http:") || self.ends_with(b"https:") {
            1
        } else if self.ends_with(b"www.") && !self.past(4).is_ascii_alphanumeric() {
            return self.address(4);
        } else {
            return Place::Prose;
        };
        let colon = u32::from(start == 2 && self.past(2) == b':');
        let mut first = start + colon;
        if colon == 1 || start == 1 {
            while matches!(self.past(first), b'a'..=b'z' | b'0'..=b'9' | b'+' | b'.' | b'-') {
                first += 1;
            }
        }
        self.address(first)
    }

    /// An address whose first character has `opener` characters behind it: what stands before it can close it.
    fn address(self, opener: u32) -> Place {
        let closer = match self.past(opener) {
            same @ (b'"' | b'\'' | b'`' | b'|') => Some(same),
            b'<' => Some(b'>'),
            b'>' => Some(b'<'),
            b'[' => Some(b']'),
            b'{' => Some(b'}'),
            _ => None,
        };
        Place::Address { closer, depth: 0 }
    }

    /// The place behind `byte`, which stands in an address.
    fn inside(self, byte: u8) -> Place {
        let escaped = self.past(0) == b'\\';
        let blank = byte.is_ascii_whitespace() || byte.is_ascii_control();
        match self.place {
            Place::Prose => Place::Prose,
            Place::Opening if blank => Place::Opening,
            Place::Opening => match byte {
                b'<' => Place::Angle,
                b')' => Place::Prose,
                b'(' => Place::Address { closer: None, depth: 1 },
                _ => Place::Address { closer: None, depth: 0 },
            },
            Place::Angle if (byte == b'>' && !escaped) || byte == b'\n' => Place::Prose,
            Place::Angle => Place::Angle,
            Place::Address { closer, depth } => match byte {
                _ if blank => Place::Prose,
                _ if escaped => self.place,
                _ if Some(byte) == closer => Place::Prose,
                b'(' => Place::Address { closer, depth: depth.saturating_add(1) },
                b')' if depth == 0 => Place::Prose,
                b')' => Place::Address { closer, depth: depth - 1 },
                _ => self.place,
            },
        }
    }
}
