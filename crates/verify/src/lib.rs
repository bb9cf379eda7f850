//! Verifies a journal of Chaperon offline, without trusting the house that wrote it.
//!
//! Written from `docs/formats/journal.md` alone; it shares no code with the writer and needs no key but the public
//! one. It checks every frame, the Merkle tree over them (RFC 6962), and every signed checkpoint (C2SP
//! tlog-checkpoint and signed-note). It does not decrypt: what an entry says is the reader's business.
//!
//! Read in this order: [`frame`] (bytes to fields), [`tree`] (hashes), [`note`] (signatures), [`checkpoints`] (which
//! of them there are), [`journal`] (the walk over all of it), [`report`] (what is said at the end).

pub mod checkpoints;
pub mod crc32c;
pub mod frame;
pub mod journal;
pub mod note;
pub mod report;
pub mod tree;

pub use journal::verify;
pub use report::{Kind, Report, Unverifiable, Verdict, Wrong};
