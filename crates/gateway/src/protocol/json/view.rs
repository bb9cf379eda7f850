//! Reading a document by key and position.

use std::borrow::Cow;

use super::{Document, Kind, Node, string};

/// One value of a document.
#[derive(Clone, Copy)]
pub struct View<'d> {
    document: &'d Document,
    index: u32,
}

static NOTHING: Node =
    Node { kind: Kind::Null, escaped: false, start: 0, end: 0, parent: 0, next: 0, ordinal: 0 };

impl<'d> View<'d> {
    pub(super) fn new(document: &'d Document, index: u32) -> Self {
        Self { document, index }
    }

    /// Its index among the document's nodes.
    pub fn index(self) -> u32 {
        self.index
    }

    /// The node.
    pub fn node(self) -> &'d Node {
        self.document.nodes.get(self.index as usize).unwrap_or(&NOTHING)
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// Its bytes, as they stand in the text.
    pub fn raw(self) -> &'d str {
        let node = self.node();
        self.document.text.get(node.start as usize..node.end as usize).unwrap_or_default()
    }

    /// The text of a string or key.
    pub fn string(self) -> Option<Cow<'d, str>> {
        let node = self.node();
        matches!(node.kind, Kind::String | Kind::Key).then(|| string::decode(&self.document.text, node))
    }

    /// Whether it is a string with this text.
    pub fn is(self, text: &str) -> bool {
        self.string().is_some_and(|own| own == text)
    }

    /// The value of `true` and `false`.
    pub fn boolean(self) -> Option<bool> {
        (self.kind() == Kind::Bool).then(|| self.raw() == "true")
    }

    /// A number that is a whole one from 0.
    pub fn whole(self) -> Option<u64> {
        if self.kind() == Kind::Number { self.raw().parse().ok() } else { None }
    }

    /// The keys and values of an object; nothing for any other kind.
    pub fn members(self) -> impl Iterator<Item = (View<'d>, View<'d>)> {
        self.children(Kind::Object, 1).map(move |key| (key, Self::new(self.document, key.index + 1)))
    }

    /// The values of an array; nothing for any other kind.
    pub fn items(self) -> impl Iterator<Item = View<'d>> {
        self.children(Kind::Array, 0)
    }

    /// The value of an object's member; `None` where it is absent, and for any other kind.
    pub fn get(self, key: &str) -> Option<View<'d>> {
        self.members().find(|(own, _)| own.is(key)).map(|(_, value)| value)
    }

    /// As [`View::get`], and `None` for `null` too.
    pub fn given(self, key: &str) -> Option<View<'d>> {
        self.get(key).filter(|value| value.kind() != Kind::Null)
    }

    fn children(self, kind: Kind, keys: u32) -> impl Iterator<Item = View<'d>> {
        let end = if self.kind() == kind { self.node().next } else { 0 };
        let mut at = self.index + 1;
        std::iter::from_fn(move || {
            let child = (at < end).then(|| Self::new(self.document, at))?;
            at = Self::new(self.document, at + keys).node().next;
            Some(child)
        })
    }
}
