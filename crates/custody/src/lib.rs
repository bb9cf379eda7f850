//! What is held of patients between requests: today, the surrogates of conversations.
//!
//! Owns its port ([`SessionStore`]); never SQL, never sockets.

mod port;

pub use port::{CustodyError, SealedMapping, SessionPoint, SessionRecord, SessionStore, SessionUpdate};
