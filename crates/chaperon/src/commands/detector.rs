//! The detector of a command: an operating point, and the term lists in force of an engagement.

use deid::Detector;
use governance::ListKind;
use terms::{Code, EngagementId, Name, RowVersion};

use super::terms::asked;
use crate::cli::Global;
use crate::config::Sureness;
use crate::failure::Failure;
use crate::house::{Batch, Desk, Opening, compile_terms};
use crate::operations::Operation;

/// Whose term lists.
pub(super) type Lists<'a> = (&'a EngagementId, Option<&'a Name>);

/// The detector of an operating point, with the lists of an engagement and a workflow where they are named.
pub(super) fn of(global: &Global, point: Sureness, lists: Option<Lists<'_>>) -> Result<Detector, Failure> {
    let detector = point.detector();
    match lists {
        None => Ok(detector),
        Some(lists) => with_lists(global, lists, detector),
    }
}

fn with_lists(
    global: &Global,
    (engagement, workflow): Lists<'_>,
    detector: Detector,
) -> Result<Detector, Failure> {
    let [allow, must_find] = Desk::with(&super::config(global)?, Opening::Existing, |desk| {
        let mut batches = |list| in_force(desk, engagement, list);
        Ok([batches(ListKind::Allow)?, batches(ListKind::MustFind)?])
    })?;
    let number = |version: Option<RowVersion>| version.map_or(0, |version| version.0);
    let mut version = format!("allow-{},must-find-{}", number(allow.0), number(must_find.0));
    if let Some(workflow) = workflow {
        version = format!("{version}/{workflow}");
    }
    let lists = compile_terms(&allow.1, &must_find.1, workflow, &version);
    let lists = lists.map_err(|error| Failure::coded(Code::TERMS_UNAVAILABLE, error.to_string()))?;
    Ok(detector.with_lists(lists))
}

fn in_force(
    desk: &mut Desk,
    engagement: &EngagementId,
    list: ListKind,
) -> Result<(Option<RowVersion>, Vec<Batch>), Failure> {
    let engagement = Some(engagement.clone());
    let operation = Operation::RevealTerms { engagement, list, version: None, in_force: true };
    let Some(view) = asked(desk, operation)? else { return Ok((None, Vec::new())) };
    let batches = view.terms.into_iter().map(|term| Batch {
        author: term.author,
        reason: term.reason,
        class: term.class,
        workflow: term.workflow,
        texts: vec![term.text.expose().to_owned()],
    });
    Ok((Some(view.version), batches.collect()))
}
