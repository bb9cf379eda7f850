//! The channels of text that are open in a streamed answer, each with its guard.

use super::answer::AnswerError;
use super::guard::{Channel, Guard};
use super::stream::Desk;

/// How many may be open at once.
const MOST: usize = 512;

/// Open channels by what names them in the protocol, in the order in which they began.
pub(crate) struct Lanes<K>(Vec<(K, Box<dyn Guard + Send>)>);

impl<K: PartialEq + Clone> Lanes<K> {
    /// None is open.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Shows text to the guard of a channel, which is opened where it is not; what may go on now.
    pub(crate) fn push(
        &mut self,
        key: &K,
        channel: Channel,
        text: &str,
        desk: &mut Desk,
    ) -> Result<String, AnswerError> {
        if let Some((_, guard)) = self.0.iter_mut().find(|(open, _)| open == key) {
            return Ok(guard.push(text));
        }
        if self.0.len() == MOST {
            return Err(AnswerError::Shape);
        }
        let mut guard = desk.open(channel);
        let passed = guard.push(text);
        self.0.push((key.clone(), guard));
        Ok(passed)
    }

    /// Ends one channel; what it held back.
    pub(crate) fn end(&mut self, key: &K) -> String {
        let at = self.0.iter().position(|(open, _)| open == key);
        at.map(|at| self.0.remove(at).1.finish()).unwrap_or_default()
    }

    /// Ends the channels that `ends` names; which of them held something back, and what.
    pub(crate) fn end_all(&mut self, ends: impl Fn(&K) -> bool) -> Vec<(K, String)> {
        let (ended, open): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.0).into_iter().partition(|(key, _)| ends(key));
        self.0 = open;
        let rest = ended.into_iter().map(|(key, mut guard)| (key, guard.finish()));
        rest.filter(|(_, text)| !text.is_empty()).collect()
    }
}
