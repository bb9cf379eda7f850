//! What a guard finds of labelled text that streams through it, beside what the whole text lets find, and how much text
//! it holds back.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use deid::{AnswerGuard, Detector, Encoding, Known, Passage, Restorer};

use crate::generate::{Document, Label};
use crate::measure::is_full;

/// Identifiers of persons in streams: dates and addresses of pages are not masked in answers.
#[derive(Default)]
pub struct Streamed {
    /// Spans that are labelled.
    labelled: usize,
    /// Found in full in the whole text.
    whole: usize,
    /// Masked in full in the stream.
    stream: usize,
    /// Found in full in the whole text, and not in the stream.
    lost: usize,
    /// Bytes that were held back, after each word.
    held: Vec<usize>,
}

impl Streamed {
    /// Sends `document` through a guard word by word, and counts.
    ///
    /// # Errors
    /// As the detector.
    pub fn add(&mut self, detector: &Detector, document: &Document) -> Result<(), deid::DetectError> {
        let text = document.text.as_str();
        let found = detector.detect(Passage::prose(text), &Known::none())?;
        let persons = found.iter().filter(|one| one.class.names_a_person());
        let whole = covered(text, persons.map(|one| one.span.clone()));
        let stream = covered(text, masked(detector, text.split_inclusive(' ')).1);
        self.hold(detector, text);
        for span in document.spans.iter().filter(|span| names_a_person(span.label)) {
            let [whole, stream] = [&whole, &stream].map(|covered| is_full(text, covered, span));
            self.labelled += 1;
            self.whole += usize::from(whole);
            self.stream += usize::from(stream);
            self.lost += usize::from(whole && !stream);
        }
        Ok(())
    }
}

impl Streamed {
    /// Notes how much is held back after each word, where nothing is masked.
    fn hold(&mut self, detector: &Detector, text: &str) {
        let mut guard = guard(detector, true);
        let (mut came, mut sent) = (0, 0);
        for word in text.split_inclusive(' ') {
            came += word.len();
            sent += guard.push(word).len();
            self.held.push(came - sent);
        }
    }
}

impl fmt::Display for Streamed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |part: usize| 100.0 * part as f64 / self.labelled.max(1) as f64;
        let mut held = self.held.clone();
        held.sort_unstable();
        let at = |percent: usize| held.get(held.len() * percent / 100).copied().unwrap_or_default();
        writeln!(
            out,
            "{} identifiers of persons: {:.2} % found in full in the whole text, {:.2} % in a stream; {:.2} % only in the whole text",
            self.labelled,
            share(self.whole),
            share(self.stream),
            share(self.lost)
        )?;
        write!(
            out,
            "held back behind a word: {} bytes in the median, {} at the 99th percentile",
            at(50),
            at(99)
        )
    }
}

/// What a guard gives for chunks, and where it masked.
pub fn masked<'c>(
    detector: &Detector,
    chunks: impl IntoIterator<Item = &'c str>,
) -> (String, Vec<Range<usize>>) {
    let mut guard = guard(detector, false);
    let mut out: String = chunks.into_iter().map(|chunk| guard.push(chunk)).collect();
    out.push_str(&guard.finish());
    (out, guard.spans().to_vec())
}

/// A guard of text in which nothing is to restore; with `sent`, everything was in what the vendor was sent.
fn guard(detector: &Detector, sent: bool) -> AnswerGuard {
    AnswerGuard::new(detector, Arc::new(Restorer::new(&[])), Arc::new(move |_| sent), Encoding::Text)
}

fn covered(text: &str, spans: impl IntoIterator<Item = Range<usize>>) -> Vec<bool> {
    let mut covered = vec![false; text.len()];
    for span in spans {
        covered[span].fill(true);
    }
    covered
}

fn names_a_person(label: Label) -> bool {
    !label.is_neutral() && !matches!(label, Label::Date | Label::Url)
}
