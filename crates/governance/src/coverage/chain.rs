//! The chain from the covered entity to the business associate that runs this gateway.

use std::collections::{BTreeMap, VecDeque};

use terms::{Code, Reason};

use super::{CitedAgreement, Standing, Term};
use crate::registers::Holdings;
use crate::row::Row;
use crate::{Agreement, Engagement, Party};

/// Whether the operator may hold the covered entity's PHI at all: it is the covered entity, or a chain of
/// agreements in force leads to it (45 CFR 164.502(e), 164.504(e)(5)). The shortest chain is cited.
pub(super) fn standing(holdings: &Holdings, own: &Engagement, term: Term) -> Standing {
    if own.operator == own.covered_entity {
        return Ok(Vec::new());
    }
    let mut reached: BTreeMap<&Party, &Row<Agreement>> = BTreeMap::new();
    let mut next = VecDeque::from([&own.covered_entity]);
    while let Some(party) = next.pop_front() {
        for row in holdings.agreements.all_newest().filter(|row| row.body.from == *party) {
            let to = &row.body.to;
            if term.is_in_force(row) && *to != own.covered_entity && !reached.contains_key(to) {
                reached.insert(to, row);
                next.push_back(to);
            }
        }
    }
    let mut links = Vec::new();
    let mut at = &own.operator;
    while *at != own.covered_entity {
        let Some(row) = reached.get(at) else { return Err(broken(holdings, own, term)) };
        links.extend(cite(row, None));
        at = &row.body.from;
    }
    links.reverse();
    Ok(links)
}

/// Tells which link is missing, and why where a row for it is there.
fn broken(holdings: &Holdings, own: &Engagement, term: Term) -> Reason {
    let link = format!("from `{}` to `{}`", own.covered_entity, own.operator);
    let to_operator = |row: &&std::sync::Arc<Row<Agreement>>| {
        row.body.to == own.operator && row.body.carries_phi() && !term.is_in_force(row)
    };
    match holdings.agreements.all_newest().find(to_operator) {
        Some(row) => {
            let state = if term.has_begun(&row.body) { "has ended" } else { "is not in force yet" };
            Reason::new(Code::CHAIN_BROKEN)
                .by(super::judge::title(row))
                .about(format!("the link {link} {state}"))
        }
        None => Reason::new(Code::CHAIN_BROKEN).about(format!("no agreements in force lead {link}")),
    }
}

/// The citation of a row. Agreement rows have names, so this is `None` for none of them.
pub(super) fn cite(row: &Row<Agreement>, scope_row: Option<usize>) -> Option<CitedAgreement> {
    let agreement = row.id.as_str().parse().ok()?;
    Some(CitedAgreement { agreement, version: row.version, scope_row })
}
