//! What Safe Harbor leaves of an identifier: the year of a date, the State and the first three digits of the ZIP code
//! of a place, `90+` for an age over 89 (45 CFR 164.514(b)(2)(i)(B), (C)).
//!
//! In doubt nothing is left, and the class's label serves.

mod date;
pub(crate) mod place;

use terms::IdentifierClass;

use crate::normalize::Normal;

/// All that is told of an age over 89.
const OLD: &str = "90+";

/// A finding and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    pub(crate) class: IdentifierClass,
    pub(crate) text: &'a str,
    /// What stands before it in its passage.
    pub(crate) before: &'a str,
    /// The field that it stands in.
    pub(crate) label: Option<&'a str>,
}

/// What is left of an identifier; `None` where nothing is. `now` is the year that it is: without it no year is left,
/// since nobody knows which of them tell an age over 89.
pub(crate) fn generalised(written: Written<'_>, now: Option<u32>) -> Option<String> {
    let normal = Normal::of(written.text);
    match written.class {
        IdentifierClass::Date => date::years(normal.text(), is_of_birth(written), now?),
        IdentifierClass::Location => {
            place::state_and_prefix(normal.text(), place::is_postal(written.before, written.label))
        }
        IdentifierClass::AgeOver89 => Some(OLD.to_owned()),
        _ => None,
    }
}

/// Whether a year tells an age over 89 of somebody who was born in it, or did then what is on record.
pub(crate) const fn tells_an_age(year: u32, now: u32) -> bool {
    year + 90 <= now
}

/// Whether the words before a date or its field say that somebody was born then.
fn is_of_birth(written: Written<'_>) -> bool {
    const NEAR: usize = 24;
    const CUES: [&str; 5] = ["birth", "born", "dob", "d.o.b", "bday"];
    let mut from = written.before.len().saturating_sub(NEAR);
    while !written.before.is_char_boundary(from) {
        from += 1;
    }
    let near = written.before.get(from..).unwrap_or_default();
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        CUES.iter().any(|cue| text.contains(cue))
    };
    says(near) || written.label.is_some_and(says)
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass::{AgeOver89, Date, Location, Name};

    use super::*;

    fn of(class: IdentifierClass, text: &str, before: &str, label: Option<&str>) -> Option<String> {
        generalised(Written { class, text, before, label }, Some(2026))
    }

    #[test]
    fn a_short_year_of_a_birth_is_in_doubt() {
        assert_eq!(of(Date, "3/4/24", "seen on ", None).as_deref(), Some("2024"));
        for (before, label) in [("DOB: ", None), ("she was Born on ", None), ("", Some("birthDate"))] {
            assert_eq!(of(Date, "3/4/24", before, label), None, "{before:?} {label:?}");
            assert_eq!(of(Date, "3/4/87", before, label).as_deref(), Some("1987"));
        }
        let far = format!("born in Ohio, {}", "\u{e9}".repeat(30));
        assert_eq!(of(Date, "3/4/24", &far, None).as_deref(), Some("2024"));
    }

    #[test]
    fn classes_that_have_no_general_form_have_none() {
        assert_eq!(of(AgeOver89, "ninety-three", "", None).as_deref(), Some("90+"));
        assert_eq!(of(Location, "02139", "", Some("zip")).as_deref(), Some("021"));
        assert_eq!(of(Location, "02139", "MA ", None).as_deref(), Some("021"));
        assert_eq!(of(Location, "12345", "at ", None), None, "the number of a house");
        assert_eq!(of(Name, "02139", "", None), None);
        let date = Written { class: Date, text: "2024-03-01", before: "", label: None };
        assert_eq!(generalised(date, None), None, "nobody knows what year it is");
    }
}
