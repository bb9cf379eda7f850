//! How the registers stand at the time of the report: terms of agreements, coverage of what was used. No service is
//! connected to.

use std::collections::{BTreeMap, BTreeSet};

use governance::{Agreement, Credential, Engagement, Feature, Registers, Row, Service};
use terms::{EngagementId, ServiceId, UtcMillis};

use super::figures::{AgreementLine, EngagementLine, Figures, ServiceLine, Term, Uncovered, Use, Uses};

const DAY: u64 = 86_400_000;

/// Adds what the registers say of one engagement, or of all.
pub(super) fn add(
    figures: &mut Figures,
    registers: &Registers,
    wanted: Option<&EngagementId>,
    now: UtcMillis,
) {
    figures.made = now.to_string();
    for row in registers.engagements() {
        if wanted.is_none_or(|wanted| *wanted == row.engagement) {
            engagement(figures, registers, row, now);
        }
    }
    figures.agreements.sort_by(|one, other| (&one.ends, &one.id).cmp(&(&other.ends, &other.id)));
    figures.uncovered = uncovered(&figures.uses.items, registers, now);
}

fn engagement(figures: &mut Figures, registers: &Registers, row: &Row<Engagement>, now: UtcMillis) {
    figures.engagements.push(EngagementLine {
        id: row.engagement.to_string(),
        title: row.body.title.to_string(),
        state: row.body.state.to_string(),
    });
    for agreement in registers.list::<Agreement>(&row.engagement) {
        match agreement.body.ends.and_then(|ends| Some((ends, term(ends, now)?))) {
            Some((ends, term)) => figures.agreements.push(line(agreement, ends, term, now)),
            None if agreement.body.effective <= now => figures.agreements_beyond += 1,
            None => {}
        }
    }
    let keyed: BTreeSet<_> =
        registers.list::<Credential>(&row.engagement).map(|row| row.body.service.clone()).collect();
    for service in registers.list::<Service>(&row.engagement) {
        if !keyed.iter().any(|keyed| keyed.as_str() == service.id.as_str()) {
            figures.without_credential.push(ServiceLine {
                engagement: row.engagement.to_string(),
                service: service.id.to_string(),
                vendor: service.body.vendor.to_string(),
            });
        }
    }
}

fn line(row: &Row<Agreement>, ends: UtcMillis, term: Term, now: UtcMillis) -> AgreementLine {
    AgreementLine {
        engagement: row.engagement.to_string(),
        id: row.id.to_string(),
        kind: row.body.kind.to_string(),
        from: row.body.from.to_string(),
        to: row.body.to.to_string(),
        ends: ends.to_string(),
        days: ends.0.abs_diff(now.0) / DAY,
        term,
    }
}

/// How near the end is; `None` where it is more than 90 days off.
fn term(ends: UtcMillis, now: UtcMillis) -> Option<Term> {
    let Some(left) = ends.0.checked_sub(now.0).filter(|left| *left > 0) else {
        return Some(Term::Lapsed);
    };
    match left.div_ceil(DAY) {
        1..=30 => Some(Term::Within30Days),
        31..=60 => Some(Term::Within60Days),
        61..=90 => Some(Term::Within90Days),
        _ => None,
    }
}

/// Models of services that were asked for in the period and are not covered now, or were not covered then.
fn uncovered(uses: &[Use], registers: &Registers, now: UtcMillis) -> Vec<Uncovered> {
    let mut models: BTreeMap<(&str, &str, &str, &str), Uses> = BTreeMap::new();
    for line in uses {
        let key = (&*line.engagement, &*line.vendor, &*line.service, &*line.model);
        models.entry(key).or_default().add(line.uses);
    }
    let judged = models.into_iter().filter_map(|((engagement, vendor, service, model), uses)| {
        let id: EngagementId = engagement.parse().ok()?;
        let named: ServiceId = service.parse().ok()?;
        let features = BTreeSet::from([Feature::Inference]);
        let coverage = governance::coverage(registers, &id, &named, model, &features, now);
        let fine = coverage.covered && uses.without_agreement == 0 && uses.not_covered == 0;
        (!fine).then(|| Uncovered {
            engagement: engagement.to_owned(),
            vendor: vendor.to_owned(),
            service: service.to_owned(),
            model: model.to_owned(),
            uses,
            covered_now: coverage.covered,
            reasons: coverage.reasons.iter().map(|reason| reason.code.to_string()).collect(),
        })
    });
    judged.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agreement_ends_at_its_very_moment_and_terms_are_whole_days() {
        let now = UtcMillis(1000 * DAY);
        let after = |millis: u64| term(UtcMillis(now.0 + millis), now);
        assert_eq!(term(UtcMillis(now.0 - 1), now), Some(Term::Lapsed));
        assert_eq!(after(0), Some(Term::Lapsed));
        assert_eq!(after(1), Some(Term::Within30Days));
        assert_eq!(after(30 * DAY), Some(Term::Within30Days));
        assert_eq!(after(30 * DAY + 1), Some(Term::Within60Days));
        assert_eq!(after(60 * DAY + 1), Some(Term::Within90Days));
        assert_eq!(after(90 * DAY), Some(Term::Within90Days));
        assert_eq!(after(90 * DAY + 1), None);
    }
}
