//! Tokens of Microsoft Entra: for a client secret, and for the machine's managed identity.

use http::Method;

use super::super::material::{EntraClient, Named};
use super::super::slot::Issued;
use super::{Asked, METADATA_BASE, encoded};
use crate::TokenError;

const AUTHORITY: &str = "https://login.microsoftonline.com";

/// What Azure OpenAI is asked with.
const SCOPE: &str = "https://cognitiveservices.azure.com/.default";

/// Client credentials (RFC 6749 section 4.4).
pub(super) async fn client(asked: &Asked<'_>) -> Result<Issued, TokenError> {
    let client = EntraClient::read(asked.material)?;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", client.client_id.as_str()),
        ("client_secret", client.client_secret.as_str()),
        ("scope", asked.source.scope.as_deref().unwrap_or(SCOPE)),
    ];
    asked.post(&asked.at(AUTHORITY, &format!("/{}/oauth2/v2.0/token", client.tenant)), &fields).await
}

/// The metadata service names a resource instead of a scope.
pub(super) async fn instance(asked: &Asked<'_>) -> Result<Issued, TokenError> {
    let scope = asked.source.scope.as_deref().unwrap_or(SCOPE);
    let resource = encoded(scope.strip_suffix("/.default").unwrap_or(scope));
    let mut path = format!("/metadata/identity/oauth2/token?api-version=2018-02-01&resource={resource}");
    if let Some(identity) = Named::read(asked.material)?.identity {
        path.push_str("&client_id=");
        path.push_str(&encoded(&identity));
    }
    let answer = asked.metadata(Method::GET, &asked.at(METADATA_BASE, &path), ("metadata", "true")).await?;
    asked.token(&answer)
}
