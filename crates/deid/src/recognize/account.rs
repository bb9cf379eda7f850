//! Account numbers (J): payment cards by their check digit, IBANs by theirs.

use std::sync::LazyLock;

use regex::Regex;
use terms::IdentifierClass;

use super::{Candidate, Rank};
use crate::view::View;

static CARD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b[0-9]{4}[- ]?[0-9]{4}[- ]?[0-9]{4}[- ]?[0-9]{1,7}\b|\b3[0-9]{3}[- ]?[0-9]{6}[- ]?[0-9]{4,5}\b|\b[0-9]{12,19}\b")
        .ok()
});

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    for cluster in view.clusters.iter().filter(|cluster| cluster.digits >= 12) {
        let text = view.slice(cluster.start..cluster.end);
        for hit in CARD.iter().flat_map(|card| card.find_iter(text)) {
            let span = cluster.start + hit.start()..cluster.start + hit.end();
            let digits = hit.as_str().bytes().filter(u8::is_ascii_digit).count();
            if luhn(hit.as_str()) && digits >= 13 && !view.is_cut(&span) {
                found.push(Candidate::new(span, IdentifierClass::Account, Rank::Cue, 93, "account.card"));
            }
        }
    }
    for (at, word) in view.at(&view.codes) {
        if word.len() >= 4 {
            iban(view, at, found);
        }
    }
}

/// Whether the digits of `text` satisfy the Luhn formula (ISO/IEC 7812-1, annex B).
pub(super) fn luhn(text: &str) -> bool {
    let digits = text.chars().rev().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits
        .enumerate()
        .map(|(at, digit)| if at % 2 == 1 { digit * 2 - if digit > 4 { 9 } else { 0 } } else { digit })
        .sum();
    sum > 0 && sum.is_multiple_of(10)
}

/// An IBAN (ISO 13616) that starts at word `at`, in one piece or in groups of four.
fn iban(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let Some(word) = view.get(at) else { return };
    let head = view.str(at).as_bytes();
    let country = head.iter().take(2).all(u8::is_ascii_uppercase);
    if !country || !head.iter().skip(2).take(2).all(u8::is_ascii_digit) {
        return;
    }
    let rest = view.text.get(word.start..).unwrap_or_default();
    let mut remainder = 0_u32;
    let (mut len, mut end, mut valid) = (0_usize, 0_usize, None);
    // the four leading characters count last: the check is done on rest + head
    let body = rest.bytes().enumerate().take(43);
    for (offset, byte) in body {
        if byte == b' ' {
            continue;
        }
        if !byte.is_ascii_alphanumeric() {
            break;
        }
        len += 1;
        end = offset + 1;
        if len > 4 {
            remainder = step(remainder, byte);
            let check = head.iter().take(4).fold(remainder, |sum, byte| step(sum, *byte));
            if len >= 15 && check == 1 && !view.is_cut(&(word.start..word.start + end)) {
                valid = Some(end);
            }
        }
    }
    if let Some(end) = valid {
        let span = word.start..word.start + end;
        found.push(Candidate::new(span, IdentifierClass::Account, Rank::Cue, 97, "account.iban"));
    } else if end > 0 && word.len() >= 15 && word.len() <= 34 {
        let span = word.start..word.end;
        found.push(Candidate::new(span, IdentifierClass::Account, Rank::Shape, 70, "account.iban-like"));
    }
}

/// One more character of the number that ISO 7064 MOD 97-10 divides.
fn step(remainder: u32, byte: u8) -> u32 {
    match char::from(byte).to_digit(36) {
        Some(digit @ 0..=9) => (remainder * 10 + digit) % 97,
        Some(letter) => (remainder * 100 + letter) % 97,
        None => remainder,
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn accounts_are_found() {
        assert_eq!(texts("card 4111 1111 1111 1111 exp", recognize), [("4111 1111 1111 1111", "ACCOUNT")]);
        assert_eq!(texts("378282246310005", recognize), [("378282246310005", "ACCOUNT")]);
        assert_eq!(
            texts("IBAN DE89 3704 0044 0532 0130 00.", recognize),
            [("DE89 3704 0044 0532 0130 00", "ACCOUNT")]
        );
        assert_eq!(texts("GB82WEST12345698765432", recognize), [("GB82WEST12345698765432", "ACCOUNT")]);
    }

    #[test]
    fn near_misses_stay() {
        for text in ["4111 1111 1111 1112", "1234567890123", "DE89", "AB12 mg"] {
            assert_eq!(texts(text, recognize), [], "{text}");
        }
    }
}
