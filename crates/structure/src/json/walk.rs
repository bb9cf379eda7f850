//! From tokens to fields.

use std::borrow::Cow;
use std::ops::Range;

use super::{Document, Kind, string};
use crate::field::Says;
use crate::plan::Plan;
use crate::record::{Draft, Writing};
use crate::{fhir, name};

/// Adds every field of the document to the draft.
pub(super) fn walk(document: &Document<'_>, plan: &Plan, draft: &mut Draft) {
    Walk { document, plan, draft, path: String::new() }.value(0, None);
}

/// A walk through a document, at one path.
pub(crate) struct Walk<'a, 't> {
    pub(crate) document: &'a Document<'t>,
    plan: &'a Plan,
    draft: &'a mut Draft,
    path: String,
}

/// The text of a string, and where its bytes stand in the document.
pub(crate) struct Inside {
    pub(crate) text: String,
    start: usize,
    /// After each escape: bytes of the text, bytes of the inside.
    escapes: Vec<(usize, usize)>,
}

impl Inside {
    /// Where a part of the text stands in the document.
    fn span(&self, part: &Range<usize>) -> Range<usize> {
        self.at(part.start)..self.at(part.end)
    }

    fn at(&self, at: usize) -> usize {
        let before = self.escapes.partition_point(|(text, _)| *text <= at);
        let (text, raw) =
            before.checked_sub(1).and_then(|last| self.escapes.get(last)).copied().unwrap_or((0, 0));
        self.start + raw + (at - text)
    }
}

impl<'t> Walk<'_, 't> {
    /// Does `inside` at a path that is longer by `name`.
    pub(crate) fn under(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        let outside = self.path.len();
        name::push(&mut self.path, '.', name::shown(name));
        inside(self);
        self.path.truncate(outside);
    }

    /// Does `inside` at another path.
    pub(crate) fn at(&mut self, path: &str, inside: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.path, path.to_owned());
        inside(self);
        self.path = outside;
    }

    /// The string with this index, of which parts become fields.
    pub(crate) fn inside(&self, index: usize) -> Option<Inside> {
        let node = self.document.node(index).filter(|node| node.kind == Kind::String)?;
        let mut escapes = Vec::new();
        let text = string::decode_with(self.document.inside(node), |text, raw| escapes.push((text, raw)));
        Some(Inside { text, start: node.start + 1, escapes })
    }

    /// A part of a string as a field.
    pub(crate) fn part(
        &mut self,
        inside: &Inside,
        part: Range<usize>,
        text: String,
        says: Says,
        writing: Writing,
    ) {
        let says = self.plan.says(&self.path, &text).unwrap_or(says);
        self.draft.push(self.path.clone(), text, says, inside.span(&part), writing);
    }

    /// The field that was added last goes on from the one before it.
    pub(crate) fn follow(&mut self, gap: &'static str) {
        self.draft.follow(gap);
    }

    /// As deep as a document may be, so the stack is bounded.
    pub(crate) fn value(&mut self, index: usize, label: Option<&str>) {
        let document = self.document;
        match document.node(index).map(|node| node.kind) {
            Some(Kind::Object) if fhir::is_resource(document, index) => fhir::resource(self, index),
            Some(Kind::Object) => {
                for (key, value) in document.members(index) {
                    self.member(key, value);
                }
            }
            Some(Kind::Array) => {
                for item in document.items(index) {
                    self.value(item, label);
                }
            }
            Some(Kind::String | Kind::Number) => {
                let label = label.filter(|label| name::is_shown(label));
                self.token(index, label.map_or_else(Says::text, Says::labelled));
            }
            Some(Kind::Word | Kind::Key) | None => {}
        }
    }

    fn member(&mut self, key: usize, value: usize) {
        let name = self.key(key);
        self.under(&name, |walk| walk.value(value, Some(&name)));
    }

    /// The name of a member, which is a field if it may be more than a name.
    pub(crate) fn key(&mut self, key: usize) -> Cow<'t, str> {
        let name = self.document.text_of(key);
        if !name::is_programs(&name) {
            self.under(&name, |walk| walk.token(key, Says::Key));
        }
        name
    }

    /// A whole string, number or key as a field; none where it is blank.
    pub(crate) fn token(&mut self, index: usize, says: Says) {
        let Some(node) = self.document.node(index) else { return };
        let text = self.document.text_of(index);
        if text.trim().is_empty() {
            return;
        }
        let (span, writing) = match node.kind {
            Kind::Number => (node.start..node.end, Writing::JsonNumber),
            _ => (node.start + 1..node.end.saturating_sub(1), Writing::JsonString),
        };
        let says = if says == Says::Key { says } else { self.plan.says(&self.path, &text).unwrap_or(says) };
        self.draft.push(self.path.clone(), text.into_owned(), says, span, writing);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Format, Plan, Says, open};

    #[test]
    fn strings_numbers_and_doubtful_keys_are_fields() {
        let text = br#"{"a": {"mrn": 48213377, "x": ["one", true, ""]}, "Finchley": "v", "a": "t\u0041\"q"}"#;
        let record = open(Format::Json, text, &Plan::default()).unwrap();
        let seen: Vec<_> = record.fields().iter().map(|f| (f.path.as_str(), f.text.as_str())).collect();
        assert_eq!(
            seen,
            [
                ("a.mrn", "48213377"),
                ("a.x", "one"),
                ("Finchley", "Finchley"),
                ("Finchley", "v"),
                ("a", "tA\"q")
            ]
        );
        assert_eq!(record.fields()[0].says, Says::Text { label: Some("mrn".to_owned()) });
        assert_eq!(record.fields()[2].says, Says::Key);
        assert_eq!(record.write(&[]).unwrap(), text);
        assert_eq!(record.place(0).and_then(|place| text.get(place)), Some(&b"48213377"[..]));
        assert_eq!(record.place(9), None);
        let edits = [(0, "MRN-1".to_owned()), (1, "7".to_owned()), (4, "a\"\\\n\u{1}é".to_owned())];
        let out = String::from_utf8(record.write(&edits).unwrap()).unwrap();
        let wanted =
            r#"{"a": {"mrn": "MRN-1", "x": ["7", true, ""]}, "Finchley": "v", "a": "a\"\\\n\u0001é"}"#;
        assert_eq!(out, wanted);
        let number = record.write(&[(0, "77".to_owned())]).unwrap();
        assert!(String::from_utf8(number).unwrap().starts_with(r#"{"a": {"mrn": 77,"#));
    }
}
