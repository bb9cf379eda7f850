//! check: is everything in order?

mod fit;
mod observed;

use gateway::server::Validity;
use serde::Serialize;
use serde_json::Value;

use crate::Ended;
use crate::cli::{Check, Global};
use crate::config::{Config, Root};
use crate::exit::Exit;
use crate::facts::Known;
use crate::failure::Failure;
use crate::house::{Desk, Opening};
use crate::operations::{Answer, Operation, Reached, Tried};
use crate::output::{Output, Table, many};

/// One thing that was looked at.
#[derive(Serialize)]
struct Point {
    what: String,
    state: State,
    /// A stable word for what was found, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Ok,
    NotYet,
    NotCovered,
    /// It may be meant: somebody should look.
    Warn,
    Fail,
}

impl Point {
    fn new(what: impl Into<String>, state: State, detail: impl Into<String>) -> Self {
        Self { what: what.into(), state, code: None, detail: detail.into() }
    }

    /// With a word for what was found.
    fn coded(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// In order, or what is wrong and what to do.
    fn judged(what: &str, result: Result<String, Failure>) -> Self {
        match result {
            Ok(detail) => Self::new(what, State::Ok, detail),
            Err(failure) => {
                let help = failure.helped().map(|help| format!("; {help}")).unwrap_or_default();
                Self::new(what, State::Fail, format!("{}{help}", failure.message()))
            }
        }
    }
}

pub(super) fn run(global: &Global, check: &Check, out: &mut Output) -> Ended {
    let config = Config::load(&global.overrides())?;
    let mut points = vec![configuration(&config)];
    points.extend(certificate(&config));
    points.extend(authorities(&config));
    let (facts, known) = fit::known(&config);
    points.push(facts);
    let of_configuration = points.len();
    if !check.config_only {
        house(&config, check.offline, known.as_ref(), &mut points);
    }
    write(&points, out)?;
    Ok(match points.iter().position(|point| point.state == State::Fail) {
        None => Exit::Ok,
        // as a start with it would
        Some(first) if first < of_configuration => Exit::Config,
        Some(_) => Exit::Refused,
    })
}

fn write(points: &[Point], out: &mut Output) -> Result<(), Failure> {
    if out.is_json() {
        return out.json(&points);
    }
    let mut table = Table::facts();
    for point in points {
        let state = match point.state {
            State::Ok => "ok",
            State::NotYet => "not yet",
            State::NotCovered => "not covered",
            State::Warn => "warn",
            State::Fail => "FAIL",
        };
        table.row([point.what.as_str(), state, &point.detail]);
    }
    table.write(out, "")
}

fn configuration(config: &Config) -> Point {
    Point::judged("configuration", secrets(config).map(|()| source(config)))
}

/// Where the configuration came from.
pub(super) fn source(config: &Config) -> String {
    match &config.file {
        Some(file) => file.display().to_string(),
        None => format!("no file: {}, data in {}", config.listen, config.data_dir.display()),
    }
}

/// Whether the secrets that the configuration names are there.
pub(super) fn secrets(config: &Config) -> Result<(), Failure> {
    if let Root::Passphrase(secret) = &config.root {
        secret.read("root.passphrase")?;
    }
    if let crate::config::StoreUrl::Secret(secret) = &config.store {
        secret.read("store.url")?;
    }
    if let Some(secret) = config.telemetry.as_ref().and_then(|telemetry| telemetry.authorization.as_ref()) {
        secret.read("telemetry.authorization")?;
    }
    Ok(())
}

fn certificate(config: &Config) -> Option<Point> {
    let found = crate::plane::certificate(config)?;
    let until = |validity: Validity| format!("until {}", validity.until);
    Some(Point::judged("certificate", found.map(until)))
}

fn authorities(config: &Config) -> Option<Point> {
    let file = config.upstream.trust.as_ref()?;
    let found = crate::plane::authorities(config);
    Some(Point::judged("authorities", found.map(|count| format!("{count} in {}", file.display()))))
}

/// Whether there is anything in the data directory.
pub(super) fn begun(config: &Config) -> bool {
    config.data_dir.join("keys").exists() || config.data_dir.join("journal").exists()
}

fn house(config: &Config, offline: bool, known: Option<&Known>, points: &mut Vec<Point>) {
    let shown = config.data_dir.display().to_string();
    if !begun(config) {
        points.push(Point::new("data directory", State::NotYet, format!("nothing in {shown} yet")));
        return;
    }
    let answer = Desk::with(config, Opening::Existing, |desk| {
        let reached = if offline { None } else { Some(desk.ask(Operation::Reach {})?) };
        let rows = fit::Rows::ask(desk)?;
        let observed = observed::points(desk)?;
        Ok((desk.is_server(), desk.ask(Operation::Status {})?, reached, (rows, observed)))
    });
    match answer {
        Ok((server, Answer::Status(status), reached, (rows, observed))) => {
            let holder = if server { "held by a running server" } else { "no server runs" };
            points.push(Point::new("data directory", State::Ok, format!("{shown}, {holder}")));
            stand(&status, points);
            points.extend(observed);
            if let Some(Answer::Reached(reached)) = reached {
                points.extend(reached.iter().map(reachable));
                points.extend(reached.iter().filter_map(accessible));
            }
            points.extend(known.into_iter().flat_map(|known| rows.points(&known.facts)));
        }
        Ok(_) => {
            points.push(Point::new("data directory", State::Fail, "the server's answer is not understood"));
        }
        Err(failure) => points.push(Point::new("data directory", State::Fail, failure.message())),
    }
    points.push(super::journal::point(config).map_or_else(
        |failure| Point::new("record", State::Fail, failure.message()),
        |detail| Point::new("record", State::Ok, detail),
    ));
}

/// What the house says of itself.
fn stand(status: &Value, points: &mut Vec<Point>) {
    let text = |pointer: &str| status.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    points.push(Point::new("keys", State::Ok, format!("{}, root: {}", text("/log"), text("/root"))));
    let clock = text("/clock");
    let state = if clock == "ok" { State::Ok } else { State::Fail };
    points.push(Point::new("clock", state, if state == State::Fail { clock } else { String::new() }));
    let engagements = status.get("engagements").and_then(Value::as_array);
    for engagement in engagements.into_iter().flatten() {
        points.push(judge(engagement));
        let models = engagement.get("models").and_then(Value::as_array);
        points.extend(models.into_iter().flatten().map(model));
    }
}

/// Whether a service can be reached.
fn reachable(reached: &Reached) -> Point {
    let state = if reached.connected { State::Ok } else { State::Fail };
    let addresses = match reached.addresses.as_slice() {
        [] => String::new(),
        // an address is its own name
        [one] if reached.endpoint.contains(one.as_str()) => String::new(),
        all => format!(" ({})", all.join(", ")),
    };
    let what = format!("reach {}/{}", reached.engagement, reached.service);
    Point::new(what, state, format!("{}{addresses}: {}", reached.endpoint, reached.detail))
}

/// Whether access to a service can be got with its credential.
fn accessible(reached: &Reached) -> Option<Point> {
    let Tried { form, works, detail } = reached.credential.as_ref()?;
    let state = if *works { State::Ok } else { State::Fail };
    let what = format!("credential {}/{}", reached.engagement, reached.service);
    Some(Point::new(what, state, format!("{form}: {detail}")))
}

/// A model of a service: covered or not, which is a fact and not a fault.
fn model(model: &Value) -> Point {
    let text = |name: &str| model.get(name).and_then(Value::as_str).unwrap_or_default();
    let is = |name: &str| model.get(name).and_then(Value::as_bool).unwrap_or_default();
    let listed = |name: &str| {
        let all = model.get(name).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
    };
    let (mut detail, about) = (listed("reasons"), listed("about"));
    if !about.is_empty() {
        detail = format!("{detail}: {about}");
    }
    if !is("credential") {
        detail.push_str("; no credential is recorded");
    }
    let state = if is("covered") { State::Ok } else { State::NotCovered };
    Point::new(format!("  {}/{}", text("service"), text("model")), state, detail)
}

fn judge(engagement: &Value) -> Point {
    let text = |name: &str| engagement.get(name).and_then(Value::as_str).unwrap_or_default();
    let counted =
        |name: &str, noun: &str| many(engagement.get(name).and_then(Value::as_u64).unwrap_or_default(), noun);
    let what = format!("engagement {}", text("engagement"));
    let problems: Vec<&str> = engagement
        .get("problems")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if !problems.is_empty() {
        return Point::new(what, State::Fail, problems.join("; "));
    }
    let detail = format!(
        "{}: {}, {}, {}, {}, {}",
        text("state"),
        counted("vendors", "vendor"),
        counted("services", "service"),
        counted("agreements", "agreement"),
        counted("agents", "agent"),
        counted("keys", "key"),
    );
    Point::new(what, State::Ok, detail)
}
