//! Fields that are parts of one text are examined as one.

use std::ops::Range;

use deid::Finding;

use crate::field::{Field, Says};

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
    use deid::{Detector, Known, Passage};

    use super::*;

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
