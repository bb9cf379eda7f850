//! What was examined lately: a conversation comes back whole with every turn, and only its end is new.
//!
//! Kept in memory only, under a keyed digest of label, text and detector version (which names the term lists), for each engagement on its own: one
//! can neither ask what another has sent nor crowd out its entries. What is kept are places in a text, never text.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deid::{DetectError, Detector, Examined, Passage};
use terms::{Digest, Digester, EngagementId};

/// Bytes that are kept of one engagement.
pub(crate) const MOST: usize = 4 << 20;

/// To examine less than this takes no longer than to look it up.
const SHORT: usize = 64;

/// What an entry takes beside what was found.
const ENTRY: usize = size_of::<(Digest, Arc<Examined>)>() + 32;

/// What was examined lately, by engagement.
pub(crate) struct Recall {
    most: usize,
    wings: Mutex<HashMap<EngagementId, Wing>>,
}

/// Two generations: when the young one is half of what may be kept, it becomes the old one, and the old one is
/// forgotten. What is used moves to the young one.
#[derive(Default)]
struct Wing {
    young: HashMap<Digest, Arc<Examined>>,
    old: HashMap<Digest, Arc<Examined>>,
    /// Bytes of the young one.
    bytes: usize,
}

impl Recall {
    /// Keeps at most `most` bytes of each engagement.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, wings: Mutex::default() }
    }

    /// What the detector makes of a passage, from memory if the same was examined lately.
    ///
    /// # Errors
    /// As [`Detector::examine`]; what failed is not remembered.
    pub(crate) fn examine(
        &self,
        engagement: &EngagementId,
        digester: &dyn Digester,
        detector: &Detector,
        passage: Passage<'_>,
    ) -> Result<Arc<Examined>, DetectError> {
        if passage.text.len() < SHORT {
            return detector.examine(passage).map(Arc::new);
        }
        let (kind, label) = passage.label.map_or(("prose", ""), |label| ("field", label));
        let parts = [detector.version(), kind, label, passage.text].map(str::as_bytes);
        let digest = digester.digest("chaperon.findings.v1", &parts);
        if let Some(known) = self.wings().get_mut(engagement).and_then(|wing| wing.find(digest, self.most)) {
            return Ok(known);
        }
        let examined = Arc::new(detector.examine(passage)?);
        self.wings().entry(engagement.clone()).or_default().keep(digest, Arc::clone(&examined), self.most);
        Ok(examined)
    }

    fn wings(&self) -> MutexGuard<'_, HashMap<EngagementId, Wing>> {
        self.wings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wing {
    fn find(&mut self, digest: Digest, most: usize) -> Option<Arc<Examined>> {
        if let Some(known) = self.young.get(&digest) {
            return Some(Arc::clone(known));
        }
        let known = self.old.remove(&digest)?;
        self.keep(digest, Arc::clone(&known), most);
        Some(known)
    }

    fn keep(&mut self, digest: Digest, examined: Arc<Examined>, most: usize) {
        let size = ENTRY + examined.size();
        if size > most / 2 {
            return;
        }
        if self.bytes + size > most / 2 {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        if self.young.insert(digest, examined).is_none() {
            self.bytes += size;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use deid::Known;

    use super::*;

    /// No cryptography: the parts themselves, summed up.
    struct Plain;

    impl Digester for Plain {
        fn digest(&self, domain: &str, parts: &[&[u8]]) -> Digest {
            use std::hash::{DefaultHasher, Hash, Hasher};
            let mut hasher = DefaultHasher::new();
            (domain, parts).hash(&mut hasher);
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&hasher.finish().to_be_bytes());
            Digest(digest)
        }
    }

    struct Desk {
        recall: Recall,
        detector: Detector,
        /// What was given out, each once.
        given: RefCell<Vec<Arc<Examined>>>,
    }

    impl Desk {
        fn new() -> Self {
            Self { recall: Recall::new(32 << 10), detector: Detector::rules(), given: RefCell::default() }
        }

        fn found(&self, engagement: &str, label: Option<&str>, text: &str) -> Result<usize, DetectError> {
            let passage = Passage { text, label };
            let examined =
                self.recall.examine(&engagement.parse().unwrap(), &Plain, &self.detector, passage)?;
            let found = examined.findings(passage, &Known::none())?.len();
            let mut given = self.given.borrow_mut();
            if !given.iter().any(|one| Arc::ptr_eq(one, &examined)) {
                given.push(examined);
            }
            Ok(found)
        }

        /// How often something was examined and not remembered.
        fn examined(&self) -> usize {
            self.given.borrow().len()
        }
    }

    const NOTE: &str =
        "Patient: Harold Finchley, MRN 48213377, was seen today and is feeling much better than before.";

    #[test]
    fn the_same_passage_is_examined_once_and_found_again() {
        let desk = Desk::new();
        let first = desk.found("mercy", None, NOTE);
        assert_eq!(first, Ok(2));
        assert_eq!(desk.found("mercy", None, NOTE), first);
        assert_eq!(desk.examined(), 1);
        desk.found("mercy", Some("note"), NOTE).unwrap();
        desk.found("grace", None, NOTE).unwrap();
        desk.found("mercy", None, &NOTE.replace("today", "again")).unwrap();
        assert_eq!(desk.examined(), 4, "another label, another engagement, another text");
    }

    #[test]
    fn what_was_examined_under_other_lists_is_examined_again() {
        let mut desk = Desk::new();
        let rules = desk.detector.clone();
        let lists = |text: &str, version: &str| {
            let wanted = [(terms::IdentifierClass::OtherId, text)];
            deid::Lists::new([], wanted, version).unwrap()
        };
        assert_eq!(desk.found("mercy", None, NOTE), Ok(2));
        desk.detector = rules.clone().with_lists(lists("feeling", "must-find-2"));
        assert_eq!(desk.found("mercy", None, NOTE), Ok(3));
        desk.detector = rules.clone().with_lists(lists("evergreen", "must-find-4"));
        assert_eq!(desk.found("mercy", None, NOTE), Ok(2));
        desk.detector = rules;
        assert_eq!(desk.found("mercy", None, NOTE), Ok(2));
        assert_eq!(desk.examined(), 3, "without lists it was examined before");
    }

    #[test]
    fn little_is_kept_and_what_is_used_stays() {
        let desk = Desk::new();
        let text = |n: usize| format!("{NOTE} {n} {}", "John Smith ".repeat(20));
        desk.found("quiet", None, NOTE).unwrap();
        for n in 0..60 {
            desk.found("mercy", None, NOTE).unwrap();
            desk.found("mercy", None, &text(n)).unwrap();
        }
        assert_eq!(desk.examined(), 62, "what is used often was examined once");
        desk.found("mercy", None, &text(0)).unwrap();
        assert_eq!(desk.examined(), 63, "what was not used is forgotten");
        desk.found("quiet", None, NOTE).unwrap();
        assert_eq!(desk.examined(), 63, "another engagement's is not");
        let size = |wing: &Wing| {
            wing.young.values().chain(wing.old.values()).map(|one| ENTRY + one.size()).sum::<usize>()
        };
        assert!(desk.recall.wings().values().all(|wing| size(wing) <= desk.recall.most));
    }
}
