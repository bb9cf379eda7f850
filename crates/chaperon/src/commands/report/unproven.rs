//! What the record can't show, said plainly.

use super::Facts;
use super::view::Section;
use crate::output::many;

/// The last section: there is always something to say.
pub(super) fn section(facts: &Facts) -> Section {
    let mut section = Section::new("unproven", "What this report can't show");
    record(facts, &mut section);
    exchanges(facts, &mut section);
    let changes = facts.figures.changes.total;
    if changes > 0 {
        section.say(format!(
            "That {} of the registers were meant: this version takes a change from one person, without a second \
             who approves it, but for term lists.",
            many(changes, "change")
        ));
    }
    section.say(
        "What rules do not find: names without a title or a label, stories that identify, identifiers that are \
         spelt out. A count of findings is not a count of identifiers.",
    );
    section.say("What did not pass through this gateway.");
    section
}

fn record(facts: &Facts, section: &mut Section) {
    let state = &facts.record;
    match (state.is_verified(), state.tail()) {
        (false, _) => section.say("That the record is what was written: the verifier does not say so."),
        (true, 0) => {}
        (true, tail) => section.say(format!(
            "That the last {} of the record are whole: no checkpoint covers them yet. The next one does; while a \
             server runs there is always such a tail.",
            many(tail, "entry")
        )),
    }
    section.say(
        "That the record was not rewritten as a whole by somebody who holds the data directory and its keys: no \
         outside witness is configured. A copy of this report, kept elsewhere, pins the record up to the checkpoint \
         above.",
    );
    let house = &facts.figures.house;
    if house.shredded + house.unreadable > 0 {
        section.say(format!(
            "What {} say: their keys are gone, or they do not open. They are in no figure above.",
            many(house.shredded + house.unreadable, "entry")
        ));
    }
}

fn exchanges(facts: &Facts, section: &mut Section) {
    let uses = &facts.figures.counts.uses;
    if uses.interrupted > 0 {
        section.say(format!(
            "How far {} cut off on the way went, and what vendors got of it.",
            many(uses.interrupted, "exchange")
        ));
    }
    if uses.open > 0 {
        section.say(format!(
            "How {} not closed will end, or ended: under way now, or cut off with the record itself.",
            many(uses.open, "exchange")
        ));
    }
    if uses.on_premises > 0 {
        section.say(format!(
            "That {} stayed inside the wall: permitted without an agreement because the service is recorded as on \
             premises. The record holds that statement, not its proof.",
            many(uses.on_premises, "exchange")
        ));
    }
    if uses.without_agreement > 0 {
        section.say(format!(
            "That {} without an agreement carried no PHI: rules found no identifier of a person there.",
            many(uses.without_agreement, "exchange")
        ));
    }
}
