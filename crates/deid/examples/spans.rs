//! Reads lines of `{"id", "text"}` and writes lines of `{"id", "spans": [{"start", "end", "label"}]}`, offsets in
//! Unicode code points: the form in which detection is measured. The one argument is the operating point, `rules` if
//! there is none.

use std::error::Error;
use std::io::{BufRead, Write};

use deid::{Detector, Known, OperatingPoint, Passage};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let detector = match std::env::args().nth(1).as_deref() {
        None | Some("rules") => Detector::rules(),
        Some("recall") => Detector::standard(OperatingPoint::Recall),
        Some("balanced") => Detector::standard(OperatingPoint::Balanced),
        Some("precision") => Detector::standard(OperatingPoint::Precision),
        Some(other) => return Err(format!("no operating point {other}").into()),
    };
    let known = Known::none();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let document: Value = serde_json::from_str(&line?)?;
        let text = document.get("text").and_then(Value::as_str).unwrap_or_default();
        let points = |at: usize| text.get(..at).map_or(0, |before| before.chars().count());
        let spans: Vec<Value> = detector
            .detect(Passage::prose(text), &known)?
            .into_iter()
            .map(|finding| {
                json!({
                    "start": points(finding.span.start), "end": points(finding.span.end),
                    "label": finding.class.label(), "recognizer": finding.recognizer,
                })
            })
            .collect();
        writeln!(out, "{}", json!({ "id": document.get("id"), "spans": spans }))?;
    }
    Ok(())
}
