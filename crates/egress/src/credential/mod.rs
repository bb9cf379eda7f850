//! What services are shown on whose behalf they are asked: what was sealed, a token got with it, or a signature.
//!
//! What was sealed is opened here and nowhere else, and does not leave as it is unless its form says so.

mod caller;
mod desk;
mod issuer;
mod material;
mod sign;
mod slot;

pub use desk::{Shown, TokenDesk};
pub use issuer::{Container, ContainerToken};
pub use material::{Unreadable, readable};

use governance::{CredentialForm, Row, Service};
use permit::{Access, Credential, CredentialHeader, Issuer, Source};

use crate::{EgressError, TokenError};

/// What cleared content is sent with, as the rows of a credential and of its service say.
///
/// # Errors
///
/// [`EgressError::Credential`] where the row holds nothing that could be opened, [`TokenError::Region`] where
/// requests are to be signed and neither row names a region.
pub fn credential(row: &Row<governance::Credential>, service: &Service) -> Result<Credential, EgressError> {
    let body = &row.body;
    let sealed = body.sealed().ok_or(EgressError::Credential)?;
    Ok(Credential { access: access(body, service)?, version: row.version, sealed })
}

fn access(body: &governance::Credential, service: &Service) -> Result<Access, EgressError> {
    let secret = |name| Ok(Access::Secret(CredentialHeader::Named(name)));
    let signature = |issuer| {
        let region = body.region.as_ref().or(service.region.as_ref()).ok_or(TokenError::Region)?;
        Ok(Access::Signature { source: source(issuer, body), region: region.as_str().into() })
    };
    let token = |issuer| Ok(Access::Token(source(issuer, body)));
    match body.form {
        CredentialForm::Bearer => Ok(Access::Secret(CredentialHeader::Bearer)),
        CredentialForm::XApiKey => secret("x-api-key"),
        CredentialForm::ApiKey => secret("api-key"),
        CredentialForm::XGoogApiKey => secret("x-goog-api-key"),
        CredentialForm::AwsKeys => signature(Issuer::Sealed),
        CredentialForm::AwsInstance => signature(Issuer::AwsInstance),
        CredentialForm::AwsContainer => signature(Issuer::AwsContainer),
        CredentialForm::EntraClient => token(Issuer::EntraClient),
        CredentialForm::EntraInstance => token(Issuer::EntraInstance),
        CredentialForm::GoogleServiceAccount => token(Issuer::GoogleServiceAccount),
        CredentialForm::GoogleInstance => token(Issuer::GoogleInstance),
        _ => Err(EgressError::Credential),
    }
}

fn source(issuer: Issuer, body: &governance::Credential) -> Source {
    Source {
        issuer,
        base: body.token_endpoint.as_ref().map(|endpoint| endpoint.to_string().into()),
        scope: body.scope.as_ref().map(|scope| scope.as_str().into()),
    }
}
