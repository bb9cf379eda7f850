//! The detector: fold, cut, recognise, resolve.

use std::sync::{Arc, LazyLock};

use terms::IdentifierClass;

use crate::known::Known;
use crate::normalize::Normal;
use crate::recognize::{self, Candidate, Rank};
use crate::spans::resolve;
use crate::tagger::{Tagger, TaggerError};
use crate::view::View;
use crate::{Finding, Passage, encoded, field};

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
    /// The tagger gave no answer that can be used.
    #[error("the tagger failed")]
    Tagger(#[from] TaggerError),
    /// A finding has no place in the text as it was given: replacing it would corrupt the text or miss it.
    #[error("a finding does not lie on borders of characters")]
    OutOfPlace,
}

/// Finds identifiers. Cheap to clone; one is enough for a process.
#[derive(Clone)]
pub struct Detector {
    tagger: Option<Arc<dyn Tagger>>,
    version: Arc<str>,
}

impl Detector {
    /// With all recognisers, no tagger.
    pub fn rules() -> Self {
        static VERSION: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("rules-1"));
        Self { tagger: None, version: Arc::clone(&VERSION) }
    }

    /// With a trained tagger besides; the version names both.
    #[must_use]
    pub fn with_tagger(self, tagger: Arc<dyn Tagger>) -> Self {
        let version = Arc::from(format!("rules-1+{}", tagger.version()));
        Self { tagger: Some(tagger), version }
    }

    /// What the record calls this detector: `rules-1`, or `rules-1+` and the tagger's version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The findings in `passage`: sorted, without overlap, on character boundaries of the text as given.
    /// Originals in `known` are found again; its surrogates are never findings.
    ///
    /// # Errors
    /// [`DetectError::Tagger`] if the tagger fails, [`DetectError::OutOfPlace`] if a finding cannot be placed.
    pub fn detect(&self, passage: Passage<'_>, known: &Known) -> Result<Vec<Finding>, DetectError> {
        let normal = Normal::of(passage.text);
        let (mut found, surrogates) = candidates(passage.label, normal.text(), known);
        for (span, text) in encoded::runs(normal.text()) {
            if holds_identifier(&text, known) {
                found.push(Candidate::new(span, IdentifierClass::OtherId, Rank::Known, 90, "code.base64"));
            }
        }
        let resolved = resolve(normal.text(), found, &surrogates);
        let mut findings = back(passage.text, &normal, resolved)?;
        if let Some(tagger) = &self.tagger {
            let tagged = tagger.tag(passage.text)?;
            merge(passage.text, tagged, &normal, &surrogates, &mut findings)?;
        }
        Ok(findings)
    }
}

/// What the rules and the conversation say of folded text, and where its surrogates stand.
fn candidates(
    label: Option<&str>,
    text: &str,
    known: &Known,
) -> (Vec<Candidate>, Vec<std::ops::Range<usize>>) {
    let view = View::of(text);
    let mut found = Vec::new();
    let surrogates = known.find(view.text, &mut found);
    found.extend(label.and_then(|label| field::recognize(label, view.text)));
    recognize::all(&view, &mut found);
    let seeds = found.iter().filter(|candidate| is_seed(candidate)).map(|candidate| candidate.span.clone());
    let seeds: Vec<&str> = seeds.map(|span| view.slice(span)).collect();
    if !seeds.is_empty() || known.names().next().is_some() {
        recognize::reuse(&view, seeds.into_iter().chain(known.names()), &mut found);
    }
    (found, surrogates)
}

/// Whether decoded text holds an identifier of a person. What is encoded once more in it is not read.
fn holds_identifier(text: &str, known: &Known) -> bool {
    let normal = Normal::of(text);
    let (found, surrogates) = candidates(None, normal.text(), known);
    let resolved = resolve(normal.text(), found, &surrogates);
    resolved.iter().any(|candidate| candidate.class.names_a_person())
}

/// Whether the parts of a name are looked for in the rest of the passage.
fn is_seed(candidate: &Candidate) -> bool {
    candidate.class == IdentifierClass::Name && candidate.confidence.0 >= 78
}

/// Candidates over the folded text as findings over the original.
fn back(text: &str, normal: &Normal<'_>, resolved: Vec<Candidate>) -> Result<Vec<Finding>, DetectError> {
    let mut end = 0;
    let mut findings = Vec::with_capacity(resolved.len());
    for candidate in resolved {
        let span = normal.origin(&candidate.span);
        // one character of the original may stand for several of the folded text
        let start = span.start.max(end);
        if start >= span.end {
            // the finding before covers it
            continue;
        }
        if text.get(start..span.end).is_none() {
            return Err(DetectError::OutOfPlace);
        }
        end = span.end;
        let Candidate { class, confidence, recognizer, .. } = candidate;
        findings.push(Finding { span: start..span.end, class, confidence, recognizer });
    }
    Ok(findings)
}

/// Adds what the tagger found where the rules found nothing.
fn merge(
    text: &str,
    tagged: Vec<Finding>,
    normal: &Normal<'_>,
    surrogates: &[std::ops::Range<usize>],
    findings: &mut Vec<Finding>,
) -> Result<(), DetectError> {
    let barred: Vec<_> = surrogates.iter().map(|span| normal.origin(span)).collect();
    let rule = |finding: Finding| {
        let Finding { span, class, confidence, recognizer } = finding;
        Candidate { span, class, confidence, recognizer, rank: Rank::Cue }
    };
    let mut candidates: Vec<Candidate> = findings.drain(..).map(rule).collect();
    for finding in tagged {
        if text.get(finding.span.clone()).is_none() {
            return Err(TaggerError::BadSpan.into());
        }
        candidates.push(Candidate { rank: Rank::Shape, ..rule(finding) });
    }
    findings.extend(resolve(text, candidates, &barred).into_iter().map(|candidate| {
        let Candidate { span, class, confidence, recognizer, .. } = candidate;
        Finding { span, class, confidence, recognizer }
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(
        text: &str,
        span: std::ops::Range<usize>,
    ) -> Result<Option<std::ops::Range<usize>>, DetectError> {
        let candidate = Candidate::new(span, IdentifierClass::Name, Rank::Cue, 90, "test");
        let findings = back(text, &Normal::of(text), vec![candidate])?;
        Ok(findings.into_iter().map(|finding| finding.span).next())
    }

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

    #[test]
    fn a_finding_that_cuts_a_character_is_an_error() {
        assert_eq!(placed("Иван", 0..8), Ok(Some(0..8)));
        assert_eq!(placed("Иван", 0..3), Err(DetectError::OutOfPlace));
        assert_eq!(placed("Иван", 1..4), Err(DetectError::OutOfPlace));
        assert_eq!(placed("Ann", 0..9), Err(DetectError::OutOfPlace));
    }
}
