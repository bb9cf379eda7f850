//! Narrative (R4, 2.4.0): its texts are fields, its markup stays.

use std::ops::Range;

use super::reference;
use crate::field::Says;
use crate::json::{Inside, Walk};
use crate::record::Writing;
use crate::xml::{self, Attribute, Flow, Place, Token};

/// Attributes that hold no text.
const PLAIN: &[&str] = &[
    "class",
    "style",
    "colspan",
    "rowspan",
    "xmlns",
    "align",
    "valign",
    "border",
    "width",
    "height",
    "cellpadding",
    "cellspacing",
    "lang",
    "scope",
    "start",
    "type",
];

/// Adds the texts of the XHTML with this index; all of it as one text where it is not well-formed.
pub(super) fn fields(walk: &mut Walk<'_, '_>, index: usize) {
    let Some(inside) = walk.inside(index) else { return };
    let mut tokens = Vec::new();
    if xml::read(&inside.text, |token| tokens.push(token)).is_err() {
        walk.token(index, Says::text());
        return;
    }
    // attributes and comments first, so that what is read as one text stands together
    for token in &tokens {
        match token {
            Token::Open { attributes, .. } => {
                for attribute in attributes {
                    of_attribute(walk, &inside, attribute);
                }
            }
            Token::Text { span, place } if !place.is_text() => {
                walk.under("comment", |walk| text(walk, &inside, span.clone(), *place));
            }
            Token::Text { .. } | Token::Close { .. } => {}
        }
    }
    let mut flow = Flow::default();
    for token in tokens {
        match token {
            Token::Open { name, .. } | Token::Close { name } => flow.element(name),
            Token::Text { span, place } if place.is_text() => {
                let raw = inside.text.get(span.clone()).unwrap_or_default();
                let Some((part, gap)) = flow.text(raw, span.start) else { continue };
                text(walk, &inside, part, place);
                if let Some(gap) = gap {
                    walk.follow(gap);
                }
            }
            Token::Text { .. } => {}
        }
    }
}

fn text(walk: &mut Walk<'_, '_>, inside: &Inside, part: Range<usize>, place: Place) {
    let raw = inside.text.get(part.clone()).unwrap_or_default();
    if !raw.trim().is_empty() {
        let text = place.read(raw).into_owned();
        walk.part(inside, part, text, Says::text(), Writing::JsonXml(place));
    }
}

fn of_attribute(walk: &mut Walk<'_, '_>, inside: &Inside, attribute: &Attribute<'_>) {
    let raw = inside.text.get(attribute.span.clone()).unwrap_or_default();
    if PLAIN.contains(&attribute.name) {
        return;
    }
    let link = matches!(attribute.name, "href" | "src") && !raw.contains('&');
    let scheme = raw.contains(':') && !raw.starts_with("http");
    walk.under(&format!("@{}", attribute.name), |walk| {
        if !link || scheme {
            return text(walk, inside, attribute.span.clone(), attribute.place);
        }
        for (part, says) in reference::parts(raw) {
            let text = raw.get(part.clone()).unwrap_or_default().to_owned();
            let part = attribute.span.start + part.start..attribute.span.start + part.end;
            walk.part(inside, part, text, says, Writing::JsonXml(attribute.place));
        }
    });
}

#[cfg(test)]
mod tests {
    use crate::{Format, Plan, open};

    #[test]
    fn markup_stays_and_text_goes_on_through_it() {
        let resource = r#"{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" title=\"t\"><!-- c --><p>Seen:\n <b>Har</b>old &amp; Ren&eacute;e<\/p><td>1<\/td><td>2<\/td><a href=\"Patient/p1\"> x<\/a><\/div>"}}"#;
        let record = open(Format::Fhir, resource.as_bytes(), &Plan::default()).unwrap();
        let seen: Vec<_> = record.fields().iter().skip(2).map(|f| (f.text.as_str(), f.follows)).collect();
        assert_eq!(
            seen,
            [
                ("t", None),
                (" c ", None),
                ("p1", None),
                ("Seen:", None),
                ("Har", Some(" ")),
                ("old & Renée", Some("")),
                ("1", Some("\n")),
                ("2", Some("  ")),
                ("x", Some("  ")),
            ]
        );
        let edits: Vec<_> = (2..record.fields().len()).map(|at| (at, format!("<\"{at}"))).collect();
        let out = String::from_utf8(record.write(&edits).unwrap()).unwrap();
        assert!(
            out.contains(r#"title=\"&lt;&quot;2\"><!--<\"3--><p>&lt;\"5:"#.trim_end_matches(':')),
            "{out}"
        );
        assert!(out.contains(r#"<b>&lt;\"6</b>&lt;\"7<\/p><td>&lt;\"8<\/td>"#), "{out}");
        let again = open(Format::Fhir, out.as_bytes(), &Plan::default()).unwrap();
        assert_eq!(again.fields().len(), record.fields().len());
    }

    #[test]
    fn what_is_no_xhtml_is_one_text() {
        let resource = br#"{"resourceType":"Patient","text":{"div":"<div>Harold <br></div>"}}"#;
        let record = open(Format::Fhir, resource, &Plan::default()).unwrap();
        assert_eq!(record.fields()[1].text, "<div>Harold <br></div>");
    }
}
