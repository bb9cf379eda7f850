//! The findings of a record: of each field as its format says, and of fields that are parts of one text as of one.

use std::ops::Range;

use deid::{Confidence, DetectError, Detector, Finding, Known, Passage};
use terms::IdentifierClass::{self, Account, Email, HealthPlan, Mrn, Name, OtherId, Phone, Ssn};

use crate::field::{Field, Says};
use crate::format::Format;

/// More values than that are not looked for in the rest of their record.
const KNOWN: usize = 1000;

/// The findings of each field of a record: where the format says what a value is, all of it; in text, what the detector
/// finds, and what names a person elsewhere in the record by its place.
///
/// # Errors
/// The detector's.
pub fn detect(
    detector: &Detector,
    format: Format,
    fields: &[Field],
) -> Result<Vec<Vec<Finding>>, DetectError> {
    let known = known(format, fields);
    let rules = detector.without_tagger();
    examine(fields, |field| match &field.says {
        Says::Is(class) => Ok(whole(field, *class)),
        Says::Like(class) => Ok(filled(field, *class, detector.detect(Passage::prose(&field.text), &known)?)),
        Says::Uid => Ok(whole(field, OtherId)),
        Says::Plain => Ok(Vec::new()),
        Says::Key => rules.detect(Passage::prose(&field.text), &known),
        Says::Text { label } => {
            detector.detect(Passage { text: &field.text, label: label.as_deref() }, &known)
        }
    })
}

/// Values that name a person by their place. Rows are of many people.
fn known(format: Format, fields: &[Field]) -> Known {
    if matches!(format, Format::Text | Format::Csv) {
        return Known::none();
    }
    let values = fields.iter().filter_map(|field| match field.says {
        Says::Is(class @ (Account | Email | HealthPlan | Mrn | Name | Phone | Ssn)) => {
            Some((class, field.text.as_str(), ""))
        }
        _ => None,
    });
    Known::new(values.take(KNOWN))
}

fn whole(field: &Field, class: IdentifierClass) -> Vec<Finding> {
    let span = 0..field.text.len();
    vec![Finding { span, class, confidence: Confidence(100), recognizer: "structure.element" }]
}

/// What was found, and what stands between as of `class`.
fn filled(field: &Field, class: IdentifierClass, found: Vec<Finding>) -> Vec<Finding> {
    let (mut all, mut at) = (Vec::with_capacity(found.len() + 1), 0);
    for finding in found {
        gap(field, class, at..finding.span.start, &mut all);
        at = finding.span.end.max(at);
        all.push(finding);
    }
    gap(field, class, at..field.text.len(), &mut all);
    all
}

fn gap(field: &Field, class: IdentifierClass, span: Range<usize>, all: &mut Vec<Finding>) {
    let text = field.text.get(span.clone()).unwrap_or_default();
    if text.chars().any(char::is_alphanumeric) {
        let start = span.start + (text.len() - text.trim_start().len());
        let span = start..start + text.trim().len();
        all.extend(whole(field, class).into_iter().map(|finding| Finding { span: span.clone(), ..finding }));
    }
}

/// The findings of each field, with their places in its own text. `each` is asked once for every text: a field, or, of
/// fields that go on from each other ([`Field::follows`]), one that holds all their text. A finding that reaches over
/// several fields is one in each.
///
/// # Errors
/// Those of `each`.
pub fn examine<E>(
    fields: &[Field],
    mut each: impl FnMut(&Field) -> Result<Vec<Finding>, E>,
) -> Result<Vec<Vec<Finding>>, E> {
    let mut all = Vec::with_capacity(fields.len());
    let mut rest = fields;
    while let Some((first, behind)) = rest.split_first() {
        let more = behind.iter().take_while(|field| goes_on(field)).count();
        if more == 0 || !matches!(first.says, Says::Text { .. }) {
            all.push(each(first)?);
            rest = behind;
            continue;
        }
        let (run, behind) = rest.split_at_checked(more + 1).unwrap_or((rest, &[]));
        let (joined, places) = join(run);
        let findings = each(&joined)?;
        all.extend(places.iter().map(|place| within(&findings, place)));
        rest = behind;
    }
    Ok(all)
}

fn goes_on(field: &Field) -> bool {
    field.follows.is_some() && matches!(field.says, Says::Text { .. })
}

/// One field with the text of all, and where each stands in it.
fn join(run: &[Field]) -> (Field, Vec<Range<usize>>) {
    let mut text = String::with_capacity(run.iter().map(|field| field.text.len() + 2).sum());
    let mut places = Vec::with_capacity(run.len());
    for (nth, field) in run.iter().enumerate() {
        text.push_str(field.follows.filter(|_| nth > 0).unwrap_or_default());
        let start = text.len();
        text.push_str(&field.text);
        places.push(start..text.len());
    }
    let path = run.first().map(|field| field.path.clone()).unwrap_or_default();
    (Field { path, text, says: Says::text(), follows: None }, places)
}

/// The parts of findings that lie in `place`, as places in its text.
fn within(findings: &[Finding], place: &Range<usize>) -> Vec<Finding> {
    let after = findings.partition_point(|finding| finding.span.end <= place.start);
    let here = findings.iter().skip(after).take_while(|finding| finding.span.start < place.end);
    let part = |finding: &Finding| {
        let span =
            finding.span.start.max(place.start) - place.start..finding.span.end.min(place.end) - place.start;
        Finding { span, ..finding.clone() }
    };
    here.map(part).filter(|finding| !finding.span.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_by_its_place_is_found_in_the_text_beside_it() {
        let resource = br#"{"resourceType":"Patient","name":[{"family":"Quackenbush"}],"gender":"male",
            "text":{"div":"<div>Seen: quackenbush<\/div>"}}"#;
        let record = crate::open(Format::Fhir, resource, &crate::Plan::default()).unwrap();
        let found = detect(&Detector::rules(), Format::Fhir, record.fields()).unwrap();
        let classes: Vec<_> = record
            .fields()
            .iter()
            .zip(&found)
            .filter(|(_, found)| !found.is_empty())
            .map(|(field, found)| (field.path.as_str(), found[0].class, found[0].recognizer))
            .collect();
        assert_eq!(classes[0], ("Patient.name.family", Name, "structure.element"));
        assert_eq!((classes[1].0, classes[1].1, classes.len()), ("Patient.text.div", Name, 2));
    }

    #[test]
    fn what_stands_beside_a_value_of_its_column_is_found() {
        let plan = crate::Plan::parse_overrides("[columns]\nseen = \"DATE\"").unwrap();
        let file = b"seen,x\n3/4/2024,a\n\"3/4/2024 SSN 478-23-1905\",b\n";
        let record = crate::open(Format::Csv, file, &plan).unwrap();
        let found = detect(&Detector::rules(), Format::Csv, record.fields()).unwrap();
        let classes = |at: usize| found[at].iter().map(|found| found.class).collect::<Vec<_>>();
        assert_eq!(classes(2), [terms::IdentifierClass::Date]);
        assert!(
            classes(4).contains(&Ssn) && classes(4).contains(&terms::IdentifierClass::Date),
            "{:?}",
            found[4]
        );
    }

    #[test]
    fn what_tells_may_stand_in_the_field_before() {
        let field = |text: &str, follows| Field {
            path: "a".to_owned(),
            text: text.to_owned(),
            says: Says::text(),
            follows,
        };
        let fields = [
            field("alone", None),
            field("MRN: 482", None),
            field("13377 seen", Some("")),
            field("x", Some("\n")),
        ];
        let mut texts = Vec::new();
        let found = examine(&fields, |field| {
            texts.push(field.text.clone());
            Detector::rules().detect(Passage::prose(&field.text), &Known::none())
        })
        .unwrap();
        assert_eq!(texts, ["alone", "MRN: 48213377 seen\nx"]);
        let spans: Vec<_> = found
            .iter()
            .enumerate()
            .flat_map(|(at, findings)| findings.iter().map(move |f| (at, f.span.start, f.span.end)))
            .collect();
        assert_eq!(spans, [(1, 5, 8), (2, 0, 5)]);
    }
}
