//! The words of the house.
//!
//! What it does: names the things that every room speaks of (principals, identifier classes, decisions,
//! stable codes) and the powers that are handed in from outside (clock, randomness, sealing).
//! What it does not: any I/O, any cryptography, any decision.
//!
//! Invariants: a [`Phi`] can't be printed or serialised; a name that was parsed is valid everywhere;
//! a [`Code`] is listed once, with its rule and its help.

mod class;
mod code;
mod decision;
mod health;
mod id;
mod phi;
mod power;
mod seal;
mod surrogate;
mod time;

pub use class::{FindingCounts, IdentifierClass, UnknownClass};
pub use code::{CATALOGUE, Code, Explanation, explain};
pub use decision::{Decision, DecisionId, Obligations, Purpose, Reason, Treatment, UnknownPurpose, Verdict};
pub use health::{HealthClass, HealthCounts, UnknownHealthClass};
pub use id::{
    AgentId, AgentVersion, AgreementId, EngagementId, ExchangeId, InvalidName, KeyId, Name, RowVersion,
    SegmentId, ServiceId, SessionId, VendorId, WorkforceId,
};
pub use phi::Phi;
pub use power::{Clock, Randomness};
pub use seal::{Digest, Digester, KeyUse, NoteSigner, SealError, SealedValue, Sealer, SegmentKeys, Vault};
pub use surrogate::{Form, Shape, SurrogateError, SurrogateSource, pseudonym};
pub use time::UtcMillis;
