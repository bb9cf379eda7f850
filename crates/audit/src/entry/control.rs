//! Control entries: what happened to the house itself. Plain, so that they outlive every key, and free of PHI.

use serde::{Deserialize, Serialize};
use terms::{AgentId, EngagementId, FindingCounts, RowVersion, UtcMillis, Verdict};

/// What happened to the house. Written in the clear: it must hold no PHI and no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Control {
    /// The house started. Written by the journal itself.
    Start {
        /// version of the house
        house: String,
        /// exchanges of the last run that are closed as interrupted now
        interrupted: u64,
        /// bytes of a torn write that were cut off
        torn_bytes: u64,
    },
    /// The house stopped in order, and no exchange is open. Written by the journal itself.
    Stop {
        /// exchanges that were still open and were closed as interrupted
        interrupted: u64,
    },
    /// A row of a register was added, in a new version.
    RegisterChange {
        /// the engagement, where the register belongs to one
        #[serde(default, skip_serializing_if = "Option::is_none")]
        engagement: Option<EngagementId>,
        /// the kind of row: `agreement`, `service`, `agent`
        register: String,
        /// the row's identity
        id: String,
        /// its new version
        version: RowVersion,
        /// who changed it
        author: String,
        /// why
        reason: String,
    },
    /// The configuration or a set of policies was loaded.
    ConfigChange {
        /// what was loaded: `config`, `policy`
        part: String,
        /// SHA-256 over what was loaded, in hexadecimal
        digest: String,
        /// who loaded it
        author: String,
    },
    /// Arrivals that were refused before a decision, counted together.
    RefusedArrivals {
        /// the stable code of the refusals
        code: String,
        /// how many
        count: u64,
        /// the first of them
        since: UtcMillis,
        /// the last of them
        until: UtcMillis,
    },
    /// Somebody was shown what would become of a request. Nothing was sent: this is no exchange and no disclosure.
    Preview {
        /// the engagement
        engagement: EngagementId,
        /// the agent that would have sent it
        agent: AgentId,
        /// who was shown it: the identity of the agent key, never the key, or the user of the operating system
        by: String,
        /// what would have been decided
        verdict: Verdict,
        /// the stable code of the first reason
        code: String,
    },
    /// Files or a stream are about to be de-identified on the command line, and nothing of that is written yet.
    DeidentificationBegun {
        /// the engagement
        engagement: EngagementId,
        /// the run, by which begin and end are told to belong together
        run: String,
        /// the user of the operating system
        by: String,
        /// the detector's version
        detector: String,
        /// the operating point
        operating_point: String,
        /// what is done to findings, as the command line says it
        treatments: String,
        /// how many files; a stream is one
        files: u64,
    },
    /// It has ended. Of what was found there are counts only.
    DeidentificationEnded {
        /// the engagement
        engagement: EngagementId,
        /// the run
        run: String,
        /// the user of the operating system
        by: String,
        /// files that are done, those of an earlier run that still hold among them
        files: u64,
        /// files that could not be done
        failed: u64,
        /// findings by class
        counts: FindingCounts,
        /// SHA-256 of the manifest in hexadecimal; a stream has none
        #[serde(default, skip_serializing_if = "Option::is_none")]
        manifest: Option<String>,
    },
}

impl Control {
    /// Whether only the journal itself may write it.
    pub(crate) const fn is_reserved(&self) -> bool {
        matches!(self, Self::Start { .. } | Self::Stop { .. })
    }
}
