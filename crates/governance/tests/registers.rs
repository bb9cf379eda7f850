//! Reading rows, building the next version, and finding a model's service.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod support;

use governance::{
    AgentKey, Agreement, Body, Change, Endpoint, Engagement, FieldError, ListKind, Pool, RegisterError,
    RegisterKind, Registers, Route, RouteError, Service, TermList, Vendor, add_row, coverage, next_row,
    read_body, routes,
};
use support::{AGREEMENT, House, SERVICE, change, codes, features, mercy, now};
use terms::{Code, RowVersion, UtcMillis};

fn unreadable(house: House) -> String {
    match Registers::from_rows(house.0) {
        Err(RegisterError::Unreadable(text)) => text,
        other => panic!("{:?}", other.err()),
    }
}

#[test]
fn rows_come_back_as_they_went_in() {
    let house = House::covered();
    let registers = house.registers();
    let service = registers.service(&mercy(), &"acme-api".parse().unwrap()).unwrap();
    assert_eq!(service.body, read_body::<Service>(SERVICE).unwrap());
    assert_eq!((service.version, service.author.as_str()), (RowVersion(1), "tests"));
    let agreement = registers.agreement(&mercy(), &"acme-baa".parse().unwrap()).unwrap();
    assert_eq!(agreement.body, read_body::<Agreement>(AGREEMENT).unwrap());
    let written = serde_json::to_string(&agreement.body).unwrap();
    assert!(written.contains(r#""effective":"2026-01-01""#), "{written}");
    assert_eq!(registers.engagements().count(), 1);
    let nobody = "nobody".parse().unwrap();
    assert!(registers.engagement(&nobody).is_none() && registers.list::<Vendor>(&nobody).next().is_none());
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let mut house = House::covered();
    house.put::<Service>("acme-api", SERVICE);
    house.0.reverse();
    assert_eq!(house.registers().history::<Service>(&mercy(), "acme-api").len(), 2);
}

#[test]
fn a_broken_row_fails_the_load_and_is_named_without_its_content() {
    let mut house = House::covered();
    let row = house.0.iter_mut().find(|row| row.kind == RegisterKind::Service).unwrap();
    row.body = row.body.replace(r#""product""#, r#""marker-4711""#);
    let text = unreadable(house);
    assert!(text.starts_with("service `acme-api` of engagement `mercy`, version 1: line 1 column"), "{text}");
    assert!(!text.contains("marker"), "{text}");

    let mut house = House::covered();
    let row = house.0.iter_mut().find(|row| row.kind == RegisterKind::Agreement).unwrap();
    row.body = row.body.replace("2027-01-01", "2025-01-01");
    assert_eq!(
        unreadable(house),
        "agreement `acme-baa` of engagement `mercy`, version 1: `ends`: is not after `effective`"
    );
}

#[test]
fn versions_without_a_predecessor_or_a_successor_fail_the_load() {
    let mut house = House::covered();
    house.put::<Agreement>("acme-baa", AGREEMENT);
    let mut first_gone = house.clone();
    first_gone.0.retain(|row| !(row.kind == RegisterKind::Agreement && row.version == RowVersion(1)));
    assert!(unreadable(first_gone).contains("does not follow"));
    // an older version put back in force by deleting the newer one
    let mut last_gone = house.clone();
    last_gone.0.retain(|row| !(row.kind == RegisterKind::Agreement && row.version == RowVersion(2)));
    assert!(unreadable(last_gone).contains("missing its successor"));
    let mut overlapping = house;
    overlapping.0.iter_mut().for_each(|row| row.valid_to = None);
    assert!(unreadable(overlapping).contains("does not hold from"));
}

#[test]
fn agent_keys_are_found_by_their_public_part_until_they_end() {
    let mut house = House::covered();
    let key =
        |prefix: &str| format!(r#"{{"agent":"triage","digest":"{}","prefix":"{prefix}"}}"#, "ab".repeat(32));
    let lonely = read_body::<AgentKey>(&key("chp_0000")).unwrap();
    let refused =
        next_row(&house.registers(), &mercy(), &"k".parse().unwrap(), &lonely, change()).unwrap_err();
    assert_eq!(refused.to_string(), "`agent`: no agent `triage` in this engagement");
    let agent = r#"{"title":"Triage","workflow":{"name":"intake","purpose":"treatment","carries_phi":true}}"#;
    house.put::<governance::Agent>("triage", agent);
    house.put::<AgentKey>("first", &key("chp_0000"));
    assert_eq!(house.registers().agent_key("chp_0000").unwrap().engagement, mercy());
    assert!(house.registers().agent_key("chp_000").is_none() && house.registers().agent_key("").is_none());
    let mut twice = house.clone();
    twice.put_unchecked_key("second", &key("chp_0000"));
    assert!(unreadable(twice).contains("same public part"));
    house.end::<AgentKey>("first").unwrap();
    assert!(house.registers().agent_key("chp_0000").is_none());
}

impl House {
    /// As `put`, without building the snapshot after it.
    fn put_unchecked_key(&mut self, id: &str, json: &str) {
        let body: AgentKey = read_body(json).unwrap();
        let row = next_row(&self.registers(), &mercy(), &id.parse().unwrap(), &body, change()).unwrap();
        self.keep(row);
    }
}

#[test]
fn versions_follow_each_other_and_the_past_can_be_asked() {
    let mut house = House::covered();
    let id = "acme-api".parse().unwrap();
    let body: Service = read_body(&SERVICE.replace("acct-1", "acct-2")).unwrap();
    let later = Change { now: UtcMillis::parse("2026-03-01").unwrap(), ..change() };
    house.keep(next_row(&house.registers(), &mercy(), &id, &body, later).unwrap());
    let registers = house.registers();
    let at = |text: &str| {
        let row = registers.as_of::<Service>(&mercy(), "acme-api", UtcMillis::parse(text).unwrap());
        row.map(|row| row.version.0)
    };
    assert_eq!((at("2026-01-31"), at("2026-02-28"), at("2026-03-01")), (None, Some(1), Some(2)));
    assert_eq!(registers.newest_change(), later.now);
    let early = next_row(&registers, &mercy(), &id, &body, change());
    assert!(matches!(early, Err(RegisterError::ClockBehind)));
    let again = add_row(&registers, &mercy(), &id, &body, later).unwrap_err();
    assert_eq!(again.to_string(), "there is a service `acme-api` already");
    let again = RegisterError::Exists { kind: RegisterKind::Agent, id: "letters".parse().unwrap() };
    assert_eq!(again.to_string(), "there is an agent `letters` already");
    let unsigned = next_row(&registers, &mercy(), &id, &body, Change { author: " ", ..later }).unwrap_err();
    assert_eq!(unsigned.to_string(), "`author`: expected one line of 1 to 200 characters");
}

#[test]
fn an_ended_row_is_gone_and_can_come_back() {
    let mut house = House::covered();
    house.end::<Service>("acme-api").unwrap();
    assert!(matches!(house.end::<Service>("acme-api"), Err(RegisterError::Absent { .. })));
    assert!(house.registers().service(&mercy(), &"acme-api".parse().unwrap()).is_none());
    assert_eq!(codes(&house.cover("large-2026-05", &[])), ["agreement-missing"]);
    house.put::<Service>("acme-api", SERVICE);
    assert!(house.cover("large-2026-05", &[]).covered);
}

#[test]
fn a_clock_turned_back_revives_nothing() {
    let mut house = House::without_agreement();
    house.put::<Agreement>("acme-baa", &AGREEMENT.replace("2027-01-01", "2026-06-01"));
    let registers = house.registers();
    let at = |text: &str| {
        let at = UtcMillis::parse(text).unwrap();
        coverage(&registers, &mercy(), &"acme-api".parse().unwrap(), "large-2026-05", &features(&[]), at)
            .covered
    };
    assert!(at("2026-05-31T23:59:59Z") && !at("2026-06-01"));
    // a change made on 15 June shows that the clock was there
    let body: Vendor = read_body(support::VENDOR).unwrap();
    let late = Change { now: now(), ..change() };
    house.keep(next_row(&registers, &mercy(), &"acme".parse().unwrap(), &body, late).unwrap());
    let turned = UtcMillis::parse("2026-05-31").unwrap();
    let service = "acme-api".parse().unwrap();
    let found = coverage(&house.registers(), &mercy(), &service, "large-2026-05", &features(&[]), turned);
    assert_eq!(codes(&found), ["agreement-lapsed"]);
}

#[test]
fn coverage_cites_the_agreement_and_the_chain() {
    let mut house = House::covered();
    house.put::<Engagement>("mercy", support::OPERATED_BY_ASSOCIATE);
    house.put::<Agreement>("northwind-baa", support::CHAIN);
    let covered = house.cover("large-2026-05", &["images"]);
    let cited = covered.agreement.unwrap();
    assert_eq!(
        (cited.agreement.as_str(), cited.version, cited.scope_row),
        ("acme-baa", RowVersion(1), Some(0))
    );
    assert_eq!(covered.chain.len(), 1);
    assert_eq!(covered.features, features(&["inference", "images"]));
    assert_eq!(covered.reasons[0].code, Code::COVERED);
    assert_eq!(covered.reasons[0].policy.as_deref(), Some("agreement:acme-baa@1/scope[0]"));
}

/// The one service that a model leads to.
fn one(registers: &Registers, model: &str) -> Result<Route, RouteError> {
    let mut found = routes(registers, &mercy(), model)?;
    assert!(found.pool.is_none() && found.routes.len() == 1);
    Ok(found.routes.remove(0))
}

#[test]
fn a_model_is_found_by_name_alias_or_service() {
    let mut house = House::covered();
    let registers = house.registers();
    for name in ["acme-large", "large", "acme-api/acme-large", "acme-api/large"] {
        let found = one(&registers, name).unwrap();
        assert_eq!(
            (found.service.as_str(), found.upstream.as_str()),
            ("acme-api", "large-2026-05"),
            "{name}"
        );
        assert_eq!((found.model.as_str(), found.vendor_version), ("acme-large", Some(RowVersion(1))));
    }
    for name in
        ["", "large-2026-05", "acme-api/", "acme-api", "other/large", "LARGE", "acme-api/acme-api/large"]
    {
        assert_eq!(one(&registers, name).unwrap_err(), RouteError::Unknown, "{name}");
    }
    house.put::<Service>("acme-eu", &SERVICE.replace("api.acme", "eu.acme"));
    let ambiguous = one(&house.registers(), "large").unwrap_err();
    assert_eq!(ambiguous.code(), Code::MODEL_AMBIGUOUS);
    assert_eq!(
        ambiguous.to_string(),
        "more than one service offers the model: acme-api/acme-large, acme-eu/acme-large"
    );
    assert_eq!(one(&house.registers(), "acme-eu/large").unwrap().service.as_str(), "acme-eu");
}

fn problem<T: Body>(json: &str) -> FieldError {
    read_body::<T>(json).map(drop).unwrap_err()
}

#[test]
fn every_field_says_what_it_expects() {
    let service = |from: &str, to: &str| problem::<Service>(&SERVICE.replacen(from, to, 1)).to_string();
    for (from, to, expected) in [
        ("https://api", "http://api", "https, or http to a loopback host"),
        (r#""product""#, r#""produkt""#, "unknown field `produkt`, expected one of `vendor`, `product`"),
        (r#"["openai"]"#, "[]", "`protocols`: name at least one"),
        (r#"["openai"]"#, r#"["soap"]"#, "unknown variant `soap`, expected one of `openai`"),
        (r#""small-1""#, r#""large""#, "`models[1]`: a name is given twice"),
        (r#""models""#, r#""placement":"on-premises","models""#, "`network`: a service on premises"),
        ("https://api.acme.example", "https://10.0.0.7", "`endpoint`: its address is private"),
        (r#""models""#, r#""network":["0.0.0.0/0"],"models""#, "expected a private address or network"),
    ] {
        let text = service(from, to);
        assert!(text.contains(expected), "{text}");
    }
    let agreement = |from: &str, to: &str| problem::<Agreement>(&AGREEMENT.replacen(from, to, 1)).to_string();
    for (from, to, expected) in [
        ("2026-01-01", "1 Jan 2026", "expected a date `YYYY-MM-DD`"),
        (r#""to":"acme""#, r#""to":"mercy""#, "`to`: nobody has an agreement with itself"),
        (
            r#""breach_notice_hours":24"#,
            r#""breach_notice_hours":0"#,
            "`terms.breach_notice_hours`: is at least 1",
        ),
        ("large-*", "*-large", "expected a model's name, a beginning with `*` at its end, or `*`"),
        (r#"["images"]"#, r#"["pictures"]"#, "unknown variant `pictures`"),
        (r#""no_training":true,"#, "", "missing field `no_training`"),
    ] {
        let text = agreement(from, to);
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn rows_name_rows_that_are_there() {
    let house = House::covered();
    let refused = |id: &str, body: &Agreement| {
        next_row(&house.registers(), &mercy(), &id.parse().unwrap(), body, change()).unwrap_err().to_string()
    };
    let mut body: Agreement = read_body(AGREEMENT).unwrap();
    body.to = "somebody".parse().unwrap();
    assert_eq!(refused("x", &body), "`scope[0].service`: `acme-api` is not a service of `somebody`");
    body.scope[0].service = "nothing".parse().unwrap();
    assert_eq!(refused("x", &body), "`scope[0].service`: no service `nothing` in this engagement");
    let own: Engagement = read_body(support::OPERATED_BY_ITSELF).unwrap();
    let misnamed =
        next_row(&house.registers(), &mercy(), &"other".parse().unwrap(), &own, change()).unwrap_err();
    assert_eq!(misnamed.to_string(), "`id`: an engagement's row is named like the engagement");
}

#[test]
fn a_service_connects_only_where_it_is_declared_to_be() {
    let vendor: Service = read_body(SERVICE).unwrap();
    let address = |text: &str| text.parse().unwrap();
    assert!(vendor.may_connect(address("8.8.8.8")));
    for private in ["10.20.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1"] {
        assert!(!vendor.may_connect(address(private)), "{private}");
    }
    let placed = r#""placement":"on-premises","network":["10.20.0.0/16"],"models""#;
    let inside: Service = read_body(&SERVICE.replace(r#""models""#, placed)).unwrap();
    assert!(inside.on_premises() && inside.may_connect(address("10.20.0.1")));
    assert!(!inside.may_connect(address("8.8.8.8")) && !inside.may_connect(address("10.21.0.1")));
    let mut local = vendor;
    local.endpoint = "http://localhost:8080".parse::<Endpoint>().unwrap();
    assert!(local.may_connect(address("127.0.0.1")) && !local.may_connect(address("8.8.8.8")));
    assert!(!local.on_premises());
}

const POOL: &str = r#"{"members":[{"service":"acme-eu","model":"large"},{"service":"acme-api","model":"acme-large","weight":3}],
    "aliases":["GPT-4o"],"spread":"balanced"}"#;

#[test]
fn a_pool_leads_to_its_members_in_their_order() {
    let mut house = House::covered();
    house.put::<Service>("acme-eu", &SERVICE.replace("api.acme", "eu.acme"));
    house.put::<Pool>("large", POOL);
    let registers = house.registers();
    for name in ["large", "GPT-4o"] {
        let found = routes(&registers, &mercy(), name).unwrap();
        let services: Vec<_> = found.routes.iter().map(|route| route.service.as_str()).collect();
        assert_eq!(services, ["acme-eu", "acme-api"], "{name}");
        assert_eq!(
            (found.pool.unwrap().version, found.routes[1].upstream.as_str()),
            (RowVersion(1), "large-2026-05")
        );
    }
    assert_eq!(one(&registers, "acme-eu/large").unwrap().service.as_str(), "acme-eu");
    house.end::<Service>("acme-eu").unwrap();
    assert_eq!(routes(&house.registers(), &mercy(), "large").unwrap().routes.len(), 1);
    house.end::<Service>("acme-api").unwrap();
    assert_eq!(routes(&house.registers(), &mercy(), "large").unwrap_err(), RouteError::Unknown);
}

#[test]
fn a_pool_names_what_is_there_once() {
    let mut house = House::covered();
    let put = |house: &House, id: &str, json: &str| {
        let body = read_body::<Pool>(json).map_err(|error| error.to_string())?;
        next_row(&house.registers(), &mercy(), &id.parse().unwrap(), &body, change())
            .map_err(|error| error.to_string())
    };
    let pool = |members: &str| format!("{{\"members\":[{members}]}}");
    let member = r#"{"service":"acme-api","model":"large"}"#;
    for (json, expected) in [
        (pool(""), "`members`: name 1 to 16"),
        (pool(&format!("{member},{member}")), "`members[1]`: is there twice"),
        (pool(r#"{"service":"acme-api","model":"large","weight":0}"#), "expected 1 to 100"),
        (
            pool(r#"{"service":"acme-api","model":"none"}"#),
            "no service of this engagement offers `acme-api/none`",
        ),
        (
            pool(r#"{"service":"acme-us","model":"large"}"#),
            "no service of this engagement offers `acme-us/large`",
        ),
        (format!("{{\"members\":[{member}],\"attempts\":11}}"), "`attempts`: expected 1 to 10"),
    ] {
        let problem = put(&house, "p", &json).unwrap_err();
        assert!(problem.contains(expected), "{json}: {problem}");
    }
    house.put::<Pool>("p", &pool(member));
    let clash = format!("{{\"members\":[{member}],\"aliases\":[\"p\"]}}");
    let problem = put(&house, "q", &clash).unwrap_err();
    assert!(problem.contains("pool `p` has a name of these"), "{clash}: {problem}");
}

fn list(kind: &str, state: &str) -> String {
    format!(r#"{{"kind":"{kind}","state":"{state}","texts":2,"epoch":1,"sealed":"c2VhbGVk"}}"#)
}

#[test]
fn of_a_term_list_the_newest_reviewed_version_is_in_force() {
    let mut house = House::covered();
    let in_force = |house: &House, kind| {
        let registers = house.clone().registers();
        registers.term_list(&mercy(), kind).map(|row| row.version.0)
    };
    let mut seen = Vec::new();
    for state in ["draft", "draft", "reviewed", "draft", "reviewed", "draft"] {
        house.put::<TermList>("allow", &list("allow", state));
        seen.push(in_force(&house, ListKind::Allow));
    }
    assert_eq!(seen, [None, None, Some(3), Some(3), Some(5), Some(5)]);
    assert_eq!(in_force(&house, ListKind::MustFind), None);
    house.end::<TermList>("allow").unwrap();
    assert_eq!(in_force(&house, ListKind::Allow), None);
    house.put::<TermList>("allow", &list("allow", "draft"));
    assert_eq!(
        in_force(&house, ListKind::Allow),
        None,
        "what was reviewed before the end does not come back"
    );
    house.put::<TermList>("allow", &list("allow", "reviewed"));
    assert_eq!(in_force(&house, ListKind::Allow), Some(9));
}

#[test]
fn a_term_list_is_named_like_its_kind_and_holds_some_texts() {
    let body: TermList = read_body(&list("must-find", "draft")).unwrap();
    let built = |id: &str| {
        let (registers, id) = (House::covered().registers(), id.parse().unwrap());
        next_row(&registers, &mercy(), &id, &body, change())
    };
    assert!(built("must-find").is_ok());
    assert!(matches!(built("allow"), Err(RegisterError::Invalid(FieldError { field, .. })) if field == "id"));
    for wrong in [r#""texts":0"#, r#""texts":1001"#, r#""texts":2,"words":["x"]"#] {
        let text = list("allow", "draft").replace(r#""texts":2"#, wrong);
        assert!(read_body::<TermList>(&text).is_err(), "{wrong}");
    }
    assert!(read_body::<TermList>(&list("allow", "draft").replace("c2VhbGVk", "not base64")).is_err());
}

fn agent(carries_phi: bool, until: u64) -> governance::Agent {
    let until = UtcMillis(until);
    let workflow = format!(r#""name":"faq","purpose":"operations","carries_phi":{carries_phi}"#);
    let json = format!(r#"{{"title":"FAQ","workflow":{{{workflow},"observe_until":"{until}"}}}}"#);
    serde_json::from_str(&json).unwrap()
}

#[test]
fn a_workflow_is_observed_for_ninety_days_at_most_and_never_one_that_carries_phi() {
    const DAY: u64 = 86_400_000;
    let house = House::covered();
    let now = change().now.0;
    let put = |body: &governance::Agent| {
        next_row(&house.registers(), &mercy(), &"faq".parse().unwrap(), body, change())
            .map_err(|e| e.to_string())
    };
    assert!(put(&agent(false, now + 90 * DAY)).is_ok());
    for (refused, why) in [
        (agent(true, now + DAY), "a workflow that carries PHI is never observed"),
        (agent(false, now), "is not in the future"),
        (agent(false, now - DAY), "is not in the future"),
        (agent(false, now + 90 * DAY + 1), "is more than 90 days ahead"),
    ] {
        assert_eq!(put(&refused).unwrap_err(), format!("`workflow.observe_until`: {why}"));
    }
}

#[test]
fn an_observation_ends_by_itself_whatever_the_row_says() {
    const DAY: u64 = 86_400_000;
    let mut house = House::covered();
    let now = change().now;
    let body = serde_json::to_string(&agent(false, now.0 + 10 * DAY)).unwrap();
    house.put::<governance::Agent>("faq", &body);
    let registers = house.registers();
    let row = registers.agent(&mercy(), &"faq".parse().unwrap()).unwrap();
    let from = row.valid_from;
    assert!(row.observes(from) && row.observes(UtcMillis(now.0 + 10 * DAY - 1)));
    assert!(!row.observes(UtcMillis(now.0 + 10 * DAY)), "its end");
    assert!(!row.observes(UtcMillis(from.0 - 1)), "before it was recorded");
    let altered = |to: &dyn Fn(&mut governance::Workflow)| {
        let mut row = governance::Row::clone(row);
        to(&mut row.body.workflow);
        row.observes(from)
    };
    assert!(!altered(&|workflow| workflow.carries_phi = true));
    assert!(!altered(&|workflow| workflow.observe_until = Some(UtcMillis(from.0 + 90 * DAY + 1))));
    assert!(!altered(&|workflow| workflow.observe_until = None));
}
