//! What texts tell of health, as a table or as one JSON object a line.

use deid::{Detector, Passage};
use serde::Serialize;
use terms::{Code, HealthCounts};

use super::progress;
use super::report::Places;
use super::sources::{Content, Source, places};
use crate::Ended;
use crate::cli::Scan;
use crate::failure::Failure;
use crate::output::{Output, Table, safe};

/// A place as it is listed. `value` is there only when asked for.
#[derive(Serialize)]
struct Listed<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    tells: &'static str,
    confidence: u8,
    rule: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
}

pub(super) fn run(scan: &Scan, detector: &Detector, out: &mut Output) -> Ended {
    let heads = ["where", "tells of", "confidence", "rule", "value"];
    let mut table = Table::new(heads.into_iter().take(if scan.show_values { 5 } else { 4 }));
    let (mut counts, mut files) = (HealthCounts::default(), 0_usize);
    let sources = places(&scan.paths)?;
    let (many, progress) = (sources.len(), progress(scan, &sources, out));
    for place in sources {
        let Source { name, content } = place.read(&progress)?;
        let text = match content {
            Content::Text(text) => text,
            Content::Dicom(_) => {
                progress.left_out(place.length().unwrap_or(0));
                skipped(&name, "its elements are not read for what they tell", out)?;
                continue;
            }
            Content::Skipped(why) => {
                progress.left_out(place.length().unwrap_or(0));
                skipped(&name, why, out)?;
                continue;
            }
        };
        files += 1;
        let failed = |error: deid::DetectError| Failure::coded(Code::DETECTION_FAILED, error.to_string());
        let mut told =
            progress.examine(&text, |text| detector.tells(Passage::prose(text)).map_err(failed))?;
        progress.text_done();
        told.retain(|one| one.confidence.0 >= scan.at_least);
        let mut places = Places::of(&text);
        for one in told {
            counts.add(one.class);
            let (line, column) = places.at(one.span.start);
            let value = scan.show_values.then(|| text.get(one.span).unwrap_or_default());
            let (tells, confidence) = (one.class.as_str(), one.confidence.0);
            let listed = Listed { file: &name, line, column, tells, confidence, rule: one.rule, value };
            if out.is_json() {
                out.json_line(&listed)?;
            } else {
                row(&mut table, &listed);
            }
        }
    }
    drop(progress);
    if !out.is_json() {
        finish(&table, &counts, files, out)?;
    }
    Ok(super::exit(scan, !counts.is_empty(), files == many))
}

fn skipped(name: &str, why: &str, out: &mut Output) -> Result<(), Failure> {
    if out.is_json() {
        out.json_line(&serde_json::json!({ "file": name, "skipped": why }))
    } else {
        out.line(&format!("left out: {} ({why})", safe(name)))
    }
}

fn row(table: &mut Table, listed: &Listed<'_>) {
    let place = format!("{}:{}:{}", listed.file, listed.line, listed.column);
    let confidence = format!("{}%", listed.confidence);
    let cells = [place.as_str(), listed.tells, &confidence, listed.rule];
    table.row(cells.into_iter().chain(listed.value));
}

fn finish(table: &Table, counts: &HealthCounts, files: usize, out: &mut Output) -> Result<(), Failure> {
    table.write(out, "it tells nothing of health")?;
    if counts.is_empty() {
        return Ok(());
    }
    let classes: Vec<String> = counts.iter().map(|(class, count)| format!("{class} {count}")).collect();
    let texts = if files == 1 { "text" } else { "texts" };
    out.line(&format!("\n{} in {files} {texts}: {}", counts.total(), classes.join(", ")))
}
