//! The record verified by the library of `chaperon-verify`, which shares no code with the writer.

use std::path::Path;

use chaperon_verify::{Report, Verdict};

use crate::Ended;
use crate::cli::Verify;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::{Failure, why};
use crate::output::{Output, many, safe};

pub(super) fn run(config: &Config, verify: &Verify, out: &mut Output) -> Ended {
    let checkpoint = verify.checkpoint.as_deref().map(text).transpose()?;
    let key = verify.key.as_deref().map(text).transpose()?;
    let report = judge(&config.data_dir, checkpoint.as_deref(), key.as_deref())?;
    if out.is_json() {
        out.line(&report.to_json())?;
    } else {
        for line in report.to_string().lines() {
            out.line(&safe(line))?;
        }
    }
    Ok(match report.verdict {
        Verdict::Intact => Exit::Ok,
        Verdict::UnprovenTail => Exit::Unproven,
        Verdict::Tampered => Exit::Tampered,
    })
}

/// The record in one line, where nothing is wrong with it. A tail that no checkpoint covers yet is what a running
/// server has.
pub(in crate::commands) fn point(config: &Config) -> Result<String, Failure> {
    let report = judge(&config.data_dir, None, None)?;
    match report.wrong {
        None => Ok(format!(
            "{}: {} in {}",
            report.verdict.as_str(),
            many(report.frames, "frame"),
            many(report.segments, "segment")
        )),
        Some(wrong) => Err(Failure::tampered(wrong.to_string())),
    }
}

/// The verifier's report on the record of a data directory.
pub(in crate::commands) fn judge(
    data_dir: &Path,
    checkpoint: Option<&str>,
    key: Option<&str>,
) -> Result<Report, Failure> {
    chaperon_verify::verify(data_dir, checkpoint, key).map_err(|why| Failure::failed(why.to_string()))
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::failed(format!("`{}` can't be read: {}", path.display(), why(&error))))
}
