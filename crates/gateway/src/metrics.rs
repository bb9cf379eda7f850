//! Counts and times, in the Prometheus text format. Labels are codes, classes and protocols: never content.

use std::sync::Arc;
use std::time::Duration;

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

/// What the gateway counts.
pub struct Metrics {
    registry: Registry,
    exchanges: Family<Outcome, Counter>,
    refusals: Family<ByCode, Counter>,
    findings: Family<ByClass, Counter>,
    masked: Family<ByClass, Counter>,
    restored: Counter,
    open: Gauge,
    circuits: Gauge,
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

impl Metrics {
    /// A registry with every metric at zero.
    pub fn new() -> Arc<Self> {
        let mut registry = Registry::with_prefix("chaperon");
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
        let open = Gauge::default();
        registry.register("exchanges_open", "exchanges under way", open.clone());
        let circuits = Gauge::default();
        registry.register("circuits_open", "services that are left alone after failures", circuits.clone());
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
            registry,
            exchanges,
            refusals,
            findings,
            masked,
            restored,
            open,
            circuits,
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

    /// Notes how long the opening entry took to be durable.
    pub fn recorded(&self, wait: Duration) {
        self.record.observe(wait.as_secs_f64());
    }

    /// Notes how long a request was in the house before it left.
    pub fn left(&self, time: Duration) {
        self.house.observe(time.as_secs_f64());
    }

    /// The text that `/metrics` answers; `circuits` services are left alone now.
    pub fn text(&self, circuits: usize) -> String {
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
        assert!(metrics.text(2).contains("chaperon_circuits_open 2"));
        assert!(metrics.text(0).contains("chaperon_refusals_total{code=\"agreement-missing\"} 1"));
        assert!(metrics.text(0).contains("chaperon_exchanges_open 1"));
        drop(under_way);
        assert!(metrics.text(0).contains("chaperon_exchanges_open 0"));
    }
}
