//! `POST /v1/audio/transcriptions` and `/v1/audio/translations`: sound in, text out. The request is a form; what it
//! says beside the sound is read, the sound itself can't be.
//!
//! Source: OpenAI's API reference, create transcription, create translation.

use super::chat::usage;
use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::Dialect;
use crate::protocol::json::{Kind, View};
use crate::protocol::shape::Shape;
use crate::protocol::{Feature, ParseError};
use Shape::{Any, Echo, Either, Flag, Id, List, Model, Object, Prose, Skip, Word};

/// Transcriptions and translations.
pub(crate) struct Transcriptions;

static REQUEST: Shape = Object(&[
    ("file", Flag(Feature::Audio, &Object(&[("filename", Prose)]))),
    ("model", Model),
    ("prompt", Prose),
    ("language", Any),
    ("temperature", Any),
    ("response_format", Word(FORMATS)),
    ("timestamp_granularities[]", Either { string: &GRAIN, list: &List(&GRAIN), object: &Any }),
    ("include[]", Word(&["logprobs"])),
    ("stream", Word(&["false", "False"])),
]);

/// Given once it is a text, given twice a list.
static GRAIN: Shape = Word(&["word", "segment"]);

/// Answers in these are JSON; in others they are not, and could not be guarded alike.
const FORMATS: &[&str] = &["json", "verbose_json", "diarized_json"];

static ANSWER: Shape = Object(&[
    ("text", Prose),
    ("task", Id),
    ("language", Id),
    ("duration", Skip),
    ("usage", Any),
    ("logprobs", Echo),
    ("words", List(&Object(&[("word", Prose), ("start", Skip), ("end", Skip)]))),
    (
        "segments",
        List(&Object(&[
            ("id", Id),
            ("type", Id),
            ("seek", Skip),
            ("start", Skip),
            ("end", Skip),
            ("text", Prose),
            ("tokens", Echo),
            ("speaker", Prose),
            ("temperature", Skip),
            ("avg_logprob", Skip),
            ("compression_ratio", Skip),
            ("no_speech_prob", Skip),
        ])),
    ),
]);

impl Dialect for Transcriptions {
    fn grammar(&self) -> &'static Shape {
        &REQUEST
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        body.get("file").filter(|file| file.kind() == Kind::Object).ok_or(ParseError::Field("file"))?;
        match body.get("response_format") {
            Some(format) if !FORMATS.iter().any(|known| format.is(known)) => {
                Err(ParseError::Answer("response_format", "json, verbose_json and diarized_json"))
            }
            _ => Ok(()),
        }
    }

    fn messages(&self, _body: View<'_>) -> Vec<CanonicalMessage> {
        Vec::new()
    }

    fn streams(&self, body: View<'_>) -> Result<bool, ParseError> {
        match body.get("stream") {
            Some(flag) if !flag.is("false") && !flag.is("False") => Err(ParseError::Stream),
            _ => Ok(false),
        }
    }

    fn is_form(&self) -> bool {
        true
    }

    fn answers_unread(&self) -> bool {
        true
    }

    fn answer(&self) -> &'static Shape {
        &ANSWER
    }

    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError> {
        body.get("text").map(drop).ok_or(AnswerError::Shape)
    }

    fn facts(&self, body: View<'_>, facts: &mut Facts) {
        usage(body, facts);
    }

    /// Its tokens spell the text out again.
    fn echoes<'d>(&self, body: View<'d>, _changed: &[u32]) -> Vec<View<'d>> {
        let tokens =
            body.get("segments").into_iter().flat_map(View::items).filter_map(|one| one.given("tokens"));
        body.given("logprobs").into_iter().chain(tokens).collect()
    }
}
