//! What words mean, as others learned it from much text: a point for each, near those of words that stand in the same
//! places. So the model knows how to read a word that no template holds.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use deid::training;

/// What stands for one in the file.
const UNIT: f32 = 127.0;

/// Points of words.
pub(super) struct Meanings {
    hashes: Vec<u32>,
    places: HashMap<u32, u32>,
    dimensions: usize,
    points: Vec<f32>,
}

impl Meanings {
    /// Reads `words.txt` and `points.bin` (a byte with a sign for each dimension, a word after the other) of a folder.
    ///
    /// # Errors
    /// If they cannot be read, or do not belong together.
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        let words = std::fs::read_to_string(folder.join("words.txt"))?;
        let points = std::fs::read(folder.join("points.bin"))?;
        let words: Vec<&str> = words.lines().collect();
        let dimensions = points.len().checked_div(words.len()).unwrap_or(0);
        if dimensions == 0 || dimensions * words.len() != points.len() {
            return Err(io::Error::other("words and points of meanings do not belong together"));
        }
        let hashes = words.iter().map(|word| training::spelling(word)).collect::<Option<Vec<u32>>>();
        let hashes = hashes.ok_or_else(|| io::Error::other("a line of the meanings' words is no word"))?;
        let places = (0..).zip(&hashes).map(|(place, hash)| (*hash, place)).collect();
        let points = points.iter().map(|byte| f32::from(byte.cast_signed()) / UNIT).collect();
        Ok(Self { hashes, places, dimensions, points })
    }

    pub(super) fn hashes(&self) -> &[u32] {
        &self.hashes
    }

    pub(super) fn place(&self, hash: u32) -> Option<u32> {
        self.places.get(&hash).copied()
    }

    pub(super) fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The point at `place`.
    pub(super) fn point(&self, place: u32) -> &[f32] {
        let from = place as usize * self.dimensions;
        &self.points[from..from + self.dimensions]
    }
}
