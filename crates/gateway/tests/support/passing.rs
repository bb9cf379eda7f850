//! A guard that does nothing.

use gateway::protocol::{Channel, Guard};

struct Pass;

impl Guard for Pass {
    fn push(&mut self, chunk: &str) -> String {
        chunk.to_owned()
    }

    fn finish(&mut self) -> String {
        String::new()
    }
}

pub(crate) fn passing(_: Channel) -> Box<dyn Guard + Send> {
    Box::new(Pass)
}
