//! Measures detection: `cargo run --release -p deid --example speed < text`. The text is cut into pieces of 1 KB and
//! of 32 KB; the median time of a piece is printed for each.

use std::error::Error;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use deid::{Detector, Known, Passage};

const ROUNDS: usize = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let detector = Detector::rules();
    let known = Known::none();
    let mut out = std::io::stdout().lock();
    detector.detect(Passage::prose(&text), &known)?;
    for size in [1024, 32 * 1024] {
        let pieces = pieces(&text, size);
        let (mut times, mut findings) = (Vec::new(), 0);
        for piece in &pieces {
            let mut best = Duration::MAX;
            for _ in 0..ROUNDS {
                let start = Instant::now();
                let found = detector.detect(Passage::prose(piece), &known)?.len();
                best = best.min(start.elapsed());
                std::hint::black_box(found);
            }
            findings += detector.detect(Passage::prose(piece), &known)?.len();
            times.push(best);
        }
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        let worst = times.last().copied().unwrap_or_default();
        writeln!(
            out,
            "{size} bytes: {} pieces, {findings} findings, median {median:?}, worst {worst:?}",
            pieces.len()
        )?;
    }
    Ok(())
}

/// Pieces of about `size` bytes.
fn pieces(text: &str, size: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() >= size {
        let Some((piece, after)) = (size..rest.len()).find_map(|at| rest.split_at_checked(at)) else { break };
        pieces.push(piece);
        rest = after;
    }
    pieces
}
