//! service

use std::collections::BTreeSet;
use std::io::Read as _;

use governance::{CredentialForm, Model, Placement, Protocol, RegisterKind, Service};
use terms::Name;
use zeroize::Zeroizing;

use super::prefill::Prefill;
use super::rows;
use crate::Ended;
use crate::cli::{CredentialArgs, ServiceAdd, ServiceCommand};
use crate::config::{Config, secret_file};
use crate::failure::{Failure, why};
use crate::house::{Desk, Opening};
use crate::operations::{Operation, Secret};
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
        ServiceCommand::Add(add) => match &add.from {
            Some(offering) => prefilled(config, offering, add, out),
            None => rows::change(config, put(add)?, "recorded", out),
        },
        ServiceCommand::Rows(command) => rows::run(config, KIND, &COLUMNS, command, out),
        ServiceCommand::Credential(credential) => self::credential(config, credential, out),
    }
}

/// Records a service whose row is filled from facts, where it does not say otherwise. No agreement comes with it.
fn prefilled(config: &Config, offering: &Name, add: &ServiceAdd, out: &mut Output) -> Ended {
    let mut prefill = Prefill::find(config, offering)?;
    let mut add = add.clone();
    prefill.service(&mut add)?;
    add.entry.signed.reason.get_or_insert_with(|| prefill.reason());
    let operation = put(&add)?;
    let rows = Desk::with(config, Opening::Existing, |desk| desk.rows(operation))?;
    let next = format!(
        "this covers nothing: record the agreement that was signed, `chaperon agreement add`\n\
         {}",
        prefill.credential(&add.name)
    );
    prefill.tell(&rows, &next, out)
}

/// The row to record.
fn put(add: &ServiceAdd) -> Result<Operation, Failure> {
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
    let body = Service {
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
    };
    rows::record(&add.entry, &add.name, &body)
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
