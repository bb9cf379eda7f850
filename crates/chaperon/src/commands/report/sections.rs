//! The sections of a report, each one table or two.

use super::view::{Cell, Grid, Section};
use super::{Facts, date};
use crate::operations::{Counts, ExchangeLine, Listed, Tallies, Term, Use};
use crate::output::{many, thousands};

/// All of them but the last, in order.
pub(super) fn all(facts: &Facts) -> Vec<Section> {
    vec![
        exchanges(facts),
        refusals(facts),
        arrivals(facts),
        findings(facts),
        observed(facts),
        masked(facts),
        unfinished(facts),
        agreements(facts),
        changes(facts),
        record(facts),
    ]
}

fn exchanges(facts: &Facts) -> Section {
    let mut section = Section::new("exchanges", "Exchanges");
    let (now, before) = (&facts.figures.counts.uses, &facts.figures.before.uses);
    let mut totals = Grid::new("How exchanges ended", &["Exchanges", "#Now", "#Before", "#Change"]);
    for (name, now, before) in [
        ("all", now.exchanges, before.exchanges),
        ("answered", now.delivered, before.delivered),
        ("refused", now.refused, before.refused),
        ("failed on the way", now.failed, before.failed),
        ("cut off", now.interrupted, before.interrupted),
        ("not closed", now.open, before.open),
        ("further tries within pools", now.further_tries, before.further_tries),
        (
            "previewed, and not sent: no exchange",
            facts.figures.counts.previews,
            facts.figures.before.previews,
        ),
        ("permitted under an agreement", now.under_agreement, before.under_agreement),
        ("permitted inside the wall", now.on_premises, before.on_premises),
        ("permitted without an agreement", now.without_agreement, before.without_agreement),
    ] {
        totals.row(compared(name, now, before));
    }
    section.add(totals, "");
    let uses = &facts.figures.uses;
    section.add(used(uses), "There was no exchange in this period.");
    section
}

fn used(uses: &Listed<Use>) -> Grid {
    let headings = ["Engagement", "Agent", "Workflow", "Service", "Model"];
    let numbers = ["#Exchanges", "#Answered", "#Refused", "#Failed", "#Unfinished"];
    let mut grid = Grid::new("Who used what", &[headings, numbers].concat());
    let largest = uses.items.iter().map(|line| line.uses.exchanges).max().unwrap_or(0);
    for line in &uses.items {
        let service = format!("{}/{}", line.vendor, line.service);
        let names = [&line.engagement, &line.agent, &line.workflow, &service, &line.model];
        let counted = &line.uses;
        let counts = [counted.delivered, counted.refused, counted.failed, counted.interrupted + counted.open];
        let bar = std::iter::once(Cell::bar(counted.exchanges, largest));
        grid.row(names.into_iter().map(Cell::text).chain(bar).chain(counts.map(Cell::number)));
    }
    grid.left_out(uses.left_out());
    grid
}

fn refusals(facts: &Facts) -> Section {
    let mut section = Section::new("refusals", "Refusals and failures");
    let (now, before) = (&facts.figures.counts, &facts.figures.before);
    let refused = tallies("Exchanges refused, by code", "Code", now, before, |counts| &counts.refusals);
    section.add(refused, "No exchange was refused.");
    let failed = tallies("Exchanges that failed on the way, by code", "Code", now, before, |c| &c.failures);
    section.add(failed, "No exchange failed on the way.");
    for code in now.refusals.keys().chain(now.failures.keys()) {
        section.explain(code);
    }
    section
}

fn arrivals(facts: &Facts) -> Section {
    let mut section = Section::new("arrivals", "Refused before a decision");
    let (now, before) = (&facts.figures.counts, &facts.figures.before);
    section.say(
        "Requests that were no exchange yet: without a valid key, malformed, too large, over a budget, for a \
         service that is left alone after failures. They are recorded as counts, \
         of all engagements together.",
    );
    let grid = tallies("Arrivals refused, by code", "Code", now, before, |counts| &counts.arrivals);
    section.add(grid, "There were none.");
    now.arrivals.keys().for_each(|code| section.explain(code));
    section
}

fn findings(facts: &Facts) -> Section {
    let mut section = Section::new("findings", "Findings by class");
    section.say("Identifiers that rules found in requests: how many, never which.");
    let (now, before) = (&facts.figures.counts, &facts.figures.before);
    let grid = tallies("Found in requests", "Class", now, before, |counts| &counts.findings);
    section.add(grid, "None was found.");
    section
}

fn observed(facts: &Facts) -> Section {
    let mut section = Section::new("observed", "Observed workflows");
    section.say(
        "Workflows that are declared free of PHI and only observed for a while: what was found in them changed and \
         refused nothing. What is found here tells whether the declaration is true.",
    );
    let headings =
        ["Engagement", "Agent", "Workflow", "#Exchanges", "Found", "Would be refused", "Would be masked"];
    let mut grid = Grid::new("What was observed", &headings);
    for line in &facts.figures.observed {
        let names = [&line.engagement, &line.agent, &line.workflow].map(Cell::text);
        let told =
            [&line.findings, &line.would_refuse, &line.unmasked].map(|tallies| Cell::text(counts(tallies)));
        grid.row(names.into_iter().chain([Cell::number(line.exchanges)]).chain(told));
        line.would_refuse.keys().for_each(|code| section.explain(code));
    }
    section.add(grid, "None was observed.");
    section
}

fn masked(facts: &Facts) -> Section {
    let mut section = Section::new("masked", "Masked answers");
    section.say(
        "Answers that held identifiers which their requests did not. They were masked before the application got \
         them; whether somebody else's data was disclosed is for a person to say (45 CFR 164.308(a)(6), 164.402).",
    );
    let headings = ["Exchange", "Opened", "Engagement", "Agent", "Service", "Masked"];
    let mut grid = Grid::new("Candidates for an incident, the newest first", &headings);
    for line in &facts.figures.masked.items {
        grid.row(exchange(&line.of, &counts(&line.classes)));
    }
    grid.left_out(facts.figures.masked.left_out());
    section.add(grid, "No answer was masked.");
    section
}

fn unfinished(facts: &Facts) -> Section {
    let mut section = Section::new("unfinished", "Cut off or not closed");
    let headings = ["Exchange", "Opened", "Engagement", "Agent", "Service", "State"];
    let mut grid = Grid::new("Exchanges without an ending that is known, the newest first", &headings);
    for line in &facts.figures.unfinished.items {
        grid.row(exchange(&line.of, if line.interrupted { "cut off" } else { "not closed" }));
    }
    grid.left_out(facts.figures.unfinished.left_out());
    section.add(grid, "Every exchange was closed.");
    section
}

/// The cells of a row about one exchange.
fn exchange(of: &ExchangeLine, about: &str) -> [Cell; 6] {
    let service = format!("{}/{}", of.vendor, of.service);
    [&of.exchange, &of.opened, &of.engagement, &of.agent, &service, about].map(Cell::text)
}

fn agreements(facts: &Facts) -> Section {
    let mut section = Section::new("agreements", "Agreements and coverage");
    let figures = &facts.figures;
    section.say(format!("As the registers stood on {}.", date(&figures.made)));
    section.add(ending(facts), "No agreement has lapsed or ends within 90 days.");
    if figures.agreements_beyond > 0 {
        let more = many(figures.agreements_beyond, "agreement");
        section.say(format!("In force with a later end, or none: {more}."));
    }
    section.add(uncovered(facts), "Everything that was used is covered now.");
    let reasons = figures.uncovered.iter().flat_map(|line| &line.reasons);
    reasons.for_each(|code| section.explain(code));
    let headings = ["Engagement", "Service", "Vendor"];
    let mut grid = Grid::new("Services without a credential (nothing was connected to)", &headings);
    for line in &figures.without_credential {
        grid.row([&line.engagement, &line.service, &line.vendor].map(Cell::text));
    }
    section.add(grid, "Every service has a credential. Whether services answer was not tried.");
    section
}

fn ending(facts: &Facts) -> Grid {
    let headings = ["Engagement", "Agreement", "Kind", "From", "To", "Ends", "Standing"];
    let mut grid = Grid::new("Agreements that have lapsed or end soon", &headings);
    for line in &facts.figures.agreements {
        let days = many(line.days, "day");
        let standing = match line.term {
            Term::Lapsed => format!("LAPSED {days} ago"),
            Term::Within30Days => format!("within 30 days ({days})"),
            Term::Within60Days => format!("within 60 days ({days})"),
            Term::Within90Days => format!("within 90 days ({days})"),
        };
        let ends = date(&line.ends);
        let cells = [&line.engagement, &line.id, &line.kind, &line.from, &line.to, ends, &standing];
        grid.row(cells.map(Cell::text));
    }
    grid
}

fn uncovered(facts: &Facts) -> Grid {
    let headings = ["Engagement", "Service", "Model", "Covered now", "Why", "#Sent without", "#Refused"];
    let mut grid = Grid::new("Services asked for and not covered, then or now", &headings);
    for line in &facts.figures.uncovered {
        let service = format!("{}/{}", line.vendor, line.service);
        let covered = if line.covered_now { "yes" } else { "NO" };
        let why = line.reasons.join(", ");
        let names = [&line.engagement, &service, &line.model, covered, &why];
        let counts = [line.uses.without_agreement, line.uses.not_covered];
        grid.row(names.map(Cell::text).into_iter().chain(counts.map(Cell::number)));
    }
    grid
}

fn changes(facts: &Facts) -> Section {
    let mut section = Section::new("changes", "Changes of the registers");
    let changes = &facts.figures.changes;
    let headings = ["Time", "Engagement", "What", "Name", "#Version", "Who", "Reason"];
    let mut grid = Grid::new("Changes, the newest first", &headings);
    for line in &changes.items {
        let names = [&line.time, &line.engagement, &line.register, &line.id].map(Cell::text);
        let said = [&line.author, &line.reason].map(Cell::text);
        grid.row(names.into_iter().chain([Cell::number(line.version)]).chain(said));
    }
    grid.left_out(changes.left_out());
    section.add(grid, "No register was changed.");
    let house = &facts.figures.house;
    if house.configurations > 0 {
        section.say(format!("The server loaded its configuration {}.", many(house.configurations, "time")));
    }
    section
}

fn record(facts: &Facts) -> Section {
    let mut section = Section::new("record", "State of the record");
    let (state, house) = (&facts.record, &facts.figures.house);
    let mut grid = Grid::new("As the verifier judges it, with no code of the writer", &["What", "How it is"]);
    let mut fact = |name: &str, value: String| grid.row([Cell::text(name), Cell::text(value)]);
    fact("verdict", state.verdict.to_owned());
    if let Some(wrong) = &state.wrong {
        fact("what is wrong", wrong.clone());
    }
    fact("log", state.origin.clone());
    fact("entries", format!("{} in {}", many(state.entries, "entry"), many(state.segments, "segment")));
    fact("of the period", many(house.entries, "entry"));
    fact("covered by the newest checkpoint", many(state.signed, "entry"));
    fact("checkpoints verified", many(state.checkpoints, "checkpoint"));
    if let Some(pinned) = &state.pinned {
        fact("newest checkpoint, size", pinned.size.clone());
        fact("newest checkpoint, root", pinned.root.clone());
    }
    fact(
        "runs begun in the period",
        format!("{} (servers, and commands without one)", thousands(house.starts)),
    );
    if house.torn_bytes > 0 {
        fact("torn writes cut off at starts", many(house.torn_bytes, "byte"));
    }
    section.add(grid, "");
    section
}

fn compared(name: &str, now: u64, before: u64) -> [Cell; 4] {
    [Cell::text(name), Cell::number(now), Cell::number(before), Cell::change(now, before)]
}

/// A table of tallies beside those of the period before; keys of either, the most first.
fn tallies<'a>(
    caption: &'static str,
    key: &'static str,
    now: &'a Counts,
    before: &'a Counts,
    of: impl Fn(&'a Counts) -> &'a Tallies,
) -> Grid {
    let mut grid = Grid::new(caption, &[key, "#Now", "#Before", "#Change"]);
    let (now, before) = (of(now), of(before));
    let mut keys: Vec<&String> = now.keys().collect();
    keys.extend(before.keys().filter(|key| !now.contains_key(*key)));
    let count = |tallies: &Tallies, key: &str| tallies.get(key).copied().unwrap_or(0);
    keys.sort_by_key(|key| std::cmp::Reverse(count(now, key)));
    let largest = now.values().copied().max().unwrap_or(0);
    for key in keys {
        let (now, before) = (count(now, key), count(before, key));
        let cells =
            [Cell::text(key), Cell::bar(now, largest), Cell::number(before), Cell::change(now, before)];
        grid.row(cells);
    }
    grid
}

/// `MRN 2, NAME 1`.
fn counts(tallies: &Tallies) -> String {
    let parts: Vec<String> = tallies.iter().map(|(key, count)| format!("{key} {count}")).collect();
    parts.join(", ")
}
