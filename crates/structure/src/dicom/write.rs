//! A file written by the profile: only what it changes is written anew.

use super::profile::Action;
use super::read::{self, Element, ITEM, ITEM_END, SEQUENCE_END, UNDEFINED, Value};
use super::text::{self, Charset};
use super::{File, Node};
use crate::error::StructureError;

/// Patient Identity Removed (0012,0062) and De-identification Method (0012,0063).
const REMOVED: u32 = 0x0012_0062;
const METHOD: u32 = 0x0012_0063;
/// What of the file's header is written (PS3.10, 7.1): no titles of applications, no private information.
const HEADER: &[u32] = &[0x0002_0001, 0x0002_0002, 0x0002_0003, 0x0002_0010, 0x0002_0012, 0x0002_0013];
/// Institution Code Sequence, Person Identification Code Sequence, Verifying Observer Identification Code Sequence: their
/// codes are those of a place or of persons.
const STAFF: &[u32] = &[0x0008_0082, 0x0040_1101, 0x0040_A088];
/// What the method is called, in the 64 bytes of its representation.
const PROFILE: &[u8] = b"Basic Application Level Confidentiality Profile (PS3.15 E.1-1)";

/// The file with edits, by the index of their field, and all else that the profile asks for: elements removed or emptied,
/// the preamble cleared, and marked as de-identified.
pub(crate) fn write(file: &File, source: &[u8], edits: &[(usize, &str)]) -> Result<Vec<u8>, StructureError> {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|(index, _)| *index);
    let writer = Writer { source, edits, charset: file.charset };
    let mut out = vec![0; 128];
    out.extend_from_slice(b"DICM");
    let mut meta = Vec::new();
    for node in file.meta.iter().filter(|node| HEADER.contains(&node.element.tag)) {
        writer.node(node, &mut meta)?;
    }
    header(0x0002_0000, *b"UL", true, 4, &mut out)?;
    out.extend_from_slice(&length(meta.len(), 0)?.to_le_bytes());
    out.extend_from_slice(&meta);
    writer.object(&file.object, file.explicit, &mut out)?;
    Ok(out)
}

struct Writer<'a> {
    source: &'a [u8],
    edits: Vec<(usize, &'a str)>,
    charset: Charset,
}

impl Writer<'_> {
    fn object(&self, nodes: &[Node], explicit: bool, out: &mut Vec<u8>) -> Result<(), StructureError> {
        let mut marked = false;
        for node in nodes.iter().filter(|node| !matches!(node.element.tag, REMOVED | METHOD)) {
            if node.element.tag > METHOD && !marked {
                marks(explicit, out)?;
                marked = true;
            }
            self.node(node, out)?;
        }
        if marked { Ok(()) } else { marks(explicit, out) }
    }

    fn node(&self, node: &Node, out: &mut Vec<u8>) -> Result<(), StructureError> {
        let element = &node.element;
        // lengths of groups are no longer true
        if node.action == Action::Remove || element.is_group_length() {
            return Ok(());
        }
        match &element.value {
            Value::Fragments => out.extend_from_slice(self.raw(element.start, element.end)),
            Value::Items { marked, .. } => return self.items(node, *marked, out),
            Value::Bytes(span) => {
                if let Some(value) = self.value(node, span.start, span.end) {
                    put(element, &value, out)?;
                } else {
                    out.extend_from_slice(self.raw(element.start, element.end));
                }
            }
        }
        Ok(())
    }

    fn raw(&self, start: usize, end: usize) -> &[u8] {
        self.source.get(start..end).unwrap_or_default()
    }

    /// The new value of an element; `None` where it stays.
    fn value(&self, node: &Node, start: usize, end: usize) -> Option<Vec<u8>> {
        let element = &node.element;
        let edited: Vec<_> = node
            .fields
            .iter()
            .filter_map(|(field, span)| {
                let at = self.edits.binary_search_by_key(field, |(index, _)| *index).ok()?;
                Some((span, self.edits.get(at)?.1))
            })
            .collect();
        if edited.is_empty() {
            return unedited(node, start == end);
        }
        // what the profile empties or replaces is made of replacements alone, and of the marks between them
        let only = matches!(node.action, Action::Empty | Action::Replace) && !is_examined(node);
        let kept = |from: usize, to: usize| {
            let raw = self.raw(from, to).iter().copied();
            raw.filter(move |byte| !only || matches!(byte, b'\\' | b'^' | b'='))
        };
        let mut value = Vec::new();
        let mut at = start;
        for (span, text) in edited {
            value.extend(kept(at, span.start));
            value.extend_from_slice(&text::write(element.vr, node.action, self.charset, text));
            at = span.end;
        }
        let padding = |byte: &u8| matches!(byte, b' ' | b'\0');
        let rest: Vec<u8> = kept(at, end).collect();
        let length = rest.len() - rest.iter().rev().take_while(|byte| padding(byte)).count();
        value.extend_from_slice(rest.get(..length).unwrap_or_default());
        Some(value)
    }

    fn items(&self, node: &Node, marked: bool, out: &mut Vec<u8>) -> Result<(), StructureError> {
        let element = &node.element;
        let Value::Items { items, .. } = &element.value else { return Ok(()) };
        let mut inside = Vec::new();
        for (item, nodes) in items.iter().zip(&node.items) {
            if node.action == Action::Empty || STAFF.contains(&element.tag) {
                break;
            }
            let mut content = Vec::new();
            for node in nodes {
                self.node(node, &mut content)?;
            }
            tag(ITEM, &mut inside);
            let size = if item.marked { UNDEFINED } else { length(content.len(), element.start)? };
            inside.extend_from_slice(&size.to_le_bytes());
            inside.extend_from_slice(&content);
            if item.marked {
                tag(ITEM_END, &mut inside);
                inside.extend_from_slice(&[0; 4]);
            }
        }
        // of undefined length, a sequence may have been declared as of unknown representation: it stays so
        let declared = self.raw(element.start + 4, element.start + 6);
        let vr = if element.explicit { declared.try_into().unwrap_or(*b"SQ") } else { *b"SQ" };
        let size = if marked { UNDEFINED } else { length(inside.len(), element.start)? };
        header(element.tag, vr, element.explicit, size, out)?;
        out.extend_from_slice(&inside);
        if marked {
            tag(SEQUENCE_END, out);
            out.extend_from_slice(&[0; 4]);
        }
        Ok(())
    }
}

/// Whether a detector saw all of a value, so that what it did not find may stay.
fn is_examined(node: &Node) -> bool {
    !node.fields.is_empty() && (node.element.vr == *b"UI" || super::holds_text(node.element.tag))
}

/// What becomes of a value that no edit names: the profile does not let it stay, unless a detector examined it.
fn unedited(node: &Node, empty: bool) -> Option<Vec<u8>> {
    let examined = is_examined(node);
    match node.action {
        _ if empty => None,
        Action::Empty => Some(Vec::new()),
        Action::Replace if !examined => Some(text::dummy(node.element.vr).to_vec()),
        Action::Keep | Action::Remove | Action::Replace => None,
    }
}

/// Writes an element with a new value, of even length (PS3.5, 6.2).
fn put(element: &Element, value: &[u8], out: &mut Vec<u8>) -> Result<(), StructureError> {
    let pad = if element.vr == *b"UI" || !text::is_text(element.vr) { 0 } else { b' ' };
    let odd = value.len() % 2 == 1;
    let size = length(value.len() + usize::from(odd), element.start)?;
    header(element.tag, element.vr, element.explicit, size, out)?;
    out.extend_from_slice(value);
    if odd {
        out.push(pad);
    }
    Ok(())
}

fn marks(explicit: bool, out: &mut Vec<u8>) -> Result<(), StructureError> {
    for (name, vr, value) in [(REMOVED, *b"CS", &b"YES "[..]), (METHOD, *b"LO", PROFILE)] {
        header(name, vr, explicit, length(value.len(), 0)?, out)?;
        out.extend_from_slice(value);
    }
    Ok(())
}

fn length(bytes: usize, at: usize) -> Result<u32, StructureError> {
    let length = u32::try_from(bytes).ok().filter(|length| *length < UNDEFINED);
    length.ok_or(StructureError::at(at, "a value is too long to be written"))
}

fn tag(tag: u32, out: &mut Vec<u8>) {
    let [a, b, c, d] = tag.to_be_bytes();
    out.extend_from_slice(&[b, a, d, c]);
}

fn header(
    name: u32,
    vr: [u8; 2],
    explicit: bool,
    size: u32,
    out: &mut Vec<u8>,
) -> Result<(), StructureError> {
    tag(name, out);
    if !explicit {
        out.extend_from_slice(&size.to_le_bytes());
        return Ok(());
    }
    out.extend_from_slice(&vr);
    if read::is_long(vr) {
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&size.to_le_bytes());
    } else {
        let short =
            u16::try_from(size).map_err(|_| StructureError::at(0, "a value is too long to be written"))?;
        out.extend_from_slice(&short.to_le_bytes());
    }
    Ok(())
}
