//! Whether a value has the form of a class. What is told by a sample or by an owner, and not by a specification, holds for
//! values of that form alone: others may hold something else beside it.

use terms::IdentifierClass::{
    self, Account, Date, Device, Email, Fax, HealthPlan, Ip, License, Location, Mrn, Name, OtherId, Phone,
    Ssn, Url, Vehicle,
};

/// Words of a date and of a time of day, by their first three letters where they are longer.
const TIMES: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue", "wed",
    "thu", "fri", "sat", "sun", "at", "am", "pm", "t", "z", "utc", "gmt", "est", "edt", "cst", "cdt", "mst",
    "mdt", "pst", "pdt", "st", "nd", "rd", "th", "of", "a", "p", "m",
];
/// Words of months and days that may be written whole.
const LONG: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "sept",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "tues",
    "wednesday",
    "thursday",
    "thurs",
    "friday",
    "saturday",
    "sunday",
];

/// Whether the whole of a value is of the form of `class`, and of nothing beside it.
pub(crate) fn fits(class: IdentifierClass, value: &str) -> bool {
    let value = value.trim();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let words = value.split_whitespace().count();
    match class {
        Date => is_date(value, digits),
        Phone | Fax => (4..=18).contains(&digits) && only(value, "+()-. x/") && value.len() <= 30,
        Ssn => matches!(digits, 4 | 9) && only(value, "- "),
        Ip => value.parse::<std::net::IpAddr>().is_ok(),
        Email => words == 1 && value.matches('@').count() == 1 && value.len() <= 254,
        Url => words == 1 && value.contains('.') && !value.contains('@'),
        Mrn | Account | HealthPlan | License | Device | Vehicle | OtherId => {
            words == 1 && value.len() <= 40 && !value.contains(['@', ',', ';', ':'])
        }
        Name => words <= 5 && digits == 0 && value.len() <= 60 && !value.contains([';', ':', '@', '/', '(']),
        Location => words <= 8 && longest_run(value) <= 5 && !value.contains([';', ':', '@', '(']),
        // ages over 89, photographs, biometric marks: no form is theirs alone
        _ => false,
    }
}

fn is_date(value: &str, digits: usize) -> bool {
    let marks = value.chars().all(|c| c.is_ascii_alphanumeric() || "-/.,: +".contains(c));
    let parts = value.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(|part| {
        // `13th` and `03T10` are numbers with a word behind or between
        part.split_inclusive(|c: char| c.is_ascii_digit())
            .flat_map(|run| run.split(|c: char| c.is_ascii_digit()))
    });
    let mut words = parts.filter(|part| !part.is_empty()).map(str::to_ascii_lowercase);
    marks
        && (1..=20).contains(&digits)
        && value.len() <= 40
        && words.all(|word| TIMES.contains(&word.as_str()) || LONG.contains(&word.as_str()))
}

/// Whether what should be a code has the form of a number of a person: a Social Security number, a telephone number, a
/// date or a record number. Other concepts of SNOMED CT, of six to eighteen digits, are told apart by their check digit.
pub(crate) fn is_personal(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let plain = digits == value.len();
    let groups: Vec<_> = value.split(['-', '.', '/']).map(str::len).collect();
    let grouped = only(value, "-./+()") && matches!(groups.as_slice(), [3, 2 | 3, 4] | [4, 2, 2] | [2, 2, 4]);
    grouped || plain && (7..=12).contains(&digits) && (digits == 9 || !is_concept(value))
}

/// Whether a number has the partition of a concept of SNOMED CT before its check digit, and that is Verhoeff's: products in
/// the dihedral group of ten.
fn is_concept(value: &str) -> bool {
    const TURN: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let times = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - 5 + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let turned = |digit: u8, times: usize| {
        (0..times % 8).fold(digit, |digit, _| TURN.get(usize::from(digit)).copied().unwrap_or(0))
    };
    let sum = value
        .bytes()
        .rev()
        .enumerate()
        .fold(0, |sum, (at, byte)| times(sum, turned(byte.wrapping_sub(b'0'), at)));
    let partition = value.len().checked_sub(3).and_then(|at| value.get(at..at + 2));
    matches!(partition, Some("00" | "10")) && sum == 0
}

fn only(value: &str, marks: &str) -> bool {
    value.chars().all(|c| c.is_ascii_digit() || marks.contains(c))
}

pub(crate) fn longest_run(value: &str) -> usize {
    value.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_numbers_of_a_person() {
        for code in [
            "29463-7",
            "34133-9",
            "73211009",
            "38341003",
            "22298006",
            "E11.9",
            "C50911",
            "99213",
            "J45.909",
            "419099009x",
        ] {
            assert!(!is_personal(code), "{code}");
        }
        for number in
            ["478-23-1905", "900123456", "555-867-5309", "5558675309", "48213377", "1950-03-14", "03/14/1950"]
        {
            assert!(is_personal(number), "{number}");
        }
    }

    #[test]
    fn what_stands_beside_a_value_is_not_of_its_form() {
        for (class, value) in [
            (Date, "2024-02-03T10:11:12Z"),
            (Date, "March 2nd, 1980 at 10:30 AM"),
            (Date, "19500314"),
            (Date, "Tue 3/4/24"),
            (Phone, "(555) 867-5309 x12"),
            (Mrn, "MRN-48213377"),
            (Name, "O'Brien-Smith, Ann"),
            (Location, "12 Elm St, Lakewood, OH 44107"),
        ] {
            assert!(fits(class, value), "{class} {value}");
        }
        for (class, value) in [
            (Date, "3/4/24 seen with Harold Finchley"),
            (Date, "Finchley"),
            (Phone, "555-867-5309 ask for Ann"),
            (Mrn, "48213377 Finchley"),
            (Name, "Finchley 478-23-1905"),
            (Location, "12 Elm St, call 5558675309"),
            (Email, "a@b.example Ann"),
        ] {
            assert!(!fits(class, value), "{class} {value}");
        }
    }
}
