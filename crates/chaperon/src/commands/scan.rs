//! scan: where identifiers are, never which, unless asked.

mod elements;
mod paint;
mod report;
mod sources;
mod spans;
mod tells;

use anstream::ColorChoice;
use deid::{Finding, Known, Passage};
use terms::Code;

use super::detector;
use super::progress::Progress;
use crate::Ended;
use crate::cli::{ColorArg, Global, Scan, ScanFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use sources::Place;

/// Finds identifiers in a passage.
type Detect<'a> = &'a dyn Fn(Passage<'_>) -> Result<Vec<Finding>, Failure>;

pub(super) fn run(global: &Global, scan: &Scan, out: &mut Output) -> Ended {
    out.colour(match scan.color {
        ColorArg::Auto => ColorChoice::Auto,
        ColorArg::Always => ColorChoice::Always,
        ColorArg::Never => ColorChoice::Never,
    });
    let lists = scan.engagement.as_ref().map(|engagement| (engagement, scan.workflow.as_ref()));
    let detector = detector::of(global, scan.operating_point, lists)?;
    let version = detector.version().to_owned();
    let detect = |passage: Passage<'_>| {
        let found = detector.detect(passage, &Known::none());
        found.map_err(|error| Failure::coded(Code::DETECTION_FAILED, error.to_string()))
    };
    if scan.tells {
        return tells::run(scan, &detector, out);
    }
    match scan.format {
        ScanFormat::Table if scan.out.is_some() => {
            Err(Failure::usage("`--out` is for `--format spans`; a table goes to standard output"))
        }
        ScanFormat::Table => report::run(scan, &detector, &detect, out),
        ScanFormat::Spans => spans::run(scan, &version, &detect, out),
    }
}

/// What progress is shown: none where findings are written line by line to a terminal too.
fn progress(scan: &Scan, places: &[Place], out: &Output) -> Progress {
    let lines = out.is_json() || scan.format == ScanFormat::Spans;
    let wanted = !(scan.quiet || lines && out.is_terminal());
    Progress::start(wanted, places.iter().map(Place::length))
}

/// Where findings are a failure, what was not looked at is no success.
const fn exit(scan: &Scan, any: bool, whole: bool) -> Exit {
    match (scan.fail_on_findings, any, whole) {
        (true, true, _) => Exit::Refused,
        (true, false, false) => Exit::Partly,
        _ => Exit::Ok,
    }
}

/// Findings that are sure enough.
fn found(scan: &Scan, detect: Detect<'_>, progress: &Progress, text: &str) -> Result<Vec<Finding>, Failure> {
    let mut findings = progress.examine(text, |text| detect(Passage::prose(text)))?;
    findings.retain(|finding| finding.confidence.0 >= scan.at_least);
    Ok(findings)
}
