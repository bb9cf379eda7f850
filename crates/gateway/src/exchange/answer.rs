//! Back: what the vendor answered, masked and restored, handed on, and the entry closed.

use std::sync::{Arc, Mutex, PoisonError};

use audit::{Closing, Outcome, Usage};
use bytes::Bytes;
use custody::{Opaque, Turn};
use deid::{AnswerGuard, Detector, Encoding, Restorer};
use egress::{EgressError, Reply, ReplyBody};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use permit::Permit;
use terms::{Code, FindingCounts};

use super::relay::{Course, Relay};
use super::{Arrival, Caller, Refused, budget, receipts, weighed};
use crate::gateway::Gateway;
use crate::protocol::{self, Answer, AnswerStream, Channel, Framing, Guard, error};
use crate::server::{Held, Outgoing};

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
        let collected = self.collect(reply.body, most, &mut body, &mut arrival.held);
        let collected = tokio::time::timeout(self.parts.limits.answer, collected).await;
        let came = body.len();
        let guarded = match collected.unwrap_or(Err(Code::UPSTREAM_TIMEOUT)) {
            Ok(()) => {
                let body = Bytes::from(body);
                let (mut guards, limits) = (Self::guards(&back, &tally), &self.parts.limits.protocol);
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

    /// The whole body, within its cap and the room there is.
    async fn collect(
        &self,
        mut body: ReplyBody,
        most: usize,
        into: &mut Vec<u8>,
        held: &mut Held,
    ) -> Result<(), Code> {
        while let Some(piece) = body.next().await.map_err(EgressError::code)? {
            if into.len() + piece.len() > most {
                return Err(Code::UPSTREAM_MALFORMED);
            }
            held.grow(piece.len()).map_err(|none| none.0)?;
            into.extend_from_slice(&piece);
        }
        Ok(())
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
        let guards = Box::new(Self::guards(&back, &tally));
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
        let mut told = false;
        if let Some(code) = code.filter(|code| *code != Code::CALLER_LEFT) {
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
        // an exception is an end that no client takes for another, and one that a cut connection could lose
        if code.is_none() || (told && framing.has_exceptions()) {
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
        let detector = back.detector.clone();
        let (restorer, sent, counts) = (Arc::clone(&back.restorer), back.sent.clone(), tally.clone());
        let observed = back.observed;
        let mut guards = move |_channel| -> Box<dyn Guard + Send> {
            let (detector, restorer, sent) = (detector.clone(), Arc::clone(&restorer), sent.clone());
            Box::new(VendorWords {
                detector,
                restorer,
                sent,
                tally: counts.clone(),
                observed,
                text: String::new(),
            })
        };
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
        let counted = tally.0.lock().unwrap_or_else(PoisonError::into_inner);
        arrival.trace.answered(arrival, facts);
        let mut closing = Closing::new(outcome);
        let counts = if arrival.observed { &mut closing.unmasked } else { &mut closing.masked };
        counts.clone_from(&counted.masked);
        self.metrics.answered(&closing.masked, counted.restored);
        if !closing.masked.is_empty() {
            tracing::warn!(exchange = %arrival.exchange, "an answer held identifiers that were not in the request");
            closing = closing.because(Code::ANSWER_MASKED);
        }
        closing.status = Some(StatusCode::OK.as_u16());
        closing.model_reported.clone_from(&facts.model);
        closing.restored = counted.restored;
        closing.bytes_in = arrival.request.size() as u64;
        closing.bytes_out = bytes_out as u64;
        closing.usage = match (facts.input_tokens, facts.output_tokens) {
            (None, None) => None,
            (input, output) => Some(Usage { input: input.unwrap_or(0), output: output.unwrap_or(0) }),
        };
        closing
    }

    /// One guard for each channel of the answer's text.
    fn guards(back: &Back, tally: &Tally) -> impl FnMut(Channel) -> Box<dyn Guard + Send> + Send + use<> {
        let detector: Detector = back.detector.clone();
        let (restorer, tally, sent) = (Arc::clone(&back.restorer), tally.clone(), back.sent.clone());
        let (unread, observed) = (back.unread, back.observed);
        let request: Arc<dyn Fn(&str) -> bool + Send + Sync> =
            Arc::new(move |text| unread || memchr::memmem::find(&sent, text.as_bytes()).is_some());
        let document = back.document;
        move |channel| {
            let open =
                |encoding| AnswerGuard::new(&detector, Arc::clone(&restorer), Arc::clone(&request), encoding);
            let guard = open(if channel == Channel::Json { Encoding::Json } else { Encoding::Text });
            let document = (document && channel == Channel::Text).then(|| open(Encoding::Json));
            Box::new(Counted { guard, document, blank: String::new(), tally: tally.clone(), observed })
        }
    }
}

/// What the chunks of a stream hold: clients of Bedrock look for it.
const CHUNKS: HeaderName = HeaderName::from_static("x-amzn-bedrock-content-type");

/// Vectors may take so many times the bytes of other answers: a full batch in decimal notation takes 70 MB.
const VECTORS: usize = 3;

/// Error texts longer than this are not read.
const ERROR_BYTES: usize = 256 << 10;

/// What all guards of one answer did.
#[derive(Clone, Default)]
struct Tally(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    masked: FindingCounts,
    restored: u32,
}

/// A guard whose counts are added up when its channel ends.
struct Counted {
    guard: AnswerGuard,
    /// The guard of the document that was asked for, until the text's first character says whether it is one.
    document: Option<AnswerGuard>,
    /// What came before that character.
    blank: String,
    tally: Tally,
    /// Whether the text goes on as it came, and is only counted.
    observed: bool,
}

impl Counted {
    fn guarded(&mut self, chunk: &str) -> String {
        if self.document.is_none() {
            return self.guard.push(chunk);
        }
        self.blank.push_str(chunk);
        let Some(first) = chunk.trim_start().chars().next() else { return String::new() };
        if let Some(document) = self.document.take().filter(|_| matches!(first, '{' | '[')) {
            self.guard = document;
        }
        self.guard.push(&std::mem::take(&mut self.blank))
    }
}

impl Guard for Counted {
    fn push(&mut self, chunk: &str) -> String {
        let guarded = self.guarded(chunk);
        if self.observed { chunk.to_owned() } else { guarded }
    }

    fn finish(&mut self) -> String {
        let mut rest = self.guard.push(&self.blank);
        rest.push_str(&self.guard.finish());
        let mut counts = self.tally.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.masked.merge(self.guard.masked());
        counts.restored = counts.restored.saturating_add(self.guard.restored());
        if self.observed { String::new() } else { rest }
    }
}

/// What stands for words of a vendor that do not go on.
const WITHHELD: &str = "(withheld)";

/// Guards what a vendor says of an error. It has no use but to help, so it is withheld whole where anything in it is
/// an identifier of any class, a bare date too, that the vendor was not sent. Identifiers of a person among them count
/// as masked.
struct VendorWords {
    detector: Detector,
    restorer: Arc<Restorer>,
    sent: Bytes,
    tally: Tally,
    /// Whether they go on all the same, and are only counted.
    observed: bool,
    text: String,
}

impl Guard for VendorWords {
    fn push(&mut self, chunk: &str) -> String {
        self.text.push_str(chunk);
        String::new()
    }

    fn finish(&mut self) -> String {
        let known = |text: &str| memchr::memmem::find(&self.sent, text.as_bytes()).is_some();
        let found = self.detector.detect(deid::Passage::prose(&self.text), &deid::Known::none());
        let Ok(found) = found else { return WITHHELD.to_owned() };
        let mut strange = FindingCounts::default();
        for finding in found.iter().filter(|found| !self.text.get(found.span.clone()).is_some_and(known)) {
            strange.add(finding.class);
        }
        if strange.is_empty() {
            return self.restorer.restore(&self.text, Encoding::Text);
        }
        if strange.names_a_person() {
            self.tally.0.lock().unwrap_or_else(PoisonError::into_inner).masked.merge(&strange);
        }
        if self.observed { std::mem::take(&mut self.text) } else { WITHHELD.to_owned() }
    }
}

fn is(headers: &HeaderMap, kind: &str) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(kind.as_bytes()))
}

/// An answer in an encoding that was not asked for can't be read, and so not be guarded.
fn encoded(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_ENCODING).is_some_and(|value| value.as_bytes() != b"identity")
}
