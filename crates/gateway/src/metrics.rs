//! Counts and times, in the Prometheus text format. Labels are codes, classes, protocols, and the names
//! of models and services as the registers have them: never content.
//!
//! What is named `gen_ai_` is as the GenAI semantic conventions of OpenTelemetry have it, in the form of Prometheus.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use audit::Usage;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use terms::{Code, FindingCounts};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    protocol: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCode {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByClass {
    class: &'static str,
}

/// A call of a vendor.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    gen_ai_operation_name: &'static str,
    gen_ai_provider_name: &'static str,
    gen_ai_request_model: String,
    chaperon_service: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndedCall {
    #[prometheus(flatten)]
    call: Call,
    error_type: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Tokens {
    #[prometheus(flatten)]
    call: Call,
    gen_ai_token_type: &'static str,
}

/// Who was asked, and for what; all from the registers.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) model: &'a str,
    pub(crate) service: &'a str,
}

impl From<Asked<'_>> for Call {
    fn from(asked: Asked<'_>) -> Self {
        Self {
            gen_ai_operation_name: asked.operation,
            gen_ai_provider_name: asked.provider,
            gen_ai_request_model: asked.model.to_owned(),
            chaperon_service: asked.service.to_owned(),
        }
    }
}

/// Times of calls of vendors, and tokens.
#[derive(Clone)]
struct Calls {
    duration: Histograms<EndedCall>,
    first: Histograms<Call>,
    tokens: Histograms<Tokens>,
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// What the gateway counts.
pub struct Metrics {
    registry: Registry,
    exchanges: Family<Outcome, Counter>,
    refusals: Family<ByCode, Counter>,
    findings: Family<ByClass, Counter>,
    masked: Family<ByClass, Counter>,
    restored: Counter,
    previews: Counter,
    open: Gauge,
    circuits: Gauge,
    again: Family<ByCode, Counter>,
    spans_sent: Counter,
    spans_dropped: Counter,
    calls: Calls,
    record: Histogram,
    house: Histogram,
}

/// One exchange under way, counted until it is dropped.
pub struct UnderWay(Gauge);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// From a tenth of a millisecond to about seven seconds.
fn seconds() -> Histogram {
    Histogram::new([0.000_1, 0.000_3, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 7.0])
}

/// The buckets that the conventions ask for.
fn duration() -> Histogram {
    Histogram::new([0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92])
}

fn tokens() -> Histogram {
    Histogram::new((0..14).map(|power| f64::from(1_u32 << (2 * power))))
}

impl Calls {
    fn register(registry: &mut Registry) -> Self {
        let calls = Self {
            duration: Family::new_with_constructor(duration),
            first: Family::new_with_constructor(duration),
            tokens: Family::new_with_constructor(tokens),
        };
        let registry = registry.sub_registry_with_prefix("gen_ai_client");
        let help = "time of a vendor's call, to the end of its answer";
        registry.register_with_unit("operation_duration", help, Unit::Seconds, calls.duration.clone());
        let (name, help) = ("operation_time_to_first_chunk", "time of a call until its stream began");
        registry.register_with_unit(name, help, Unit::Seconds, calls.first.clone());
        registry.register("token_usage", "tokens, as the vendor counts them", calls.tokens.clone());
        calls
    }
}

impl Metrics {
    /// A registry with every metric at zero.
    pub fn new() -> Arc<Self> {
        let mut whole = Registry::default();
        let calls = Calls::register(&mut whole);
        let registry = whole.sub_registry_with_prefix("chaperon");
        let exchanges = Family::default();
        registry.register("exchanges", "exchanges by protocol and outcome", exchanges.clone());
        let refusals = Family::default();
        registry.register("refusals", "refused requests by code", refusals.clone());
        let findings = Family::default();
        registry.register("findings", "identifiers found in requests, by class", findings.clone());
        let masked = Family::default();
        registry.register("masked", "identifiers masked in answers, by class", masked.clone());
        let restored = Counter::default();
        registry.register("restored", "surrogates restored in answers", restored.clone());
        let previews = Counter::default();
        registry.register(
            "previews",
            "requests that were previewed, of which nothing was sent",
            previews.clone(),
        );
        let open = Gauge::default();
        registry.register("exchanges_open", "exchanges under way", open.clone());
        let circuits = Gauge::default();
        registry.register("circuits_open", "services that are left alone after failures", circuits.clone());
        let again = Family::default();
        registry.register("pool_retries", "tries that another service followed, by code", again.clone());
        let (spans_sent, spans_dropped) = (Counter::default(), Counter::default());
        registry.register("spans_sent", "spans that the collector took", spans_sent.clone());
        registry.register("spans_dropped", "spans that nobody took", spans_dropped.clone());
        let record = seconds();
        registry.register_with_unit(
            "record_wait",
            "wait for the opening entry",
            Unit::Seconds,
            record.clone(),
        );
        let house = seconds();
        let help = "time from arrival to the vendor's door";
        registry.register_with_unit("house_time", help, Unit::Seconds, house.clone());
        Arc::new(Self {
            registry: whole,
            exchanges,
            refusals,
            findings,
            masked,
            restored,
            previews,
            open,
            circuits,
            again,
            spans_sent,
            spans_dropped,
            calls,
            record,
            house,
        })
    }

    /// Counts an exchange as under way.
    pub fn under_way(&self) -> UnderWay {
        self.open.inc();
        UnderWay(self.open.clone())
    }

    /// Counts an exchange that ended.
    pub fn ended(&self, protocol: &'static str, outcome: &'static str) {
        self.exchanges.get_or_create(&Outcome { protocol, outcome }).inc();
    }

    /// Counts a refusal.
    pub fn refused(&self, code: Code) {
        self.refusals.get_or_create(&ByCode { code: code.as_str() }).inc();
    }

    /// Counts a try that another follows.
    pub fn again(&self, code: Code) {
        self.again.get_or_create(&ByCode { code: code.as_str() }).inc();
    }

    /// Notes how long a vendor's stream took to begin.
    pub(crate) fn streams(&self, asked: Asked<'_>, time: Duration) {
        self.calls.first.get_or_create(&asked.into()).observe(time.as_secs_f64());
    }

    /// Notes a vendor's call that ended, and the tokens that it took.
    pub(crate) fn asked(&self, asked: Asked<'_>, error: Option<Code>, time: Duration, usage: Option<Usage>) {
        let call = Call::from(asked);
        for (gen_ai_token_type, count) in
            usage.iter().flat_map(|usage| [("input", usage.input), ("output", usage.output)])
        {
            let tokens = Tokens { call: call.clone(), gen_ai_token_type };
            #[expect(clippy::cast_precision_loss, reason = "a sum of tokens is a float in this format")]
            self.calls.tokens.get_or_create(&tokens).observe(count as f64);
        }
        let ended = EndedCall { call, error_type: error.map(Code::as_str) };
        self.calls.duration.get_or_create(&ended).observe(time.as_secs_f64());
    }

    /// Counts what was found in a request.
    pub fn found(&self, counts: &FindingCounts) {
        for (class, count) in counts.iter() {
            self.findings.get_or_create(&ByClass { class: class.label() }).inc_by(u64::from(count));
        }
    }

    /// Counts what was masked and restored in an answer.
    pub fn answered(&self, masked: &FindingCounts, restored: u32) {
        for (class, count) in masked.iter() {
            self.masked.get_or_create(&ByClass { class: class.label() }).inc_by(u64::from(count));
        }
        self.restored.inc_by(u64::from(restored));
    }

    /// Counts a preview.
    pub fn previewed(&self) {
        self.previews.inc();
    }

    /// Notes how long the opening entry took to be durable.
    pub fn recorded(&self, wait: Duration) {
        self.record.observe(wait.as_secs_f64());
    }

    /// Notes how long a request was in the house before it left.
    pub fn left(&self, time: Duration) {
        self.house.observe(time.as_secs_f64());
    }

    /// The text that `/metrics` answers; `circuits` services are left alone now, and so many spans were sent and dropped.
    pub fn text(&self, circuits: usize, (sent, dropped): (u64, u64)) -> String {
        for (counter, now) in [(&self.spans_sent, sent), (&self.spans_dropped, dropped)] {
            counter.inner().store(now, Ordering::Relaxed);
        }
        self.circuits.set(i64::try_from(circuits).unwrap_or(i64::MAX));
        let mut out = String::new();
        if text::encode(&mut out, &self.registry).is_err() {
            out.clear();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_out_as_text() {
        let metrics = Metrics::new();
        metrics.refused(Code::AGREEMENT_MISSING);
        let under_way = metrics.under_way();
        assert!(metrics.text(2, (0, 0)).contains("chaperon_circuits_open 2"));
        assert!(metrics.text(0, (3, 1)).contains("chaperon_refusals_total{code=\"agreement-missing\"} 1"));
        assert!(metrics.text(0, (3, 1)).contains("chaperon_exchanges_open 1"));
        assert!(metrics.text(0, (3, 1)).contains("chaperon_spans_sent_total 3"));
        drop(under_way);
        assert!(metrics.text(0, (3, 1)).contains("chaperon_exchanges_open 0"));
    }

    #[test]
    fn a_call_comes_out_under_the_names_of_the_conventions() {
        let metrics = Metrics::new();
        let asked = Asked { operation: "chat", provider: "openai", model: "m-1", service: "acme-api" };
        let labels = "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",gen_ai_request_model=\"m-1\",chaperon_service=\"acme-api\"";
        metrics.streams(asked, Duration::from_millis(5));
        metrics.asked(asked, None, Duration::from_millis(50), Some(Usage { input: 11, output: 7 }));
        metrics.asked(asked, Some(Code::UPSTREAM_TIMEOUT), Duration::from_secs(1), None);
        metrics.again(Code::UPSTREAM_TIMEOUT);
        let text = metrics.text(0, (0, 0));
        for wanted in [
            format!("gen_ai_client_operation_time_to_first_chunk_seconds_count{{{labels}}} 1"),
            format!(
                "gen_ai_client_operation_duration_seconds_count{{{labels},error_type=\"upstream-timeout\"}} 1"
            ),
            format!("gen_ai_client_token_usage_sum{{{labels},gen_ai_token_type=\"input\"}} 11.0"),
            "chaperon_pool_retries_total{code=\"upstream-timeout\"} 1".to_owned(),
        ] {
            assert!(text.contains(&wanted), "{wanted}\n{text}");
        }
        assert!(text.contains("gen_ai_client_operation_duration_seconds_count{"), "{text}");
    }
}
