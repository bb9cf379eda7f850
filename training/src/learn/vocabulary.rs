//! The words that get an embedding of their own: those that stand in text and are no identifiers.

use std::collections::HashMap;

use deid::training;

use crate::generate::{Document, Label};

/// Words rarer than this in the documents read have no embedding of their own.
const LEAST: usize = 4;

/// The words' hashes, in the order of their rows.
pub(super) struct Vocabulary {
    hashes: Vec<u32>,
    places: HashMap<u32, u32>,
}

impl Vocabulary {
    /// The words of `documents` that stand outside identifiers often enough.
    pub(super) fn of(documents: impl Iterator<Item = Document>) -> Self {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        for document in documents {
            for word in training::words(&document.text) {
                let inside = document.spans.iter().any(|span| {
                    span.label != Label::Other && span.start < word.span.end && word.span.start < span.end
                });
                if let Some(hash) = word.spelling.filter(|_| !inside) {
                    *counts.entry(hash).or_default() += 1;
                }
            }
        }
        let mut hashes: Vec<u32> =
            counts.into_iter().filter(|(_, count)| *count >= LEAST).map(|(hash, _)| hash).collect();
        hashes.sort_unstable();
        let places = (0..).zip(&hashes).map(|(place, hash)| (*hash, place)).collect();
        Self { hashes, places }
    }

    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// The row of a word in the table of embeddings.
    pub(super) fn row(&self, hash: u32) -> u32 {
        let row = self.places.get(&hash).map(|place| training::FIXED as u32 + place);
        row.unwrap_or(training::UNKNOWN as u32)
    }

    pub(super) fn hashes(&self) -> &[u32] {
        &self.hashes
    }
}
