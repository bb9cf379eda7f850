//! What is told of an exchange while it goes its way: when its phases began and ended, to which service it went, what
//! was decided, what was counted. Never text of a request or an answer: see [`egress::Value`].
//!
//! A trace is told when it is dropped, so that an exchange is told whichever way it ended.

mod context;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::{Closing, Outcome};
use egress::{Attribute, Span, SpanId, SpanKind, TraceId, Value};
use governance::ModelName;
use http::HeaderMap;
use parking_lot::Mutex;
use terms::{Code, Decision, ExchangeId, FindingCounts, Randomness, Verdict};

use crate::exchange::{Arrival, Choice, Replaced};
use crate::gateway::Gateway;
use crate::metrics::{Asked, Metrics};
use crate::protocol::{Endpoint, Facts};
use context::Context;

/// Takes what is told of exchanges. The binary wires one where a collector is configured.
pub trait Spans: Send + Sync {
    /// Whether a trace is to be told; `caller` is whether the caller tells it, where it is the caller's.
    fn wants(&self, trace: TraceId, caller: Option<bool>) -> bool;

    /// Takes the spans of one exchange. Never waits: what there is no room for is dropped and counted.
    fn take(&self, spans: Vec<Span>);

    /// How many spans a collector has taken, and how many were dropped.
    fn counts(&self) -> (u64, u64);
}

/// The trace of one exchange.
pub(crate) struct Trace {
    since: Instant,
    operation: &'static str,
    metrics: Arc<Metrics>,
    /// When a vendor was asked, in the try under way.
    asked: Mutex<Option<Instant>>,
    /// None where nobody wants to know.
    telling: Option<Box<Telling>>,
}

struct Telling {
    sink: Arc<dyn Spans>,
    randomness: Arc<dyn Randomness>,
    trace: TraceId,
    root: SpanId,
    parent: Option<SpanId>,
    /// When the exchange began, in nanoseconds since the epoch.
    start: u64,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    attributes: Vec<Attribute>,
    model: Option<ModelName>,
    ended: bool,
    failed: bool,
    tries: u64,
    /// The call of the vendor that is under way.
    call: Option<Span>,
    spans: Vec<Span>,
}

/// A phase, which ends when this is dropped.
pub(crate) struct Phase<'a> {
    telling: Option<(&'a Trace, &'a Telling)>,
    name: &'static str,
    since: Instant,
}

impl Drop for Phase<'_> {
    fn drop(&mut self) {
        if let Some((trace, telling)) = self.telling {
            let mut span = telling.span(self.name, SpanKind::Internal, telling.at(trace.since, self.since));
            span.end = telling.at(trace.since, Instant::now());
            telling.told.lock().spans.push(span);
        }
    }
}

impl Trace {
    /// Begins with the arrival's headers, in the caller's trace where they name one.
    pub(crate) fn begin(
        gateway: &Gateway,
        since: Instant,
        endpoint: Endpoint,
        headers: &HeaderMap,
    ) -> Arc<Self> {
        let telling =
            gateway.parts.spans.as_ref().and_then(|sink| Telling::begin(gateway, sink, since, headers));
        let operation = endpoint.operation();
        let metrics = Arc::clone(&gateway.metrics);
        Arc::new(Self { since, operation, metrics, asked: Mutex::default(), telling })
    }

    /// Of what is no exchange: nobody is told.
    pub(crate) fn quiet(gateway: &Gateway, since: Instant, endpoint: Endpoint) -> Arc<Self> {
        let (operation, metrics) = (endpoint.operation(), Arc::clone(&gateway.metrics));
        Arc::new(Self { since, operation, metrics, asked: Mutex::default(), telling: None })
    }

    /// A phase begins.
    pub(crate) fn phase(&self, name: &'static str) -> Phase<'_> {
        match &self.telling {
            // the clock is not asked where nobody wants to know
            None => Phase { telling: None, name, since: self.since },
            Some(telling) => Phase { telling: Some((self, telling)), name, since: Instant::now() },
        }
    }

    /// Who calls is known, and what was asked for understood.
    pub(crate) fn arrived(&self, arrival: &Arrival) {
        self.tell(|told| {
            told.set("chaperon.exchange", Value::Exchange(arrival.exchange));
            told.set("chaperon.engagement", Value::Engagement(arrival.caller.engagement.clone()));
            told.set("chaperon.agent", Value::Agent(arrival.caller.agent.clone()));
            if let Some(pool) = &arrival.pool {
                told.set("chaperon.pool", Value::Pool(pool.id.clone()));
            }
        });
    }

    /// What was found in the request.
    pub(crate) fn found(&self, counts: &FindingCounts) {
        self.tell(|told| {
            told.set("chaperon.findings", Value::Count(counts.total().into()));
            told.attributes.extend(classes("chaperon.findings.", counts));
        });
    }

    /// What was decided of a try, and of which service.
    pub(crate) fn decided(&self, choice: &Choice, decision: &Decision) {
        self.tell(|told| {
            let verdict = match decision.verdict {
                Verdict::Permit => "permit",
                Verdict::Deny => "deny",
            };
            told.model = choice.route.model.parse().ok();
            told.set("chaperon.decision", Value::Word(verdict));
            told.tries += 1;
            told.set("chaperon.tries", Value::Count(told.tries));
            let route = attributes(self.operation, choice);
            for one in route {
                told.set(one.key, one.value);
            }
        });
    }

    /// A vendor is asked.
    pub(crate) fn asked(&self, arrival: &Arrival, replaced: Replaced) {
        let now = Instant::now();
        *self.asked.lock() = Some(now);
        let Some(telling) = &self.telling else { return };
        let mut call = telling.span(self.operation, SpanKind::Client, telling.at(self.since, now));
        call.model = arrival.choice.route.model.parse().ok();
        call.attributes = attributes(self.operation, &arrival.choice);
        let mut told = telling.told.lock();
        let counts = [
            ("chaperon.surrogates", replaced.surrogates),
            ("chaperon.shifted", replaced.shifted),
            ("chaperon.stripped", replaced.stripped),
        ]
        .map(|(key, count)| (key, Value::Count(count as u64)));
        for (key, value) in [
            ("chaperon.exchange", Value::Exchange(arrival.exchange)),
            ("chaperon.try", Value::Count(told.tries)),
        ]
        .into_iter()
        .chain(counts.clone())
        {
            call.attributes.push(Attribute { key, part: "", value });
        }
        for (key, value) in counts {
            told.set(key, value);
        }
        told.call = Some(call);
    }

    /// The first bytes of a streamed answer came.
    pub(crate) fn streams(&self, choice: &Choice) {
        let Some(asked) = *self.asked.lock() else { return };
        let time = asked.elapsed();
        self.metrics.streams(self.asked_of(choice), time);
        self.tell_call("chaperon.time_to_first_chunk_us", Value::Count(micros(time)));
    }

    /// What an answer says of itself.
    pub(crate) fn answered(&self, arrival: &Arrival, facts: &Facts) {
        if self.telling.is_none() {
            return;
        }
        if let Some(finish) = &facts.finish {
            self.tell_call("gen_ai.response.finish_reasons", Value::Words(vec![words::finish(finish)]));
        }
        let reported =
            facts.model.as_deref().map(|said| words::reported(said, &arrival.choice.route.upstream));
        if let Some(model) = reported.flatten() {
            self.tell_call("gen_ai.response.model", Value::Model(model));
        }
    }

    /// A try ended, as its closing entry says.
    pub(crate) fn closed(&self, arrival: &Arrival, closing: &Closing) {
        let code = closing.code.as_deref().and_then(terms::explain).map(|one| one.code);
        let failed = !matches!(closing.outcome, Outcome::Success | Outcome::Refused);
        let error = code.filter(|_| closing.outcome != Outcome::Success);
        if let Some(asked) = self.asked.lock().take() {
            self.metrics.asked(self.asked_of(&arrival.choice), error, asked.elapsed(), closing.usage);
        }
        let Some(telling) = &self.telling else { return };
        if let Some(usage) = closing.usage {
            self.tell_call("gen_ai.usage.input_tokens", Value::Count(usage.input));
            self.tell_call("gen_ai.usage.output_tokens", Value::Count(usage.output));
        }
        let mut told = telling.told.lock();
        if let Some(mut call) = told.call.take() {
            call.end = telling.at(self.since, Instant::now());
            call.failed = failed;
            if let Some(error) = error {
                call.attributes.push(word("error.type", error.as_str()));
            }
            told.spans.push(call);
        }
        told.outcome(code, closing.outcome, failed);
        if let Some(status) = closing.status {
            told.set("http.response.status_code", Value::Count(status.into()));
        }
        told.attributes.extend(classes("chaperon.masked.", &closing.masked));
        told.set("chaperon.restored", Value::Count(closing.restored.into()));
    }

    /// The request was refused before a decision was on record.
    pub(crate) fn refused(&self, exchange: ExchangeId, code: Code) {
        self.tell(|told| {
            let status = code.explanation().status;
            told.set("chaperon.exchange", Value::Exchange(exchange));
            told.set("http.response.status_code", Value::Count(status.into()));
            told.outcome(Some(code), Outcome::Refused, status >= 500);
        });
    }

    fn asked_of<'a>(&self, choice: &'a Choice) -> Asked<'a> {
        Asked {
            operation: self.operation,
            provider: words::provider(choice.spoken),
            model: &choice.route.model,
            service: choice.route.service.as_str(),
        }
    }

    fn tell(&self, tell: impl FnOnce(&mut Told)) {
        if let Some(telling) = &self.telling {
            tell(&mut telling.told.lock());
        }
    }

    /// Tells something of the call under way, and of the exchange.
    fn tell_call(&self, key: &'static str, value: Value) {
        self.tell(|told| {
            if let Some(call) = &mut told.call {
                call.attributes.push(Attribute { key, part: "", value: value.clone() });
            }
            told.set(key, value);
        });
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let Some(telling) = self.telling.take() else { return };
        let end = telling.at(self.since, Instant::now());
        let mut told = std::mem::take(&mut *telling.told.lock());
        if !told.ended {
            told.outcome(Some(Code::INTERRUPTED), Outcome::Interrupted, true);
        }
        if let Some(mut call) = told.call.take() {
            (call.end, call.failed) = (end, true);
            told.spans.push(call);
        }
        let mut root = telling.span(self.operation, SpanKind::Server, telling.start);
        (root.id, root.parent, root.remote) = (telling.root, telling.parent, telling.parent.is_some());
        (root.model, root.end, root.failed) = (told.model, end, told.failed);
        root.attributes = told.attributes;
        let mut spans = told.spans;
        spans.push(root);
        telling.sink.take(spans);
    }
}

impl Telling {
    fn begin(
        gateway: &Gateway,
        sink: &Arc<dyn Spans>,
        since: Instant,
        headers: &HeaderMap,
    ) -> Option<Box<Self>> {
        let randomness = &gateway.parts.randomness;
        let context = Context::read(headers);
        let trace = context.map_or_else(|| TraceId::fresh(randomness.as_ref()), |context| context.trace);
        sink.wants(trace, context.map(|context| context.sampled)).then(|| {
            let now = gateway.parts.clock.now().0.saturating_mul(1_000_000);
            Box::new(Self {
                sink: Arc::clone(sink),
                randomness: Arc::clone(randomness),
                trace,
                root: SpanId::fresh(randomness.as_ref()),
                parent: context.map(|context| context.parent),
                start: now.saturating_sub(nanos(since.elapsed())),
                told: Mutex::default(),
            })
        })
    }

    /// A point of time, in nanoseconds since the epoch.
    fn at(&self, since: Instant, point: Instant) -> u64 {
        self.start.saturating_add(nanos(point.saturating_duration_since(since)))
    }

    /// A span below the exchange's own, from `start` on.
    fn span(&self, name: &'static str, kind: SpanKind, start: u64) -> Span {
        Span {
            trace: self.trace,
            id: SpanId::fresh(self.randomness.as_ref()),
            parent: Some(self.root),
            remote: false,
            name,
            model: None,
            kind,
            start,
            end: start,
            attributes: Vec::new(),
            failed: false,
        }
    }
}

impl Told {
    /// Tells something, in the place of what was told under the same key.
    fn set(&mut self, key: &'static str, value: Value) {
        match self.attributes.iter_mut().find(|one| one.key == key && one.part.is_empty()) {
            Some(one) => one.value = value,
            None => self.attributes.push(Attribute { key, part: "", value }),
        }
    }

    fn outcome(&mut self, code: Option<Code>, outcome: Outcome, failed: bool) {
        (self.ended, self.failed) = (true, failed);
        self.set("chaperon.outcome", Value::Word(crate::exchange::word(outcome)));
        self.attributes.retain(|one| !matches!(one.key, "chaperon.code" | "error.type"));
        if let Some(code) = code {
            self.attributes.push(word("chaperon.code", code.as_str()));
            if outcome != Outcome::Success {
                self.attributes.push(word("error.type", code.as_str()));
            }
        }
    }
}

/// What the register says of a service that is asked.
fn attributes(operation: &'static str, choice: &Choice) -> Vec<Attribute> {
    let route = &choice.route;
    let mut all = vec![
        word("gen_ai.operation.name", operation),
        word("gen_ai.provider.name", words::provider(choice.spoken)),
    ];
    let model = route.model.parse().ok().map(|model| ("gen_ai.request.model", Value::Model(model)));
    all.extend(
        [
            ("server.address", Value::Host(Arc::clone(&route.row))),
            ("server.port", Value::Count(route.row.body.endpoint.port().into())),
            ("chaperon.service", Value::Service(route.service.clone())),
            ("chaperon.vendor", Value::Vendor(route.vendor.clone())),
        ]
        .into_iter()
        .chain(model)
        .map(|(key, value)| Attribute { key, part: "", value }),
    );
    all
}

const fn word(key: &'static str, word: &'static str) -> Attribute {
    Attribute { key, part: "", value: Value::Word(word) }
}

fn classes(key: &'static str, counts: &FindingCounts) -> impl Iterator<Item = Attribute> {
    counts.iter().map(move |(class, count)| Attribute {
        key,
        part: class.label(),
        value: Value::Count(count.into()),
    })
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
