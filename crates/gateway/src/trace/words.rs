//! The words of the GenAI semantic conventions for what the house knows. Texts of vendors become words of a list.

use governance::ModelName;

/// `gen_ai.provider.name`: whose protocol the service speaks.
pub(super) const fn provider(spoken: governance::Protocol) -> &'static str {
    match spoken {
        governance::Protocol::AzureOpenai => "azure.ai.openai",
        governance::Protocol::Bedrock => "aws.bedrock",
        governance::Protocol::Gemini => "gcp.gemini",
        _ => spoken.as_str(),
    }
}

/// Why models stop, in every protocol's own word.
const FINISHES: &[&str] = &[
    "stop",
    "length",
    "content_filter",
    "tool_calls",
    "function_call",
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
    "guardrail_intervened",
    "content_filtered",
    "completed",
    "incomplete",
    "failed",
    "cancelled",
    "max_output_tokens",
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
];

/// `gen_ai.response.finish_reasons`: a word of the protocols; anything else is `other`.
pub(super) fn finish(said: &str) -> &'static str {
    FINISHES.iter().find(|word| **word == said).copied().unwrap_or("other")
}

/// `gen_ai.response.model`: the name that the register has, or that name and a date, as vendors name the version behind
/// an alias. Anything else is a text of the vendor, and not told.
pub(super) fn reported(said: &str, asked: &str) -> Option<ModelName> {
    let rest = said.strip_prefix(asked)?;
    let dated = |date: &str| match date.len() {
        8 => date.starts_with("20") && date.bytes().all(|byte| byte.is_ascii_digit()),
        10 => {
            let shape = |(at, byte): (usize, u8)| {
                if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
            };
            date.starts_with("20") && date.bytes().enumerate().all(shape)
        }
        _ => false,
    };
    (rest.is_empty() || rest.strip_prefix('-').is_some_and(dated)).then(|| said.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_vendor_calls_its_model_is_told_where_it_is_known() {
        let told = |said| reported(said, "gpt-4o").map(|model| model.as_str().to_owned());
        for good in ["gpt-4o", "gpt-4o-2026-08-06", "gpt-4o-20260806"] {
            assert_eq!(told(good).as_deref(), Some(good));
        }
        for bad in
            ["gpt-4o-48213377", "gpt-4o-mini", "MRN-48213377", "", "gpt-4o-1957-03-12", "gpt-4o2026-08-06"]
        {
            assert_eq!(told(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_strange_finish_is_other() {
        assert_eq!(finish("end_turn"), "end_turn");
        assert_eq!(finish("Finchley"), "other");
    }
}
