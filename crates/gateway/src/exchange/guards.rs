//! The guards of one answer: each masks what was not asked, restores what this request issued, and counts both.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use deid::{AnswerGuard, Detector, Encoding, Restorer};
use terms::FindingCounts;

use super::answer::Back;
use crate::protocol::{Channel, Guard, Guards};

type Sent = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Makes a guard for each channel of an answer's text.
pub(super) struct AnswerGuards {
    detector: Detector,
    restorer: Arc<Restorer>,
    tally: Tally,
    /// Whether a text was in what the vendor was sent.
    sent: Sent,
    /// Whether the answer's text was to be a JSON document.
    document: bool,
    observed: bool,
}

impl AnswerGuards {
    pub(super) fn new(back: &Back, tally: &Tally) -> Self {
        let (sent, unread) = (back.sent.clone(), back.unread);
        Self {
            detector: back.detector.clone(),
            restorer: Arc::clone(&back.restorer),
            tally: tally.clone(),
            sent: Arc::new(move |text| unread || memchr::memmem::find(&sent, text.as_bytes()).is_some()),
            document: back.document,
            observed: back.observed,
        }
    }

    fn guard(&self, encoding: Encoding) -> AnswerGuard {
        AnswerGuard::new(&self.detector, Arc::clone(&self.restorer), Arc::clone(&self.sent), encoding)
    }
}

impl Guards for AnswerGuards {
    fn open(&mut self, channel: Channel) -> Box<dyn Guard + Send> {
        let guard = self.guard(if channel == Channel::Json { Encoding::Json } else { Encoding::Text });
        let document = (self.document && channel == Channel::Text).then(|| self.guard(Encoding::Json));
        let (tally, observed) = (self.tally.clone(), self.observed);
        Box::new(Counted { guard, document, blank: String::new(), tally, observed })
    }

    fn has_surrogates(&self) -> bool {
        !self.restorer.is_empty()
    }
}

/// Guards of what a vendor says of an error.
pub(super) fn vendor_words(
    back: &Back,
    tally: &Tally,
) -> impl FnMut(Channel) -> Box<dyn Guard + Send> + use<> {
    let (detector, restorer) = (back.detector.without_tagger(), Arc::clone(&back.restorer));
    let (sent, tally, observed) = (back.sent.clone(), tally.clone(), back.observed);
    move |_channel| {
        Box::new(VendorWords {
            detector: detector.clone(),
            restorer: Arc::clone(&restorer),
            sent: sent.clone(),
            tally: tally.clone(),
            observed,
            text: String::new(),
        })
    }
}

/// What all guards of one answer did.
#[derive(Clone, Default)]
pub(super) struct Tally(Arc<Mutex<Counts>>);

impl Tally {
    /// What was masked, and how often something was restored.
    pub(super) fn counted(&self) -> (FindingCounts, u32) {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (counted.masked.clone(), counted.restored)
    }
}

#[derive(Default)]
struct Counts {
    masked: FindingCounts,
    restored: u32,
}

/// A guard whose counts are added up when its channel ends.
struct Counted {
    guard: AnswerGuard,
    /// The guard of the document that was asked for, until the text's first character says whether it is one.
    document: Option<AnswerGuard>,
    /// What came before that character.
    blank: String,
    tally: Tally,
    /// Whether the text goes on as it came, and is only counted.
    observed: bool,
}

impl Counted {
    fn guarded(&mut self, chunk: &str) -> String {
        if self.document.is_none() {
            return self.guard.push(chunk);
        }
        self.blank.push_str(chunk);
        let Some(first) = chunk.trim_start().chars().next() else { return String::new() };
        if let Some(document) = self.document.take().filter(|_| matches!(first, '{' | '[')) {
            self.guard = document;
        }
        self.guard.push(&std::mem::take(&mut self.blank))
    }
}

impl Guard for Counted {
    fn push(&mut self, chunk: &str) -> String {
        let guarded = self.guarded(chunk);
        if self.observed { chunk.to_owned() } else { guarded }
    }

    fn finish(&mut self) -> String {
        let mut rest = self.guard.push(&self.blank);
        rest.push_str(&self.guard.finish());
        let mut counts = self.tally.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.masked.merge(self.guard.masked());
        counts.restored = counts.restored.saturating_add(self.guard.restored());
        if self.observed { String::new() } else { rest }
    }
}

/// What stands for words of a vendor that do not go on.
const WITHHELD: &str = "(withheld)";

/// Guards what a vendor says of an error. It has no use but to help, so it is withheld whole where anything in it is
/// an identifier of any class, a bare date too, that the vendor was not sent. Identifiers of a person among them count
/// as masked.
struct VendorWords {
    detector: Detector,
    restorer: Arc<Restorer>,
    sent: Bytes,
    tally: Tally,
    /// Whether they go on all the same, and are only counted.
    observed: bool,
    text: String,
}

impl Guard for VendorWords {
    fn push(&mut self, chunk: &str) -> String {
        self.text.push_str(chunk);
        String::new()
    }

    fn finish(&mut self) -> String {
        let known = |text: &str| memchr::memmem::find(&self.sent, text.as_bytes()).is_some();
        let found = self.detector.detect(deid::Passage::prose(&self.text), &deid::Known::none());
        let Ok(found) = found else { return WITHHELD.to_owned() };
        let mut strange = FindingCounts::default();
        for finding in found.iter().filter(|found| !self.text.get(found.span.clone()).is_some_and(known)) {
            strange.add(finding.class);
        }
        if strange.is_empty() {
            return self.restorer.restore(&self.text, Encoding::Text);
        }
        if strange.names_a_person() {
            self.tally.0.lock().unwrap_or_else(PoisonError::into_inner).masked.merge(&strange);
        }
        if self.observed { std::mem::take(&mut self.text) } else { WITHHELD.to_owned() }
    }
}
