//! A frame whose payload holds one event of the model's own: `{"bytes": "<base64>", "p": "<padding>"}`.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::protocol::Limits;
use crate::protocol::answer::AnswerError;
use crate::protocol::eventstream::Frame;
use crate::protocol::json::{Document, Edit, splice};
use crate::protocol::shape::looks_like_id;

/// One chunk.
pub(crate) struct Chunk {
    frame: Frame,
    payload: Document,
    /// Where the string of the data lies in the payload.
    place: (u32, u32),
    data: Vec<u8>,
    plain: bool,
}

impl Chunk {
    /// Reads the chunk out of its frame.
    pub(super) fn read(frame: Frame, limits: &Limits) -> Result<Self, AnswerError> {
        if frame.name() != b"chunk" {
            return Err(AnswerError::Shape);
        }
        let text = String::from_utf8(frame.payload().to_vec()).map_err(|_| AnswerError::NotUtf8)?;
        let payload = Document::parse(text, limits.bounds())?;
        let bytes = payload.root().get("bytes").ok_or(AnswerError::Shape)?;
        let place = (bytes.node().start, bytes.node().end);
        let data = bytes.string().and_then(|text| STANDARD.decode(text.as_bytes()).ok());
        let data = data.ok_or(AnswerError::Shape)?;
        let plain = payload.root().members().all(|(key, value)| {
            key.is("bytes") || (key.is("p") && value.string().is_some_and(|text| looks_like_id(&text)))
        });
        Ok(Self { frame, payload, place, data, plain })
    }

    /// The frame that it came in.
    pub(super) fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The model's event.
    pub(super) fn data(&self) -> &[u8] {
        &self.data
    }

    /// Whether nothing stands beside the data but padding.
    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }

    /// Appends the chunk with other data.
    pub(super) fn write_with(&self, data: &str, out: &mut Vec<u8>) {
        let (start, end) = self.place;
        let edit = Edit::Text(Cow::Owned(STANDARD.encode(data)));
        let payload = splice(self.payload.text(), &mut [(start, end, edit)]);
        self.frame.write_with(payload.as_bytes(), out);
    }
}
