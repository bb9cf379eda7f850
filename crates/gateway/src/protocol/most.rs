//! How many tokens an answer may have, as the body of its request says.

use super::json::{Kind, View};
use super::shape::is_named;

/// Tokens that the answer to a request is taken to have where it names no limit.
const UNNAMED: u64 = 4096;

/// No answer is taken to be longer: models that write as much as this are none.
const LONGEST: u64 = 1 << 20;

/// No request is taken to ask for more answers.
const OFTENEST: u64 = 128;

/// Objects of a body that hold settings of the answer.
const HOLDERS: [&str; 4] =
    ["generationConfig", "inferenceConfig", "textGenerationConfig", "additionalModelRequestFields"];

/// Limits of one answer, in the words of all protocols; each in both of its spellings.
const LENGTHS: [&str; 7] = [
    "maxTokens",
    "maxCompletionTokens",
    "maxOutputTokens",
    "maxNewTokens",
    "maxTokenCount",
    "max_gen_len",
    "max_tokens_to_sample",
];

/// How many answers are to be made.
const TIMES: [&str; 4] = ["n", "best_of", "candidateCount", "num_generations"];

/// The tokens of all answers to a body together, at most. Of several limits the highest counts, and one that is no
/// whole number is the highest there is.
pub(crate) fn of(body: View<'_>) -> u64 {
    let (mut length, mut times) = (None, 1);
    let inner = body.members().filter(|(key, _)| is_one_of(*key, &HOLDERS)).map(|(_, value)| value);
    for (key, value) in std::iter::once(body).chain(inner).flat_map(View::members) {
        if value.kind() == Kind::Null {
            continue;
        }
        if is_one_of(key, &LENGTHS) {
            length = length.max(Some(count(value, LONGEST)));
        } else if is_one_of(key, &TIMES) {
            times = times.max(count(value, OFTENEST));
        }
    }
    // each text of a list is answered
    let texts = body.get("prompt").map_or(0, |prompt| prompt.items().count() as u64);
    length.unwrap_or(UNNAMED).saturating_mul(times).saturating_mul(texts.max(1))
}

fn is_one_of(key: View<'_>, names: &[&str]) -> bool {
    key.string().is_some_and(|key| names.iter().any(|name| is_named(name, &key)))
}

/// A whole number, as such or as text, at most `most`.
fn count(value: View<'_>, most: u64) -> u64 {
    let told = value.whole().or_else(|| value.string().and_then(|text| text.parse().ok()));
    told.unwrap_or(most).min(most)
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::super::json::Document;
    use super::*;

    fn most(body: &str) -> u64 {
        of(Document::parse(body.to_owned(), Limits::default().bounds()).unwrap().root())
    }

    #[test]
    fn every_protocols_limit_counts() {
        for (body, tokens) in [
            (r#"{"max_tokens":100}"#, 100),
            (r#"{"max_completion_tokens":100,"n":3}"#, 300),
            (r#"{"max_tokens":7,"max_completion_tokens":100}"#, 100),
            (r#"{"max_output_tokens":100,"n":null}"#, 100),
            (r#"{"generationConfig":{"maxOutputTokens":100,"candidateCount":2}}"#, 200),
            (r#"{"generation_config":{"max_output_tokens":"100","candidate_count":2}}"#, 200),
            (r#"{"inferenceConfig":{"maxTokens":100}}"#, 100),
            (r#"{"inferenceConfig":{"max_new_tokens":100}}"#, 100),
            (r#"{"textGenerationConfig":{"maxTokenCount":100}}"#, 100),
            (r#"{"max_gen_len":100}"#, 100),
            (r#"{"prompt":["a","b"],"max_tokens":100,"n":2,"best_of":3}"#, 600),
        ] {
            assert_eq!(most(body), tokens, "{body}");
        }
    }

    #[test]
    fn what_names_none_or_an_odd_one_has_one_all_the_same() {
        assert_eq!(most(r#"{"max_tokens":null,"messages":[{"max_tokens":9}]}"#), UNNAMED);
        assert_eq!(most(r#"{"n":2}"#), 2 * UNNAMED);
        for odd in ["-1", "1e3", "18446744073709551615", "\"many\""] {
            assert_eq!(most(&format!(r#"{{"max_tokens":{odd}}}"#)), LONGEST, "{odd}");
        }
        assert_eq!(most(r#"{"max_tokens":1,"n":100000}"#), OFTENEST);
    }
}
