//! The registers: engagements, vendors, services, agreements, agents, and what they cover.
//!
//! What it does: reads and checks register rows ([`Registers`]), builds the next version of one ([`next_row`]),
//! finds the service of a model ([`route`]), answers whether an agreement in force covers an exact use
//! ([`coverage`]), and holds what vendors say ([`facts`]), which covers nothing. What it does not: any I/O. It has
//! one port, [`RegisterStore`], for what must be kept.
//!
//! Invariants: every lookup leads with the engagement (an agent's key, by which the engagement is found, is the
//! one exception); a row is never overwritten; a row that can't be read fails the load; taking an agreement away
//! never makes an uncovered use a covered one.

mod body;
mod change;
mod coverage;
pub mod facts;
mod feature;
mod port;
mod registers;
mod route;
mod row;
mod value;

pub use body::{
    Agent, AgentKey, Agreement, AgreementKind, Budget, Credential, CredentialForm, Engagement,
    EngagementState, KeyDigest, ListKind, Member, Model, Placement, Policy, Pool, Price, Protocol,
    ReviewState, ScopeRow, Service, Spread, Subprocessor, TermList, Terms, Vendor, Window, Workflow,
};
pub use change::{Change, add_row, end_row, next_row};
pub use coverage::{CitedAgreement, Coverage, coverage};
pub use feature::Feature;
pub use port::{BudgetUse, BudgetUses, RegisterError, RegisterKind, RegisterStore, StoredRow};
pub use registers::Registers;
pub use route::{Route, RouteError, Routes, routes};
pub use row::{Body, FieldError, Row, read_body};
pub use value::{
    Amount, Endpoint, InvalidValue, ModelName, ModelPattern, Network, OrAny, Party, Text, is_public,
};
