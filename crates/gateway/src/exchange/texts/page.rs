//! What is answered.

use deid::{Finding, Transformed};
use http::Response;
use hyper::body::Body as _;
use serde_json::{Map, Value, json};
use terms::Phi;

use super::job::Job;
use crate::exchange::preview::Characters;
use crate::server::Outgoing;

/// Texts without identifiers, and where those were.
pub(super) fn replaced(job: &Job, found: &[Vec<Finding>], done: &Transformed) -> Value {
    let mut texts: Vec<&str> = job.texts.iter().map(String::as_str).collect();
    for (index, text) in done.edits() {
        if let Some(place) = texts.get_mut(*index) {
            *place = text;
        }
    }
    let mut page = page(job, &texts);
    page.insert("findings".to_owned(), findings(job, found, done));
    page.insert("counts".to_owned(), json!(done.counts()));
    Value::Object(page)
}

/// Texts with originals in them.
pub(super) fn restored(job: &Job, texts: &[Phi<String>]) -> Value {
    let texts: Vec<&str> = texts.iter().map(|text| text.expose().as_str()).collect();
    Value::Object(page(job, &texts))
}

fn page(job: &Job, texts: &[&str]) -> Map<String, Value> {
    let mut page = Map::new();
    if job.many {
        page.insert("texts".to_owned(), json!(texts));
    } else {
        page.insert("text".to_owned(), json!(texts.first()));
    }
    page.insert("session".to_owned(), json!(job.session));
    page.insert("exchange".to_owned(), json!(job.exchange));
    page
}

fn findings(job: &Job, found: &[Vec<Finding>], done: &Transformed) -> Value {
    let mut all = Vec::new();
    for (index, (text, found)) in job.texts.iter().zip(found).enumerate() {
        let mut characters = Characters::of(text);
        for finding in found {
            let (start, end) = (characters.at(finding.span.start), characters.at(finding.span.end));
            let mut one = Map::new();
            if job.many {
                one.insert("text".to_owned(), index.into());
            }
            one.insert("class".to_owned(), json!(finding.class));
            one.insert("start".to_owned(), start.into());
            one.insert("end".to_owned(), end.into());
            one.insert("treatment".to_owned(), json!(done.obligations().treatment(finding.class)));
            one.insert("recognizer".to_owned(), finding.recognizer.into());
            one.insert("confidence".to_owned(), finding.confidence.0.into());
            all.push(Value::Object(one));
        }
    }
    Value::Array(all)
}

/// Bytes of an answer.
pub(super) fn length(answer: &Response<Outgoing>) -> u64 {
    answer.body().size_hint().exact().unwrap_or_default()
}
