//! Merges what the recognisers found: ranks, and resolves overlaps.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::recognize::Candidate;

/// Picks the candidates that stand: the higher rank wins, then the longer span, then the surer. What an accepted
/// span leaves uncovered of a losing one stays a finding of its own, if there is a letter or digit in it.
/// Stretches of `barred` (surrogates of this conversation) are never part of a finding.
///
/// The answer is sorted and does not overlap.
pub(crate) fn resolve(text: &str, mut candidates: Vec<Candidate>, barred: &[Range<usize>]) -> Vec<Candidate> {
    candidates.sort_by(|a, b| {
        (b.rank, b.span.len(), b.confidence, a.span.start, a.recognizer).cmp(&(
            a.rank,
            a.span.len(),
            a.confidence,
            b.span.start,
            b.recognizer,
        ))
    });
    let mut taken: BTreeMap<usize, usize> = barred.iter().map(|span| (span.start, span.end)).collect();
    let mut accepted = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        for span in uncovered(&taken, &candidate.span) {
            let span = trim(text, span);
            if text.get(span.clone()).is_some_and(|part| part.chars().any(char::is_alphanumeric)) {
                taken.insert(span.start, span.end);
                accepted.push(Candidate { span, ..candidate.clone() });
            }
        }
    }
    accepted.sort_by_key(|candidate| candidate.span.start);
    accepted
}

/// The parts of `span` that no taken stretch covers.
fn uncovered(taken: &BTreeMap<usize, usize>, span: &Range<usize>) -> Vec<Range<usize>> {
    let mut start = span.start;
    if let Some((_, end)) = taken.range(..=start).next_back() {
        start = start.max(*end);
    }
    let mut parts = Vec::new();
    for (&next, &end) in taken.range(start..span.end.max(start)) {
        if next > start {
            parts.push(start..next);
        }
        start = start.max(end);
    }
    if start < span.end {
        parts.push(start..span.end);
    }
    parts
}

/// Without blanks and separators at the edges.
fn trim(text: &str, span: Range<usize>) -> Range<usize> {
    let Some(part) = text.get(span.clone()) else { return span.start..span.start };
    let edge = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':');
    let start = span.start + (part.len() - part.trim_start_matches(edge).len());
    let end = span.end - (part.len() - part.trim_end_matches(edge).len());
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass::{Date, Mrn, Name, Url};

    use super::*;
    use crate::recognize::Rank;

    fn spans(found: &[Candidate]) -> Vec<Range<usize>> {
        found.iter().map(|candidate| candidate.span.clone()).collect()
    }

    #[test]
    fn label_beats_and_longest_wins() {
        let text = "0123456789abcdefghij";
        let short = Candidate::new(2..5, Mrn, Rank::Label, 90, "a");
        let long = Candidate::new(0..9, Url, Rank::Cue, 90, "b");
        let longer = Candidate::new(0..10, Date, Rank::Cue, 90, "c");
        let found = resolve(text, vec![long, short, longer], &[]);
        assert_eq!(spans(&found), [0..2, 2..5, 5..10]);
        assert_eq!(found[1].class, Mrn);
        assert_eq!(found[0].class, Date);
    }

    #[test]
    fn barred_stretches_are_never_found() {
        let text = "Ms NAME-4K7Q2M Doe";
        let name = || vec![Candidate::new(3..18, Name, Rank::Label, 90, "a")];
        let rest: Vec<_> = spans(&resolve(text, name(), &[3..14, 0..2]));
        assert_eq!(rest.first(), Some(&(15..18)));
        assert!(resolve(text, name(), &[0..9, 9..18]).is_empty());
    }
}
