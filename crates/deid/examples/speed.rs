//! Measures detection: `cargo run --release -p deid --example speed < text`. The text is cut into pieces of 1 KB and
//! of 32 KB, and so are prompts as the benchmark sends them; the median time of a piece is printed for each, whole
//! and for the part that is left when the examination of the same piece was kept.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use deid::{DetectError, Detector, Known, Passage};

const ROUNDS: usize = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let detector = if std::env::args().nth(1).as_deref() == Some("rules") {
        Detector::rules()
    } else {
        Detector::standard(deid::OperatingPoint::Balanced)
    };
    let known = Known::none();
    let mut out = std::io::stdout().lock();
    let prompts = prompts(256);
    for (name, text) in [("text", &text), ("prompts", &prompts)] {
        detector.detect(Passage::prose(text), &known)?;
        for size in [1024, 32 * 1024] {
            let (mut whole, mut kept, mut findings) = (Vec::new(), Vec::new(), 0);
            for piece in pieces(text, size) {
                let passage = Passage::prose(piece);
                let examined = detector.examine(passage)?;
                whole.push(best(|| detector.detect(passage, &known))?);
                kept.push(best(|| examined.findings(passage, &known))?);
                findings += examined.findings(passage, &known)?.len();
            }
            let (count, worst) = (whole.len(), whole.iter().max().copied().unwrap_or_default());
            let [whole, kept] = [whole, kept].map(median);
            writeln!(
                out,
                "{name}, {size} bytes: {count} pieces, {findings} findings, median {whole:?}, worst {worst:?}; kept {kept:?}"
            )?;
        }
    }
    Ok(())
}

/// The time of the fastest of some rounds.
fn best<T>(run: impl Fn() -> Result<T, DetectError>) -> Result<Duration, DetectError> {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        std::hint::black_box(run()?);
        best = best.min(start.elapsed());
    }
    Ok(best)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Prompts of about a kilobyte as the benchmark sends them: a heading with identifiers, then prose with numbers.
fn prompts(count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        let [year, line, last] = [1930 + n % 70, n * 37 % 10_000, 10 + n % 90];
        let _ = write!(
            text,
            "Patient: Eudora Winterbottom, MRN {:08}, DOB {:02}/{:02}/{year}, phone (617) 555-{line:04}. ",
            10_000_019 + n * 7919,
            1 + n % 12,
            1 + n % 28
        );
        for _ in 0..2 {
            let _ = write!(
                text,
                "Blood pressure was 1{last}2 over {last} and the pulse was {last} and regular. The wound is dry and \
                 measures 2.{} by 3.1 cm, without redness around it. Continue metformin 500 mg twice a day and review \
                 the dose in 3 weeks. Lungs are clear, heart sounds are normal, and the abdomen is soft; glucose was \
                 1{last} mg. There is no fever, no cough and no rash; oxygen saturation is 9{} percent on room air. ",
                n % 10,
                n % 10
            );
        }
    }
    text
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
