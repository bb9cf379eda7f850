//! The trained numbers and how they lie in their file.
//!
//! All little-endian, without padding: `CHPT`, the format's version (u32), the model's number (u32), the count of
//! words (u32), how many of them are familiar (u32), and the count of rows (u32); the three shifts (u32); the first layer (i16, a row for each unit) and its bias
//! (i32); the second layer, for each neighbour a row for each unit, and its bias; the last layer and its bias; the words' hashes (u32, row `FIXED + n`);
//! the rows (i8, [`WIDTH`] each).

use wide::i16x8;

use super::features::FIXED;
use super::network::{HIDDEN, NEAR, OUT, SECOND, SLOTS, WIDTH};

/// What the file begins with, and the version of its form.
pub(crate) const FORM: (&[u8; 4], u32) = (b"CHPT", 2);

/// The trained numbers.
pub(crate) struct Weights {
    /// Which training made them.
    pub(crate) number: u32,
    pub(crate) first: Vec<[i16; SLOTS * WIDTH]>,
    pub(crate) first_bias: Vec<i32>,
    pub(crate) first_shift: u32,
    pub(crate) second: Vec<[i16; HIDDEN]>,
    pub(crate) second_bias: Vec<i32>,
    pub(crate) second_shift: u32,
    pub(crate) last: Vec<[i16; SECOND]>,
    pub(crate) last_bias: Vec<i32>,
    pub(crate) last_shift: u32,
    rows: Vec<[i16; WIDTH]>,
    /// The row after those of the words that training met outside of identifiers.
    familiar: usize,
    /// Hash and row of each word of the vocabulary, by open addressing; hash 0 is an empty slot.
    words: Vec<(u32, u32)>,
}

impl Weights {
    /// Reads a file of weights; `None` if it is not whole or of another form.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut file = File(bytes);
        if file.take(4)? != FORM.0 || file.number()? != FORM.1 {
            return None;
        }
        let [number, words, familiar, rows] =
            [file.number()?, file.number()?, file.number()?, file.number()?];
        let [first_shift, second_shift, last_shift] = [file.number()?, file.number()?, file.number()?];
        let (words, rows) = (usize::try_from(words).ok()?, usize::try_from(rows).ok()?);
        let familiar = FIXED + usize::try_from(familiar).ok()?;
        if familiar > rows || rows != FIXED + words || first_shift.max(second_shift).max(last_shift) > 30 {
            return None;
        }
        let first = file.shorts(HIDDEN)?;
        let first_bias = file.longs(HIDDEN)?;
        let second = file.shorts((2 * NEAR + 1) * SECOND)?;
        let second_bias = file.longs(SECOND)?;
        let last = file.shorts(OUT)?;
        let last_bias = file.longs(OUT)?;
        let hashes = file.take(words * 4)?;
        let words = table(hashes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)))?;
        let rows = file.take(rows * WIDTH)?;
        let rows = rows
            .as_chunks::<WIDTH>()
            .0
            .iter()
            .map(|row| row.map(|byte| i16::from(byte.cast_signed())))
            .collect();
        let whole = file.0.is_empty();
        whole.then_some(Self {
            number,
            first,
            first_bias,
            first_shift,
            second,
            second_bias,
            second_shift,
            last,
            last_bias,
            last_shift,
            rows,
            familiar,
            words,
        })
    }

    /// Adds the embedding of `row`.
    #[inline]
    pub(crate) fn add(&self, row: usize, sum: &mut [i16x8; WIDTH / 8]) {
        if let Some(row) = self.rows.get(row) {
            for (sum, values) in sum.iter_mut().zip(row.as_chunks::<8>().0) {
                *sum += i16x8::new(*values);
            }
        }
    }

    /// Whether training met the word of this row outside of identifiers.
    pub(crate) const fn is_familiar(&self, row: usize) -> bool {
        row < self.familiar
    }

    /// The row of the word with this hash, if it has one.
    #[inline]
    pub(crate) fn word(&self, hash: u32) -> Option<usize> {
        let mask = self.words.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match self.words.get(at) {
                Some((found, row)) if *found == hash => return usize::try_from(*row).ok(),
                Some((0, _)) | None => return None,
                Some(_) => at = (at + 1) & mask,
            }
        }
    }
}

/// The words' hashes as a table that is at most half full.
fn table(hashes: impl ExactSizeIterator<Item = u32>) -> Option<Vec<(u32, u32)>> {
    let mut table = vec![(0, 0); (hashes.len() * 2 + 1).next_power_of_two()];
    let mask = table.len() - 1;
    for (row, hash) in (u32::try_from(FIXED).ok()?..).zip(hashes) {
        let mut at = hash as usize & mask;
        while table.get(at)?.0 != 0 {
            at = (at + 1) & mask;
        }
        *table.get_mut(at)? = (hash, row);
    }
    Some(table)
}

struct File<'b>(&'b [u8]);

impl<'b> File<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk::<4>().map(|four| u32::from_le_bytes(*four))
    }

    /// `count` rows of `N`.
    fn shorts<const N: usize>(&mut self, count: usize) -> Option<Vec<[i16; N]>> {
        let numbers = self.take(count * N * 2)?.as_chunks::<2>().0.iter().map(|two| i16::from_le_bytes(*two));
        let numbers: Vec<i16> = numbers.collect();
        Some(numbers.as_chunks::<N>().0.to_vec())
    }

    fn longs(&mut self, count: usize) -> Option<Vec<i32>> {
        Some(self.take(count * 4)?.as_chunks::<4>().0.iter().map(|four| i32::from_le_bytes(*four)).collect())
    }
}
