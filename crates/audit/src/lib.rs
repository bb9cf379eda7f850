//! The record: what every agent did with whose data, durable before anything leaves, and hard to rewrite.
//!
//! It holds the types of entries, a Merkle log over their sealed bytes (RFC 6962), checkpoints signed as C2SP
//! tlog-checkpoint and signed-note write them, the journal that makes all of it durable, its recovery after a
//! crash, and a reader. The bytes on disk are described in `docs/formats/journal.md`; the independent verifier
//! is written from that page.
//!
//! It does not hold keys (they come through [`terms::SegmentKeys`] and [`terms::NoteSigner`]), has no index, and
//! opens no socket.
//!
//! Invariants:
//! * [`Journal::open`] returns only when its entry is durable (45 CFR 164.312(b));
//! * after a failed write or sync nothing is ever written to that file again, and every call is refused;
//! * a nonce never comes twice: it is the position, and the keys are fresh in every segment;
//! * no recovered segment is ever appended to;
//! * tree and checkpoints commit to ciphertext only, so that destroying a key leaves the proof whole.

mod checkpoint;
mod disk;
mod entry;
mod error;
mod frame;
mod journal;
mod layout;
mod note;
mod queue;
mod reader;
mod recover;
mod scan;
mod segment;
mod tree;
mod writer;

pub use disk::{Disk, DiskFile, DiskRead, OsDisk};
pub use entry::{
    Action, AgreementRef, Capped, Closing, Control, DecisionRecord, Destination, IdentifierRef, ListVersions,
    ModelNames, Opening, Outcome, PointerRef, PoolRef, ReasonRecord, ResidualRecord, Usage,
};
pub use error::{JournalError, ReadError, Tampering};
pub use frame::{Frame, FrameError, HEADER_BYTES, Header, Kind, MAX_PAYLOAD_BYTES, parse_frame};
pub use journal::{Figures, Journal, JournalConfig, Opened, Pace, Receipt, Recovered};
pub use note::{Checkpoint, verifier_key};
pub use reader::{Body, Exchange, Exchanges, KeyDeclared, Order, Reader, Record, Records};
pub use segment::SegmentHead;
pub use tree::{Frontier, empty_root, leaf_hash, node_hash};
