//! What the answers of a service say of it, in headers of a closed list, against its row.

use serde::{Deserialize, Serialize};
use terms::Name;

use super::compare::{Mismatch, Severity};
use crate::Service;

/// Azure's: the region that answered, for instance `East US`.
const REGION: &str = "x-ms-region";
/// xAI's: whether zero data retention is on, `true` or `false`.
const ZERO_RETENTION: &str = "x-zero-data-retention";
/// No region has a longer name.
const LONGEST: usize = 40;

/// What was seen last. Nothing of it covers anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The region, in lower case without blanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whether nothing is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zero_retention: Option<bool>,
}

impl Seen {
    /// Reads the headers of an answer; of all others none is looked at, and a value of another form is none.
    pub fn read<'a>(header: impl Fn(&str) -> Option<&'a [u8]>) -> Self {
        let zero_retention = match header(ZERO_RETENTION) {
            Some(b"true") => Some(true),
            Some(b"false") => Some(false),
            _ => None,
        };
        Self { region: header(REGION).and_then(region), zero_retention }
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What does not fit the row.
    pub fn compare(&self, id: &Name, service: &Service) -> Vec<Mismatch> {
        let mut found = Vec::new();
        if let (Some(seen), Some(said)) = (&self.region, &service.region)
            && !fits(seen, said.as_str())
        {
            found.push(Mismatch {
                word: "observed-region",
                severity: Severity::Look,
                found: format!("the row says region `{said}`, its answers come from `{seen}`"),
                help: format!(
                    "`chaperon service add {id} --replace` with `--region`, or move what serves it"
                ),
            });
        }
        let says_zero = service.retention_mode.as_ref().is_some_and(|mode| mode.as_str() == "zero");
        if says_zero && self.zero_retention == Some(false) {
            found.push(Mismatch {
                word: "observed-retention",
                severity: Severity::Wrong,
                found: "the row says retention mode `zero`, its answers say that zero retention is off"
                    .to_owned(),
                help: format!(
                    "have it switched on, or `chaperon service add {id} --replace` with `--retention`"
                ),
            });
        }
        found
    }
}

fn region(value: &[u8]) -> Option<String> {
    let text = str::from_utf8(value).ok()?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b' ');
    if text.len() > LONGEST || !text.bytes().all(plain) {
        return None;
    }
    let region: String = text.chars().filter(|c| *c != ' ').collect();
    (!region.is_empty()).then(|| region.to_ascii_lowercase())
}

/// Whether a region is the one that a row says, or says it at its beginning or end: `eastus2` is in `us`.
fn fits(seen: &str, said: &str) -> bool {
    let letters = |name: &str| name.replace(['-', '_', '.'], "");
    let (seen, said) = (letters(seen), letters(said));
    let place = seen.trim_end_matches(|c: char| c.is_ascii_digit());
    seen == said || place.ends_with(&said) || place.starts_with(&said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(region: &str, zero: &str) -> Seen {
        Seen::read(|name| match name {
            REGION => Some(region.as_bytes()),
            ZERO_RETENTION => Some(zero.as_bytes()),
            _ => None,
        })
    }

    fn service(region: &str, mode: &str) -> Service {
        serde_json::from_value(serde_json::json!({
            "vendor": "v", "product": "p", "protocols": ["openai"], "endpoint": "https://x.example/v1",
            "region": region, "retention_mode": mode, "models": [{ "name": "m" }],
        }))
        .unwrap()
    }

    #[test]
    fn only_values_of_their_form_are_kept() {
        assert_eq!(
            seen("East US 2", "true"),
            Seen { region: Some("eastus2".into()), zero_retention: Some(true) }
        );
        for odd in ["", "   ", "East\u{1b}US", "a,b", &"x".repeat(41), "Málaga"] {
            assert!(seen(odd, "perhaps").is_empty(), "{odd}");
        }
        assert!(Seen::read(|_| None).is_empty());
    }

    #[test]
    fn what_answers_say_is_held_against_the_row() {
        let words = |seen: &Seen, region: &str, mode: &str| -> Vec<&'static str> {
            let found = seen.compare(&"s".parse().unwrap(), &service(region, mode));
            found.iter().map(|mismatch| mismatch.word).collect()
        };
        let here = seen("East US 2", "false");
        assert_eq!(words(&here, "eastus2", "30-days"), [] as [&str; 0]);
        assert_eq!(words(&here, "us", "30-days"), [] as [&str; 0]);
        assert_eq!(words(&here, "east-us-2", "30-days"), [] as [&str; 0]);
        assert_eq!(words(&here, "eu", "30-days"), ["observed-region"]);
        assert_eq!(words(&here, "us", "zero"), ["observed-retention"]);
        assert_eq!(words(&seen("Australia East", "true"), "us", "zero"), ["observed-region"]);
        assert_eq!(words(&Seen::default(), "us", "zero"), [] as [&str; 0]);
    }
}
