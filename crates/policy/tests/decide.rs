//! What holds of every decision.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::LazyLock;

use policy::{Action, Facts, Policies};
use proptest::prelude::*;
use support::{covered, found, line, uncovered, words};
use terms::{Code, IdentifierClass as Class, Purpose, Reason, Treatment, Verdict};

fn policies(text: &str) -> Policies {
    Policies::for_engagement(Some(text)).unwrap()
}

#[test]
fn a_policy_that_errs_denies_even_where_others_permit() {
    // valid, and overflows when it is evaluated; Cedar by itself skips it and permits
    for effect in ["permit", "forbid"] {
        let text = format!(
            r#"@id("all") permit (principal, action, resource);
            @id("sum") {effect} (principal, action, resource)
            when {{ context.finding_count + 9223372036854775807 > 0 }};"#
        );
        let erring = policies(&text);
        let decision = erring.decide(&covered());
        assert_eq!(decision.verdict, Verdict::Deny);
        assert_eq!(decision.reasons, [Reason::new(Code::POLICY_ERROR).by("engagement:sum")]);
        assert!(decision.obligations.treatments.is_empty());
        let harmless = erring.decide(&Facts { findings: found(&[]), ..covered() });
        assert_eq!(harmless.verdict == Verdict::Permit, effect == "permit", "{effect}");
    }
}

#[test]
fn the_strictest_treatment_of_all_permits_that_apply_holds() {
    let decide = |text: &str| policies(text).decide(&covered()).obligations;
    let one = r#"@id("one") @treat("*=pass, SSN=redact") @reason_code("whole-record")
        permit (principal, action, resource);"#;
    assert_eq!(decide(one).treatment(Class::Name), Treatment::Pass);
    assert_eq!(decide(one).treatment(Class::Ssn), Treatment::Redact);
    assert_eq!(decide(one).reason_codes, ["whole-record"]);
    let two = format!(
        "{one}\n@id(\"two\") @treat(\"MRN=pass, NAME=redact\") @reason_code(\"needs-mrn\")
        permit (principal, action, resource);"
    );
    let both = decide(&two);
    assert_eq!(both.treatment(Class::Mrn), Treatment::Pass);
    assert_eq!(both.treatment(Class::Name), Treatment::Redact);
    assert_eq!(both.treatment(Class::Phone), Treatment::Surrogate);
    assert_eq!(both.reason_codes, ["needs-mrn", "whole-record"]);
    let silent = format!("{one}\n@id(\"silent\") permit (principal, action, resource);");
    assert_eq!(decide(&silent).treatment(Class::Mrn), Treatment::Surrogate);
    assert!(decide(&silent).reason_codes.is_empty());
}

#[test]
fn nothing_passes_to_an_uncovered_service() {
    let text = r#"@id("all") @treat("*=pass") @reason_code("open") permit (principal, action, resource);"#;
    let facts = Facts { carries_phi: false, findings: found(&[Class::Date]), ..uncovered() };
    let decision = policies(text).decide(&facts);
    assert_eq!(decision.verdict, Verdict::Permit);
    assert_eq!(decision.reasons.first().map(|reason| reason.code), Some(Code::UNCOVERED_CLEAN));
    for class in Class::ALL {
        assert_eq!(decision.obligations.treatment(class), Treatment::Surrogate);
    }
}

#[test]
fn what_no_answer_can_restore_is_redacted() {
    let text = r#"
        @id("all") @treat("DATE=pass, SSN=redact") @reason_code("scheduling")
        permit (principal, action, resource);"#;
    let decision = policies(text).decide(&Facts { answer_is_text: false, ..covered() });
    let of = |class| decision.obligations.treatment(class);
    assert_eq!(of(Class::Date), Treatment::Pass);
    assert!(Class::ALL.iter().all(|class| *class == Class::Date || of(*class) == Treatment::Redact));
    assert_eq!(decision.obligations.reason_codes, ["scheduling"]);
}

#[test]
fn dates_are_shifted_only_where_the_use_is_covered() {
    let text = r#"@id("intervals") @treat("DATE=shift") @reason_code("needs-intervals")
        permit (principal, action, resource);"#;
    let dated = |facts: Facts| Facts { carries_phi: false, findings: found(&[Class::Date]), ..facts };
    let decided = policies(text).decide(&dated(covered()));
    assert_eq!(decided.obligations.treatment(Class::Date), Treatment::Shift);
    assert_eq!(decided.obligations.reason_codes, ["needs-intervals"]);
    let decided = policies(text).decide(&dated(uncovered()));
    assert_eq!(decided.verdict, Verdict::Permit);
    assert_eq!(decided.obligations.treatment(Class::Date), Treatment::Surrogate);
    assert!(decided.obligations.reason_codes.is_empty());
    let decided = policies(text).decide(&Facts { answer_is_text: false, ..dated(covered()) });
    assert_eq!(decided.obligations.treatment(Class::Date), Treatment::Redact);
    let strict = format!("{text}\n@id(\"strict\") permit (principal, action, resource);");
    let decided = policies(&strict).decide(&dated(covered()));
    assert_eq!(decided.obligations.treatment(Class::Date), Treatment::Surrogate, "the strictest holds");
    for wrong in ["NAME=shift", "*=shift", "DATE=pass, AGE_OVER_89=shift"] {
        let text = text.replace("DATE=shift", wrong);
        assert!(Policies::for_engagement(Some(&text)).is_err(), "{wrong}");
    }
    let silent = text.replace(r#"@reason_code("needs-intervals")"#, "");
    assert!(Policies::for_engagement(Some(&silent)).is_err(), "a reason is due");
}

#[test]
fn each_treatment_is_taken_by_its_name() {
    let decide = |treat: &str, facts: &Facts| {
        let code = if treat.contains("pseudonym") { "@reason_code(\"registry\")" } else { "" };
        let text = format!(r#"@id("one") @treat("{treat}") {code} permit (principal, action, resource);"#);
        policies(&text).decide(facts).obligations
    };
    let general = decide("*=generalise", &covered());
    for class in Class::ALL {
        let keeps = matches!(class, Class::Date | Class::Location | Class::AgeOver89);
        let wanted = if keeps { Treatment::Generalise } else { Treatment::Redact };
        assert_eq!(general.treatments.get(&class), Some(&wanted), "{class}: on record as what is done");
    }
    for treatment in [Treatment::Realistic, Treatment::Mask, Treatment::Pseudonym] {
        let obliged = decide(&format!("*={}", treatment.as_str()), &covered());
        assert!(Class::ALL.iter().all(|class| obliged.treatment(*class) == treatment), "{treatment:?}");
        assert_eq!(obliged.reason_codes.is_empty(), treatment != Treatment::Pseudonym, "{treatment:?}");
    }
    let facts = Facts { carries_phi: false, findings: found(&[Class::Date]), ..uncovered() };
    for (treatment, wanted) in [
        ("pseudonym", Treatment::Surrogate),
        ("generalise", Treatment::Surrogate),
        ("realistic", Treatment::Surrogate),
        ("redact", Treatment::Redact),
        ("mask", Treatment::Mask),
    ] {
        let obliged = decide(&format!("DATE={treatment}"), &facts);
        assert_eq!(obliged.treatment(Class::Date), wanted, "{treatment} without an agreement");
        assert!(obliged.reason_codes.is_empty(), "{treatment}");
    }
    let vectors = Facts { answer_is_text: false, ..covered() };
    assert_eq!(decide("*=realistic", &vectors).treatment(Class::Name), Treatment::Redact);
    assert_eq!(decide("*=pseudonym", &vectors).treatment(Class::Name), Treatment::Pseudonym);
    for wrong in ["NAME=generalize", "NAME=Mask", "DATE=pseudonym"] {
        let text = format!(r#"@id("one") @treat("{wrong}") permit (principal, action, resource);"#);
        assert!(Policies::for_engagement(Some(&text)).is_err(), "{wrong}");
    }
}

#[test]
fn originals_are_given_back_only_by_a_permit_that_names_the_action() {
    let decide = |text: Option<&str>, action| {
        let policies = Policies::for_engagement(text).unwrap();
        policies.decide(&Facts { action, ..covered() })
    };
    let (calls, away, back) = (Action::ModelCall, Action::Deidentify, Action::Reidentify);
    let all = r#"@id("all") permit (principal, action, resource);"#;
    let named = r#"@id("back") permit (principal, action == Action::"reidentify", resource);"#;
    let listed = r#"@id("both") permit (principal, action in [Action::"deidentify", Action::"reidentify"], resource);"#;
    let both = format!("{all}{named}");
    for (text, wanted) in [
        (None, [true, true, false]),
        (Some(all), [true, true, false]),
        (Some(named), [false, false, true]),
        (Some(listed), [false, true, true]),
        (Some(both.as_str()), [true, true, true]),
    ] {
        let permits = [calls, away, back].map(|action| decide(text, action).verdict == Verdict::Permit);
        assert_eq!(permits, wanted, "{text:?}");
    }
    let refused = decide(Some(all), back);
    assert_eq!(refused.reasons.first().map(|reason| reason.code), Some(Code::POLICY_NO_PERMIT));
    let forbidden = format!(r#"{named}@id("no") forbid (principal, action, resource);"#);
    assert_eq!(decide(Some(&forbidden), back).verdict, Verdict::Deny, "a forbid holds for any action");
    assert_ne!(decide(None, calls).id, decide(None, away).id);
}

#[test]
fn of_two_permits_the_stricter_treatment_holds_whatever_their_order() {
    let text = |one: Treatment, two: Treatment| {
        let rule = |id: &str, treatment: Treatment| {
            let code = if treatment.discloses() { "@reason_code(\"why\")" } else { "" };
            let treatment = treatment.as_str();
            format!(r#"@id("{id}") @treat("DATE={treatment}") {code} permit (principal, action, resource);"#)
        };
        rule("one", one) + &rule("two", two)
    };
    for one in Treatment::ALL {
        for two in Treatment::ALL {
            let obliged = policies(&text(one, two)).decide(&covered()).obligations;
            assert_eq!(obliged.treatment(Class::Date), one.max(two), "{one:?} {two:?}");
        }
    }
}

#[test]
fn one_permit_must_name_every_feature() {
    let text = r#"
        @id("all") permit (principal, action, resource);
        @id("images") @features("images") permit (principal, action, resource);
        @id("audio") @features("audio, files") permit (principal, action, resource);"#;
    let asked = |features: &[&str]| {
        let features = words(features);
        let facts = Facts { covered_features: features.clone(), features, ..covered() };
        line(&policies(text).decide(&facts)).trim_end().to_owned()
    };
    assert_eq!(asked(&["images"]), "permit covered, policy-permits, policy-permits, policy-permits");
    assert!(asked(&["audio", "files"]).starts_with("permit"));
    assert_eq!(asked(&["images", "audio"]), "deny   unscannable");
    assert_eq!(asked(&["images", "hosted-tool"]), "deny   hosted-tool");
    assert!(asked(&["embeddings"]).starts_with("permit"));
}

#[test]
fn a_refusal_names_policy_rule_and_what_it_is_about() {
    let decision = Policies::for_engagement(None).unwrap().decide(&uncovered());
    let told: Vec<_> = decision
        .reasons
        .iter()
        .map(|reason| (reason.code.as_str(), reason.policy.as_deref(), reason.detail.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("agreement-missing", None, None),
            (
                "workflow-uncovered",
                Some("base:workflow-uncovered"),
                Some("workflow `intake`, service `acme-api`")
            ),
            ("phi-uncovered", Some("base:phi-uncovered"), Some("NAME")),
        ]
    );
}

#[test]
fn the_id_is_stable_and_tells_facts_and_policies_apart() {
    let default = Policies::for_engagement(None).unwrap();
    let id = default.decide(&covered()).id;
    assert_eq!(id, Policies::for_engagement(None).unwrap().decide(&covered()).id);
    assert_eq!((id.0.len(), id.0.get(..2)), (22, Some("d-")));
    assert_eq!((default.version().len(), default.version().get(..2)), (22, Some("p-")));
    let other = policies(r#"@id("default") permit (principal, action == Action::"model-call", resource);"#);
    assert_ne!(default.version(), other.version());
    assert_ne!(other.decide(&covered()).id, id);
    let mut more = covered().findings;
    more.add(Class::Name);
    for changed in [
        Facts { findings: more, ..covered() },
        Facts { workflow: "intak".to_owned(), on_behalf_of: Some("e".to_owned()), ..covered() },
        Facts { purpose: Purpose::Payment, ..covered() },
        Facts { coverage_reasons: Vec::new(), ..covered() },
        Facts { answer_is_text: false, ..covered() },
        Facts {
            features: words(&[]),
            covered_features: words(&["images", "inference", "inference-"]),
            ..covered()
        },
    ] {
        assert_ne!(default.decide(&changed).id, id);
    }
}

fn facts() -> impl Strategy<Value = Facts> {
    let features = || {
        prop::sample::subsequence(
            vec!["inference", "images", "audio", "hosted-tool", "batch", "embeddings"],
            0..=3,
        )
    };
    let classes = prop::sample::subsequence(Class::ALL.to_vec(), 0..=4);
    let rarely = || prop::bool::weighted(0.1);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), rarely(), rarely());
    (flags, features(), features(), classes).prop_map(|(flags, features, covered_features, classes)| {
        let (engagement_active, carries_phi, is_covered, on_premises, signed_findings, foreign_opaque) =
            flags;
        let coverage_reasons =
            vec![Reason::new(if is_covered { Code::COVERED } else { Code::AGREEMENT_MISSING })];
        Facts {
            engagement_active,
            carries_phi,
            covered: is_covered,
            on_premises: is_covered && on_premises,
            coverage_reasons,
            features: words(&features),
            covered_features: words(&covered_features),
            findings: found(&classes),
            signed_findings,
            foreign_opaque,
            on_behalf_of: on_premises.then(|| "nurse-1".to_owned()),
            ..covered()
        }
    })
}

const WIDEST: &str = r#"
    @id("widest") @treat("*=pass") @reason_code("all")
    @features("images, audio, files, external-url, vendor-state, hosted-tool, batch")
    permit (principal, action, resource);"#;
const NARROW: &str = r#"
    @id("widest") @treat("*=pass") @reason_code("all") @features("images")
    permit (principal, action, resource) when { context.purpose == Purpose::"treatment" };
    @id("no-mrn") forbid (principal, action, resource) when { context.findings.contains(Identifier::"MRN") };
    @id("person") forbid (principal, action, resource) unless { context has on_behalf_of };"#;

/// Default, narrow, widest.
static LOADED: LazyLock<[Policies; 3]> =
    LazyLock::new(|| [None, Some(NARROW), Some(WIDEST)].map(|text| Policies::for_engagement(text).unwrap()));

proptest! {
    #[test]
    fn an_engagement_can_only_narrow(facts in facts()) {
        let [default, narrow, widest] = &*LOADED;
        let widest = widest.decide(&facts);
        for policies in [default, narrow] {
            let narrower = policies.decide(&facts);
            prop_assert!(narrower.verdict == Verdict::Deny || widest.verdict == Verdict::Permit);
        }
        let person = facts.findings.names_a_person();
        let features = facts.features.iter().filter(|feature| !["inference", "embeddings"].contains(&feature.as_str()));
        let within = features.clone().all(|feature| facts.covered_features.contains(feature));
        let expected = facts.engagement_active
            && (facts.covered || !facts.carries_phi && !person)
            && within
            && !facts.signed_findings
            && !facts.foreign_opaque;
        prop_assert_eq!(widest.verdict == Verdict::Permit, expected);
    }

    #[test]
    fn every_deny_has_reasons_and_every_permit_only_good_ones(facts in facts()) {
        for policies in &*LOADED {
            let decision = policies.decide(&facts);
            prop_assert!(!decision.reasons.is_empty());
            let good = decision.reasons.iter().all(|reason| reason.code.explanation().status == 200);
            prop_assert_eq!(good, decision.verdict == Verdict::Permit);
            if !facts.covered && decision.verdict == Verdict::Permit {
                let obliged = |class: &Class| decision.obligations.treatment(*class) >= Treatment::Surrogate;
                prop_assert!(Class::ALL.iter().all(obliged));
            }
        }
    }
}

#[test]
fn an_observed_permit_passes_every_class_and_tells_what_would_have_been() {
    let observed = Facts { carries_phi: false, observing: true, ..uncovered() };
    let decision =
        policies(r#"@id("all") @treat("*=redact") permit (principal, action, resource);"#).decide(&observed);
    assert_eq!(decision.verdict, Verdict::Permit);
    assert!(Class::ALL.iter().all(|class| decision.obligations.treatment(*class) == Treatment::Pass));
    assert_eq!(decision.obligations.reason_codes, ["observed"]);
    let told: Vec<_> = decision.reasons.iter().map(|r| (r.code, r.detail.as_deref())).collect();
    assert_eq!(
        told,
        [
            (Code::OBSERVED, Some("agreement-missing")),
            (Code::OBSERVED, Some("phi-uncovered")),
            (Code::POLICY_PERMITS, None),
        ]
    );
    let refused = policies(
        r#"@id("all") permit (principal, action, resource);
        @id("never") forbid (principal, action, resource) when { context.observing };"#,
    );
    assert_eq!(refused.decide(&observed).verdict, Verdict::Deny, "an engagement may forbid it");
}

#[test]
fn what_could_not_be_evaluated_is_refused_though_it_is_observed() {
    let erring = policies(
        r#"@id("all") permit (principal, action, resource);
        @id("sum") forbid (principal, action, resource) when { context.finding_count + 9223372036854775807 > 0 };"#,
    );
    let observed = Facts { carries_phi: false, observing: true, ..uncovered() };
    let decision = erring.decide(&observed);
    assert_eq!((decision.verdict, decision.reasons[0].code), (Verdict::Deny, Code::POLICY_ERROR));
}

proptest! {
    #[test]
    fn observing_changes_nothing_where_the_workflow_carries_phi(covers: bool, signed: bool, opaque: bool, active: bool) {
        let facts = if covers { covered() } else { uncovered() };
        let facts = Facts { signed_findings: signed, foreign_opaque: opaque, engagement_active: active, ..facts };
        let decide = |observing| {
            let decision = policies("@id(\"all\") permit (principal, action, resource);")
                .decide(&Facts { observing, ..facts.clone() });
            (decision.verdict, decision.obligations, decision.reasons)
        };
        prop_assert_eq!(decide(true), decide(false));
    }
}

#[test]
fn policies_ask_for_what_they_speak_of() {
    let asks = |text: Option<&str>| Policies::for_engagement(text).unwrap().asks();
    let with = |condition: &str| {
        let text = format!(r#"@id("a") permit (principal, action, resource) when {{ {condition} }};"#);
        let asks = asks(Some(&text));
        (asks.tells, asks.words)
    };
    assert_eq!(asks(None), policy::Asks { tells: false, words: false });
    assert_eq!(with("context.covered"), (false, false));
    assert_eq!(with("context.tells_count < 3"), (true, false));
    assert_eq!(with("context.passage_words < 3"), (false, true));
    // a name may be written with escapes
    assert_eq!(with(r#"context["\u{74}ells"].isEmpty()"#), (true, true));
    let strips = r#"@id("a") @strip("diagnosis") permit (principal, action, resource);"#;
    assert!(asks(Some(strips)).tells);
}

#[test]
fn what_is_told_changes_the_decision_and_its_id() {
    use terms::HealthClass::{Diagnosis, Scheduling};
    let policies = Policies::for_engagement(None).unwrap();
    let declared = Facts { may_tell: Some([Scheduling].into()), ..covered() };
    let clean = policies.decide(&declared);
    assert_eq!(clean.verdict, Verdict::Permit);
    let refused = policies.decide(&Facts { tells: support::told(&[Diagnosis]), ..declared.clone() });
    assert_eq!((refused.verdict, refused.reasons.len()), (Verdict::Deny, 1));
    assert_eq!(refused.reasons[0].code, Code::UNDECLARED_HEALTH);
    assert_eq!(refused.reasons[0].detail.as_deref(), Some("diagnosis"));
    let longer = policies.decide(&Facts { passage_words: 1, ..declared.clone() });
    let other = policies.decide(&Facts { may_tell: None, ..declared });
    let ids: std::collections::BTreeSet<_> = [clean, refused, longer, other].map(|one| one.id.0).into();
    assert_eq!(ids.len(), 4);
}
