//! Guards an answer as it streams: masks identifiers that the vendor made known, restores this request's
//! surrogates.
//!
//! The text is cut into segments behind calm words ([`words`]). A segment of calm words passes as it is; any other
//! is examined together with the text before it. A segment longer than [`LONGEST`] is cut where it must. All of
//! this depends on the text alone, so that streamed and plain answers agree by construction.

mod calm;
mod mask;
mod text;
mod words;

use std::collections::BTreeSet;
use std::sync::Arc;

use terms::FindingCounts;

use crate::restore::{Encoding, RestoreStream, Restorer};
use crate::{DetectError, Detector, Finding, Known, Passage};
use mask::Number;
use text::Text;
use words::Words;

/// No more bytes than this are held, or examined together with their context.
const LONGEST: usize = 512;
/// How many bytes of the text before a segment are examined with it.
const CONTEXT: usize = 192;
/// How many words and marks of it at most: twice as many as any rule looks back from where a finding begins.
const NEAR: usize = 24;
/// Of a segment that had to be cut, so many bytes at the end are examined again with what follows.
const AGAIN: usize = 96;

/// How many masked names are looked for in the rest of the answer.
const NAMES: usize = 64;
/// How many bytes that went out may wait to be forgotten.
const SLACK: usize = 4096;

/// Finds identifiers in a text, where some names are known; after an error, the text must not go out.
type Detect = Arc<dyn Fn(&str, &Known) -> Result<Vec<Finding>, DetectError> + Send + Sync>;
/// Whether a text was in what the vendor was sent.
type Sent = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Guards one channel of text of an answer: the content of a choice, the arguments of a tool call.
///
/// What [`AnswerGuard::push`] and [`AnswerGuard::finish`] give, put together, does not depend on the chunks.
pub struct AnswerGuard {
    detect: Detect,
    sent: Sent,
    restorer: Arc<Restorer>,
    restoring: RestoreStream,
    text: Text,
    words: Words,
    /// Where the segment begins; what is before it went out.
    start: usize,
    /// How far the text was read.
    read: usize,
    /// Whether the segment has to be examined.
    live: bool,
    /// Whether the segment begins inside of a JSON string. Text is one string.
    in_string: bool,
    /// What the segment before was cut in, where it had to be.
    number: Option<Number>,
    masked: FindingCounts,
    /// Where it was masked, in a text without escapes.
    #[cfg(feature = "training")]
    spans: Vec<std::ops::Range<usize>>,
    /// Names that were masked, by whose parts others are found.
    names: BTreeSet<String>,
    known: Known,
    /// Whether there are names that `known` does not have yet.
    learned: bool,
    /// What may go out, before restoring.
    outgoing: String,
}

/// Why a segment ends.
enum Cut {
    /// Calm words came.
    Calm,
    /// It is as long as it may be.
    Long,
}

impl AnswerGuard {
    /// At the start of an answer's text.
    ///
    /// `sent` says whether a text was in what the vendor was sent: that is not news to anyone. `restorer` knows
    /// this request's surrogates: they are restored, and never masked.
    pub fn new(
        detector: &Detector,
        restorer: Arc<Restorer>,
        sent: Arc<dyn Fn(&str) -> bool + Send + Sync>,
        encoding: Encoding,
    ) -> Self {
        // names, quotes and numbers of a document in JSON are no running text
        let detector = if encoding == Encoding::Json { detector.without_tagger() } else { detector.clone() };
        let words = Words::new(detector.lists().cloned(), detector.has_tagger());
        let detect = move |text: &str, known: &Known| detector.detect(Passage::prose(text), known);
        Self::with(Arc::new(detect), words, restorer, sent, encoding)
    }

    fn with(detect: Detect, words: Words, restorer: Arc<Restorer>, sent: Sent, encoding: Encoding) -> Self {
        Self {
            detect,
            words,
            sent,
            restoring: RestoreStream::new(Arc::clone(&restorer), encoding),
            restorer,
            text: Text::new(encoding),
            start: 0,
            read: 0,
            live: false,
            in_string: encoding == Encoding::Text,
            number: None,
            masked: FindingCounts::default(),
            #[cfg(feature = "training")]
            spans: Vec::new(),
            names: BTreeSet::new(),
            known: Known::none(),
            learned: false,
            outgoing: String::new(),
        }
    }

    /// What may go out after one more chunk.
    pub fn push(&mut self, chunk: &str) -> String {
        self.text.add(chunk, false);
        self.read_on();
        let mut out = String::with_capacity(self.outgoing.len());
        self.restoring.push_into(&self.outgoing, &mut out);
        self.outgoing.clear();
        out
    }

    /// The rest, at the end of the answer.
    pub fn finish(&mut self) -> String {
        self.text.add("", true);
        self.read_on();
        self.live |= self.words.pending();
        self.end_segment();
        let mut out = String::with_capacity(self.outgoing.len());
        self.restoring.push_into(&self.outgoing, &mut out);
        self.outgoing.clear();
        self.restoring.finish_into(&mut out);
        out
    }

    /// The identifiers that were masked, by class.
    pub fn masked(&self) -> &FindingCounts {
        &self.masked
    }

    /// Where identifiers were masked: bytes of the answer as it came, unless it holds escapes.
    #[cfg(feature = "training")]
    pub fn spans(&self) -> &[std::ops::Range<usize>] {
        &self.spans
    }

    /// How many surrogates were restored.
    pub fn restored(&self) -> u32 {
        self.restoring.restored()
    }

    /// Reads what has come and puts into `outgoing` what is decided.
    fn read_on(&mut self) {
        while let Some(cut) = self.next_cut() {
            match cut {
                Cut::Calm => self.end_segment(),
                Cut::Long => self.cut_segment(),
            }
        }
        self.text.forget(self.start.saturating_sub(CONTEXT + 8), SLACK);
    }

    /// Reads to the end of the segment; `None` if it has not come yet.
    fn next_cut(&mut self) -> Option<Cut> {
        for character in self.text.slice(self.read, self.text.end()).chars() {
            self.read += character.len_utf8();
            let step = self.words.step(character);
            self.live |= step.live;
            if step.cut {
                return Some(Cut::Calm);
            }
            if self.read - self.start >= LONGEST {
                return Some(Cut::Long);
            }
        }
        None
    }

    /// Sends the segment out.
    fn end_segment(&mut self) {
        let end = self.read;
        if self.live {
            let examined = self.examine(end);
            self.send_masked(&examined, end);
        } else {
            self.send(end);
        }
        self.live = false;
    }

    /// Sends as much of the segment out as can't belong to an identifier that goes on.
    fn cut_segment(&mut self) {
        let examined = self.examine(self.read);
        let end = self.place_to_cut(&examined);
        self.send_masked(&examined, end);
        self.live = true;
    }
}

#[cfg(test)]
mod tests;
