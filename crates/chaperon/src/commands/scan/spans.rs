//! Labelled spans for each line of a JSON Lines file, to be measured against a labelled corpus.

use serde::{Deserialize, Serialize};

use super::sources::{Content, Source, places};
use super::{Detect, found, progress};
use crate::Ended;
use crate::cli::Scan;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// A line that is read; other fields are left alone.
#[derive(Deserialize)]
struct Document {
    id: serde_json::Value,
    text: String,
}

/// A line that is written. Offsets are Unicode code points, the end exclusive.
#[derive(Serialize)]
struct Labelled {
    id: serde_json::Value,
    spans: Vec<Span>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Span {
    start: usize,
    end: usize,
    label: &'static str,
}

pub(super) fn run(scan: &Scan, detect: Detect<'_>, out: &mut Output) -> Ended {
    let mut any = false;
    // a folder may hold other files; a file that was named is meant
    let walked = scan.paths.iter().any(|given| given.is_dir());
    let mut places = places(&scan.paths)?;
    places.retain(|place| !walked || place.is_jsonl());
    let progress = progress(scan, &places, out);
    for place in places {
        let Source { name, content } = place.read(&progress)?;
        let Content::Text(text) = content else {
            return Err(Failure::refused(format!("`{name}` is not text in UTF-8")));
        };
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            // the line's content is PHI perhaps: only its number may be said
            let document: Document = serde_json::from_str(line).map_err(|_| {
                Failure::refused(format!("`{name}` line {} is no object with `id` and `text`", index + 1))
            })?;
            let spans = spans(&document.text, &found(scan, detect, &progress, &document.text)?);
            any |= !spans.is_empty();
            out.json_line(&Labelled { id: document.id, spans })?;
        }
        progress.text_done();
    }
    Ok(if scan.fail_on_findings && any { Exit::Refused } else { Exit::Ok })
}

/// Byte spans as code points, in one pass: findings are in order and do not overlap.
fn spans(text: &str, findings: &[deid::Finding]) -> Vec<Span> {
    let (mut byte, mut point) = (0, 0);
    let mut points = |to: usize| {
        point += text.get(byte..to).map_or(0, |passed| passed.chars().count());
        byte = to;
        point
    };
    findings
        .iter()
        .map(|finding| Span {
            start: points(finding.span.start),
            end: points(finding.span.end),
            label: finding.class.label(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use deid::{Confidence, Finding};
    use terms::IdentifierClass;

    use super::*;

    #[test]
    fn offsets_are_code_points() {
        let text = "Zoë 😀 Müller, born 1950-01-02";
        let finding = |part: &str, class| {
            let start = text.find(part).unwrap();
            Finding { span: start..start + part.len(), class, confidence: Confidence(80), recognizer: "test" }
        };
        let found =
            [finding("Zoë 😀 Müller", IdentifierClass::Name), finding("1950-01-02", IdentifierClass::Date)];
        assert_eq!(
            spans(text, &found),
            [Span { start: 0, end: 12, label: "NAME" }, Span { start: 19, end: 29, label: "DATE" }]
        );
        let points: Vec<char> = text.chars().collect();
        assert_eq!(points[19..29].iter().collect::<String>(), "1950-01-02");
    }
}
