//! Candidates for an incident, read from the record.
//!
//! An answer that held identifiers which its request did not is a sign that somebody else's data may have been
//! disclosed (45 CFR 164.308(a)(6), 164.402): whether it was is for a person to say.

use audit::{Exchange, Order, Reader};
use serde_json::{Value, json};
use terms::{EngagementId, UtcMillis};

use super::Answer;
use super::record::{MOST, unreadable};
use crate::failure::Failure;
use crate::house::House;

/// The newest candidates, newest first.
pub(super) async fn candidates(
    house: &House,
    engagement: Option<EngagementId>,
    since: Option<UtcMillis>,
    count: u32,
) -> Result<Answer, Failure> {
    let reader = house.reader();
    let count = usize::try_from(count.min(MOST)).unwrap_or(0);
    // the whole record may have to be read: not on a thread that answers others
    let found = tokio::task::spawn_blocking(move || find(&reader, engagement.as_ref(), since, count));
    found.await.map_err(|_gone| Failure::failed("the record could not be read"))?.map(Answer::Entries)
}

fn find(
    reader: &Reader,
    engagement: Option<&EngagementId>,
    since: Option<UtcMillis>,
    count: usize,
) -> Result<Vec<Value>, Failure> {
    let mut found = Vec::new();
    for exchange in reader.exchanges(Order::Newest).map_err(|error| unreadable(&error))? {
        let exchange = exchange.map_err(|error| unreadable(&error))?;
        if found.len() == count || since.is_some_and(|since| exchange.opened_at < since) {
            break;
        }
        if engagement.is_none_or(|wanted| *wanted == exchange.opening.engagement) {
            found.extend(candidate(&exchange));
        }
    }
    Ok(found)
}

/// What a compliance officer needs to know of an exchange whose answer was masked; `None` for any other.
fn candidate(exchange: &Exchange) -> Option<Value> {
    let (closed_at, closing) = exchange.closed.as_ref()?;
    if closing.masked.is_empty() {
        return None;
    }
    let opening = &exchange.opening;
    Some(json!({
        "exchange": opening.exchange,
        "opened": exchange.opened_at.to_string(),
        "closed": closed_at.to_string(),
        "engagement": opening.engagement,
        "agent": opening.agent,
        "workflow": opening.workflow,
        "on_behalf_of": opening.on_behalf_of,
        "vendor": opening.destination.vendor,
        "service": opening.destination.service,
        "model": opening.model.resolved,
        "outcome": closing.outcome,
        "code": closing.code,
        "masked": closing.masked,
        "receipt": exchange.receipt.to_string(),
    }))
}
