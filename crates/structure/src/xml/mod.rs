//! XML (1.0, fifth edition): where its texts and values of attributes stand.
//!
//! A document type declaration is refused, so that no entity can be declared; nothing is fetched.

mod flow;
mod write;

pub(crate) use flow::Flow;
pub(crate) use write::Place;

use std::ops::Range;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error, Reader};

use crate::error::StructureError;

/// Elements inside each other, at the most.
const DEPTH: usize = 256;

/// Attributes of one element, at the most: each is compared with those before it.
const ATTRIBUTES: usize = 256;

/// What stands in a document, in its order.
pub(crate) enum Token<'t> {
    /// An element begins.
    Open { name: &'t str, attributes: Vec<Attribute<'t>> },
    /// The innermost element ends.
    Close { name: &'t str },
    /// Text, references of characters in it, or the inside of a comment or instruction; of text, all up to the next mark.
    Text { span: Range<usize>, place: Place },
}

/// An attribute by its local name, with its value between the quotes.
pub(crate) struct Attribute<'t> {
    pub(crate) name: &'t str,
    pub(crate) span: Range<usize>,
    pub(crate) place: Place,
}

/// Reads one document with one root.
pub(crate) fn read<'t>(text: &'t str, mut each: impl FnMut(Token<'t>)) -> Result<(), StructureError> {
    let start = if text.starts_with(crate::text::BOM) { crate::text::BOM.len() } else { 0 };
    let mut reader = Reader::from_str(text.get(start..).unwrap_or_default());
    let mut state = State { text, depth: 0, roots: 0, run: None };
    loop {
        let event = reader.read_event().map_err(|error| {
            let at = usize::try_from(reader.error_position()).unwrap_or(0);
            StructureError::at((start + at).min(text.len()), problem(&error))
        })?;
        let ended = matches!(event, Event::Eof);
        state.take(event, &mut each)?;
        if ended {
            return Ok(());
        }
    }
}

const fn problem(error: &Error) -> &'static str {
    match error {
        Error::IllFormed(_) => "an element's end or a reference is not where it must be",
        _ => "not well-formed XML",
    }
}

struct State<'t> {
    text: &'t str,
    depth: usize,
    roots: usize,
    /// Text and references that follow each other.
    run: Option<Range<usize>>,
}

impl<'t> State<'t> {
    fn take(&mut self, event: Event<'t>, each: &mut impl FnMut(Token<'t>)) -> Result<(), StructureError> {
        match &event {
            Event::Text(part) => return self.join(self.span(part, 0)),
            Event::GeneralRef(part) => return self.join(self.span(part, 1)),
            _ => {}
        }
        if let Some(span) = self.run.take() {
            each(Token::Text { span, place: Place::Text });
        }
        match event {
            Event::Start(start) => each(self.open(&start, 1)?),
            Event::Empty(start) => {
                let open = self.open(&start, 0)?;
                let name = if let Token::Open { name, .. } = &open { name } else { "" };
                each(open);
                each(Token::Close { name });
            }
            Event::End(end) => {
                self.depth = self.depth.saturating_sub(1);
                each(Token::Close { name: local(self.part(self.span(end.name().as_ref(), 0))) });
            }
            Event::CData(part) => {
                let span = self.span(&part, 0);
                self.inside(span.start)?;
                each(Token::Text { span, place: Place::Cdata });
            }
            Event::Comment(part) => each(Token::Text { span: self.span(&part, 0), place: Place::Comment }),
            Event::PI(part) => each(Token::Text { span: self.span(&part, 0), place: Place::Instruction }),
            Event::DocType(part) => {
                let at = self.span(&part, 0).start;
                return Err(StructureError::at(at, "a document type declaration is refused"));
            }
            Event::Eof if self.depth > 0 || self.roots == 0 => {
                return Err(StructureError::at(self.text.len(), "the document ends too early"));
            }
            Event::Decl(_) | Event::Eof | Event::Text(_) | Event::GeneralRef(_) => {}
        }
        Ok(())
    }

    fn open(&mut self, start: &BytesStart<'t>, deeper: usize) -> Result<Token<'t>, StructureError> {
        let at = self.span(start, 0);
        if self.depth == 0 {
            self.roots += 1;
            if self.roots > 1 {
                return Err(StructureError::at(at.start, "something stands after the document"));
            }
        }
        self.depth += deeper;
        if self.depth > DEPTH {
            return Err(StructureError::at(at.start, "too many elements inside each other"));
        }
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let wrong = |_| StructureError::at(at.start, "an attribute is not well-formed, or stands twice");
            let attribute = attribute.map_err(wrong)?;
            if attributes.len() >= ATTRIBUTES {
                return Err(StructureError::at(at.start, "too many attributes"));
            }
            let span = self.span(&attribute.value, 0);
            let quote = self.text.as_bytes().get(span.end).copied().unwrap_or(b'"');
            let name = self.part(self.span(attribute.key.as_ref(), 0));
            // whatever prefix it declares
            let name = if name.starts_with("xmlns") { "xmlns" } else { local(name) };
            attributes.push(Attribute { name, span, place: Place::Attribute(quote) });
        }
        let name = self.part(self.span(start.name().as_ref(), 0));
        Ok(Token::Open { name: local(name), attributes })
    }

    fn join(&mut self, span: Range<usize>) -> Result<(), StructureError> {
        if !self.part(span.clone()).trim().is_empty() {
            self.inside(span.start)?;
        }
        let start = self.run.take().map_or(span.start, |run| run.start);
        self.run = Some(start..span.end);
        Ok(())
    }

    fn inside(&self, at: usize) -> Result<(), StructureError> {
        if self.depth == 0 { Err(StructureError::at(at, "text stands outside the document")) } else { Ok(()) }
    }

    fn part(&self, span: Range<usize>) -> &'t str {
        self.text.get(span).unwrap_or_default()
    }

    /// Where a part that the reader borrowed stands, wider on both sides by the marks around it.
    fn span(&self, part: &str, wider: usize) -> Range<usize> {
        let start = part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        start.saturating_sub(wider)..(start + part.len() + wider).min(self.text.len())
    }
}

/// A name without the prefix of its namespace.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_attributes_stand_where_it_is_said() {
        let text = "\u{FEFF}<?xml version='1.0'?><!-- c --><a x:b=\"1 &amp; 2\" c=''>A &amp; B<i/>é<![CDATA[<d>]]></a>\n";
        let mut seen = Vec::new();
        read(text, |token| match token {
            Token::Open { attributes, .. } => {
                seen.extend(attributes.iter().map(|a| (a.name, text.get(a.span.clone()).unwrap())));
            }
            Token::Close { .. } => seen.push(("/", "")),
            Token::Text { span, .. } => seen.push(("text", text.get(span).unwrap())),
        })
        .unwrap();
        assert_eq!(
            seen,
            [
                ("text", " c "),
                ("b", "1 &amp; 2"),
                ("c", ""),
                ("text", "A &amp; B"),
                ("/", ""),
                ("text", "é"),
                ("text", "<d>"),
                ("/", ""),
                ("text", "\n")
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_place() {
        for (text, problem) in [
            (
                "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///c'>]><a>&b;</a>",
                "a document type declaration is refused",
            ),
            ("<a><b></a>", "an element's end or a reference is not where it must be"),
            ("<a>", "the document ends too early"),
            ("", "the document ends too early"),
            ("<a/>b", "text stands outside the document"),
            ("<a/><b/>", "something stands after the document"),
            ("<a b='1' b='2'/>", "an attribute is not well-formed, or stands twice"),
            ("<a", "not well-formed XML"),
        ] {
            assert_eq!(read(text, |_| ()).map_err(|error| error.problem), Err(problem), "{text}");
        }
        let many = (0..300).map(|n| format!(" a{n}=''")).collect::<Vec<_>>().concat();
        assert!(
            read(&format!("<a{many}/>"), |_| ()).is_err_and(|error| error.problem == "too many attributes")
        );
        assert!(read(&"<a>".repeat(300), |_| ()).is_err_and(|error| error.offset == 3 * DEPTH + 1));
    }
}
