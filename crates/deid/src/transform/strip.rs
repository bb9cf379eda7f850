//! What is replaced in a passage, in order: identifiers, and what tells of health that may not leave.

use std::ops::Range;

use terms::{HealthClass, IdentifierClass, Obligations, Treatment};

use crate::{Finding, Told};

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Identifier(IdentifierClass),
    Health(HealthClass),
}

/// A place that is replaced, or passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) span: Range<usize>,
    pub(super) what: What,
}

/// Findings and what is stripped as pieces that do not overlap, in order. What is stripped covers identifiers inside
/// it, and those that reach out of it as a whole; an identifier that is replaced covers what is told inside it.
pub(super) fn pieces(findings: &[Finding], told: &[Told], obligations: &Obligations) -> Vec<Piece> {
    let mut identifiers = findings.iter().peekable();
    let mut pieces: Vec<Piece> = Vec::with_capacity(findings.len());
    for one in told.iter().filter(|one| obligations.strip.contains(&one.class)) {
        while let Some(before) = identifiers.next_if(|finding| finding.span.end <= one.span.start) {
            pieces.push(identifier(before));
        }
        let mut span = one.span.clone();
        if let Some(Piece { span: last, what }) = pieces.last_mut()
            && last.end > span.start
        {
            // the one before reached into this one by way of an identifier
            let covers = last.end >= span.end;
            if covers || matches!(what, What::Health(_)) {
                last.end = last.end.max(span.end);
                let end = last.end;
                while identifiers.next_if(|finding| finding.span.start < end).is_some() {}
                continue;
            }
            span.start = last.end;
        }
        let mut covered = false;
        while let Some(inside) = identifiers.peek().copied().filter(|finding| finding.span.start < span.end) {
            let replaced = obligations.treatment(inside.class) != Treatment::Pass;
            if replaced && inside.span.start <= span.start && span.end <= inside.span.end {
                covered = true;
                break;
            }
            if replaced {
                span = span.start.min(inside.span.start)..span.end.max(inside.span.end);
            }
            identifiers.next();
        }
        if !covered {
            pieces.push(Piece { span, what: What::Health(one.class) });
        }
    }
    pieces.extend(identifiers.map(identifier));
    pieces
}

fn identifier(finding: &Finding) -> Piece {
    Piece { span: finding.span.clone(), what: What::Identifier(finding.class) }
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "a list of one place")]
mod tests {
    use IdentifierClass::{Date, Name};
    use What::{Health, Identifier};

    use super::*;
    use crate::Confidence;

    fn finding(span: Range<usize>, class: IdentifierClass) -> Finding {
        Finding { span, class, confidence: Confidence(90), recognizer: "test" }
    }

    fn told(span: Range<usize>) -> Told {
        Told { span, class: HealthClass::Diagnosis, rule: "test", confidence: Confidence(90) }
    }

    fn cut(findings: &[Finding], places: &[Range<usize>]) -> Vec<(Range<usize>, What)> {
        let strip = [HealthClass::Diagnosis].into();
        let treatments = [(Date, Treatment::Pass)].into();
        let obligations = Obligations { strip, treatments, reason_codes: Vec::new() };
        let places: Vec<_> = places.iter().cloned().map(told).collect();
        pieces(findings, &places, &obligations).into_iter().map(|piece| (piece.span, piece.what)).collect()
    }

    const GONE: What = Health(HealthClass::Diagnosis);

    #[test]
    fn places_stand_between_identifiers() {
        let all = cut(&[finding(0..3, Name), finding(9..12, Name)], &[4..8, 20..30]);
        assert_eq!(all, [(0..3, Identifier(Name)), (4..8, GONE), (9..12, Identifier(Name)), (20..30, GONE)]);
    }

    #[test]
    fn of_two_that_overlap_nothing_is_left() {
        assert_eq!(cut(&[finding(5..8, Name)], &[4..20]), [(4..20, GONE)]);
        assert_eq!(cut(&[finding(2..8, Name)], &[4..20]), [(2..20, GONE)]);
        assert_eq!(cut(&[finding(10..30, Name)], &[4..20]), [(4..30, GONE)]);
        assert_eq!(cut(&[finding(10..30, Name)], &[4..20, 22..40]), [(4..40, GONE)]);
        assert_eq!(cut(&[finding(2..30, Name)], &[4..20, 22..25]), [(2..30, Identifier(Name))]);
        assert_eq!(cut(&[finding(2..30, Name)], &[4..20, 22..40]), [(2..40, GONE)]);
    }

    #[test]
    fn what_passes_keeps_nothing_of_what_is_stripped() {
        assert_eq!(cut(&[finding(2..30, Date)], &[4..20]), [(4..20, GONE)]);
        assert_eq!(cut(&[finding(10..30, Date)], &[4..20]), [(4..20, GONE)]);
    }
}
