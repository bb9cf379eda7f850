//! Merges what the recognisers found: ranks, and resolves overlaps.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::recognize::Candidate;

/// Picks the candidates that stand: the higher rank wins, then the longer span, then the surer. What an accepted
/// span leaves uncovered of a losing one stays a finding of its own, if there is a letter or digit in it.
/// Stretches of `barred` (surrogates of this conversation, sorted) are never part of a finding.
///
/// The answer is sorted and does not overlap.
pub(crate) fn resolve(text: &str, mut candidates: Vec<Candidate>, barred: &[Range<usize>]) -> Vec<Candidate> {
    candidates.sort_by_key(|candidate| candidate.span.start);
    let mut accepted = Vec::with_capacity(candidates.len());
    let (mut barred, mut rest) = (barred, candidates.as_slice());
    while let Some(first) = rest.first() {
        while barred.first().is_some_and(|span| span.end <= first.span.start) {
            barred = barred.get(1..).unwrap_or_default();
        }
        let (count, end) = touching(rest, barred);
        let (group, after) = rest.split_at(count);
        let barring = barred.partition_point(|span| span.start < end);
        match group {
            [one] if barring == 0 => accepted.extend(standing(text, one, one.span.clone())),
            _ => contest(text, group, barred.get(..barring).unwrap_or_default(), &mut accepted),
        }
        rest = after;
    }
    accepted
}

/// How many of `candidates`, sorted by where they start, overlap from one to the next or by way of what is `barred`,
/// and where the last of them ends.
fn touching(candidates: &[Candidate], mut barred: &[Range<usize>]) -> (usize, usize) {
    let (mut count, mut end) = (0, 0);
    for candidate in candidates {
        while let Some((span, after)) = barred.split_first().filter(|(span, _)| span.start < end) {
            (end, barred) = (end.max(span.end), after);
        }
        if count > 0 && candidate.span.start >= end {
            break;
        }
        (count, end) = (count + 1, end.max(candidate.span.end));
    }
    (count, end)
}

/// Accepts what stands of candidates that overlap.
fn contest(text: &str, group: &[Candidate], barred: &[Range<usize>], accepted: &mut Vec<Candidate>) {
    let mut order: Vec<&Candidate> = group.iter().collect();
    order.sort_by(|a, b| {
        (b.rank, b.span.len(), b.confidence, a.span.start, a.recognizer).cmp(&(
            a.rank,
            a.span.len(),
            a.confidence,
            b.span.start,
            b.recognizer,
        ))
    });
    let mut taken: BTreeMap<usize, usize> = barred.iter().map(|span| (span.start, span.end)).collect();
    let from = accepted.len();
    for candidate in order {
        for span in uncovered(&taken, &candidate.span) {
            if let Some(part) = standing(text, candidate, span) {
                taken.insert(part.span.start, part.span.end);
                accepted.push(part);
            }
        }
    }
    accepted.get_mut(from..).unwrap_or_default().sort_by_key(|candidate| candidate.span.start);
}

/// The part `span` of a candidate, if there is a letter or digit in it.
fn standing(text: &str, candidate: &Candidate, span: Range<usize>) -> Option<Candidate> {
    let span = trim(text, span);
    let stands = text.get(span.clone()).is_some_and(|part| part.chars().any(char::is_alphanumeric));
    stands.then(|| Candidate { span, ..candidate.clone() })
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
        let rest: Vec<_> = spans(&resolve(text, name(), &[0..2, 3..14]));
        assert_eq!(rest.first(), Some(&(15..18)));
        assert!(resolve(text, name(), &[0..9, 9..18]).is_empty());
    }
}
