use serde_json::json;
use terms::{Digest, RowVersion};

use super::*;

const DAY: u64 = 86_400_000;
/// The week that is reported.
const FROM: u64 = 1000 * DAY;
const TO: u64 = 1007 * DAY;

fn tally(wanted: Option<&str>) -> Tally {
    let wanted = wanted.map(|wanted| wanted.parse().unwrap());
    Tally::new(wanted, Period { from: UtcMillis(FROM), to: UtcMillis(TO) })
}

fn record(time: u64, body: Body) -> Record {
    Record { position: 0, time: UtcMillis(time), segment: 0, leaf: Digest([0; 32]), body }
}

fn id(number: u64) -> String {
    format!("0197f5a8-8c1e-7d3a-b0c4-{number:012x}")
}

fn opening(number: u64, engagement: &str, verdict: &str, code: &str) -> Body {
    let opening = json!({
        "exchange": id(number), "engagement": engagement, "agent": "scribe", "agent_key": "k", "action": "transmit",
        "protocol": "openai", "source": "request",
        "destination": { "vendor": "acme", "service": "api", "host": "acme.example" },
        "workflow": "letters", "purpose": "treatment",
        "decision": {
            "id": "d-0", "verdict": verdict, "policy_set": "p", "reasons": [{ "code": code }],
            "obligations": { "treatments": {}, "reason_codes": [] },
        },
        "model": { "requested": "m", "resolved": "m" },
        "findings": { "MRN": 2 },
    });
    Body::Opening(Box::new(serde_json::from_value(opening).unwrap()))
}

fn closing(number: u64, outcome: &str, code: Option<&str>) -> Body {
    let closing = json!({ "outcome": outcome, "code": code });
    Body::Closing(id(number).parse().unwrap(), Box::new(serde_json::from_value(closing).unwrap()))
}

/// Takes an exchange as it is met from the end: its closing first.
fn exchange(tally: &mut Tally, number: u64, time: u64, outcome: &str) -> bool {
    tally.take(record(time + 1, closing(number, outcome, None)));
    tally.take(record(time, opening(number, "mercy", "permit", "covered")))
}

#[test]
fn an_exchange_belongs_to_the_period_in_which_it_was_opened() {
    let mut tally = tally(None);
    for (number, time) in
        [(7, TO), (6, TO - 1), (5, FROM), (4, FROM - 1), (3, FROM - 7 * DAY), (2, FROM - 7 * DAY - 1)]
    {
        exchange(&mut tally, number, time, "success");
    }
    let figures = tally.figures();
    assert_eq!((figures.counts.uses.exchanges, figures.before.uses.exchanges), (2, 2));
    assert_eq!((figures.counts.findings["MRN"], figures.before.findings["MRN"]), (4, 4));
    assert_eq!(figures.uses.items.len(), 1, "the same use");
    assert_eq!(figures.uses.items[0].uses.delivered, 2);
}

#[test]
fn endings_are_told_apart() {
    let mut tally = tally(None);
    exchange(&mut tally, 1, FROM, "interrupted");
    exchange(&mut tally, 2, FROM, "failure");
    tally.take(record(FROM, opening(3, "mercy", "permit", "on-premises")));
    tally.take(record(FROM, closing(4, "refused", None)));
    tally.take(record(FROM, opening(4, "mercy", "deny", "agreement-lapsed")));
    tally.take(record(FROM, closing(5, "refused", Some("no-such-code"))));
    tally.take(record(FROM, opening(5, "mercy", "deny", "policy-forbids")));
    let figures = tally.figures();
    let uses = figures.counts.uses;
    assert_eq!((uses.interrupted, uses.failed, uses.open, uses.refused), (1, 1, 1, 2));
    assert_eq!((uses.on_premises, uses.without_agreement, uses.not_covered), (1, 2, 1));
    assert_eq!(figures.unfinished.total, 2);
    let codes: Vec<_> = figures.counts.refusals.iter().map(|(code, count)| (code.as_str(), *count)).collect();
    assert_eq!(codes, [("(not of this version)", 1), ("agreement-lapsed", 1)]);
}

#[test]
fn what_a_pool_tried_again_holds_nothing_new() {
    let mut tally = tally(None);
    for number in [2, 1] {
        let Body::Opening(mut opening) = opening(number, "mercy", "permit", "covered") else {
            unreachable!()
        };
        opening.pool = Some(audit::PoolRef { id: "large".parse().unwrap(), version: RowVersion(1) });
        opening.parent = (number == 2).then(|| id(1).parse().unwrap());
        tally.take(record(FROM, Body::Opening(opening)));
    }
    let counts = tally.figures().counts;
    assert_eq!((counts.uses.exchanges, counts.uses.further_tries, counts.findings["MRN"]), (2, 1, 2));
}

#[test]
fn one_engagement_sees_nothing_of_another_but_the_house() {
    let change = |engagement: Option<&str>| {
        Body::Control(Control::RegisterChange {
            engagement: engagement.map(|name| name.parse().unwrap()),
            register: "agent".into(),
            id: "a".into(),
            version: RowVersion(1),
            author: "jane".into(),
            reason: "why".into(),
        })
    };
    let arrivals = Control::RefusedArrivals {
        code: "key-unknown".into(),
        count: 3,
        since: UtcMillis(FROM),
        until: UtcMillis(FROM),
    };
    let mut tally = tally(Some("mercy"));
    for body in [
        change(Some("mercy")),
        change(Some("other")),
        change(None),
        Body::Control(arrivals.clone()),
        opening(1, "other", "permit", "covered"),
        Body::Shredded,
        Body::Unreadable,
    ] {
        assert!(tally.take(record(FROM, body)));
    }
    tally.take(record(FROM - 1, Body::Control(arrivals)));
    tally.take(record(FROM - 1, Body::Shredded));
    let figures = tally.figures();
    assert_eq!((figures.changes.total, figures.counts.uses.exchanges), (2, 0));
    assert_eq!((figures.counts.arrivals["key-unknown"], figures.before.arrivals["key-unknown"]), (3, 3));
    assert_eq!((figures.house.shredded, figures.house.unreadable, figures.house.entries), (1, 1, 7));
}

/// A run whose clock was turned back writes entries that are older than those before them.
#[test]
fn only_a_permitted_opening_ends_the_reading() {
    let long_ago = FROM - 30 * DAY;
    let mut tally = tally(None);
    let start = Control::Start { house: "0".into(), interrupted: 0, torn_bytes: 5 };
    assert!(tally.take(record(long_ago, Body::Control(start))));
    assert!(tally.take(record(long_ago, opening(9, "mercy", "deny", "clock-behind-record"))));
    assert!(exchange(&mut tally, 8, FROM + DAY, "success"), "it is still counted");
    assert!(exchange(&mut tally, 7, FROM - 7 * DAY - 1, "success"), "within the slack of clocks");
    assert!(!exchange(&mut tally, 6, long_ago, "success"));
    let figures = tally.figures();
    assert_eq!((figures.counts.uses.exchanges, figures.house.torn_bytes), (1, 0));
}

#[test]
fn lists_have_an_end_and_say_how_many_there_were() {
    let mut tally = tally(None);
    for number in 0..LISTED as u64 + 5 {
        exchange(&mut tally, number, TO - 1 - number, "interrupted");
    }
    let figures = tally.figures();
    assert_eq!((figures.unfinished.items.len(), figures.unfinished.left_out()), (LISTED, 5));
    assert_eq!(figures.unfinished.items[0].of.exchange, id(0), "the newest are kept");
}

#[test]
fn a_preview_is_counted_and_is_no_exchange() {
    let mut tally = tally(Some("mercy"));
    for (time, engagement) in
        [(FROM, "mercy"), (FROM + DAY, "mercy"), (FROM, "other"), (FROM - 1, "mercy"), (TO, "mercy")]
    {
        let preview = Control::Preview {
            engagement: engagement.parse().unwrap(),
            agent: "scribe".parse().unwrap(),
            by: "chp_a".to_owned(),
            verdict: Verdict::Permit,
            code: "covered".to_owned(),
        };
        tally.take(record(time, Body::Control(preview)));
    }
    let figures = tally.figures();
    assert_eq!((figures.counts.previews, figures.before.previews), (2, 1));
    assert_eq!((figures.counts.uses.exchanges, figures.uses.total, figures.counts.findings.len()), (0, 0, 0));
}

#[test]
fn observed_workflows_tell_what_would_have_been_refused() {
    let mut tally = tally(None);
    for number in [1, 2] {
        let closing = json!({ "outcome": "success", "unmasked": { "NAME": 1 } });
        let closing =
            Body::Closing(id(number).parse().unwrap(), Box::new(serde_json::from_value(closing).unwrap()));
        tally.take(record(FROM + 1, closing));
        let Body::Opening(mut observed) = opening(number, "mercy", "permit", "observed") else { panic!() };
        observed.decision.reasons[0].detail = Some("phi-uncovered".to_owned());
        tally.take(record(FROM, Body::Opening(observed)));
    }
    exchange(&mut tally, 3, FROM, "success");
    let figures = tally.figures();
    let [line] = &figures.observed[..] else { panic!() };
    assert_eq!((line.exchanges, line.agent.as_str(), line.workflow.as_str()), (2, "scribe", "letters"));
    assert_eq!((line.findings["MRN"], line.would_refuse["phi-uncovered"], line.unmasked["NAME"]), (4, 2, 2));
    assert_eq!((figures.masked.total, figures.counts.masked, figures.counts.uses.exchanges), (0, 0, 3));
}
