//! A whole streamed answer through guards, in chunks.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part of it")]

use gateway::protocol::{AnswerError, AnswerStream, Ending, Endpoint, Facts, Guards, Limits};

/// What came of a stream.
#[derive(Debug)]
pub(crate) struct Streamed {
    pub(crate) out: Vec<u8>,
    pub(crate) ending: Ending,
    pub(crate) facts: Facts,
    pub(crate) canonical: Option<Vec<u8>>,
    pub(crate) opaque: Vec<Vec<u8>>,
}

impl Streamed {
    /// What the client gets, where it is text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }
}

/// Guards a stream; an error comes with what was passed on before it.
pub(crate) fn stream<'c>(
    endpoint: Endpoint,
    chunks: impl IntoIterator<Item = &'c [u8]>,
    guards: impl Guards + Send + 'static,
) -> Result<Streamed, (AnswerError, Vec<u8>)> {
    let mut stream = AnswerStream::new(endpoint, Box::new(guards), Limits::default());
    let mut out = Vec::new();
    for chunk in chunks {
        if let Err(error) = stream.push(chunk, &mut out) {
            return Err((error, out));
        }
    }
    match stream.finish(&mut out) {
        Ok(ending) => Ok(Streamed {
            out,
            ending,
            facts: stream.facts().clone(),
            canonical: stream.canonical(),
            opaque: stream.opaque().to_vec(),
        }),
        Err(error) => Err((error, out)),
    }
}
