//! Elements of a file (PS3.10, 7; PS3.5, 7): tags, value representations, lengths, sequences inside each other.

use std::ops::Range;

use super::profile;
use crate::error::StructureError;

/// Sequences inside each other, at the most.
const DEPTH: usize = 32;
/// Elements of one file, at the most.
const ELEMENTS: usize = 1 << 20;
/// The length that says that an end is marked instead.
pub(super) const UNDEFINED: u32 = u32::MAX;
pub(super) const ITEM: u32 = 0xFFFE_E000;
pub(super) const ITEM_END: u32 = 0xFFFE_E00D;
pub(super) const SEQUENCE_END: u32 = 0xFFFE_E0DD;
/// Representations whose length takes four bytes (PS3.5, 7.1.2).
const LONG: [&[u8; 2]; 13] =
    [b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"];

/// One element.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) tag: u32,
    /// As the file says, or the table where it does not; `UN` where neither does.
    pub(super) vr: [u8; 2],
    pub(super) explicit: bool,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) value: Value,
}

impl Element {
    /// Whether it tells the length of its group, which is retired (PS3.5, 7.2).
    pub(super) const fn is_group_length(&self) -> bool {
        self.tag.trailing_zeros() >= 16
    }
}

/// What an element holds.
#[derive(Debug)]
pub(super) enum Value {
    /// So many bytes.
    Bytes(Range<usize>),
    /// Items; whether the end of the sequence is marked.
    Items { items: Vec<Item>, marked: bool },
    /// A picture in fragments, which are not read.
    Fragments,
}

/// One item of a sequence.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) marked: bool,
    pub(super) elements: Vec<Element>,
}

/// Whether the length of a representation takes four bytes.
pub(super) fn is_long(vr: [u8; 2]) -> bool {
    LONG.iter().any(|long| **long == vr)
}

/// What is after the preamble.
pub(super) struct Parts {
    /// Elements of group 2.
    pub(super) meta: Vec<Element>,
    pub(super) object: Vec<Element>,
    /// Whether the object's elements name their representations.
    pub(super) explicit: bool,
}

/// Reads a whole file.
pub(super) fn file(bytes: &[u8]) -> Result<Parts, StructureError> {
    if bytes.get(128..132) != Some(b"DICM") {
        return Err(StructureError::at(bytes.len().min(128), "no file of DICOM: `DICM` is missing"));
    }
    let mut reader = Reader { bytes, at: 132, count: 0 };
    let mut meta = Vec::new();
    while reader.group() == Some(2) {
        meta.push(reader.element(true, 0)?);
    }
    let text = |tag: u32| {
        let bytes =
            meta.iter().find(|element| element.tag == tag && element.vr == *b"UI").and_then(|element| {
                match &element.value {
                    Value::Bytes(span) => bytes.get(span.clone()),
                    _ => None,
                }
            });
        bytes.map(<[u8]>::trim_ascii_end).map(|value| value.strip_suffix(b"\0").unwrap_or(value))
    };
    // of type 1 (PS3.10, table 7.1-1)
    if text(0x0002_0003).is_none_or(|id| id.iter().all(|byte| matches!(byte, b' ' | b'\0'))) {
        return Err(StructureError::at(132, "the identifier of the object is missing (0002,0003)"));
    }
    let explicit = match text(0x0002_0010) {
        None => return Err(StructureError::at(132, "the transfer syntax is missing (0002,0010)")),
        Some(b"1.2.840.10008.1.2") => false,
        Some(b"1.2.840.10008.1.2.2") => {
            return Err(StructureError::at(reader.at, "big endian objects are not read"));
        }
        Some(b"1.2.840.10008.1.2.1.99") => {
            return Err(StructureError::at(reader.at, "deflated objects are not read"));
        }
        // PS3.5, annex A: all others are explicit and little endian
        Some(_) => true,
    };
    let object = reader.elements(bytes.len(), false, explicit, 0)?;
    Ok(Parts { meta, object, explicit })
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    count: usize,
}

impl Reader<'_> {
    fn short(&mut self) -> Result<u16, StructureError> {
        let bytes = self.bytes.get(self.at..self.at + 2).and_then(|bytes| bytes.try_into().ok());
        self.at += 2;
        bytes.map(u16::from_le_bytes).ok_or(self.cut())
    }

    fn long(&mut self) -> Result<u32, StructureError> {
        let (low, high) = (self.short()?, self.short()?);
        Ok(u32::from(high) << 16 | u32::from(low))
    }

    fn tag(&mut self) -> Result<u32, StructureError> {
        let (group, element) = (self.short()?, self.short()?);
        Ok(u32::from(group) << 16 | u32::from(element))
    }

    const fn cut(&self) -> StructureError {
        StructureError::at(self.bytes.len(), "the file ends too early")
    }

    fn group(&self) -> Option<u16> {
        self.bytes.get(self.at..self.at + 2).and_then(|bytes| bytes.try_into().ok()).map(u16::from_le_bytes)
    }

    fn next_is(&self, tag: u32) -> bool {
        let [low, high] = [tag & 0xFFFF, tag >> 16].map(|half| (half & 0xFFFF) as u16);
        let bytes = [high.to_le_bytes(), low.to_le_bytes()].concat();
        self.bytes.get(self.at..self.at + 4) == Some(bytes.as_slice())
    }

    /// Elements up to `end`, or to the mark of an item's end.
    fn elements(
        &mut self,
        end: usize,
        marked: bool,
        explicit: bool,
        depth: usize,
    ) -> Result<Vec<Element>, StructureError> {
        let mut elements = Vec::new();
        while self.at < end {
            if marked && self.next_is(ITEM_END) {
                self.at += 8;
                return Ok(elements);
            }
            elements.push(self.element(explicit, depth)?);
        }
        if marked || self.at > end {
            return Err(StructureError::at(end.min(self.bytes.len()), "an item does not end where it says"));
        }
        Ok(elements)
    }

    fn element(&mut self, explicit: bool, depth: usize) -> Result<Element, StructureError> {
        let start = self.at;
        self.count += 1;
        if depth > DEPTH || self.count > ELEMENTS {
            return Err(StructureError::at(start, "too many elements"));
        }
        let tag = self.tag()?;
        if tag >> 16 == 0xFFFE {
            return Err(StructureError::at(start, "a mark of an item stands outside a sequence"));
        }
        let known = profile::attribute_of(tag).map(|known| known.vr).filter(|vr| vr != b"--");
        let (vr, length) =
            if explicit { self.declared(start)? } else { (known.unwrap_or(*b"UN"), self.long()?) };
        let told = vr;
        let vr = if vr == *b"UN" { known.unwrap_or(vr) } else { vr };
        let value = if length == UNDEFINED {
            if told == *b"SQ" || told == *b"UN" || !explicit {
                // of unknown representation, what is inside is implicit (PS3.5, 6.2.2, note 2)
                self.items(None, explicit && told != *b"UN", depth)?
            } else {
                self.fragments()?
            }
        } else {
            let end = self.end(length)?;
            if vr == *b"SQ" || self.begins_item(end, told) {
                self.items(Some(end), explicit && told != *b"UN", depth)?
            } else {
                let span = self.at..end;
                self.at = end;
                Value::Bytes(span)
            }
        };
        Ok(Element { tag, vr, explicit, start, end: self.at, value })
    }

    /// Whether a value of unknown representation is a sequence: it begins as one, and no text does.
    fn begins_item(&self, end: usize, told: [u8; 2]) -> bool {
        told == *b"UN" && end - self.at >= 8 && self.next_is(ITEM)
    }

    fn declared(&mut self, start: usize) -> Result<([u8; 2], u32), StructureError> {
        let vr: [u8; 2] =
            self.bytes.get(self.at..self.at + 2).and_then(|vr| vr.try_into().ok()).ok_or(self.cut())?;
        if !vr.iter().all(u8::is_ascii_uppercase) {
            return Err(StructureError::at(start, "an element without a value representation"));
        }
        self.at += 2;
        if is_long(vr) {
            self.at += 2;
            return Ok((vr, self.long()?));
        }
        Ok((vr, u32::from(self.short()?)))
    }

    fn end(&self, length: u32) -> Result<usize, StructureError> {
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        end.filter(|end| *end <= self.bytes.len()).ok_or(self.cut())
    }

    fn items(&mut self, end: Option<usize>, explicit: bool, depth: usize) -> Result<Value, StructureError> {
        let mut items = Vec::new();
        loop {
            if end.is_some_and(|end| self.at >= end) {
                break;
            }
            let at = self.at;
            let tag = self.tag()?;
            let length = self.long()?;
            match tag {
                SEQUENCE_END if end.is_none() => break,
                ITEM if length == UNDEFINED => {
                    let elements =
                        self.elements(end.unwrap_or(self.bytes.len()), true, explicit, depth + 1)?;
                    items.push(Item { marked: true, elements });
                }
                ITEM => {
                    let inside = self.end(length)?;
                    let elements = self.elements(inside, false, explicit, depth + 1)?;
                    items.push(Item { marked: false, elements });
                }
                _ => return Err(StructureError::at(at, "an item of a sequence is missing")),
            }
        }
        if end.is_some_and(|end| self.at != end) {
            return Err(StructureError::at(self.at, "a sequence does not end where it says"));
        }
        Ok(Value::Items { items, marked: end.is_none() })
    }

    fn fragments(&mut self) -> Result<Value, StructureError> {
        loop {
            let at = self.at;
            let tag = self.tag()?;
            let length = self.long()?;
            match tag {
                SEQUENCE_END => return Ok(Value::Fragments),
                ITEM => self.at = self.end(length)?,
                _ => return Err(StructureError::at(at, "a fragment of a picture is missing")),
            }
        }
    }
}
