//! Whether services can be reached.

use egress::{Contact, EgressError, Probe};
use futures_util::future::join_all;
use governance::{Row, Service};

use super::{Answer, Reached};
use crate::house::House;

/// Knocks at every service that has not ended, all at once: it takes no longer than one connection may.
pub(super) async fn reach(house: &House) -> Answer {
    let snapshot = house.snapshot.load_full();
    let registers = &snapshot.registers;
    let probe = Probe::new(&crate::plane::egress(&house.config));
    let services = registers.engagements().flat_map(|row| registers.list::<Service>(&row.engagement));
    Answer::Reached(join_all(services.map(|service| knock(&probe, service))).await)
}

async fn knock(probe: &Probe, service: &Row<Service>) -> Reached {
    let found = probe.knock(service).await;
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
