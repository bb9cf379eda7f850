//! Measures guarding an answer: `cargo run --release -p deid --example stream_speed < text`. The text goes through a
//! guard word by word, as models send it, with nothing issued and with sixteen surrogates; the mean time of a chunk in
//! the best of many passes is printed, and how many bytes are held after a chunk: the median and the 99th percentile.
//! So is the time of a whole answer as the benchmark's vendor gives it, of 200 bytes with one record number to restore,
//! in one piece and in 34.

use std::error::Error;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use deid::{AnswerGuard, Detector, Encoding, Issued, RestoreStream, Restorer};
use terms::{IdentifierClass, Phi};

const PASSES: u32 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let chunks: Vec<&str> = text.split_inclusive(' ').collect();
    let detector = if std::env::args().nth(1).as_deref() == Some("rules") {
        Detector::rules()
    } else {
        Detector::standard(deid::OperatingPoint::Balanced)
    };
    AnswerGuard::new(&detector, restorer(0), Arc::new(|_| false), Encoding::Text)
        .push("A first one. Maria Lopez. ");
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} chunks, {} bytes", chunks.len(), text.len())?;
    for issued in [0, 16] {
        let restorer = restorer(issued);
        let (mut restoring, mut guarding, mut held) = (Duration::MAX, Duration::MAX, Vec::new());
        for _ in 0..PASSES {
            let mut stream = RestoreStream::new(Arc::clone(&restorer), Encoding::Text);
            let start = Instant::now();
            let length: usize = chunks.iter().map(|chunk| stream.push(chunk).len()).sum();
            restoring = restoring.min(start.elapsed());
            let mut guard =
                AnswerGuard::new(&detector, Arc::clone(&restorer), Arc::new(|_| true), Encoding::Text);
            let (start, mut sent, mut seen) = (Instant::now(), 0, 0);
            for chunk in &chunks {
                sent += guard.push(chunk).len();
                seen += chunk.len();
                held.push(seen.saturating_sub(sent));
            }
            guarding = guarding.min(start.elapsed());
            assert!(length <= text.len() && sent <= text.len());
        }
        let pushes = u32::try_from(chunks.len())?;
        held.sort_unstable();
        let at = |share: usize| held.get(held.len() * share / 100).copied().unwrap_or_default();
        writeln!(
            out,
            "{issued} issued: restore {} ns, guard {} ns a chunk; held {} bytes in the median, {} at the 99th percentile",
            (restoring / pushes).as_nanos(),
            (guarding / pushes).as_nanos(),
            at(50),
            at(99)
        )?;
    }
    let answer = "Regarding MRN MRN-Z08XQ9, as asked: The plan is to continue as discussed, with a check of the blood \
        pressure in two weeks and a call if there is any fever or pain; the dose stays as it is until then. The plan ";
    let restorer = restorer(16);
    for size in [answer.len(), 6] {
        let bytes = answer.as_bytes().chunks(size);
        let chunks: Vec<&str> = bytes.map(std::str::from_utf8).collect::<Result<_, _>>()?;
        let mut best = Duration::MAX;
        for _ in 0..PASSES * 50 {
            let start = Instant::now();
            let mut guard =
                AnswerGuard::new(&detector, Arc::clone(&restorer), Arc::new(|_| false), Encoding::Text);
            for chunk in &chunks {
                std::hint::black_box(guard.push(chunk));
            }
            std::hint::black_box(guard.finish());
            best = best.min(start.elapsed());
        }
        writeln!(out, "an answer of {} bytes in {} pieces: {best:?}", answer.len(), chunks.len())?;
    }
    Ok(())
}

fn restorer(issued: usize) -> Arc<Restorer> {
    let classes = IdentifierClass::ALL.into_iter().cycle();
    let issued: Vec<Issued> = (0..issued)
        .zip(classes)
        .map(|(n, class)| Issued {
            class,
            form: terms::Form::Label,
            surrogate: format!("{}-Z{n:02}XQ9", class.label().replace('_', "-")),
            original: Phi::new("original".to_owned()),
        })
        .collect();
    Arc::new(Restorer::new(&issued))
}
