//! What is asked for.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use terms::{Code, ExchangeId, SessionId};

use crate::caller::{Headers, is_session};
use crate::exchange::arrival::{Caller, Refused};
use crate::gateway::{Gateway, Snapshot};
use crate::server::{Held, Taken};

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// `POST /v1/deidentify`
    Deidentify,
    /// `POST /v1/reidentify`
    Reidentify,
}

impl Task {
    /// What a path asks for.
    pub(crate) fn at(path: &str) -> Option<Self> {
        match path {
            "/v1/deidentify" => Some(Self::Deidentify),
            "/v1/reidentify" => Some(Self::Reidentify),
            _ => None,
        }
    }
}

/// Texts of a caller who is known. No `Debug`: they are content.
pub(crate) struct Job {
    pub(super) exchange: ExchangeId,
    pub(super) task: Task,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) caller: Caller,
    pub(super) session: String,
    pub(super) texts: Vec<String>,
    /// Whether a list was sent.
    pub(super) many: bool,
    /// Bytes of the body.
    pub(super) size: usize,
    /// The room that it and its answer take up.
    _held: Held,
}

impl Gateway {
    /// Understands the body of a caller who is known.
    pub(crate) fn job(
        &self,
        (exchange, task): (ExchangeId, Task),
        (snapshot, caller): (Arc<Snapshot>, Caller),
        headers: &Headers<'_>,
        taken: Taken,
    ) -> Result<Job, Refused> {
        let Taken { body, mut held } = taken;
        // what goes back is about as long
        held.grow(body.len()).map_err(|none| none.0)?;
        let size = body.len();
        let (texts, many, named) = asked(&body)?;
        let session = match (named, headers.session) {
            (Some(named), Some(header)) if named != header => {
                return Err(wrong("`session` and the header `chaperon-session` differ"));
            }
            (Some(named), _) => named,
            (None, Some(header)) => header.to_owned(),
            (None, None) if task == Task::Deidentify => {
                SessionId::fresh(self.parts.clock.now(), self.parts.randomness.as_ref()).to_string()
            }
            (None, None) => return Err(wrong("`session` is missing")),
        };
        Ok(Job { exchange, task, snapshot, caller, session, texts, many, size, _held: held })
    }
}

/// The texts, whether they are a list, and the session.
fn asked(body: &Bytes) -> Result<(Vec<String>, bool, Option<String>), Refused> {
    let value: Value = serde_json::from_slice(body).map_err(|_error| wrong("it is no JSON in UTF-8"))?;
    let Value::Object(mut members) = value else { return Err(wrong("it is no object")) };
    let session = match members.remove("session") {
        None => None,
        Some(Value::String(name)) if is_session(&name) => Some(name),
        Some(_) => return Err(wrong("`session` is no name of 1 to 256 printable characters of ASCII")),
    };
    let (texts, many) = match (members.remove("text"), members.remove("texts")) {
        (Some(Value::String(text)), None) => (vec![text], false),
        (None, Some(Value::Array(texts))) => {
            let text = |text| if let Value::String(text) = text { Some(text) } else { None };
            let texts: Option<Vec<_>> = texts.into_iter().map(text).collect();
            (texts.ok_or_else(|| wrong("`texts` holds other than strings"))?, true)
        }
        _ => return Err(wrong("it takes `text`, a string, or `texts`, a list of strings")),
    };
    if members.is_empty() {
        Ok((texts, many, session))
    } else {
        Err(wrong("it takes `text` or `texts`, and `session`, and nothing else"))
    }
}

fn wrong(what: &str) -> Refused {
    Refused { detail: Some(what.to_owned()), ..Code::REQUEST_MALFORMED.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_or_texts_and_a_session() {
        let read = |body: &str| asked(&Bytes::from(body.to_owned())).map_err(|refused| refused.code);
        assert_eq!(read(r#"{"text": "a"}"#), Ok((vec!["a".to_owned()], false, None)));
        let many = read(r#"{"texts": ["a", "b"], "session": "s"}"#);
        assert_eq!(many, Ok((vec!["a".to_owned(), "b".to_owned()], true, Some("s".to_owned()))));
        for wrong in [
            "",
            "[]",
            "{}",
            r#"{"text": 1}"#,
            r#"{"text": "a", "texts": []}"#,
            r#"{"texts": [1]}"#,
            r#"{"text": "a", "more": 1}"#,
            r#"{"text": "a", "session": ""}"#,
            r#"{"text": "a", "session": "é"}"#,
        ] {
            assert_eq!(read(wrong), Err(Code::REQUEST_MALFORMED), "{wrong}");
        }
    }
}
