//! Keys of a role: EC2's metadata service (IMDSv2), and the credentials endpoint of ECS and EKS.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use http::{HeaderValue, Method, Request, header};
use serde::Deserialize;
use terms::UtcMillis;
use zeroize::Zeroizing;

use super::super::material::{AwsKeys, Hidden, Named, hidden, is_segment};
use super::super::slot::{Grant, Issued};
use super::{Asked, METADATA_BASE};
use crate::TokenError;

/// The credentials endpoints of ECS, and of EKS on IPv4 and IPv6.
const CONTAINER: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V6(Ipv6Addr::new(0xFD00, 0xEC2, 0, 0, 0, 0, 0, 0x23)),
];

/// The credentials endpoint that ECS or EKS names to a container. Only their own addresses and loopback are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// The full address.
    pub address: String,
    /// What it takes to be answered, where it asks for something.
    pub token: Option<ContainerToken>,
}

/// What a credentials endpoint takes to answer.
#[derive(Clone, PartialEq, Eq)]
pub enum ContainerToken {
    /// The token itself.
    Value(Zeroizing<String>),
    /// A file that holds it, which is renewed now and then.
    File(PathBuf),
}

impl fmt::Debug for ContainerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContainerToken")
    }
}

impl ContainerToken {
    async fn read(&self) -> Result<HeaderValue, TokenError> {
        let text = match self {
            Self::Value(token) => token.clone(),
            Self::File(file) => {
                Zeroizing::new(tokio::fs::read_to_string(file).await.map_err(|_gone| TokenError::Platform)?)
            }
        };
        let mut value = HeaderValue::from_str(text.trim()).map_err(|_bad| TokenError::Platform)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Role {
    code: Option<String>,
    #[serde(deserialize_with = "hidden")]
    access_key_id: Hidden,
    #[serde(deserialize_with = "hidden")]
    secret_access_key: Hidden,
    #[serde(deserialize_with = "hidden")]
    token: Hidden,
    expiration: String,
}

pub(super) async fn instance(asked: &Asked<'_>) -> Result<Issued, TokenError> {
    const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
    let life = ("x-aws-ec2-metadata-token-ttl-seconds", "60");
    let token = asked.metadata(Method::PUT, &asked.at(METADATA_BASE, "/latest/api/token"), life).await?;
    let token = ("x-aws-ec2-metadata-token", std::str::from_utf8(&token).map_err(|_| TokenError::Malformed)?);
    let role = if let Some(role) = Named::read(asked.material)?.identity {
        role
    } else {
        let roles = asked.metadata(Method::GET, &asked.at(METADATA_BASE, ROLES), token).await?;
        let role = std::str::from_utf8(&roles).ok().and_then(|roles| roles.lines().next());
        role.filter(|role| is_segment(role, b"+=,.@")).ok_or(TokenError::Malformed)?.to_owned()
    };
    let uri = asked.at(METADATA_BASE, &format!("{ROLES}{role}"));
    keys(asked, &asked.metadata(Method::GET, &uri, token).await?)
}

pub(super) async fn container(
    asked: &Asked<'_>,
    container: Option<&Container>,
) -> Result<Issued, TokenError> {
    let container = container.ok_or(TokenError::Platform)?;
    let mut request = Request::builder()
        .uri(&container.address)
        .body(Zeroizing::default())
        .map_err(|_invalid| TokenError::Address)?;
    let host = request.uri().host().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    if !literal.is_some_and(|address| address.is_loopback() || CONTAINER.contains(&address)) {
        return Err(TokenError::Address);
    }
    if let Some(token) = &container.token {
        request.headers_mut().insert(header::AUTHORIZATION, token.read().await?);
    }
    keys(asked, &asked.caller.ask(request, &CONTAINER).await?)
}

fn keys(asked: &Asked<'_>, answer: &[u8]) -> Result<Issued, TokenError> {
    let role: Role = serde_json::from_slice(answer).map_err(|_other| TokenError::Malformed)?;
    if role.code.is_some_and(|code| code != "Success") {
        return Err(TokenError::Refused);
    }
    let until = UtcMillis::parse(&role.expiration).ok_or(TokenError::Malformed)?;
    let keys = AwsKeys { id: role.access_key_id, secret: role.secret_access_key, session: Some(role.token) };
    Issued::new(Grant::Keys(keys), asked.now, until)
}
