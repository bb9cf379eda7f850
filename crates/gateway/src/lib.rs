//! The data plane: the way of one request, from the caller to the vendor and back.
//!
//! What it does: listens, knows the caller, parses what came ([`protocol`]), and takes each request the one way
//! (`exchange`): decided, on record, out, back, closed. What it does not: SQL, keys, sockets to vendors.
//!
//! Invariants: nothing leaves without a permit; every string of a request is content unless its protocol says
//! otherwise; a stream is guarded like a whole answer; an error anywhere is a refusal.

mod breaker;
mod caller;
mod exchange;
mod front;
mod gateway;
mod ledger;
mod lists;
mod metrics;
mod observations;
pub mod protocol;
mod recall;
mod refusals;
pub mod server;
mod trace;

pub use caller::KeyReader;
pub use exchange::Onlooker;
pub use gateway::{Gateway, Limits, Parts, Snapshot};
pub use lists::TermLists;
pub use metrics::Metrics;
pub use observations::{Observation, Observations};
pub use trace::Spans;
