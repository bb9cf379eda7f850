//! Labelled spans for each line of JSON Lines files, to be measured against labelled text.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde::{Deserialize, Serialize};

use super::sources::{Content, Place, Source, places};
use super::{Detect, Progress, found, progress};
use crate::Ended;
use crate::cli::Scan;
use crate::commands::deidentify::apart;
use crate::commands::file;
use crate::failure::{Failure, why};
use crate::output::Output;

/// A line that is read; other fields are left alone.
#[derive(Deserialize)]
struct Document {
    id: serde_json::Value,
    text: String,
}

/// A line that is written. Offsets are Unicode code points, the end exclusive.
#[derive(Serialize)]
struct Labelled {
    id: serde_json::Value,
    spans: Vec<Span>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Span {
    start: usize,
    end: usize,
    label: &'static str,
}

/// How long the detector took for a file, for whoever measures.
#[derive(Default, Serialize)]
struct Took {
    documents: u64,
    /// Of their texts.
    bytes: u64,
    cpu_seconds: f64,
    detector: String,
}

pub(super) fn run(scan: &Scan, detector: &str, detect: Detect<'_>, out: &mut Output) -> Ended {
    // a folder may hold other files; a file that was named is meant
    let walked = scan.paths.iter().any(|given| given.is_dir());
    let mut places = places(&scan.paths)?;
    let met = places.len();
    places.retain(|place| !walked || place.is_jsonl());
    if let Some(folder) = &scan.out {
        apart(&scan.paths, folder)?;
    }
    let names = scan.out.as_deref().map(|folder| names(folder, &places)).transpose()?;
    let progress = progress(scan, &places, out);
    let mut any = false;
    for (index, place) in places.iter().enumerate() {
        let source = place.read(&progress)?;
        let name = names.as_ref().and_then(|names| names.get(index));
        let mut lines = Vec::new();
        let mut keep = |labelled: &Labelled| match name {
            None => out.json_line(labelled),
            Some(_) => line(&mut lines, labelled),
        };
        let mut took = Took { detector: detector.to_owned(), ..Took::default() };
        any |= one(scan, detect, &progress, &source, &mut took, &mut keep)?;
        if let Some(name) = name {
            file::write(&ending(name, ".jsonl"), &lines)?;
            let mut meta = Vec::new();
            line(&mut meta, &took)?;
            file::write(&ending(name, ".meta.json"), &meta)?;
        }
        progress.text_done();
    }
    Ok(super::exit(scan, any, places.len() == met))
}

/// With an ending more: what is behind a point before may be a part of the name.
fn ending(name: &Path, ending: &str) -> PathBuf {
    let mut name = name.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The lines of one file; whether anything was found.
fn one(
    scan: &Scan,
    detect: Detect<'_>,
    progress: &Progress,
    source: &Source,
    took: &mut Took,
    keep: &mut dyn FnMut(&Labelled) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let Source { name, content } = source;
    let Content::Text(text) = content else {
        return Err(Failure::refused(format!("`{name}` is not text in UTF-8")));
    };
    let mut any = false;
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        // the line's content is PHI perhaps: only its number may be said
        let document: Document = serde_json::from_str(line).map_err(|_| {
            Failure::refused(format!("`{name}` line {} is no object with `id` and `text`", index + 1))
        })?;
        let began = busy();
        let found = found(scan, detect, progress, &document.text)?;
        took.cpu_seconds += busy() - began;
        took.documents += 1;
        took.bytes += document.text.len() as u64;
        let spans = spans(&document.text, &found);
        any |= !spans.is_empty();
        keep(&Labelled { id: document.id, spans })?;
    }
    Ok(any)
}

/// Processor time of this thread, in seconds.
fn busy() -> f64 {
    let seconds = |time: TimeVal| {
        let millionths = u32::try_from(time.tv_usec()).unwrap_or_default();
        u32::try_from(time.tv_sec()).map_or(0.0, f64::from) + f64::from(millionths) / 1e6
    };
    getrusage(UsageWho::RUSAGE_THREAD)
        .map_or(0.0, |used| seconds(used.user_time()) + seconds(used.system_time()))
}

/// What the files of each place are called in `folder`, which is made.
fn names(folder: &Path, places: &[Place]) -> Result<Vec<PathBuf>, Failure> {
    let failed =
        |error: io::Error| Failure::failed(format!("`{}` can't be made: {}", folder.display(), why(&error)));
    let mut all = BTreeSet::new();
    let mut named = Vec::with_capacity(places.len());
    for place in places {
        let Place::File(path) = place else {
            return Err(Failure::usage("standard input has no name: leave `--out` out"));
        };
        let name = path.file_stem().unwrap_or_default();
        if !all.insert(name.to_owned()) {
            return Err(Failure::usage(format!("two files are called `{}`", name.display())));
        }
        named.push(folder.join(name));
    }
    fs::create_dir_all(folder).map_err(failed)?;
    Ok(named)
}

fn line(bytes: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *bytes, value).map_err(|_| Failure::failed("a line can't be written"))?;
    bytes.push(b'\n');
    Ok(())
}

/// Byte spans as code points, in one pass: findings are in order and do not overlap.
fn spans(text: &str, findings: &[deid::Finding]) -> Vec<Span> {
    let (mut byte, mut point) = (0, 0);
    let mut points = |to: usize| {
        point += text.get(byte..to).map_or(0, |passed| passed.chars().count());
        byte = to;
        point
    };
    findings
        .iter()
        .map(|finding| Span {
            start: points(finding.span.start),
            end: points(finding.span.end),
            label: finding.class.label(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use deid::{Confidence, Finding};
    use terms::IdentifierClass;

    use super::*;

    #[test]
    fn offsets_are_code_points() {
        let text = "Zoë 😀 Müller, born 1950-01-02";
        let finding = |part: &str, class| {
            let start = text.find(part).unwrap();
            Finding { span: start..start + part.len(), class, confidence: Confidence(80), recognizer: "test" }
        };
        let found =
            [finding("Zoë 😀 Müller", IdentifierClass::Name), finding("1950-01-02", IdentifierClass::Date)];
        assert_eq!(
            spans(text, &found),
            [Span { start: 0, end: 12, label: "NAME" }, Span { start: 19, end: 29, label: "DATE" }]
        );
        let points: Vec<char> = text.chars().collect();
        assert_eq!(points[19..29].iter().collect::<String>(), "1950-01-02");
    }
}
