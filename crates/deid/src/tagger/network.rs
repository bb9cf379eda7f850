//! The arithmetic of the model, in whole numbers throughout, so that every machine gives the same answer.

use super::multiply;
use super::weights::Weights;

/// Width of an embedding.
pub(crate) const WIDTH: usize = 32;
/// Words to either side that are read for one word.
pub(crate) const SIDE: usize = 5;
/// Embeddings that are read for one word: itself, its neighbours, and the head of the line.
pub(crate) const SLOTS: usize = 2 * SIDE + 2;
/// Width of the first layer.
pub(crate) const HIDDEN: usize = 96;
/// Words asked about to either side that the second layer reads.
pub(crate) const NEAR: usize = 2;
/// Width of the second layer.
pub(crate) const SECOND: usize = 48;
/// Nothing, each class of identifier, an employer, whether an identifier begins, and two that mean nothing.
pub(crate) const OUT: usize = 24;
/// How many words apart two words asked about may stand to be neighbours.
pub(crate) const APART: usize = 4;
/// The most that a unit of the hidden layers gives.
pub(crate) const CEILING: i32 = 1023;

/// What a unit of a hidden layer gives for its sum: between nothing and the most.
#[inline]
fn given(sum: i32, shift: u32) -> i16 {
    i16::try_from((sum >> shift).clamp(0, CEILING)).unwrap_or(0)
}

/// The first layer for the word at `at`: `embedded` has `SIDE` empty embeddings before the first word and after
/// the last.
pub(crate) fn first(weights: &Weights, embedded: &[i16], at: usize, head: usize) -> [i16; HIDDEN] {
    let mut input = [0; SLOTS * WIDTH];
    let window = embedded.get(at * WIDTH..(at + SLOTS - 1) * WIDTH).unwrap_or_default();
    let head = embedded.get((head + SIDE) * WIDTH..(head + SIDE + 1) * WIDTH).unwrap_or_default();
    for (place, value) in input.iter_mut().zip(window.iter().chain(head)) {
        *place = *value;
    }
    let mut sums = [0; HIDDEN];
    begin(&mut sums, &weights.first_bias);
    multiply::add(&weights.first, &input, &mut sums);
    sums.map(|sum| given(sum, weights.first_shift))
}

/// Sums begin with the bias.
fn begin(sums: &mut [i32], bias: &[i32]) {
    sums.iter_mut().zip(bias).for_each(|(sum, bias)| *sum = *bias);
}

/// The scores for a word from the first layers of it and its neighbours, of which some are none.
pub(crate) fn second(weights: &Weights, near: [Option<&[i16; HIDDEN]>; 2 * NEAR + 1]) -> [i32; OUT] {
    let mut sums = [0; SECOND];
    begin(&mut sums, &weights.second_bias);
    for (near, rows) in near.iter().zip(weights.second.as_chunks::<SECOND>().0) {
        if let Some(near) = near {
            multiply::add(rows, near, &mut sums);
        }
    }
    let hidden = sums.map(|sum| given(sum, weights.second_shift));
    let mut out = [0; OUT];
    begin(&mut out, &weights.last_bias);
    multiply::add(&weights.last, &hidden, &mut out);
    out.map(|sum| sum >> weights.last_shift)
}
