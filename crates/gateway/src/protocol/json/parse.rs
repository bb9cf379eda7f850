//! The parser: one pass, no recursion.

use smallvec::SmallVec;

use super::{Kind, Node, string};

/// How much one document may be.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How deep objects and arrays may nest.
    pub depth: usize,
    /// How many values and keys it may hold.
    pub nodes: usize,
    /// Whether an object that holds a key twice is refused. A document inside a string need not be: all of it
    /// is read, and its reader gets it as text.
    pub unique_keys: bool,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonFault {
    /// not what RFC 8259 describes
    Syntax,
    /// an escape that names no character
    Escape,
    /// an object holds the same key twice
    DuplicateKey,
    /// nested too deep
    Depth,
    /// too many values, or too long
    Size,
}

/// Why a text is no JSON that this house accepts. Holds a place, never text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} at byte {at}", match .fault {
    JsonFault::Syntax => "invalid JSON",
    JsonFault::Escape => "invalid escape",
    JsonFault::DuplicateKey => "the same key twice",
    JsonFault::Depth => "nested too deep",
    JsonFault::Size => "too many values",
})]
pub struct JsonError {
    /// What is wrong.
    pub fault: JsonFault,
    /// Where, in bytes from the start.
    pub at: usize,
}

struct Open {
    node: u32,
    members: u32,
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    open: SmallVec<[Open; 16]>,
    bounds: Bounds,
    /// Whether an array of numbers is one node.
    vectors: bool,
}

/// Parses `text` into nodes; where `vectors`, an array that holds numbers and nothing else is one, without those.
pub(super) fn nodes(text: &str, bounds: Bounds, vectors: bool) -> Result<Vec<Node>, JsonError> {
    let capacity = (text.len() / 64).min(bounds.nodes) + 8;
    let bytes = text.as_bytes();
    let (nodes, open) = (Vec::with_capacity(capacity), SmallVec::new());
    let mut parser = Parser { text, bytes, at: 0, nodes, open, bounds, vectors };
    if u32::try_from(text.len()).is_err() {
        return Err(parser.fault(JsonFault::Size));
    }
    parser.space();
    parser.value()?;
    while !parser.open.is_empty() {
        parser.space();
        parser.member()?;
    }
    parser.space();
    if parser.at == bytes.len() { Ok(parser.nodes) } else { Err(parser.fault(JsonFault::Syntax)) }
}

/// An offset as a node holds it; longer texts were refused at the start.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

impl Parser<'_> {
    fn fault(&self, fault: JsonFault) -> JsonError {
        JsonError { fault, at: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: u8) -> Result<(), JsonError> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        Err(self.fault(JsonFault::Syntax))
    }

    fn push(&mut self, kind: Kind, escaped: bool, start: usize) -> Result<u32, JsonError> {
        let index = narrow(self.nodes.len());
        if self.nodes.len() >= self.bounds.nodes {
            return Err(self.fault(JsonFault::Size));
        }
        let (parent, ordinal) = self.open.last().map_or((0, 0), |open| (open.node, open.members));
        let (start, end) = (narrow(start), narrow(self.at));
        self.nodes.push(Node { kind, escaped, start, end, parent, next: index + 1, ordinal });
        Ok(index)
    }

    /// One step inside the innermost open object or array: its end, or its next member.
    fn member(&mut self) -> Result<(), JsonError> {
        let Some(open) = self.open.last() else { return Ok(()) };
        let (container, first) = (open.node, open.members == 0);
        let object = self.nodes.get(container as usize).is_some_and(|node| node.kind == Kind::Object);
        if self.peek() == Some(if object { b'}' } else { b']' }) {
            self.at += 1;
            return self.close(container, object);
        }
        if !first {
            self.take(b',')?;
            self.space();
        }
        if object {
            let start = self.at;
            self.take(b'"')?;
            let escaped = self.string()?;
            self.push(Kind::Key, escaped, start)?;
            self.space();
            self.take(b':')?;
            self.space();
        }
        // counted after its nodes were pushed: they carry the ordinal from before
        let depth = self.open.len();
        self.value()?;
        if let Some(open) = self.open.get_mut(depth - 1) {
            open.members += 1;
        }
        Ok(())
    }

    fn close(&mut self, container: u32, object: bool) -> Result<(), JsonError> {
        let (end, next) = (narrow(self.at), narrow(self.nodes.len()));
        let members = self.open.pop().map_or(0, |open| open.members);
        if let Some(node) = self.nodes.get_mut(container as usize) {
            (node.end, node.next) = (end, next);
        }
        if object && members > 1 && self.bounds.unique_keys {
            self.refuse_duplicates(container, members as usize)?;
        }
        Ok(())
    }

    fn refuse_duplicates(&self, object: u32, members: usize) -> Result<(), JsonError> {
        let mut keys: SmallVec<[_; 16]> = SmallVec::with_capacity(members);
        let mut at = object as usize + 1;
        while let (Some(key), Some(value)) = (self.nodes.get(at), self.nodes.get(at + 1)) {
            if keys.len() == members {
                break;
            }
            keys.push(string::decode(self.text, key));
            at = value.next as usize;
        }
        let duplicate = if members <= 8 {
            keys.iter().enumerate().any(|(n, key)| keys.iter().take(n).any(|other| other == key))
        } else {
            keys.sort_unstable();
            keys.windows(2).any(|pair| pair.first() == pair.last())
        };
        if duplicate { Err(self.fault(JsonFault::DuplicateKey)) } else { Ok(()) }
    }

    fn value(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                let escaped = self.string()?;
                self.push(Kind::String, escaped, start)?;
            }
            Some(b'{') => self.enter(Kind::Object)?,
            Some(b'[') => self.enter(Kind::Array)?,
            Some(b't') => self.word(b"true", Kind::Bool)?,
            Some(b'f') => self.word(b"false", Kind::Bool)?,
            Some(b'n') => self.word(b"null", Kind::Null)?,
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                self.push(Kind::Number, false, start)?;
            }
            _ => return Err(self.fault(JsonFault::Syntax)),
        }
        Ok(())
    }

    fn enter(&mut self, kind: Kind) -> Result<(), JsonError> {
        if self.open.len() >= self.bounds.depth {
            return Err(self.fault(JsonFault::Depth));
        }
        let start = self.at;
        self.at += 1;
        if self.vectors && kind == Kind::Array {
            // each number is read twice at most: an array inside is no number
            if self.numbers().is_ok() {
                return self.push(kind, false, start).map(drop);
            }
            self.at = start + 1;
        }
        let node = self.push(kind, false, start)?;
        self.open.push(Open { node, members: 0 });
        Ok(())
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<(), JsonError> {
        let start = self.at;
        for byte in word {
            self.take(*byte)?;
        }
        self.push(kind, false, start)?;
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.fault(JsonFault::Syntax)) } else { Ok(()) }
    }

    /// The rest of an array that holds at least one number, and nothing else.
    fn numbers(&mut self) -> Result<(), JsonError> {
        loop {
            self.space();
            self.number()?;
            self.space();
            if self.peek() != Some(b',') {
                return self.take(b']');
            }
            self.at += 1;
        }
    }

    /// RFC 8259, 6.
    fn number(&mut self) -> Result<(), JsonError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// After the opening quote; RFC 8259, 7. Answers whether there was an escape.
    fn string(&mut self) -> Result<bool, JsonError> {
        let mut escaped = false;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(length) = memchr::memchr2(b'"', b'\\', rest) else {
                return Err(self.fault(JsonFault::Syntax));
            };
            let (run, rest) = rest.split_at_checked(length).unwrap_or_default();
            if run.iter().fold(0xff, |least: u8, byte| least.min(*byte)) < 0x20 {
                return Err(self.fault(JsonFault::Syntax));
            }
            self.at += length;
            if rest.first() == Some(&b'"') {
                self.at += 1;
                return Ok(escaped);
            }
            escaped = true;
            match string::escape(rest) {
                Some((_, used)) => self.at += used,
                None => return Err(self.fault(JsonFault::Escape)),
            }
        }
    }
}
