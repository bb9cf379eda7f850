//! What one decision costs: `cargo run --release -p policy --example cost`.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement, run by hand")]

use std::hint::black_box;
use std::time::Instant;

use policy::{Action, Facts, Policies};
use terms::{Code, FindingCounts, HealthCounts, IdentifierClass, Purpose, Reason};

const OWN: &str = r#"
@id("intake") @treat("DATE=pass, SSN=redact") @reason_code("scheduling")
permit (principal, action, resource) when { context.workflow == "intake" && context.purpose == Purpose::"treatment" };
@id("no-plates") forbid (principal, action, resource) when { context.findings.contains(Identifier::"VEHICLE") };
@id("person") forbid (principal, action, resource) unless { context has on_behalf_of };
"#;

fn facts(covered: bool) -> Facts {
    let mut findings = FindingCounts::default();
    for class in [IdentifierClass::Name, IdentifierClass::Date, IdentifierClass::Mrn, IdentifierClass::Phone]
    {
        findings.add(class);
    }
    Facts {
        engagement: "mercy".parse().unwrap(),
        engagement_active: true,
        agent: "triage".parse().unwrap(),
        agent_version: Some("1.2".parse().unwrap()),
        workflow: "intake".to_owned(),
        purpose: Purpose::Treatment,
        carries_phi: true,
        observing: false,
        on_behalf_of: Some("nurse-1".to_owned()),
        vendor: "acme".parse().unwrap(),
        service: "acme-api".parse().unwrap(),
        model: "acme-large".to_owned(),
        action: Action::ModelCall,
        covered,
        on_premises: false,
        coverage_reasons: vec![Reason::new(if covered { Code::COVERED } else { Code::AGREEMENT_MISSING })],
        features: ["inference".to_owned()].into(),
        covered_features: ["inference".to_owned()].into(),
        findings,
        signed_findings: false,
        foreign_opaque: false,
        tells: HealthCounts::default(),
        signed_tells: [].into(),
        may_tell: None,
        passage_words: 0,
        answer_is_text: true,
    }
}

fn main() {
    let start = Instant::now();
    let default = Policies::for_engagement(None).unwrap();
    println!("first load, with schema and base  {:>9.1} us", start.elapsed().as_secs_f64() * 1e6);
    let start = Instant::now();
    let own = Policies::for_engagement(Some(OWN)).unwrap();
    println!("load of an engagement's policy    {:>9.1} us", start.elapsed().as_secs_f64() * 1e6);
    for (title, policies, facts) in [
        ("permit, default policy", &default, facts(true)),
        ("deny, default policy", &default, facts(false)),
        ("permit, three policies of its own", &own, facts(true)),
    ] {
        let mut least = f64::MAX;
        for _ in 0..20 {
            let start = Instant::now();
            (0..2_000).for_each(|_| drop(black_box(policies.decide(black_box(&facts)))));
            least = least.min(start.elapsed().as_secs_f64() * 1e6 / 2_000.0);
        }
        println!("{title:<33} {least:>9.1} us");
    }
}
