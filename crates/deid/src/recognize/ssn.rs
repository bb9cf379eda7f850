//! Social security numbers (G): whole, masked, or the last four digits under their label.

use std::sync::LazyLock;

use regex::Regex;
use terms::IdentifierClass;

use super::{Candidate, Rank};
use crate::view::{Shape, View};

static WHOLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b([0-9]{3})(?:-[0-9]{2}-|\.[0-9]{2}\.| [0-9]{2} )([0-9]{4})\b").ok());
static MASKED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?:[x*#]{3}[- ]?[x*#]{2}|[x*#]{5})[- ]?[0-9]{4}\b").ok());

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    for cluster in view.clusters.iter().filter(|cluster| cluster.digits >= 9) {
        let text = view.slice(cluster.start..cluster.end);
        let shape = Shape::of(text);
        if !(shape.has(3) && shape.has(2) && shape.has(4)) {
            continue;
        }
        for hit in WHOLE.iter().flat_map(|whole| whole.captures_iter(text)) {
            let (Some(all), Some(area)) = (hit.get(0), hit.get(1)) else { continue };
            let span = cluster.start + all.start()..cluster.start + all.end();
            let next = view.byte(span.end);
            let longer = matches!(next, Some(b'-' | b'.'))
                && view.byte(span.end + 1).is_some_and(|byte| byte.is_ascii_digit());
            if area.as_str() != "000" && !longer && !view.is_cut(&span) {
                found.push(Candidate::new(span, IdentifierClass::Ssn, Rank::Cue, 95, "ssn.shape"));
            }
        }
    }
    masked(view, found);
}

fn masked(view: &View<'_>, found: &mut Vec<Candidate>) {
    for cluster in view.clusters.iter().filter(|cluster| cluster.digits >= 4) {
        let start = cluster.start.saturating_sub(8);
        let Some(window) = view.text.get(start..cluster.end) else { continue };
        if !window.bytes().take(8).any(|byte| matches!(byte, b'x' | b'X' | b'*' | b'#')) {
            continue;
        }
        if let Some(hit) = MASKED.as_ref().and_then(|masked| masked.find(window)) {
            let span = start + hit.start()..start + hit.end();
            found.push(Candidate::new(span, IdentifierClass::Ssn, Rank::Cue, 85, "ssn.masked"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn numbers_are_found() {
        assert_eq!(texts("SSN 219-09-9999.", recognize), [("219-09-9999", "SSN")]);
        assert_eq!(texts("ssn 219 09 9999", recognize), [("219 09 9999", "SSN")]);
        assert_eq!(texts("XXX-XX-9999", recognize), [("XXX-XX-9999", "SSN")]);
        assert_eq!(texts("***-**-9999", recognize), [("***-**-9999", "SSN")]);
    }

    #[test]
    fn near_misses_stay() {
        for text in ["000-12-3456", "617-555-0100", "219-09-9999-1", "12-34-5678", "xx 2019"] {
            assert_eq!(texts(text, recognize), [], "{text}");
        }
    }
}
