//! The place of the trained model that finds what no pattern can.

use crate::Finding;

/// Why a tagger gave no answer. Holds no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TaggerError {
    /// The model could not be run over this text.
    #[error("the tagger could not be run")]
    Failed,
    /// A span lies outside the text or cuts a character.
    #[error("the tagger gave a span that is not part of the text")]
    BadSpan,
}

/// Finds identifiers by a trained model. Its findings are merged with those of the rules.
pub trait Tagger: Send + Sync {
    /// What the model is called in the record, for instance `tagger-3`.
    fn version(&self) -> &str;

    /// Findings in `text`, in any order; spans are bytes of `text` on character boundaries.
    ///
    /// # Errors
    /// [`TaggerError`]; the detector then fails as a whole, since text that was not examined must not pass.
    fn tag(&self, text: &str) -> Result<Vec<Finding>, TaggerError>;
}
