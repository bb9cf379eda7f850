//! What each line tells of health: `cargo run -p deid --example tells < text`, a line of `class<TAB>rule<TAB>text` for each
//! place; with `speed` instead, the time of the whole text.

use std::error::Error;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use deid::{Detector, Passage};

fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let detector = Detector::rules();
    let mut out = std::io::stdout().lock();
    if std::env::args().nth(1).as_deref() == Some("speed") {
        detector.tells(Passage::prose(&text))?;
        let mut best = Duration::MAX;
        for _ in 0..10 {
            let start = Instant::now();
            std::hint::black_box(detector.tells(Passage::prose(&text))?);
            best = best.min(start.elapsed());
        }
        #[expect(clippy::cast_precision_loss, reason = "a size of text")]
        let speed = text.len() as f64 / best.as_secs_f64() / 1e6;
        writeln!(out, "{} bytes in {best:?}, {speed:.1} MB/s", text.len())?;
        return Ok(());
    }
    for line in text.lines() {
        for one in detector.tells(Passage::prose(line))? {
            let part = line.get(one.span).unwrap_or_default();
            writeln!(out, "{}\t{} {}\t{part}\t{line}", one.class, one.rule, one.confidence.0)?;
        }
    }
    Ok(())
}
