//! Tokens of Google: for an assertion that a service account's key signs, and for the machine's service account.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use http::Method;
use serde_json::json;
use zeroize::Zeroizing;

use super::super::material::{GoogleAccount, Named};
use super::super::slot::Issued;
use super::{Asked, METADATA_BASE};
use crate::TokenError;

/// The key file names an endpoint too, which is not followed: where a secret's bearer is sent is no part of it.
const AUTHORITY: &str = "https://oauth2.googleapis.com";

const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// An assertion instead of a password (RFC 7523 section 2.1).
pub(super) async fn account(asked: &Asked<'_>) -> Result<Issued, TokenError> {
    let account = GoogleAccount::read(asked.material)?;
    let uri = asked.at(AUTHORITY, "/token");
    let assertion = assertion(&account, &uri, asked)?;
    let fields =
        [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion.as_str())];
    asked.post(&uri, &fields).await
}

/// A JSON web token (RFC 7515 section 3.1), signed with RS256.
fn assertion(
    account: &GoogleAccount,
    audience: &str,
    asked: &Asked<'_>,
) -> Result<Zeroizing<String>, TokenError> {
    let now = asked.now.0 / 1000;
    let head = json!({ "alg": "RS256", "typ": "JWT", "kid": account.private_key_id });
    let claims = json!({
        "iss": account.client_email,
        "scope": asked.source.scope.as_deref().unwrap_or(SCOPE),
        "aud": audience,
        "iat": now,
        "exp": now.saturating_add(3600),
    });
    let mut text = format!("{}.{}", BASE64.encode(head.to_string()), BASE64.encode(claims.to_string()));
    let signed = account.signer()?.sign(text.as_bytes()).map_err(|_failed| TokenError::Unsigned)?;
    text.push('.');
    text.push_str(&BASE64.encode(signed));
    Ok(Zeroizing::new(text))
}

pub(super) async fn instance(asked: &Asked<'_>) -> Result<Issued, TokenError> {
    let account = Named::read(asked.material)?.identity;
    let account = account.as_deref().unwrap_or("default");
    let path = format!("/computeMetadata/v1/instance/service-accounts/{account}/token");
    let answer =
        asked.metadata(Method::GET, &asked.at(METADATA_BASE, &path), ("metadata-flavor", "Google")).await?;
    asked.token(&answer)
}
