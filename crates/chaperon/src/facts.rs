//! What is known of vendors, once its signature was checked: built in, or a newer file.

use std::io::Read as _;
use std::path::Path;

use chaperon_verify::note::Key;
use governance::facts::{Facts, SHIPPED_FACTS, ShippedFacts};
use terms::{Code, UtcMillis};

use crate::failure::{Failure, why};

/// Facts that are older are shown with a warning.
const OLD_DAYS: u64 = 365;
/// A file of facts is no longer than this.
const MOST_BYTES: u64 = 4 << 20;

/// Facts that were signed, and where they are from.
pub(crate) struct Known {
    pub(crate) facts: Facts,
    /// For people: `built in`, or the file.
    pub(crate) from: String,
}

impl Known {
    /// How many days old the facts are, where that is too old to go by without reading the sources again.
    pub(crate) fn old(&self, now: UtcMillis) -> Option<u64> {
        Some(self.facts.age_days(now)).filter(|days| *days > OLD_DAYS)
    }
}

/// The facts to go by: those of `file`, where one is named, or those that are built in. A file that was not signed
/// with the key that is built in, that is not understood, or that is older than what is built in, is refused.
pub(crate) fn load(file: Option<&Path>) -> Result<Known, Failure> {
    load_beside(&SHIPPED_FACTS, file)
}

fn load_beside(shipped: &ShippedFacts, file: Option<&Path>) -> Result<Known, Failure> {
    let built_in = open("what is built in", shipped.key, shipped.text, shipped.signature)?;
    let Some(file) = file else {
        return Ok(Known { facts: built_in, from: "built in".to_owned() });
    };
    let shown = format!("`{}`", file.display());
    let mut beside = file.as_os_str().to_owned();
    beside.push(".sig");
    let facts = open(&shown, shipped.key, &read(file)?, &read(Path::new(&beside))?)?;
    if facts.as_of < built_in.as_of {
        let message = format!("{shown} is of {}, what is built in is of {}", facts.day(), built_in.day());
        return Err(Failure::coded(Code::FACTS_OUTDATED, message));
    }
    Ok(Known { facts, from: file.display().to_string() })
}

/// The signature first: nothing of an unsigned file is parsed.
fn open(what: &str, key: &str, text: &str, signature: &str) -> Result<Facts, Failure> {
    let untrusted = |why: &str| Failure::coded(Code::FACTS_UNTRUSTED, format!("{what}: {why}"));
    let key = Key::read(key).ok_or_else(|| untrusted("the key that is built in can't be read"))?;
    if !text.ends_with('\n') || key.signed(text, signature).is_err() {
        return Err(untrusted("the signature is not that of the built-in key over this file"));
    }
    Facts::read(text).map_err(|error| untrusted(&error.to_string()))
}

fn read(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let mut text = String::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text));
    match read {
        Err(error) => {
            let message = format!("`{shown}` can't be read: {}", why(&error));
            Err(Failure::coded(Code::FACTS_UNTRUSTED, message))
        }
        Ok(_) if text.len() as u64 > MOST_BYTES => {
            Err(Failure::coded(Code::FACTS_UNTRUSTED, format!("`{shown}` is longer than facts are")))
        }
        Ok(_) => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, signature: &str) -> String {
        open("it", SHIPPED_FACTS.key, text, signature).unwrap_err().text()
    }

    #[test]
    fn what_is_built_in_was_signed() {
        let known = load(None).unwrap();
        assert_eq!(known.from, "built in");
        assert!(known.facts.offering("openai-api").is_some());
        let after = |days: u64| UtcMillis(known.facts.as_of.0 + days * 86_400_000);
        assert_eq!((known.old(after(365)), known.old(after(366))), (None, Some(366)));
    }

    /// One bit of each 97th byte of the file, and of each byte of the signature.
    #[test]
    fn a_flipped_bit_is_refused() {
        let (text, signature) = (SHIPPED_FACTS.text, SHIPPED_FACTS.signature);
        let flipped = |text: &str, at: usize| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= 1;
            String::from_utf8(bytes).ok()
        };
        let mut tried = 0;
        for at in (0..text.len()).step_by(97) {
            let Some(changed) = flipped(text, at) else { continue };
            assert!(refused(&changed, signature).contains("facts-untrusted"), "byte {at}");
            tried += 1;
        }
        assert!(tried > 100, "{tried}");
        for at in 0..signature.len() {
            let Some(changed) = flipped(signature, at) else { continue };
            assert!(refused(text, &changed).contains("facts-untrusted"), "signature, byte {at}");
        }
        for changed in [text.trim_end(), &format!("{text}\n"), &format!(" {text}"), ""] {
            assert!(refused(changed, signature).contains("facts-untrusted"));
        }
        for none in ["", "\n", "no signature\n"] {
            assert!(refused(text, none).contains("facts-untrusted"));
        }
    }

    /// A file with its signature, by a key of the test's own.
    fn signed(folder: &Path, text: &str) -> std::path::PathBuf {
        let file = folder.join("vendors.json");
        std::fs::write(&file, text).unwrap();
        std::fs::write(folder.join("vendors.json.sig"), by_test_key(text).1).unwrap();
        file
    }

    /// The key, and its signature line.
    fn by_test_key(text: &str) -> (String, String) {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        use ed25519_dalek::Signer as _;
        use sha2::Digest as _;
        let pair = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        let typed = [&[1_u8][..], pair.verifying_key().as_bytes()].concat();
        let hash = sha2::Sha256::digest([b"chaperon-test\n", &typed[..]].concat());
        let number = u32::from_be_bytes(hash[..4].try_into().unwrap());
        let key = format!("chaperon-test+{number:08x}+{}\n", STANDARD.encode(&typed));
        let signature = [&hash[..4], &pair.sign(text.as_bytes()).to_bytes()].concat();
        (key, format!("\u{2014} chaperon-test {}\n", STANDARD.encode(signature)))
    }

    /// A build whose key is the test's, with facts of the day that is shipped.
    #[test]
    fn a_newer_file_is_taken_and_an_older_one_is_not() {
        let (key, signature) = by_test_key(SHIPPED_FACTS.text);
        let (key, signature): (&'static str, &'static str) = (key.leak(), signature.leak());
        let shipped = ShippedFacts { text: SHIPPED_FACTS.text, signature, key };
        let today = Facts::read(SHIPPED_FACTS.text).unwrap().day();
        let of = |day: &str| SHIPPED_FACTS.text.replace(&format!("\"{today}\""), &format!("\"{day}\""));
        let folder = tempfile::tempdir().unwrap();
        let given = |text: &str| load_beside(&shipped, Some(&signed(folder.path(), text)));
        assert_eq!(given(&of("2199-01-01")).unwrap().facts.day(), "2199-01-01");
        assert_eq!(given(&of(&today)).unwrap().facts.day(), today);
        assert!(given(&of("2026-01-01")).err().unwrap().text().contains("facts-outdated"));
        assert!(
            given(&of("2199-01-01").replace("openai-api", "x y")).err().unwrap().text().contains("untrusted")
        );
        let other = load(Some(&signed(folder.path(), &of("2199-01-01"))));
        assert!(
            other.err().unwrap().text().contains("facts-untrusted"),
            "the build's own key did not sign it"
        );
    }

    #[test]
    fn a_file_needs_its_signature_and_may_be_what_is_built_in() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vendors.json");
        let failed = |file: &Path| load(Some(file)).err().unwrap().text();
        assert!(failed(&file).contains("can't be read"));
        std::fs::write(&file, SHIPPED_FACTS.text).unwrap();
        assert!(failed(&file).contains("vendors.json.sig"));
        std::fs::write(folder.path().join("vendors.json.sig"), SHIPPED_FACTS.signature).unwrap();
        assert!(load(Some(&file)).unwrap().from.ends_with("vendors.json"));
        std::fs::write(&file, SHIPPED_FACTS.text.replace("on-request", "yes")).unwrap();
        assert!(failed(&file).contains("facts-untrusted"));
    }
}
