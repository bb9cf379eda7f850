//! service

use std::collections::BTreeSet;
use std::io::Read as _;

use governance::{CredentialForm, Model, Placement, Protocol, RegisterKind, Service};
use serde_json::Value;
use terms::Name;
use zeroize::Zeroizing;

use super::prefill::Prefill;
use super::replace::{Before, plain};
use super::rows;
use crate::Ended;
use crate::cli::{CredentialArgs, ServiceAdd, ServiceCommand};
use crate::config::{Config, secret_file};
use crate::failure::{Failure, why};
use crate::house::{Desk, Opening};
use crate::operations::{Operation, RowView, Secret};
use crate::output::Output;

const KIND: RegisterKind = RegisterKind::Service;
const COLUMNS: [rows::Column; 5] = [
    ("vendor", "/vendor"),
    ("endpoint", "/endpoint"),
    ("placement", "/placement"),
    ("protocols", "/protocols"),
    ("models", "/models"),
];

pub(super) fn run(config: &Config, command: &ServiceCommand, out: &mut Output) -> Ended {
    match command {
        ServiceCommand::Add(add) => self::add(config, add, out),
        ServiceCommand::Rows(command) => rows::run(config, KIND, &COLUMNS, command, out),
        ServiceCommand::Credential(credential) => self::credential(config, credential, out),
    }
}

fn add(config: &Config, add: &ServiceAdd, out: &mut Output) -> Ended {
    if let Some(offering) = &add.from {
        return prefilled(config, offering, add, out);
    }
    let recorded = Desk::with(config, Opening::Existing, |desk| record(add, desk))?;
    rows::changed(&recorded, "recorded", out)
}

/// Records a service whose row is filled from facts, where it does not say otherwise. No agreement comes with it.
fn prefilled(config: &Config, offering: &Name, add: &ServiceAdd, out: &mut Output) -> Ended {
    let mut prefill = Prefill::find(config, offering)?;
    let mut add = add.clone();
    prefill.service(&mut add)?;
    add.entry.signed.reason.get_or_insert_with(|| prefill.reason());
    let rows = Desk::with(config, Opening::Existing, |desk| record(&add, desk))?;
    let next = format!(
        "this covers nothing: record the agreement that was signed, `chaperon agreement add`\n\
         {}",
        prefill.credential(&add.name)
    );
    prefill.tell(&rows, &next, out)
}

/// Records the service; of one that is there, all of it is said again.
fn record(add: &ServiceAdd, desk: &mut Desk) -> Result<Vec<RowView>, Failure> {
    add.entry.place(&add.name).record(desk, &row(add)?, |before| {
        before.each("--model", "/models", plain);
        for (option, given, pointer) in [
            ("--product", add.product.is_some(), "/product"),
            ("--tier", add.tier.is_some(), "/tier"),
            ("--protocol", !add.protocols.is_empty(), "/protocols"),
            ("--api-version", add.api_version.is_some(), "/api_version"),
            ("--account", add.account.is_some(), "/account"),
            ("--region", add.region.is_some(), "/region"),
            ("--retention", add.retention.is_some(), "/retention_mode"),
            ("--on-premises", add.on_premises, "/placement"),
            ("--network", !add.networks.is_empty(), "/network"),
        ] {
            before.option(option, given, pointer);
        }
        if !add.no_store_field && before.said("/store_field") == Some(&Value::Bool(false)) {
            before.lose("--no-store-field", "");
        }
        for (old, new) in before.both("/models") {
            same_model(&old, &new, before);
        }
    })
}

/// What a model that stays loses: its name at the vendor, further names, its price.
fn same_model(old: &Value, new: &Value, before: &mut Before<'_>) {
    let names = |model: &Value| {
        let aliases = model.get("aliases").and_then(Value::as_array).into_iter().flatten();
        aliases.map(plain).collect::<Vec<_>>()
    };
    let (name, kept) = (old.get("name").map(plain).unwrap_or_default(), names(new));
    let renamed = old.get("upstream").is_some() && new.get("upstream").is_none();
    if renamed || names(old).iter().any(|alias| !kept.contains(alias)) {
        let upstream = old.get("upstream").map(|upstream| format!("={}", plain(upstream)));
        let first = format!("{name}{}", upstream.unwrap_or_default());
        let said: Vec<_> = std::iter::once(first).chain(names(old)).collect();
        before.lose("--model", &said.join(","));
    }
    if let (Some(price), None) = (old.get("price"), new.get("price")) {
        let of = |what: &str| price.get(what).map(plain).unwrap_or_default();
        before.lose("--price", &format!("{name}={}/{}", of("input"), of("output")));
    }
}

/// The row to record.
fn row(add: &ServiceAdd) -> Result<Service, Failure> {
    let product = match &add.product {
        Some(product) => product.clone(),
        None => add.name.as_str().parse().map_err(|_| Failure::failed("a service's name is a text"))?,
    };
    let (Some(vendor), Some(endpoint)) = (add.vendor.clone(), add.endpoint.clone()) else {
        return Err(Failure::usage("name the vendor and the endpoint, or an offering to fill them from"));
    };
    let mut protocols: BTreeSet<Protocol> = add.protocols.iter().copied().collect();
    if protocols.is_empty() {
        protocols.insert(Protocol::Openai);
    }
    Ok(Service {
        vendor,
        product,
        tier: add.tier.clone(),
        protocols,
        endpoint,
        api_version: add.api_version.clone(),
        account: add.account.clone(),
        region: add.region.clone(),
        retention_mode: add.retention.clone(),
        placement: if add.on_premises { Placement::OnPremises } else { Placement::Vendor },
        models: models(add)?,
        network: add.networks.clone(),
        store_field: add.no_store_field.then_some(false),
    })
}

/// The models, each with its price.
fn models(add: &ServiceAdd) -> Result<Vec<Model>, Failure> {
    let mut models: Vec<_> = add.models.iter().map(|model| model.0.clone()).collect();
    for given in &add.prices {
        let found = models.iter_mut().find(|model| model.is_called(given.model.as_str()));
        let model =
            found.ok_or_else(|| Failure::refused(format!("`--price`: no model `{}`", given.model)))?;
        model.price = Some(given.price);
    }
    Ok(models)
}

fn credential(config: &Config, credential: &CredentialArgs, out: &mut Output) -> Ended {
    let form = CredentialForm::from(credential.form);
    let secret = match &credential.from_file {
        Some(path) => secret_file(path)?,
        None if form.of_platform() => Zeroizing::default(),
        None => from_stdin()?,
    };
    let operation = Operation::Credential {
        engagement: credential.within.engagement.clone(),
        service: credential.name.clone(),
        form,
        region: credential.region.clone(),
        token_endpoint: credential.token_endpoint.clone(),
        scope: credential.scope.clone(),
        secret: Secret::new(&secret),
        note: (&credential.signed).into(),
    };
    rows::change(config, operation, "recorded, sealed", out)
}

/// A secret from standard input; newlines at its end are no part of it.
fn from_stdin() -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    std::io::stdin()
        .lock()
        .take(64 << 10)
        .read_to_string(&mut text)
        .map_err(|error| Failure::failed(format!("standard input can't be read: {}", why(&error))))?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}
