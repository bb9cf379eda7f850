//! What services' answers say of them, as they said it last: a few values a service, in memory only, none of them
//! content. Nothing is decided by them; `chaperon check` shows what does not fit the rows, and the log warns once.

use std::collections::HashMap;

use governance::facts::Seen;
use governance::{Row, Service};
use http::HeaderMap;
use parking_lot::Mutex;
use terms::{EngagementId, Name, RowVersion};

/// What was seen of one service under one version of its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Whose service.
    pub engagement: EngagementId,
    /// Which.
    pub service: Name,
    /// The version of its row that was asked.
    pub version: RowVersion,
    /// What its answers said.
    pub seen: Seen,
}

/// The newest of each service that said something.
#[derive(Debug, Default)]
pub struct Observations(Mutex<HashMap<(EngagementId, Name), (RowVersion, Seen)>>);

impl Observations {
    /// Takes note of an answer. Most say nothing, and cost two look-ups.
    pub(crate) fn note(&self, row: &Row<Service>, headers: &HeaderMap) {
        let seen = Seen::read(|name| headers.get(name).map(http::HeaderValue::as_bytes));
        if seen.is_empty() {
            return;
        }
        let place = (row.engagement.clone(), row.id.clone());
        let now = (row.version, seen.clone());
        let before = self.0.lock().insert(place, now.clone());
        if before.as_ref() == Some(&now) {
            return;
        }
        for mismatch in seen.compare(&row.id, &row.body) {
            tracing::warn!(
                engagement = %row.engagement, service = %row.id, code = mismatch.word, "{}", mismatch.found
            );
        }
    }

    /// All of them, in no order.
    pub fn all(&self) -> Vec<Observation> {
        let places = self.0.lock();
        places
            .iter()
            .map(|((engagement, service), (version, seen))| Observation {
                engagement: engagement.clone(),
                service: service.clone(),
                version: *version,
                seen: seen.clone(),
            })
            .collect()
    }
}
