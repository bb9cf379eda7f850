//! Addresses with places to fill: `https://{region}.api.example.com/v1`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use terms::Name;

use crate::value::{Endpoint, InvalidValue, as_text};

const REGION: &str = "region";
const HOLES: [&str; 3] = [REGION, "resource", "project"];

/// The form of a vendor's base addresses: an [`Endpoint`] in which `{region}`, `{resource}` and `{project}` stand
/// for names without a dot or a slash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressForm {
    text: Box<str>,
    host: Vec<Piece>,
    path: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(Box<str>),
    Hole(&'static str),
}

impl AddressForm {
    /// Whether the host of `endpoint` is of this form: the region that it shows, if it shows one.
    pub fn host_of<'a>(&self, endpoint: &'a Endpoint) -> Option<Option<&'a str>> {
        endpoint.tls().then_some(())?;
        let mut region = None;
        matches(&self.host, endpoint.host(), &mut region).then_some(region)
    }

    /// Whether the path of `endpoint` is of this form too.
    pub fn path_of(&self, endpoint: &Endpoint) -> bool {
        matches(&self.path, endpoint.path(), &mut None)
    }

    /// Whether the host shows a region.
    pub fn has_region(&self) -> bool {
        self.host.contains(&Piece::Hole(REGION))
    }

    /// The address for a region, where nothing else is left to fill.
    pub fn fill(&self, region: Option<&Name>) -> Option<Endpoint> {
        let region = region.map_or("{region}", Name::as_str);
        // a place that is left makes no host and no address
        let filled = self.text.replace("{region}", region);
        if filled.contains('{') { None } else { filled.parse().ok() }
    }
}

/// Whether the pieces are the whole text; the first region on the way is told.
fn matches<'a>(pieces: &[Piece], text: &'a str, region: &mut Option<&'a str>) -> bool {
    match pieces.split_first() {
        None => text.is_empty(),
        Some((Piece::Literal(literal), rest)) => {
            text.strip_prefix(&**literal).is_some_and(|text| matches(rest, text, region))
        }
        Some((Piece::Hole(hole), rest)) => {
            let name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
            let longest = text.bytes().take_while(|b| name(b)).count();
            (1..=longest).rev().any(|length| {
                let Some((value, tail)) = text.split_at_checked(length) else { return false };
                let found = matches(rest, tail, region);
                if found && *hole == REGION && region.is_none() {
                    *region = Some(value);
                }
                found
            })
        }
    }
}

fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((literal, behind)) = rest.split_once('{') {
        let (hole, tail) = behind.split_once('}')?;
        let hole = HOLES.into_iter().find(|known| *known == hole)?;
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal.into()));
        }
        pieces.push(Piece::Hole(hole));
        rest = tail;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest.into()));
    }
    Some(pieces)
}

impl FromStr for AddressForm {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected =
            InvalidValue::expected("an https address, with {region}, {resource} or {project} to fill");
        let mut sample = text.to_owned();
        for hole in HOLES {
            sample = sample.replace(&format!("{{{hole}}}"), "x");
        }
        let endpoint: Endpoint = sample.parse().map_err(|_| expected)?;
        if !endpoint.tls() || endpoint.port() != 443 || endpoint.to_string() != sample {
            return Err(expected);
        }
        let address = text.strip_prefix("https://").ok_or(expected)?;
        let (host, path) = address.split_at(address.find('/').unwrap_or(address.len()));
        let (host, path) = (pieces(host).ok_or(expected)?, pieces(path).ok_or(expected)?);
        Ok(Self { text: text.into(), host, path })
    }
}

impl fmt::Display for AddressForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

as_text!(AddressForm);

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> AddressForm {
        text.parse().unwrap()
    }

    #[test]
    fn a_host_shows_its_region_and_no_other_host_is_taken_for_it() {
        let bedrock = form("https://bedrock-runtime.{region}.amazonaws.com");
        let host = |address: &str| {
            let endpoint: Endpoint = address.parse().unwrap();
            bedrock.host_of(&endpoint).map(|region| region.map(str::to_owned))
        };
        let region = host("https://bedrock-runtime.us-east-1.amazonaws.com");
        assert_eq!(region, Some(Some("us-east-1".into())));
        for other in [
            "https://bedrock-runtime.us-east-1.amazonaws.com.example.com",
            "https://bedrock-runtime.us.east.amazonaws.com",
            "https://bedrock-runtime..amazonaws.com",
            "https://x.bedrock-runtime.us-east-1.amazonaws.com",
            "http://127.0.0.1:8080",
        ] {
            assert_eq!(host(other), None, "{other}");
        }
        let vertex =
            form("https://{region}-aiplatform.googleapis.com/v1/projects/{project}/locations/{region}");
        let endpoint: Endpoint =
            "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1"
                .parse()
                .unwrap();
        assert_eq!(vertex.host_of(&endpoint), Some(Some("us-central1")));
        assert!(vertex.path_of(&endpoint));
        assert!(!vertex.path_of(&"https://x.example.com/v1/projects/p".parse().unwrap()));
    }

    #[test]
    fn what_is_filled_is_an_address() {
        let region = "eu".parse().unwrap();
        let filled = form("https://{region}.api.example.com/v1").fill(Some(&region)).unwrap();
        assert_eq!(filled.to_string(), "https://eu.api.example.com/v1");
        assert_eq!(form("https://{region}.api.example.com/v1").fill(None), None);
        assert_eq!(form("https://{resource}.example.com").fill(Some(&region)), None);
        assert_eq!(form("https://api.example.com").fill(None).unwrap().host(), "api.example.com");
    }

    #[test]
    fn only_known_places_in_an_https_address_are_a_form() {
        for bad in [
            "http://localhost/v1",
            "https://{other}.example.com",
            "https://{region.example.com",
            "https://api.example.com:8443",
            "https://API.example.com",
            "https://api.example.com/v1/",
            "api.example.com",
            "",
        ] {
            assert!(bad.parse::<AddressForm>().is_err(), "{bad}");
        }
    }
}
