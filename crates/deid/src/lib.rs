//! Finds the identifiers of Safe Harbor in text, and transforms them; and what a text tells of health.
//!
//! What it does: detects ([`Detector`]), tells ([`Told`]), replaces, restores, and does the same over chunks of a stream.
//! What it does not: any I/O, any decision about who may see what.
//!
//! Invariants: findings are sorted, do not overlap, lie on character boundaries of the text as it was given,
//! and hold no text; detecting never panics; an error is never a reason to let text pass.
//!
//! ```
//! use deid::{Detector, Known, Passage};
//!
//! let findings = Detector::rules().detect(Passage::prose("MRN: 48213377"), &Known::none())?;
//! assert_eq!(findings.len(), 1);
//! # Ok::<(), deid::DetectError>(())
//! ```

mod detector;
mod encoded;
mod ends;
mod examined;
mod field;
mod finding;
mod health;
mod known;
mod lexicon;
mod lists;
mod normalize;
mod realistic;
mod recognize;
mod restore;
pub mod risk;
mod shape;
mod spans;
mod stream;
mod tagger;
mod transform;
mod view;
mod wordset;

pub use detector::{DetectError, Detector, REACH};
pub use examined::Examined;
pub use finding::{Confidence, Finding, Passage};
pub use health::Told;
pub use known::Known;
pub use lists::{ListError, Lists};
pub use restore::{Encoding, RestoreStream, Restorer};
pub use shape::{Constraints, Rule};
pub use stream::AnswerGuard;
pub use tagger::OperatingPoint;
#[cfg(feature = "training")]
pub use tagger::training;
pub use transform::{Issued, TransformError, Transformed, transform, transform_told};
