//! Headers of DICOM files (PS3.10) by the Basic Application Level Confidentiality Profile (PS3.15, annex E).
//!
//! Pictures are not examined; where they may show names, a record warns. The crates `dicom-*` write what they read in
//! their own way, so that what nobody changed could not stay as it is, and bring thirty others: the reader is ours.

mod profile;
mod read;
mod text;
mod write;

use std::ops::Range;

use terms::IdentifierClass::{Date, Name, OtherId};

use crate::error::StructureError;
use crate::field::Says;
use crate::plan::Plan;
use crate::record::{Draft, Writing};
use profile::{Action, Holds};
use read::{Element, Value};
use text::Charset;

pub(crate) use write::write;

/// Kinds of pictures that often show names (PS3.15, E.3.1 "Clean Pixel Data Option"): ultrasound, captured screens, and
/// what is photographed or scanned.
const SHOWN: &[&str] = &["US", "SC", "OT", "XC", "ES", "GM", "ECG", "DOC", "OP", "IVUS", "XA", "RF"];

/// A file that was read.
pub(crate) struct File {
    meta: Vec<Node>,
    object: Vec<Node>,
    explicit: bool,
    charset: Charset,
}

/// An element, with what becomes of it.
struct Node {
    element: Element,
    action: Action,
    /// Where the parts stand that are fields, by the field's index.
    fields: Vec<(usize, Range<usize>)>,
    items: Vec<Vec<Node>>,
}

/// The fields of a file.
pub(crate) fn open(record: &[u8], plan: &Plan) -> Result<Draft, StructureError> {
    let read::Parts { meta, object, explicit } = read::file(record)?;
    let bytes_of = |tag: u32| value_of(&object, tag).and_then(|span| record.get(span)).unwrap_or_default();
    let charset = Charset::named(bytes_of(0x0008_0005));
    let mut draft = Draft::default();
    let mut warnings = Vec::new();
    warn(&mut warnings, &bytes_of, &object);
    let mut reader =
        Reader { bytes: record, charset, plan, draft: &mut draft, path: String::new(), private: false };
    let meta = reader.nodes(meta)?;
    let object = reader.nodes(object)?;
    if reader.private {
        warnings.push("private elements are removed when the file is written");
    }
    draft.warnings = warnings;
    draft.dicom = Some(File { meta, object, explicit, charset });
    Ok(draft)
}

fn value_of(elements: &[Element], tag: u32) -> Option<Range<usize>> {
    elements.iter().find(|element| element.tag == tag).and_then(|element| match &element.value {
        Value::Bytes(span) => Some(span.clone()),
        _ => None,
    })
}

fn warn<'b>(warnings: &mut Vec<&'static str>, bytes_of: &impl Fn(u32) -> &'b [u8], object: &[Element]) {
    let word = |tag: u32| std::str::from_utf8(bytes_of(tag).trim_ascii()).unwrap_or_default();
    let picture = object.iter().any(|element| element.tag >= 0x7FE0_0008 && element.tag <= 0x7FE0_0010);
    match word(0x0028_0301) {
        "YES" => warnings
            .push("the picture shows text that may identify (BurnedInAnnotation is YES); it is not changed"),
        "NO" => {}
        _ if picture && SHOWN.contains(&word(0x0008_0060)) => {
            warnings.push("pictures of this kind often show names; they are not examined");
        }
        _ => {}
    }
    if word(0x0028_0302) == "YES" {
        warnings.push("the picture may show a face (RecognizableVisualFeatures is YES); it is not changed");
    }
    if object.iter().any(|element| element.tag == 0x0042_0011) {
        warnings.push("the document inside is removed when the file is written");
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    charset: Charset,
    plan: &'a Plan,
    draft: &'a mut Draft,
    path: String,
    private: bool,
}

impl Reader<'_> {
    fn nodes(&mut self, elements: Vec<Element>) -> Result<Vec<Node>, StructureError> {
        elements.into_iter().map(|element| self.node(element)).collect()
    }

    fn node(&mut self, mut element: Element) -> Result<Node, StructureError> {
        let tag = element.tag;
        let mut action = profile::action(tag);
        self.private |= (tag >> 16) % 2 == 1;
        let outside = self.path.len();
        if outside > 0 {
            self.path.push('.');
        }
        if let Some(known) = profile::attribute_of(tag) {
            self.path.push_str(known.keyword);
        } else {
            let number = format!("({:04X},{:04X})", tag >> 16, tag & 0xFFFF);
            self.path.push_str(&number);
        }
        let (mut fields, mut items) = (Vec::new(), Vec::new());
        let within = if let Value::Items { items: inside, .. } = &mut element.value {
            Some(inside.iter_mut().map(|item| std::mem::take(&mut item.elements)).collect::<Vec<_>>())
        } else {
            None
        };
        if let Some(within) = within {
            for elements in within {
                items.push(self.nodes(elements)?);
            }
        } else if let Value::Bytes(span) = &element.value {
            let span = span.clone();
            if self.is_read(&element, &span) {
                self.values(&element, &span, &mut fields)?;
            } else if element.vr == *b"UN" && element.explicit && !span.is_empty() && action == Action::Keep {
                // nobody can say what this is
                action = Action::Remove;
            }
        }
        self.path.truncate(outside);
        Ok(Node { element, action, fields, items })
    }

    /// Whether a value is text, or may be.
    fn is_read(&self, element: &Element, span: &Range<usize>) -> bool {
        let bytes = self.bytes.get(span.clone()).unwrap_or_default();
        let private = (element.tag >> 16) % 2 == 1;
        !element.is_group_length()
            && element.vr != *b"TM"
            && (text::is_text(element.vr) || (element.vr == *b"UN" || private) && is_printable(bytes))
    }

    fn values(
        &mut self,
        element: &Element,
        span: &Range<usize>,
        fields: &mut Vec<(usize, Range<usize>)>,
    ) -> Result<(), StructureError> {
        let person = element.vr == *b"PN";
        let border = |byte: &u8| {
            *byte == b'\\' && text::is_multiple(element.vr) || person && matches!(byte, b'^' | b'=')
        };
        let mut start = span.start;
        let mut part = 0;
        let bytes = self.bytes.get(span.clone()).unwrap_or_default();
        for value in bytes.split(border) {
            let end = start + value.len();
            let blank = |byte: &u8| matches!(byte, b' ' | b'\0' | b'\n' | b'\r');
            let from = start + value.iter().take_while(|byte| blank(byte)).count();
            let to = end - value.iter().rev().take_while(|byte| blank(byte)).count();
            if from < to {
                fields.push((self.draft.len(), from..to));
                self.field(element, from..to, part)?;
            }
            // parts of a name (PS3.5, 6.2.1): family, given, middle, prefix, suffix
            part = if self.bytes.get(end) == Some(&b'^') { part + 1 } else { 0 };
            start = end + 1;
        }
        Ok(())
    }

    fn field(&mut self, element: &Element, span: Range<usize>, part: usize) -> Result<(), StructureError> {
        let bytes = self.bytes.get(span.clone()).unwrap_or_default();
        let (text, read) = self.charset.decode(bytes);
        if !read && self.charset == Charset::Utf8 {
            return Err(StructureError::at(span.start, "not UTF-8, which the file says it is"));
        }
        let told = if part > 2 { Says::text() } else { says(element, &text) };
        // text in characters that are not read goes whole
        let told = if read || !matches!(told, Says::Text { .. }) { told } else { Says::Is(OtherId) };
        // what says how the file is to be read stays (PS3.10, 7.1): a file without it is none
        let form = !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'\0' | b' '));
        let says = if FIXED.contains(&element.tag) && form {
            Says::Plain
        } else {
            self.plan.says(&self.path, &text).unwrap_or(told)
        };
        self.draft.push(self.path.clone(), text, says, span, Writing::Plain);
        Ok(())
    }
}

/// Transfer Syntax UID, Media Storage SOP Class UID, SOP Class UID, Referenced SOP Class UID.
const FIXED: &[u32] = &[0x0002_0010, 0x0002_0002, 0x0008_0016, 0x0008_1150];

/// What a value is: by its representation, then by the table.
fn says(element: &Element, text: &str) -> Says {
    let known = profile::attribute_of(element.tag);
    let label = || known.map_or_else(Says::text, |known| Says::labelled(known.keyword));
    match &element.vr {
        // those that the standard defines name no object
        b"UI" if text.starts_with("1.2.840.10008.") => Says::Plain,
        b"UI" => Says::Uid,
        b"PN" => Says::Is(Name),
        b"DA" | b"DT" => Says::Is(Date),
        b"AS" => Says::labelled("age"),
        b"CS" if is_code(text) => Says::Plain,
        b"DS" | b"IS" if text.parse::<f64>().is_ok() => Says::Plain,
        _ => match known.map(|known| known.holds) {
            Some(Holds::Is(class)) => Says::Is(class),
            Some(Holds::Nothing | Holds::Text) | None => label(),
        },
    }
}

/// Whether what an element holds is text that a detector examines.
fn holds_text(tag: u32) -> bool {
    profile::attribute_of(tag).is_some_and(|known| known.holds == Holds::Text)
}

/// A unique identifier of DICOM that says nothing but that it is one: 128 bits below the root for UUIDs (PS3.5, B.2;
/// ITU-T X.667). The same bits give the same one.
pub fn uid(bits: u128) -> String {
    format!("2.25.{bits}")
}

/// The form of CS (PS3.5, table 6.2-1).
fn is_code(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() <= 16
        && digits < 7
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'_'))
}

fn is_printable(bytes: &[u8]) -> bool {
    let inside = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    let printable =
        |byte: &u8| *byte >= 0x20 && *byte != 0x7F || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B);
    !inside.is_empty() && inside.iter().all(printable)
}

#[cfg(test)]
mod tests;
