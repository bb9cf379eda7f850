//! How well a detector tells what a text says of health, by labelled development text, and what it finds where nothing
//! of the kind stands.
//!
//! The text: documents parted by lines `@doc`, what tells marked where it stands, `[diagnosis: gout]`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use deid::{DetectError, Detector, Passage, Told};
use terms::HealthClass;

/// A document with what is marked in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// Without the marks.
    pub text: String,
    /// What is marked, in order.
    pub spans: Vec<(Range<usize>, HealthClass)>,
}

/// Reads the documents of a file. A bracket that begins with no class is text.
pub fn read(file: &str) -> Vec<Marked> {
    let mut documents = Vec::new();
    let mut lines: Option<String> = None;
    for line in file.lines() {
        if line.trim() == "@doc" {
            documents.extend(lines.replace(String::new()).map(|text| unmarked(&text)));
        } else if let Some(text) = &mut lines {
            text.push_str(line);
            text.push('\n');
        }
    }
    documents.extend(lines.map(|text| unmarked(&text)));
    documents.retain(|document| !document.text.trim().is_empty());
    documents
}

fn unmarked(marked: &str) -> Marked {
    let mut document = Marked { text: String::new(), spans: Vec::new() };
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once('[') {
        document.text.push_str(before);
        let inside = after.split_once(']').and_then(|(inside, then)| {
            let (class, text) = inside.split_once(':')?;
            Some((class.trim().parse::<HealthClass>().ok()?, text.trim(), then))
        });
        rest = after;
        if let Some((class, text, then)) = inside {
            let start = document.text.len();
            document.text.push_str(text);
            document.spans.push((start..document.text.len(), class));
            rest = then;
        } else {
            document.text.push('[');
        }
    }
    document.text.push_str(rest);
    document
}

/// Counts of one class by one measure.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    marked: usize,
    found: usize,
    told: usize,
    right: usize,
}

impl Counts {
    fn add(&mut self, marked: bool, told: bool) {
        self.marked += usize::from(marked);
        self.told += usize::from(told);
        self.found += usize::from(marked && told);
        self.right += usize::from(marked && told);
    }

    fn share(part: usize, of: usize) -> String {
        if of == 0 { "-".to_owned() } else { format!("{:.1}", 100.0 * part as f64 / of as f64) }
    }
}

/// Figures by class, and examples of errors.
#[derive(Default)]
pub struct HealthReport {
    sentences: BTreeMap<HealthClass, Counts>,
    spans: BTreeMap<HealthClass, Counts>,
    documents: BTreeMap<HealthClass, Counts>,
    /// Each error, for a person to read.
    pub errors: Vec<String>,
}

impl HealthReport {
    /// Tells what `document` tells, and counts.
    ///
    /// # Errors
    /// As the detector.
    pub fn add(&mut self, detector: &Detector, document: &Marked) -> Result<(), DetectError> {
        let told = detector.tells(Passage::prose(&document.text))?;
        let whole = std::iter::once(0..document.text.len()).collect();
        for (counts, units) in
            [(&mut self.sentences, sentences(&document.text)), (&mut self.documents, whole)]
        {
            for unit in units {
                for class in HealthClass::ALL {
                    let marked = document.spans.iter().any(|(span, of)| *of == class && meet(span, &unit));
                    let found = told.iter().any(|one| one.class == class && meet(&one.span, &unit));
                    counts.entry(class).or_default().add(marked, found);
                }
            }
        }
        self.by_span(document, &told);
        Ok(())
    }

    fn by_span(&mut self, document: &Marked, told: &[Told]) {
        for (span, class) in &document.spans {
            let found = told.iter().any(|one| one.class == *class && meet(&one.span, span));
            let counts = self.spans.entry(*class).or_default();
            counts.marked += 1;
            counts.found += usize::from(found);
            if !found {
                let instead = told.iter().find(|one| meet(&one.span, span)).map(|one| one.class.as_str());
                let instead = instead.unwrap_or("nothing");
                self.errors.push(format!("missed {class} ({instead}): {}", around(&document.text, span)));
            }
        }
        for one in told {
            let right =
                document.spans.iter().any(|(span, class)| *class == one.class && meet(&one.span, span));
            let counts = self.spans.entry(one.class).or_default();
            counts.told += 1;
            counts.right += usize::from(right);
            if !right {
                let line = around(&document.text, &one.span);
                self.errors.push(format!("wrong {} {}: {line}", one.class, one.rule));
            }
        }
    }

    /// The figures as a table in Markdown.
    pub fn table(&self) -> String {
        let mut out =
            "| class | sentences: recall / precision | places: recall / precision | documents: recall / \
                       precision | marked places |\n|---|--:|--:|--:|--:|\n"
                .to_owned();
        let mut sums = [Counts::default(); 3];
        let row = |out: &mut String, name: &str, all: [Counts; 3]| {
            let _ = write!(out, "| {name} |");
            for counts in all {
                let (recall, right) =
                    (Counts::share(counts.found, counts.marked), Counts::share(counts.right, counts.told));
                let _ = write!(out, " {recall} / {right} |");
            }
            let _ = writeln!(out, " {} |", all[1].marked);
        };
        for class in HealthClass::ALL {
            let of = |map: &BTreeMap<_, Counts>| map.get(&class).copied().unwrap_or_default();
            let all = [of(&self.sentences), of(&self.spans), of(&self.documents)];
            for (sum, one) in sums.iter_mut().zip(all) {
                sum.marked += one.marked;
                sum.found += one.found;
                sum.told += one.told;
                sum.right += one.right;
            }
            row(&mut out, class.as_str(), all);
        }
        row(&mut out, "all", sums);
        out
    }
}

/// What is told in text that tells nothing of anybody's health: places by class, in lines of their own.
///
/// # Errors
/// As the detector.
pub fn alarms(detector: &Detector, text: &str) -> Result<(u32, BTreeMap<HealthClass, u32>), DetectError> {
    let mut counts = BTreeMap::new();
    let mut words = 0_u32;
    for line in text.lines().filter(|line| !line.starts_with(['@', '#'])) {
        words += u32::try_from(line.split_whitespace().count()).unwrap_or(u32::MAX);
        for one in detector.tells(Passage::prose(line))? {
            *counts.entry(one.class).or_default() += 1;
        }
    }
    Ok((words, counts))
}

fn meet(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Lines, and in them sentences.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    for at in 0..bytes.len() {
        let stop =
            matches!(bytes[at], b'.' | b'!' | b'?') && bytes.get(at + 1).is_some_and(u8::is_ascii_whitespace);
        if bytes[at] == b'\n' || stop {
            if !text[start..at].trim().is_empty() {
                all.push(start..at + 1);
            }
            start = at + 1;
        }
    }
    if !text[start..].trim().is_empty() {
        all.push(start..text.len());
    }
    all
}

fn around(text: &str, span: &Range<usize>) -> String {
    let mut from = span.start.saturating_sub(50);
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    let mut to = (span.end + 30).min(text.len());
    while !text.is_char_boundary(to) {
        to += 1;
    }
    let line = format!("{}[[{}]]{}", &text[from..span.start], &text[span.clone()], &text[span.end..to]);
    line.replace('\n', "⏎")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_and_counted() {
        let file = "about\n@doc\nOn [medication: metformin 500 mg] for [diagnosis: gout] [sic].\n@doc\n\n";
        let documents = read(file);
        assert_eq!(documents.len(), 1);
        let document = &documents[0];
        assert_eq!(document.text, "On metformin 500 mg for gout [sic].\n");
        assert_eq!(document.spans, [(3..19, HealthClass::Medication), (24..28, HealthClass::Diagnosis)]);
        let mut report = HealthReport::default();
        report.add(&Detector::rules(), document).unwrap();
        assert!(report.table().contains("| medication | 100.0 / 100.0 |"), "{}", report.table());
        assert_eq!(report.errors, Vec::<String>::new());
    }

    #[test]
    fn sentences_are_parted() {
        let parts: Vec<_> = sentences("BP 1.2. Next\nlast").into_iter().map(|part| part.len()).collect();
        assert_eq!(parts, [7, 6, 4]);
    }
}
