//! Request facts in, decision out: the base guardrails of the house and the engagement's own policy, in Cedar.
//!
//! What it does: reads and validates an engagement's policy ([`Policies::for_engagement`]) and decides
//! ([`Policies::decide`]): permit or deny, what a permit obliges to, why, and a stable id. What it does not: any
//! I/O; it knows neither registers nor content, only [`Facts`].
//!
//! Invariants: permit = the base permits and the engagement permits, in two separate evaluations, so that an
//! engagement can only narrow; any error of an evaluation is a deny (Cedar itself skips a policy that errs, even
//! a forbid); treatments are combined by the strictest; a policy with an unknown name, annotation or class, or one
//! that can never apply, is not loaded.

mod annotation;
mod decide;
mod error;
mod facts;
mod load;
mod memo;
mod reason;
mod request;

pub use annotation::Treatments;
pub use decide::{Asks, Policies};
pub use error::{Place, PolicyError};
pub use facts::{Action, Facts};
pub use load::{DEFAULT_POLICY, SCHEMA};
