//! From tokens to fields.

use super::{Document, Kind};
use crate::field::Says;
use crate::name;
use crate::plan::Plan;
use crate::record::{Draft, Writing};

/// Adds every field of the document to the draft.
pub(super) fn walk(document: &Document<'_>, plan: &Plan, draft: &mut Draft) {
    Walk { document, plan, draft, path: String::new() }.value(0, None);
}

struct Walk<'a, 't> {
    document: &'a Document<'t>,
    plan: &'a Plan,
    draft: &'a mut Draft,
    path: String,
}

impl Walk<'_, '_> {
    /// As deep as a document may be, so the stack is bounded.
    fn value(&mut self, index: usize, label: Option<&str>) {
        let document = self.document;
        match document.node(index).map(|node| node.kind) {
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
            Some(Kind::String | Kind::Number) => self.leaf(index, label),
            Some(Kind::Word | Kind::Key) | None => {}
        }
    }

    fn member(&mut self, key: usize, value: usize) {
        let name = self.document.text_of(key);
        let outside = self.path.len();
        if outside > 0 {
            self.path.push('.');
        }
        self.path.push_str(name::shown(&name));
        if !name::is_programs(&name) {
            self.token(key, Says::Key);
        }
        self.value(value, Some(&name));
        self.path.truncate(outside);
    }

    fn leaf(&mut self, index: usize, label: Option<&str>) {
        let says = self.plan.says(&self.path).unwrap_or_else(|| {
            label.filter(|label| name::is_shown(label)).map_or_else(Says::text, Says::labelled)
        });
        self.token(index, says);
    }

    fn token(&mut self, index: usize, says: Says) {
        let Some(node) = self.document.node(index) else { return };
        let text = self.document.text_of(index);
        if text.trim().is_empty() {
            return;
        }
        let (span, writing) = match node.kind {
            Kind::Number => (node.start..node.end, Writing::JsonNumber),
            _ => (node.start + 1..node.end - 1, Writing::JsonString),
        };
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
        let edits = [(0, "MRN-1".to_owned()), (1, "7".to_owned()), (4, "a\"\\\n\u{1}é".to_owned())];
        let out = String::from_utf8(record.write(&edits).unwrap()).unwrap();
        let wanted =
            r#"{"a": {"mrn": "MRN-1", "x": ["7", true, ""]}, "Finchley": "v", "a": "a\"\\\n\u0001é"}"#;
        assert_eq!(out, wanted);
        let number = record.write(&[(0, "77".to_owned())]).unwrap();
        assert!(String::from_utf8(number).unwrap().starts_with(r#"{"a": {"mrn": 77,"#));
    }
}
