//! The four protocols that are measured, each as its client asks and its vendor answers.

use bytes::Bytes;

/// A protocol.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Chat,
    Responses,
    Messages,
    Converse,
}

impl std::str::FromStr for Dialect {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "chat" => Ok(Self::Chat),
            "responses" => Ok(Self::Responses),
            "messages" => Ok(Self::Messages),
            "converse" => Ok(Self::Converse),
            _ => Err(()),
        }
    }
}

/// What a vendor's events are made of: their names where the protocol names them, and their data.
type Events = Vec<(&'static str, String)>;

impl Dialect {
    /// The dialect of a path.
    pub fn at(path: &str) -> Self {
        match path {
            path if path.ends_with("/responses") => Self::Responses,
            path if path.ends_with("/messages") => Self::Messages,
            path if path.starts_with("/model/") => Self::Converse,
            _ => Self::Chat,
        }
    }

    /// Where its client posts.
    pub fn path(self, stream: bool) -> &'static str {
        match (self, stream) {
            (Self::Chat, _) => "/v1/chat/completions",
            (Self::Responses, _) => "/v1/responses",
            (Self::Messages, _) => "/v1/messages",
            (Self::Converse, false) => "/model/bench-2/converse",
            (Self::Converse, true) => "/model/bench-2/converse-stream",
        }
    }

    /// One message, as requests list it.
    pub fn message(self, role: &str, text: &str) -> String {
        match self {
            Self::Converse => format!("{{\"role\":\"{role}\",\"content\":[{{\"text\":\"{text}\"}}]}}"),
            _ => format!("{{\"role\":\"{role}\",\"content\":\"{text}\"}}"),
        }
    }

    /// The request that holds these messages.
    pub fn request(self, messages: &str, stream: bool) -> String {
        match self {
            Self::Chat => format!("{{\"model\":\"bench-1\",\"messages\":[{messages}],\"stream\":{stream}}}"),
            Self::Responses => format!("{{\"model\":\"bench-1\",\"input\":[{messages}],\"stream\":{stream}}}"),
            Self::Messages => format!(
                "{{\"model\":\"bench-1\",\"max_tokens\":256,\"messages\":[{messages}],\"stream\":{stream}}}"
            ),
            Self::Converse => format!("{{\"messages\":[{messages}]}}"),
        }
    }

    /// What stands before the text of an answer or of a piece of one.
    fn mark(self, stream: bool) -> &'static [u8] {
        match (self, stream) {
            (Self::Chat, _) => b"\"content\":\"",
            (Self::Responses, true) => b"\"delta\":\"",
            _ => b"\"text\":\"",
        }
    }

    /// The text of an answer: of each event of a stream, or of the one message.
    pub fn said(self, body: &[u8], stream: bool) -> String {
        let mark = self.mark(stream);
        let mut text = String::new();
        for at in memchr::memmem::find_iter(body, mark) {
            let rest = &body[at + mark.len()..];
            let end = memchr::memchr(b'"', rest).unwrap_or(0);
            text.push_str(&String::from_utf8_lossy(&rest[..end]));
        }
        text
    }

    /// Whether some of the text is there.
    pub fn has_begun(self, body: &[u8], stream: bool) -> bool {
        let mark = self.mark(stream);
        memchr::memmem::find_iter(body, mark)
            .any(|at| body.get(at + mark.len()).is_some_and(|byte| *byte != b'"'))
    }

    /// The media type of a streamed answer.
    pub fn media(self) -> &'static str {
        if self == Self::Converse { "application/vnd.amazon.eventstream" } else { "text/event-stream" }
    }

    /// A plain answer.
    pub fn whole(self, text: &str) -> Bytes {
        Bytes::from(match self {
            Self::Chat => format!(
                "{{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\
                 \"bench-1\",\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\
                 \"{text}\"}},\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":250,\
                 \"completion_tokens\":50,\"total_tokens\":300}}}}"
            ),
            Self::Responses => response(&item(text), "completed"),
            Self::Messages => format!(
                "{{\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"bench-1\",\
                 \"content\":[{{\"type\":\"text\",\"text\":\"{text}\"}}],\"stop_reason\":\"end_turn\",\
                 \"stop_sequence\":null,\"usage\":{{\"input_tokens\":250,\"output_tokens\":50}}}}"
            ),
            Self::Converse => format!(
                "{{\"output\":{{\"message\":{{\"role\":\"assistant\",\"content\":[{{\"text\":\"{text}\"}}]}}}},\
                 \"stopReason\":\"end_turn\",\"usage\":{{\"inputTokens\":250,\"outputTokens\":50,\
                 \"totalTokens\":300}},\"metrics\":{{\"latencyMs\":1}}}}"
            ),
        })
    }

    /// The pieces of a streamed answer, as they go over the wire.
    pub fn events(self, text: &str, count: usize) -> Vec<Bytes> {
        let size = text.len().div_ceil(count);
        let pieces: Vec<&str> =
            text.as_bytes().chunks(size).map(|piece| std::str::from_utf8(piece).unwrap()).collect();
        let events = match self {
            Self::Chat => chat(&pieces),
            Self::Responses => responses(text, &pieces),
            Self::Messages => messages(&pieces),
            Self::Converse => converse(&pieces),
        };
        events.into_iter().map(|(name, data)| self.frame(name, &data)).collect()
    }

    fn frame(self, name: &str, data: &str) -> Bytes {
        match self {
            Self::Converse => frame(name, data),
            _ if name.is_empty() => Bytes::from(format!("data: {data}\n\n")),
            _ => Bytes::from(format!("event: {name}\ndata: {data}\n\n")),
        }
    }
}

fn chat(pieces: &[&str]) -> Events {
    let chunk = |delta: &str, finish: &str| {
        let data = format!(
            "{{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\
             \"bench-1\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{finish}}}]}}"
        );
        ("", data)
    };
    let mut events = vec![chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null")];
    events.extend(pieces.iter().map(|piece| chunk(&format!("{{\"content\":\"{piece}\"}}"), "null")));
    events.push(chunk("{}", "\"stop\""));
    events.push(("", "[DONE]".to_owned()));
    events
}

fn item(text: &str) -> String {
    format!(
        "{{\"type\":\"message\",\"id\":\"msg_bench\",\"status\":\"completed\",\"role\":\"assistant\",\"content\":\
         [{{\"type\":\"output_text\",\"text\":\"{text}\",\"annotations\":[]}}]}}"
    )
}

fn response(items: &str, status: &str) -> String {
    format!(
        "{{\"id\":\"resp_bench\",\"object\":\"response\",\"created_at\":1700000000,\"status\":\"{status}\",\
         \"model\":\"bench-1\",\"output\":[{items}],\"usage\":{{\"input_tokens\":250,\"output_tokens\":50,\
         \"total_tokens\":300}}}}"
    )
}

fn responses(text: &str, pieces: &[&str]) -> Events {
    let place = "\"item_id\":\"msg_bench\",\"output_index\":0,\"content_index\":0";
    let part = format!("{{\"type\":\"output_text\",\"text\":\"{text}\",\"annotations\":[]}}");
    let mut events: Vec<(&str, String)> = vec![
        ("response.created", format!("\"response\":{}", response("", "in_progress"))),
        ("response.output_item.added", format!("\"output_index\":0,\"item\":{}", item(""))),
        ("response.content_part.added", format!("{place},\"part\":{}", part.replace(text, ""))),
    ];
    events.extend(
        pieces
            .iter()
            .map(|piece| ("response.output_text.delta", format!("{place},\"delta\":\"{piece}\",\"logprobs\":[]"))),
    );
    events.push(("response.output_text.done", format!("{place},\"text\":\"{text}\",\"logprobs\":[]")));
    events.push(("response.content_part.done", format!("{place},\"part\":{part}")));
    events.push(("response.output_item.done", format!("\"output_index\":0,\"item\":{}", item(text))));
    events.push(("response.completed", format!("\"response\":{}", response(&item(text), "completed"))));
    let numbered = events.into_iter().enumerate();
    numbered
        .map(|(number, (name, data))| {
            (name, format!("{{\"type\":\"{name}\",\"sequence_number\":{number},{data}}}"))
        })
        .collect()
}

fn messages(pieces: &[&str]) -> Events {
    let mut events = vec![
        (
            "message_start",
            "\"message\":{\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"bench-1\",\
             \"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":250,\
             \"output_tokens\":1}}"
                .to_owned(),
        ),
        ("content_block_start", "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}".to_owned()),
    ];
    events.extend(pieces.iter().map(|piece| {
        ("content_block_delta", format!("\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{piece}\"}}"))
    }));
    events.push(("content_block_stop", "\"index\":0".to_owned()));
    let end = "\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":50}";
    events.push(("message_delta", end.to_owned()));
    let mut events: Events = events
        .into_iter()
        .map(|(name, data)| (name, format!("{{\"type\":\"{name}\",{data}}}")))
        .collect();
    events.push(("message_stop", "{\"type\":\"message_stop\"}".to_owned()));
    events
}

fn converse(pieces: &[&str]) -> Events {
    let mut events = vec![("messageStart", "{\"role\":\"assistant\"}".to_owned())];
    events.extend(pieces.iter().map(|piece| {
        ("contentBlockDelta", format!("{{\"contentBlockIndex\":0,\"delta\":{{\"text\":\"{piece}\"}}}}"))
    }));
    events.push(("contentBlockStop", "{\"contentBlockIndex\":0}".to_owned()));
    events.push(("messageStop", "{\"stopReason\":\"end_turn\"}".to_owned()));
    let usage = "{\"usage\":{\"inputTokens\":250,\"outputTokens\":50,\"totalTokens\":300},\"metrics\":{\"latencyMs\":1}}";
    events.push(("metadata", usage.to_owned()));
    events
}

/// One message of Amazon's event stream encoding.
fn frame(name: &str, data: &str) -> Bytes {
    let mut headers = Vec::new();
    for (key, value) in [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")] {
        headers.push(key.len() as u8);
        headers.extend_from_slice(key.as_bytes());
        headers.push(7);
        headers.extend_from_slice(&(value.len() as u16).to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let total = 16 + headers.len() + data.len();
    let mut out = Vec::with_capacity(total);
    out.extend_from_slice(&(total as u32).to_be_bytes());
    out.extend_from_slice(&(headers.len() as u32).to_be_bytes());
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out.extend_from_slice(&headers);
    out.extend_from_slice(data.as_bytes());
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    Bytes::from(out)
}
