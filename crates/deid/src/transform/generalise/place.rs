//! State and first three digits of the ZIP code of a place, where it is certain that they are ones.

use std::sync::LazyLock;

const RELEASABLE: &str = include_str!("../../../data/zip3_2020.txt");

const STATES: [(&str, &str); 56] = [
    ("AL", "Alabama"),
    ("AK", "Alaska"),
    ("AZ", "Arizona"),
    ("AR", "Arkansas"),
    ("CA", "California"),
    ("CO", "Colorado"),
    ("CT", "Connecticut"),
    ("DE", "Delaware"),
    ("DC", "District of Columbia"),
    ("FL", "Florida"),
    ("GA", "Georgia"),
    ("HI", "Hawaii"),
    ("ID", "Idaho"),
    ("IL", "Illinois"),
    ("IN", "Indiana"),
    ("IA", "Iowa"),
    ("KS", "Kansas"),
    ("KY", "Kentucky"),
    ("LA", "Louisiana"),
    ("ME", "Maine"),
    ("MD", "Maryland"),
    ("MA", "Massachusetts"),
    ("MI", "Michigan"),
    ("MN", "Minnesota"),
    ("MS", "Mississippi"),
    ("MO", "Missouri"),
    ("MT", "Montana"),
    ("NE", "Nebraska"),
    ("NV", "Nevada"),
    ("NH", "New Hampshire"),
    ("NJ", "New Jersey"),
    ("NM", "New Mexico"),
    ("NY", "New York"),
    ("NC", "North Carolina"),
    ("ND", "North Dakota"),
    ("OH", "Ohio"),
    ("OK", "Oklahoma"),
    ("OR", "Oregon"),
    ("PA", "Pennsylvania"),
    ("RI", "Rhode Island"),
    ("SC", "South Carolina"),
    ("SD", "South Dakota"),
    ("TN", "Tennessee"),
    ("TX", "Texas"),
    ("UT", "Utah"),
    ("VT", "Vermont"),
    ("VA", "Virginia"),
    ("WA", "Washington"),
    ("WV", "West Virginia"),
    ("WI", "Wisconsin"),
    ("WY", "Wyoming"),
    ("PR", "Puerto Rico"),
    ("GU", "Guam"),
    ("VI", "Virgin Islands"),
    ("AS", "American Samoa"),
    ("MP", "Northern Mariana Islands"),
];

/// By prefix: whether more than 20,000 people live there.
static LARGE: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let mut large = vec![false; 1000];
    let lines = RELEASABLE.lines().filter(|line| !line.starts_with('#'));
    for prefix in lines.flat_map(str::split_whitespace).filter_map(|prefix| prefix.parse::<usize>().ok()) {
        large.get_mut(prefix).into_iter().for_each(|slot| *slot = true);
    }
    large
});

/// As what the country is written.
pub(crate) const COUNTRIES: [&str; 5] = ["USA", "U.S.A.", "US", "U.S.", "United States"];

/// State and prefix: `MA 021`, `Illinois 627`, `MA`, `021`, `000`. `None` where neither is certain: without a State five
/// digits are a ZIP code only where they are `postal`, by what stands around them.
pub(crate) fn state_and_prefix(text: &str, postal: bool) -> Option<String> {
    let mut parts: Vec<&str> =
        text.split([',', ';', '\n']).map(str::trim).filter(|p| !p.is_empty()).collect();
    let country = |part: &&str| COUNTRIES.iter().any(|name| part.eq_ignore_ascii_case(name));
    if parts.len() > 1 && parts.last().is_some_and(country) {
        parts.pop();
    }
    let last = parts.pop()?;
    let (rest, zip) = cut_zip(last);
    let state = match (rest, zip) {
        ("", Some(_)) => parts.last().and_then(|part| state(part)),
        ("", None) => None,
        (rest, _) if !parts.is_empty() => state(rest),
        (rest, zip) => alone(rest, zip.is_some()),
    };
    // behind a word that is no State, five digits may be any number
    let prefix = zip.filter(|_| state.is_some() || postal && rest.is_empty()).map(prefix);
    match (state, prefix) {
        (Some(state), Some(prefix)) => Some(format!("{state} {prefix}")),
        (Some(state), None) => Some(state.to_owned()),
        (None, prefix) => prefix.map(str::to_owned),
    }
}

/// Whether five digits behind `before`, in a field of this label, are a ZIP code.
pub(crate) fn is_postal(before: &str, label: Option<&str>) -> bool {
    let said = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("postal")
            || text.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word.starts_with("zip"))
    };
    let before = before.trim_end_matches([' ', ',', ':', '#', '\n']);
    let last = |count: usize| {
        let from =
            before.rmatch_indices(char::is_whitespace).nth(count).map_or(0, |(at, blank)| at + blank.len());
        before.get(from..).unwrap_or_default()
    };
    let word = last(0);
    label.is_some_and(said) || said(last(1)) || STATES.iter().any(|(code, _)| *code == word)
}

/// The State that `part` is: its code in capitals, or its name.
pub(crate) fn state(part: &str) -> Option<&'static str> {
    let known =
        |(code, name): &&(&'static str, &'static str)| *code == part || name.eq_ignore_ascii_case(part);
    let (code, name) = STATES.iter().find(known)?;
    Some(if *code == part { code } else { name })
}

/// The State at the end of a place in one piece, `Boston MA`; by its name only before a ZIP code, as a town may have
/// the name of a State, and by its code only behind a word that is not in capitals, as a word may look like one.
pub(crate) fn alone(text: &str, zip: bool) -> Option<&'static str> {
    let (before, code) = text.rsplit_once(' ').unwrap_or(("", text));
    let word = before.split(' ').next_back().unwrap_or_default();
    let told = word.chars().any(char::is_lowercase) || zip;
    if let Some((code, _)) = STATES.iter().find(|(known, _)| *known == code).filter(|_| told) {
        return Some(code);
    }
    let ends = |name: &str| {
        let start = text.len().checked_sub(name.len())?;
        let (before, end) = text.split_at_checked(start)?;
        (end.eq_ignore_ascii_case(name) && before.ends_with(' ')).then_some(())
    };
    STATES
        .iter()
        .map(|(_, name)| *name)
        .filter(|_| zip)
        .filter(|name| ends(name).is_some())
        .max_by_key(|name| name.len())
}

/// What stands before the ZIP code at the end, and that code.
pub(crate) fn cut_zip(part: &str) -> (&str, Option<&str>) {
    let word = part.rsplit(' ').next().unwrap_or_default();
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let (code, more) = word.split_once(['-', '\u{2010}', '\u{2011}', '\u{2013}']).unwrap_or((word, ""));
    let is_code = digits(code, 5) && (more.is_empty() && code == word || digits(more, 4)) || digits(word, 9);
    if !is_code {
        return (part, None);
    }
    let rest = part.get(..part.len() - word.len()).unwrap_or_default();
    (rest.trim_end(), Some(word))
}

/// The first three digits of a ZIP code, or `000`.
fn prefix(zip: &str) -> &str {
    let first = zip.get(..3).unwrap_or("000");
    let large = first.parse::<usize>().ok().and_then(|prefix| LARGE.get(prefix)).copied().unwrap_or(false);
    if large { first } else { "000" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_one_of_the_census() {
        assert_eq!(LARGE.iter().filter(|large| **large).count(), 876);
        for (zip, wanted) in [
            ("02139", "021"),
            ("03601", "000"),
            ("05901", "000"),
            ("10001", "100"),
            ("20301", "000"),
            ("82190", "000"),
            ("09009", "000"),
            ("34001", "000"),
            ("96201", "000"),
            ("00000", "000"),
        ] {
            assert_eq!(prefix(zip), wanted, "{zip}");
        }
    }

    #[test]
    fn state_and_prefix_stay_where_they_are_certain() {
        for (text, wanted) in [
            ("12 Maple Street, Apt 4B, Boston, MA 02139", Some("MA 021")),
            ("12 MAPLE STREET, BOSTON, MA 02139-4307", Some("MA 021")),
            ("Springfield, Illinois 62704-1234", Some("Illinois 627")),
            ("Springfield Illinois 62704", Some("Illinois 627")),
            ("Charleston West Virginia 25301", Some("West Virginia 253")),
            ("Boston, MA, 02139, USA", Some("MA 021")),
            ("Boston MA 02139", Some("MA 021")),
            ("Boston MA", Some("MA")),
            ("Boston, MA", Some("MA")),
            ("Cook County, Illinois", Some("Illinois")),
            ("Washington, DC", Some("DC")),
            ("New York, New York", Some("New York")),
            ("02139", None),
            ("Lancaster, NH 03601", Some("NH 000")),
            ("MA 02139", Some("MA 021")),
            ("12 Main St\nDover, DE 19901", Some("DE 199")),
            ("Boston, 02139", None),
            ("Berlin, 10115", None),
            ("New York", None),
            ("Washington", None),
            ("Boston", None),
            ("COME IN", None),
            ("12 MAIN ST CO", None),
            ("12345 Maple Street", None),
            ("Maple Street 12345", None),
            ("Portland, or", None),
            ("10115 Berlin", None),
            ("Paris, France 75001", None),
            ("Mercy General Hospital", None),
            ("+42.361, -71.057", None),
            ("", None),
            (",", None),
        ] {
            assert_eq!(state_and_prefix(text, false).as_deref(), wanted, "{text}");
        }
        for (text, wanted) in [
            ("02139", Some("021")),
            ("021394307", Some("021")),
            ("05901", Some("000")),
            ("Boston, 02139", Some("021")),
            ("Maple Street 12345", None),
        ] {
            assert_eq!(state_and_prefix(text, true).as_deref(), wanted, "{text}");
        }
        for before in ["ZIP: ", "zip code ", "Dover, DE ", "postal code: ", "Zip Code #"] {
            assert!(is_postal(before, None), "{before}");
        }
        assert!(is_postal("", Some("address.postalCode")) && is_postal("", Some("ZIP")));
        for before in ["lives at ", "unzipped ", "made ", "", "code "] {
            assert!(!is_postal(before, Some("note")), "{before}");
        }
    }
}
