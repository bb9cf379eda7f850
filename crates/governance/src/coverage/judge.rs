//! How far one agreement is from covering a use.

use std::cmp::Reverse;

use terms::{Code, Name, Reason, UtcMillis};

use super::Use;
use crate::row::Row;
use crate::{Agreement, Engagement, Feature, OrAny, ScopeRow};

/// What one agreement lacks, by its nearest scope row.
pub(super) struct Miss {
    /// The nearest row: none if no row names the service.
    pub(super) scope_row: Option<usize>,
    /// How near it is; the least is the nearest.
    pub(super) distance: Distance,
    /// The checks that fail, the root first; none if the agreement covers the use.
    pub(super) reasons: Vec<Reason>,
}

/// No row names the service; how many checks fail; the term does not run; the newest agreement first.
pub(super) type Distance = (bool, usize, bool, Reverse<UtcMillis>);

/// The row as reasons name it, for instance `agreement:acme-baa@2`.
pub(super) fn title(row: &Row<Agreement>) -> String {
    format!("agreement:{}@{}", row.id, row.version)
}

/// Judges an agreement with the vendor; `None` for a withdrawn data use agreement, which says nothing.
pub(super) fn nearest(row: &Row<Agreement>, own: &Engagement, usage: &Use<'_>) -> Option<Miss> {
    if !row.body.carries_phi() {
        return (!row.ended).then(|| data_use(row));
    }
    let mut common: Vec<Reason> = term(row, usage).into_iter().collect();
    common.extend(parties(row, own));
    let after = terms(row);
    let rows = row.body.scope.iter().enumerate().filter(|(_, scope)| scope.service == *usage.id);
    let best = rows.map(|(index, scope)| (index, misfits(row, index, scope, usage)));
    let best = best.min_by_key(|(_, misfits)| misfits.len());
    let scope_row = best.as_ref().map(|(index, _)| *index);
    let misfits = best.map_or_else(|| vec![unnamed(row, usage)], |(_, misfits)| misfits);
    let running = usage.term.is_in_force(row);
    let reasons: Vec<_> = common.into_iter().chain(misfits).chain(after).collect();
    let distance = (scope_row.is_none(), reasons.len(), !running, Reverse(row.body.effective));
    Some(Miss { scope_row, distance, reasons })
}

fn data_use(row: &Row<Agreement>) -> Miss {
    let reason = Reason::new(Code::AGREEMENT_MISSING).by(title(row));
    let reasons = vec![reason.about("a data use agreement covers a limited data set only")];
    Miss { scope_row: None, distance: (true, usize::MAX, true, Reverse(row.body.effective)), reasons }
}

fn unnamed(row: &Row<Agreement>, usage: &Use<'_>) -> Reason {
    Reason::new(Code::SCOPE_MISSING)
        .by(title(row))
        .about(format!("no scope row names service `{}`", usage.id))
}

fn term(row: &Row<Agreement>, usage: &Use<'_>) -> Option<Reason> {
    let agreement = &row.body;
    if row.ended {
        return Some(Reason::new(Code::AGREEMENT_LAPSED).by(title(row)).about("it was ended"));
    }
    if let Some(ends) = agreement.ends.filter(|_| usage.term.has_ended(agreement)) {
        return Some(Reason::new(Code::AGREEMENT_LAPSED).by(title(row)).about(format!("it ended {ends}")));
    }
    if !usage.term.has_begun(agreement) {
        let about = format!("it is effective from {}", agreement.effective);
        return Some(Reason::new(Code::AGREEMENT_NOT_YET).by(title(row)).about(about));
    }
    None
}

/// The agreement must be with the covered entity itself or with the operator: a vendor's promise to somebody
/// else binds it to nobody here.
fn parties(row: &Row<Agreement>, own: &Engagement) -> Option<Reason> {
    let from = &row.body.from;
    (*from != own.covered_entity && *from != own.operator).then(|| {
        Reason::new(Code::CHAIN_BROKEN)
            .by(title(row))
            .about(format!("it is made by `{from}`, which is neither covered entity nor operator here"))
    })
}

fn terms(row: &Row<Agreement>) -> Vec<Reason> {
    let terms = &row.body.terms;
    let mut reasons = Vec::new();
    if !terms.no_training {
        reasons.push(Reason::new(Code::TRAINING_NOT_EXCLUDED).by(title(row)));
    }
    for subprocessor in terms.subprocessors.iter().filter(|subprocessor| !subprocessor.covered) {
        let about = format!("subprocessor `{}`", subprocessor.name);
        reasons.push(Reason::new(Code::SUBPROCESSOR_UNCOVERED).by(title(row)).about(about));
    }
    reasons
}

/// Where a scope row for the service differs from the use.
fn misfits(row: &Row<Agreement>, index: usize, scope: &ScopeRow, usage: &Use<'_>) -> Vec<Reason> {
    let service = usage.service;
    let mut reasons = Vec::new();
    let mut miss = |code: Code, about: String| {
        reasons.push(Reason::new(code).by(format!("{}/scope[{index}]", title(row))).about(about));
    };
    if scope.endpoint != service.endpoint {
        miss(Code::ENDPOINT_MOVED, format!("endpoint {} is not {}", service.endpoint, scope.endpoint));
    }
    if scope.account != service.account {
        miss(Code::ENDPOINT_MOVED, "the account is another".to_owned());
    }
    if !scope.model.accepts(usage.model) {
        miss(Code::SCOPE_MISSING, format!("the model is not `{}`", scope.model));
    }
    let unnamed = |feature: &&Feature| **feature != Feature::Inference && !scope.features.contains(feature);
    for feature in usage.features.iter().filter(unnamed) {
        miss(Code::SCOPE_MISSING, format!("feature `{feature}` is not named"));
    }
    let agreed = &row.body.terms;
    if !accepts(&scope.region, service.region.as_ref(), |region| {
        agreed.regions.is_empty() || region.is_some_and(|region| agreed.regions.contains(region))
    }) {
        miss(Code::SCOPE_MISSING, format!("region {} is not covered", named(service.region.as_ref())));
    }
    if !accepts(&scope.retention_mode, service.retention_mode.as_ref(), |mode| {
        agreed.retention_mode.accepts(mode)
    }) {
        let mode = named(service.retention_mode.as_ref());
        miss(Code::SCOPE_MISSING, format!("retention mode {mode} is not covered"));
    }
    reasons
}

/// A row's `*` means: as the agreement's terms say.
fn accepts(row: &OrAny, value: Option<&Name>, by_terms: impl Fn(Option<&Name>) -> bool) -> bool {
    match row {
        OrAny::Any => by_terms(value),
        OrAny::Only(only) => value == Some(only),
    }
}

fn named(value: Option<&Name>) -> String {
    value.map_or_else(|| "(not stated)".to_owned(), |name| format!("`{name}`"))
}
