//! The only home of key bytes.
//!
//! What it does: keeps the keyring (root key, engagement keys with their epochs, segment keys, the log's signing
//! key), seals and unseals for other rooms through the traits of `terms`, makes and checks agent keys.
//! What it does not: any network; deciding who may use a key; locking the data directory. Two processes must not
//! write one keyring: the lock of the data directory, which the binary holds, guards it.
//!
//! Invariants: no key has `Debug`, `Display` or `Serialize`; a key that was handed out is durable in the keyring; a
//! key never serves two uses; key bytes are zeroized when dropped; a file that others may read is refused.
//!
//! The files are described in `docs/formats/keyring.md`.
//!
//! ```no_run
//! # fn open(clock: std::sync::Arc<dyn terms::Clock>) -> Result<(), keys::KeyError> {
//! use std::path::{Path, PathBuf};
//! let root = keys::RootSource::File(PathBuf::from("data/keys/root.key"));
//! let keyring = keys::Keyring::create(Path::new("data/keys"), root, clock, std::sync::Arc::new(keys::OsRandom))?;
//! # let Ok(engagement) = "mercy-west".parse() else { return Ok(()) };
//! keyring.ensure_engagement(&engagement)?;
//! # Ok(())
//! # }
//! ```

mod agent_key;
mod engagement;
mod error;
mod file;
mod format;
mod keyring;
mod passphrase;
mod process;
mod root;
mod secret;
mod segment;
mod signer;
mod vault;

pub use agent_key::{AgentKey, NotAnAgentKey};
pub use error::KeyError;
pub use file::open_to_others;
pub use format::RootKind;
pub use keyring::{EngagementState, EpochState, Keyring, Summary};
pub use process::{OsRandom, harden_process};
pub use root::RootSource;
