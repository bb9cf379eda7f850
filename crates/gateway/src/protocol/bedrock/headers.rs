//! Settings that Bedrock's clients send as headers.
//!
//! Source: Amazon Bedrock's API reference, `InvokeModel`.

use http::{HeaderMap, HeaderName, HeaderValue};
use terms::Code;

/// Settings whose values are words, with the words.
const SETTINGS: [(HeaderName, &[&str]); 3] = [
    (HeaderName::from_static("x-amzn-bedrock-performanceconfig-latency"), &["standard", "optimized"]),
    (HeaderName::from_static("x-amzn-bedrock-service-tier"), &["default", "flex", "priority", "reserved"]),
    (HeaderName::from_static("x-amzn-bedrock-trace"), &["DISABLED", "ENABLED", "ENABLED_FULL"]),
];

/// A guardrail that were left out without a word would be missed, so it is refused; `converse` takes it in its body.
const GUARDRAIL: [HeaderName; 2] = [
    HeaderName::from_static("x-amzn-bedrock-guardrailidentifier"),
    HeaderName::from_static("x-amzn-bedrock-guardrailversion"),
];

/// The settings of a request that go on to the vendor, each a word of a closed list.
pub(crate) fn headers(sent: &HeaderMap) -> Result<Vec<(HeaderName, HeaderValue)>, Code> {
    if GUARDRAIL.iter().any(|name| sent.contains_key(name)) {
        return Err(Code::HEADER_INVALID);
    }
    let mut settings = Vec::new();
    for (name, words) in SETTINGS {
        let mut values = sent.get_all(&name).iter();
        let Some(value) = values.next() else { continue };
        let word = words.iter().find(|word| value.as_bytes() == word.as_bytes());
        match (word, values.next()) {
            (Some(word), None) => settings.push((name, HeaderValue::from_static(word))),
            _ => return Err(Code::HEADER_INVALID),
        }
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_words_and_a_guardrail_is_refused() {
        let read = |name: &'static str, value: &'static str| {
            let mut sent = HeaderMap::new();
            sent.insert(name, HeaderValue::from_static(value));
            headers(&sent).map(|settings| settings.len())
        };
        assert_eq!(read("x-amzn-bedrock-performanceconfig-latency", "optimized"), Ok(1));
        assert_eq!(
            read("x-amzn-bedrock-performanceconfig-latency", "219-09-9962"),
            Err(Code::HEADER_INVALID)
        );
        assert_eq!(read("x-amzn-bedrock-guardrailidentifier", "g"), Err(Code::HEADER_INVALID));
        assert_eq!(read("x-amz-date", "20260101T000000Z"), Ok(0));
    }
}
