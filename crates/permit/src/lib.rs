//! No decision, no record, no egress.
//!
//! A [`Permit`] exists only where policy permitted **and** the opening entry is durable; a [`Cleared`] exists only
//! where content was transformed under such a permit. Neither has a public constructor, so that any other order
//! fails to compile:
//!
//! ```compile_fail
//! fn forge(opened: audit::Opened, decision: terms::Decision) -> permit::Permit {
//!     permit::Permit { decision, opened }
//! }
//! ```
//!
//! What it does not: decide, write, send.

mod cleared;
mod destination;

pub use cleared::{Cleared, NotCleared};
pub use destination::{Access, Credential, CredentialHeader, Destination, Issuer, MayConnect, Source};

use audit::Opened;
use terms::{Decision, ExchangeId, Obligations, Verdict};

/// A decision that permits, with its opening entry on the record.
pub struct Permit {
    decision: Decision,
    opened: Opened,
}

/// A decision that denies, with its opening entry, which is still to be closed.
pub struct Denied {
    /// The decision.
    pub decision: Decision,
    /// The entry that must be closed as refused.
    pub opened: Opened,
}

impl Permit {
    /// Turns a decision on record into a permit, or into a denial: if that is what it says, and also if the record
    /// holds another decision.
    pub fn grant(decision: Decision, opened: Opened) -> Result<Self, Box<Denied>> {
        match decision.verdict {
            Verdict::Permit if *opened.decision() == decision.id => Ok(Self { decision, opened }),
            _ => Err(Box::new(Denied { decision, opened })),
        }
    }

    /// What the permit obliges to.
    pub const fn obligations(&self) -> &Obligations {
        &self.decision.obligations
    }

    /// The decision behind the permit.
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The exchange that the permit is for.
    pub const fn exchange(&self) -> ExchangeId {
        self.opened.exchange()
    }

    /// Where the opening entry is on the record.
    pub const fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Ends the permit: nothing can be cleared under it any more, and its entry can be closed.
    pub fn end(self) -> Opened {
        self.opened
    }
}
