//! Keys of agents and credentials of services.

use governance::{
    Agent, AgentKey, Change, Credential, CredentialForm, KeyDigest, RegisterKind, Service, add_row, next_row,
};
use terms::{EngagementId, KeyUse, Name, SealedValue, ServiceId};
use zeroize::Zeroizing;

use super::author::Author;
use super::registers::{end_keys, no_row, only};
use super::{Answer, Operation, RowView, Secret};
use crate::failure::Failure;
use crate::house::{House, register_failure};

/// Does what changes keys and credentials.
pub(super) async fn change(house: &House, operation: Operation, uid: u32) -> Result<Answer, Failure> {
    match operation {
        Operation::Credential { engagement, service, form, region, token_endpoint, scope, secret, note } => {
            let engagement = engagement.map_or_else(|| only(house), Ok)?;
            let author = Author::of(&note, uid, "credential recorded");
            let (id, sealed) = sealed(house, &engagement, &service, form, &secret)?;
            let body = Credential { region, token_endpoint, scope, ..Credential::new(id, &sealed, form) };
            credential(house, &engagement, &service, &body, &author).await
        }
        Operation::MintKey { engagement, agent, keep, note } => {
            let engagement = engagement.map_or_else(|| only(house), Ok)?;
            mint(house, &engagement, &agent, keep, &Author::of(&note, uid, "key made")).await
        }
        Operation::RevokeKeys { engagement, agent, key, note } => {
            let engagement = engagement.map_or_else(|| only(house), Ok)?;
            revoke(house, &engagement, &agent, key.as_ref(), &Author::of(&note, uid, "key revoked")).await
        }
        _ => Err(Failure::failed("this operation changes no key")),
    }
}

/// Seals what a credential's form takes.
fn sealed(
    house: &House,
    engagement: &EngagementId,
    service: &Name,
    form: CredentialForm,
    secret: &Secret,
) -> Result<(ServiceId, SealedValue), Failure> {
    if house.snapshot.load().registers.current::<Service>(engagement, service.as_str()).is_none() {
        return Err(no_row(RegisterKind::Service, service, engagement));
    }
    let text = secret.expose();
    egress::readable(form, text).map_err(|unreadable| Failure::refused(unreadable.to_string()))?;
    let id: ServiceId =
        service.as_str().parse().map_err(|_| Failure::failed("a service's name is a name"))?;
    let sealed = house
        .keyring
        .vault()
        .seal(engagement, KeyUse::Credential, id.as_str().as_bytes(), text.as_bytes())
        .map_err(|error| Failure::coded(terms::Code::KEY_UNAVAILABLE, error.to_string()))?;
    Ok((id, sealed))
}

async fn credential(
    house: &House,
    engagement: &EngagementId,
    service: &Name,
    body: &Credential,
    author: &Author,
) -> Result<Answer, Failure> {
    let row = house
        .change(|registers, now| {
            let change = Change { author: &author.name, reason: &author.reason, now };
            next_row(registers, engagement, service, body, change).map_err(|error| register_failure(&error))
        })
        .await?;
    Ok(Answer::Rows(vec![RowView::new(&row)]))
}

async fn mint(
    house: &House,
    engagement: &EngagementId,
    agent: &Name,
    keep: bool,
    author: &Author,
) -> Result<Answer, Failure> {
    known(house, engagement, agent)?;
    let key = keys::AgentKey::fresh(house.randomness.as_ref());
    let id: Name = key.id().parse().map_err(|_| Failure::failed("a key's public part is a name"))?;
    let owner = agent.as_str().parse().map_err(|_| Failure::failed("an agent's name is a name"))?;
    let body = AgentKey { agent: owner, digest: KeyDigest(key.digest()), prefix: id.clone() };
    house
        .change(|registers, now| {
            let change = Change { author: &author.name, reason: &author.reason, now };
            add_row(registers, engagement, &id, &body, change).map_err(|error| register_failure(&error))
        })
        .await?;
    let replaced = Author { name: author.name.clone(), reason: format!("replaced by {id}") };
    let others = |other: &Name| !keep && *other != id;
    let ended = end_keys(house, engagement, agent, others, &replaced).await?.len();
    Ok(Answer::Key {
        key: Secret::new(&Zeroizing::new(key.expose().to_owned())),
        id: id.to_string(),
        agent: agent.clone(),
        ended,
    })
}

async fn revoke(
    house: &House,
    engagement: &EngagementId,
    agent: &Name,
    key: Option<&Name>,
    author: &Author,
) -> Result<Answer, Failure> {
    known(house, engagement, agent)?;
    let ended = end_keys(house, engagement, agent, |id| key.is_none_or(|key| key == id), author).await?;
    if ended.is_empty() {
        return Err(match key {
            Some(key) => Failure::refused(format!("agent `{agent}` has no key `{key}`")),
            None => Failure::refused(format!("agent `{agent}` has no key")),
        });
    }
    Ok(Answer::Revoked(ended.len()))
}

fn known(house: &House, engagement: &EngagementId, agent: &Name) -> Result<(), Failure> {
    match house.snapshot.load().registers.current::<Agent>(engagement, agent.as_str()) {
        Some(_) => Ok(()),
        None => Err(no_row(RegisterKind::Agent, agent, engagement)),
    }
}
