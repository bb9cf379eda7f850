//! What an entry says. None of it is content: identifiers are keyed digests, findings are counts.

mod capped;
mod closing;
mod control;
mod opening;
mod payload;

pub use capped::Capped;
pub use closing::{Closing, Outcome, Usage};
pub use control::Control;
pub use opening::{
    Action, AgreementRef, DecisionRecord, Destination, IdentifierRef, ListVersions, ModelNames, Opening,
    PointerRef, PoolRef, ReasonRecord, ResidualRecord,
};
pub(crate) use payload::{Payload, Peek};
