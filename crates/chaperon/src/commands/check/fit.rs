//! Whether services fit the scope rows that name them, and what is known of their addresses.

use governance::facts::{Claim, Facts, Severity, compare};
use governance::{Agreement, RegisterKind, Service};
use terms::{Clock as _, Name, UtcMillis};

use super::{Point, State};
use crate::config::Config;
use crate::facts::Known;
use crate::failure::Failure;
use crate::house::{Desk, SystemClock};
use crate::operations::{Answer, Observed, Operation, RowView};

/// What is known of vendors: whether it can be trusted, and is not old.
pub(super) fn known(config: &Config) -> (Point, Option<Known>) {
    const WHAT: &str = "vendor facts";
    let known = match crate::facts::load(config.facts.file.as_deref()) {
        Ok(known) => known,
        Err(failure) => return (Point::new(WHAT, State::Fail, failure.message()), None),
    };
    let detail = format!("of {}, {}", known.facts.day(), known.from);
    let point = if let Some(days) = known.old(SystemClock.now()) {
        let detail = format!("{detail}: {days} days old; name a newer file, `file` under `[facts]`");
        Point::new(WHAT, State::Warn, detail).coded("facts-old")
    } else {
        Point::new(WHAT, State::Ok, detail)
    };
    (point, Some(known))
}

/// The rows that are compared, as the house has them.
pub(super) struct Rows {
    services: Vec<RowView>,
    agreements: Vec<RowView>,
    observed: Vec<Observed>,
}

impl Rows {
    /// Asks for the newest services and agreements of all engagements.
    pub(super) fn ask(desk: &mut Desk) -> Result<Self, Failure> {
        let list = |kind| Operation::List { engagement: None, kind, ended: false };
        let observed = match desk.ask(Operation::Observed {})? {
            Answer::Observed(observed) => observed,
            _ => Vec::new(),
        };
        Ok(Self {
            observed,
            services: desk.rows(list(RegisterKind::Service))?,
            agreements: desk.rows(list(RegisterKind::Agreement))?,
        })
    }

    /// Each service, with what does not fit.
    pub(super) fn points(&self, facts: &Facts) -> Vec<Point> {
        let now = SystemClock.now();
        self.services.iter().flat_map(|row| self.of(row, facts, now)).collect()
    }

    fn of(&self, row: &RowView, facts: &Facts, now: UtcMillis) -> Vec<Point> {
        let what = format!("fit {}/{}", row.engagement, row.id);
        let Ok(service) = serde_json::from_value::<Service>(row.body.clone()) else {
            return vec![Point::new(what, State::Fail, "its row is not understood")];
        };
        let agreements: Vec<(&Name, Agreement)> = self.agreements_of(row, now).collect();
        let claims: Vec<Claim<'_>> = agreements
            .iter()
            .flat_map(|(id, agreement)| {
                let rows = agreement.scope.iter().enumerate();
                rows.map(|(index, row)| Claim { agreement: id, index, row })
            })
            .filter(|claim| claim.row.service.as_str() == row.id.as_str())
            .collect();
        let mut found = compare(&row.id, &service, &claims, facts);
        found
            .extend(self.seen(row).into_iter().flat_map(|observed| observed.seen.compare(&row.id, &service)));
        if found.is_empty() {
            return vec![Point::new(what, State::Ok, fits(&service, claims.len(), facts))];
        }
        let point = |mismatch: governance::facts::Mismatch| {
            let state = if mismatch.severity == Severity::Wrong { State::Fail } else { State::Warn };
            let detail = format!("{}: {}; {}", mismatch.word, mismatch.found, mismatch.help);
            Point::new(what.clone(), state, detail).coded(mismatch.word)
        };
        found.into_iter().map(point).collect()
    }

    /// What the answers of the service said, under the row as it is now.
    fn seen(&self, row: &RowView) -> Option<&Observed> {
        let here = |observed: &&Observed| observed.engagement == row.engagement && observed.service == row.id;
        self.observed.iter().find(here).filter(|observed| observed.version == row.version)
    }

    /// The agreements of the engagement that have not lapsed.
    fn agreements_of<'a>(
        &'a self,
        service: &'a RowView,
        now: UtcMillis,
    ) -> impl Iterator<Item = (&'a Name, Agreement)> {
        self.agreements
            .iter()
            .filter(|row| row.engagement == service.engagement)
            .filter_map(|row| Some((&row.id, serde_json::from_value::<Agreement>(row.body.clone()).ok()?)))
            .filter(move |(_, agreement)| agreement.ends.is_none_or(|ends| ends > now))
    }
}

fn fits(service: &Service, claims: usize, facts: &Facts) -> String {
    let rows = match claims {
        0 => "no scope row names it".to_owned(),
        1 => "1 scope row".to_owned(),
        more => format!("{more} scope rows"),
    };
    match facts.at(&service.endpoint).next() {
        Some(offering) => format!("{rows}; compared with facts of `{}`", offering.name),
        None => format!("{rows}; nothing is known of its address"),
    }
}
