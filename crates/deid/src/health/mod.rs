//! What a text tells of health: diagnoses, drugs, results, insurance, appointments.
//!
//! Not identifiers: what stands here says something about whoever the identifiers point at. It is found by lists of
//! terms, endings of words, codes and values; everyday words tell only beside something that tells; headings class
//! what stands under them, weakly. What is denied is told as well: `denies cocaine use` tells of substance use.

mod context;
mod endings;
mod reach;
mod section;
mod table;
mod tell;
mod tokens;

use std::ops::Range;

use terms::HealthClass;

use crate::normalize::Normal;
use crate::view::View;
use crate::{Confidence, DetectError, Passage, encoded};

/// One place that tells of health. Holds no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where: bytes of the text as it was given, on character boundaries.
    pub span: Range<usize>,
    /// What it tells of.
    pub class: HealthClass,
    /// What told it, for instance `term` or `section`.
    pub rule: &'static str,
    /// How sure.
    pub confidence: Confidence,
}

/// The version of lists and rules.
pub(crate) const VERSION: &str = "health-1";

/// What `passage` tells: sorted, without overlap, on character boundaries of the text as given.
pub(crate) fn told(passage: Passage<'_>, normal: &Normal<'_>) -> Result<Vec<Told>, DetectError> {
    let mut found = tell::all(&View::of(normal.text()), passage.label);
    for (span, held) in encoded::runs(normal.text()) {
        // what is encoded is one place, of the class that it tells of most surely
        let held = tell::all(&View::of(Normal::of(&held).text()), None);
        if let Some(surest) = held.into_iter().max_by_key(|one| one.confidence) {
            found.retain(|one| one.span.end <= span.start || span.end <= one.span.start);
            found.push(Told { span, rule: "base64", ..surest });
        }
    }
    found.sort_by_key(|one| one.span.start);
    let mut end = 0;
    let mut placed = Vec::with_capacity(found.len());
    for one in found {
        let span = normal.origin(&one.span);
        // one character of the original may stand for several of the folded text
        let span = span.start.max(end)..span.end;
        if span.is_empty() {
            continue;
        }
        if passage.text.get(span.clone()).is_none() {
            return Err(DetectError::OutOfPlace);
        }
        end = span.end;
        placed.push(Told { span, ..one });
    }
    Ok(placed)
}

#[cfg(test)]
mod tests;
