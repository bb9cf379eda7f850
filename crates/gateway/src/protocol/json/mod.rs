//! A strict and lossless reading of JSON (RFC 8259): the text stays as it came, beside it lies a flat list of
//! nodes with their byte spans, and edits are spliced into the text so that no other byte moves.
//!
//! Stricter than the RFC where two readers could differ: an object with the same key twice (after unescaping)
//! is refused, and so is an escape that names half a surrogate pair.

mod edit;
mod parse;
mod string;
mod view;

pub use edit::{Edit, splice};
pub use parse::{Bounds, JsonError, JsonFault};
pub use string::write_string;
pub use view::View;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// a number, verbatim
    Number,
    /// a string that is a value
    String,
    /// a string that is the key of an object's member; its value is the next node
    Key,
    /// an object
    Object,
    /// an array
    Array,
}

/// One value or key. 24 bytes, no text.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Whether a string or key holds a backslash.
    pub escaped: bool,
    /// First byte, the quote or bracket included.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The object or array around it; the root names itself.
    pub parent: u32,
    /// The first node that is not inside this one.
    pub next: u32,
    /// Its position among its siblings, from 0; a key and its value share one.
    pub ordinal: u32,
}

/// Whether `text` is one JSON value that this house accepts.
pub fn check(text: &str, bounds: Bounds) -> Result<(), JsonError> {
    parse::nodes(text, bounds, false).map(drop)
}

/// A parsed text. Owns it, so that it can be kept beside what was found in it.
pub struct Document {
    text: String,
    nodes: Vec<Node>,
}

impl Document {
    /// Parses one JSON value with nothing but white space around it.
    pub fn parse(text: String, bounds: Bounds) -> Result<Self, JsonError> {
        let nodes = parse::nodes(&text, bounds, false)?;
        Ok(Self { text, nodes })
    }

    /// The same where arrays that hold numbers only are one value each, without those: what they hold is bounded by the
    /// text alone, and reads as nothing.
    pub fn of_vectors(text: String, bounds: Bounds) -> Result<Self, JsonError> {
        let nodes = parse::nodes(&text, bounds, true)?;
        Ok(Self { text, nodes })
    }

    /// The text as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Gives the text up.
    pub fn into_text(self) -> String {
        self.text
    }

    /// All nodes in the order of the text; the first is the root.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The root value.
    pub fn root(&self) -> View<'_> {
        View::new(self, 0)
    }

    /// The node at `index` of [`Document::nodes`], as a view.
    pub fn view(&self, index: u32) -> View<'_> {
        View::new(self, index)
    }
}
