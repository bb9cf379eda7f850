//! The data plane: the way of one request, from the caller to the vendor and back.

mod caller;
mod metrics;
pub mod server;

pub use caller::KeyReader;
pub use metrics::Metrics;
