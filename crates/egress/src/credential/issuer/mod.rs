//! Who issues tokens and keys, and how each is asked.

mod aws;
mod entra;
mod google;

pub use aws::{Container, ContainerToken};

use std::net::IpAddr;

use http::{Method, Request};
use permit::{Issuer, Source};
use serde::Deserialize;
use terms::UtcMillis;
use zeroize::Zeroizing;

use super::caller::{Answer, Caller};
use super::material::{Hidden, hidden};
use super::slot::{Grant, Issued};
use crate::TokenError;

/// The metadata service of EC2, Azure and Google Cloud.
const METADATA: [IpAddr; 1] = [IpAddr::V4(std::net::Ipv4Addr::new(169, 254, 169, 254))];
const METADATA_BASE: &str = "http://169.254.169.254";

/// What one asking needs.
pub(super) struct Asked<'a> {
    pub(super) caller: &'a Caller,
    pub(super) source: &'a Source,
    pub(super) material: &'a str,
    pub(super) now: UtcMillis,
}

/// Asks whoever issues what the source names.
pub(super) async fn ask(asked: Asked<'_>, container: Option<&Container>) -> Result<Issued, TokenError> {
    match asked.source.issuer {
        Issuer::AwsInstance => aws::instance(&asked).await,
        Issuer::AwsContainer => aws::container(&asked, container).await,
        Issuer::EntraClient => entra::client(&asked).await,
        Issuer::EntraInstance => entra::instance(&asked).await,
        Issuer::GoogleServiceAccount => google::account(&asked).await,
        Issuer::GoogleInstance => google::instance(&asked).await,
        _ => Err(TokenError::Shape),
    }
}

impl Asked<'_> {
    /// Where the issuer is: as the row says, or its own place.
    fn at(&self, own: &str, path: &str) -> String {
        format!("{}{path}", self.source.base.as_deref().unwrap_or(own))
    }

    /// Posts a form (RFC 6749) and reads a token.
    async fn post(&self, uri: &str, fields: &[(&str, &str)]) -> Result<Issued, TokenError> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(form(fields))
            .map_err(|_invalid| TokenError::Address)?;
        self.token(&self.caller.ask(request, &[]).await?)
    }

    /// Asks a metadata service.
    async fn metadata(
        &self,
        method: Method,
        uri: &str,
        header: (&'static str, &str),
    ) -> Result<Answer, TokenError> {
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header(header.0, header.1)
            .body(Zeroizing::default())
            .map_err(|_invalid| TokenError::Address)?;
        self.caller.ask(request, &METADATA).await
    }

    fn token(&self, answer: &[u8]) -> Result<Issued, TokenError> {
        let token: Token = serde_json::from_slice(answer).map_err(|_other| TokenError::Malformed)?;
        let visible = token.value.bytes().all(|byte| byte.is_ascii_graphic());
        if !token.scheme.eq_ignore_ascii_case("bearer") || token.value.is_empty() || !visible {
            return Err(TokenError::Malformed);
        }
        let seconds = token.expires_in.seconds().ok_or(TokenError::Malformed)?;
        let until = UtcMillis(self.now.0.saturating_add(seconds.saturating_mul(1000)));
        Issued::new(Grant::Token(token.value), self.now, until)
    }
}

/// RFC 6749 section 5.1; Azure's metadata service writes the seconds as text.
#[derive(Deserialize)]
struct Token {
    #[serde(rename = "access_token", deserialize_with = "hidden")]
    value: Hidden,
    #[serde(rename = "token_type")]
    scheme: String,
    expires_in: Seconds,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(u64),
    Text(String),
}

impl Seconds {
    fn seconds(&self) -> Option<u64> {
        match self {
            Self::Number(seconds) => Some(*seconds),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

fn form(fields: &[(&str, &str)]) -> Zeroizing<Vec<u8>> {
    // as long as it can get, so that it never grows and leaves a copy behind
    let room = fields.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(room));
    form.extend_pairs(fields);
    Zeroizing::new(form.finish().into_bytes())
}

/// Whatever must be encoded in a query, encoded.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
