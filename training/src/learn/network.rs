//! The model with fractions, forwards and backwards. The order of every sum is fixed, so that a training can be
//! repeated to the bit.

use std::collections::BTreeSet;

use deid::training::{APART, BEGINS, FIXED, HIDDEN, NEAR, OUT, SECOND, SIDE, SLOTS, WIDTH};

use super::adjust::{Adjusted, Rates, Rows};
use super::meaning::Meanings;
use super::sample::{Sample, Target};

/// The most that a unit gives.
pub(super) const CEILING: f32 = 8.0;
const INPUT: usize = SLOTS * WIDTH;
const BESIDE: usize = (2 * NEAR + 1) * HIDDEN;

/// All parameters; matrices lie by input, then output.
pub(super) struct Network<'m> {
    meanings: &'m Meanings,
    /// From a meaning to an embedding.
    project: Adjusted,
    pub(super) embedding: Rows<WIDTH>,
    pub(super) first: Adjusted,
    pub(super) first_bias: Adjusted,
    pub(super) second: Adjusted,
    pub(super) second_bias: Adjusted,
    pub(super) last: Adjusted,
    pub(super) last_bias: Adjusted,
    touched: BTreeSet<u32>,
    count: usize,
}

/// What one document went through.
struct Pass {
    /// Embeddings of the words, with room before and after.
    embedded: Vec<f32>,
    inputs: Vec<[f32; INPUT]>,
    first: Vec<[f32; HIDDEN]>,
    beside: Vec<[f32; BESIDE]>,
    second: Vec<[f32; SECOND]>,
    out: Vec<[f32; OUT]>,
}

impl<'m> Network<'m> {
    /// `familiar`: how many words have a row of their own.
    pub(super) fn new(familiar: usize, meanings: &'m Meanings, random: &mut fastrand::Rng) -> Self {
        let mut some = |count: usize, size: f32| {
            Adjusted::new((0..count).map(|_| (random.f32() * 2.0 - 1.0) * size).collect())
        };
        let root = |inputs: usize| (3.0 / inputs as f32).sqrt();
        let first = some(INPUT * HIDDEN, root(INPUT));
        let second = some(BESIDE * SECOND, root(BESIDE));
        let last = some(SECOND * OUT, root(SECOND));
        let project = some(meanings.dimensions() * WIDTH, 0.1);
        let embedding = (0..FIXED + familiar).map(|_| std::array::from_fn(|_| (random.f32() - 0.5) * 0.2));
        Self {
            meanings,
            project,
            embedding: Rows::new(embedding.collect()),
            first,
            first_bias: Adjusted::new(vec![0.0; HIDDEN]),
            second,
            second_bias: Adjusted::new(vec![0.0; SECOND]),
            last,
            last_bias: Adjusted::new(vec![0.0; OUT]),
            touched: BTreeSet::new(),
            count: 0,
        }
    }

    fn pass(&self, sample: &Sample) -> Pass {
        let mut embedded = vec![0.0; (sample.ends.len() + 2 * SIDE) * WIDTH];
        let mut from = 0;
        for (sum, end) in embedded[SIDE * WIDTH..].chunks_exact_mut(WIDTH).zip(&sample.ends) {
            for row in &sample.rows[from..*end] {
                let row = self.embedding.get(*row);
                sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
            from = *end;
        }
        let places = embedded[SIDE * WIDTH..].as_chunks_mut::<WIDTH>().0.iter_mut();
        for (place, meaning) in places.zip(&sample.meanings) {
            if let Some(meaning) = meaning {
                spread(place, &self.project.values, self.meanings.point(*meaning));
            }
        }
        let mut pass = Pass {
            embedded,
            inputs: Vec::new(),
            first: Vec::new(),
            beside: Vec::new(),
            second: Vec::new(),
            out: Vec::new(),
        };
        for (at, _) in &sample.asked {
            let mut input = [0.0; INPUT];
            let head = (sample.heads[*at] as usize + SIDE) * WIDTH;
            input[..INPUT - WIDTH].copy_from_slice(&pass.embedded[at * WIDTH..(at + SLOTS - 1) * WIDTH]);
            input[INPUT - WIDTH..].copy_from_slice(&pass.embedded[head..head + WIDTH]);
            pass.first.push(forward(&self.first.values, &self.first_bias.values, &input));
            pass.inputs.push(input);
        }
        for n in 0..sample.asked.len() {
            let mut beside = [0.0; BESIDE];
            for (other, slot) in neighbours(sample, n) {
                beside[slot * HIDDEN..(slot + 1) * HIDDEN].copy_from_slice(&pass.first[other]);
            }
            let second: [f32; SECOND] = forward(&self.second.values, &self.second_bias.values, &beside);
            let mut out = [0.0; OUT];
            out.copy_from_slice(&self.last_bias.values);
            spread(&mut out, &self.last.values, &second);
            pass.beside.push(beside);
            pass.second.push(second);
            pass.out.push(out);
        }
        pass
    }

    /// Adds what a document teaches to what the next [`Self::adjust`] does. Its loss, and over how many words.
    pub(super) fn learn(&mut self, sample: &Sample) -> (f32, usize) {
        let pass = self.pass(sample);
        let count = sample.asked.len();
        let mut back_first = vec![[0.0; HIDDEN]; count];
        let mut loss = 0.0;
        for n in 0..count {
            let (value, wrong) = loss_of(&pass.out[n], sample.asked[n].1);
            loss += value;
            let mut back = [0.0; SECOND];
            self.last.teach(&pass.second[n], &wrong, &mut back);
            self.last_bias.teach_bias(&wrong);
            gate(&mut back, &pass.second[n]);
            let mut beside = [0.0; BESIDE];
            self.second.teach(&pass.beside[n], &back, &mut beside);
            self.second_bias.teach_bias(&back);
            for (other, slot) in neighbours(sample, n) {
                let part = &beside[slot * HIDDEN..(slot + 1) * HIDDEN];
                back_first[other].iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
            }
        }
        let mut back_embedded = vec![0.0; pass.embedded.len()];
        for (n, back) in back_first.iter_mut().enumerate() {
            gate(back, &pass.first[n]);
            let mut input = [0.0; INPUT];
            self.first.teach(&pass.inputs[n], back, &mut input);
            self.first_bias.teach_bias(back);
            let at = sample.asked[n].0;
            let head = (sample.heads[at] as usize + SIDE) * WIDTH;
            add(&mut back_embedded[at * WIDTH..(at + SLOTS - 1) * WIDTH], &input[..INPUT - WIDTH]);
            add(&mut back_embedded[head..head + WIDTH], &input[INPUT - WIDTH..]);
        }
        let backs = back_embedded[SIDE * WIDTH..].as_chunks::<WIDTH>().0.iter();
        for (back, meaning) in backs.zip(&sample.meanings) {
            if let Some(meaning) = meaning.filter(|_| back.iter().any(|back| *back != 0.0)) {
                self.project.teach_rows(self.meanings.point(meaning), back);
            }
        }
        let mut from = 0;
        for (back, end) in back_embedded[SIDE * WIDTH..].chunks_exact(WIDTH).zip(&sample.ends) {
            for row in &sample.rows[from..*end] {
                add(self.embedding.wrong(*row), back);
                self.touched.insert(*row);
            }
            from = *end;
        }
        self.count += count;
        (loss, count)
    }

    /// Moves all parameters by what was learned since the last time.
    pub(super) fn adjust(&mut self, rates: Rates) {
        let scale = 1.0 / self.count.max(1) as f32;
        for matrix in [&mut self.project, &mut self.first, &mut self.second, &mut self.last] {
            matrix.adjust(rates, scale, true);
        }
        for bias in [&mut self.first_bias, &mut self.second_bias, &mut self.last_bias] {
            bias.adjust(rates, scale, false);
        }
        self.embedding.adjust(rates, scale, &self.touched);
        self.touched.clear();
        self.count = 0;
    }

    /// The embedding of a word: what was learned of it itself, if it is familiar, and what its meaning says.
    pub(super) fn word(&self, row: Option<u32>, meaning: Option<u32>) -> [f32; WIDTH] {
        let mut sum = row.map_or([0.0; WIDTH], |row| *self.embedding.get(row));
        if let Some(meaning) = meaning {
            spread(&mut sum, &self.project.values, self.meanings.point(meaning));
        }
        sum
    }

    /// How often the best output is right, as text: of identifiers, and of what is none.
    pub(super) fn right(&self, samples: &[Sample]) -> String {
        let mut right = [[0_usize; 2]; 2];
        for sample in samples {
            let pass = self.pass(sample);
            for (out, (_, target)) in pass.out.iter().zip(&sample.asked) {
                if target.weight == 0.0 {
                    continue;
                }
                let best = (0..BEGINS).max_by(|a, b| out[*a].total_cmp(&out[*b])).unwrap_or(0);
                let kind = usize::from(target.class != 0);
                right[kind][0] += 1;
                right[kind][1] += usize::from((best != 0) == (target.class != 0));
            }
        }
        let share = |[all, right]: [usize; 2]| 100.0 * right as f64 / all.max(1) as f64;
        format!("{:.2} % of identifiers' words, {:.3} % of others", share(right[1]), share(right[0]))
    }
}

/// The words asked about that have a say about the `n`th, and their slots.
fn neighbours(sample: &Sample, n: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    let at = sample.asked[n].0;
    (0..=2 * NEAR).filter_map(move |slot| {
        let other = (n + slot).checked_sub(NEAR)?;
        (sample.asked.get(other)?.0.abs_diff(at) <= APART).then_some((other, slot))
    })
}

fn forward<const IN: usize, const OF: usize>(weights: &[f32], bias: &[f32], input: &[f32; IN]) -> [f32; OF] {
    let mut out = [0.0; OF];
    out.copy_from_slice(bias);
    spread(&mut out, weights, input);
    out.map(|value| value.clamp(0.0, CEILING))
}

/// Adds the product of the matrix and the input.
fn spread<const OF: usize>(out: &mut [f32; OF], weights: &[f32], input: &[f32]) {
    for (value, row) in input.iter().zip(weights.as_chunks::<OF>().0) {
        if *value != 0.0 {
            out.iter_mut().zip(row).for_each(|(out, weight)| *out += value * weight);
        }
    }
}

/// Nothing goes back through a unit that gave nothing, or the most.
fn gate(back: &mut [f32], given: &[f32]) {
    for (back, given) in back.iter_mut().zip(given) {
        if *given <= 0.0 || *given >= CEILING {
            *back = 0.0;
        }
    }
}

fn add(sum: &mut [f32], more: &[f32]) {
    sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// Cross entropy over the classes and, inside an identifier, of whether it begins; and what goes back.
fn loss_of(out: &[f32; OUT], target: Target) -> (f32, [f32; OUT]) {
    let mut wrong = [0.0; OUT];
    if target.weight == 0.0 {
        return (0.0, wrong);
    }
    let most = out[..BEGINS].iter().copied().fold(f32::MIN, f32::max);
    let mut sum = 0.0;
    for (wrong, out) in wrong.iter_mut().zip(&out[..BEGINS]) {
        *wrong = libm::expf(out - most);
        sum += *wrong;
    }
    for wrong in &mut wrong[..BEGINS] {
        *wrong /= sum;
    }
    let mut loss = -libm::logf(wrong[target.class].max(1e-9));
    wrong[target.class] -= 1.0;
    if target.class != 0 {
        let begins = 1.0 / (1.0 + libm::expf(-out[BEGINS]));
        let right = f32::from(u8::from(target.begins));
        wrong[BEGINS] = 0.5 * (begins - right);
        loss -= 0.5 * libm::logf(if target.begins { begins } else { 1.0 - begins }.max(1e-9));
    }
    (loss * target.weight, wrong.map(|wrong| wrong * target.weight))
}
