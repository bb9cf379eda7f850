//! Base64 (RFC 4648, 4 and 5) in prose: runs that hold text.

use std::ops::Range;

/// Shortest run that is read, in characters.
const SHORTEST: usize = 24;
/// Most bytes that are decoded of one run.
const LARGEST: usize = 8 * 1024;

/// The runs of `text` that decode to text, with what they hold.
pub(crate) fn runs(text: &str) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(rest) = text.as_bytes().get(at..) {
            // a run that begins here reaches over the window's end; behind the last other character one may begin
            let window = rest.get(..SHORTEST)?;
            if let Some(other) = window.iter().rposition(|byte| digit(*byte).is_none()) {
                at += other + 1;
                continue;
            }
            let (start, len) = (at, rest.iter().take_while(|byte| digit(**byte).is_some()).count());
            let padding = rest.iter().skip(len).take(2).take_while(|byte| **byte == b'=').count();
            at = start + len + padding;
            if let Some(decoded) = rest.get(..len).and_then(decode) {
                return Some((start..at, decoded));
            }
        }
        None
    })
}

/// What a character of either alphabet stands for.
#[inline]
fn digit(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// The text that a run stands for, up to [`LARGEST`] bytes; `None` if it is no text.
fn decode(run: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity((run.len() / 4 * 3 + 2).min(LARGEST));
    for group in run.chunks(4).take(LARGEST / 3) {
        let bits = group.iter().try_fold(0, |bits, byte| Some(bits << 6 | digit(*byte)?))?;
        let missing = u32::try_from(4 - group.len()).ok()?;
        let [_, decoded @ ..] = (bits << (6 * missing)).to_be_bytes();
        bytes.extend(decoded.iter().take(group.len().saturating_sub(1)));
    }
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        // the cap, or a run that was cut, may have split the last character
        Err(error) if error.error_len().is_none() => {
            bytes.get(..error.valid_up_to()).and_then(|text| std::str::from_utf8(text).ok())?
        }
        Err(_) => return None,
    };
    let plain = text.chars().all(|c| !c.is_control() || c.is_whitespace());
    plain.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_hold_text_are_decoded() {
        let text = "see UGF0aWVudCBKb2huIFNtaXRoLCBNUk4gNDgyMTMzNzc=, ok";
        let found: Vec<_> = runs(text).collect();
        assert_eq!(found, [(4..48, "Patient John Smith, MRN 48213377".to_owned())]);
        let url = "w6nDqcOpw6nDqcOpw6nDqcOpw6k_Pz4-";
        assert_eq!(runs(url).map(|(_, text)| text).collect::<Vec<_>>(), ["éééééééééé??>>"]);
    }

    #[test]
    fn what_is_no_text_or_too_short_stays() {
        for text in [
            "UGF0aWVudCBKb2hu",
            "6f1c1b1e93c54d3a8f290d9a3f2b7c11",
            "/usr/share/lib/python/packages",
            "electroencephalographically",
            "",
        ] {
            assert_eq!(runs(text).count(), 0, "{text}");
        }
    }

    #[test]
    fn no_more_than_the_cap_is_decoded() {
        let run = "YWFh".repeat(10_000);
        let found: Vec<_> = runs(&run).map(|(span, text)| (span.len(), text.len())).collect();
        assert_eq!(found, [(40_000, LARGEST / 3 * 3)]);
    }
}
