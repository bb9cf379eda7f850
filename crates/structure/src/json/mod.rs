//! JSON (RFC 8259): every string and number is a field, under its path and with its own key as its label.

mod scan;
mod string;
mod walk;

pub(crate) use walk::{Inside, Walk};

pub(crate) use scan::{Document, Kind};
pub(crate) use string::write_inside;

use crate::error::{StructureError, utf8};
use crate::plan::Plan;
use crate::record::Draft;

/// The fields of a document; none of one that is blank, as an empty line is.
pub(crate) fn open(record: &[u8], plan: &Plan) -> Result<Draft, StructureError> {
    let text = utf8(record)?;
    let mut draft = Draft::default();
    if text.trim_start_matches(crate::text::BOM).trim().is_empty() {
        return Ok(draft);
    }
    let document = Document::scan(text)?;
    walk::walk(&document, plan, &mut draft);
    Ok(draft)
}

/// Whether a text is a number of JSON.
pub(crate) fn is_number(text: &str) -> bool {
    scan::is_number(text)
}
