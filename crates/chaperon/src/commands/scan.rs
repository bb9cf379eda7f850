//! scan: where identifiers are, never which, unless asked.

mod report;
mod sources;
mod spans;

use deid::{Detector, Finding, Known, Passage};
use terms::Code;

use crate::Ended;
use crate::cli::{Scan, ScanFormat};
use crate::failure::Failure;
use crate::output::Output;

/// Finds identifiers in a passage.
type Detect<'a> = &'a dyn Fn(Passage<'_>) -> Result<Vec<Finding>, Failure>;

pub(super) fn run(scan: &Scan, out: &mut Output) -> Ended {
    let detector = Detector::rules();
    let detect = |passage: Passage<'_>| {
        let found = detector.detect(passage, &Known::none());
        found.map_err(|error| Failure::coded(Code::DETECTION_FAILED, error.to_string()))
    };
    match scan.format {
        ScanFormat::Table => report::run(scan, &detect, out),
        ScanFormat::Spans => spans::run(scan, &detect, out),
    }
}

/// Findings that are sure enough.
fn found(scan: &Scan, detect: Detect<'_>, text: &str) -> Result<Vec<Finding>, Failure> {
    let mut findings = detect(Passage::prose(text))?;
    findings.retain(|finding| finding.confidence.0 >= scan.at_least);
    Ok(findings)
}
