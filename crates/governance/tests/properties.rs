//! What must hold of coverage whatever the registers hold.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod support;

use governance::{Agreement, Engagement, RegisterKind, Service, coverage};
use proptest::prelude::*;
use support::{House, OPERATED_BY_ASSOCIATE, SERVICE, codes, features, mercy};
use terms::UtcMillis;

const DATES: [&str; 4] = ["2026-01-01", "2026-06-15", "2026-06-16", "2027-01-01"];

/// An agreement's row as JSON; often nearly right.
fn agreement() -> impl Strategy<Value = String> {
    let party = prop_oneof![4 => Just("mercy"), 3 => Just("northwind"), 1 => Just("somebody")];
    let to = prop_oneof![4 => Just("acme"), 3 => Just("northwind"), 1 => Just("somebody")];
    let kind = prop_oneof![5 => Just("baa"), 2 => Just("subcontractor-baa"), 1 => Just("dua")];
    let model = prop_oneof![Just("*"), Just("large-*"), Just("small-1")];
    let named = prop::sample::subsequence(vec!["\"images\"", "\"batch\""], 0..=2);
    let likely = || prop::bool::weighted(0.85);
    (party, to, kind, 0..2_usize, 2..4_usize, likely(), likely(), model, named, likely())
        .prop_filter("nobody has one with itself", |(from, to, ..)| from != to)
        .prop_map(|(from, to, kind, begin, end, no_training, covered, model, named, same)| {
            let (begin, end, named) = (DATES[begin], DATES[end], named.join(","));
            let endpoint = if same { "https://api.acme.example/v1" } else { "https://old.acme.example/v1" };
            let scope = format!(
                r#"{{"service":"acme-api","endpoint":"{endpoint}","account":"acct-1","model":"{model}",
                "features":[{named}]}}"#
            );
            let scope = if to == "acme" { scope } else { String::new() };
            format!(
                r#"{{"kind":"{kind}","from":"{from}","to":"{to}","effective":"{begin}","ends":"{end}",
                "terms":{{"no_training":{no_training},"subprocessors":[{{"name":"Cloud","covered":{covered}}}]}},
                "scope":[{scope}]}}"#
            )
        })
}

fn house() -> impl Strategy<Value = House> {
    (prop::bool::ANY, prop::collection::vec(agreement(), 0..6)).prop_map(|(associate, agreements)| {
        let mut house = House::without_agreement();
        if associate {
            house.put::<Engagement>("mercy", OPERATED_BY_ASSOCIATE);
        }
        for (index, agreement) in agreements.iter().enumerate() {
            house.put::<Agreement>(&format!("a{index}"), agreement);
        }
        house
    })
}

fn asked() -> impl Strategy<Value = (&'static str, Vec<&'static str>, &'static str)> {
    let model = prop_oneof![Just("large-2026-05"), Just("small-1")];
    let wanted = prop::sample::subsequence(vec!["images", "batch", "hosted-tool"], 0..=2);
    (model, wanted, prop::sample::select(DATES.to_vec()))
}

fn judge(house: &House, asked: &(&str, Vec<&str>, &str)) -> governance::Coverage {
    let (model, wanted, at) = asked;
    let at = UtcMillis::parse(at).unwrap();
    coverage(&house.registers(), &mercy(), &"acme-api".parse().unwrap(), model, &features(wanted), at)
}

fn agreements(house: &House) -> Vec<String> {
    let rows = house.0.iter().filter(|row| row.kind == RegisterKind::Agreement);
    rows.map(|row| row.id.as_str().to_owned()).collect()
}

proptest! {
    #[test]
    fn taking_an_agreement_away_never_covers_anything(house in house(), asked in asked()) {
        let before = judge(&house, &asked).covered;
        for id in agreements(&house) {
            let mut removed = house.clone();
            removed.0.retain(|row| !(row.kind == RegisterKind::Agreement && row.id.as_str() == id));
            prop_assert!(before || !judge(&removed, &asked).covered);
            let mut ended = house.clone();
            ended.end::<Agreement>(&id).unwrap();
            prop_assert!(before || !judge(&ended, &asked).covered);
            prop_assert!(ended.0.len() > house.0.len());
        }
    }

    #[test]
    fn without_any_agreement_nothing_at_a_vendor_is_covered(mut house in house(), asked in asked()) {
        house.0.retain(|row| row.kind != RegisterKind::Agreement);
        let found = judge(&house, &asked);
        prop_assert!(!found.covered && found.features.is_empty());
        prop_assert_eq!(codes(&found)[0], "agreement-missing");
    }

    #[test]
    fn an_unrelated_agreement_changes_nothing(house in house(), asked in asked(), other in agreement()) {
        let before = judge(&house, &asked);
        let mut more = house;
        let mut other: Agreement = governance::read_body(&other).unwrap();
        (other.to, other.scope) = ("unrelated".parse().unwrap(), Vec::new());
        more.put::<Agreement>("unrelated", &serde_json::to_string(&other).unwrap());
        prop_assert_eq!(judge(&more, &asked), before);
    }

    #[test]
    fn what_is_covered_names_its_agreement_and_what_is_not_says_why(house in house(), asked in asked()) {
        let found = judge(&house, &asked);
        prop_assert!(!found.reasons.is_empty());
        prop_assert_eq!(found.covered, found.agreement.is_some());
        prop_assert_eq!(found.covered, codes(&found) == ["covered"]);
        if let Some(cited) = found.agreement {
            let registers = house.registers();
            let row = registers.agreement(&mercy(), &cited.agreement).unwrap();
            let scope = &row.body.scope[cited.scope_row.unwrap()];
            prop_assert!(scope.model.accepts(asked.0) && row.body.terms.no_training && row.body.carries_phi());
            prop_assert!(features(&asked.1).is_subset(&scope.features));
        }
    }

    #[test]
    fn moving_the_service_uncovers_it(house in house(), asked in asked()) {
        let mut moved = house;
        moved.put::<Service>("acme-api", &SERVICE.replace("api.acme", "elsewhere.acme"));
        prop_assert!(!judge(&moved, &asked).covered);
    }
}
