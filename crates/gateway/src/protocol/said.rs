//! Guards that remember what they gave for a text, for protocols that say texts again.

use std::collections::HashMap;

use super::guard::{Channel, Guard, Guards, whole};

/// A text that comes again whole is given as it was given before.
pub(crate) struct Said {
    guards: Box<dyn Guards + Send>,
    texts: HashMap<Channel, HashMap<String, String>>,
    /// How many bytes may still be remembered.
    room: usize,
}

impl Said {
    /// Remembers `room` bytes at most; what is beyond is shown to a guard each time.
    pub(crate) fn new(guards: Box<dyn Guards + Send>, room: usize) -> Self {
        Self { guards, texts: HashMap::new(), room }
    }

    /// `given` was given for `text`.
    pub(crate) fn remember(&mut self, channel: Channel, text: String, given: String) {
        let bytes = text.len() + given.len() + 2 * size_of::<String>();
        if let Some(left) = self.room.checked_sub(bytes) {
            self.room = left;
            self.texts.entry(channel).or_default().insert(text, given);
        }
    }
}

impl Guards for Said {
    fn open(&mut self, channel: Channel) -> Box<dyn Guard + Send> {
        self.guards.open(channel)
    }

    fn has_surrogates(&self) -> bool {
        self.guards.has_surrogates()
    }

    fn whole(&mut self, channel: Channel, text: &str) -> String {
        if let Some(given) = self.texts.get(&channel).and_then(|texts| texts.get(text)) {
            return given.clone();
        }
        let given = whole(self.guards.as_mut(), channel, text);
        if self.room > 0 {
            self.remember(channel, text.to_owned(), given.clone());
        }
        given
    }
}
