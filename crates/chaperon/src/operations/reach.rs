//! Whether services can be reached, and access to them be got.

use std::sync::Arc;

use egress::{Contact, EgressError, Probe, Shown, TokenDesk};
use futures_util::future::{join, join_all};
use governance::{Credential, Row, Service};

use super::{Answer, Reached, Tried};
use crate::house::House;

/// Knocks at every service that has not ended and tries its credential, all at once. A desk of its own shows what can
/// be got now, not what a server holds from earlier.
pub(super) async fn reach(house: &House) -> Answer {
    let snapshot = house.snapshot.load_full();
    let registers = &snapshot.registers;
    let config = crate::plane::egress(&house.config);
    let probe = Probe::new(&config);
    let desk = TokenDesk::new(&config, house.keyring.vault(), Arc::clone(&house.clock));
    let services = registers.engagements().flat_map(|row| registers.list::<Service>(&row.engagement));
    let reached = services.map(|service| {
        let credential = registers.current::<Credential>(&service.engagement, service.id.as_str());
        both(&probe, &desk, service, credential.map(AsRef::as_ref))
    });
    Answer::Reached(join_all(reached).await)
}

async fn both(
    probe: &Probe,
    desk: &TokenDesk,
    service: &Row<Service>,
    credential: Option<&Row<Credential>>,
) -> Reached {
    let tried = async {
        match credential {
            Some(credential) => Some(attempt(desk, credential, service).await),
            None => None,
        }
    };
    let (found, credential) = join(probe.knock(service), tried).await;
    Reached {
        engagement: service.engagement.clone(),
        service: service.id.clone(),
        endpoint: service.body.endpoint.to_string(),
        addresses: found.addresses.iter().map(ToString::to_string).collect(),
        connected: found.outcome.is_ok(),
        detail: match found.outcome {
            Ok(contact) => how(contact).to_owned(),
            Err(error) => why(error, service),
        },
        credential,
    }
}

async fn attempt(desk: &TokenDesk, credential: &Row<Credential>, service: &Row<Service>) -> Tried {
    let shown = desk.show(credential, &service.body).await;
    Tried {
        form: credential.body.form,
        works: shown.is_ok(),
        detail: match shown {
            Ok(Shown::Until(until)) => format!("got access until {until}"),
            Ok(_) => "opens; only the service can tell whether it is valid".to_owned(),
            Err(error) => error.to_string(),
        },
    }
}

const fn how(contact: Contact) -> &'static str {
    match contact {
        Contact::Plain => "no TLS, on loopback",
        Contact::Tls12 => "TLS 1.2, certificate trusted",
        Contact::Tls13 => "TLS 1.3, certificate trusted",
        _ => "connected",
    }
}

fn why(error: EgressError, service: &Row<Service>) -> String {
    let name = &service.id;
    let help = match error {
        EgressError::Undeclared => {
            format!("; where that is meant, `chaperon service add {name} --replace` with `--network`")
        }
        EgressError::Untrusted => "; name its authority in `trust` under `[upstream]`".to_owned(),
        _ => String::new(),
    };
    format!("{error}{help}")
}
