//! Why a record cannot be read or written.

/// What is wrong with a record, and where. Holds no content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} (byte {offset})")]
pub struct StructureError {
    /// Byte of the record, from 0.
    pub offset: usize,
    /// What is wrong, as a sentence without a full stop.
    pub problem: &'static str,
}

impl StructureError {
    /// `problem` at `offset`.
    pub(crate) const fn at(offset: usize, problem: &'static str) -> Self {
        Self { offset, problem }
    }
}

/// The record as text, if it is UTF-8.
pub(crate) fn utf8(record: &[u8]) -> Result<&str, StructureError> {
    if record.starts_with(&[0xFF, 0xFE]) || record.starts_with(&[0xFE, 0xFF]) {
        return Err(StructureError::at(0, "UTF-16 is not read: convert it to UTF-8"));
    }
    std::str::from_utf8(record).map_err(|error| StructureError::at(error.valid_up_to(), "not UTF-8"))
}
