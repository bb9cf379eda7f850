//! Plain text: one field, the byte order mark aside.

use crate::error::{StructureError, utf8};
use crate::field::Says;
use crate::record::{Draft, Writing};

pub(crate) const BOM: &str = "\u{FEFF}";

/// The record as one field.
pub(crate) fn open(record: &[u8]) -> Result<Draft, StructureError> {
    let text = utf8(record)?;
    let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let mut draft = Draft::default();
    let inside = text.get(start..).unwrap_or_default();
    if !inside.trim().is_empty() {
        draft.push(String::new(), inside.to_owned(), Says::text(), start..text.len(), Writing::Plain);
    }
    Ok(draft)
}
