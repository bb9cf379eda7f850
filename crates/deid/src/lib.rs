//! Finds the identifiers of Safe Harbor in text, and transforms them.
//!
//! What it does: detects ([`Detector`]), replaces, restores, and does the same over chunks of a stream.
//! What it does not: any I/O, any decision about who may see what.

mod finding;
mod restore;
mod transform;

pub use finding::{Confidence, Finding, Passage};
pub use restore::{Encoding, RestoreStream, Restorer};
pub use transform::{Issued, TransformError, Transformed, transform};
