//! Reading the record: entries and exchanges. Nothing in it is content.

use audit::{Body, Order, ReadError, Record};
use serde_json::{Value, json};
use terms::ExchangeId;

use super::Answer;
use crate::failure::Failure;
use crate::house::House;

/// The most entries of one answer.
pub(super) const MOST: u32 = 1000;

/// The newest entries, or those from a position on; oldest first.
pub(super) fn entries(house: &House, from: Option<u64>, count: u32) -> Result<Answer, Failure> {
    let count = usize::try_from(count.min(MOST)).unwrap_or(0);
    let records = house.reader().records(Order::Newest).map_err(|error| unreadable(&error))?;
    let mut entries = Vec::new();
    for record in records {
        let record = record.map_err(|error| unreadable(&error))?;
        if from.is_some_and(|from| record.position < from) || (from.is_none() && entries.len() == count) {
            break;
        }
        entries.push(entry_json(&record));
    }
    entries.reverse();
    entries.truncate(count);
    Ok(Answer::Entries(entries))
}

/// One entry.
pub(super) fn entry(house: &House, position: u64) -> Result<Answer, Failure> {
    let records = house.reader().records(Order::Newest).map_err(|error| unreadable(&error))?;
    for record in records {
        let record = record.map_err(|error| unreadable(&error))?;
        if record.position == position {
            return Ok(Answer::Entries(vec![entry_json(&record)]));
        }
        if record.position < position {
            break;
        }
    }
    Err(Failure::refused(format!("the record has no entry at position {position}")))
}

/// Opening and closing of one exchange.
pub(super) fn exchange(house: &House, exchange: ExchangeId) -> Result<Answer, Failure> {
    let found = house.reader().exchange(exchange).map_err(|error| unreadable(&error))?;
    let Some(found) = found else {
        return Err(Failure::refused(format!("the record has no exchange `{exchange}`")));
    };
    let closed = found.closed.map(|(at, closing)| json!({ "time": at.to_string(), "closing": closing }));
    Ok(Answer::Entries(vec![json!({
        "exchange": exchange,
        "receipt": found.receipt.to_string(),
        "opened": { "time": found.opened_at.to_string(), "opening": found.opening },
        "closed": closed,
    })]))
}

fn entry_json(record: &Record) -> Value {
    let (kind, entry) = match &record.body {
        Body::Opening(opening) => ("opening", json!(opening)),
        Body::Closing(exchange, closing) => ("closing", json!({ "exchange": exchange, "closing": closing })),
        Body::Control(control) => ("control", json!(control)),
        Body::Segment(head) => ("segment", json!({ "segment": record.segment, "head": head })),
        Body::Key(key) => (
            "key",
            json!({ "slot": key.slot, "key": key.key, "epoch": key.epoch, "commitment": key.commitment }),
        ),
        Body::Shredded => ("shredded", Value::Null),
        _ => ("unreadable", Value::Null),
    };
    json!({
        "position": record.position,
        "time": record.time.to_string(),
        "leaf": record.leaf.to_string(),
        "kind": kind,
        "entry": entry,
    })
}

pub(super) fn unreadable(error: &ReadError) -> Failure {
    match error {
        ReadError::Damaged { .. } => {
            Failure::tampered(error.to_string()).help("`chaperon journal verify` tells more")
        }
        _ => Failure::failed(error.to_string()),
    }
}
