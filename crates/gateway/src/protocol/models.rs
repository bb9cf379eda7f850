//! The list of models, as `GET /v1/models` answers it.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Protocol, percent};

/// What a path lists: all models, or the one that it names.
pub fn listed(path: &str) -> Option<Option<String>> {
    let path = ["/v1/", "/v1beta/", "/v1beta1/", "/v1alpha/"]
        .iter()
        .find_map(|version| path.strip_prefix(version))?;
    match path.strip_prefix("models")? {
        "" => Some(None),
        name => name.strip_prefix('/').and_then(percent::decode).map(Some),
    }
}

/// The list of all `names`.
pub fn models<'a>(protocol: Protocol, names: impl IntoIterator<Item = &'a str>) -> Bytes {
    let data: Vec<Value> = names.into_iter().map(|name| entry(protocol, name)).collect();
    let id = |entry: Option<&Value>| entry.and_then(|entry| entry.get("id")).cloned();
    let list = match protocol {
        Protocol::OpenAi | Protocol::Bedrock => json!({ "object": "list", "data": data }),
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
pub fn model(protocol: Protocol, name: &str) -> Bytes {
    Bytes::from(entry(protocol, name).to_string())
}

/// No date of making is known here: the epoch stands for it.
fn entry(protocol: Protocol, name: &str) -> Value {
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
        Protocol::Gemini => json!({
            "name": format!("models/{name}"),
            "displayName": name,
            "supportedGenerationMethods":
                ["generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents"],
        }),
    }
}
