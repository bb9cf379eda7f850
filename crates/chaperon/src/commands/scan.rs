//! scan: where identifiers are, never which, unless asked.

mod paint;
mod progress;
mod report;
mod sources;
mod spans;

use anstream::ColorChoice;
use deid::{Detector, Finding, Known, Passage};
use governance::ListKind;
use terms::{Code, EngagementId};

use super::terms::asked;
use crate::Ended;
use crate::cli::{ColorArg, Global, Scan, ScanFormat};
use crate::failure::Failure;
use crate::house::{Batch, Desk, Opening, compile_terms};
use crate::operations::Operation;
use crate::output::Output;
use progress::Progress;

/// Finds identifiers in a passage.
type Detect<'a> = &'a dyn Fn(Passage<'_>) -> Result<Vec<Finding>, Failure>;

pub(super) fn run(global: &Global, scan: &Scan, out: &mut Output) -> Ended {
    out.colour(match scan.color {
        ColorArg::Auto => ColorChoice::Auto,
        ColorArg::Always => ColorChoice::Always,
        ColorArg::Never => ColorChoice::Never,
    });
    let detector = scan.operating_point.detector();
    let detector = match &scan.engagement {
        None => detector,
        Some(engagement) => with_lists(global, scan, engagement, detector)?,
    };
    let detect = |passage: Passage<'_>| {
        let found = detector.detect(passage, &Known::none());
        found.map_err(|error| Failure::coded(Code::DETECTION_FAILED, error.to_string()))
    };
    match scan.format {
        ScanFormat::Table => report::run(scan, &detect, out),
        ScanFormat::Spans => spans::run(scan, &detect, out),
    }
}

/// A detector with the term lists in force of an engagement.
fn with_lists(
    global: &Global,
    scan: &Scan,
    engagement: &EngagementId,
    detector: Detector,
) -> Result<Detector, Failure> {
    let [allow, must_find] = Desk::with(&super::config(global)?, Opening::Existing, |desk| {
        let mut batches = |list| {
            let engagement = Some(engagement.clone());
            let operation = Operation::RevealTerms { engagement, list, version: None, in_force: true };
            let view = asked(desk, operation)?;
            let terms = view.into_iter().flat_map(|view| view.terms);
            Ok(terms
                .map(|term| Batch {
                    author: term.author,
                    reason: term.reason,
                    class: term.class,
                    workflow: term.workflow,
                    texts: vec![term.text.expose().to_owned()],
                })
                .collect::<Vec<_>>())
        };
        Ok([batches(ListKind::Allow)?, batches(ListKind::MustFind)?])
    })?;
    let lists = compile_terms(&allow, &must_find, scan.workflow.as_ref(), "scan");
    let lists = lists.map_err(|error| Failure::coded(Code::TERMS_UNAVAILABLE, error.to_string()))?;
    Ok(detector.with_lists(lists))
}

/// Findings that are sure enough.
fn found(scan: &Scan, detect: Detect<'_>, progress: &Progress, text: &str) -> Result<Vec<Finding>, Failure> {
    let mut findings = progress.examine(text, |text| detect(Passage::prose(text)))?;
    findings.retain(|finding| finding.confidence.0 >= scan.at_least);
    Ok(findings)
}
