//! The words that get an embedding of their own: first the familiar ones, those that stand in text and are no
//! identifiers; then all others of which a meaning is known.

use std::collections::HashMap;

use deid::training;

use super::meaning::Meanings;
use crate::generate::{Document, Label};

/// Words rarer than this in the documents read are not familiar.
const LEAST: usize = 4;

/// The words' hashes, in the order of their rows.
pub(super) struct Vocabulary {
    hashes: Vec<u32>,
    familiar: usize,
    places: HashMap<u32, u32>,
    /// For each word where its meaning is, if one is known.
    meanings: Vec<Option<u32>>,
}

/// A word of the vocabulary.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    /// Its row of the table of embeddings.
    pub(super) row: u32,
    /// Whether it was met outside of identifiers; only then the row is learned.
    pub(super) familiar: bool,
    /// Where its meaning is.
    pub(super) meaning: Option<u32>,
}

impl Vocabulary {
    /// The words of `documents` that stand outside identifiers often enough, and those of `meanings`.
    pub(super) fn of(documents: impl Iterator<Item = Document>, meanings: &Meanings) -> Self {
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
        let familiar = hashes.len();
        let mut places: HashMap<u32, u32> = (0..).zip(&hashes).map(|(place, hash)| (*hash, place)).collect();
        for hash in meanings.hashes() {
            places.entry(*hash).or_insert_with(|| {
                hashes.push(*hash);
                hashes.len() as u32 - 1
            });
        }
        let meanings = hashes.iter().map(|hash| meanings.place(*hash)).collect();
        Self { hashes, familiar, places, meanings }
    }

    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// How many words, the first, are familiar.
    pub(super) fn familiar(&self) -> usize {
        self.familiar
    }

    /// What is known of a word.
    pub(super) fn get(&self, hash: u32) -> Option<Entry> {
        let place = *self.places.get(&hash)?;
        Some(Entry {
            row: training::FIXED as u32 + place,
            familiar: (place as usize) < self.familiar,
            meaning: self.meanings[place as usize],
        })
    }

    pub(super) fn hashes(&self) -> &[u32] {
        &self.hashes
    }

    /// Where the meaning of each word is, in the order of the rows.
    pub(super) fn meanings(&self) -> &[Option<u32>] {
        &self.meanings
    }
}
