//! A guard that restores one surrogate, and holds back what could become it.

#![expect(clippy::string_slice, reason = "tests may panic")]

use gateway::protocol::{Channel, Guard};

pub(crate) const SURROGATE: &str = "NAME-7K2M4Q";
pub(crate) const ORIGINAL: &str = "Jane \"JR\" Roe";

/// Restores the surrogate, and holds back what could become one.
struct Restore {
    json: bool,
    held: String,
}

impl Guard for Restore {
    fn push(&mut self, chunk: &str) -> String {
        self.held.push_str(chunk);
        let original = if self.json { ORIGINAL.replace('"', "\\\"") } else { ORIGINAL.to_owned() };
        let text = self.held.replace(SURROGATE, &original);
        let tail = (1..SURROGATE.len()).rev().find(|length| text.ends_with(&SURROGATE[..*length]));
        text[text.len() - tail.unwrap_or(0)..].clone_into(&mut self.held);
        text[..text.len() - self.held.len()].to_owned()
    }

    fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

pub(crate) fn restoring(channel: Channel) -> Box<dyn Guard + Send> {
    Box::new(Restore { json: channel == Channel::Json, held: String::new() })
}
