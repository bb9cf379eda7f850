//! The arithmetic of the model, in whole numbers throughout, so that every machine gives the same answer.

use wide::{i16x8, i32x4};

use super::weights::Weights;

/// Width of an embedding.
pub(crate) const WIDTH: usize = 32;
/// Words to either side that are read for one word.
pub(crate) const SIDE: usize = 5;
/// Embeddings that are read for one word: itself, its neighbours, and the head of the line.
pub(crate) const SLOTS: usize = 2 * SIDE + 2;
/// Width of the first layer.
pub(crate) const HIDDEN: usize = 64;
/// Words asked about to either side that the second layer reads.
pub(crate) const NEAR: usize = 2;
/// Width of the second layer.
pub(crate) const SECOND: usize = 32;
/// Nothing, each class of identifier, an employer, whether an identifier begins, and two that mean nothing.
pub(crate) const OUT: usize = 24;
/// How many words apart two words asked about may stand to be neighbours.
pub(crate) const APART: usize = 4;
/// The most that a unit of the hidden layers gives.
pub(crate) const CEILING: i32 = 1023;

/// Rows that are multiplied together, so that the input is read once for all.
const AT_ONCE: usize = 4;

/// Adds to each sum the products of its row and the input, side by side. The rows' length is a multiple of eight.
#[inline]
fn multiply<const N: usize>(sums: &mut [i32x4; AT_ONCE], rows: &[[i16; N]; AT_ONCE], input: &[i16; N]) {
    const { assert!(N.is_multiple_of(8)) };
    let [a, b, c, d] = rows.each_ref().map(|row| row.as_chunks::<8>().0.iter());
    for ((((input, a), b), c), d) in input.as_chunks::<8>().0.iter().zip(a).zip(b).zip(c).zip(d) {
        let input = i16x8::new(*input);
        for (sum, weights) in sums.iter_mut().zip([a, b, c, d]) {
            *sum += i16x8::new(*weights).dot(input);
        }
    }
}

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
    let mut out = [0; HIDDEN];
    let groups =
        weights.first.as_chunks::<AT_ONCE>().0.iter().zip(weights.first_bias.as_chunks::<AT_ONCE>().0);
    for (out, (rows, bias)) in out.as_chunks_mut::<AT_ONCE>().0.iter_mut().zip(groups) {
        let mut sums = [i32x4::ZERO; AT_ONCE];
        multiply(&mut sums, rows, &input);
        for ((out, sum), bias) in out.iter_mut().zip(sums).zip(bias) {
            *out = given(sum.reduce_add() + bias, weights.first_shift);
        }
    }
    out
}

/// The scores for a word from the first layers of it and its neighbours, of which some are none.
pub(crate) fn second(weights: &Weights, near: [Option<&[i16; HIDDEN]>; 2 * NEAR + 1]) -> [i32; OUT] {
    let mut sums = [[i32x4::ZERO; AT_ONCE]; SECOND / AT_ONCE];
    for (near, rows) in near.iter().zip(weights.second.as_chunks::<SECOND>().0) {
        if let Some(near) = near {
            let groups = rows.as_chunks::<AT_ONCE>().0;
            sums.iter_mut().zip(groups).for_each(|(sums, rows)| multiply(sums, rows, near));
        }
    }
    let mut hidden = [0; SECOND];
    for ((hidden, sum), bias) in hidden.iter_mut().zip(sums.as_flattened()).zip(&weights.second_bias) {
        *hidden = given(sum.reduce_add() + bias, weights.second_shift);
    }
    let mut out = [0; OUT];
    let groups = weights.last.as_chunks::<AT_ONCE>().0.iter().zip(weights.last_bias.as_chunks::<AT_ONCE>().0);
    for (out, (rows, bias)) in out.as_chunks_mut::<AT_ONCE>().0.iter_mut().zip(groups) {
        let mut sums = [i32x4::ZERO; AT_ONCE];
        multiply(&mut sums, rows, &hidden);
        for ((out, sum), bias) in out.iter_mut().zip(sums).zip(bias) {
            *out = (sum.reduce_add() + bias) >> weights.last_shift;
        }
    }
    out
}
