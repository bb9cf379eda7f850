//! What is said of a run when it has ended.

use serde::Serialize;

use super::manifest::{Manifest, Totals};
use crate::failure::Failure;
use crate::output::{Output, many, safe};

/// What became of a run, beside its manifest.
pub(super) struct Ending<'a> {
    pub(super) manifest: &'a Manifest,
    /// How many an earlier run had done.
    pub(super) before: usize,
    pub(super) left_out: &'a [(String, &'static str)],
    /// Names that may be somebody's.
    pub(super) names: usize,
    /// Where the manifest is, and its digest.
    pub(super) place: &'a str,
    pub(super) digest: &'a str,
}

#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    totals: Totals,
    done_before: usize,
    failures: Vec<Failed<'a>>,
    left_out: Vec<LeftOut<'a>>,
    warnings: Vec<Warning<'a>>,
    unmatched: Vec<&'a str>,
    names_that_may_identify: usize,
    manifest: &'a str,
    manifest_sha256: &'a str,
}

#[derive(Serialize)]
struct Failed<'a> {
    path: &'a str,
    problem: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
}

#[derive(Serialize)]
struct LeftOut<'a> {
    path: &'a str,
    why: &'static str,
}

#[derive(Serialize)]
struct Warning<'a> {
    path: &'a str,
    warning: &'a str,
}

/// That something was said of a column or path that is nowhere.
pub(super) fn no_such(name: &str) -> String {
    format!("nothing is called `{}`, of which the file of columns tells", safe(name))
}

impl Ending<'_> {
    pub(super) fn tell(&self, out: &mut Output) -> Result<(), Failure> {
        if out.is_json() { out.json(&self.told()) } else { self.people(out) }
    }

    fn told(&self) -> Told<'_> {
        let failures = self.manifest.failed.iter();
        let failures =
            failures.map(|(path, problem)| Failed { path, problem: &problem.what, offset: problem.offset });
        let left_out = self.left_out.iter().map(|(path, why)| LeftOut { path, why });
        Told {
            totals: self.manifest.totals(),
            done_before: self.before,
            failures: failures.collect(),
            left_out: left_out.collect(),
            warnings: self.warnings().collect(),
            unmatched: self.manifest.unmatched(),
            names_that_may_identify: self.names,
            manifest: self.place,
            manifest_sha256: self.digest,
        }
    }

    fn warnings(&self) -> impl Iterator<Item = Warning<'_>> {
        self.manifest
            .done
            .iter()
            .flat_map(|(path, line)| line.warnings.iter().map(move |warning| Warning { path, warning }))
    }

    fn people(&self, out: &mut Output) -> Result<(), Failure> {
        for (path, problem) in &self.manifest.failed {
            let at = problem.offset.map(|offset| format!(" at byte {offset}")).unwrap_or_default();
            out.line(&format!("failed: {}{at}: {}", safe(path), problem.what))?;
        }
        for (path, why) in self.left_out {
            out.line(&format!("left out: {} ({why})", safe(path)))?;
        }
        for Warning { path, warning } in self.warnings() {
            out.line(&format!("note: {}: {warning}", safe(path)))?;
        }
        if self.names > 0 {
            let (count, have) =
                (many(self.names as u64, "name"), if self.names == 1 { "has" } else { "have" });
            out.line(&format!(
                "note: {count} of files {have} what may be an identifier in it; names stay as they are"
            ))?;
        }
        let totals = self.manifest.totals();
        let before =
            if self.before == 0 { String::new() } else { format!(", {} of them before", self.before) };
        let counts: Vec<_> = totals.counts.iter().map(|(class, count)| format!("{class} {count}")).collect();
        let found = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
        out.line(&format!("{} done{before}: {found}", many(totals.files, "file")))?;
        out.line(&format!("manifest: {}  sha256 {}", safe(self.place), self.digest))
    }
}
