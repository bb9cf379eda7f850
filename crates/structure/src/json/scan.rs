//! Where every token of a document stands. Nothing is lost: duplicates of keys, spaces and the writing of numbers stay.

use std::borrow::Cow;

use super::string;
use crate::error::StructureError;
use crate::text::BOM;

/// Objects and arrays inside each other, at the most.
pub(crate) const DEPTH: usize = 128;

/// Members of an object among which one is looked for by its name.
const MEMBERS: usize = 128;

/// Tokens of a document, at the most.
const NODES: usize = 8 << 20;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    Key,
    String,
    Number,
    /// `true`, `false`, `null`
    Word,
}

/// One token; of an object or array, all of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The node after this one and all that is inside it.
    next: usize,
}

/// A document's tokens in their order; a key is followed by its value.
pub(crate) struct Document<'t> {
    pub(crate) text: &'t str,
    nodes: Vec<Node>,
}

impl<'t> Document<'t> {
    /// Scans one document, spaces and a byte order mark around it tolerated.
    pub(crate) fn scan(text: &'t str) -> Result<Self, StructureError> {
        let at = if text.starts_with(BOM) { BOM.len() } else { 0 };
        let mut scanner = Scanner { bytes: text.as_bytes(), at, nodes: Vec::new(), open: Vec::new() };
        scanner.document()?;
        Ok(Self { text, nodes: scanner.nodes })
    }

    /// The node with this index.
    pub(crate) fn node(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }

    /// Keys and values of an object, as indices.
    pub(crate) fn members(&self, object: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let inside = self.children(object, Kind::Object);
        let keys = std::iter::successors(inside.0, move |key| self.node(key + 1).map(|value| value.next));
        keys.take_while(move |key| *key < inside.1).map(|key| (key, key + 1))
    }

    /// The value of an object's first member of this name, looked for among the first only, so that an object of many
    /// members costs no more than its length.
    pub(crate) fn member(&self, object: usize, name: &str) -> Option<usize> {
        self.members(object).take(MEMBERS).find(|(key, _)| self.text_of(*key) == name).map(|(_, value)| value)
    }

    /// The text of an object's first member of this name, if it is a string.
    pub(crate) fn string(&self, object: usize, name: &str) -> Option<Cow<'t, str>> {
        let value = self.member(object, name)?;
        self.node(value).filter(|node| node.kind == Kind::String).map(|_| self.text_of(value))
    }

    /// The name under which a value stands in an object, by itself or in an array.
    pub(crate) fn key_of(&self, object: usize, value: usize) -> Option<Cow<'t, str>> {
        let inside = |outer: usize| self.node(outer).is_some_and(|node| (outer..node.next).contains(&value));
        self.members(object).take(MEMBERS).find(|(_, outer)| inside(*outer)).map(|(key, _)| self.text_of(key))
    }

    /// Values of an array, as indices.
    pub(crate) fn items(&self, array: usize) -> impl Iterator<Item = usize> + '_ {
        let inside = self.children(array, Kind::Array);
        let items = std::iter::successors(inside.0, |item| self.node(*item).map(|node| node.next));
        items.take_while(move |item| *item < inside.1)
    }

    fn children(&self, index: usize, kind: Kind) -> (Option<usize>, usize) {
        match self.node(index) {
            Some(node) if node.kind == kind => (Some(index + 1), node.next),
            _ => (None, 0),
        }
    }

    /// The text of a string, key, number or word.
    pub(crate) fn text_of(&self, index: usize) -> Cow<'t, str> {
        let Some(node) = self.node(index) else { return Cow::Borrowed("") };
        match node.kind {
            Kind::String | Kind::Key => string::decode(self.inside(node)),
            _ => Cow::Borrowed(self.text.get(node.start..node.end).unwrap_or_default()),
        }
    }

    /// Between the quotes of a string or key.
    pub(crate) fn inside(&self, node: &Node) -> &'t str {
        self.text.get(node.start + 1..node.end.saturating_sub(1)).unwrap_or_default()
    }
}

struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    /// The objects and arrays that are open, the innermost last.
    open: Vec<usize>,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), StructureError> {
        self.space();
        self.value()?;
        while !self.open.is_empty() {
            self.space();
            self.step()?;
            if self.nodes.len() > NODES {
                return self.wrong("too many values in one document");
            }
        }
        self.space();
        if self.at < self.bytes.len() { self.wrong("something stands after the document") } else { Ok(()) }
    }

    fn wrong<T>(&self, problem: &'static str) -> Result<T, StructureError> {
        let cut = "the document ends too early";
        let problem = if self.at >= self.bytes.len() { cut } else { problem };
        Err(StructureError::at(self.at.min(self.bytes.len()), problem))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: u8, problem: &'static str) -> Result<(), StructureError> {
        if self.peek() != Some(wanted) {
            return self.wrong(problem);
        }
        self.at += 1;
        Ok(())
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let next = self.nodes.len() + 1;
        self.nodes.push(Node { kind, start, end: self.at, next });
    }

    /// One step inside the innermost object or array: its end, or its next member.
    fn step(&mut self) -> Result<(), StructureError> {
        let Some(container) = self.open.last().copied() else { return Ok(()) };
        let object = self.nodes.get(container).is_some_and(|node| node.kind == Kind::Object);
        if self.peek() == Some(if object { b'}' } else { b']' }) {
            self.at += 1;
            self.open.pop();
            let next = self.nodes.len();
            if let Some(node) = self.nodes.get_mut(container) {
                (node.end, node.next) = (self.at, next);
            }
            return Ok(());
        }
        if self.nodes.len() > container + 1 {
            self.take(b',', "a comma or an end is missing")?;
            self.space();
        }
        if object {
            let start = self.at;
            self.take(b'"', "the name of a member is missing")?;
            self.string()?;
            self.push(Kind::Key, start);
            self.space();
            self.take(b':', "a colon is missing")?;
            self.space();
        }
        self.value()
    }

    fn value(&mut self) -> Result<(), StructureError> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.string()?;
                self.push(Kind::String, start);
            }
            Some(open @ (b'{' | b'[')) => {
                if self.open.len() >= DEPTH {
                    return self.wrong("too many objects inside each other");
                }
                self.open.push(self.nodes.len());
                self.at += 1;
                self.push(if open == b'{' { Kind::Object } else { Kind::Array }, start);
            }
            Some(b't') => self.word(b"true")?,
            Some(b'f') => self.word(b"false")?,
            Some(b'n') => self.word(b"null")?,
            _ => {
                let Some(length) = number(self.bytes.get(self.at..).unwrap_or_default()) else {
                    return self.wrong("not a value of JSON");
                };
                self.at += length;
                self.push(Kind::Number, start);
            }
        }
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Result<(), StructureError> {
        let start = self.at;
        for byte in word {
            self.take(*byte, "not a value of JSON")?;
        }
        self.push(Kind::Word, start);
        Ok(())
    }

    /// After the opening quote (RFC 8259, 7).
    fn string(&mut self) -> Result<(), StructureError> {
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => match string::escape(self.bytes.get(self.at..).unwrap_or_default()) {
                    Some((_, used)) => self.at += used,
                    None => return self.wrong("not an escape of JSON"),
                },
                ..0x20 => return self.wrong("a control character stands in a string"),
                _ => self.at += 1,
            }
        }
        self.wrong("a string does not end")
    }
}

/// The length of the number at the start of `bytes` (RFC 8259, 6).
fn number(bytes: &[u8]) -> Option<usize> {
    let digits = |at: usize| {
        let count = bytes.get(at..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then_some(at + count)
    };
    let start = usize::from(bytes.first() == Some(&b'-'));
    let mut at = if bytes.get(start) == Some(&b'0') { start + 1 } else { digits(start)? };
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at = digits(at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-'))))?;
    }
    Some(at)
}

/// Whether a text is a number of JSON.
pub(super) fn is_number(text: &str) -> bool {
    number(text.as_bytes()) == Some(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_another_reader_takes_is_taken(text in r#"[\{\}\[\],:"a\\un0-9.eE+ \-tf]{0,24}"#) {
            let theirs: Result<serde::de::IgnoredAny, _> = serde_json::from_str(&text);
            // half a surrogate pair is taken here, and numbers of any size
            if theirs.is_ok() {
                prop_assert!(Document::scan(&text).is_ok());
            } else if !text.contains("\\u") {
                prop_assert!(Document::scan(&text).is_err(), "{text}");
            }
        }
    }

    #[test]
    fn errors_say_where() {
        for (text, offset) in [
            ("{\"a\": ", 6),
            ("{\"a\" 1}", 5),
            ("[1 2]", 3),
            ("[1,]", 3),
            ("{\"a\": 1} x", 9),
            ("\"\\x\"", 1),
            ("[01]", 2),
            ("", 0),
            ("[\"a", 3),
        ] {
            assert_eq!(Document::scan(text).map(drop).map_err(|error| error.offset), Err(offset), "{text}");
        }
        assert!(Document::scan(&"[".repeat(200)).is_err_and(|error| error.offset == DEPTH));
    }

    #[test]
    fn members_and_items_are_found_past_what_is_inside_them() {
        let document =
            Document::scan(r#"{"a": [1, {"b": 2}], "a": {}, "c": "\u0041\ud83d\ude00\ud800"}"#).unwrap();
        let keys: Vec<_> = document.members(0).map(|(key, _)| document.text_of(key)).collect();
        assert_eq!(keys, ["a", "a", "c"]);
        let values: Vec<_> = document.members(0).map(|(_, value)| value).collect();
        assert_eq!(document.items(values[0]).count(), 2);
        assert_eq!(document.items(values[1]).count(), 0);
        assert_eq!(document.text_of(values[2]), "A\u{1F600}\u{FFFD}");
    }
}
