//! The walk: a document and a grammar, side by side.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::{ARENA, Found, Nested, Position, Role, Side, Slice};
use crate::protocol::json::{Bounds, Document, JsonFault, Kind, View};
use crate::protocol::shape::{
    Fields, Shape, is_another_case, is_base64, is_base64_data, is_named, looks_like_bytes, looks_like_id,
    plain_base64,
};
use crate::protocol::{Feature, Limits};

/// Walks `body` by `shape`, and puts what it finds in `found`.
pub(super) fn walk(body: &Document, shape: &'static Shape, side: Side, limits: &Limits, found: &mut Found) {
    let mut count = 0;
    let mut walker = Walker {
        document: body,
        id: 0,
        inside: false,
        free: None,
        side,
        limits,
        level: 0,
        count: &mut count,
        found,
        outer: None,
        escaped: HashMap::new(),
    };
    walker.walk(body.root(), shape, None);
}

struct Walker<'w> {
    document: &'w Document,
    id: u32,
    /// Whether this is a document of an application's own, whose strings may be documents too.
    inside: bool,
    /// The feature that is used by what looks like encoded bytes.
    free: Option<Feature>,
    side: Side,
    limits: &'w Limits,
    level: usize,
    count: &'w mut u32,
    found: &'w mut Found,
    /// The key that names this document, where it is the text of a string.
    outer: Option<Slice>,
    /// Labels that are written with escapes, each decoded once.
    escaped: HashMap<u32, Slice>,
}

/// The key that names a value, by its node.
type Label = Option<u32>;

/// The label that is the key of the string that holds the document.
const OUTER: u32 = u32::MAX;

impl Walker<'_> {
    fn walk(&mut self, view: View<'_>, shape: &'static Shape, label: Label) {
        match (shape, view.kind()) {
            (_, Kind::Null | Kind::Bool) => self.plain(view, shape),
            (Shape::As(inner), _) => self.walk(view, inner, label),
            (Shape::Flag(feature, inner), _) => {
                // an empty object asks for the defaults; only an empty list or text asks for nothing
                if !matches!(view.raw(), "[]" | "\"\"") {
                    self.found.features.insert(*feature);
                }
                self.walk(view, inner, label);
            }
            (Shape::Or(words, _), Kind::String) if words.iter().any(|word| view.is(word)) => {}
            (Shape::Or(_, inner), _)
            | (Shape::Mark(_, _, inner), Kind::Number | Kind::Array | Kind::Object) => {
                self.walk(view, inner, label);
            }
            (Shape::Either { string, .. }, Kind::String) => self.walk(view, string, label),
            (Shape::Either { list, .. }, Kind::Array) => self.walk(view, list, label),
            (Shape::Either { object, .. }, Kind::Object) => self.walk(view, object, label),
            (Shape::List(inner), Kind::Array) => {
                for item in view.items() {
                    self.walk(item, inner, label);
                }
            }
            (Shape::Prose, Kind::Array) => {
                for item in view.items() {
                    self.walk(item, &Shape::Prose, label);
                }
            }
            (Shape::Free(feature, inner), _) => {
                let outside = self.free.replace(*feature);
                self.walk(view, inner, label);
                self.free = outside;
            }
            (Shape::Object(fields), Kind::Object) => self.object(view, fields, None, label),
            (Shape::Proto(fields, other), Kind::Object) => self.proto(view, (fields, other), None, label),
            (Shape::Union(feature, fields), Kind::Object) => {
                let mut keys = view.members().map(|(key, _)| key.string().unwrap_or_default());
                if !keys.all(|key| fields.iter().any(|(field, _)| *field == key)) {
                    self.found.features.insert(*feature);
                }
                self.object(view, fields, None, label);
            }
            (Shape::Map(inner), Kind::Object) => {
                for (key, value) in view.members() {
                    self.text(key, Role::Key, None);
                    self.walk(value, inner, Some(key.index()));
                }
            }
            (Shape::TokenMap, Kind::Object) => self.tokens(view),
            (Shape::Tagged(tag, cases, other), Kind::Object) => self.tagged(view, tag, cases, other, label),
            (Shape::Input, Kind::Object | Kind::Array) if self.side == Side::Answer => {
                self.position(view, Role::Value, None);
            }
            (Shape::Input, _) => {
                // what tools take and give may hold digests and such
                let outside = (std::mem::replace(&mut self.inside, true), self.free.take());
                self.any(view, None);
                (self.inside, self.free) = outside;
            }
            (Shape::Json, Kind::Object | Kind::Array) => self.walk(view, &Shape::Input, label),
            (Shape::Number, Kind::Number) if is_setting(view.raw()) => {}
            (Shape::Integer, Kind::Number) if view.raw().parse::<i64>().is_ok() => {}
            (Shape::Bound | Shape::Skip, Kind::Number) => {}
            (Shape::Echo, _) => self.found.echoes.push(view.index()),
            (_, Kind::String) => self.string(view, shape, label),
            _ => self.any(view, label),
        }
    }

    /// `null`, `true` and `false` hold no content; the truth may be a use of the service.
    fn plain(&mut self, view: View<'_>, shape: &'static Shape) {
        match shape {
            Shape::Flag(feature, _) if view.boolean() == Some(true) => {
                self.found.features.insert(*feature);
            }
            _ => {}
        }
    }

    fn string(&mut self, view: View<'_>, shape: &'static Shape, label: Label) {
        match shape {
            Shape::Word(words) if words.iter().any(|word| view.is(word)) => {}
            Shape::Form(is) if view.string().is_some_and(|text| is(&text)) => {}
            Shape::Mark(word, feature, inner) => {
                if view.is(word) {
                    self.found.features.insert(*feature);
                }
                self.walk(view, inner, label);
            }
            Shape::Model => self.found.models.push(view.index()),
            Shape::Prose => self.text(view, Role::Text, None),
            Shape::Json => self.json(view, None),
            Shape::Signed => self.text(view, Role::Signed, None),
            Shape::Opaque => self.opaque(view),
            Shape::Blob(feature) => {
                self.found.features.insert(*feature);
                let text = view.string().unwrap_or_default();
                if !is_base64(&text) && !is_base64_data(&text) {
                    self.text(view, Role::Text, label);
                }
            }
            Shape::Url(feature) => self.address(view, *feature),
            Shape::Id if view.string().is_some_and(|text| looks_like_id(&text)) => {}
            _ => self.any(view, label),
        }
    }

    /// What only the vendor can read: the caller checks that the vendor issued it.
    fn opaque(&mut self, view: View<'_>) {
        let text = view.string().unwrap_or_default();
        if text.is_empty() {
            return;
        }
        let base64 = is_base64(&text);
        let slice = if base64 && text.bytes().any(|byte| b"-_=".contains(&byte)) {
            self.arena(&plain_base64(&text))
        } else {
            self.slice(view)
        };
        self.found.opaque.push(slice);
        match self.side {
            Side::Request if !(text.len() >= 64 && base64) => self.text(view, Role::Signed, None),
            // words are none that only a vendor can read
            Side::Answer if !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                self.text(view, Role::Text, None);
            }
            _ => {}
        }
    }

    fn address(&mut self, view: View<'_>, feature: Feature) {
        self.found.features.insert(feature);
        let text = view.string().unwrap_or_default();
        if !text.starts_with("data:") {
            self.found.features.insert(Feature::ExternalUrl);
        }
        if !is_base64_data(&text) {
            self.text(view, Role::Text, None);
        }
    }

    fn object(&mut self, view: View<'_>, fields: Fields, tag: Option<&str>, label: Label) {
        for (key, value) in view.members() {
            let name = key.string().unwrap_or_default();
            if tag.is_some_and(|tag| tag == name) {
                self.know(key);
            } else if let Some((_, shape)) = fields.iter().find(|(field, _)| *field == name) {
                self.know(key);
                let own = if matches!(shape, Shape::Same) { label } else { Some(key.index()) };
                self.walk(value, shape, own);
            } else {
                self.found.twice |= is_disguised(fields, tag, &name);
                self.text(key, Role::Key, None);
                self.any(value, Some(key.index()));
            }
        }
    }

    /// An object whose members may be spelt in two ways; one that is given in both is two to some readers, and which
    /// of them counts is not known.
    fn proto(
        &mut self,
        view: View<'_>,
        (fields, other): (Fields, &'static Shape),
        tag: Option<&str>,
        label: Label,
    ) {
        let mut seen = 0_u128;
        for (key, value) in view.members() {
            let name = key.string().unwrap_or_default();
            let found = (0_u32..).zip(fields).find(|(_, (field, _))| is_named(field, &name));
            if let Some((at, (_, shape))) = found {
                let bit = 1_u128.wrapping_shl(at);
                self.found.twice |= seen & bit != 0;
                seen |= bit;
                self.know(key);
                if tag != Some(name.as_ref()) {
                    let own = if matches!(shape, Shape::Same) { label } else { Some(key.index()) };
                    self.walk(value, shape, own);
                }
            } else {
                self.found.twice |= is_disguised(fields, tag, &name);
                self.text(key, Role::Key, None);
                self.walk(value, other, Some(key.index()));
            }
        }
    }

    fn tagged(
        &mut self,
        view: View<'_>,
        tag: &'static str,
        cases: &'static [(&'static [&'static str], Shape)],
        other: &'static Shape,
        label: Label,
    ) {
        // a tag that is no string is no case, not even that of no tag: its value would be taken for structure
        let name = view.given(tag).map_or(Some(Cow::Borrowed("")), View::string);
        let case = name.and_then(|name| cases.iter().find(|(names, _)| names.contains(&name.as_ref())));
        match case {
            Some((_, shape)) => self.case(view, shape, tag, label),
            None => self.other(view, other, label),
        }
    }

    /// An object that is none of the cases: what it may be a use of counts, however empty it is.
    fn other(&mut self, view: View<'_>, shape: &'static Shape, label: Label) {
        match shape {
            Shape::Flag(feature, inner) => {
                self.found.features.insert(*feature);
                self.other(view, inner, label);
            }
            _ => self.walk(view, shape, label),
        }
    }

    /// One case of a tagged object: the tag was matched, so that it is structure.
    fn case(&mut self, view: View<'_>, shape: &'static Shape, tag: &str, label: Label) {
        match shape {
            Shape::Object(fields) => self.object(view, fields, Some(tag), label),
            Shape::Proto(fields, other) => self.proto(view, (fields, other), Some(tag), label),
            Shape::Flag(feature, inner) => {
                self.found.features.insert(*feature);
                self.case(view, inner, tag, label);
            }
            Shape::As(inner) => self.case(view, inner, tag, label),
            _ => self.walk(view, shape, label),
        }
    }

    fn tokens(&mut self, view: View<'_>) {
        for (key, value) in view.members() {
            let name = key.string().unwrap_or_default();
            if name.len() > 6 || !name.bytes().all(|byte| byte.is_ascii_digit()) {
                self.text(key, Role::Key, None);
            }
            self.walk(value, &Shape::Number, Some(key.index()));
        }
    }

    /// Content of any form.
    fn any(&mut self, view: View<'_>, label: Label) {
        self.bytes(view);
        match view.kind() {
            Kind::Null | Kind::Bool | Kind::Key => {}
            Kind::String if self.inside => self.json(view, label),
            Kind::String => self.text(view, Role::Text, label),
            Kind::Number => {
                if self.side == Side::Request && (label.is_some() || digits(view.raw()) >= 6) {
                    self.position(view, Role::Number, label);
                }
            }
            Kind::Array => {
                for item in view.items() {
                    self.any(item, label);
                }
            }
            Kind::Object => {
                for (key, value) in view.members() {
                    self.text(key, Role::Key, None);
                    self.any(value, Some(key.index()));
                }
            }
        }
    }

    /// What may be encoded bytes, where nothing says that it is none.
    fn bytes(&mut self, view: View<'_>) {
        let Some(feature) = self.free.filter(|_| view.kind() == Kind::String) else { return };
        if view.string().is_some_and(|text| looks_like_bytes(&text)) {
            self.found.features.insert(feature);
        }
    }

    /// A string that may be a document: walked inside where it is an object or an array, text otherwise.
    fn json(&mut self, view: View<'_>, label: Label) {
        if self.side == Side::Answer {
            return self.text(view, Role::Json, label);
        }
        let text = view.string().unwrap_or_default();
        if self.level >= self.limits.nested || !text.trim_start().starts_with(['{', '[']) {
            return self.text(view, Role::Text, label);
        }
        let bounds = Bounds { unique_keys: false, nodes: self.found.room, ..self.limits.bounds() };
        let document = match Document::parse(text.into_owned(), bounds) {
            Ok(document) => document,
            Err(error) => {
                self.found.over |= error.fault == JsonFault::Size;
                return self.text(view, Role::Text, label);
            }
        };
        self.found.room = self.found.room.saturating_sub(document.nodes().len());
        let outer = label.and_then(|key| self.label(key));
        *self.count += 1;
        let id = *self.count;
        let mut inside = Walker {
            document: &document,
            id,
            inside: true,
            free: self.free,
            side: self.side,
            limits: self.limits,
            level: self.level + 1,
            count: self.count,
            found: self.found,
            outer,
            escaped: HashMap::new(),
        };
        inside.any(document.root(), outer.map(|_| OUTER));
        self.found.nested.push(Nested { id, parent: self.id, node: view.index(), document });
    }

    fn know(&mut self, key: View<'_>) {
        if self.id == 0 {
            self.found.known.push(key.index());
        }
    }

    fn text(&mut self, view: View<'_>, role: Role, label: Label) {
        let node = view.node();
        let named = self.side == Side::Answer && role == Role::Key && is_field_name(view.raw());
        if node.end - node.start > 2 && !named {
            self.position(view, role, label);
        }
    }

    fn position(&mut self, view: View<'_>, role: Role, label: Label) {
        let text = self.slice(view);
        let label = label.and_then(|key| self.label(key));
        self.found.positions.push(Position { text, label, role, document: self.id, node: view.index() });
    }

    fn label(&mut self, key: u32) -> Option<Slice> {
        if key == OUTER {
            return self.outer;
        }
        let view = self.document.view(key);
        if !view.node().escaped {
            return Some(self.slice(view));
        }
        if let Some(known) = self.escaped.get(&key) {
            return Some(*known);
        }
        let slice = self.slice(view);
        self.escaped.insert(key, slice);
        Some(slice)
    }

    fn slice(&mut self, view: View<'_>) -> Slice {
        let node = view.node();
        let inset = u32::from(matches!(node.kind, Kind::String | Kind::Key));
        if !node.escaped {
            return Slice { document: self.id, start: node.start + inset, end: node.end - inset };
        }
        self.arena(&view.string().unwrap_or_default())
    }

    fn arena(&mut self, text: &str) -> Slice {
        let range = self.keep(text);
        let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Slice { document: ARENA, start: narrow(range.start), end: narrow(range.end) }
    }

    fn keep(&mut self, text: &str) -> Range<usize> {
        let start = self.found.arena.len();
        self.found.arena.push_str(text);
        start..self.found.arena.len()
    }
}

/// Whether a key that no member has is a member's in another case.
fn is_disguised(fields: Fields, tag: Option<&str>, name: &str) -> bool {
    fields.iter().map(|(field, _)| *field).chain(tag).any(|field| is_another_case(field, name))
}

fn digits(number: &str) -> usize {
    number.bytes().filter(u8::is_ascii_digit).count()
}

/// Whether a number can be a setting of the protocol's: before its point, at most seven digits.
fn is_setting(number: &str) -> bool {
    let whole = number.split(['.', 'e', 'E']).next().unwrap_or_default();
    digits(whole) <= 7 && digits(number) <= 20
}

/// Whether a key of an answer is a word of some programmer's, not a text: such are the vendor's own fields.
fn is_field_name(quoted: &str) -> bool {
    quoted.len() <= 66 && quoted.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'"'))
}
