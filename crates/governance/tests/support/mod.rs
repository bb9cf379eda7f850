//! A synthetic house: Mercy (covered entity), Northwind (its business associate), Acme (a vendor).

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses a part of it")]

use std::collections::BTreeSet;

use governance::{
    Body, Change, Coverage, Feature, RegisterError, Registers, StoredRow, coverage, end_row, next_row,
    read_body,
};
use terms::{EngagementId, UtcMillis};

/// Noon of the day on which the tests take place.
pub fn now() -> UtcMillis {
    UtcMillis::parse("2026-06-15T12:00:00Z").unwrap()
}

pub fn mercy() -> EngagementId {
    "mercy".parse().unwrap()
}

pub fn features(names: &[&str]) -> BTreeSet<Feature> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

pub const OPERATED_BY_ITSELF: &str =
    r#"{"title":"Mercy triage","covered_entity":"mercy","operator":"mercy","state":"active"}"#;
pub const OPERATED_BY_ASSOCIATE: &str =
    r#"{"title":"Mercy triage","covered_entity":"mercy","operator":"northwind","state":"active"}"#;
pub const VENDOR: &str = r#"{"legal_name":"Acme Models Inc.","party":"acme"}"#;
pub const SERVICE: &str = r#"{"vendor":"acme","product":"Acme API","tier":"enterprise","protocols":["openai"],
    "endpoint":"https://api.acme.example/v1","account":"acct-1","region":"us","retention_mode":"zero",
    "models":[{"name":"acme-large","upstream":"large-2026-05","aliases":["large"]},{"name":"small-1"}]}"#;
pub const AGREEMENT: &str = r#"{"kind":"baa","from":"mercy","to":"acme","effective":"2026-01-01","ends":"2027-01-01",
    "terms":{"no_training":true,"retention_mode":"zero","regions":["us"],"breach_notice_hours":24,
             "subprocessors":[{"name":"Cloud Co","covered":true}]},
    "scope":[{"service":"acme-api","endpoint":"https://api.acme.example/v1","account":"acct-1","model":"large-*",
              "features":["images"],"region":"us","retention_mode":"zero"}]}"#;
pub const CHAIN: &str = r#"{"kind":"baa","from":"mercy","to":"northwind","effective":"2026-01-01",
    "terms":{"no_training":true}}"#;

/// The rows of a store, as it would keep them.
#[derive(Clone, Debug, Default)]
pub struct House(pub Vec<StoredRow>);

impl House {
    /// Mercy with the vendor and its service, and no agreement.
    pub fn without_agreement() -> Self {
        let mut house = Self::default();
        house.put::<governance::Engagement>("mercy", OPERATED_BY_ITSELF);
        house.put::<governance::Vendor>("acme", VENDOR);
        house.put::<governance::Service>("acme-api", SERVICE);
        house
    }

    /// The same with an agreement that covers `large-2026-05` with images.
    pub fn covered() -> Self {
        let mut house = Self::without_agreement();
        house.put::<governance::Agreement>("acme-baa", AGREEMENT);
        house
    }

    pub fn registers(&self) -> Registers {
        Registers::from_rows(self.0.clone()).unwrap()
    }

    pub fn put<T: Body>(&mut self, id: &str, json: &str) {
        let body: T = read_body(json).unwrap();
        let row = next_row(&self.registers(), &mercy(), &id.parse().unwrap(), &body, change()).unwrap();
        self.keep(row);
    }

    pub fn end<T: Body>(&mut self, id: &str) -> Result<(), RegisterError> {
        let row = end_row::<T>(&self.registers(), &mercy(), &id.parse().unwrap(), change())?;
        self.keep(row);
        Ok(())
    }

    /// Appends as a store does: the version before holds until this one.
    pub fn keep(&mut self, row: StoredRow) {
        let same = |before: &&mut StoredRow| {
            (&before.engagement, before.kind, &before.id) == (&row.engagement, row.kind, &row.id)
        };
        if let Some(before) = self.0.iter_mut().filter(same).last() {
            before.valid_to = Some(row.valid_from);
        }
        self.0.push(row);
    }

    pub fn cover(&self, model: &str, wanted: &[&str]) -> Coverage {
        let service = "acme-api".parse().unwrap();
        coverage(&self.registers(), &mercy(), &service, model, &features(wanted), now())
    }
}

pub fn change() -> Change<'static> {
    Change { author: "tests", reason: "synthetic", now: UtcMillis::parse("2026-02-01").unwrap() }
}

/// The codes of a coverage, in order.
pub fn codes(coverage: &Coverage) -> Vec<&'static str> {
    coverage.reasons.iter().map(|reason| reason.code.as_str()).collect()
}
