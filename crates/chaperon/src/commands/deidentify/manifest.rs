//! What was done: one line a file, and what an earlier run did.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use terms::FindingCounts;

use super::stream::{Passed, Problem, hex};
use crate::failure::Failure;

/// Under which settings something was done: what differs in one of them is done again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    /// The version of this program.
    pub(super) engine: String,
    /// The version of the detector: rules, tagger, term lists.
    pub(super) rules: String,
    pub(super) operating_point: String,
    pub(super) treatments: String,
    /// How far surrogates stay the same: `run` or `file`.
    pub(super) surrogates: String,
    /// The format that was said, where one was.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub(super) said: Option<String>,
    /// SHA-256 of what was said of columns and paths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) columns: Option<String>,
    /// Whose term lists were applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) engagement: Option<String>,
    /// What tells these term lists from others of the same name and version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lists: Option<String>,
    /// The year that it was, where it decides what becomes of a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) year: Option<u32>,
}

/// A file that is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Where it is below the out folder.
    pub(super) path: String,
    pub(super) format: String,
    pub(super) bytes_in: u64,
    pub(super) sha256_in: String,
    pub(super) bytes_out: u64,
    pub(super) sha256_out: String,
    pub(super) counts: FindingCounts,
    /// What whoever uses it must know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<String>,
    /// Names of columns and paths, as the caller gave them, that it does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unmatched: Vec<String>,
    #[serde(flatten)]
    pub(super) settings: Settings,
}

impl Line {
    pub(super) fn new(path: &str, format: &str, passed: Passed, settings: &Settings) -> Self {
        Self {
            path: path.to_owned(),
            format: format.to_owned(),
            bytes_in: passed.bytes_in,
            sha256_in: passed.digest_in,
            bytes_out: passed.bytes_out,
            sha256_out: passed.digest_out,
            counts: passed.counts,
            warnings: passed.warnings.into_iter().map(str::to_owned).collect(),
            unmatched: passed.unmatched,
            settings: settings.clone(),
        }
    }
}

/// A file that could not be done.
#[derive(Serialize)]
struct Wrong<'a> {
    path: &'a str,
    failed: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
}

/// All files together.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Totals {
    pub(super) files: u64,
    pub(super) failed: u64,
    pub(super) bytes_in: u64,
    pub(super) bytes_out: u64,
    pub(super) counts: FindingCounts,
}

/// What is known of each file, by its name.
#[derive(Default)]
pub(super) struct Manifest {
    pub(super) done: BTreeMap<String, Line>,
    pub(super) failed: BTreeMap<String, Problem>,
}

impl Manifest {
    /// The lines of files that are done; what a crash cut off is none.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        for line in bytes.split(|byte| *byte == b'\n') {
            if let Ok(line) = serde_json::from_slice::<Line>(line) {
                self.done.insert(line.path.clone(), line);
            }
        }
    }

    /// Whether it is one of this program, and no line of it anything else.
    pub(super) fn is_one(bytes: &[u8]) -> bool {
        let ours = |line: &[u8]| {
            serde_json::from_slice::<Line>(line).is_ok()
                || serde_json::from_slice::<serde_json::Value>(line).is_ok_and(|line| {
                    line.get("totals").is_some_and(serde_json::Value::is_object)
                        || line.get("path").is_some() && line.get("failed").is_some()
                })
        };
        let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).peekable();
        lines.peek().is_some() && lines.all(ours)
    }

    /// What is done, for the notes of a run that goes on.
    pub(super) fn noted(&self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        self.done.values().try_for_each(|done| line(&mut bytes, done))?;
        Ok(bytes)
    }

    pub(super) fn totals(&self) -> Totals {
        let mut totals =
            Totals { files: self.done.len() as u64, failed: self.failed.len() as u64, ..Totals::default() };
        for line in self.done.values() {
            totals.bytes_in += line.bytes_in;
            totals.bytes_out += line.bytes_out;
            totals.counts.merge(&line.counts);
        }
        totals
    }

    /// What the caller said of columns and paths that no file has.
    pub(super) fn unmatched(&self) -> Vec<&str> {
        let mut lines = self.done.values();
        let Some(first) = lines.next() else { return Vec::new() };
        let nowhere =
            |name: &&str| lines.clone().all(|line| line.unmatched.iter().any(|other| other == name));
        first.unmatched.iter().map(String::as_str).filter(nowhere).collect()
    }

    /// As it is written: files by name, then those that failed, then the totals. The same work gives the same bytes.
    pub(super) fn write(&self) -> Result<Vec<u8>, Failure> {
        let mut bytes = self.noted()?;
        for (path, problem) in &self.failed {
            line(&mut bytes, &Wrong { path, failed: &problem.what, offset: problem.offset })?;
        }
        line(&mut bytes, &serde_json::json!({ "totals": self.totals(), "unmatched": self.unmatched() }))?;
        Ok(bytes)
    }
}

/// A line of JSON.
pub(super) fn line(bytes: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *bytes, value)
        .map_err(|_| Failure::failed("the manifest can't be written"))?;
    bytes.push(b'\n');
    Ok(())
}

/// The digest of a manifest.
pub(super) fn digest(bytes: &[u8]) -> String {
    hex(Sha256::new().chain_update(bytes))
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass;

    use super::*;

    fn done(path: &str) -> Line {
        let mut counts = FindingCounts::default();
        counts.add(IdentifierClass::Mrn);
        let settings = Settings {
            engine: "0".into(),
            rules: "r".into(),
            operating_point: "rules".into(),
            treatments: "*=redact".into(),
            surrogates: "run".into(),
            said: None,
            columns: None,
            engagement: None,
            lists: None,
            year: None,
        };
        let passed = Passed { bytes_in: 10, bytes_out: 8, counts, ..Passed::default() };
        Line::new(path, "text", passed, &settings)
    }

    #[test]
    fn what_is_written_is_read_and_a_cut_line_is_none() {
        let mut manifest = Manifest::default();
        for path in ["b", "a"] {
            manifest.done.insert(path.into(), done(path));
        }
        manifest.failed.insert("c".into(), Problem::new("is not text in UTF-8", Some(7)));
        let bytes = manifest.write().unwrap();
        let lines: Vec<serde_json::Value> = bytes
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .map(|l| serde_json::from_slice(l).unwrap())
            .collect();
        assert_eq!(
            (&lines[0]["path"], &lines[0]["rules"], &lines[0]["counts"]["MRN"]),
            (&"a".into(), &"r".into(), &1.into())
        );
        assert_eq!((&lines[2]["failed"], &lines[2]["offset"]), (&"is not text in UTF-8".into(), &7.into()));
        let totals = &lines[3]["totals"];
        assert_eq!(
            (&totals["files"], &totals["failed"], &totals["bytes_in"]),
            (&2.into(), &1.into(), &20.into())
        );
        assert!(Manifest::is_one(&bytes) && !Manifest::is_one(b""));
        assert!(!Manifest::is_one(&[&bytes[..], b"{\"sku\": 7}\n"].concat()));
        let mut again = Manifest::default();
        again.read(&bytes[..bytes.iter().position(|b| *b == b'\n').unwrap() + 30]);
        assert_eq!(again.done.len(), 1);
        again.read(&bytes);
        assert_eq!(again.done, manifest.done);
        assert_eq!(digest(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
