//! Whether an agreement in force covers an exact use of a service.

mod chain;
mod judge;

use std::collections::BTreeSet;

use terms::{AgreementId, Code, EngagementId, Reason, RowVersion, ServiceId, UtcMillis};

use crate::registers::Holdings;
use crate::row::Row;
use crate::{Agreement, Engagement, Feature, Registers, Service};
use judge::Miss;

/// An agreement at the version that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CitedAgreement {
    /// The agreement.
    pub agreement: AgreementId,
    /// Its row's version.
    pub version: RowVersion,
    /// The scope row, counted from 0; `None` for a link of the chain that leads to the operator.
    pub scope_row: Option<usize>,
}

/// What coverage answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Whether PHI may go there: an agreement in force covers this exact use, or the model runs inside the wall.
    pub covered: bool,
    /// Whether the model runs inside the wall.
    pub on_premises: bool,
    /// The agreement that covers the use; none on premises.
    pub agreement: Option<CitedAgreement>,
    /// The agreements that lead from the covered entity to the operator, if that is a business associate.
    pub chain: Vec<CitedAgreement>,
    /// Which features are covered; none if the use is not.
    pub features: BTreeSet<Feature>,
    /// Why, the nearest miss first. Never empty.
    pub reasons: Vec<Reason>,
}

impl Coverage {
    fn refused(on_premises: bool, reasons: Vec<Reason>) -> Self {
        let (chain, features) = (Vec::new(), BTreeSet::new());
        Self { covered: false, on_premises, agreement: None, chain, features, reasons }
    }
}

/// The use that is judged.
struct Use<'a> {
    id: &'a ServiceId,
    service: &'a Service,
    model: &'a str,
    features: &'a BTreeSet<Feature>,
    term: Term,
}

/// The time by which terms are judged. A clock behind the newest change of a register was turned back: then an
/// agreement must be in force both by that clock and at that change, so that nothing is revived.
#[derive(Clone, Copy)]
struct Term {
    now: UtcMillis,
    floor: UtcMillis,
}

impl Term {
    fn has_begun(self, agreement: &Agreement) -> bool {
        agreement.effective <= self.now
    }

    fn has_ended(self, agreement: &Agreement) -> bool {
        agreement.ends.is_some_and(|ends| ends <= self.now.max(self.floor))
    }

    fn is_in_force(self, row: &Row<Agreement>) -> bool {
        !row.ended && row.body.carries_phi() && self.has_begun(&row.body) && !self.has_ended(&row.body)
    }
}

/// Whether PHI may go to `service` for this exact use.
///
/// `model` is the vendor's own name of it ([`crate::Route::upstream`]). Every check that fails gives its code:
/// the nearest miss first, then what other agreements with the vendor lack.
///
/// Source: 45 CFR 164.502(e), 164.504(e); subcontractors 164.502(e)(1)(ii), 164.504(e)(5).
pub fn coverage(
    registers: &Registers,
    engagement: &EngagementId,
    service: &ServiceId,
    model: &str,
    features: &BTreeSet<Feature>,
    now: UtcMillis,
) -> Coverage {
    let missing =
        |what: String| Coverage::refused(false, vec![Reason::new(Code::AGREEMENT_MISSING).about(what)]);
    let (Some(holdings), Some(own)) = (registers.holdings(engagement), registers.engagement(engagement))
    else {
        return missing(format!("no engagement `{engagement}`"));
    };
    let Some(row) = registers.service(engagement, service) else {
        return missing(format!("no service `{service}`"));
    };
    let term = Term { now, floor: registers.newest_change() };
    let usage = Use { id: service, service: &row.body, model, features, term };
    let standing = chain::standing(holdings, &own.body, term);
    if row.body.on_premises() {
        return on_premises(&usage, standing);
    }
    at_vendor(holdings, &own.body, &usage, standing)
}

type Standing = Result<Vec<CitedAgreement>, Reason>;

fn on_premises(usage: &Use<'_>, standing: Standing) -> Coverage {
    let outside = usage.features.iter().filter(|feature| !feature.stays_on_premises());
    let outside = outside.map(|feature| {
        Reason::new(Code::SCOPE_MISSING)
            .about(format!("`{feature}` leaves the wall, wherever the model runs"))
    });
    match standing {
        Ok(chain) => {
            let reasons: Vec<_> = outside.collect();
            if !reasons.is_empty() {
                return Coverage::refused(true, reasons);
            }
            let features = Feature::ALL.into_iter().filter(|feature| feature.stays_on_premises()).collect();
            let about = format!("`{}` at {}", usage.id, usage.service.endpoint);
            let reasons = vec![Reason::new(Code::ON_PREMISES).about(about)];
            Coverage { covered: true, on_premises: true, agreement: None, chain, features, reasons }
        }
        Err(broken) => Coverage::refused(true, std::iter::once(broken).chain(outside).collect()),
    }
}

fn at_vendor(holdings: &Holdings, own: &Engagement, usage: &Use<'_>, standing: Standing) -> Coverage {
    let vendor_id = &usage.service.vendor;
    let Some(vendor) = holdings.vendors.current(vendor_id.as_str()) else {
        let about = format!("no vendor `{vendor_id}`");
        return Coverage::refused(false, vec![Reason::new(Code::AGREEMENT_MISSING).about(about)]);
    };
    let mut misses = Vec::new();
    for row in holdings.agreements.all_newest().filter(|row| row.body.to == vendor.body.party) {
        let Some(miss) = judge::nearest(row, own, usage) else { continue };
        match (miss, &standing) {
            (Miss { reasons, scope_row: Some(scope_row), .. }, Ok(chain)) if reasons.is_empty() => {
                return covered(row, scope_row, chain.clone());
            }
            (miss, _) => misses.push(miss),
        }
    }
    Coverage::refused(false, reasons(misses, vendor.body.party.as_str(), standing.err()))
}

fn covered(row: &Row<Agreement>, scope_row: usize, chain: Vec<CitedAgreement>) -> Coverage {
    let mut features = row.body.scope.get(scope_row).map(|scope| scope.features.clone()).unwrap_or_default();
    features.insert(Feature::Inference);
    let reason = Reason::new(Code::COVERED).by(format!("{}/scope[{scope_row}]", judge::title(row)));
    let agreement = chain::cite(row, Some(scope_row));
    Coverage { covered: true, on_premises: false, agreement, chain, features, reasons: vec![reason] }
}

/// The nearest miss in full, then the first of each code that only other agreements have.
fn reasons(mut misses: Vec<Miss>, party: &str, broken: Option<Reason>) -> Vec<Reason> {
    misses.sort_by_key(|miss| miss.distance);
    let mut misses = misses.into_iter();
    let none = || {
        let about = format!("no business associate agreement with `{party}` is recorded");
        vec![Reason::new(Code::AGREEMENT_MISSING).about(about)]
    };
    let mut reasons = misses.next().map_or_else(none, |nearest| nearest.reasons);
    let roots = [Code::AGREEMENT_MISSING, Code::AGREEMENT_LAPSED, Code::AGREEMENT_NOT_YET];
    let after = reasons.iter().take_while(|reason| roots.contains(&reason.code)).count();
    reasons.splice(after..after, broken);
    for reason in misses.flat_map(|miss| miss.reasons) {
        if !reasons.iter().any(|known| known.code == reason.code) {
            reasons.push(reason);
        }
    }
    reasons
}
