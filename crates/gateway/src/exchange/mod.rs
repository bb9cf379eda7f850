//! The way of one request: who, what, to whom, may it, on record, out, back, closed.
//!
//! An exchange runs detached from its caller, so that its closing entry is written though the caller leaves.

mod answer;
mod arrival;
mod budget;
mod consider;
mod guards;
mod outbound;
mod plan;
mod preview;
mod relay;
mod residual;
mod run;
mod texts;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use audit::{Closing, Opened, Outcome};
use futures_util::FutureExt as _;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use permit::Denied;
use terms::{Code, Decision, ExchangeId, Reason, Verdict};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

pub(crate) use arrival::{Arrival, Choice, Known, Refused};
pub(crate) use outbound::Replaced;
pub use preview::Onlooker;
pub(crate) use texts::{PROTOCOL as TEXTS, Task};

use crate::gateway::Gateway;
use crate::protocol::error::{self, WireError};
use crate::server::Outgoing;

const EXCHANGE: HeaderName = HeaderName::from_static("chaperon-exchange");
const ACTION: HeaderName = HeaderName::from_static("chaperon-action");
const RECEIPT: HeaderName = HeaderName::from_static("chaperon-receipt");

/// Where the head of the answer goes; the caller may have left.
type Caller = oneshot::Sender<Response<Outgoing>>;

impl Gateway {
    /// Runs an exchange to its end, detached, and gives its answer as soon as the answer's head is there.
    pub(crate) async fn exchange(
        self: &Arc<Self>,
        arrival: Box<Arrival>,
        seat: OwnedSemaphorePermit,
    ) -> Response<Outgoing> {
        let (exchange, protocol) = (arrival.exchange, arrival.endpoint.protocol());
        let current = Arc::clone(&arrival.current);
        let (caller, answered) = oneshot::channel();
        let gateway = Arc::clone(self);
        tokio::spawn(async move {
            let _seat = seat;
            let _counted = gateway.metrics.under_way();
            let engagement = arrival.caller.engagement.clone();
            if AssertUnwindSafe(gateway.run(arrival, caller)).catch_unwind().await.is_err() {
                tracing::error!(%exchange, "an exchange panicked and is closed as interrupted: this is a defect");
                let exchange = *current.lock();
                let _refused = gateway.parts.journal.interrupt(exchange, engagement).await;
            }
        });
        // the task ends without an answer only if it panicked
        answered.await.unwrap_or_else(|_gone| {
            response(&error::refusal(protocol, Code::INTERRUPTED, Some(exchange), None))
        })
    }

    /// Answers what policy denies, and closes its entry: the first reason decides status and text, the others follow.
    async fn deny(&self, arrival: &Arrival, denied: Denied, caller: Caller) {
        let Denied { decision, opened } = denied;
        let protocol = arrival.endpoint.protocol();
        let code = denial(&decision);
        let detail = reasons(&decision.reasons);
        let wire = error::refusal(protocol, code, Some(arrival.exchange), detail.as_deref());
        let mut head = response(&wire);
        receipts(head.headers_mut(), arrival.exchange, &opened, "deny");
        let closing = Closing { status: Some(wire.status), ..Closing::new(Outcome::Refused).because(code) };
        self.metrics.refused(code);
        self.close(arrival, opened, closing).await;
        arrival.answer(caller, head);
    }

    /// Refuses before a decision: counted, and on record with others of its kind.
    pub(crate) fn refuse(
        &self,
        protocol: crate::protocol::Protocol,
        exchange: ExchangeId,
        refused: &Refused,
    ) -> Response<Outgoing> {
        self.metrics.refused(refused.code);
        self.refusals.add(refused.code, self.parts.clock.now());
        let mut response =
            response(&error::refusal(protocol, refused.code, Some(exchange), refused.detail.as_deref()));
        header(response.headers_mut(), EXCHANGE, &exchange.to_string());
        if let Some(again) = refused.again {
            let seconds = again.as_secs() + u64::from(again.subsec_nanos() > 0);
            header(response.headers_mut(), http::header::RETRY_AFTER, &seconds.to_string());
        }
        response
    }

    /// Closes an entry. A closing that can't be written leaves the exchange open, which shows as interrupted.
    async fn close(&self, arrival: &Arrival, opened: Opened, closing: Closing) {
        self.metrics.ended(arrival.endpoint.protocol().as_str(), word(closing.outcome));
        arrival.trace.closed(arrival, &closing);
        if let Err(error) = self.parts.journal.close(opened, closing).await {
            tracing::error!(%error, "a closing entry could not be queued");
        }
    }
}

/// An outcome as metrics and traces write it.
pub(crate) const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "success",
        Outcome::Failure => "failure",
        Outcome::Refused => "refused",
        _ => "interrupted",
    }
}

/// The code of a denial. A permit is denied only where the record holds another decision, and its reasons are none then.
fn denial(decision: &Decision) -> Code {
    match (decision.verdict, decision.reasons.first()) {
        (Verdict::Deny, Some(reason)) => reason.code,
        (Verdict::Deny, None) => Code::POLICY_NO_PERMIT,
        (Verdict::Permit, _) => Code::POLICY_ERROR,
    }
}

/// What the reasons of the first code are about, and the other codes, each once.
fn reasons(reasons: &[Reason]) -> Option<String> {
    let first = reasons.first()?.code;
    let same = reasons.iter().filter(|reason| reason.code == first);
    let mut words: Vec<String> = same.filter_map(|reason| reason.detail.clone()).collect();
    let mut others: Vec<&str> = Vec::new();
    for code in reasons.iter().filter(|reason| reason.code != first).map(|reason| reason.code.as_str()) {
        if !others.contains(&code) {
            others.push(code);
        }
    }
    if !others.is_empty() {
        words.push(format!("also {}", others.join(", ")));
    }
    (!words.is_empty()).then(|| words.join("; "))
}

/// An error as an HTTP answer.
pub(crate) fn response(wire: &WireError) -> Response<Outgoing> {
    let mut response = Response::new(Outgoing::whole(wire.body.clone()));
    *response.status_mut() = StatusCode::from_u16(wire.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, text) in &wire.headers {
        header(response.headers_mut(), HeaderName::from_static(name), text);
    }
    response
}

/// Exchange, action and receipt, as headers of the answer.
fn receipts(headers: &mut HeaderMap, exchange: ExchangeId, opened: &Opened, action: &str) {
    header(headers, EXCHANGE, &exchange.to_string());
    header(headers, ACTION, action);
    header(headers, RECEIPT, &opened.receipt().to_string());
}

fn header(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

/// Work above this many bytes would hold up other exchanges of the same thread.
const LARGE: usize = 64 << 10;

/// Does work on so many bytes where it holds nobody up.
fn weighed<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    if bytes > LARGE { tokio::task::block_in_place(work) } else { work() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: Code, detail: &str) -> Reason {
        Reason { detail: (!detail.is_empty()).then(|| detail.to_owned()), ..Reason::new(code) }
    }

    #[test]
    fn a_refusal_tells_all_of_its_first_code_and_each_other_code_once() {
        let told = reasons(&[
            reason(Code::SCOPE_MISSING, "region"),
            reason(Code::SCOPE_MISSING, "retention"),
            reason(Code::UNSCANNABLE, "base"),
            reason(Code::EXTERNAL_URL, ""),
            reason(Code::UNSCANNABLE, "mercy"),
        ]);
        assert_eq!(told.as_deref(), Some("region; retention; also unscannable, external-url"));
        assert_eq!(reasons(&[reason(Code::POLICY_ERROR, "")]), None);
        assert_eq!(reasons(&[]), None);
    }
}
