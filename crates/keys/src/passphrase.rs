//! A root key out of a passphrase.

use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use terms::Randomness;
use zeroize::Zeroizing;

use crate::KeyError;
use crate::format::{self, Blob};
use crate::secret::Secret;

const FORMAT: &str = "chaperon-root";
/// Shorter ones are guessed whatever the stretching.
const SHORTEST: usize = 12;
/// The second recommended choice of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// A file that asks for more than this is taken for damaged.
const MOST_MEMORY_KIB: u32 = 4 * 1024 * 1024;
const MOST_PASSES: u32 = 100;

/// The parameters, as `root.json` keeps them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    format: String,
    version: u32,
    kdf: Kdf,
    kdf_version: u32,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: Blob,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kdf {
    Argon2id,
}

pub(crate) fn check_length(passphrase: &str) -> Result<(), KeyError> {
    if passphrase.chars().count() < SHORTEST {
        return Err(KeyError::PassphraseShort(SHORTEST));
    }
    Ok(())
}

/// The content of a new parameter file, with a random salt.
pub(crate) fn fresh(randomness: &dyn Randomness) -> Vec<u8> {
    let mut salt = [0; 16];
    randomness.fill(&mut salt);
    format::pretty(&Parameters {
        format: FORMAT.to_owned(),
        version: format::VERSION,
        kdf: Kdf::Argon2id,
        kdf_version: Version::V0x13.into(),
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: LANES,
        salt: Blob(salt.to_vec()),
    })
}

/// The root key: Argon2id (RFC 9106) version 0x13, 32 bytes, without secret or associated data.
pub(crate) fn stretch(path: &Path, text: &[u8], passphrase: &str) -> Result<Secret, KeyError> {
    let parameters: Parameters = format::parse(path, text, FORMAT)?;
    let damaged = |_| KeyError::damaged(path, "its parameters are out of range");
    if parameters.memory_kib > MOST_MEMORY_KIB
        || parameters.passes > MOST_PASSES
        || parameters.kdf_version != u32::from(Version::V0x13)
    {
        return Err(KeyError::damaged(path, "its parameters are out of range"));
    }
    let Kdf::Argon2id = parameters.kdf;
    let costs = Params::new(parameters.memory_kib, parameters.passes, parameters.lanes, Some(32));
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, costs.map_err(damaged)?);
    let mut key = Zeroizing::new([0; 32]);
    argon2
        .hash_password_into(passphrase.as_bytes(), &parameters.salt.0, key.as_mut_slice())
        .map_err(damaged)?;
    Ok(Secret::from_bytes(key))
}
