//! `chaperon-verify DIR [--checkpoint FILE] [--key FILE] [--json]`

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chaperon_verify::{Report, Unverifiable, verify};

const USAGE: &str = "\
Verifies a journal of Chaperon offline.

usage: chaperon-verify DIR [--checkpoint FILE] [--key FILE] [--json]

  DIR                the data directory, or the journal directory in it
  --checkpoint FILE  a checkpoint kept elsewhere: shows a rollback, and a second history
  --key FILE         the log's key kept elsewhere (`log.vkey`)
  --json             the report as one line of JSON

exit codes: 0 intact, 3 unproven tail, 4 tampered, 2 wrong usage or nothing to verify

examples:
  chaperon-verify ./data
  chaperon-verify ./data --checkpoint ~/kept/checkpoint --key ~/kept/log.vkey
";

const UNVERIFIABLE: u8 = 2;

#[derive(Default)]
struct Wanted {
    dir: Option<PathBuf>,
    checkpoint: Option<PathBuf>,
    key: Option<PathBuf>,
    json: bool,
    help: bool,
}

fn main() -> ExitCode {
    let wanted = match parse(std::env::args_os().skip(1)) {
        Ok(wanted) => wanted,
        Err(why) => return refuse(&format!("{why}\n\n{USAGE}")),
    };
    if wanted.help {
        return say(USAGE, 0);
    }
    match report(&wanted) {
        Ok(report) if wanted.json => say(&format!("{}\n", report.to_json()), report.verdict.exit_code()),
        Ok(report) => say(&report.to_string(), report.verdict.exit_code()),
        Err(why) => refuse(&format!("{why}\n")),
    }
}

fn parse(mut arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<Wanted, String> {
    let mut wanted = Wanted::default();
    while let Some(argument) = arguments.next() {
        let mut file = || arguments.next().map(PathBuf::from).ok_or("a file is missing after the option");
        match argument.to_str() {
            Some("--checkpoint") => wanted.checkpoint = Some(file()?),
            Some("--key") => wanted.key = Some(file()?),
            Some("--json") => wanted.json = true,
            Some("--help" | "-h") => wanted.help = true,
            Some(option) if option.starts_with('-') => return Err(format!("unknown option `{option}`")),
            _ if wanted.dir.is_none() => wanted.dir = Some(argument.into()),
            _ => return Err("one directory at a time".into()),
        }
    }
    if wanted.dir.is_none() && !wanted.help {
        return Err("which directory?".into());
    }
    Ok(wanted)
}

fn report(wanted: &Wanted) -> Result<Report, Unverifiable> {
    let checkpoint = wanted.checkpoint.as_deref().map(text).transpose()?;
    let key = wanted.key.as_deref().map(text).transpose()?;
    let dir = wanted.dir.as_deref().unwrap_or(Path::new("."));
    verify(dir, checkpoint.as_deref(), key.as_deref())
}

fn text(path: &Path) -> Result<String, Unverifiable> {
    std::fs::read_to_string(path).map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            kind => kind.to_string(),
        };
        Unverifiable(format!("`{}` can't be read: {why}", path.display()))
    })
}

fn say(text: &str, code: u8) -> ExitCode {
    // a closed pipe changes nothing about the verdict
    let _closed = std::io::stdout().write_all(text.as_bytes());
    code.into()
}

fn refuse(text: &str) -> ExitCode {
    let _closed = std::io::stderr().write_all(text.as_bytes());
    UNVERIFIABLE.into()
}
