//! The registers: engagements, vendors, services, agreements, agents, and what they cover.
//!
//! Pure, with one port ([`RegisterStore`]) for what must be kept.

mod port;

pub use port::{RegisterError, RegisterKind, RegisterStore, StoredRow};
