//! Back: what the vendor answered, masked and restored, handed on, and the entry closed.

use std::sync::Arc;

use audit::{Closing, Outcome, Usage};
use bytes::Bytes;
use custody::{Opaque, Turn};
use deid::{Detector, Restorer};
use egress::Reply;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use permit::Permit;
use terms::Code;

use super::guards::{AnswerGuards, Tally, vendor_words};
use super::relay::{Course, Relay};
use super::{Arrival, Caller, Refused, budget, receipts, weighed};
use crate::gateway::Gateway;
use crate::protocol::{self, Answer, AnswerStream, Framing, error};
use crate::server::Outgoing;

/// What is needed to hand an answer on.
pub(super) struct Back {
    /// Examines the answer as the request was examined.
    pub(super) detector: Detector,
    pub(super) restorer: Arc<Restorer>,
    /// What the vendor was sent: identifiers in it are the request's own.
    pub(super) sent: Bytes,
    /// What was done to the request, for the caller's header.
    pub(super) action: String,
    pub(super) turn: Turn,
    /// Whether the answer's text was to be a JSON document.
    pub(super) document: bool,
    /// Whether the answer says what was in a part of the request that can't be read.
    pub(super) unread: bool,
    /// Whether what would be masked is only counted.
    pub(super) observed: bool,
}

impl Gateway {
    /// Hands the answer on, and closes the entry.
    pub(super) async fn give_back(
        &self,
        arrival: Box<Arrival>,
        permit: Permit,
        reply: Reply,
        back: Back,
        caller: Caller,
    ) {
        if !reply.status.is_success() {
            return Box::pin(self.vendor_refused(&arrival, permit, reply, &back, caller)).await;
        }
        if encoded(&reply.headers) {
            return self.fail(&arrival, permit, &Refused::from(Code::UPSTREAM_MALFORMED), caller).await;
        }
        let framing = arrival.endpoint.framing();
        match (arrival.request.stream(), is(&reply.headers, framing.media_type())) {
            (true, true) => Box::pin(self.stream(arrival, permit, reply, back, caller)).await,
            // a client of frames can read nothing else
            (true, false) if framing != Framing::Sse => {
                self.fail(&arrival, permit, &Refused::from(Code::UPSTREAM_MALFORMED), caller).await;
            }
            _ => Box::pin(self.whole(arrival, permit, reply, back, caller)).await,
        }
    }

    async fn whole(
        &self,
        mut arrival: Box<Arrival>,
        permit: Permit,
        reply: Reply,
        back: Back,
        caller: Caller,
    ) {
        let tally = Tally::default();
        let mut body = Vec::new();
        let text = arrival.endpoint.answers_in_text();
        let most = self.parts.limits.answer_bytes.saturating_mul(if text { 1 } else { VECTORS });
        let space = &mut arrival.held;
        let room = |more| space.grow(more).map_err(|none| none.0);
        let collected = reply.body.collect(most, &mut body, room);
        let collected = tokio::time::timeout(self.parts.limits.answer, collected).await;
        let came = body.len();
        let guarded = match collected.unwrap_or(Err(Code::UPSTREAM_TIMEOUT)) {
            Ok(()) => {
                let body = Bytes::from(body);
                let (mut guards, limits) = (AnswerGuards::new(&back, &tally), &self.parts.limits.protocol);
                weighed(came, || Answer::guard(arrival.endpoint, body, &mut guards, limits))
                    .map_err(|e| e.code())
            }
            Err(code) => Err(code),
        };
        let answer = match guarded {
            Ok(answer) => answer,
            Err(code) => {
                // what can't be handed on was made nevertheless
                self.used(&arrival, &protocol::Facts::default(), came, false);
                return self.fail(&arrival, permit, &Refused::from(code), caller).await;
            }
        };
        let mut head = Response::new(Outgoing::whole(answer.body.clone()));
        head.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        receipts(head.headers_mut(), arrival.exchange, permit.opened(), &back.action);
        let opaque = Opaque { service: arrival.choice.route.service.as_str(), parts: &answer.opaque };
        back.turn.answered(answer.canonical.as_deref(), opaque);
        self.used(&arrival, &answer.facts, answer.body.len(), true);
        let closing = self.closing(&arrival, &tally, &answer.facts, Outcome::Success, answer.body.len());
        self.close(&arrival, permit.end(), closing).await;
        arrival.answer(caller, head);
    }

    async fn stream(
        &self,
        mut arrival: Box<Arrival>,
        permit: Permit,
        reply: Reply,
        back: Back,
        caller: Caller,
    ) {
        let tally = Tally::default();
        let (kept, patience) = (self.parts.limits.protocol.answer_bytes, self.parts.limits.idle);
        let (mut relay, pieces) = Relay::new(kept, patience);
        let mut head = Response::new(Outgoing::Pieces(pieces));
        let framing = arrival.endpoint.framing();
        head.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(framing.content_type()));
        if framing == Framing::Chunks {
            head.headers_mut().insert(CHUNKS, HeaderValue::from_static("application/json"));
        }
        head.headers_mut().insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        receipts(head.headers_mut(), arrival.exchange, permit.opened(), &back.action);
        let _left = caller.send(head);
        let guards = Box::new(AnswerGuards::new(&back, &tally));
        let mut answer = AnswerStream::new(arrival.endpoint, guards, self.parts.limits.protocol);
        let Arrival { held, taken, trace, choice, .. } = &mut *arrival;
        let at = Course {
            begun: || trace.streams(choice),
            ends: |facts: &protocol::Facts, bytes| budget::ends(taken.as_ref(), choice, facts, bytes),
        };
        let ended = relay.run(&mut answer, reply.body, held, at);
        let ended = tokio::time::timeout(self.parts.limits.answer, ended).await;
        let (outcome, code) = match ended.unwrap_or(Err(Code::UPSTREAM_TIMEOUT)) {
            Ok(()) => (Outcome::Success, None),
            Err(code) => (Outcome::Failure, Some(code)),
        };
        // what the vendor told of its failure went on, and is not told again
        let mut told = answer.told_failure() && code != Some(Code::CALLER_LEFT);
        if let Some(code) = code.filter(|code| !told && *code != Code::CALLER_LEFT) {
            let event = answer.refusal(code, Some(arrival.exchange));
            told = relay.give(event.to_vec()).await.is_ok();
        }
        let opaque = Opaque { service: arrival.choice.route.service.as_str(), parts: answer.opaque() };
        back.turn.answered(answer.canonical().as_deref(), opaque);
        self.used(&arrival, answer.facts(), relay.bytes(), code.is_none());
        arrival.settle();
        let closing = self.closing(&arrival, &tally, answer.facts(), outcome, relay.bytes());
        let closing = if let Some(code) = code { closing.because(code) } else { closing };
        self.close(&arrival, permit.end(), closing).await;
        // an exception is an end that no client takes for another, and one that a cut connection could lose; so is a
        // vendor's last event that tells of its failure
        let ended = framing.has_exceptions() || (answer.told_failure() && answer.is_complete());
        if code.is_none() || (told && ended) {
            relay.end().await;
        }
    }

    /// The vendor refused: its status and kind of error go on, its words only through a guard.
    async fn vendor_refused(
        &self,
        arrival: &Arrival,
        permit: Permit,
        reply: Reply,
        back: &Back,
        caller: Caller,
    ) {
        let tally = Tally::default();
        let status = reply.status;
        let body = reply.body.whole(ERROR_BYTES).await.unwrap_or_default();
        let mut guards = vendor_words(back, &tally);
        let protocol = arrival.endpoint.protocol();
        let wire =
            error::upstream(protocol, status.as_u16(), &body, Some(&mut guards), Some(arrival.exchange));
        let mut head = super::response(&wire);
        receipts(head.headers_mut(), arrival.exchange, permit.opened(), "fail");
        for name in ["retry-after", "retry-after-ms"] {
            if let Some(value) =
                reply.headers.get(name).filter(|value| value.as_bytes().iter().all(u8::is_ascii_digit))
            {
                head.headers_mut().insert(http::HeaderName::from_static(name), value.clone());
            }
        }
        self.metrics.refused(Code::UPSTREAM_REFUSED);
        let closing = self
            .closing(arrival, &tally, &protocol::Facts::default(), Outcome::Failure, wire.body.len())
            .because(Code::UPSTREAM_REFUSED);
        let closing = Closing { status: Some(wire.status), ..closing };
        self.close(arrival, permit.end(), closing).await;
        arrival.answer(caller, head);
    }

    fn closing(
        &self,
        arrival: &Arrival,
        tally: &Tally,
        facts: &protocol::Facts,
        outcome: Outcome,
        bytes_out: usize,
    ) -> Closing {
        let (masked, restored) = tally.counted();
        arrival.trace.answered(arrival, facts);
        let mut closing = Closing::new(outcome);
        let counts = if arrival.observed { &mut closing.unmasked } else { &mut closing.masked };
        *counts = masked;
        self.metrics.answered(&closing.masked, restored);
        if !closing.masked.is_empty() {
            tracing::warn!(exchange = %arrival.exchange, "an answer held identifiers that were not in the request");
            closing = closing.because(Code::ANSWER_MASKED);
        }
        closing.status = Some(StatusCode::OK.as_u16());
        closing.model_reported.clone_from(&facts.model);
        closing.restored = restored;
        closing.bytes_in = arrival.request.size() as u64;
        closing.bytes_out = bytes_out as u64;
        closing.usage = match (facts.input_tokens, facts.output_tokens) {
            (None, None) => None,
            (input, output) => Some(Usage { input: input.unwrap_or(0), output: output.unwrap_or(0) }),
        };
        closing
    }
}

/// What the chunks of a stream hold: clients of Bedrock look for it.
const CHUNKS: HeaderName = HeaderName::from_static("x-amzn-bedrock-content-type");

/// Vectors may take so many times the bytes of other answers: a full batch in decimal notation takes 70 MB.
const VECTORS: usize = 3;

/// Error texts longer than this are not read.
const ERROR_BYTES: usize = 256 << 10;

fn is(headers: &HeaderMap, kind: &str) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(kind.as_bytes()))
}

/// An answer in an encoding that was not asked for can't be read, and so not be guarded.
fn encoded(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_ENCODING).is_some_and(|value| value.as_bytes() != b"identity")
}
