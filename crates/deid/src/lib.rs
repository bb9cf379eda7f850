//! Finds the identifiers of Safe Harbor in text, and transforms them.
//!
//! What it does: detects ([`Detector`]), replaces, restores, and does the same over chunks of a stream.
//! What it does not: any I/O, any decision about who may see what.

mod finding;

pub use finding::{Confidence, Finding, Passage};
