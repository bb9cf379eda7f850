//! What of an answer is structure, and what is read out of it.
//!
//! Source: Google's reference of the Gemini API and of Vertex AI, `GenerateContentResponse`; a stream's events are
//! whole ones.

use super::canonical::content;
use super::{each, given};
use crate::protocol::Feature;
use crate::protocol::answer::{AnswerError, Facts, id_of, model_of};
use crate::protocol::canonical::Canonical;
use crate::protocol::json::View;
use crate::protocol::shape::Shape;
use Shape::{Any, As, Blob, Echo, Either, Id, Input, List, Opaque, Prose, Proto, Skip};

/// An answer, or an event of a streamed one.
pub(super) static ANSWER: Shape = Proto(
    &[
        ("candidates", List(&CANDIDATE)),
        (
            "promptFeedback",
            Proto(
                &[("blockReason", Id), ("blockReasonMessage", Prose), ("safetyRatings", List(&RATING))],
                &Any,
            ),
        ),
        ("usageMetadata", As(&USAGE)),
        ("modelVersion", Id),
        ("responseId", Id),
        ("createTime", Id),
    ],
    &Any,
);

/// What counting answers.
pub(super) static COUNTED: Shape = As(&USAGE);

static USAGE: Shape = Proto(
    &[
        ("promptTokensDetails", List(&SHARE)),
        ("candidatesTokensDetails", List(&SHARE)),
        ("cacheTokensDetails", List(&SHARE)),
        ("toolUsePromptTokensDetails", List(&SHARE)),
        ("promptTokenCount", Skip),
        ("candidatesTokenCount", Skip),
        ("thoughtsTokenCount", Skip),
        ("cachedContentTokenCount", Skip),
        ("toolUsePromptTokenCount", Skip),
        ("totalTokenCount", Skip),
        ("totalTokens", Skip),
        ("totalBillableCharacters", Skip),
        ("trafficType", Id),
    ],
    &Any,
);

static SHARE: Shape = Proto(&[("modality", Id), ("tokenCount", Skip)], &Any);

static RATING: Shape = Proto(
    &[
        ("category", Id),
        ("probability", Id),
        ("probabilityScore", Skip),
        ("severity", Id),
        ("severityScore", Skip),
        ("blocked", Skip),
    ],
    &Any,
);

/// The probabilities spell the text out again; they are dropped where the text is changed.
static CANDIDATE: Shape = Proto(
    &[
        ("content", As(&CONTENT)),
        ("finishReason", Id),
        ("finishMessage", Prose),
        ("index", Skip),
        ("tokenCount", Skip),
        ("avgLogprobs", Skip),
        ("logprobsResult", Echo),
        ("safetyRatings", List(&RATING)),
        ("continuationToken", Opaque),
    ],
    &Any,
);

static CONTENT: Shape =
    Proto(&[("role", Id), ("parts", Either { string: &Prose, list: &List(&PART), object: &PART })], &Any);

static PART: Shape = Proto(
    &[
        ("text", Prose),
        ("thought", Skip),
        ("thoughtSignature", Opaque),
        (
            "inlineData",
            Proto(&[("mimeType", Id), ("data", Blob(Feature::Files)), ("displayName", Prose)], &Any),
        ),
        ("functionCall", As(&CALL)),
        ("executableCode", Proto(&[("id", Id), ("language", Id), ("code", Prose)], &Any)),
        ("codeExecutionResult", Proto(&[("id", Id), ("outcome", Id), ("output", Prose)], &Any)),
        ("toolCall", Proto(&[("id", Id), ("toolType", Id), ("args", Input)], &Any)),
        ("toolResponse", Proto(&[("id", Id), ("toolType", Id), ("response", Input)], &Any)),
    ],
    &Any,
);

static CALL: Shape = Proto(
    &[
        ("id", Id),
        ("name", Prose),
        ("args", Input),
        ("willContinue", Skip),
        (
            "partialArgs",
            List(&Proto(&[("jsonPath", Prose), ("stringValue", Prose), ("willContinue", Skip)], &Any)),
        ),
    ],
    &Any,
);

/// Refuses what is no answer: one that was blocked has no candidates.
pub(super) fn check(body: View<'_>) -> Result<(), AnswerError> {
    let told = ["candidates", "promptFeedback", "usageMetadata"];
    if told.iter().any(|field| given(body, field).is_some()) { Ok(()) } else { Err(AnswerError::Shape) }
}

/// Reads the facts out of an answer or an event; what it does not tell stays as it was.
pub(super) fn facts(body: View<'_>, facts: &mut Facts) {
    model_of(given(body, "modelVersion"), &mut facts.model);
    for candidate in each(body, "candidates").take(1) {
        id_of(given(candidate, "finishReason"), &mut facts.finish);
    }
    let Some(usage) = given(body, "usageMetadata") else { return };
    let sum = |fields: [&str; 2]| {
        let counts = fields.into_iter().filter_map(|field| given(usage, field).and_then(View::whole));
        counts.reduce(u64::saturating_add)
    };
    facts.input_tokens = sum(["promptTokenCount", "toolUsePromptTokenCount"]).or(facts.input_tokens);
    facts.output_tokens = sum(["candidatesTokenCount", "thoughtsTokenCount"]).or(facts.output_tokens);
}

/// The canonical bytes of the first candidate.
pub(super) fn canonical(body: View<'_>) -> Option<Vec<u8>> {
    let mut canonical = Canonical::new("model");
    content(&mut canonical, given(each(body, "candidates").next()?, "content")?);
    Some(canonical.finish())
}

/// Nodes that say again what the nodes at `changed` (ascending) say: the probabilities of their candidates.
pub(super) fn echoes<'d>(body: View<'d>, changed: &[u32]) -> Vec<View<'d>> {
    let touched = |candidate: &View<'_>| {
        let first = changed.partition_point(|node| *node < candidate.index());
        changed.get(first).is_some_and(|node| *node < candidate.node().next)
    };
    each(body, "candidates").filter(touched).filter_map(|one| given(one, "logprobsResult")).collect()
}
