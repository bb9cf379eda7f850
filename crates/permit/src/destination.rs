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

/// A service's credential, sealed under the engagement's key; only egress opens it.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Under which header it goes.
    pub header: CredentialHeader,
    /// The sealed credential.
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
