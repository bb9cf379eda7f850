//! A stream is guarded alike however it is cut: generated text, the guard with the detector that ships.

use std::ops::Range;
use std::path::Path;

use deid::{Detector, OperatingPoint};
use training::generate::{Corpus, Split};
use training::streamed::masked;

/// How much text before and after an identifier is sent with it, in bytes.
const AROUND: usize = 400;

/// The text around a span, and where the span is in it.
fn around(text: &str, span: Range<usize>) -> (&str, Range<usize>) {
    let mut from = span.start.saturating_sub(AROUND);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut to = (span.end + AROUND).min(text.len());
    while !text.is_char_boundary(to) {
        to += 1;
    }
    (text.get(from..to).unwrap_or_default(), span.start - from..span.end - from)
}

/// For every labelled span and every place in it and beside it, two chunks give what one gives.
#[test]
fn a_cut_in_an_identifier_changes_nothing() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/templates_dev"));
    let corpus = Corpus::load(&[folder]).expect("templates load");
    let mut random = fastrand::Rng::with_seed(4);
    let mut cuts = 0;
    for point in [None, Some(OperatingPoint::Balanced)] {
        let detector = point.map_or_else(Detector::rules, Detector::standard);
        for _ in 0..100 {
            let document = corpus.document(&mut random, Split::Dev);
            let text = document.text.as_str();
            for span in &document.spans {
                let (text, span) = around(text, span.start..span.end);
                let whole = masked(&detector, [text]);
                for at in (span.start..=span.end).filter(|at| text.is_char_boundary(*at)) {
                    let (before, after) = text.split_at(at);
                    assert_eq!(masked(&detector, [before, after]), whole, "{} at {at}", document.family);
                    cuts += 1;
                }
            }
        }
    }
    assert!(cuts > 5_000, "{cuts}");
}
