//! Findings as a table, or as one JSON object a line.

use deid::risk::{Level, Residual, residual};
use deid::{Confidence, Detector, Finding, Passage};
use serde::Serialize;
use structure::Format;
use terms::{Code, FindingCounts, IdentifierClass, Obligations};

use super::super::progress::Progress;
use super::elements::{self, Failed, Read};
use super::sources::{Content, Source, places};
use super::{Detect, found, paint, progress};
use crate::Ended;
use crate::cli::Scan;
use crate::failure::Failure;
use crate::output::{Output, Table, safe};

/// A finding as it is listed. `value` is PHI: there only when asked for.
#[derive(Serialize)]
struct Listed<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    element: Option<&'a str>,
    class: &'static str,
    confidence: u8,
    recognizer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
}

/// A finding before it is placed in lines.
pub(super) struct Seen {
    /// Byte of the file.
    pub(super) start: usize,
    /// The path of its element, where the file is read by element.
    pub(super) path: Option<String>,
    pub(super) class: IdentifierClass,
    pub(super) confidence: Confidence,
    pub(super) recognizer: &'static str,
    pub(super) value: String,
}

/// What is said of a file beside its findings: lower case, no full stop, no content.
struct Remark {
    file: String,
    /// `left out`, `read as text` or `look`.
    kind: &'static str,
    what: String,
}

pub(super) fn run(scan: &Scan, detector: &Detector, detect: Detect<'_>, out: &mut Output) -> Ended {
    let mut table = table(scan);
    let mut counts = FindingCounts::default();
    let mut remarks = Vec::new();
    let mut left = Vec::new();
    let mut files = 0_usize;
    let places = places(&scan.paths)?;
    let progress = progress(scan, &places, out);
    for place in places {
        let source = place.read(&progress)?;
        let seen = match &source.content {
            Content::Skipped(why) => Err(left_out(&source.name, why)),
            Content::Text(text) => {
                Ok(in_text(scan, detector, detect, &progress, &source.name, text, &mut remarks)?)
            }
            Content::Dicom(bytes) => in_dicom(detector, &progress, &source.name, bytes, &mut remarks)?,
        };
        let seen = match seen {
            Ok(seen) => seen,
            Err(remark) => {
                progress.left_out(place.length().unwrap_or(0));
                remarks.push(remark);
                continue;
            }
        };
        files += 1;
        progress.text_done();
        let sure: Vec<_> = seen.into_iter().filter(|seen| seen.confidence.0 >= scan.at_least).collect();
        for finding in &sure {
            counts.add(finding.class);
        }
        for listed in listed(scan, &source, &sure) {
            if out.is_json() {
                out.json_line(&listed)?;
            } else {
                row(&mut table, &listed);
            }
        }
        if let Content::Text(text) = &source.content {
            let risk = left_in(text, &sure);
            if risk.level() > Level::None {
                left.push((source.name.clone(), risk));
            }
        }
    }
    drop(progress);
    finish(&table, &counts, files, &remarks, out)?;
    leftover(&left, out)?;
    let whole = !remarks.iter().any(|remark| remark.kind == "left out");
    Ok(super::exit(scan, !counts.is_empty(), whole))
}

fn left_out(file: &str, why: &str) -> Remark {
    Remark { file: file.to_owned(), kind: "left out", what: why.to_owned() }
}

/// Findings of a text, by element where it is of such a format; as text where it only says so.
fn in_text(
    scan: &Scan,
    detector: &Detector,
    detect: Detect<'_>,
    progress: &Progress,
    name: &str,
    text: &str,
    remarks: &mut Vec<Remark>,
) -> Result<Vec<Seen>, Failure> {
    let format = Format::told_by(Some(name).filter(|name| *name != "-"), text.as_bytes());
    if format != Format::Text {
        match elements::read(format, text.as_bytes(), detector, progress) {
            Ok(read) => return Ok(told(name, read, remarks)),
            Err(Failed::Detector(error)) => return Err(failed(error)),
            Err(Failed::Structure(error)) => {
                let what = format!("no {format}: {error}");
                remarks.push(Remark { file: name.to_owned(), kind: "read as text", what });
            }
        }
    }
    let seen = |finding: deid::Finding| Seen {
        start: finding.span.start,
        path: None,
        class: finding.class,
        confidence: finding.confidence,
        recognizer: finding.recognizer,
        value: text.get(finding.span).unwrap_or_default().to_owned(),
    };
    Ok(found(scan, detect, progress, text)?.into_iter().map(seen).collect())
}

fn in_dicom(
    detector: &Detector,
    progress: &Progress,
    name: &str,
    bytes: &[u8],
    remarks: &mut Vec<Remark>,
) -> Result<Result<Vec<Seen>, Remark>, Failure> {
    match elements::read(Format::Dicom, bytes, detector, progress) {
        Ok(read) => Ok(Ok(told(name, read, remarks))),
        Err(Failed::Detector(error)) => Err(failed(error)),
        Err(Failed::Structure(error)) => Ok(Err(left_out(name, &error.to_string()))),
    }
}

fn told(name: &str, read: Read, remarks: &mut Vec<Remark>) -> Vec<Seen> {
    let warned = read.warnings.into_iter().map(str::to_owned);
    remarks.extend(warned.map(|what| Remark { file: name.to_owned(), kind: "look", what }));
    read.seen
}

fn failed(error: deid::DetectError) -> Failure {
    Failure::coded(Code::DETECTION_FAILED, error.to_string())
}

fn finish(
    table: &Table,
    counts: &FindingCounts,
    files: usize,
    remarks: &[Remark],
    out: &mut Output,
) -> Result<(), Failure> {
    if out.is_json() {
        for Remark { file, kind, what } in remarks {
            let key = if *kind == "left out" { "skipped" } else { "remark" };
            out.json_line(&serde_json::json!({ "file": file, key: what }))?;
        }
        return Ok(());
    }
    table.write(out, "nothing found")?;
    for Remark { file, kind, what } in remarks {
        out.line(&format!("{kind}: {} ({what})", safe(file)))?;
    }
    if !counts.is_empty() {
        let classes: Vec<String> =
            counts.iter().map(|(class, count)| format!("{} {count}", class_name(class, out))).collect();
        let texts = if files == 1 { "text" } else { "texts" };
        out.line(&format!("\n{} in {files} {texts}: {}", counts.total(), classes.join(", ")))?;
    }
    Ok(())
}

/// What is left in a text once surrogates stand for what was found.
fn left_in(text: &str, seen: &[Seen]) -> Residual {
    let as_written = seen.iter().filter_map(|seen| {
        let span = seen.start..seen.start + seen.value.len();
        let Seen { class, confidence, recognizer, .. } = *seen;
        (text.get(span.clone()) == Some(seen.value.as_str())).then_some(Finding {
            span,
            class,
            confidence,
            recognizer,
        })
    });
    let findings: Vec<Finding> = as_written.collect();
    residual(&[Passage::prose(text)], &[findings], &Obligations::default())
}

fn risk_of(file: &str, risk: &Residual) -> serde_json::Value {
    let reasons: Vec<_> = risk.reasons().iter().map(|reason| reason.as_str()).collect();
    serde_json::json!({ "file": file, "residual": { "level": risk.level().as_str(), "reasons": reasons } })
}

/// The texts in which something is left.
fn leftover(left: &[(String, Residual)], out: &mut Output) -> Result<(), Failure> {
    if out.is_json() {
        return left.iter().try_for_each(|(name, risk)| out.json_line(&risk_of(name, risk)));
    }
    if left.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(["residual risk", "level", "because of"]);
    for (name, risk) in left {
        let reasons: Vec<_> = risk.reasons().iter().map(|reason| reason.as_str()).collect();
        table.row([name.as_str(), risk.level().as_str(), &reasons.join(", ")]);
    }
    out.line("\nleft where surrogates stand for what was found")?;
    table.write(out, "")
}

fn class_name(class: IdentifierClass, out: &Output) -> String {
    if out.is_coloured() {
        let style = paint::style(class);
        format!("{style}{class}{style:#}")
    } else {
        class.to_string()
    }
}

fn table(scan: &Scan) -> Table {
    if scan.show_values {
        Table::new(["where", "class", "confidence", "recogniser", "value"])
    } else {
        Table::new(["where", "class", "confidence", "recogniser"])
    }
}

/// The column of the class.
const CLASS: usize = 1;

fn row(table: &mut Table, listed: &Listed<'_>) {
    let mut place = listed.file.to_owned();
    for number in [listed.line, listed.column].into_iter().flatten() {
        place.push(':');
        place.push_str(&number.to_string());
    }
    if let Some(element) = listed.element {
        place.push(' ');
        place.push_str(&safe(element));
    }
    let confidence = format!("{}%", listed.confidence);
    let mut cells = vec![place.as_str(), listed.class, &confidence, listed.recognizer];
    cells.extend(listed.value);
    table.painted(&cells, CLASS, paint::of(listed.class));
}

/// Line and column of places that come in order, both from 1, columns in characters. One pass over the text.
pub(super) struct Places<'a> {
    text: &'a str,
    line: usize,
    line_start: usize,
    at: usize,
}

impl<'a> Places<'a> {
    pub(super) const fn of(text: &'a str) -> Self {
        Self { text, line: 1, line_start: 0, at: 0 }
    }

    /// Where byte `at` stands.
    pub(super) fn at(&mut self, at: usize) -> (usize, usize) {
        let passed = self.text.get(self.at..at).unwrap_or_default();
        self.line += passed.matches('\n').count();
        if let Some(newline) = passed.rfind('\n') {
            self.line_start = self.at + newline + 1;
        }
        self.at = at;
        let before = self.text.get(self.line_start..at);
        (self.line, before.map_or(0, |before| before.chars().count()) + 1)
    }
}

/// Findings with their places; of what is no text, without.
fn listed<'a>(scan: &Scan, source: &'a Source, findings: &'a [Seen]) -> Vec<Listed<'a>> {
    let mut places = if let Content::Text(text) = &source.content { Some(Places::of(text)) } else { None };
    let mut all = Vec::with_capacity(findings.len());
    for seen in findings {
        let place = places.as_mut().map(|places| places.at(seen.start));
        all.push(Listed {
            file: &source.name,
            line: place.map(|place| place.0),
            column: place.map(|place| place.1),
            element: seen.path.as_deref(),
            class: seen.class.label(),
            confidence: seen.confidence.0,
            recognizer: seen.recognizer,
            value: scan.show_values.then_some(seen.value.as_str()),
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_lines_and_characters() {
        let text = "é Smith\n\nSmith, Smith";
        let finding = |start| Seen {
            start,
            path: None,
            class: IdentifierClass::Name,
            confidence: Confidence(90),
            recognizer: "name.titled",
            value: "Smith".to_owned(),
        };
        let source = Source { name: "f".to_owned(), content: Content::Text(text.to_owned()) };
        let scan = Scan {
            paths: vec![],
            format: crate::cli::ScanFormat::Table,
            out: None,
            show_values: false,
            operating_point: crate::config::Sureness::Rules,
            at_least: 0,
            engagement: None,
            workflow: None,
            fail_on_findings: false,
            color: crate::cli::ColorArg::Auto,
            quiet: false,
            tells: false,
        };
        let findings = [finding(3), finding(10), finding(17)];
        let all = listed(&scan, &source, &findings);
        let places: Vec<_> = all.iter().filter_map(|one| one.line.zip(one.column)).collect();
        assert_eq!(places, [(1, 3), (3, 1), (3, 8)]);
        assert!(all.iter().all(|one| one.value.is_none()));
        let shown = Scan { show_values: true, ..scan };
        assert!(listed(&shown, &source, &findings).iter().all(|one| one.value == Some("Smith")));
    }
}
