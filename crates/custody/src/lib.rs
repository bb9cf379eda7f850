//! What is held of patients between requests: today, the surrogates of conversations.
//!
//! What it does: finds the session that a request goes on with, issues surrogates that stay the same through a
//! conversation, tells whether an opaque part was issued in it, and keeps what a session remembers, sealed, for as
//! long as the session lives.
//! What it does not: SQL and sockets (it owns its port, [`SessionStore`]); restoring. A session gives stability,
//! never authority: only what was issued while transforming a request is restored in its answer.
//!
//! Invariants: the engagement leads every look-up; a session is found by its whole conversation or by a header
//! bound to its owner; a branch never learns what was said after it left; of an opaque part only a keyed digest is
//! kept; what a session remembers is stored sealed under its own key, which ends with the session.

mod chain;
mod draw;
mod entry;
mod issue;
mod live;
mod loose;
mod memory;
mod owner;
mod port;
mod remembered;
mod sessions;
mod turn;
mod writing;

pub use loose::Loose;
pub use owner::{CanonicalMessage, SessionLimits, SessionOwner};
pub use port::{CustodyError, SealedEntries, SessionPoint, SessionRecord, SessionStore, SessionUpdate};
pub use sessions::Sessions;
pub use turn::{Opaque, Turn};
