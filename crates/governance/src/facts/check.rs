//! Whether a file of facts is whole: every name known, every fact sourced and dated.

use std::collections::BTreeSet;

use terms::Name;

use super::{AGREEMENT, CREDENTIALS, Facts, Offering};
use crate::FieldError;

/// The version of the form that is read here.
const VERSION: u8 = 1;

type Checked = Result<(), FieldError>;

impl Facts {
    pub(super) fn check(&self) -> Checked {
        if self.v != VERSION {
            return Err(FieldError::new("v", "another version of the form: a newer build reads it"));
        }
        let mut names = BTreeSet::new();
        for offering in &self.offerings {
            let at = |error: FieldError| {
                FieldError::new(format!("{}.{}", offering.name, error.field), error.problem)
            };
            if !names.insert(&offering.name) {
                return Err(at(FieldError::new("name", "is given twice")));
            }
            offering.check(self).map_err(at)?;
        }
        if names.is_empty() {
            return Err(FieldError::new("offerings", "name at least one"));
        }
        Ok(())
    }
}

impl Offering {
    fn check(&self, facts: &Facts) -> Checked {
        if self.endpoints.is_empty() || self.endpoints.iter().any(|reach| reach.protocols.is_empty()) {
            return Err(FieldError::new("endpoints", "name an address, and what is spoken there"));
        }
        known("credentials", &self.credentials, &CREDENTIALS)?;
        self.check_retention()?;
        self.check_sources(facts)?;
        self.check_citations()
    }

    fn check_retention(&self) -> Checked {
        let modes: BTreeSet<&str> = self.retention.iter().map(|retention| retention.mode.as_str()).collect();
        let usual = self.retention.iter().filter(|retention| retention.default).count();
        if modes.len() != self.retention.len() || usual != 1 || modes.contains(AGREEMENT) {
            return Err(FieldError::new("retention", "name each mode once, and one that is usual"));
        }
        for excludes in &self.excludes {
            if excludes.from.as_str() != AGREEMENT && !modes.contains(excludes.from.as_str()) {
                return Err(FieldError::new("excludes", "`from` is `agreement` or a retention mode"));
            }
        }
        Ok(())
    }

    fn check_sources(&self, facts: &Facts) -> Checked {
        let ids: BTreeSet<&Name> = self.sources.iter().map(|source| &source.id).collect();
        if ids.len() != self.sources.len() {
            return Err(FieldError::new("sources", "an id is given twice"));
        }
        for source in &self.sources {
            let plain = source.address.bytes().all(|b| b.is_ascii_graphic());
            if !source.address.starts_with("https://") || !plain {
                return Err(FieldError::new("sources", "each has the https address of a page"));
            }
            if source.read > facts.as_of || source.dated.is_some_and(|dated| dated > source.read) {
                return Err(FieldError::new(
                    "sources",
                    "none is read after the day of the facts, or before it was written",
                ));
            }
        }
        Ok(())
    }

    /// What is said, each with the ids of its sources.
    fn said(&self) -> impl Iterator<Item = (&'static str, &str, &[Name])> {
        let agreement = [("agreement", self.agreement.what.as_str(), self.agreement.sources.as_slice())];
        let covers = self.covers.iter().map(|fact| ("covers", fact.what.as_str(), &*fact.sources));
        let excludes = self.excludes.iter().map(|fact| ("excludes", fact.what.as_str(), &*fact.sources));
        let retention = self.retention.iter().map(|fact| ("retention", fact.what.as_str(), &*fact.sources));
        let notes = self.notes.iter().map(|fact| ("notes", fact.what.as_str(), &*fact.sources));
        agreement.into_iter().chain(covers).chain(excludes).chain(retention).chain(notes)
    }

    fn check_citations(&self) -> Checked {
        let mut cited = BTreeSet::new();
        if self.said().any(|(_, what, _)| what.trim().is_empty() || what.chars().any(char::is_control)) {
            return Err(FieldError::new("what", "is one line of text"));
        }
        let said = self.said().map(|(field, _, sources)| (field, sources));
        let reached = self.endpoints.iter().map(|reach| ("endpoints", reach.sources.as_slice()));
        for (field, sources) in said.chain(reached) {
            if sources.is_empty() || !sources.iter().all(|id| self.source(id).is_some()) {
                return Err(FieldError::new(field, "each names sources that are there"));
            }
            cited.extend(sources);
        }
        if cited.len() != self.sources.len() {
            return Err(FieldError::new("sources", "one is cited by nothing"));
        }
        Ok(())
    }
}

fn known<'a>(field: &str, words: impl IntoIterator<Item = &'a Name>, known: &[&str]) -> Checked {
    if words.into_iter().all(|word| known.contains(&word.as_str())) {
        return Ok(());
    }
    Err(FieldError::new(field, format!("the words are {}", known.join(", "))))
}
