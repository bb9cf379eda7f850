//! Numbers that name somebody: records, plans, licences, vehicles, devices.

use std::sync::LazyLock;

use fastrand::Rng;

use super::list::Sections;
use super::random::{chance, digits, fill, word};
use super::slot::Value;

/// Patterns of each kind, as [`fill`] reads them.
static PATTERNS: LazyLock<Sections> =
    LazyLock::new(|| Sections::places(include_str!("../../data/codes.txt")));

fn pattern(rng: &mut Rng, kind: Value) -> String {
    let pattern = PATTERNS.word(rng, &format!("{kind:?}"));
    fill(rng, pattern)
}

/// A value of this kind.
pub(super) fn code(rng: &mut Rng, kind: Value) -> String {
    match kind {
        Value::Npi => npi(rng),
        Value::Dea => dea(rng),
        Value::Vin => vin(rng),
        Value::Card => card(rng),
        Value::Iban => iban(rng),
        Value::Medicare => medicare(rng),
        Value::Udi => udi(rng),
        Value::Uuid => uuid(rng),
        _ => pattern(rng, kind),
    }
}

/// The digit that makes the sum of Luhn (ISO/IEC 7812-1, annex B) end in zero.
fn luhn(digits: &str) -> u32 {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit })
        .sum();
    (10 - sum % 10) % 10
}

/// Ten digits, with 80840 before them under Luhn (45 CFR 162.406).
fn npi(rng: &mut Rng) -> String {
    let nine = format!("{}{}", rng.u32(1..3), digits(rng, 8));
    format!("{nine}{}", luhn(&format!("80840{nine}")))
}

/// Two letters, six digits, and the last of (1st+3rd+5th) + 2·(2nd+4th+6th).
fn dea(rng: &mut Rng) -> String {
    let six = digits(rng, 6);
    let sum: u32 = six
        .chars()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { digit } else { 2 * digit })
        .sum();
    format!("{}{}{six}{}", word(rng, &["A", "B", "F", "M", "G"]), rng.uppercase(), sum % 10)
}

/// Seventeen characters, the ninth a check (49 CFR 565.15).
fn vin(rng: &mut Rng) -> String {
    const LETTERS: &str = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let letters: Vec<char> = LETTERS.chars().collect();
    let head =
        word(rng, &["1HG", "1FT", "2T1", "JTD", "5YJ", "WBA", "1G1", "KMH", "3VW", "WDB", "4T1", "5NP"]);
    let mut vin: Vec<char> = head.chars().collect();
    vin.extend((0..8).map(|_| rng.choice(&letters).copied().unwrap_or('A')));
    vin.extend(digits(rng, 6).chars());
    let value = |c: char| match c {
        'A'..='H' => u32::from(c) - u32::from('A') + 1,
        'J'..='N' => u32::from(c) - u32::from('J') + 1,
        'P' => 7,
        'R' => 9,
        'S'..='Z' => u32::from(c) - u32::from('S') + 2,
        digit => digit.to_digit(10).unwrap_or(0),
    };
    let sum: u32 = vin.iter().zip(WEIGHTS).map(|(c, weight)| value(*c) * weight).sum();
    if let Some(check) = vin.get_mut(8) {
        *check = char::from_digit(sum % 11, 10).unwrap_or('X');
    }
    vin.into_iter().collect()
}

fn card(rng: &mut Rng) -> String {
    let kinds = [
        ("4", 16),
        ("4", 16),
        ("5", 16),
        ("34", 15),
        ("37", 15),
        ("6011", 16),
        ("3528", 16),
        ("6304", 12),
        ("5018", 13),
        ("30", 14),
        ("4", 19),
        ("4", 13),
    ];
    let (head, length) = rng.choice(kinds).unwrap_or(("4", 16));
    let body = format!("{head}{}", digits(rng, length - 1 - head.len()));
    let number = format!("{body}{}", luhn(&body));
    let join = word(rng, &["", " ", "-"]);
    let groups: Vec<String> =
        number.chars().collect::<Vec<_>>().chunks(4).map(|four| four.iter().collect()).collect();
    groups.join(join)
}

/// Check digits by ISO 7064, modulo 97-10.
fn iban(rng: &mut Rng) -> String {
    let countries = [
        ("DE", "##################"),
        ("FR", "####################^##"),
        ("GB", "^^^^##############"),
        ("ES", "####################"),
        ("IT", "^######################"),
        ("NL", "^^^^##########"),
        ("CH", "#################"),
        ("AT", "################"),
        ("PL", "########################"),
    ];
    let (country, pattern) = rng.choice(countries).unwrap_or(("DE", "##################"));
    let account = fill(rng, pattern);
    let rest = format!("{account}{country}00")
        .chars()
        .filter_map(|c| c.to_digit(36))
        .fold(0, |rest, digit| (if digit > 9 { rest * 100 } else { rest * 10 } + digit) % 97);
    let iban = format!("{country}{:02}{account}", 98 - rest);
    if chance(rng, 40) {
        return iban;
    }
    iban.chars()
        .collect::<Vec<_>>()
        .chunks(4)
        .map(|four| four.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The Medicare Beneficiary Identifier: no S, L, O, I, B or Z; or, as before 2018, a Social Security number with
/// a letter.
fn medicare(rng: &mut Rng) -> String {
    let allowed: Vec<char> = "ACDEFGHJKMNPQRTUVWXY".chars().collect();
    pattern(rng, Value::Medicare)
        .chars()
        .map(|c| if "SLOIBZ".contains(c) { rng.choice(&allowed).copied().unwrap_or('A') } else { c })
        .collect()
}

fn udi(rng: &mut Rng) -> String {
    let gtin = digits(rng, 13);
    let check = luhn(&gtin);
    match rng.u32(..4) {
        0 => format!("(01)0{}{check}", digits(rng, 12)),
        1 => format!("(01){gtin}{check}(17){}(10){}", fill(rng, "2#0%1#"), fill(rng, "^%####")),
        2 => format!("(01){gtin}{check}(11){}(21){}", fill(rng, "2#0%1#"), digits(rng, 8)),
        _ => fill(rng, "+H%##^^^^#####/$$%#######&#"),
    }
}

fn uuid(rng: &mut Rng) -> String {
    let id = fill(rng, "********-****-4***-a***-************");
    if chance(rng, 10) { id.to_uppercase() } else { id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_the_standards() {
        assert_eq!(luhn("7992739871"), 3);
        assert_eq!(luhn("80840123456789"), 3, "NPI 1234567893");
        let mut rng = fastrand::Rng::with_seed(4);
        for _ in 0..200 {
            let npi = npi(&mut rng);
            let (body, check) = npi.split_at(9);
            assert_eq!((npi.len(), luhn(&format!("80840{body}")).to_string()), (10, check.to_owned()));
            let card: String = card(&mut rng).chars().filter(char::is_ascii_digit).collect();
            let (body, check) = card.split_at(card.len() - 1);
            assert_eq!(luhn(body).to_string(), check);
        }
    }

    #[test]
    fn an_iban_leaves_one_of_ninety_seven() {
        let mut rng = fastrand::Rng::with_seed(4);
        for _ in 0..200 {
            let iban: String = iban(&mut rng).chars().filter(|c| *c != ' ').collect();
            let (head, account) = iban.split_at(4);
            let rest = format!("{account}{head}")
                .chars()
                .filter_map(|c| c.to_digit(36))
                .fold(0, |rest, digit| (if digit > 9 { rest * 100 } else { rest * 10 } + digit) % 97);
            assert_eq!(rest, 1, "{iban}");
        }
    }

    #[test]
    fn codes_have_the_form_of_their_kind() {
        let mut rng = fastrand::Rng::with_seed(4);
        for _ in 0..200 {
            let vin = vin(&mut rng);
            assert!(vin.len() == 17 && !vin.contains(['I', 'O', 'Q']), "{vin}");
            let dea: Vec<u32> = dea(&mut rng).chars().filter_map(|c| c.to_digit(10)).collect();
            assert_eq!((dea[0] + dea[2] + dea[4] + 2 * (dea[1] + dea[3] + dea[5])) % 10, dea[6]);
            let medicare = medicare(&mut rng);
            assert!(!medicare.contains(['S', 'L', 'O', 'I', 'B', 'Z']), "{medicare}");
            assert_eq!(uuid(&mut rng).len(), 36);
        }
    }
}
