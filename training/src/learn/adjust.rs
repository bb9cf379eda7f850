//! Parameters that learn: Adam (Kingma and Ba, 2015) for the layers, and the same row by row for the embeddings.

use std::collections::BTreeSet;

const FIRST: f32 = 0.9;
const SECOND: f32 = 0.999;
const TINY: f32 = 1e-8;
/// No weight of a layer grows beyond.
const LARGEST: f32 = 3.0;
/// No number of an embedding grows beyond.
const LARGEST_ROW: f32 = 1.0;

/// How far one adjustment goes.
#[derive(Clone, Copy)]
pub(super) struct Rates {
    rate: f32,
    step: i32,
}

impl Rates {
    /// Up within the first fiftieth, then down to nothing.
    pub(super) fn at(step: usize, steps: usize) -> Self {
        let part = step as f32 / steps.max(1) as f32;
        let rate = if part < 0.02 { part / 0.02 } else { (1.0 - part) / 0.98 };
        Self { rate: 0.003 * rate.max(0.01), step: i32::try_from(step + 1).unwrap_or(i32::MAX) }
    }
}

/// Numbers with what was learned about them.
pub(super) struct Adjusted {
    pub(super) values: Vec<f32>,
    wrong: Vec<f32>,
    mean: Vec<f32>,
    square: Vec<f32>,
}

impl Adjusted {
    pub(super) fn new(values: Vec<f32>) -> Self {
        let none = vec![0.0; values.len()];
        Self { values, wrong: none.clone(), mean: none.clone(), square: none }
    }

    /// For a matrix: notes what `back` says about it, given `input`, and passes it on to `before`.
    pub(super) fn teach<const OF: usize>(&mut self, input: &[f32], back: &[f32; OF], before: &mut [f32]) {
        let rows = self.values.as_chunks::<OF>().0.iter().zip(self.wrong.as_chunks_mut::<OF>().0);
        for ((value, before), (row, wrong)) in input.iter().zip(before).zip(rows) {
            if *value != 0.0 {
                wrong.iter_mut().zip(back).for_each(|(wrong, back)| *wrong += value * back);
            }
            *before += dot(row, back);
        }
    }

    /// The same where nothing goes back farther.
    pub(super) fn teach_rows<const OF: usize>(&mut self, input: &[f32], back: &[f32; OF]) {
        for (value, wrong) in input.iter().zip(self.wrong.as_chunks_mut::<OF>().0) {
            wrong.iter_mut().zip(back).for_each(|(wrong, back)| *wrong += value * back);
        }
    }

    /// For a bias.
    pub(super) fn teach_bias(&mut self, back: &[f32]) {
        self.wrong.iter_mut().zip(back).for_each(|(wrong, back)| *wrong += back);
    }

    /// Moves by what was learned; `limited` keeps weights small enough for whole numbers.
    pub(super) fn adjust(&mut self, rates: Rates, scale: f32, limited: bool) {
        let moments = self.mean.iter_mut().zip(&mut self.square);
        for ((value, wrong), (mean, square)) in self.values.iter_mut().zip(&mut self.wrong).zip(moments) {
            *value -= adam(rates, *wrong * scale, mean, square);
            *wrong = 0.0;
            if limited {
                *value = value.clamp(-LARGEST, LARGEST);
            }
        }
    }
}

fn adam(rates: Rates, wrong: f32, mean: &mut f32, square: &mut f32) -> f32 {
    *mean += (1.0 - FIRST) * (wrong - *mean);
    *square += (1.0 - SECOND) * (wrong * wrong - *square);
    let mean = *mean / (1.0 - FIRST.powi(rates.step));
    let square = *square / (1.0 - SECOND.powi(rates.step));
    rates.rate * mean / (square.sqrt() + TINY)
}

/// Eight sums side by side, added in a fixed order.
fn dot<const OF: usize>(a: &[f32; OF], b: &[f32; OF]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (eights, rest) = a.as_chunks::<8>();
    let (others, tail) = b.as_chunks::<8>();
    for (a, b) in eights.iter().zip(others) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f32 = rest.iter().zip(tail).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// Rows of which each adjustment moves only those that were used.
pub(super) struct Rows<const W: usize> {
    pub(super) values: Vec<[f32; W]>,
    wrong: Vec<[f32; W]>,
    /// How much each number has moved so far, squared (Duchi et al., 2011).
    moved: Vec<[f32; W]>,
}

impl<const W: usize> Rows<W> {
    pub(super) fn new(values: Vec<[f32; W]>) -> Self {
        let none = vec![[0.0; W]; values.len()];
        Self { values, wrong: none.clone(), moved: none }
    }

    pub(super) fn get(&self, row: u32) -> &[f32; W] {
        &self.values[row as usize]
    }

    pub(super) fn wrong(&mut self, row: u32) -> &mut [f32; W] {
        &mut self.wrong[row as usize]
    }

    pub(super) fn adjust(&mut self, rates: Rates, scale: f32, touched: &BTreeSet<u32>) {
        for row in touched {
            let row = *row as usize;
            let numbers = self.values[row].iter_mut().zip(&mut self.wrong[row]).zip(&mut self.moved[row]);
            for ((value, wrong), moved) in numbers {
                let slope = *wrong * scale * 1000.0;
                *moved += slope * slope;
                *value -= 8.0 * rates.rate * slope / (moved.sqrt() + 1.0);
                *value = value.clamp(-LARGEST_ROW, LARGEST_ROW);
                *wrong = 0.0;
            }
        }
    }
}
