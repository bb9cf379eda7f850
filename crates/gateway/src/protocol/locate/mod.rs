//! Finds every position of a body that can hold content, by a grammar of shapes.

mod walk;

use std::collections::BTreeSet;

use super::json::{Document, Kind, View};
use super::shape::Shape;
use super::{Feature, Limits};

/// What kind of position a text stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// a string
    Text,
    /// the key of a member
    Key,
    /// a number that a key names, or of six digits or more; an edit makes it a string unless it is a number too
    Number,
    /// signed: a finding here can't be replaced, so that the request must be refused
    Signed,
    /// a string that is JSON text (answers only)
    Json,
    /// a JSON value that is to be read as text (answers only)
    Value,
}

/// Where a text lies: in a document (0 is the body itself), or decoded in the arena.
#[derive(Clone, Copy)]
pub(crate) struct Slice {
    document: u32,
    start: u32,
    end: u32,
}

const ARENA: u32 = u32::MAX;

/// One position of content.
pub(crate) struct Position {
    /// Its text, decoded.
    pub(crate) text: Slice,
    /// The name of the field that holds it.
    pub(crate) label: Option<Slice>,
    /// Its kind.
    pub(crate) role: Role,
    /// The document that holds it.
    pub(crate) document: u32,
    /// Its node there.
    pub(crate) node: u32,
}

/// Whether a client's request is walked, or a vendor's answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Documents in strings are walked inside, numbers are content.
    Request,
    /// Documents in strings are one text, as they are in a stream; numbers are the vendor's own.
    Answer,
}

/// A document that is the text of a string.
pub(crate) struct Nested {
    /// Its number, from 1.
    id: u32,
    /// The document that holds the string, always of a lower number.
    pub(crate) parent: u32,
    /// The string's node there.
    pub(crate) node: u32,
    /// The string's text, parsed.
    pub(crate) document: Document,
}

/// What a walk found.
#[derive(Default)]
pub(crate) struct Found {
    /// Content, in the order of the body.
    pub(crate) positions: Vec<Position>,
    /// Documents inside strings, by number: the first is number 1.
    pub(crate) nested: Vec<Nested>,
    /// Keys of the body that the grammar knows, ascending.
    known: Vec<u32>,
    /// What the body asks of the service.
    pub(crate) features: BTreeSet<Feature>,
    /// Opaque values that are not empty, in the order of the body; base64 in its one spelling.
    pub(crate) opaque: Vec<Slice>,
    /// What spells out the text of an answer again.
    pub(crate) echoes: Vec<u32>,
    /// The nodes of the model's name.
    pub(crate) models: Vec<u32>,
    /// A member of some object is given in both of its spellings, or in letters of another case.
    pub(crate) twice: bool,
    /// The documents inside strings hold more values and keys than one body may, those of the body itself included.
    pub(crate) over: bool,
    /// How many they may still hold.
    room: usize,
    arena: String,
}

impl Found {
    /// Walks `body` by `shape`.
    pub(crate) fn walk(body: &Document, shape: &'static Shape, side: Side, limits: &Limits) -> Self {
        let room = limits.nodes.saturating_sub(body.nodes().len());
        let mut found = Self { room, ..Self::default() };
        walk::walk(body, shape, side, limits, &mut found);
        found.nested.sort_by_key(|nested| nested.id);
        found
    }

    /// The document of a number.
    pub(crate) fn document<'a>(&'a self, body: &'a Document, id: u32) -> &'a Document {
        let nested = (id as usize).checked_sub(1).and_then(|index| self.nested.get(index));
        nested.map_or(body, |nested| &nested.document)
    }

    /// The text of a slice.
    pub(crate) fn text<'a>(&'a self, body: &'a Document, slice: Slice) -> &'a str {
        let text = if slice.document == ARENA {
            self.arena.as_str()
        } else {
            self.document(body, slice.document).text()
        };
        text.get(slice.start as usize..slice.end as usize).unwrap_or_default()
    }

    /// The JSON pointer (RFC 6901) of a position, fit for the record: keys that the protocol does not define
    /// are shown by their ordinal, `{2}`; `#key` is a key itself, and `#/` enters a document inside a string.
    pub(crate) fn pointer(&self, body: &Document, position: &Position) -> String {
        let mut segments = Vec::new();
        let (mut document, mut node) = (position.document, position.node);
        if position.role == Role::Key {
            segments.push("#key".to_owned());
        }
        loop {
            let view = self.document(body, document).view(node);
            if node == 0 {
                let Some(nested) = (document as usize).checked_sub(1).and_then(|at| self.nested.get(at))
                else {
                    break;
                };
                segments.push("#".to_owned());
                (document, node) = (nested.parent, nested.node);
                continue;
            }
            segments.push(self.segment(body, document, view));
            node = view.node().parent;
        }
        segments.reverse();
        segments.concat()
    }

    fn segment(&self, body: &Document, document: u32, view: View<'_>) -> String {
        let node = view.node();
        if self.document(body, document).view(node.parent).kind() == Kind::Array {
            return format!("/{}", node.ordinal);
        }
        let key = if node.kind == Kind::Key { view.index() } else { view.index().saturating_sub(1) };
        if document == 0 && self.known.binary_search(&key).is_ok() {
            return format!("/{}", body.view(key).string().unwrap_or_default());
        }
        format!("/{{{}}}", node.ordinal)
    }
}
