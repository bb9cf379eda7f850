//! Records of health care by element instead of by text.
//!
//! What it does: says which format bytes are in ([`Format::told_by`]), where a record ends ([`Cutter`]), what its
//! fields are and what the format says of each ([`open`], [`Says`]), what a detector finds in them ([`detect`]), and writes
//! a record back with some fields changed ([`Record::write`]).
//! What it does not: any input or output, any recognising of its own, any choice of what becomes of a field.
//!
//! Invariants: what no specification or name of a field tells is text for the detector, never skipped; a record that
//! no edit touches is written with the bytes it came with; no error, path or `Debug` holds a value of a record;
//! nothing panics, whatever the bytes.
//!
//! ```
//! use structure::{Format, Plan, open};
//!
//! let line = br#"{"mrn": "48213377", "note": "seen today"}"#;
//! let record = open(Format::JsonLines, line, &Plan::default())?;
//! assert_eq!(record.fields()[1].path, "note");
//! let out = record.write(&[(0, "MRN-1".to_owned())])?;
//! assert_eq!(out, br#"{"mrn": "MRN-1", "note": "seen today"}"#);
//! # Ok::<(), structure::StructureError>(())
//! ```

mod ccda;
mod csv;
mod cutter;
mod dicom;
mod error;
mod examine;
mod fhir;
mod field;
mod form;
mod format;
mod hl7;
mod json;
mod name;
mod plan;
mod record;
mod text;
mod xml;

pub use cutter::{Cut, Cutter, LIMIT};
pub use dicom::uid;
pub use error::StructureError;
pub use examine::{detect, examine};
pub use field::{Field, Says};
pub use format::{Format, UnknownFormat};
pub use plan::{Plan, PlanError};
pub use record::{Record, open};
