//! What the rows of each register hold.

mod access;
mod agreement;
mod budget;
mod credential;
mod engagement;
mod pool;
mod service;
mod terms;

pub use self::terms::{ListKind, ReviewState, TermList};
pub use access::{Agent, AgentKey, KeyDigest, Policy, Workflow};
pub use agreement::{Agreement, AgreementKind, ScopeRow, Subprocessor, Terms};
pub use budget::{Budget, Window};
pub use credential::{Credential, CredentialForm};
pub use engagement::{Engagement, EngagementState, Vendor};
pub use pool::{Member, Pool, Spread};
pub use service::{Model, Placement, Price, Protocol, Service};
