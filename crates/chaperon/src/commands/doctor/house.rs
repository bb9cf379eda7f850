//! What the data directory holds: keyring, database, record, and the clock against it.

use std::sync::Arc;

use audit::{Order, Reader};
use store::Condition;
use terms::{Clock as _, EngagementId, KeyId, SealError, Sealer, SegmentId, SegmentKeys, UtcMillis};

use super::finding::Finding;
use crate::config::Config;
use crate::failure::Failure;
use crate::house::{SystemClock, look_at_keyring, look_at_store};
use crate::output::many;

/// Nobody turned the clock on by accident before this was written.
const WRITTEN: &str = "2026-01-01";

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let begun = super::super::check::begun(config);
    let mut findings = Vec::new();
    if begun {
        findings.push(keyring(config));
        findings.push(database(config));
        findings.push(record(config));
    }
    findings.push(clock(config, begun));
    findings
}

fn keyring(config: &Config) -> Finding {
    match look_at_keyring(config) {
        Ok(keyring) => {
            let summary = keyring.summary();
            let root = format!("{:?}", summary.root).to_lowercase();
            Finding::ok(
                "keyring",
                format!("opens, root: {root}, {}", many(summary.engagements.len() as u64, "engagement")),
            )
        }
        Err(failure) => Finding::failed(
            "keyring",
            &failure,
            "give the root that the keyring was made with, and mend what is told",
        )
        .unless_served(),
    }
}

fn database(config: &Config) -> Finding {
    let looked = super::super::serve::runtime().and_then(|runtime| {
        let looked = runtime.block_on(look_at_store(config));
        // a name server that does not answer keeps nobody waiting
        runtime.shutdown_background();
        looked
    });
    match looked {
        Ok(Condition { whole: false, .. }) => Finding::fail(
            "database",
            "pages of the database are damaged",
            "stop the house and restore the newest copy; the record tells what changed since",
        ),
        Ok(Condition { schema, known, .. }) if schema < known => Finding::warn(
            "database",
            format!("schema {schema}, this version works with {known}"),
            "the next start brings it forward: copy the data directory before, earlier versions can't open it after",
        ),
        Ok(Condition { schema, .. }) => Finding::ok("database", format!("whole, schema {schema}")),
        Err(failure) => Finding::failed(
            "database",
            &failure,
            "see whether its server runs, or stop the house and restore the newest copy",
        )
        .unless_served(),
    }
}

fn record(config: &Config) -> Finding {
    if !config.data_dir.join("journal").exists() {
        return Finding::ok("record", "not begun");
    }
    match super::super::journal::point(config) {
        Ok(detail) => Finding::ok("record", detail),
        Err(failure) => {
            let help = "keep the data directory as it is, and compare it with a checkpoint kept elsewhere";
            Finding::failed("record", &failure, help)
        }
    }
}

fn clock(config: &Config, begun: bool) -> Finding {
    const HELP: &str = "set the clock: until it is right again, requests are refused";
    let now = SystemClock.now();
    let shown = format!("{now}");
    if UtcMillis::parse(WRITTEN).is_some_and(|written| now < written) {
        return Finding::fail("clock", format!("{shown}: before this program was written"), HELP);
    }
    match newest(config, begun) {
        Ok(Some(newest)) if newest > now => {
            Finding::fail("clock", format!("{shown}: behind the newest entry of the record, {newest}"), HELP)
        }
        Ok(_) => Finding::ok("clock", shown),
        Err(failure) => Finding::warn(
            "clock",
            format!("{shown}; it can't be compared with the record: {}", failure.message()),
            "see what is said of the record",
        ),
    }
}

/// When the newest entry was written.
fn newest(config: &Config, begun: bool) -> Result<Option<UtcMillis>, Failure> {
    let journal = config.data_dir.join("journal");
    if !begun || !journal.exists() {
        return Ok(None);
    }
    let failed = |error: audit::ReadError| Failure::failed(error.to_string());
    let mut records = Reader::new(journal, Arc::new(NoKeys)).records(Order::Newest).map_err(failed)?;
    Ok(records.next().transpose().map_err(failed)?.map(|record| record.time))
}

/// Times are not sealed: whoever reads nothing else needs no key.
struct NoKeys;

impl SegmentKeys for NoKeys {
    fn create(&self, _: SegmentId, _: &EngagementId) -> Result<Arc<dyn Sealer>, SealError> {
        Err(SealError::Forged)
    }

    fn find(&self, _: KeyId) -> Result<Arc<dyn Sealer>, SealError> {
        Err(SealError::Forged)
    }
}
