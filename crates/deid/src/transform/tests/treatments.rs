//! Treatments that draw nothing.

use super::*;

/// Knows the year, and makes pseudonyms of what they are made of.
struct Keyed(Counting, Option<u32>);

impl SurrogateSource for Keyed {
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        taken: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError> {
        self.0.surrogate(class, original, taken)
    }

    fn pseudonym(&mut self, class: IdentifierClass, _: &str, folded: &str) -> Result<String, SurrogateError> {
        Ok(format!("{}-<{folded}>", class.label()))
    }

    fn year(&self) -> Option<u32> {
        self.1
    }
}

fn keyed(
    text: &str,
    found: Vec<Finding>,
    obligations: &Obligations,
    year: Option<u32>,
) -> (String, Vec<Issued>) {
    let mut source = Keyed(Counting(BTreeMap::new(), 0), year);
    let passages = [Passage::prose(text)];
    let done = transform(&passages, &[found], &Constraints::none(), obligations, &mut source).unwrap();
    let (edits, issued, _) = done.into_parts();
    (edits.into_iter().next().unwrap().1, issued)
}

#[test]
fn what_is_generalised_masked_or_redacted_is_not_issued() {
    use IdentifierClass::{AgeOver89, Date, Location, Name};
    let text = "Ann Lee, 93, seen 2/27/2024 in Dover, DE 19901";
    let found = vec![
        finding(0..7, Name),
        finding(9..11, AgeOver89),
        finding(18..27, Date),
        finding(31..46, Location),
    ];
    let all = |treatment| {
        let classes = [Name, AgeOver89, Date, Location].map(|class| (class, treatment));
        treat(&classes)
    };
    for (treatment, year, wanted) in [
        (Treatment::Generalise, Some(2026), "[NAME], 90+, seen 2024 in DE 199"),
        (Treatment::Generalise, None, "[NAME], 90+, seen [DATE] in DE 199"),
        (Treatment::Mask, Some(2026), "*****, *****, seen ***** in *****"),
        (Treatment::Redact, Some(2026), "[NAME], [AGE_OVER_89], seen [DATE] in [LOCATION]"),
    ] {
        let (new, issued) = keyed(text, found.clone(), &all(treatment), year);
        assert_eq!((new.as_str(), issued.len()), (wanted, 0), "{treatment:?}");
    }
}

#[test]
fn a_pseudonym_is_restored_unless_the_request_holds_it() {
    let name = IdentifierClass::Name;
    let obligations = treat(&[(name, Treatment::Pseudonym)]);
    let found = || vec![finding(0..7, name), finding(9..16, name)];
    let (new, issued) = keyed("Ann Lee, LEE,ANN", found(), &obligations, None);
    assert_eq!(new, "NAME-<ann lee>, NAME-<ann lee>", "spellings of one are one");
    let issued: Vec<_> = issued.iter().map(|one| (one.form, one.original.expose().as_str())).collect();
    assert_eq!(issued, [], "and do not come back: which was meant?");
    let (_, issued) = keyed("Ann Lee, Ann Lee", found(), &obligations, None);
    assert_eq!((issued[0].form, issued[0].original.expose().as_str()), (Form::Pseudonym, "Ann Lee"));
    let (new, issued) = keyed("***", vec![finding(0..3, name)], &obligations, None);
    assert_eq!((new.as_str(), issued.len()), ("[NAME]", 0), "nothing to make one of");
    let (_, issued) = keyed("Ann Lee, LEE,ANN is NAME-<ann lee>?", found(), &obligations, None);
    assert!(issued.is_empty(), "who has it from elsewhere does not learn whose it is");
}

#[test]
fn without_a_key_no_pseudonym_goes_out() {
    let found = vec![finding(0..3, IdentifierClass::Name)];
    let done = run("Ann", found, &treat(&[(IdentifierClass::Name, Treatment::Pseudonym)]));
    assert_eq!(done.err(), Some(TransformError::Surrogate(SurrogateError::NoKey)));
}
