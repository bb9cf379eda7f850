//! The detector's guard of answers behind the protocol's port, as the gateway puts it there.

use std::sync::Arc;

use deid::{AnswerGuard, Detector, Encoding, Issued, Restorer};
use gateway::protocol::{Channel, Guard};

struct Guarding(AnswerGuard);

impl Guard for Guarding {
    fn push(&mut self, chunk: &str) -> String {
        self.0.push(chunk)
    }

    fn finish(&mut self) -> String {
        self.0.finish()
    }
}

/// Guards that restore what was issued, and take nothing for the request's own.
pub(crate) fn guards(issued: &[Issued]) -> impl FnMut(Channel) -> Box<dyn Guard + Send> + Send + use<> {
    let (detector, restorer) = (Detector::rules(), Arc::new(Restorer::new(issued)));
    move |channel| {
        let encoding = if channel == Channel::Json { Encoding::Json } else { Encoding::Text };
        let sent = Arc::new(|_: &str| false);
        Box::new(Guarding(AnswerGuard::new(&detector, Arc::clone(&restorer), sent, encoding)))
    }
}
