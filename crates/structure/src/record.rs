//! A record that was opened, and how it is written back.

use std::fmt;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::StructureError;
use crate::field::{Field, Says};
use crate::format::Format;
use crate::plan::Plan;
use crate::{ccda, csv, dicom, fhir, hl7, json, text, xml};

/// How what takes the place of a field is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Writing {
    /// As it is.
    Plain,
    /// Inside the quotes of a JSON string.
    JsonString,
    /// In the place of a JSON number: a number if it is one, else a string.
    JsonNumber,
    /// In base64, where what it stands in needs no escape for it.
    Base64,
    /// A part of XML inside the quotes of a JSON string.
    JsonXml(xml::Place),
    /// A cell of CSV, quotes included.
    Cell(csv::Cell),
    /// A part of XML.
    Xml(xml::Place),
    /// A part of an HL7 v2 message.
    Hl7(hl7::Marks),
}

impl Writing {
    fn write(self, text: &str, out: &mut Vec<u8>) {
        match self {
            Self::Plain => out.extend_from_slice(text.as_bytes()),
            Self::JsonString => json::write_inside(text, out),
            Self::JsonNumber if json::is_number(text) => out.extend_from_slice(text.as_bytes()),
            Self::JsonNumber => {
                out.push(b'"');
                json::write_inside(text, out);
                out.push(b'"');
            }
            Self::Base64 => out.extend_from_slice(STANDARD.encode(text).as_bytes()),
            Self::JsonXml(place) => json::write_inside(&place.write(text), out),
            Self::Xml(place) => out.extend_from_slice(place.write(text).as_bytes()),
            Self::Cell(cell) => cell.write(text, out),
            Self::Hl7(marks) => marks.encode(text, out),
        }
    }
}

/// Where a field stands, and how it is written.
#[derive(Clone, Debug)]
struct Slot {
    span: Range<usize>,
    writing: Writing,
}

/// Fields of one record, at the most.
const MOST: usize = 1_000_000;

/// What opening a record brings.
#[derive(Default)]
pub(crate) struct Draft {
    fields: Vec<Field>,
    slots: Vec<Slot>,
    pub(crate) warnings: Vec<&'static str>,
    /// Whether there were more fields than [`MOST`].
    full: bool,
    /// Of DICOM, which is not written by putting texts in the place of others.
    pub(crate) dicom: Option<dicom::File>,
}

impl Draft {
    /// One field more. Spans come in any order and never overlap.
    pub(crate) fn push(
        &mut self,
        path: String,
        text: String,
        says: Says,
        span: Range<usize>,
        writing: Writing,
    ) {
        if self.fields.len() >= MOST {
            self.full = true;
            return;
        }
        // what is packed and cannot be read goes whole
        let unread = matches!(says, Says::Text { .. } | Says::Plain | Says::Like(_))
            && !matches!(writing, Writing::Base64)
            && fhir::is_packed(&text);
        let says = if unread { Says::Is(terms::IdentifierClass::OtherId) } else { says };
        self.fields.push(Field { path, text, says, follows: None });
        self.slots.push(Slot { span, writing });
    }

    /// How many fields there are.
    pub(crate) const fn len(&self) -> usize {
        self.fields.len()
    }

    /// The field that was added last goes on from the one before it.
    pub(crate) fn follow(&mut self, gap: &'static str) {
        if let Some(field) = self.fields.last_mut() {
            field.follows = Some(gap);
        }
    }
}

/// A record with its fields, in the order in which they stand. `Debug` does not show content.
pub struct Record<'r> {
    source: &'r [u8],
    draft: Draft,
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("fields", &self.draft.fields).finish_non_exhaustive()
    }
}

/// Reads one record, as a [`crate::Cutter`] cuts it.
///
/// # Errors
/// What is wrong with the record and at which byte, without content.
pub fn open<'r>(format: Format, record: &'r [u8], plan: &Plan) -> Result<Record<'r>, StructureError> {
    let draft = match format {
        Format::Text => text::open(record)?,
        Format::Json | Format::JsonLines | Format::Fhir | Format::FhirLines => json::open(record, plan)?,
        Format::Csv => csv::open(record, plan)?,
        Format::Hl7v2 => hl7::open(record, plan)?,
        Format::Ccda => ccda::open(record, plan)?,
        Format::Dicom => dicom::open(record, plan)?,
    };
    if draft.full {
        return Err(StructureError::at(0, "a record has more than a million values"));
    }
    Ok(Record { source: record, draft })
}

impl Record<'_> {
    /// The fields, in the order of the record.
    pub fn fields(&self) -> &[Field] {
        &self.draft.fields
    }

    /// Where a field stands in the record: bytes, escapes of the format among them.
    pub fn place(&self, index: usize) -> Option<Range<usize>> {
        self.draft.slots.get(index).map(|slot| slot.span.clone())
    }

    /// What whoever uses the record must know, for instance that a picture may show names; no content.
    pub fn warnings(&self) -> &[&'static str] {
        &self.draft.warnings
    }

    /// As [`Record::write`], but DICOM is written by the profile also where no edit names a field: what has elements that
    /// nobody reads is not released as it is.
    ///
    /// # Errors
    /// Those of [`Record::write`].
    pub fn release(&self, edits: &[(usize, String)]) -> Result<Vec<u8>, StructureError> {
        let Some(file) = &self.draft.dicom else { return self.write(edits) };
        if edits.iter().any(|(index, _)| *index >= self.draft.slots.len()) {
            return Err(StructureError::at(0, "an edit names a field that is not there"));
        }
        let edits: Vec<_> = edits.iter().map(|(index, text)| (*index, text.as_str())).collect();
        dicom::write(file, self.source, &edits)
    }

    /// The record with the whole text of some fields replaced: pairs of the field's index and its new text. What no
    /// edit names stays byte for byte.
    ///
    /// DICOM with any edit is written by the Basic Application Level Confidentiality Profile: elements that it removes
    /// are removed, also where an edit names a field of theirs, and the file is marked as de-identified.
    ///
    /// # Errors
    /// An edit that names no field, or two that name the same; a value that is too long for its place.
    pub fn write(&self, edits: &[(usize, String)]) -> Result<Vec<u8>, StructureError> {
        let mut placed = Vec::with_capacity(edits.len());
        for (index, text) in edits {
            let slot = self.draft.slots.get(*index);
            let slot = slot.ok_or(StructureError::at(0, "an edit names a field that is not there"))?;
            placed.push((slot, text.as_str()));
        }
        if !edits.is_empty() && self.draft.dicom.is_some() {
            return self.release(edits);
        }
        placed.sort_by_key(|(slot, _)| slot.span.start);
        let mut out = Vec::with_capacity(self.source.len() + 16 * edits.len());
        let mut at = 0;
        for (slot, text) in placed {
            let kept = self.source.get(at..slot.span.start);
            out.extend_from_slice(kept.ok_or(StructureError::at(at, "two edits name the same field"))?);
            slot.writing.write(text, &mut out);
            at = slot.span.end;
        }
        out.extend_from_slice(self.source.get(at..).unwrap_or_default());
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_values_than_can_be_held_are_refused() {
        let many = |values: usize| format!("[{}7]", "7,".repeat(values - 1));
        assert!(open(Format::Json, many(MOST).as_bytes(), &Plan::default()).is_ok());
        let error = open(Format::Json, many(MOST + 1).as_bytes(), &Plan::default()).map(drop).unwrap_err();
        assert_eq!(error.problem, "a record has more than a million values");
    }
}
