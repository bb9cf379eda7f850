//! What holds of every treatment, whatever the text.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at what it did not expect"
)]

use std::collections::BTreeMap;

use deid::{Confidence, Constraints, Finding, Passage, transform};
use proptest::prelude::*;
use terms::{IdentifierClass, Obligations, SurrogateError, SurrogateSource, Treatment};

/// Counts: what it issues depends on the order in which originals come, and on nothing of them.
#[derive(Default)]
struct Counting(BTreeMap<String, String>);

impl SurrogateSource for Counting {
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        _: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError> {
        let (label, count) = (class.label().replace('_', "-"), self.0.len());
        Ok(self.0.entry(original.to_owned()).or_insert_with(|| format!("{label}-4K{count:04}")).clone())
    }

    fn year(&self) -> Option<u32> {
        Some(2026)
    }
}

/// The text with its findings: pieces between and pieces that are identifiers.
fn built(pieces: &[(String, String)], class: IdentifierClass) -> (String, Vec<Finding>) {
    let (mut text, mut found) = (String::new(), Vec::new());
    for (between, value) in pieces {
        text.push_str(between);
        let span = text.len()..text.len() + value.len();
        text.push_str(value);
        found.push(Finding { span, class, confidence: Confidence(90), recognizer: "test" });
    }
    (text, found)
}

fn run(pieces: &[(String, String)], class: IdentifierClass, treatment: Treatment) -> String {
    let (text, found) = built(pieces, class);
    let obligations = Obligations { treatments: [(class, treatment)].into(), ..Obligations::default() };
    let passages = [Passage::prose(&text)];
    let done = transform(&passages, &[found], &Constraints::none(), &obligations, &mut Counting::default());
    done.unwrap().into_parts().0.pop().map_or(text, |(_, text)| text)
}

fn between() -> impl Strategy<Value = String> {
    prop::sample::select(vec![" ", " and ", "\u{e9}", "\u{1f600} ", ", \u{416}", "\n", "-", "\u{301} "])
        .prop_map(str::to_owned)
}

/// A date in some notation, and its year.
fn date() -> impl Strategy<Value = (String, u32)> {
    let parts = (1930_u32..2027, 1_u32..13, 1_u32..29, 0_u32..24, 0_usize..14);
    parts.prop_map(|(year, month, day, hour, notation)| {
        let name =
            ["Jan", "February", "Mar", "APR", "May", "june", "July", "Aug", "Sept", "Oct", "Nov", "Dec"]
                [month as usize - 1];
        let text = match notation {
            0 => format!("{year}-{month:02}-{day:02}"),
            1 => format!("{month}/{day}/{year}"),
            2 => format!("{month:02}/{day:02}/{:02}", year % 100),
            3 => format!("{name} {day}, {year}"),
            4 => format!("{day} {name} {year}"),
            5 => format!("{day}-{name}-{:02}", year % 100),
            6 => format!("{name} {day}"),
            7 => format!("{month}/{day}"),
            8 => format!("{year}-{month:02}-{day:02}T{hour:02}:30:00Z"),
            9 => format!("{month}/{day}/{year} {hour:02}45"),
            10 => format!("{year}{month:02}{day:02}{hour:02}15"),
            11 => format!("{name} {day}-{}, {year}", day + 1),
            12 => format!("{name} {day} at {hour}:05"),
            _ => format!("{day:02}.{month:02}.{year}"),
        };
        (text, year)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn what_hides_the_original_says_neither_how_long_nor_in_which_case_it_was(
        between in prop::collection::vec(between(), 1..6),
        one in prop::collection::vec("[A-Za-z\u{e9}\u{416} 0-9]{1,20}", 6),
        two in prop::collection::vec("[A-Za-z\u{e9}\u{416} 0-9]{1,20}", 6),
        class in prop::sample::select(IdentifierClass::ALL.to_vec()),
        treatment in prop::sample::select(vec![Treatment::Redact, Treatment::Mask, Treatment::Surrogate]),
    ) {
        let distinct = |values: &[String]| values.iter().collect::<std::collections::BTreeSet<_>>().len() == values.len();
        prop_assume!(distinct(&one) && distinct(&two));
        let pieces = |values: &[String]| -> Vec<(String, String)> { between.iter().cloned().zip(values.iter().cloned()).collect() };
        prop_assert_eq!(run(&pieces(&one), class, treatment), run(&pieces(&two), class, treatment));
    }

    #[test]
    fn what_is_between_identifiers_stays_byte_for_byte(
        pieces in prop::collection::vec((between(), "[A-Za-z0-9\u{e9}]{1,12}"), 1..8),
        class in prop::sample::select(IdentifierClass::ALL.to_vec()),
    ) {
        for treatment in [Treatment::Generalise, Treatment::Mask, Treatment::Redact, Treatment::Realistic, Treatment::Surrogate, Treatment::Pass] {
            let new = run(&pieces, class, treatment);
            let mut at = 0;
            for (between, _) in &pieces {
                let place = new[at..].find(between.as_str());
                prop_assert!(place.is_some(), "{treatment:?}: {new}");
                at += place.unwrap() + between.len();
            }
            prop_assert!(new.starts_with(&pieces[0].0));
        }
    }

    #[test]
    fn of_a_date_no_more_than_the_year_is_left((date, year) in date()) {
        let new = run(&[(String::new(), date.clone())], IdentifierClass::Date, Treatment::Generalise);
        // two digits are this century's as long as they can be
        let this = date.ends_with(&format!("{:02}", year % 100)) && !date.contains(&year.to_string()) && year % 100 < 29;
        let told = if this { 2000 + year % 100 } else { year };
        prop_assert!(new == "[DATE]" || new == told.to_string() && told > 1936, "{date} became {new}");
    }

    #[test]
    fn of_a_zip_code_no_more_than_three_digits_are_left(zip in "[0-9]{5}(-[0-9]{4})?", before in "(12 Elm St, )?(Dover, )?(DE )?") {
        let new = run(&[(String::new(), format!("{before}{zip}"))], IdentifierClass::Location, Treatment::Generalise);
        let digits: String = new.chars().filter(char::is_ascii_digit).collect();
        prop_assert!(digits.is_empty() || digits == "000" || zip.starts_with(&digits) && digits.len() == 3, "{new}");
    }
}
