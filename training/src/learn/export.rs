//! The learned numbers as whole numbers, in the form that `deid` reads.

use deid::training::{CEILING, FIXED, FORM, HIDDEN, NEAR, OUT, SECOND, SLOTS, WIDTH};

use super::network::{self, Network};
use super::vocabulary::Vocabulary;

/// What one stands for in a hidden layer.
const UNIT: f32 = (CEILING as f32 + 1.0) / network::CEILING;
/// Scores are in 256ths of a nat.
const SCORE: f32 = 256.0;
/// The largest weight of a layer.
const LARGEST: f32 = 2047.0;

/// The file's bytes.
pub(super) fn bytes(network: &Network<'_>, vocabulary: &Vocabulary, number: u32) -> Vec<u8> {
    let rows = rows(network, vocabulary);
    let most = rows.iter().flatten().fold(0.0_f32, |most, value| most.max(value.abs()));
    let embedding = 127.0 / most;
    let first =
        Layer::of(&network.first.values, &network.first_bias.values, SLOTS * WIDTH, HIDDEN, embedding, UNIT);
    let beside = (2 * NEAR + 1) * HIDDEN;
    let second = Layer::of(&network.second.values, &network.second_bias.values, beside, SECOND, UNIT, UNIT);
    let second = second.by_neighbour();
    let last = Layer::of(&network.last.values, &network.last_bias.values, SECOND, OUT, UNIT, SCORE);
    let mut out = FORM.0.to_vec();
    let counts = [vocabulary.len(), vocabulary.familiar(), rows.len()];
    out.extend(FORM.1.to_le_bytes());
    out.extend(number.to_le_bytes());
    out.extend(counts.iter().flat_map(|count| (*count as u32).to_le_bytes()));
    out.extend([&first, &second, &last].iter().flat_map(|layer| layer.shift.to_le_bytes()));
    for layer in [&first, &second, &last] {
        out.extend(layer.weights.iter().flat_map(|weight| weight.to_le_bytes()));
        out.extend(layer.bias.iter().flat_map(|bias| bias.to_le_bytes()));
    }
    out.extend(vocabulary.hashes().iter().flat_map(|hash| hash.to_le_bytes()));
    out.extend(rows.iter().flatten().map(|value| ((value * embedding).round() as i8).cast_unsigned()));
    out
}

/// The table of embeddings.
fn rows(network: &Network<'_>, vocabulary: &Vocabulary) -> Vec<[f32; WIDTH]> {
    let words = (0..).zip(vocabulary.meanings()).map(|(place, meaning)| {
        let row = Some((FIXED + place) as u32).filter(|_| place < vocabulary.familiar());
        network.word(row, *meaning)
    });
    network.embedding.values.iter().take(FIXED).copied().chain(words).collect()
}

/// A layer: a row of weights for each output.
struct Layer {
    weights: Vec<i16>,
    bias: Vec<i32>,
    shift: u32,
}

impl Layer {
    /// `from` and `to`: what one stands for before and after.
    fn of(weights: &[f32], bias: &[f32], inputs: usize, outputs: usize, from: f32, to: f32) -> Self {
        let most = weights.iter().fold(1e-6_f32, |most, weight| most.max(weight.abs()));
        let scale = |shift: i32| to * 2.0_f32.powi(shift) / from;
        let shift = (0..24).rev().find(|shift| most * scale(*shift) <= LARGEST).unwrap_or(0);
        let scale = scale(shift);
        let rows = (0..outputs).flat_map(|output| (0..inputs).map(move |input| input * outputs + output));
        Self {
            weights: rows.map(|at| (weights[at] * scale).round() as i16).collect(),
            bias: bias.iter().map(|bias| (bias * scale * from).round() as i32).collect(),
            shift: shift.unsigned_abs(),
        }
    }

    /// The second layer's rows, for each neighbour a row for each unit.
    fn by_neighbour(self) -> Self {
        let places = (0..=2 * NEAR).flat_map(|near| (0..SECOND).map(move |unit| (near, unit)));
        let from = |(near, unit)| unit * (2 * NEAR + 1) * HIDDEN + near * HIDDEN;
        let weights = places.flat_map(|place| &self.weights[from(place)..from(place) + HIDDEN]).copied();
        Self { weights: weights.collect(), ..self }
    }
}
