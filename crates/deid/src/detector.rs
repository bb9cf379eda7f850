//! The detector: what it is made of, and how far it reaches.

use std::sync::{Arc, LazyLock};

use crate::examined::With;
use crate::normalize::Normal;
use crate::{Examined, Finding, Known, Lists, OperatingPoint, Passage, Told, health, tagger};

/// How far, in characters, the rules look in text without a field's name.
///
/// No finding of a class that [names a person](IdentifierClass::names_a_person) is longer: what would be is cut.
/// And with words of ordinary length, what stands farther than this to the left of a finding's start or to the
/// right of its end does not change whether it is found. Four things reach farther on purpose: parts of a name
/// that was found elsewhere in the same passage, originals of the conversation, web addresses, and runs of base64
/// that hold an identifier, which are one finding each.
pub const REACH: usize = 160;

/// Why a text could not be examined; it must then not pass. Holds no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DetectError {
    /// The weights of the tagger, which are built in, cannot be read.
    #[error("the tagger cannot be read")]
    Tagger,
    /// A finding has no place in the text as it was given: replacing it would corrupt the text or miss it.
    #[error("a finding does not lie on borders of characters")]
    OutOfPlace,
    /// The conversation knows more than can be searched for: an original that it knows might pass.
    #[error("the conversation knows more than can be searched for")]
    TooMuchKnown,
}

/// Finds identifiers. Cheap to clone; one is enough for a process.
#[derive(Clone)]
pub struct Detector {
    tagger: Option<OperatingPoint>,
    lists: Option<Arc<Lists>>,
    /// Whether [`Detector::examine`] also finds what is told of health.
    telling: bool,
    version: Arc<str>,
}

impl Detector {
    /// With all recognisers, no tagger.
    pub fn rules() -> Self {
        static VERSION: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("rules-1"));
        Self { tagger: None, lists: None, telling: false, version: Arc::clone(&VERSION) }
    }

    /// With all recognisers and the trained tagger.
    pub fn standard(point: OperatingPoint) -> Self {
        let version = Arc::from(format!("rules-1+{}", tagger::version(point)));
        Self { tagger: Some(point), lists: None, telling: false, version }
    }

    /// With term lists besides, which are compiled already; the version names them.
    #[must_use]
    pub fn with_lists(self, lists: Arc<Lists>) -> Self {
        let version = Arc::from(format!("{}+{}", self.version, lists.version()));
        Self { lists: Some(lists), version, ..self }
    }

    /// What also finds what is told of health when it [examines](Detector::examine); its version says so.
    #[must_use]
    pub fn telling(self) -> Self {
        let version = Arc::from(format!("{}+{}", self.version, health::VERSION));
        Self { telling: true, version, ..self }
    }

    /// The same without the tagger: for what is no running text, such as the names of fields.
    #[must_use]
    pub fn without_tagger(&self) -> Self {
        let rules = Self::rules();
        let rules = match &self.lists {
            None => rules,
            Some(lists) => rules.with_lists(Arc::clone(lists)),
        };
        if self.telling { rules.telling() } else { rules }
    }

    /// What tells this detector from others: `rules-1`, and after a `+` each the versions of tagger and lists,
    /// and of what finds what is told of health.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The part of detecting that does not depend on a conversation, and takes almost all the time. What it gives
    /// may be kept for as long as the same passage comes again.
    ///
    /// # Errors
    /// [`DetectError::Tagger`] if its weights cannot be read.
    pub fn examine(&self, passage: Passage<'_>) -> Result<Examined, DetectError> {
        Examined::of(passage, self.with())
    }

    /// The findings in `passage`: sorted, without overlap, on character boundaries of the text as given.
    /// Originals in `known` are found again; its surrogates are never findings.
    ///
    /// # Errors
    /// [`DetectError::Tagger`] if its weights cannot be read, [`DetectError::OutOfPlace`] if a finding cannot be placed.
    pub fn detect(&self, passage: Passage<'_>, known: &Known) -> Result<Vec<Finding>, DetectError> {
        Examined::detect(passage, known, With { telling: false, ..self.with() })
    }

    /// What `passage` tells of health: sorted, without overlap, on character boundaries of the text as given. What
    /// is told is no identifier, and is found by terms, codes, values and headings alone.
    ///
    /// # Errors
    /// [`DetectError::OutOfPlace`] if a place cannot be found again in the text as it was given.
    pub fn tells(&self, passage: Passage<'_>) -> Result<Vec<Told>, DetectError> {
        health::told(passage, &Normal::of(passage.text))
    }

    fn with(&self) -> With<'_> {
        With { tagger: self.tagger, lists: self.lists.as_deref(), telling: self.telling }
    }

    /// Whether the tagger is asked.
    pub(crate) const fn has_tagger(&self) -> bool {
        self.tagger.is_some()
    }

    /// The term lists that it applies.
    pub(crate) const fn lists(&self) -> Option<&Arc<Lists>> {
        self.lists.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass;

    use super::*;

    #[test]
    fn base64_that_holds_an_identifier_is_one_finding() {
        let detect = |text: &str| Detector::rules().detect(Passage::prose(text), &Known::none());
        let run = "UGF0aWVudCBKb2huIFNtaXRoLCBNUk4gNDgyMTMzNzc=";
        let found = detect(&format!("decode {run} please")).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].span.clone(), found[0].class), (7..51, IdentifierClass::OtherId));
        // "take two tablets after every meal"
        assert_eq!(detect("decode dGFrZSB0d28gdGFibGV0cyBhZnRlciBldmVyeSBtZWFs please"), Ok(vec![]));
    }
}
