//! Where cleared content may go.

use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderName, Uri};
use terms::{EngagementId, RowVersion, SealedValue, ServiceId};

/// Under which header a service takes its credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialHeader {
    /// `Authorization: Bearer …`
    Bearer,
    /// A header of its own, holding the bare credential: `x-api-key: …`
    Named(&'static str),
}

impl CredentialHeader {
    /// The header's name.
    pub const fn name(self) -> HeaderName {
        match self {
            Self::Bearer => http::header::AUTHORIZATION,
            Self::Named(name) => HeaderName::from_static(name),
        }
    }
}

/// How a service is shown on whose behalf it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// What was sealed, as it is, under a header.
    Secret(CredentialHeader),
    /// A signature of the request (AWS Signature Version 4) for a region.
    Signature {
        /// Where the keys come from.
        source: Source,
        /// The region.
        region: Box<str>,
    },
    /// A bearer token that does not last.
    Token(Source),
}

/// Where keys or tokens come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Who issues them, on what grounds.
    pub issuer: Issuer,
    /// Where the issuer is, without a slash at its end; `None` for its own place.
    pub base: Option<Box<str>>,
    /// What is asked for; `None` for the issuer's own scope.
    pub scope: Option<Box<str>>,
}

/// Who issues keys or tokens, on what grounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Issuer {
    /// Nobody: the keys are what was sealed.
    Sealed,
    /// The metadata service of EC2: the machine's role.
    AwsInstance,
    /// The credentials endpoint of ECS or EKS: the task's or pod's role.
    AwsContainer,
    /// Microsoft Entra, for a client secret.
    EntraClient,
    /// The metadata service of Azure: the machine's managed identity.
    EntraInstance,
    /// Google, for an assertion that a service account's key signs.
    GoogleServiceAccount,
    /// The metadata service of Google Cloud: the machine's service account.
    GoogleInstance,
}

/// A service's credential, sealed under the engagement's key; only egress opens it.
#[derive(Clone, Debug)]
pub struct Credential {
    /// How it is used.
    pub access: Access,
    /// The version of the credential's row.
    pub version: RowVersion,
    /// What was sealed.
    pub sealed: SealedValue,
}

/// Says whether a service's host may be connected to at an address.
pub type MayConnect = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

impl Destination {
    /// The host, IPv6 without brackets.
    pub fn host(&self) -> Option<&str> {
        self.uri.host().map(|host| host.trim_start_matches('[').trim_end_matches(']'))
    }
}

/// One path of one service.
#[derive(Clone)]
pub struct Destination {
    /// The engagement whose key seals the credential.
    pub engagement: EngagementId,
    /// The service.
    pub service: ServiceId,
    /// The version of the service's row.
    pub version: RowVersion,
    /// The full address, without user, password or fragment.
    pub uri: Uri,
    /// Which addresses the host may resolve to, as the service's row declares.
    pub may_connect: MayConnect,
    /// The credential; `None` for a service that takes none.
    pub credential: Option<Credential>,
}
