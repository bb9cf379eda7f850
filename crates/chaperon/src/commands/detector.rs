//! The detector of a command: an operating point, and the term lists in force of an engagement.

use deid::Detector;
use governance::ListKind;
use sha2::{Digest as _, Sha256};
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
    told(global, point, lists).map(|(detector, _)| detector)
}

/// The same, and what tells its lists from others that have the same versions: a digest of who decided on how many
/// terms, and why. Terms themselves are not in it, since whoever has the digest could try some.
pub(super) fn told(
    global: &Global,
    point: Sureness,
    lists: Option<Lists<'_>>,
) -> Result<(Detector, Option<String>), Failure> {
    let detector = point.detector();
    match lists {
        None => Ok((detector, None)),
        Some(lists) => with_lists(global, lists, detector).map(|(detector, digest)| (detector, Some(digest))),
    }
}

fn with_lists(
    global: &Global,
    (engagement, workflow): Lists<'_>,
    detector: Detector,
) -> Result<(Detector, String), Failure> {
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
    Ok((detector.with_lists(lists), digest(&[&allow.1, &must_find.1])))
}

fn digest(lists: &[&[Batch]]) -> String {
    let mut hash = Sha256::new();
    for list in lists {
        hash.update((list.len() as u64).to_be_bytes());
        for batch in *list {
            let workflow = batch.workflow.as_ref().map(ToString::to_string).unwrap_or_default();
            for text in [batch.author.clone(), batch.reason.clone(), format!("{:?}", batch.class), workflow] {
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text);
            }
        }
    }
    terms::Digest(hash.finalize().into()).to_hex()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_one_version_are_told_apart() {
        let batch = |author: &str, reason: &str| Batch {
            author: author.into(),
            reason: reason.into(),
            class: None,
            workflow: None,
            texts: vec!["Quackenbush".into()],
        };
        let (one, other) = ([batch("ann", "a ward")], [batch("anna", " ward")]);
        assert_ne!(digest(&[&one, &[]]), digest(&[&other, &[]]));
        assert_ne!(digest(&[&one, &[]]), digest(&[&[], &one]));
        assert_eq!(digest(&[&one, &[]]), digest(&[&one, &[]]));
    }
}
