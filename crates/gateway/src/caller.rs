//! Who calls: the agent key, and the headers that this gateway reads.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use terms::{Code, Digest, WorkforceId};

use crate::protocol::{bedrock_headers, is_beta, is_date};

/// Reads agent keys without knowing what they are made of. The binary wires the crate that does.
pub trait KeyReader: Send + Sync {
    /// The public part by which the register finds the key; `None` if it is no agent key.
    fn id(&self, presented: &str) -> Option<String>;

    /// Whether this is the key of which `kept` is the digest; compared in constant time.
    fn matches(&self, presented: &str, kept: &Digest) -> bool;
}

/// What the caller's headers say.
pub(crate) struct Headers<'a> {
    /// The agent key.
    pub key: &'a str,
    /// The workforce member on whose behalf the agent acts.
    pub on_behalf_of: Option<WorkforceId>,
    /// The conversation, as the caller names it.
    pub session: Option<&'a str>,
    /// `anthropic-version`
    pub anthropic_version: Option<&'a str>,
    /// `anthropic-beta`
    pub anthropic_beta: Option<&'a str>,
    /// Settings of Bedrock's, each a word of a closed list.
    pub bedrock: Vec<(HeaderName, HeaderValue)>,
}

/// Where the vendors' own clients put a key that is theirs alone. That of a signed request (AWS Signature Version 4)
/// stands in the session token, which goes along in clear: the signature is not looked at.
const KEYS: [HeaderName; 4] = [
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-goog-api-key"),
    HeaderName::from_static("x-amz-security-token"),
];
const ON_BEHALF_OF: HeaderName = HeaderName::from_static("chaperon-on-behalf-of");
const SESSION: HeaderName = HeaderName::from_static("chaperon-session");
const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const ANTHROPIC_BETA: HeaderName = HeaderName::from_static("anthropic-beta");

impl<'a> Headers<'a> {
    /// Reads the headers; one that comes twice or in a wrong form is refused.
    pub(crate) fn read(headers: &'a HeaderMap) -> Result<Self, Code> {
        let key = key(headers)?;
        let on_behalf_of = once(headers, &ON_BEHALF_OF)?.map(str::parse).transpose();
        Ok(Self {
            key,
            on_behalf_of: on_behalf_of.map_err(|_invalid| Code::HEADER_INVALID)?,
            session: once(headers, &SESSION)?.map(session).transpose()?,
            anthropic_version: once(headers, &ANTHROPIC_VERSION)?.map(version).transpose()?,
            anthropic_beta: once(headers, &ANTHROPIC_BETA)?.map(betas).transpose()?,
            bedrock: bedrock_headers(headers)?,
        })
    }
}

/// The one key; a client may send the same in two ways.
fn key(headers: &HeaderMap) -> Result<&str, Code> {
    let mut found = once(headers, &header::AUTHORIZATION)?.map(bearer).transpose()?.flatten();
    for name in &KEYS {
        match (found, once(headers, name)?) {
            (Some(one), Some(other)) if one != other => return Err(Code::HEADER_INVALID),
            (None, Some(key)) => found = Some(key),
            _ => {}
        }
    }
    found.ok_or(Code::KEY_MISSING)
}

fn once<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Code> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Code::HEADER_INVALID);
    }
    first.map(|value| value.to_str().map_err(|_not_ascii| Code::HEADER_INVALID)).transpose()
}

/// The key of `Authorization: Bearer`; none in a signature.
fn bearer(value: &str) -> Result<Option<&str>, Code> {
    match value.split_once(' ').ok_or(Code::HEADER_INVALID)? {
        (scheme, key) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(key.trim())),
        ("AWS4-HMAC-SHA256", _) => Ok(None),
        _ => Err(Code::HEADER_INVALID),
    }
}

fn session(value: &str) -> Result<&str, Code> {
    if is_session(value) { Ok(value) } else { Err(Code::HEADER_INVALID) }
}

/// Whether a caller may name a session so.
pub(crate) fn is_session(name: &str) -> bool {
    (1..=256).contains(&name.len()) && name.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'))
}

/// `anthropic-version` is a date.
fn version(value: &str) -> Result<&str, Code> {
    if is_date(value) { Ok(value) } else { Err(Code::HEADER_INVALID) }
}

/// `anthropic-beta` is a list of feature names. It goes to the vendor, so whatever is not one is refused: the name or the
/// number of a patient, for two.
fn betas(value: &str) -> Result<&str, Code> {
    let is_one = |beta: &str| is_beta(beta.trim_matches(' '));
    if value.len() <= 512 && value.split(',').all(is_one) { Ok(value) } else { Err(Code::HEADER_INVALID) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    fn code(pairs: &[(&'static str, &'static str)]) -> Option<Code> {
        Headers::read(&headers(pairs)).err()
    }

    #[test]
    fn the_key_may_come_either_way_but_not_as_two() {
        assert_eq!(
            Headers::read(&headers(&[("authorization", "Bearer chp_a")])).map(|h| h.key).ok(),
            Some("chp_a")
        );
        assert_eq!(Headers::read(&headers(&[("x-api-key", "chp_a")])).map(|h| h.key).ok(), Some("chp_a"));
        assert_eq!(code(&[("x-api-key", "chp_a"), ("authorization", "bearer chp_a")]), None);
        assert_eq!(
            code(&[("x-api-key", "chp_a"), ("authorization", "Bearer chp_b")]),
            Some(Code::HEADER_INVALID)
        );
        assert_eq!(code(&[]), Some(Code::KEY_MISSING));
        for name in ["api-key", "x-goog-api-key", "x-amz-security-token"] {
            assert_eq!(code(&[(name, "chp_a")]), None, "{name}");
            assert_eq!(
                code(&[(name, "chp_a"), ("x-api-key", "chp_b")]),
                Some(Code::HEADER_INVALID),
                "{name}"
            );
        }
        let signed = ("authorization", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0");
        assert_eq!(code(&[signed]), Some(Code::KEY_MISSING));
        assert_eq!(code(&[signed, ("x-amz-security-token", "chp_a")]), None);
        assert_eq!(code(&[("authorization", "Basic eDp5")]), Some(Code::HEADER_INVALID));
    }

    #[test]
    fn what_goes_to_the_vendor_has_the_form_of_a_feature_name() {
        let with = |value| code(&[("x-api-key", "k"), ("anthropic-beta", value)]);
        assert_eq!(with("prompt-caching-2024-07-31, context-1m-2025-08-07"), None);
        for bad in [
            "mrn-48213377-2025-01-01",
            "maria-alvarez-2024-01-01",
            "{\"mrn\":1}",
            "48213377",
            "-2025-01-01",
            "2025-01-01",
            "a b-2025-01-01",
        ] {
            assert_eq!(with(bad), Some(Code::HEADER_INVALID), "{bad}");
        }
        assert_eq!(code(&[("x-api-key", "k"), ("anthropic-version", "2023-06-01")]), None);
        assert_eq!(
            code(&[("x-api-key", "k"), ("anthropic-version", "48213377")]),
            Some(Code::HEADER_INVALID)
        );
    }

    #[test]
    fn a_header_that_comes_twice_is_refused() {
        let twice = [("x-api-key", "k"), ("chaperon-session", "a"), ("chaperon-session", "b")];
        assert_eq!(code(&twice), Some(Code::HEADER_INVALID));
    }
}
