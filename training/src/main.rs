//! The command line of the training: `training generate`.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use training::generate::{Corpus, Split};

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
