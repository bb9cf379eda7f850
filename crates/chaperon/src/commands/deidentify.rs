//! deidentify: files, folders and streams written again without the identifiers in them.

mod inputs;
mod manifest;
mod out;
mod review;
mod stream;
mod surrogates;
mod told;
mod work;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::num::NonZero;
use std::path::Path;
use std::thread;

use clap::ValueEnum as _;
use deid::{Detector, Known, Passage};
use keys::OsRandom;
use policy::Treatments;
use structure::{Format, Plan};
use terms::{
    Clock as _, EngagementId, FindingCounts, IdentifierClass, Name, Obligations, Randomness as _, Treatment,
};

use super::detector;
use super::progress::Progress;
use crate::Ended;
use crate::cli::{Deidentify, Global};
use crate::exit::Exit;
use crate::failure::{Failure, why};
use crate::house::{Desk, Opening, SystemClock};
use crate::operations::{Operation, Stage};
use crate::output::Output;
pub(super) use inputs::apart;
use inputs::{Input, Inputs, inputs};
use manifest::{Manifest, Settings};
use out::Out;
use stream::{Engine, Problem, Way, pass};
use surrogates::Surrogates;
use told::Ending;
use work::{Run, holds, is, side_by_side};

pub(super) fn run(global: &Global, asked: &Deidentify, out: &mut Output) -> Ended {
    let single = match asked.paths.as_slice() {
        [] => Some(Path::new("-")),
        [path] => {
            Some(path.as_path()).filter(|path| is_stream(path) || asked.out.is_none() && !path.is_dir())
        }
        _ => None,
    };
    let pseudonym = |class| treatment(&asked.treat, class) == Treatment::Pseudonym;
    if IdentifierClass::ALL.into_iter().any(pseudonym) {
        return Err(Failure::usage("pseudonyms take the key of an engagement, which the gateway alone uses")
            .help("`surrogate` gives names that stay the same throughout a run"));
    }
    let realistic = |class: &IdentifierClass| treatment(&asked.treat, *class) == Treatment::Realistic;
    if let Some(class) = NUMBERS.into_iter().find(realistic) {
        return Err(Failure::usage(format!(
            "a realistic {class} could be another's number in a file that is not read yet"
        ))
        .help(format!("`{class}=surrogate` gives one that is no number: name it before `*`")));
    }
    let (engine, lists) = engine(global, asked)?;
    let settings = settings(asked, &engine, lists)?;
    match (&asked.out, single) {
        (None, Some(path)) => one(global, asked, (&engine, &settings), path, out),
        (Some(_), Some(_)) => {
            Err(Failure::usage("standard input goes to standard output: leave `--out` out"))
        }
        (None, None) => Err(Failure::usage("say with `--out` to which folder")),
        (Some(to), None) if asked.paths.iter().any(|path| is_stream(path)) => {
            Err(Failure::usage(format!("standard input has no name below `{}`", to.display())))
        }
        (Some(to), None) => folder(global, asked, (&engine, &settings), to, out),
    }
}

/// Classes of numbers that no range is set aside for: what is drawn is nobody's only in what was read.
const NUMBERS: [IdentifierClass; 7] = [
    IdentifierClass::Mrn,
    IdentifierClass::HealthPlan,
    IdentifierClass::Account,
    IdentifierClass::License,
    IdentifierClass::Vehicle,
    IdentifierClass::Device,
    IdentifierClass::OtherId,
];

fn is_stream(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// With what tells the term lists from others.
fn engine(global: &Global, asked: &Deidentify) -> Result<(Engine, Option<String>), Failure> {
    let lists = asked.engagement.as_ref().map(|engagement| (engagement, asked.workflow.as_ref()));
    let (detector, lists) = detector::told(global, asked.operating_point, lists)?;
    let treatments = IdentifierClass::ALL.into_iter().map(|class| (class, treatment(&asked.treat, class)));
    let obligations = Obligations { treatments: treatments.collect(), ..Obligations::default() };
    let plan = match &asked.columns {
        None => Plan::default(),
        Some(path) => plan(path, &overrides(path)?)?,
    };
    Ok((Engine { detector, obligations, format: asked.format, plan }, lists))
}

fn overrides(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path)
        .map_err(|error| Failure::failed(format!("`{}` can't be read: {}", path.display(), why(&error))))
}

fn plan(path: &Path, text: &str) -> Result<Plan, Failure> {
    Plan::parse_overrides(text).map_err(|error| Failure::usage(format!("`{}`: {error}", path.display())))
}

/// What is not named is redacted.
fn treatment(treatments: &Treatments, class: IdentifierClass) -> Treatment {
    treatments.of(class).unwrap_or(Treatment::Redact)
}

fn settings(asked: &Deidentify, engine: &Engine, lists: Option<String>) -> Result<Settings, Failure> {
    let point = asked.operating_point.to_possible_value();
    let columns = asked.columns.as_deref().map(overrides).transpose()?;
    let dates = treatment(&asked.treat, IdentifierClass::Date);
    let yearly = matches!(dates, Treatment::Generalise | Treatment::Realistic);
    Ok(Settings {
        engagement: asked.engagement.as_ref().map(ToString::to_string),
        lists,
        year: yearly.then(|| SystemClock.now().year()),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        rules: engine.detector.version().to_owned(),
        operating_point: point.map(|point| point.get_name().to_owned()).unwrap_or_default(),
        treatments: said(&asked.treat),
        surrogates: if asked.per_file { "file" } else { "run" }.to_owned(),
        said: asked.format.map(|format| format.as_str().to_owned()),
        columns: columns.map(|text| manifest::digest(text.as_bytes())),
    })
}

/// Treatments in one way of writing: classes that differ from the rest, then the rest.
fn said(treatments: &Treatments) -> String {
    let rest = treatments.rest().unwrap_or(Treatment::Redact);
    let differs = |class: &IdentifierClass| treatment(treatments, *class) != rest.of(*class);
    let named = IdentifierClass::ALL.into_iter().filter(differs);
    let mut all: Vec<_> =
        named.map(|class| format!("{class}={}", treatment(treatments, class).as_str())).collect();
    all.push(format!("*={}", rest.as_str()));
    all.join(",")
}

/// Whether what is written of one file depends on what was met in another.
fn remembers(asked: &Deidentify) -> bool {
    use Treatment::{Generalise, Mask, Pass, Redact};
    let stateless = |class| matches!(treatment(&asked.treat, class), Pass | Redact | Mask | Generalise);
    !asked.per_file && !IdentifierClass::ALL.into_iter().all(stateless)
}

/// A run on the record of an engagement; without one there is none.
struct Recorded<'a> {
    global: &'a Global,
    engagement: Option<(&'a EngagementId, Name)>,
}

impl<'a> Recorded<'a> {
    /// On record before anything is written.
    fn begin(
        global: &'a Global,
        asked: &'a Deidentify,
        settings: &Settings,
        files: u64,
    ) -> Result<Self, Failure> {
        let Some(engagement) = &asked.engagement else { return Ok(Self { global, engagement: None }) };
        let mut bytes = [0; 16];
        OsRandom.fill(&mut bytes);
        let run = format!("{:032x}", u128::from_be_bytes(bytes));
        let run = run.parse().map_err(|_| Failure::failed("a run's number is a name"))?;
        let recorded = Self { global, engagement: Some((engagement, run)) };
        recorded.stage(Stage::Begun {
            detector: settings.rules.clone(),
            operating_point: settings.operating_point.clone(),
            treatments: settings.treatments.clone(),
            files,
        })?;
        Ok(recorded)
    }

    fn end(
        &self,
        files: u64,
        failed: u64,
        counts: FindingCounts,
        manifest: Option<String>,
    ) -> Result<(), Failure> {
        self.stage(Stage::Ended { files, failed, counts, manifest })
    }

    fn stage(&self, stage: Stage) -> Result<(), Failure> {
        let Some((engagement, run)) = &self.engagement else { return Ok(()) };
        let operation =
            Operation::Deidentification { engagement: (*engagement).clone(), run: run.clone(), stage };
        Desk::with(&super::config(self.global)?, Opening::Existing, |desk| desk.ask(operation)).map(drop)
    }
}

/// Standard input or one file, to standard output.
fn one(
    global: &Global,
    asked: &Deidentify,
    (engine, settings): (&Engine, &Settings),
    path: &Path,
    out: &mut Output,
) -> Ended {
    let (name, mut input): (_, Box<dyn Read>) = if is_stream(path) {
        ("standard input".to_owned(), Box::new(io::stdin().lock()))
    } else {
        let file = File::open(path);
        let name = format!("`{}`", path.display());
        let file = file.map_err(|error| Failure::failed(format!("{name} can't be read: {}", why(&error))))?;
        (name, Box::new(file))
    };
    let length = fs::metadata(path).ok().filter(|_| !is_stream(path)).map(|found| found.len());
    let recorded = Recorded::begin(global, asked, settings, 1)?;
    let progress = Progress::start(!asked.quiet && !out.is_terminal(), std::iter::once(length));
    let seen = |bytes: u64| match length {
        Some(_) => progress.passed(bytes),
        None => progress.came(usize::try_from(bytes).unwrap_or(usize::MAX)),
    };
    let called = path.to_str().filter(|_| !is_stream(path));
    let mut writer = io::BufWriter::with_capacity(1 << 16, out.raw());
    let way = Way { name: called, input: &mut *input, output: &mut writer, page: None, seen: &seen };
    let done = pass(engine, way, &Surrogates::new());
    let done =
        done.and_then(|done| writer.flush().map(|()| done).map_err(|error| Problem::unwritable(&error)));
    // what is left in it belongs to a record that is not whole
    let _ = writer.into_parts();
    drop(progress);
    match done {
        Ok((passed, _)) => {
            unmatched(passed.unmatched.iter().map(String::as_str));
            recorded.end(1, 0, passed.counts, None).map(|()| Exit::Ok)
        }
        Err(problem) => {
            recorded.end(0, 1, FindingCounts::default(), None)?;
            // a reader that went away (`| head`) ends the command without a complaint
            if problem.left { Ok(Exit::Ok) } else { Err(complaint(&name, &problem)) }
        }
    }
}

/// Says on standard error what was told of nothing.
fn unmatched<'a>(names: impl Iterator<Item = &'a str>) {
    for name in names {
        // who closed it does not want to know
        let _ = writeln!(io::stderr().lock(), "note: {}", told::no_such(name));
    }
}

fn complaint(name: &str, problem: &Problem) -> Failure {
    let at = problem.offset.map(|offset| format!(" at byte {offset}")).unwrap_or_default();
    Failure::failed(format!("{name}{at}: {}", problem.what))
        .help("what was written before that is whole records, and not all of them")
}

/// Files and folders, to a folder.
fn folder(
    global: &Global,
    asked: &Deidentify,
    (engine, settings): (&Engine, &Settings),
    to: &Path,
    output: &mut Output,
) -> Ended {
    let Inputs { files, left_out } = inputs(&asked.paths, to)?;
    if let Some(review) = &asked.review {
        // as far from what is read as what is written, and apart from it: it is PHI
        apart(&asked.paths, review)?;
        apart(&[to.to_owned()], review)?;
        if files.iter().any(|file| review::page_of(&file.name) == out::INDEX) {
            return Err(Failure::usage("the page of a file called `index` would be the list of all pages")
                .help("give the file another name, or leave `--review` out"));
        }
    }
    let out = Out::open(to, out::MANIFEST)?;
    let review = asked.review.as_deref().map(|to| Out::open(to, out::INDEX)).transpose()?;
    let jobs = jobs(asked);
    let (mut manifest, todo) = before(asked, settings, (&out, review.as_ref()), &files, jobs)?;
    let done_before = manifest.done.len();
    let recorded = if todo.is_empty() {
        Recorded { global, engagement: None }
    } else {
        Recorded::begin(global, asked, settings, todo.len() as u64)?
    };
    let failed =
        |error: io::Error| Failure::failed(format!("`{}` can't be written: {}", to.display(), why(&error)));
    if let Some(review) = &review {
        review.reopen(b"").map_err(failed)?;
    }
    let mut notes = out.reopen(&manifest.noted()?).map_err(failed)?;
    let progress = Progress::start(!asked.quiet, todo.iter().map(|input| Some(input.length)));
    let shared = (!asked.per_file).then(Surrogates::new);
    let run = Run { engine, settings, out: &out, review: review.as_ref(), shared, jobs, progress: &progress };
    run.all(&todo, |input, done| {
        match done {
            Ok(line) => {
                let mut bytes = Vec::new();
                manifest::line(&mut bytes, &line)?;
                notes.write_all(&bytes).map_err(failed)?;
                manifest.done.insert(input.name.clone(), line);
            }
            Err(problem) => {
                // what an earlier run made of it is not what it is now
                out.withdraw(&input.name).map_err(failed)?;
                review
                    .as_ref()
                    .map_or(Ok(()), |pages| pages.withdraw(&review::page_of(&input.name)))
                    .map_err(failed)?;
                manifest.failed.insert(input.name.clone(), problem);
            }
        }
        Ok(())
    })?;
    drop(progress);
    let bytes = manifest.write()?;
    if let Some(review) = &review {
        // what an earlier run did without a review has none
        let there = |name: &str| review.place(&review::page_of(name)).is_file();
        let pages = manifest.done.keys().filter(|name| there(name)).map(|name| review::page_of(name));
        review.finish(review::index(&manifest, &there).as_bytes(), pages)?;
    }
    unmatched(manifest.unmatched().into_iter());
    out.finish(&bytes, manifest.done.keys().cloned())?;
    let (digest, totals) = (manifest::digest(&bytes), manifest.totals());
    let failures = totals.failed;
    recorded.end(totals.files, failures, totals.counts, Some(digest.clone()))?;
    let place = to.join(out::MANIFEST).display().to_string();
    let names = files.iter().filter(|file| may_identify(&engine.detector, &file.name)).count();
    let left_out = &left_out;
    Ending { manifest: &manifest, before: done_before, left_out, names, place: &place, digest: &digest }
        .tell(output)?;
    Ok(if failures == 0 && left_out.is_empty() { Exit::Ok } else { Exit::Partly })
}

fn jobs(asked: &Deidentify) -> NonZero<usize> {
    let cores = || thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    asked.jobs.unwrap_or_else(cores)
}

/// What an earlier run did that still holds, and what is left to do: the largest first, so that none is waited for.
fn before(
    asked: &Deidentify,
    settings: &Settings,
    (out, review): (&Out, Option<&Out>),
    files: &[Input],
    jobs: NonZero<usize>,
) -> Result<(Manifest, Vec<Input>), Failure> {
    let mut earlier = Manifest::default();
    earlier.read(&fs::read(out.place(out::MANIFEST)).unwrap_or_default());
    earlier.read(&out.noted());
    if earlier.done.values().any(|line| line.settings != *settings) {
        return Err(Failure::refused(
            "what is in the out folder was written with other settings, or by another version",
        )
        .help("name another folder; `manifest.jsonl` in it tells the settings"));
    }
    let (mut manifest, mut todo) = (Manifest::default(), Vec::new());
    let check = |_, input: &Input| {
        earlier.done.get(&input.name).is_some_and(|line| holds(input, line, settings, out, review))
    };
    side_by_side(jobs, files, check, |input, held| {
        match earlier.done.get(&input.name).filter(|_| held) {
            Some(line) => drop(manifest.done.insert(input.name.clone(), line.clone())),
            None => todo.push(input.clone()),
        }
        Ok(())
    })?;
    // files of DICOM refer to one another
    let refers =
        || !asked.per_file && manifest.done.values().any(|line| line.format == Format::Dicom.as_str());
    if !todo.is_empty() && (remembers(asked) || refers()) {
        // their surrogates are forgotten: all of it again, so that they are the same throughout
        manifest.done.clear();
        todo = files.to_vec();
    }
    // what other inputs gave stays in the folder, and on its manifest
    let named: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    for (name, line) in earlier.done {
        if !named.contains(name.as_str()) && is(File::open(out.place(&name)), &line.sha256_out) {
            manifest.done.insert(name, line);
        }
    }
    todo.sort_by_key(|input| Reverse(input.length));
    Ok((manifest, todo))
}

/// Whether a file's name may hold an identifier.
fn may_identify(detector: &Detector, name: &str) -> bool {
    let words = name.replace(['_', '/', '.'], " ");
    let found = detector.detect(Passage::prose(&words), &Known::none());
    found.map_or(true, |found| found.iter().any(|finding| finding.class.names_a_person()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn treatments_are_written_in_one_way() {
        for (given, written) in [
            ("*=redact", "*=redact"),
            ("NAME=surrogate", "NAME=surrogate,*=redact"),
            ("DATE=shift, NAME=redact,*=redact", "DATE=shift,*=redact"),
            ("*=surrogate,MRN=redact", "MRN=redact,*=surrogate"),
            ("*=generalise,NAME=mask", "NAME=mask,*=generalise"),
        ] {
            assert_eq!(said(&Treatments::parse(given).unwrap()), written);
        }
    }
}
