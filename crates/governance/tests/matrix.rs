//! The golden matrix: state of the registers x what is asked -> covered or not, and the codes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod support;

use std::fmt::Write as _;

use governance::{Agreement, Engagement, Service, Vendor};
use support::{AGREEMENT, CHAIN, House, OPERATED_BY_ASSOCIATE, SERVICE, codes};

/// The covered house with one text of the agreement's row replaced.
fn amended(from: &str, to: &str) -> House {
    let mut house = House::without_agreement();
    house.put::<Agreement>("acme-baa", &replaced(AGREEMENT, from, to));
    house
}

/// The covered house with one text of the service's row replaced.
fn moved(from: &str, to: &str) -> House {
    let mut house = House::covered();
    house.put::<Service>("acme-api", &replaced(SERVICE, from, to));
    house
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

/// Run by Northwind, Mercy's business associate.
fn associate(agreement_from: &str, chain: Option<&str>) -> House {
    let mut house = House::without_agreement();
    house.put::<Engagement>("mercy", OPERATED_BY_ASSOCIATE);
    let kind = if agreement_from == "mercy" { "baa" } else { "subcontractor-baa" };
    let agreement = replaced(AGREEMENT, r#""from":"mercy""#, &format!(r#""from":"{agreement_from}""#));
    house.put::<Agreement>(
        "acme-baa",
        &replaced(&agreement, r#""kind":"baa""#, &format!(r#""kind":"{kind}""#)),
    );
    if let Some(chain) = chain {
        house.put::<Agreement>("northwind-baa", chain);
    }
    house
}

fn on_premises(endpoint: &str) -> House {
    let mut house = House::without_agreement();
    let service = replaced(SERVICE, "https://api.acme.example/v1", endpoint);
    let placed = r#""placement":"on-premises","network":["10.20.0.0/16"],"models""#;
    house.put::<Service>("acme-api", &replaced(&service, r#""models""#, placed));
    house
}

/// An agreement in force that names no service.
fn scopeless() -> House {
    let mut house = House::without_agreement();
    house.put::<Agreement>("acme-baa", &replaced(CHAIN, r#""to":"northwind""#, r#""to":"acme""#));
    house
}

fn states() -> Vec<(&'static str, House)> {
    let mut ended = House::covered();
    ended.end::<Agreement>("acme-baa").unwrap();
    let mut renewed = amended(r#""ends":"2027-01-01""#, r#""ends":"2026-06-01""#);
    renewed.put::<Agreement>("acme-baa-2", &replaced(AGREEMENT, "2026-01-01", "2026-06-01"));
    let mut renewed_elsewhere = amended(r#""ends":"2027-01-01""#, r#""ends":"2026-06-01""#);
    let other = replaced(SERVICE, "https://api.acme.example/v1", "https://eu.acme.example/v1");
    renewed_elsewhere.put::<Service>("acme-eu", &other);
    let elsewhere = replaced(AGREEMENT, r#""service":"acme-api""#, r#""service":"acme-eu""#);
    renewed_elsewhere.put::<Agreement>("acme-baa-2", &elsewhere);
    let mut no_vendor = House::covered();
    no_vendor.end::<Vendor>("acme").unwrap();
    vec![
        ("no agreement", House::without_agreement()),
        ("in force", House::covered()),
        ("lapsed", amended(r#""ends":"2027-01-01""#, r#""ends":"2026-06-15""#)),
        ("lapses tomorrow", amended(r#""ends":"2027-01-01""#, r#""ends":"2026-06-16""#)),
        ("not yet in force", amended("2026-01-01", "2026-06-16")),
        ("row ended", ended),
        ("lapsed and renewed", renewed),
        ("lapsed, renewed for another service", renewed_elsewhere),
        ("data use agreement", amended(r#""kind":"baa""#, r#""kind":"dua""#)),
        ("training not excluded", amended(r#""no_training":true"#, r#""no_training":false"#)),
        ("subprocessor uncovered", amended(r#""covered":true"#, r#""covered":false"#)),
        ("no scope row", scopeless()),
        ("vendor's row ended", no_vendor),
        ("endpoint moved", moved("https://api.acme.example/v1", "https://eu.acme.example/v1")),
        ("account changed", moved("acct-1", "acct-2")),
        ("region changed", moved(r#""region":"us""#, r#""region":"eu""#)),
        ("region not stated", moved(r#""region":"us","#, "")),
        ("region * in the row, terms say us", amended(r#""region":"us""#, r#""region":"*""#)),
        ("retention changed", moved(r#""retention_mode":"zero""#, r#""retention_mode":"30-days""#)),
        ("all models", amended("large-*", "*")),
        ("other models", amended("large-*", "small-*")),
        ("associate, no chain", associate("northwind", None)),
        ("associate, chain in force", associate("northwind", Some(CHAIN))),
        ("associate, entity's own agreement with the vendor", associate("mercy", Some(CHAIN))),
        (
            "associate, chain lapsed",
            associate("northwind", Some(&replaced(CHAIN, r#""terms""#, r#""ends":"2026-06-01","terms""#))),
        ),
        (
            "associate, chain not yet",
            associate("northwind", Some(&replaced(CHAIN, "2026-01-01", "2026-07-01"))),
        ),
        ("associate, vendor's agreement with another", associate("somebody", Some(CHAIN))),
        ("endpoint moved, region changed, training not excluded", {
            let mut house = amended(r#""no_training":true"#, r#""no_training":false"#);
            let service = replaced(SERVICE, "https://api.acme.example/v1", "https://eu.acme.example/v1");
            house.put::<Service>("acme-api", &replaced(&service, r#""region":"us""#, r#""region":"eu""#));
            house
        }),
        ("on premises, loopback", on_premises("http://127.0.0.1:8080/v1")),
        ("on premises, https in a declared network", on_premises("https://models.mercy.example/v1")),
    ]
}

#[test]
fn the_matrix_is_as_it_was() {
    let asked = [
        ("inference", "large-2026-05", &["inference"][..]),
        ("images (named)", "large-2026-05", &["inference", "images"]),
        ("hosted-tool (not named)", "large-2026-05", &["inference", "hosted-tool"]),
        ("another model", "small-1", &["inference"]),
    ];
    let mut page = String::new();
    for (state, house) in states() {
        writeln!(page, "{state}").unwrap();
        for (title, model, wanted) in asked {
            let coverage = house.cover(model, wanted);
            let verdict = if coverage.covered { "covered" } else { "-" };
            writeln!(page, "    {title:<24} {verdict:<8} {}", codes(&coverage).join(", ")).unwrap();
        }
    }
    insta::assert_snapshot!(page);
}
