//! The training of the model that ships in `crates/deid`: reads generated documents, learns, writes the weights.

mod adjust;
mod export;
mod meaning;
mod network;
mod sample;
mod vocabulary;

use std::io::{self, Write};
use std::path::Path;

use crate::generate::{Corpus, Split};
use adjust::Rates;
use meaning::Meanings;
use network::Network;
use sample::Sample;
use vocabulary::Vocabulary;

/// How long and how fast it learns.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Documents that are learned from; each is new.
    pub documents: usize,
    /// Documents whose words make the vocabulary.
    pub words_from: usize,
    /// Documents between two adjustments.
    pub batch: usize,
    /// Everything random follows from it.
    pub seed: u64,
    /// What the file of weights is numbered.
    pub number: u32,
}

/// Learns, with the meanings of words in a folder, and writes the weights to `out`. The same plan and templates give the same bytes.
///
/// # Errors
/// If `meanings` cannot be read or `out` cannot be written.
pub fn run(corpus: &Corpus, meanings: &Path, plan: Plan, out: &Path, log: &mut dyn Write) -> io::Result<()> {
    let meanings = &Meanings::read(meanings)?;
    let mut random = fastrand::Rng::with_seed(plan.seed);
    let documents = (0..plan.words_from).map(|_| corpus.document(&mut random, Split::Train));
    let vocabulary = Vocabulary::of(documents, meanings);
    writeln!(log, "{} words in the vocabulary, {} familiar", vocabulary.len(), vocabulary.familiar())?;
    let mut network = Network::new(vocabulary.familiar(), meanings, &mut random);
    let mut held: Vec<Sample> = Vec::new();
    let mut dev = fastrand::Rng::with_seed(plan.seed ^ 0xdead);
    held.extend((0..400).map(|_| Sample::plain(&corpus.document(&mut dev, Split::Dev), &vocabulary)));
    let steps = plan.documents.div_ceil(plan.batch);
    let mut loss = Mean::default();
    for step in 0..steps {
        for _ in 0..plan.batch {
            let document = corpus.document(&mut random, Split::Train);
            let sample = Sample::varied(&document, &vocabulary, &mut random);
            loss.add(network.learn(&sample));
        }
        network.adjust(Rates::at(step, steps));
        if (step + 1) % (steps / 20).max(1) == 0 {
            let right = network.right(&held);
            writeln!(
                log,
                "{:>3} % of {} documents, loss {:.4}; held out: {right}",
                100 * (step + 1) / steps,
                plan.documents,
                loss.take()
            )?;
            log.flush()?;
        }
    }
    std::fs::write(out, export::bytes(&network, &vocabulary, plan.number))
}

/// A mean that is kept up.
#[derive(Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, (sum, count): (f32, usize)) {
        self.sum += f64::from(sum);
        self.count += count as f64;
    }

    fn take(&mut self) -> f64 {
        let mean = self.sum / self.count.max(1.0);
        *self = Self::default();
        mean
    }
}
