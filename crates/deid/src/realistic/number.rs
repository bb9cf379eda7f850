//! Numbers and codes: a digit for a digit, a letter for a letter, in the original's layout, and nobody's.

use terms::{IdentifierClass, Randomness, SurrogateError};

use super::{Drawer, Real};
use crate::shape::below;

/// Fewest values that one is drawn from, as many as six digits have: what is shorter would meet real numbers.
const ROOM: u64 = 900_000;
/// Longest run of letters in a code; what is longer is a word, which says what it says.
const RUN: usize = 4;
/// How often a number is drawn until it is nobody's.
const DRAWS: usize = 32;

/// The weights of a vehicle's number (49 CFR 565.15(c)).
const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
/// Its signs, without I, O and Q.
const SIGNS: &[u8; 33] = b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ";

pub(super) fn real(drawer: &mut Drawer<'_>, original: &str) -> Result<Option<Real>, SurrogateError> {
    let Some(spelling) = spelling(original) else { return Ok(None) };
    let kind = kind(drawer.class, &spelling);
    if kind == Kind::None {
        return Ok(None);
    }
    let taken = drawer.taken;
    let draw = |randomness: &dyn Randomness| (0..DRAWS).find_map(|_| drawn(kind, &spelling, randomness));
    let fits = |candidate: &str| {
        candidate.len() == spelling.len()
            && !taken.holds(candidate)
            && !taken.holds(&laid(original, candidate))
    };
    let drawn = drawer.part("n ", &spelling, &fits, &draw)?;
    Ok(drawn.map(|drawn| Real { text: laid(original, &drawn), ..Real::default() }))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nine digits of social security.
    Social,
    /// A vehicle's seventeen signs.
    Vehicle,
    Other,
    None,
}

/// The letters and digits, small; `None` of what is no code.
fn spelling(original: &str) -> Option<String> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b" -./_#:*()".contains(&byte);
    let longest = original.split(|c: char| !c.is_ascii_alphabetic()).map(str::len).max().unwrap_or(0);
    let plain = original.len() <= 64 && original.bytes().all(known);
    let vehicle = original.len() == 17;
    if !plain || longest > RUN && !vehicle || original.contains('*') {
        return None;
    }
    Some(original.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect())
}

fn kind(class: IdentifierClass, spelling: &str) -> Kind {
    let digits = spelling.bytes().filter(u8::is_ascii_digit).count();
    let letters = spelling.len() - digits;
    let room = (0..digits).fold(1_u64, |room, _| room.saturating_mul(10));
    let room = (0..letters).fold(room, |room, _| room.saturating_mul(26));
    if class == IdentifierClass::Ssn {
        return if (digits, letters) == (9, 0) { Kind::Social } else { Kind::None };
    }
    if is_vehicle(spelling) {
        return Kind::Vehicle;
    }
    if room < ROOM || digits == 0 { Kind::None } else { Kind::Other }
}

fn is_vehicle(spelling: &str) -> bool {
    let upper = spelling.to_ascii_uppercase();
    upper.len() == 17
        && upper.bytes().all(|byte| SIGNS.contains(&byte))
        && check_digit(upper.as_bytes()) == upper.as_bytes().get(8).copied()
}

/// One that is nobody's; `None` if it may be somebody's.
fn drawn(kind: Kind, spelling: &str, randomness: &dyn Randomness) -> Option<String> {
    match kind {
        Kind::Social => Some(social(randomness)),
        Kind::Vehicle => vehicle(randomness),
        Kind::Other => Some(alike(spelling, randomness)).filter(|drawn| !may_be_issued(drawn)),
        Kind::None => None,
    }
}

fn alike(spelling: &str, randomness: &dyn Randomness) -> String {
    let leading = !spelling.starts_with('0');
    let sign = |(at, c): (usize, char)| {
        let drawn = match c {
            '0'..='9' if at == 0 && leading => char::from_digit(1 + below(randomness, 9), 10),
            '0'..='9' => char::from_digit(below(randomness, 10), 10),
            _ => char::from_digit(10 + below(randomness, 26), 36),
        };
        drawn.unwrap_or(c)
    };
    spelling.chars().enumerate().map(sign).collect()
}

/// Whether a number has the check digit of cards (ISO/IEC 7812-1) or of providers (45 CFR 162.406), whose digits are
/// checked behind 80840.
fn may_be_issued(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != text.len() {
        return false;
    }
    let provider = [8, 0, 8, 4, 0].into_iter().chain(digits.iter().copied()).collect::<Vec<_>>();
    matches!(digits.len(), 12..=19) && checks(&digits) || digits.len() == 10 && checks(&provider)
}

fn checks(digits: &[u32]) -> bool {
    let doubled = |(at, digit): (usize, &u32)| match digit * 2 {
        _ if at % 2 == 0 => *digit,
        twice if twice > 9 => twice - 9,
        twice => twice,
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>() % 10 == 0
}

/// Area 900 to 999, which the Social Security Administration assigns to nobody, with groups 01 to 49: the Internal Revenue
/// Service takes its own numbers from 900 to 999 with groups from 50 on.
fn social(randomness: &dyn Randomness) -> String {
    let (area, group) = (900 + below(randomness, 100), 1 + below(randomness, 49));
    format!("{area}{group:02}{:04}", 1 + below(randomness, 9999))
}

/// A vehicle's number with the right check digit, of a maker whose region is `0`, which is no region's (ISO 3780).
fn vehicle(randomness: &dyn Randomness) -> Option<String> {
    let mut signs = vec![b'0'];
    while signs.len() < 17 {
        signs.push(SIGNS.get(below(randomness, 33) as usize).copied()?);
    }
    let check = check_digit(&signs)?;
    signs.get_mut(8).into_iter().for_each(|sign| *sign = check);
    Some(String::from_utf8(signs).ok()?.to_ascii_lowercase())
}

fn check_digit(signs: &[u8]) -> Option<u8> {
    let value = |sign: u8| match sign {
        b'0'..=b'9' => u32::from(sign - b'0'),
        b'A'..=b'H' => u32::from(sign - b'A') + 1,
        b'J'..=b'R' => u32::from(sign - b'J') + 1,
        b'S'..=b'Z' => u32::from(sign - b'S') + 2,
        _ => 0,
    };
    let sum: u32 = signs.iter().zip(WEIGHTS).map(|(sign, weight)| value(*sign) * weight).sum();
    if sum % 11 == 10 {
        Some(b'X')
    } else {
        char::from_digit(sum % 11, 10).and_then(|c| u8::try_from(c).ok())
    }
}

/// `drawn` in the layout and letter case of `like`.
fn laid(like: &str, drawn: &str) -> String {
    let mut drawn = drawn.chars();
    let small =
        !like.contains(|c: char| c.is_ascii_uppercase()) && like.contains(|c: char| c.is_ascii_lowercase());
    let mut put = |c: char| {
        if !c.is_ascii_alphanumeric() {
            return c;
        }
        let next = drawn.next().unwrap_or(c);
        // a vehicle's check digit may be a letter where the original had none
        if small || c.is_ascii_lowercase() { next } else { next.to_ascii_uppercase() }
    };
    like.chars().map(&mut put).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::tests::Lot;

    #[test]
    fn check_digits_are_as_published() {
        assert!(is_vehicle("1hgcm82633a004352") && is_vehicle("1M8GDM9AXKP042788"));
        assert!(!is_vehicle("1hgcm82643a004352"));
        assert!(may_be_issued("4111111111111111") && !may_be_issued("4111111111111112"));
        assert!(may_be_issued("1234567893") && !may_be_issued("1234567890"), "a provider's");
        assert!(!may_be_issued("411111111111111a"));
    }

    #[test]
    fn nothing_that_is_drawn_is_anybodys() {
        let lot = Lot::new(5);
        for _ in 0..2000 {
            let number = social(&lot);
            assert!(number.starts_with('9') && number.len() == 9, "{number}");
            let (group, serial) = number.split_at(3).1.split_at(2);
            assert!((1..50).contains(&group.parse::<u32>().unwrap()) && serial != "0000");
            let vin = vehicle(&lot).unwrap();
            assert!(vin.starts_with('0') && is_vehicle(&vin), "{vin}");
            for like in ["4111111111111111", "1234567893"] {
                let card = drawn(Kind::Other, like, &lot);
                assert!(card.is_none_or(|card| !may_be_issued(&card) && card.len() == like.len()));
            }
        }
    }

    #[test]
    fn what_is_short_or_a_word_has_none() {
        use IdentifierClass::{Mrn, OtherId, Ssn};
        let of = |class, text: &str| spelling(text).map_or(Kind::None, |spelling| kind(class, &spelling));
        assert_eq!(of(Ssn, "123-45-6789"), Kind::Social);
        assert_eq!(of(Mrn, "48-21-33-77"), Kind::Other);
        assert_eq!(of(OtherId, "1HGCM82633A004352"), Kind::Vehicle);
        for (class, text) in [
            (Ssn, "6789"),
            (Ssn, "***-**-6789"),
            (Mrn, "48213"),
            (OtherId, "fingerprint 482133"),
            (Mrn, "\u{663}48213377"),
        ] {
            assert_eq!(of(class, text), Kind::None, "{text}");
        }
        assert_eq!(laid("AB-12 c", "xy34z"), "XY-34 z");
    }
}
