//! Where the text of answers is shown to whoever masks and restores it.

/// What a channel of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// prose: what the guard gives back takes its place
    Text,
    /// the text of a JSON document, such as a tool call's arguments: what the guard gives back is JSON too
    Json,
    /// signed text: shown to the guard, but what the guard gives back is dropped
    Signed,
}

/// Sees one channel of text, in order, in pieces of any size.
pub trait Guard {
    /// Takes more text; gives back what can be passed on now, and holds the rest back.
    fn push(&mut self, chunk: &str) -> String;

    /// Gives back what was held. Called once, at the channel's end.
    fn finish(&mut self) -> String;
}

/// Makes a guard for each channel of an answer.
pub trait Guards {
    /// A guard for a channel that begins.
    fn open(&mut self, channel: Channel) -> Box<dyn Guard + Send>;

    /// What is given for one text that comes whole.
    fn whole(&mut self, channel: Channel, text: &str) -> String {
        let mut guard = self.open(channel);
        let mut out = guard.push(text);
        out.push_str(&guard.finish());
        out
    }

    /// Whether the request holds surrogates: what spells out the answer's text again can't be restored then.
    fn has_surrogates(&self) -> bool {
        false
    }
}

impl<F: FnMut(Channel) -> Box<dyn Guard + Send>> Guards for F {
    fn open(&mut self, channel: Channel) -> Box<dyn Guard + Send> {
        self(channel)
    }
}

/// One text that comes whole.
pub(crate) fn whole(guards: &mut dyn Guards, channel: Channel, text: &str) -> String {
    guards.whole(channel, text)
}
