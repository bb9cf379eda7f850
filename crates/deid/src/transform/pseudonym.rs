//! One spelling for all spellings of an original, so that its pseudonym is the same wherever it stands.

use terms::IdentifierClass;

use crate::normalize::Normal;
use crate::shape::{Date, dated};

/// `original` in the one spelling from which its pseudonym is made: letter case, spaces and marks make no difference;
/// of a name the order `Last, First`, of a number the blanks in it, of a date the notation do not either.
pub(super) fn folded(class: IdentifierClass, original: &str) -> String {
    let normal = Normal::of(original);
    let text = normal.text().to_lowercase();
    match class {
        IdentifierClass::Name => name(&text),
        IdentifierClass::Date => date(normal.text()).unwrap_or_else(|| words(&text)),
        IdentifierClass::Phone | IdentifierClass::Fax => phone(&text),
        IdentifierClass::Location | IdentifierClass::AgeOver89 => words(&text),
        // marks tell one address from another
        IdentifierClass::Email | IdentifierClass::Url | IdentifierClass::Ip => text.trim().to_owned(),
        _ => text.chars().filter(|c| c.is_alphanumeric()).collect(),
    }
}

/// Letters and digits, a blank for each stretch of anything else.
fn words(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn name(text: &str) -> String {
    match text.split_once(',') {
        Some((last, first)) => words(&format!("{first} {last}")),
        None => words(text),
    }
}

/// The day, where it is sure which; a time of day is left out.
fn date(text: &str) -> Option<String> {
    let (date, _time): (Date<'_>, _) = dated(text.trim())?;
    Some(date.day().iso())
}

fn phone(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.strip_prefix('1').filter(|rest| rest.len() == 10).map_or(digits.clone(), str::to_owned)
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
            (Mrn, "482-13377", vec!["48213377", "482 13377", "482.13377"]),
            (Date, "2024-02-27", vec!["02/27/2024", "February 27, 2024", "2024-02-27T10:00:00Z"]),
            (Phone, "(617) 555-1234", vec!["617.555.1234", "+1 617 555 1234"]),
            (Location, "12 Maple St., Boston", vec!["12 maple st boston"]),
            (Email, "Jane@Mercy.org", vec!["jane@mercy.org "]),
        ] {
            for other in others {
                assert_eq!(folded(class, one), folded(class, other), "{other}");
            }
        }
        assert_ne!(folded(Email, "j.ane@mercy.org"), folded(Email, "jane@mercy.org"));
        assert_ne!(folded(Name, "Ann Lee"), folded(Name, "Annlee"));
    }
}
