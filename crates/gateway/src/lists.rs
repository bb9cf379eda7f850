//! The term lists of engagements, as requests and answers are examined by them.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::ListVersions;
use deid::{Detector, Lists};
use terms::{Code, EngagementId, Name};

use crate::gateway::Snapshot;

/// The term lists of one engagement that are in force, compiled once for each version.
pub struct TermLists {
    versions: ListVersions,
    /// `None` where they can't be read: nothing can be examined then.
    compiled: Option<Compiled>,
}

struct Compiled {
    /// For workflows of which no text speaks.
    everywhere: Arc<Lists>,
    /// For the others, the texts for all workflows among them.
    workflows: BTreeMap<Name, Arc<Lists>>,
}

impl TermLists {
    /// Lists of these versions: those for all workflows, and for each workflow that has texts of its own all that
    /// hold for it.
    pub fn new(
        versions: ListVersions,
        everywhere: Arc<Lists>,
        workflows: BTreeMap<Name, Arc<Lists>>,
    ) -> Arc<Self> {
        Arc::new(Self { versions, compiled: Some(Compiled { everywhere, workflows }) })
    }

    /// Lists that are in force and can't be read: requests of their engagement are refused.
    pub fn unreadable(versions: ListVersions) -> Arc<Self> {
        Arc::new(Self { versions, compiled: None })
    }

    /// Which versions are in force.
    pub fn versions(&self) -> ListVersions {
        self.versions
    }

    /// Whether they could be read.
    pub fn is_readable(&self) -> bool {
        self.compiled.is_some()
    }

    /// Those that hold for a workflow.
    fn of(&self, workflow: &str) -> Result<&Arc<Lists>, Code> {
        let compiled = self.compiled.as_ref().ok_or(Code::TERMS_UNAVAILABLE)?;
        let own = compiled.workflows.iter().find(|(name, _)| name.as_str() == workflow);
        Ok(own.map_or(&compiled.everywhere, |(_, lists)| lists))
    }
}

impl Snapshot {
    /// `detector` with the lists that hold for a workflow of an engagement.
    ///
    /// # Errors
    /// [`Code::TERMS_UNAVAILABLE`] where lists are in force that can't be read.
    pub(crate) fn detector(
        &self,
        detector: &Detector,
        engagement: &EngagementId,
        workflow: &str,
    ) -> Result<Detector, Code> {
        match self.lists.get(engagement) {
            None => Ok(detector.clone()),
            Some(lists) => Ok(detector.clone().with_lists(Arc::clone(lists.of(workflow)?))),
        }
    }
}

#[cfg(test)]
mod tests {
    use deid::{Known, Passage};
    use governance::Registers;
    use terms::{IdentifierClass, RowVersion};

    use super::*;

    fn lists(text: &str, version: &str) -> Arc<Lists> {
        Lists::new([], [(IdentifierClass::OtherId, text)], version).unwrap()
    }

    fn snapshot(lists: Arc<TermLists>) -> Snapshot {
        let registers = Registers::from_rows(Vec::new()).unwrap();
        let lists = [("mercy".parse().unwrap(), lists)].into();
        Snapshot { registers, policies: std::collections::HashMap::new(), lists }
    }

    #[test]
    fn a_workflow_has_its_own_lists_and_other_engagements_none() {
        let versions = ListVersions { must_find: Some(RowVersion(2)), ..ListVersions::default() };
        let workflows = [("triage".parse().unwrap(), lists("heron", "2/triage"))].into();
        let snapshot = snapshot(TermLists::new(versions, lists("evergreen", "2"), workflows));
        let found = |engagement: &str, workflow: &str, text: &str| {
            let detector =
                snapshot.detector(&Detector::rules(), &engagement.parse().unwrap(), workflow).unwrap();
            detector.detect(Passage::prose(text), &Known::none()).unwrap().len()
        };
        assert_eq!(
            (found("mercy", "triage", "the heron"), found("mercy", "triage", "the evergreen")),
            (1, 0)
        );
        assert_eq!((found("mercy", "other", "the heron"), found("mercy", "other", "the evergreen")), (0, 1));
        assert_eq!(found("grace", "triage", "the heron, the evergreen"), 0);
    }

    #[test]
    fn lists_that_can_not_be_read_are_a_refusal() {
        let snapshot = snapshot(TermLists::unreadable(ListVersions::default()));
        let asked = snapshot.detector(&Detector::rules(), &"mercy".parse().unwrap(), "triage");
        assert_eq!(asked.err(), Some(Code::TERMS_UNAVAILABLE));
        assert!(snapshot.detector(&Detector::rules(), &"grace".parse().unwrap(), "triage").is_ok());
    }
}
