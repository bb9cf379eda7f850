//! Whether a candidate surrogate would be confused with text of the request.

use crate::Passage;

/// Whether any passage holds the random end of `candidate`, in any letter case.
///
/// The end alone decides, so that look-alikes with another label or another hyphen count too.
pub(super) fn occurs(passages: &[Passage<'_>], candidate: &str) -> bool {
    let tail = candidate.rsplit('-').next().unwrap_or(candidate).as_bytes();
    passages.iter().any(|passage| contains(passage.text.as_bytes(), tail))
}

fn contains(text: &[u8], tail: &[u8]) -> bool {
    // A digit has one case and is rare in prose: it leads the search.
    let lead = tail.iter().position(u8::is_ascii_digit).unwrap_or(0);
    let Some(digit) = tail.get(lead) else { return true };
    memchr::memchr_iter(*digit, text).any(|at| {
        at.checked_sub(lead)
            .and_then(|start| text.get(start..start + tail.len()))
            .is_some_and(|window| window.eq_ignore_ascii_case(tail))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_count_whatever_their_case_and_hyphen() {
        let passages = [Passage::prose("see mrn_4k2m9q there"), Passage::prose("nothing")];
        assert!(occurs(&passages, "NAME-4K2M9Q"));
        assert!(!occurs(&passages, "NAME-4K2M9R"));
        assert!(!occurs(&[], "NAME-4K2M9R"));
    }
}
