//! agreement

use std::path::Path;

use governance::{
    Agreement, AgreementKind, Feature, OrAny, Party, RegisterKind, ScopeRow, Subprocessor, Terms, read_body,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use terms::{Clock as _, EngagementId, Name};

use super::replace::{Before, plain};
use super::rows;
use crate::Ended;
use crate::cli::{AgreementAdd, AgreementCommand, KindArg, RowCommand, ScopeArg};
use crate::config::Config;
use crate::failure::{Failure, why};
use crate::house::{Desk, Opening, SystemClock};
use crate::operations::{Answer, Operation, RowView};
use crate::output::Output;

const KIND: RegisterKind = RegisterKind::Agreement;
const COLUMNS: [rows::Column; 5] =
    [("kind", "/kind"), ("from", "/from"), ("to", "/to"), ("effective", "/effective"), ("ends", "/ends")];

pub(super) fn run(config: &Config, command: &AgreementCommand, out: &mut Output) -> Ended {
    match command {
        AgreementCommand::Add(add) => self::add(config, add, out),
        AgreementCommand::Rows(RowCommand::List(list)) => {
            let mut rows = rows::newest(config, KIND, list)?;
            shown(&mut rows, out);
            rows::listed(&rows, KIND, &COLUMNS, out)
        }
        AgreementCommand::Rows(RowCommand::Show(show)) => {
            let mut rows = rows::versions(config, KIND, show)?;
            shown(&mut rows, out);
            rows::shown(&rows, show.history, out)
        }
        AgreementCommand::Rows(command) => rows::run(config, KIND, &COLUMNS, command, out),
    }
}

/// For people, what rows leave out since it goes without saying: that there is no end, and that inference is covered.
fn shown(rows: &mut [RowView], out: &Output) {
    if out.is_json() {
        return;
    }
    for row in rows {
        let Some(body) = row.body.as_object_mut() else { continue };
        body.entry("ends").or_insert_with(|| "open-ended".into());
        for scope in body.get_mut("scope").and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(scope) = scope.as_object_mut() else { continue };
            let features = scope.entry("features").or_insert_with(|| Value::Array(Vec::new()));
            let inference = Value::from(Feature::Inference.as_str());
            if let Some(features) = features.as_array_mut().filter(|features| !features.contains(&inference))
            {
                features.insert(0, inference);
            }
        }
    }
}

fn add(config: &Config, add: &AgreementAdd, out: &mut Output) -> Ended {
    let (recorded, warnings) = Desk::with(config, Opening::Existing, |desk| {
        let body = match &add.from_file {
            Some(file) => from_file(file)?,
            None => Asked { desk, engagement: add.entry.within.engagement.clone() }.agreement(add)?,
        };
        let recorded = add.entry.place(&add.name).record(desk, &body, |before| compare(add, before))?;
        let engagement = recorded.first().map(|row| row.engagement.clone());
        let warnings = uncovering(desk, engagement.as_ref(), &body)?;
        Ok((recorded, warnings))
    })?;
    rows::recorded(&recorded, &warnings, out)
}

/// What the options say that are not given; a file says everything itself.
fn compare(add: &AgreementAdd, before: &mut Before<'_>) {
    before.each("--scope", "/scope", |row| row.get("service").map(plain).unwrap_or_default());
    if add.from_file.is_some() {
        return;
    }
    before.each("--region", "/terms/regions", plain);
    before.each("--subprocessor", "/terms/subprocessors", plain);
    for (option, given, pointer) in [
        ("--kind", add.kind.is_some(), "/kind"),
        ("--from", add.from.is_some(), "/from"),
        ("--effective", add.effective.is_some(), "/effective"),
        ("--ends", add.ends.is_some(), "/ends"),
        ("--no-training", add.no_training, "/terms/no_training"),
        ("--retention", add.retention.is_some(), "/terms/retention_mode"),
        ("--breach-notice-hours", add.breach_notice_hours.is_some(), "/terms/breach_notice_hours"),
    ] {
        before.option(option, given, pointer);
    }
}

/// What of an agreement covers nothing as the registers are now: all of it, or a scope row.
fn uncovering(
    desk: &mut Desk,
    engagement: Option<&EngagementId>,
    agreement: &Agreement,
) -> Result<Vec<String>, Failure> {
    if agreement.scope.is_empty() {
        return Ok(unscoped(desk, engagement, agreement)?.into_iter().collect());
    }
    let Answer::Status(status) = desk.ask(Operation::Status {})? else {
        return Err(Failure::failed("the answer is not the one that was asked for"));
    };
    let all = status.get("engagements").and_then(Value::as_array).into_iter().flatten();
    let own = all.filter(|one| one.get("engagement").map(plain) == engagement.map(ToString::to_string));
    let models: Vec<&Value> = own.filter_map(|one| one.get("models")?.as_array()).flatten().collect();
    Ok(agreement.scope.iter().filter_map(|scope| matching_nothing(scope, &models)).collect())
}

/// An agreement with a party whose services are recorded, of which it names none.
fn unscoped(
    desk: &mut Desk,
    engagement: Option<&EngagementId>,
    agreement: &Agreement,
) -> Result<Option<String>, Failure> {
    let mut list = |kind| desk.rows(Operation::List { engagement: engagement.cloned(), kind, ended: false });
    let (vendors, services) = (list(RegisterKind::Vendor)?, list(RegisterKind::Service)?);
    let to = agreement.to.as_str();
    let party =
        |vendor: &str| vendors.iter().any(|row| row.id.as_str() == vendor && row.text("/party") == to);
    let own = services.iter().filter(|row| party(&row.text("/vendor"))).map(|row| format!("`{}`", row.id));
    let own: Vec<_> = own.collect();
    let told =
        format!("it covers nothing: no `--scope` names a service of `{to}`, which has {}", own.join(", "));
    Ok((!own.is_empty()).then_some(told))
}

/// Why a scope row covers no model of its service, where it does not. `models` is what the house says of each.
fn matching_nothing(scope: &ScopeRow, models: &[&Value]) -> Option<String> {
    let text = |model: &Value, field: &str| model.get(field).map(plain).unwrap_or_default();
    let service = &scope.service;
    let of_service = || models.iter().filter(|model| text(model, "service") == service.as_str());
    let named: Vec<_> = of_service().filter(|model| scope.model.accepts(&text(model, "model"))).collect();
    let Some(first) = named.first() else {
        let has: Vec<_> = of_service().map(|model| format!("`{}`", text(model, "model"))).collect();
        return Some(format!(
            "scope `{service}` covers nothing: no model of it is `{}` by the vendor's own name; it has {}",
            scope.model,
            has.join(", ")
        ));
    };
    let covered = |model: &&&Value| model.get("covered").and_then(Value::as_bool) == Some(true);
    if named.iter().any(covered) {
        return None;
    }
    let of = |field: &str| first.get(field).and_then(|all| all.get(0)).map(plain).unwrap_or_default();
    let (code, about) = (of("reasons"), of("about"));
    let why = if about.is_empty() { code } else { format!("{about} ({code})") };
    Some(format!(
        "scope `{service}` covers nothing as things stand: {why}; `chaperon check` shows all that is missing"
    ))
}

/// An agreement as a file has it: TOML or JSON, the row's body or what `show --json` writes around it.
fn from_file(path: &Path) -> Result<Agreement, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::failed(format!("`{shown}` can't be read: {}", why(&error))))?;
    let value: Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(_) => toml::from_str(&text).map_err(|error| {
            Failure::refused(format!("`{shown}` is neither JSON nor TOML: {}", error.message()))
        })?,
    };
    let body = value.get("body").unwrap_or(&value);
    read_body(&body.to_string()).map_err(|error| Failure::refused(format!("`{shown}`: {error}")))
}

/// What the registers are asked to complete what the command line leaves out.
struct Asked<'a> {
    desk: &'a mut Desk,
    engagement: Option<EngagementId>,
}

impl Asked<'_> {
    fn agreement(&mut self, add: &AgreementAdd) -> Result<Agreement, Failure> {
        let engagement = self.engagement()?;
        let from: Party = match &add.from {
            Some(from) => from.clone(),
            None => field(&engagement, "/operator")?,
        };
        let to: Party = match (&add.to, &add.vendor) {
            (Some(to), _) => to.clone(),
            (None, Some(vendor)) => field(&self.row(RegisterKind::Vendor, vendor.as_str())?, "/party")?,
            (None, None) => return Err(Failure::usage("name the other party with `--vendor` or `--to`")),
        };
        let first_link = from == field(&engagement, "/covered_entity")?;
        let scope = add.scopes.iter().map(|scope| self.scope(scope)).collect::<Result<_, _>>()?;
        Ok(Agreement {
            kind: kind(add.kind, first_link),
            from,
            to,
            effective: add.effective.unwrap_or_else(|| SystemClock.now()),
            ends: add.ends,
            terms: terms(add)?,
            scope,
        })
    }

    /// A scope row, with endpoint and account as the service has them now.
    fn scope(&mut self, scope: &ScopeArg) -> Result<ScopeRow, Failure> {
        let service = self.row(RegisterKind::Service, scope.service.as_str())?;
        Ok(ScopeRow {
            service: scope
                .service
                .as_str()
                .parse()
                .map_err(|_| Failure::failed("a service's name is a name"))?,
            endpoint: field(&service, "/endpoint")?,
            account: field(&service, "/account")?,
            model: scope.model.clone(),
            features: scope.features.clone(),
            region: scope.region.clone(),
            retention_mode: scope.retention.clone(),
        })
    }

    fn engagement(&mut self) -> Result<RowView, Failure> {
        let operation = Operation::List { engagement: None, kind: RegisterKind::Engagement, ended: false };
        let mut found = self.desk.rows(operation)?;
        if let Some(named) = &self.engagement {
            found.retain(|row| row.engagement == *named);
        }
        match (found.pop(), found.is_empty()) {
            (Some(row), true) => Ok(row),
            (None, _) => Err(Failure::refused("there is no such engagement")
                .help("`chaperon engagement list` lists them; begin one with `chaperon engagement add`")),
            (Some(_), false) => {
                Err(Failure::usage("there is more than one engagement: name one with `--engagement`"))
            }
        }
    }

    fn row(&mut self, kind: RegisterKind, name: &str) -> Result<RowView, Failure> {
        let id: Name = name.parse().map_err(|_| Failure::failed("a row's name is a name"))?;
        let engagement = self.engagement.clone();
        let mut rows = self.desk.rows(Operation::Show { engagement, kind, id, history: false })?;
        match rows.pop() {
            Some(row) if !row.ended => Ok(row),
            _ => Err(Failure::refused(format!("{kind} `{name}` has ended"))),
        }
    }
}

const fn kind(given: Option<KindArg>, first_link: bool) -> AgreementKind {
    match given {
        Some(KindArg::Dua) => AgreementKind::Dua,
        Some(KindArg::Baa) => AgreementKind::Baa,
        None if first_link => AgreementKind::Baa,
        Some(KindArg::SubcontractorBaa) | None => AgreementKind::SubcontractorBaa,
    }
}

fn terms(add: &AgreementAdd) -> Result<Terms, Failure> {
    let retention_mode: OrAny = match &add.retention {
        Some(mode) => mode.as_str().parse().map_err(|_| Failure::failed("a retention mode is a name"))?,
        None => OrAny::default(),
    };
    let named = |names: &[governance::Text], covered: bool| {
        names.iter().map(|name| Subprocessor { name: name.clone(), covered }).collect::<Vec<_>>()
    };
    let mut subprocessors = named(&add.subprocessors, true);
    subprocessors.extend(named(&add.uncovered, false));
    Ok(Terms {
        no_training: add.no_training,
        retention_mode,
        regions: add.regions.iter().cloned().collect(),
        breach_notice_hours: add.breach_notice_hours,
        subprocessors,
    })
}

fn field<T: DeserializeOwned>(row: &RowView, pointer: &str) -> Result<T, Failure> {
    let value = row.body.pointer(pointer).cloned().unwrap_or(Value::Null);
    serde_json::from_value(value)
        .map_err(|_| Failure::failed(format!("{} `{}` can't be read at `{pointer}`", row.kind, row.id)))
}
