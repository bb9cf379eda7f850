//! One form of a message for all the forms that a client may send it in, so that a conversation is known again.
//!
//! The form is for digests only. It is injective up to what clients change when they send a message again:
//! a text or a list of one text part, the white space and key order of arguments, fields that are dropped.

use super::json::{Bounds, Document, Kind, View};

/// One message of a conversation, or the system prompt.
pub struct CanonicalMessage {
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// Whether an assistant said it.
    pub answer: bool,
}

/// Builds the canonical bytes of one message: every part is a tag, a length and its bytes.
pub(crate) struct Canonical {
    out: Vec<u8>,
    text: String,
}

impl Canonical {
    /// A message of a role.
    pub(crate) fn new(role: &str) -> Self {
        let mut message = Self { out: Vec::new(), text: String::new() };
        message.put(b'r', role.as_bytes());
        message
    }

    /// Text; adjacent texts are one.
    pub(crate) fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// A call of a tool, with its arguments as JSON text.
    pub(crate) fn call(&mut self, id: &str, name: &str, arguments: &str) {
        self.end_text();
        self.put(b'i', id.as_bytes());
        self.put(b'n', name.as_bytes());
        let bounds = Bounds { depth: 128, nodes: 1 << 20, unique_keys: true };
        let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
        match Document::parse(arguments.to_owned(), bounds) {
            Ok(document) => self.value(b'a', document.root()),
            Err(_) => self.put(b'u', arguments.as_bytes()),
        }
    }

    /// A short field, where it is given.
    pub(crate) fn field(&mut self, tag: u8, value: Option<View<'_>>) {
        if let Some(text) = value.and_then(View::string) {
            self.word(tag, &text);
        }
    }

    /// A short text.
    pub(crate) fn word(&mut self, tag: u8, text: &str) {
        self.end_text();
        self.put(tag, text.as_bytes());
    }

    /// Any other part.
    pub(crate) fn part(&mut self, value: View<'_>) {
        self.end_text();
        self.value(b'p', value);
    }

    /// A mark that something begins or ends.
    pub(crate) fn mark(&mut self, tag: u8) {
        self.end_text();
        self.put(tag, b"");
    }

    /// The finished bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.end_text();
        self.out
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.put(b't', text.as_bytes());
        }
    }

    fn put(&mut self, tag: u8, bytes: &[u8]) {
        self.out.push(tag);
        self.out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.out.extend_from_slice(bytes);
    }

    fn value(&mut self, tag: u8, value: View<'_>) {
        let mut bytes = Vec::new();
        write(&mut bytes, value);
        self.put(tag, &bytes);
    }
}

/// Where clients put cache marks changes from turn to turn.
const MOVING: &str = "cache_control";

/// JSON without white space, keys in order, each string preceded by its length instead of escaped.
fn write(out: &mut Vec<u8>, value: View<'_>) {
    match value.kind() {
        Kind::Null | Kind::Bool | Kind::Number => {
            out.extend_from_slice(value.raw().as_bytes());
            out.push(b',');
        }
        Kind::String | Kind::Key => {
            let text = value.string().unwrap_or_default();
            out.push(b'"');
            out.extend_from_slice(&(text.len() as u64).to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        Kind::Array => {
            out.push(b'[');
            value.items().for_each(|item| write(out, item));
            out.push(b']');
        }
        Kind::Object => {
            let mut members: Vec<_> = value.members().filter(|(key, _)| !key.is(MOVING)).collect();
            members.sort_by_cached_key(|(key, _)| key.string().unwrap_or_default());
            out.push(b'{');
            for (key, member) in members {
                write(out, key);
                write(out, member);
            }
            out.push(b'}');
        }
    }
}
