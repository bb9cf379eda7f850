//! For maintainers: checks `data/vendors.json` and signs it.
//!
//! ```sh
//! cargo run -p governance --example sign_facts -- KEY           # writes data/vendors.json.sig
//! cargo run -p governance --example sign_facts -- KEY --new     # makes KEY first, and writes data/facts.vkey
//! ```
//!
//! KEY is a file of mode 0600 outside the repository: an Ed25519 seed, 32 bytes in base64. With a new key, facts
//! that are signed with the old one are refused by builds from then on.
#![expect(clippy::print_stderr, reason = "a tool of maintainers")]

use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use governance::facts::Facts;
use sha2::{Digest as _, Sha256};

/// The name of the key in signed notes.
const NAME: &str = "chaperon-facts";
/// Ed25519 in signed notes.
const ED25519: u8 = 1;

type Done<T> = Result<T, Box<dyn Error>>;

fn main() -> Done<()> {
    let mut arguments = std::env::args().skip(1);
    let key = PathBuf::from(arguments.next().ok_or("name the file of the key")?);
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    match arguments.next().as_deref() {
        None => {}
        Some("--new") => make(&key)?,
        Some(_) => return Err("the only option is --new".into()),
    }
    let pair = read(&key)?;
    fs::write(data.join("facts.vkey"), verifier_key(&pair))?;
    let text = fs::read_to_string(data.join("vendors.json"))?;
    if !text.ends_with('\n') {
        return Err("vendors.json ends with a newline".into());
    }
    let facts = Facts::read(&text)?;
    let mut signature = key_hash(&pair).to_vec();
    signature.extend_from_slice(&pair.sign(text.as_bytes()).to_bytes());
    let line = format!("\u{2014} {NAME} {}\n", STANDARD.encode(signature));
    fs::write(data.join("vendors.json.sig"), line)?;
    eprintln!("signed: {} offerings", facts.offerings.len());
    Ok(())
}

fn make(path: &Path) -> Done<()> {
    let mut seed = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut seed)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", STANDARD.encode(seed))?;
    Ok(())
}

fn read(path: &Path) -> Done<SigningKey> {
    let seed = STANDARD.decode(fs::read_to_string(path)?.trim_end())?;
    Ok(SigningKey::from_bytes(&seed.try_into().map_err(|_| "the key is 32 bytes in base64")?))
}

/// The first four bytes of SHA-256 over name, newline, algorithm and key (C2SP signed-note).
fn key_hash(pair: &SigningKey) -> [u8; 4] {
    let key = pair.verifying_key();
    let hash: [u8; 32] = Sha256::new()
        .chain_update(NAME)
        .chain_update([b'\n', ED25519])
        .chain_update(key.as_bytes())
        .finalize()
        .into();
    let [a, b, c, d, ..] = hash;
    [a, b, c, d]
}

fn verifier_key(pair: &SigningKey) -> String {
    let mut typed = vec![ED25519];
    typed.extend_from_slice(pair.verifying_key().as_bytes());
    format!("{NAME}+{:08x}+{}\n", u32::from_be_bytes(key_hash(pair)), STANDARD.encode(typed))
}
