//! How well a detector finds what is labelled: the same figures as the scorer of the development text gives.

use std::collections::BTreeMap;
use std::fmt;

use deid::{Detector, Finding, Known, Passage};

use crate::generate::{Document, Label, Span};

/// Counts of one kind of text or label.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    documents: usize,
    clean: usize,
    labelled: usize,
    full: usize,
    right: usize,
    wrong: usize,
    words: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |part: usize, of: usize| {
            if of == 0 { "     -".to_owned() } else { format!("{:6.2}", 100.0 * part as f64 / of as f64) }
        };
        write!(
            out,
            "{} % of {:>6} found in full, {} % of findings right, {} % of {:>5} documents without a leak, {:.2} false in 1,000 words",
            share(self.full, self.labelled),
            self.labelled,
            share(self.right, self.right + self.wrong),
            share(self.clean, self.documents),
            self.documents,
            1000.0 * self.wrong as f64 / self.words.max(1) as f64
        )
    }
}

/// What was missed or wrongly found, for a person to read.
pub struct Example {
    /// `missed` or `wrong`.
    pub kind: &'static str,
    /// The document's family.
    pub family: String,
    /// The label, or class and recogniser.
    pub label: String,
    /// What stands there, in double brackets, and around.
    pub line: String,
}

/// Figures by family and by label, and examples of errors.
#[derive(Default)]
pub struct Report {
    /// By family of document.
    pub families: BTreeMap<String, Counts>,
    /// By label.
    pub labels: BTreeMap<String, Counts>,
    /// Each error.
    pub examples: Vec<Example>,
}

impl Report {
    /// Detects in `document` and counts.
    ///
    /// # Errors
    /// As the detector.
    pub fn add(&mut self, detector: &Detector, document: &Document) -> Result<(), deid::DetectError> {
        let text = document.text.as_str();
        let found = detector.detect(Passage::prose(text), &Known::none())?;
        let mut covered = vec![false; text.len()];
        for finding in &found {
            covered[finding.span.clone()].fill(true);
        }
        let family = self.families.entry(document.family.clone()).or_default();
        family.words += text.split_whitespace().count();
        let mut leak = false;
        let mut any = false;
        for span in document.spans.iter().filter(|span| !span.label.is_neutral()) {
            any = true;
            let full = is_full(text, &covered, span);
            let label = self.labels.entry(format!("{:?}", span.label)).or_default();
            for counts in [&mut *family, label] {
                counts.labelled += 1;
                counts.full += usize::from(full);
            }
            if !full {
                leak = true;
                let mut missed =
                    example("missed", document, span.start, span.end, format!("{:?}", span.label));
                missed.line.push_str(&left(text, &covered, span));
                self.examples.push(missed);
            }
        }
        if any {
            family.documents += 1;
            family.clean += usize::from(!leak);
        }
        for finding in &found {
            match judged(document, finding) {
                Some(true) => family.right += 1,
                Some(false) => {
                    family.wrong += 1;
                    let label = format!("{} {}", finding.class, finding.recognizer);
                    self.examples.push(example(
                        "wrong",
                        document,
                        finding.span.start,
                        finding.span.end,
                        label,
                    ));
                }
                None => {}
            }
        }
        Ok(())
    }

    /// All families together.
    pub fn all(&self) -> Counts {
        self.families.values().fold(Counts::default(), |a, b| Counts {
            documents: a.documents + b.documents,
            clean: a.clean + b.clean,
            labelled: a.labelled + b.labelled,
            full: a.full + b.full,
            right: a.right + b.right,
            wrong: a.wrong + b.wrong,
            words: a.words + b.words,
        })
    }
}

/// Whether every letter and digit is covered; the year of a date may be seen.
pub(crate) fn is_full(text: &str, covered: &[bool], span: &Span) -> bool {
    let part = &text[span.start..span.end];
    let years: Vec<_> = if span.label == Label::Date { years(part) } else { Vec::new() };
    part.char_indices()
        .filter(|(_, char)| char.is_alphanumeric())
        .all(|(at, _)| covered[span.start + at] || years.iter().any(|year| (*year..year + 4).contains(&at)))
}

/// Where years of four digits stand.
fn years(part: &str) -> Vec<usize> {
    let bytes = part.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    (0..bytes.len())
        .filter(|at| {
            let year = bytes.get(*at..at + 4).is_some_and(|four| {
                (four.starts_with(b"19") || four.starts_with(b"20")) && four.iter().all(u8::is_ascii_digit)
            });
            year && !digit(at + 4) && !at.checked_sub(1).is_some_and(digit)
        })
        .collect()
}

/// Whether a finding touches an identifier, `None` where it touches only what is neutral.
fn judged(document: &Document, finding: &Finding) -> Option<bool> {
    let touched = |span: &&Span| span.start < finding.span.end && finding.span.start < span.end;
    let mut touched = document.spans.iter().filter(touched).peekable();
    if touched.peek().is_none() {
        return Some(false);
    }
    touched.any(|span| !span.label.is_neutral()).then_some(true)
}

/// What of an identifier is not covered, if some of it is: `  (left: T. )`.
fn left(text: &str, covered: &[bool], span: &Span) -> String {
    let part = &text[span.start..span.end];
    if !covered[span.start..span.end].contains(&true) {
        return String::new();
    }
    let left = part.char_indices().map(|(at, char)| if covered[span.start + at] { ' ' } else { char });
    format!("  (left: {})", left.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" "))
}

fn example(kind: &'static str, document: &Document, start: usize, end: usize, label: String) -> Example {
    let text = document.text.as_str();
    let mut from = start.saturating_sub(60);
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    let mut to = (end + 40).min(text.len());
    while !text.is_char_boundary(to) {
        to += 1;
    }
    let line = format!("{}[[{}]]{}", &text[from..start], &text[start..end], &text[end..to]);
    Example { kind, family: document.family.clone(), label, line: line.replace(['\n', '\r'], "⏎") }
}
