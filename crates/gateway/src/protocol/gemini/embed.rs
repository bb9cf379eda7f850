//! `models.embedContent`, `models.batchEmbedContents`, and Vertex AI's `predict` as far as it embeds text.
//!
//! Source: Google's reference of the Gemini API, `models.embedContent`; of Vertex AI, the text embeddings API.

use super::generate::CONTENT;
use super::{each, given, named};
use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::Dialect;
use crate::protocol::json::{Kind, View};
use crate::protocol::shape::{Fields, Shape};
use crate::protocol::{Feature, ParseError};
use Shape::{Any, As, Bound, Either, Flag, Id, List, Model, Number, Prose, Proto, Skip, Word};

/// Embeddings of one content, or of many.
pub(crate) struct Embed {
    /// Whether the body is a list of requests.
    pub(crate) batch: bool,
}

/// Embeddings in the form of Vertex AI's `predict`.
pub(crate) struct Predict;

static TASK: Shape = Word(&[
    "TASK_TYPE_UNSPECIFIED",
    "RETRIEVAL_QUERY",
    "RETRIEVAL_DOCUMENT",
    "SEMANTIC_SIMILARITY",
    "CLASSIFICATION",
    "CLUSTERING",
    "QUESTION_ANSWERING",
    "FACT_VERIFICATION",
    "CODE_RETRIEVAL_QUERY",
]);

static ONE: Fields = &[
    ("model", Model),
    ("content", As(&CONTENT)),
    ("taskType", As(&TASK)),
    ("title", Prose),
    ("outputDimensionality", Number),
    ("autoTruncate", Any),
    ("embedContentConfig", As(&CONFIG)),
];

static CONFIG: Shape = Proto(
    &[
        ("taskType", As(&TASK)),
        ("title", Prose),
        ("outputDimensionality", Number),
        ("autoTruncate", Any),
        ("documentOcr", Flag(Feature::Files, &Any)),
        ("audioTrackExtraction", Flag(Feature::Audio, &Any)),
    ],
    &Any,
);

static REQUEST: Shape = Proto(ONE, &Any);

static EMBED: Shape = Flag(Feature::Embeddings, &REQUEST);

static BATCH: Shape = Flag(
    Feature::Embeddings,
    &Proto(
        &[("model", Model), ("requests", Either { string: &Any, list: &List(&REQUEST), object: &REQUEST })],
        &Any,
    ),
);

static PREDICT: Shape = Flag(
    Feature::Embeddings,
    &Proto(
        &[
            ("instances", List(&INSTANCE)),
            ("parameters", Proto(&[("autoTruncate", Any), ("outputDimensionality", Number)], &Any)),
        ],
        &Any,
    ),
);

static INSTANCE: Shape =
    Proto(&[("content", Prose), ("title", Prose), ("taskType", As(&TASK))], &Flag(Feature::Files, &Any));

/// A vector. Its numbers are the vendor's own; a text among them is not.
static VECTOR: Shape = Proto(
    &[
        ("values", List(&Bound)),
        ("shape", List(&Bound)),
        ("statistics", Proto(&[("tokenCount", Skip), ("truncated", Skip)], &Any)),
    ],
    &Any,
);

static ANSWER: Shape = Proto(
    &[
        ("embedding", As(&VECTOR)),
        ("embeddings", List(&VECTOR)),
        ("predictions", List(&Proto(&[("embeddings", As(&VECTOR))], &Any))),
        ("metadata", Any),
        ("usageMetadata", Any),
        ("truncated", Skip),
        ("deployedModelId", Id),
        ("model", Id),
        ("modelDisplayName", Id),
        ("modelVersionId", Id),
    ],
    &Any,
);

impl Dialect for Embed {
    fn grammar(&self) -> &'static Shape {
        if self.batch { &BATCH } else { &EMBED }
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        let has_content = |one: View<'_>| given(one, "content").is_some_and(|it| it.kind() == Kind::Object);
        match (self.batch, given(body, "requests")) {
            (false, _) if has_content(body) => Ok(()),
            (false, _) => Err(ParseError::Field("content")),
            (true, Some(list)) if list.kind() == Kind::Object && has_content(list) => Ok(()),
            (true, Some(list)) if list.kind() == Kind::Array && list.items().all(has_content) => Ok(()),
            (true, _) => Err(ParseError::Field("requests")),
        }
    }

    fn messages(&self, _body: View<'_>) -> Vec<CanonicalMessage> {
        Vec::new()
    }

    fn named(&self, sent: &str, model: &str) -> String {
        named(sent, model)
    }

    fn answers_in_text(&self) -> bool {
        false
    }

    fn answer(&self) -> &'static Shape {
        &ANSWER
    }

    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError> {
        let vectors = given(body, if self.batch { "embeddings" } else { "embedding" });
        vectors.map(drop).ok_or(AnswerError::Shape)
    }

    fn facts(&self, body: View<'_>, facts: &mut Facts) {
        let usage = given(body, "usageMetadata");
        facts.input_tokens = usage.and_then(|usage| given(usage, "promptTokenCount")).and_then(View::whole);
    }
}

impl Dialect for Predict {
    fn grammar(&self) -> &'static Shape {
        &PREDICT
    }

    /// Other uses of `predict` (pictures, films) are not served.
    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        let is_text = |one: View<'_>| given(one, "content").is_some_and(|it| it.kind() == Kind::String);
        match given(body, "instances") {
            Some(list) if list.kind() == Kind::Array && list.items().all(is_text) => Ok(()),
            _ => Err(ParseError::Field("instances")),
        }
    }

    fn messages(&self, _body: View<'_>) -> Vec<CanonicalMessage> {
        Vec::new()
    }

    fn answers_in_text(&self) -> bool {
        false
    }

    fn answer(&self) -> &'static Shape {
        &ANSWER
    }

    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError> {
        given(body, "predictions").map(drop).ok_or(AnswerError::Shape)
    }

    fn facts(&self, body: View<'_>, facts: &mut Facts) {
        let tokens = each(body, "predictions").filter_map(|one| {
            let statistics = given(given(one, "embeddings")?, "statistics")?;
            given(statistics, "tokenCount").and_then(View::whole)
        });
        facts.input_tokens = tokens.reduce(u64::saturating_add);
    }
}
