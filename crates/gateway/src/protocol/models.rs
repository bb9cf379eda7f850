//! The list of models, as `GET /v1/models` answers it.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Protocol, gemini, percent};

/// What a path lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The one model that it names; else all are listed.
    pub name: Option<String>,
    /// Whether it is Vertex AI's form of Google's list.
    published: bool,
}

impl Listing {
    /// What a path lists; `None` where it is no list of models.
    pub fn at(path: &str) -> Option<Self> {
        let (rest, published) = gemini::collection(path)?;
        let name = match rest {
            "" => None,
            name => Some(percent::decode(name.strip_prefix('/')?)?),
        };
        Some(Self { name, published })
    }

    /// The list of all `names`.
    pub fn all<'a>(&self, protocol: Protocol, names: impl IntoIterator<Item = &'a str>) -> Bytes {
        let data: Vec<Value> = names.into_iter().map(|name| self.entry(protocol, name)).collect();
        let id = |entry: Option<&Value>| entry.and_then(|entry| entry.get("id")).cloned();
        let list = match protocol {
            Protocol::OpenAi | Protocol::Bedrock => json!({ "object": "list", "data": data }),
            Protocol::Gemini if self.published => json!({ "publisherModels": data }),
            Protocol::Gemini => json!({ "models": data }),
            Protocol::Anthropic => json!({
                "first_id": id(data.first()),
                "last_id": id(data.last()),
                "has_more": false,
                "data": data,
            }),
        };
        Bytes::from(list.to_string())
    }

    /// One model, as `GET /v1/models/NAME` answers it.
    pub fn one(&self, protocol: Protocol, name: &str) -> Bytes {
        Bytes::from(self.entry(protocol, name).to_string())
    }

    /// No date of making is known here: the epoch stands for it.
    fn entry(&self, protocol: Protocol, name: &str) -> Value {
        match protocol {
            Protocol::OpenAi | Protocol::Bedrock => {
                json!({ "id": name, "object": "model", "created": 0, "owned_by": "chaperon" })
            }
            Protocol::Anthropic => json!({
                "type": "model",
                "id": name,
                "display_name": name,
                "created_at": "1970-01-01T00:00:00Z",
            }),
            Protocol::Gemini if self.published => json!({
                "name": format!("publishers/google/models/{name}"),
                "displayName": name,
            }),
            Protocol::Gemini => json!({
                "name": format!("models/{name}"),
                "displayName": name,
                "supportedGenerationMethods":
                    ["generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents"],
            }),
        }
    }
}
