//! The command line of the training: `training generate`.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use deid::{Detector, OperatingPoint};
use training::generate::{Corpus, Document, Split};
use training::learn::Plan;
use training::measure::Report;
use training::measure_health::{HealthReport, alarms, read};
use training::streamed::Streamed;

type Failure = Box<dyn std::error::Error>;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes synthetic labelled documents, one JSON object a line.
    Generate(Generate),
    /// Learns, and writes the weights.
    Learn(Learn),
    /// Prints how well the detector as it is built in finds what is labelled.
    Measure(Measure),
    /// Prints how well the detector tells what labelled text says of health.
    MeasureHealth(MeasureHealth),
    /// Prints what a guard finds of it in a stream, word by word, and how much text it holds back.
    MeasureStream(Measure),
}

#[derive(clap::Args)]
struct Learn {
    /// A folder of templates; may be given again.
    #[arg(long, default_values = [concat!(env!("CARGO_MANIFEST_DIR"), "/templates"), concat!(env!("CARGO_MANIFEST_DIR"), "/templates_more")])]
    templates: Vec<PathBuf>,
    /// How many documents are learned from.
    #[arg(long, default_value_t = 400_000)]
    docs: usize,
    /// Everything random follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of the model.
    #[arg(long, default_value_t = 2)]
    number: u32,
    /// The folder of what words mean.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/meanings"))]
    meanings: PathBuf,
    /// Where the weights go.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/deid/data/tagger.bin"))]
    out: PathBuf,
}

#[derive(clap::Args)]
struct Measure {
    /// Folders of templates that nothing was learned from, and files in the scorer's format.
    #[arg(default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/templates_dev"))]
    from: Vec<PathBuf>,
    /// How many documents of templates.
    #[arg(long, default_value_t = 2000)]
    docs: usize,
    /// How sure the tagger must be; `rules` for none at all.
    #[arg(long, default_value = "balanced")]
    operating_point: String,
    /// Print this many errors of each kind.
    #[arg(long, default_value_t = 0)]
    errors: usize,
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

#[derive(clap::Args)]
struct MeasureHealth {
    /// Files of marked documents, and folders of such files.
    #[arg(default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/health_dev"))]
    from: Vec<PathBuf>,
    /// Text without anything of the kind, a sentence a line; may be given again.
    #[arg(long, default_values = [
        concat!(env!("CARGO_MANIFEST_DIR"), "/templates/prose_world.txt"),
        concat!(env!("CARGO_MANIFEST_DIR"), "/templates/prose_general.txt"),
    ])]
    clean: Vec<PathBuf>,
    /// Print this many errors.
    #[arg(long, default_value_t = 0)]
    errors: usize,
}

#[derive(clap::Args)]
struct Generate {
    /// A folder of templates; may be given again.
    #[arg(long, required = true)]
    templates: Vec<PathBuf>,
    /// Whose names and places: those of training, or the fifth that training never draws.
    #[arg(long, default_value = "train")]
    split: Split,
    /// How many documents.
    #[arg(long, default_value_t = 1000)]
    docs: usize,
    /// The same seed gives the same text.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Documents of this family only.
    #[arg(long)]
    family: Option<String>,
}

fn main() -> Result<(), Failure> {
    match Arguments::parse().command {
        Command::Generate(arguments) => generate(&arguments),
        Command::Learn(arguments) => learn(&arguments),
        Command::Measure(arguments) => measure(&arguments),
        Command::MeasureHealth(arguments) => measure_health(&arguments),
        Command::MeasureStream(arguments) => measure_stream(&arguments),
    }
}

fn generate(arguments: &Generate) -> Result<(), Failure> {
    let folders: Vec<_> = arguments.templates.iter().map(PathBuf::as_path).collect();
    let corpus = Corpus::load(&folders)?;
    let mut rng = fastrand::Rng::with_seed(arguments.seed);
    let mut out = BufWriter::new(std::io::stdout().lock());
    for number in 0..arguments.docs {
        let document = match &arguments.family {
            None => corpus.document(&mut rng, arguments.split),
            Some(family) => corpus
                .document_of(family, &mut rng, arguments.split)
                .ok_or_else(|| format!("no family {family}"))?,
        };
        serde_json::to_writer(&mut out, &document.to_json(&format!("{}-{number}", arguments.seed)))?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

fn learn(arguments: &Learn) -> Result<(), Failure> {
    let folders: Vec<_> = arguments.templates.iter().map(PathBuf::as_path).collect();
    let corpus = Corpus::load(&folders)?;
    let plan = Plan {
        documents: arguments.docs,
        words_from: arguments.docs.min(40_000),
        batch: 16,
        seed: arguments.seed,
        number: arguments.number,
    };
    Ok(training::learn::run(&corpus, &arguments.meanings, plan, &arguments.out, &mut std::io::stderr())?)
}

fn detector(point: &str) -> Result<Detector, Failure> {
    Ok(match point {
        "rules" => Detector::rules(),
        "recall" => Detector::standard(OperatingPoint::Recall),
        "balanced" => Detector::standard(OperatingPoint::Balanced),
        "precision" => Detector::standard(OperatingPoint::Precision),
        other => {
            return Err(format!("no operating point {other}: recall, balanced, precision or rules").into());
        }
    })
}

/// Calls `take` with each document to measure with.
fn documents(
    arguments: &Measure,
    mut take: impl FnMut(&Document) -> Result<(), deid::DetectError>,
) -> Result<(), Failure> {
    let (folders, files): (Vec<_>, Vec<_>) =
        arguments.from.iter().map(PathBuf::as_path).partition(|path| path.is_dir());
    if !folders.is_empty() {
        let corpus = Corpus::load(&folders)?;
        let mut rng = fastrand::Rng::with_seed(arguments.seed);
        for _ in 0..arguments.docs {
            take(&corpus.document(&mut rng, Split::Dev))?;
        }
    }
    for file in files {
        for line in std::fs::read_to_string(file)?.lines() {
            let mut document = Document::from_json(line)?;
            document.family = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            take(&document)?;
        }
    }
    Ok(())
}

fn measure_stream(arguments: &Measure) -> Result<(), Failure> {
    let detector = detector(&arguments.operating_point)?;
    let mut streamed = Streamed::default();
    documents(arguments, |document| streamed.add(&detector, document))?;
    writeln!(std::io::stdout(), "{}\n{streamed}", detector.version())?;
    Ok(())
}

fn measure(arguments: &Measure) -> Result<(), Failure> {
    let detector = detector(&arguments.operating_point)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut report = Report::default();
    documents(arguments, |document| report.add(&detector, document))?;
    writeln!(out, "{}, {}", detector.version(), report.all())?;
    for (name, counts) in report.families.iter().chain(&report.labels) {
        writeln!(out, "{name:>28} {counts}")?;
    }
    let mut rng = fastrand::Rng::with_seed(arguments.seed);
    rng.shuffle(&mut report.examples);
    for kind in ["missed", "wrong"] {
        for example in report.examples.iter().filter(|example| example.kind == kind).take(arguments.errors) {
            writeln!(out, "{kind} {} {}: {}", example.family, example.label, example.line)?;
        }
    }
    Ok(out.flush()?)
}

fn measure_health(arguments: &MeasureHealth) -> Result<(), Failure> {
    let detector = Detector::rules();
    let mut report = HealthReport::default();
    let mut files = Vec::new();
    for path in &arguments.from {
        if path.is_dir() {
            let entries = std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
            let mut inside = entries.collect::<Result<Vec<_>, _>>()?;
            inside.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
            inside.sort();
            files.extend(inside);
        } else {
            files.push(path.clone());
        }
    }
    let mut documents = 0;
    for file in files {
        for document in read(&std::fs::read_to_string(file)?) {
            report.add(&detector, &document)?;
            documents += 1;
        }
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    writeln!(out, "{documents} documents\n\n{}", report.table())?;
    for path in &arguments.clean {
        let (words, counts) = alarms(&detector, &std::fs::read_to_string(path)?)?;
        writeln!(out, "{}: {words} words", path.file_stem().unwrap_or_default().to_string_lossy())?;
        for (class, count) in counts {
            let thousandth = f64::from(words) / 1000.0;
            writeln!(out, "  {class}: {count}, {:.2} in 1,000 words", f64::from(count) / thousandth)?;
        }
    }
    let mut rng = fastrand::Rng::with_seed(1);
    rng.shuffle(&mut report.errors);
    report.errors.iter().take(arguments.errors).try_for_each(|error| writeln!(out, "{error}"))?;
    Ok(out.flush()?)
}
