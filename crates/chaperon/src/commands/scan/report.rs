//! Findings as a table, or as one JSON object a line.

use deid::risk::{Level, Residual, residual};
use deid::{Finding, Passage};
use serde::Serialize;
use terms::{FindingCounts, IdentifierClass, Obligations};

use super::sources::{Content, Source, places};
use super::{Detect, found, paint, progress};
use crate::Ended;
use crate::cli::Scan;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Table, safe};

/// A finding as it is listed. `value` is PHI: there only when asked for.
#[derive(Serialize)]
struct Listed<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    class: &'static str,
    confidence: u8,
    recognizer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
}

pub(super) fn run(scan: &Scan, detect: Detect<'_>, out: &mut Output) -> Ended {
    let mut table = table(scan);
    let mut counts = FindingCounts::default();
    let mut skipped = Vec::new();
    let mut left = Vec::new();
    let mut files = 0_usize;
    let places = places(&scan.paths)?;
    let progress = progress(scan, &places, out);
    for place in places {
        let Source { name, content } = place.read(&progress)?;
        let text = match content {
            Content::Text(text) => text,
            Content::Skipped(why) => {
                progress.left_out(place.length().unwrap_or(0));
                skipped.push((name, why));
                continue;
            }
        };
        files += 1;
        let findings = found(scan, detect, &progress, &text)?;
        progress.text_done();
        for finding in &findings {
            counts.add(finding.class);
        }
        for listed in listed(scan, &name, &text, &findings) {
            if out.is_json() {
                out.json_line(&listed)?;
            } else {
                row(&mut table, &listed);
            }
        }
        let texts = [Passage::prose(&text)];
        let risk = residual(&texts, std::slice::from_ref(&findings), &Obligations::default());
        if risk.level() > Level::None {
            left.push((name, risk));
        }
    }
    drop(progress);
    finish(&table, &counts, files, &skipped, out)?;
    leftover(&left, out)?;
    Ok(if scan.fail_on_findings && !counts.is_empty() { Exit::Refused } else { Exit::Ok })
}

fn finish(
    table: &Table,
    counts: &FindingCounts,
    files: usize,
    skipped: &[(String, &'static str)],
    out: &mut Output,
) -> Result<(), Failure> {
    if out.is_json() {
        for (file, why) in skipped {
            out.json_line(&serde_json::json!({ "file": file, "skipped": why }))?;
        }
        return Ok(());
    }
    table.write(out, "nothing found")?;
    for (name, why) in skipped {
        out.line(&format!("left out: {} ({why})", safe(name)))?;
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
    let place = format!("{}:{}:{}", listed.file, listed.line, listed.column);
    let confidence = format!("{}%", listed.confidence);
    let mut cells = vec![place.as_str(), listed.class, &confidence, listed.recognizer];
    cells.extend(listed.value);
    table.painted(&cells, CLASS, paint::of(listed.class));
}

/// Findings with line and column, both from 1, columns in characters. One pass over the text.
fn listed<'a>(scan: &Scan, file: &'a str, text: &'a str, findings: &[Finding]) -> Vec<Listed<'a>> {
    let mut line = 1;
    let mut line_start = 0;
    let mut at = 0;
    let mut all = Vec::with_capacity(findings.len());
    for finding in findings {
        let passed = text.get(at..finding.span.start).unwrap_or_default();
        line += passed.matches('\n').count();
        if let Some(newline) = passed.rfind('\n') {
            line_start = at + newline + 1;
        }
        at = finding.span.start;
        all.push(Listed {
            file,
            line,
            column: text.get(line_start..at).map_or(0, |before| before.chars().count()) + 1,
            class: finding.class.label(),
            confidence: finding.confidence.0,
            recognizer: finding.recognizer,
            value: scan.show_values.then(|| text.get(finding.span.clone()).unwrap_or_default()),
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use deid::Confidence;
    use terms::IdentifierClass;

    use super::*;

    #[test]
    fn places_are_counted_in_lines_and_characters() {
        let text = "é Smith\n\nSmith, Smith";
        let finding = |start| Finding {
            span: start..start + 5,
            class: IdentifierClass::Name,
            confidence: Confidence(90),
            recognizer: "name.titled",
        };
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
        };
        let all = listed(&scan, "f", text, &[finding(3), finding(10), finding(17)]);
        let places: Vec<_> = all.iter().map(|one| (one.line, one.column)).collect();
        assert_eq!(places, [(1, 3), (3, 1), (3, 8)]);
        assert!(all.iter().all(|one| one.value.is_none()));
        let shown = Scan { show_values: true, ..scan };
        assert!(listed(&shown, "f", text, &[finding(3)]).iter().all(|one| one.value == Some("Smith")));
    }
}
