//! The summary: what needs a person's action, in words, then what a person should know.

use super::view::Point;
use super::{Facts, date};
use crate::operations::{AgreementLine, Term};
use crate::output::safe;
use crate::output::{change, many, thousands};

/// All points, those that need action first.
pub(super) fn points(facts: &Facts) -> Vec<Point> {
    let mut points = Vec::new();
    record(facts, &mut points);
    exchanges(facts, &mut points);
    agreements(facts, &mut points);
    registers(facts, &mut points);
    points.extend(arrivals(facts));
    points.sort_by_key(|point| !point.act);
    points
}

fn act(section: &'static str, text: impl AsRef<str>) -> Point {
    Point { act: true, text: safe(text.as_ref()).into_owned(), section }
}

fn know(section: &'static str, text: impl AsRef<str>) -> Point {
    Point { act: false, ..act(section, text) }
}

fn record(facts: &Facts, points: &mut Vec<Point>) {
    let (state, house) = (&facts.record, &facts.figures.house);
    let wrong = state.wrong.as_deref().unwrap_or_default();
    if state.is_tampered() {
        let text = format!(
            "THE RECORD WAS TAMPERED WITH: {wrong}. No figure below can be relied upon. Keep a copy of the data \
             directory before anything else."
        );
        points.push(act("record", text));
    } else if !state.is_verified() {
        points.push(act("record", format!("The record could not be verified: {wrong}.")));
    }
    if house.shredded + house.unreadable > 0 {
        let text = format!(
            "{} of the period can't be read and are not in the figures: {} whose keys are gone, {} that do not open.",
            many(house.shredded + house.unreadable, "entry"),
            thousands(house.shredded),
            thousands(house.unreadable)
        );
        points.push(act("unproven", text));
    }
    if !facts.period.over {
        points.push(know("exchanges", "The period is not over: these are its figures so far."));
    }
}

fn exchanges(facts: &Facts, points: &mut Vec<Point>) {
    let (now, before) = (&facts.figures.counts, &facts.figures.before);
    if now.masked > 0 {
        let text = format!(
            "Review {}, each a candidate for an incident: identifiers were masked that its request did not hold \
             (45 CFR 164.308(a)(6), 164.402).",
            many(now.masked, "masked answer")
        );
        points.push(act("masked", text));
    }
    if now.uses.interrupted > 0 {
        let text = format!(
            "Look into {} cut off on the way: how far each went is not known.",
            many(now.uses.interrupted, "exchange")
        );
        points.push(act("unfinished", text));
    }
    let text = format!(
        "{} ({} against the period before): {} answered, {} refused, {} failed, {} not closed.",
        many(now.uses.exchanges, "exchange"),
        change(now.uses.exchanges, before.uses.exchanges),
        thousands(now.uses.delivered),
        thousands(now.uses.refused),
        thousands(now.uses.failed),
        thousands(now.uses.open)
    );
    points.push(know("exchanges", text));
    if let Some((code, count)) = now.refusals.iter().max_by_key(|(_, count)| **count) {
        let title = terms::explain(code).map_or("", |explained| explained.title);
        let text = format!("Most refusals: `{code}`, {} ({title}).", thousands(*count));
        points.push(know("refusals", text));
    }
}

fn agreements(facts: &Facts, points: &mut Vec<Point>) {
    for line in &facts.figures.agreements {
        let text = ending(line);
        let soon = matches!(line.term, Term::Lapsed | Term::Within30Days);
        points.push(if soon { act("agreements", text) } else { know("agreements", text) });
    }
    for line in &facts.figures.uncovered {
        let what = format!("{} of {}/{} ({})", line.model, line.vendor, line.service, line.engagement);
        if line.uses.without_agreement > 0 {
            let sent = many(line.uses.without_agreement, "exchange");
            let text = format!(
                "Without an agreement {sent} went to {what}, since no identifier of a person was found: have \
                 one made, or end the use."
            );
            points.push(act("agreements", text));
        }
        if line.uses.not_covered > 0 {
            let refused = many(line.uses.not_covered, "exchange");
            let now = if line.covered_now { "It is covered now." } else { "It is still not covered." };
            let text = format!("No agreement covered {what}: {refused} refused. {now}");
            points.push(if line.covered_now { know("agreements", text) } else { act("agreements", text) });
        }
    }
}

fn ending(line: &AgreementLine) -> String {
    let AgreementLine { id, engagement, to, .. } = line;
    let (ends, days) = (date(&line.ends), many(line.days, "day"));
    match line.term {
        Term::Lapsed => format!(
            "Agreement `{id}` of {engagement} with {to} lapsed on {ends}: what it covered is refused. Record its \
             renewal, or end it."
        ),
        Term::Within30Days => {
            format!("Renew agreement `{id}` of {engagement} with {to}: it ends on {ends}, in {days}.")
        }
        Term::Within60Days | Term::Within90Days => {
            format!("Agreement `{id}` of {engagement} with {to} ends on {ends}, in {days}.")
        }
    }
}

fn registers(facts: &Facts, points: &mut Vec<Point>) {
    let changes = &facts.figures.changes;
    if changes.total > 0 {
        let text = format!(
            "Confirm {} of the registers: each was made by one person alone, but for reviews of term lists.",
            many(changes.total, "change")
        );
        points.push(act("changes", text));
    }
    let missing = facts.figures.without_credential.len() as u64;
    if missing > 0 {
        let text = format!(
            "{} without a credential: in order only where the vendor asks for none.",
            many(missing, "service")
        );
        points.push(know("agreements", text));
    }
}

fn arrivals(facts: &Facts) -> Option<Point> {
    let arrivals = &facts.figures.counts.arrivals;
    let total: u64 = arrivals.values().sum();
    let keys: u64 = ["key-missing", "key-unknown"].iter().filter_map(|code| arrivals.get(*code)).sum();
    let text = format!(
        "{} refused before a decision, {} of them without a valid agent key.",
        many(total, "arrival"),
        thousands(keys)
    );
    (total > 0).then(|| know("arrivals", text))
}
