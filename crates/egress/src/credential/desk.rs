//! Opens credentials, gets what is got with them, and puts it into requests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use governance::{Row, Service};
use http::{HeaderValue, Request, header};
use permit::{Access, Credential, CredentialHeader, Destination, Issuer, Source};
use terms::{Clock, EngagementId, KeyUse, RowVersion, SealedValue, ServiceId, UtcMillis, Vault};
use zeroize::Zeroizing;

use super::caller::Caller;
use super::issuer::{self, Asked};
use super::material::AwsKeys;
use super::sign::sign;
use super::slot::{Grant, Issued, Slot};
use crate::{Container, EgressConfig, EgressError, TokenError};

/// Where credentials are opened. Tokens and keys that were got with them stay in memory, each for one version of
/// one credential's row, until shortly before they end.
///
/// It takes a row of the registers, which nobody else can make:
///
/// ```
/// async fn show(desk: egress::TokenDesk, row: &governance::Row<governance::Credential>, service: &governance::Service) {
///     desk.show(row, service).await;
/// }
/// ```
///
/// and content is none:
///
/// ```compile_fail
/// async fn show(desk: egress::TokenDesk, row: permit::Cleared, service: &governance::Service) {
///     desk.show(row, service).await;
/// }
/// ```
pub struct TokenDesk {
    vault: Arc<dyn Vault>,
    clock: Arc<dyn Clock>,
    caller: Caller,
    container: Option<Container>,
    slots: Mutex<HashMap<(EngagementId, ServiceId), Kept>>,
}

/// A slot, and the version of the credential's row that it is of.
type Kept = (RowVersion, Arc<Slot>);

/// How far a credential could be tried without asking its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shown {
    /// It opens and has its form; the service alone can say more.
    Form,
    /// A token or keys were got with it, which end at this time.
    Until(UtcMillis),
}

/// Whose credential it is.
struct Owner<'a> {
    engagement: &'a EngagementId,
    service: &'a ServiceId,
}

impl TokenDesk {
    /// A desk that calls issuers as an [`Egress`](crate::Egress) of this configuration would.
    pub fn new(config: &EgressConfig, vault: Arc<dyn Vault>, clock: Arc<dyn Clock>) -> Self {
        let container = config.container.clone();
        Self { vault, clock, caller: Caller::new(config), container, slots: Mutex::default() }
    }

    /// Tries a credential as far as can be done without its service: opens it, and gets the token or the keys that
    /// requests would be sent with. It takes rows of the registers, which nobody else can make, and no content.
    pub async fn show(
        &self,
        row: &Row<governance::Credential>,
        service: &Service,
    ) -> Result<Shown, EgressError> {
        let credential = super::credential(row, service)?;
        let owner = Owner { engagement: &row.engagement, service: &row.body.service };
        let source = match &credential.access {
            Access::Signature { source, .. } | Access::Token(source) if source.issuer != Issuer::Sealed => {
                source
            }
            _ => {
                let text = self.open(&owner, &credential.sealed)?;
                super::readable(row.body.form, &text).map_err(TokenError::from)?;
                return Ok(Shown::Form);
            }
        };
        Ok(Shown::Until(self.issued(&owner, &credential, source).await?.until))
    }

    /// Puts into a request, otherwise final, what its destination asks for.
    pub(crate) async fn authorize(
        &self,
        destination: &Destination,
        request: &mut Request<Bytes>,
    ) -> Result<(), EgressError> {
        let Some(credential) = &destination.credential else { return Ok(()) };
        let owner = Owner { engagement: &destination.engagement, service: &destination.service };
        match &credential.access {
            Access::Secret(form) => {
                let secret = self.open(&owner, &credential.sealed)?;
                let prefix = if *form == CredentialHeader::Bearer { "Bearer " } else { "" };
                request.headers_mut().insert(form.name(), carried(prefix, &secret)?);
            }
            Access::Token(source) => {
                let issued = self.issued(&owner, credential, source).await?;
                let Grant::Token(token) = &issued.grant else { return Err(TokenError::Malformed.into()) };
                request.headers_mut().insert(header::AUTHORIZATION, carried("Bearer ", token)?);
            }
            Access::Signature { source, region } if source.issuer == Issuer::Sealed => {
                let text = self.open(&owner, &credential.sealed)?;
                let keys = AwsKeys::read(&text).map_err(TokenError::from)?;
                sign(request, &keys, region, self.clock.now())?;
            }
            Access::Signature { source, region } => {
                let issued = self.issued(&owner, credential, source).await?;
                let Grant::Keys(keys) = &issued.grant else { return Err(TokenError::Malformed.into()) };
                sign(request, keys, region, self.clock.now())?;
            }
            _ => return Err(EgressError::Credential),
        }
        Ok(())
    }

    /// Forgets a token or keys that a service did not take.
    pub(crate) fn forget(&self, place: &(EngagementId, ServiceId)) {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, slot)) = slots.get(place) {
            slot.forget(self.clock.now());
        }
    }

    async fn issued(
        &self,
        owner: &Owner<'_>,
        credential: &Credential,
        source: &Source,
    ) -> Result<Arc<Issued>, EgressError> {
        let slot = self.slot(owner, credential.version);
        // opened each time, so that a token ends with the key that seals what it was got with
        let material = self.open(owner, &credential.sealed)?;
        let ask = async {
            let asked = Asked { caller: &self.caller, source, material: &material, now: self.clock.now() };
            issuer::ask(asked, self.container.as_ref()).await.inspect_err(|error| {
                tracing::warn!(engagement = %owner.engagement, service = %owner.service, %error,
                    "no access could be got with a credential");
            })
        };
        Ok(slot.take(self.clock.as_ref(), ask).await?)
    }

    fn slot(&self, owner: &Owner<'_>, version: RowVersion) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (owner.engagement.clone(), owner.service.clone());
        let kept = slots.entry(place).or_insert_with(|| (version, Arc::default()));
        of_version(kept, version)
    }

    fn open(&self, owner: &Owner<'_>, sealed: &SealedValue) -> Result<Zeroizing<String>, EgressError> {
        let context = owner.service.as_str().as_bytes();
        let secret = self
            .vault
            .unseal(owner.engagement, KeyUse::Credential, context, sealed)
            .map_err(|_sealed| EgressError::Credential)?;
        let secret = Zeroizing::new(secret.into_exposed());
        let text = std::str::from_utf8(&secret).map_err(|_binary| EgressError::Credential)?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

/// The slot of a version: a newer one takes the place of what is kept. An older one, of a request that came before the
/// row was replaced, has a slot of its own that nobody keeps.
fn of_version((of, slot): &mut Kept, version: RowVersion) -> Arc<Slot> {
    if version < *of {
        return Arc::default();
    }
    if version > *of {
        (*of, *slot) = (version, Arc::default());
    }
    Arc::clone(slot)
}

/// A secret as a header's value, which is not printed.
fn carried(prefix: &str, secret: &str) -> Result<HeaderValue, EgressError> {
    let mut text = Vec::with_capacity(prefix.len() + secret.len());
    text.extend_from_slice(prefix.as_bytes());
    text.extend_from_slice(secret.as_bytes());
    let mut value =
        HeaderValue::from_maybe_shared(Bytes::from(text)).map_err(|_bad| EgressError::Credential)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_row_takes_no_newer_ones_place() {
        let mut kept = (RowVersion(2), Arc::default());
        let newer = of_version(&mut kept, RowVersion(2));
        let older = of_version(&mut kept, RowVersion(1));
        assert!(!Arc::ptr_eq(&older, &newer) && kept.0 == RowVersion(2));
        assert!(Arc::ptr_eq(&of_version(&mut kept, RowVersion(2)), &newer), "what was got stays");
        let newest = of_version(&mut kept, RowVersion(3));
        assert!(!Arc::ptr_eq(&newest, &newer) && kept.0 == RowVersion(3));
    }
}
