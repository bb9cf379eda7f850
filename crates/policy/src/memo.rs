//! Decisions that were worked out lately.
//!
//! A decision is a pure function of the facts and the policies, and the key is the whole digest of both, so that what
//! is remembered is what would be worked out again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use terms::Decision;

/// How many decisions one set of policies remembers; beyond it forgets all and begins again.
const MOST: usize = 1024;

#[derive(Default)]
pub(crate) struct Memo(Mutex<HashMap<[u8; 32], Decision>>);

impl Memo {
    /// The decision over the facts of `digest`, from `evaluate` where it is not remembered.
    pub(crate) fn of(&self, digest: [u8; 32], evaluate: impl FnOnce() -> Decision) -> Decision {
        let locked = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = locked().get(&digest) {
            return known.clone();
        }
        let decision = evaluate();
        let mut known = locked();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(digest, decision.clone());
        decision
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::{DecisionId, Obligations, Verdict};

    fn decision(id: &str) -> Decision {
        Decision {
            id: DecisionId(id.to_owned()),
            verdict: Verdict::Deny,
            obligations: Obligations::default(),
            reasons: Vec::new(),
            policy_set: String::new(),
        }
    }

    #[test]
    fn a_decision_is_worked_out_once_and_few_are_kept() {
        let memo = Memo::default();
        let digest = |n: usize| <[u8; 32]>::try_from(format!("{n:032}").as_bytes()).unwrap();
        assert_eq!(memo.of(digest(1), || decision("one")).id.0, "one");
        assert_eq!(memo.of(digest(1), || decision("other")).id.0, "one");
        assert_eq!(memo.of(digest(2), || decision("two")).id.0, "two");
        for n in 3..3 * MOST {
            memo.of(digest(n), || decision("more"));
            assert!(memo.0.lock().unwrap().len() <= MOST);
        }
    }
}
