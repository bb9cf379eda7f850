//! Vehicle identification numbers (L), by their check digit (49 CFR 565.15).

use terms::IdentifierClass;

use super::{Candidate, Rank};
use crate::view::View;
use crate::wordset::words;

const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    for (at, word) in view.at(&view.codes) {
        if word.len() == 17 {
            let cued = view.before(at, 4, words!("vin vehicle car chassis"));
            if checked(view.str(at)) || cued && shaped(view.str(at)) {
                let span = word.start..word.end;
                found.push(Candidate::new(span, IdentifierClass::Vehicle, Rank::Cue, 95, "vehicle.vin"));
            }
        }
    }
}

fn shaped(text: &str) -> bool {
    text.bytes().all(|byte| value(byte).is_some())
}

/// What a character counts in the sum; `None` for I, O, Q and all that is no letter or digit.
fn value(byte: u8) -> Option<u32> {
    let byte = byte.to_ascii_uppercase();
    match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'H' => Some(u32::from(byte - b'A') + 1),
        b'J'..=b'N' => Some(u32::from(byte - b'J') + 1),
        b'P' => Some(7),
        b'R' => Some(9),
        b'S'..=b'Z' => Some(u32::from(byte - b'S') + 2),
        _ => None,
    }
}

fn checked(text: &str) -> bool {
    let mut sum = 0;
    for (byte, weight) in text.bytes().zip(WEIGHTS) {
        let Some(value) = value(byte) else { return false };
        sum += value * weight;
    }
    let check = match sum % 11 {
        10 => b'X',
        digit => b'0' + u8::try_from(digit).unwrap_or(0),
    };
    text.as_bytes().get(8).is_some_and(|byte| byte.to_ascii_uppercase() == check)
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn numbers_are_found() {
        assert_eq!(texts("drove 1M8GDM9AXKP042788.", recognize), [("1M8GDM9AXKP042788", "VEHICLE")]);
        assert_eq!(texts("VIN: 1M8GDM9A1KP042788", recognize), [("1M8GDM9A1KP042788", "VEHICLE")]);
    }

    #[test]
    fn near_misses_stay() {
        assert_eq!(texts("code 1M8GDM9A1KP042788", recognize), []);
        assert_eq!(texts("VIN: 1O8GDM9A1KP04278Q", recognize), []);
    }
}
