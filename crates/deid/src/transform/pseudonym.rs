//! One spelling for all spellings of an original, so that its pseudonym is the same wherever it stands.

use terms::IdentifierClass;

use crate::normalize::Normal;
use crate::shape::{Date, dated};

/// `original` in the one spelling from which its pseudonym is made; `None` of what has neither letters nor digits. Letter
/// case makes no difference, nor do blanks and marks of one kind or another, but where they stand does; of a name the order
/// `Last, First`, of a date whose day is sure the notation, of a number of telephone `+1` and the marks do not either.
///
/// What this makes alike it makes one for good, so that in doubt it leaves two.
pub(super) fn folded(class: IdentifierClass, original: &str) -> Option<String> {
    let normal = Normal::of(original);
    let text = normal.text().to_lowercase();
    let folded = match class {
        IdentifierClass::Name => name(&text),
        IdentifierClass::Date => date(normal.text()).unwrap_or_else(|| text.trim().to_owned()),
        IdentifierClass::Phone | IdentifierClass::Fax => phone(&text),
        // marks tell one address from another
        IdentifierClass::Email | IdentifierClass::Url | IdentifierClass::Ip => text.trim().to_owned(),
        _ => words(&text),
    };
    folded.contains(char::is_alphanumeric).then_some(folded)
}

/// Letters and digits, a blank for each stretch of anything else; a minus before a number, and the point in one, stay.
fn words(text: &str) -> String {
    let (mut out, mut gap, mut last) = (String::with_capacity(text.len()), false, ' ');
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        let number = signs.peek().is_some_and(char::is_ascii_digit);
        let minus = sign == '-' && number && !last.is_alphanumeric();
        let point = sign == '.' && number && last.is_ascii_digit();
        if sign.is_alphanumeric() || minus || point {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            out.push(sign);
        }
        gap = !(sign.is_alphanumeric() || minus || point);
        last = sign;
    }
    out
}

fn name(text: &str) -> String {
    match text.split_once(',') {
        Some((last, first)) => words(&format!("{first} {last}")),
        None => words(text),
    }
}

/// The day, where it is sure which, and its time of day as it is written.
fn date(text: &str) -> Option<String> {
    let (date, time): (Date<'_>, _) = dated(text.trim())?;
    date.is_sure().then(|| date.day().iso() + &time.trim_end().to_lowercase())
}

/// Digits and letters, an extension behind `x`; `+` before a country other than 1.
fn phone(text: &str) -> String {
    let text = text.trim().replace("extension", "x").replace("ext", "x").replace('#', "x");
    let plus = text.starts_with('+');
    let signs: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let number = signs.find(|c: char| !c.is_ascii_digit()).unwrap_or(signs.len());
    match signs.strip_prefix('1') {
        Some(rest) if number == 11 => rest.to_owned(),
        _ if plus => format!("+{signs}"),
        _ => signs,
    }
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass::{Date, Email, Location, Mrn, Name, Phone};

    use super::*;

    #[test]
    fn spellings_of_one_original_are_one() {
        for (class, one, others) in [
            (
                Name,
                "Jos\u{e9} Smith",
                vec!["jose smith", "SMITH, JOSE", "Smith,  Jos\u{e9}", "Jos\u{e9}\nSmith"],
            ),
            (Mrn, "AB-482-13377", vec!["ab 482 13377", "AB/482/13377", " AB-482-13377."]),
            (Date, "2024-02-27", vec!["02/27/2024", "February 27, 2024"]),
            (Date, "2024-02-27T10:00:00Z", vec!["2024-02-27t10:00:00z "]),
            (Phone, "(617) 555-1234", vec!["617.555.1234", "+1 617 555 1234"]),
            (Phone, "617-555-1234 x12", vec!["617.555.1234 ext. 12", "+1 617 555 1234 #12"]),
            (Location, "12 Maple St., Boston", vec!["12 maple st boston"]),
            (Email, "Jane@Mercy.org", vec!["jane@mercy.org "]),
        ] {
            for other in others {
                assert_eq!(folded(class, one), folded(class, other), "{other}");
            }
        }
        for (class, one, other) in [
            (Email, "j.ane@mercy.org", "jane@mercy.org"),
            (Name, "Ann Lee", "Annlee"),
            (Mrn, "12-345", "123-45"),
            (Date, "2024-02-27T10:00:00Z", "2024-02-27"),
            (Date, "2024-02-27T10:00:00Z", "2024-02-27T11:00:00Z"),
            (Date, "03/02/2024", "2024-03-02"),
            (Date, "03/02/2024", "02/03/2024"),
            (Phone, "1-800-FLOWERS", "1-800-CANDLES"),
            (Phone, "617-555-1234 x12", "617-555-1234"),
            (Phone, "+61 7555 1234", "617-555-1234"),
            (Location, "42.36, -71.05", "42.36, 71.05"),
            (Location, "4.236", "42.36"),
        ] {
            assert_ne!(folded(class, one), folded(class, other), "{one}");
        }
        for class in [Name, Mrn, Phone, Location, Date] {
            assert_eq!(folded(class, "***"), None);
        }
    }
}
