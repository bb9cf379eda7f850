//! Arrivals that were refused before a decision: counted at once, on record once a second, so that an attack costs
//! the record a line a second and not a line a request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use audit::{Control, Journal};
use terms::{Code, UtcMillis};

/// How often counts are put on record.
const PERIOD: Duration = Duration::from_secs(1);

struct Count {
    arrivals: u64,
    since: UtcMillis,
    until: UtcMillis,
}

#[derive(Default)]
pub(crate) struct Refusals(Mutex<BTreeMap<Code, Count>>);

impl Refusals {
    /// Counts one refused arrival.
    pub(crate) fn add(&self, code: Code, now: UtcMillis) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = counts.entry(code).or_insert(Count { arrivals: 0, since: now, until: now });
        entry.arrivals += 1;
        entry.until = entry.until.max(now);
    }

    /// Puts what was counted on record, if anything was.
    pub(crate) async fn record(&self, journal: &Journal) {
        let counts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (code, Count { arrivals: count, since, until }) in counts {
            let control = Control::RefusedArrivals { code: code.as_str().to_owned(), count, since, until };
            if let Err(error) = journal.control(control).await {
                tracing::error!(%error, "refused arrivals could not be put on record");
            }
        }
    }

    /// Puts counts on record for ever.
    pub(crate) async fn keep_recording(self: Arc<Self>, journal: Journal) {
        loop {
            tokio::time::sleep(PERIOD).await;
            self.record(&journal).await;
        }
    }
}
