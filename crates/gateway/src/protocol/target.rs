//! Paths: what one asks for, and where the same is asked of a service.

use std::borrow::Cow;

use terms::Code;

use super::count::Count;
use super::dialect::Dialect;
use super::framing::Framing;
use super::json::View;
use super::{anthropic, bedrock, gemini, openai, percent};

/// Whose errors and events a caller reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// OpenAI's
    OpenAi,
    /// Anthropic's
    Anthropic,
    /// Google's, of Gemini and Vertex AI
    Gemini,
    /// that of Amazon Bedrock's runtime
    Bedrock,
}

impl Protocol {
    /// As the record and metrics write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Bedrock => "bedrock",
        }
    }

    /// Whose a path is that is no endpoint, as far as the path tells.
    pub fn of_path(path: &str) -> Option<Self> {
        if path.starts_with("/model/") {
            return Some(Self::Bedrock);
        }
        gemini::is_google(path).then_some(Self::Gemini)
    }
}

/// Whether a query holds a key: it would be in every log on the way.
pub fn holds_key(query: &str) -> bool {
    let names =
        query.split('&').filter_map(|pair| percent::decode(pair.split('=').next().unwrap_or_default()));
    names.into_iter().any(|name| matches!(name.as_str(), "key" | "api_key" | "api-key" | "access_token"))
}

/// What tells one endpoint from another.
struct Row {
    protocol: Protocol,
    /// What is asked for, as the end of a path writes it; then the same where a stream of it is asked for, if that
    /// is another.
    ends: &'static [&'static str],
    /// `gen_ai.operation.name`
    operation: &'static str,
    dialect: &'static dyn Dialect,
}

/// Each endpoint in one row: protocol, the end of its path (`or` that of its streams), operation, dialect.
macro_rules! endpoints {
    ($($(#[$about:meta])+ $name:ident: $protocol:ident $plain:literal $(or $streamed:literal)?, $operation:literal,
        $dialect:expr;)+) => {
        /// One kind of body, with its answers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Endpoint { $($(#[$about])+ $name,)+ }

        impl Endpoint {
            /// Every endpoint.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];

            const fn row(self) -> &'static Row {
                match self {
                    $(Self::$name => const {
                        &Row {
                            protocol: Protocol::$protocol,
                            ends: &[$plain $(, $streamed)?],
                            operation: $operation,
                            dialect: &$dialect,
                        }
                    },)+
                }
            }
        }
    };
}

endpoints! {
    /// `POST /v1/chat/completions`
    ChatCompletions: OpenAi "chat/completions", "chat", openai::Chat;
    /// `POST /v1/responses`
    Responses: OpenAi "responses", "chat", openai::Responses;
    /// `POST /v1/responses/input_tokens`
    InputTokens: OpenAi "responses/input_tokens", "count_tokens", Count(&openai::Responses);
    /// `POST /v1/completions`
    Completions: OpenAi "completions", "text_completion", openai::Completions;
    /// `POST /v1/embeddings`
    Embeddings: OpenAi "embeddings", "embeddings", openai::Embeddings;
    /// `POST /v1/audio/transcriptions`
    Transcriptions: OpenAi "audio/transcriptions", "transcription", openai::Transcriptions;
    /// `POST /v1/audio/translations`
    Translations: OpenAi "audio/translations", "translation", openai::Transcriptions;
    /// `POST /v1/messages`
    Messages: Anthropic "messages", "chat", anthropic::Messages;
    /// `POST /v1/messages/count_tokens`
    CountTokens: Anthropic "messages/count_tokens", "count_tokens", Count(&anthropic::Messages);
    /// `POST /v1beta/models/MODEL:generateContent` and `:streamGenerateContent`, and Vertex AI's forms of it and of
    /// those below
    GenerateContent: Gemini "generateContent" or "streamGenerateContent", "generate_content", gemini::Generate;
    /// `POST /v1beta/models/MODEL:countTokens`
    GeminiCountTokens: Gemini "countTokens", "count_tokens", gemini::Count;
    /// `POST /v1beta/models/MODEL:embedContent`
    EmbedContent: Gemini "embedContent", "embeddings", gemini::Embed { batch: false };
    /// `POST /v1beta/models/MODEL:batchEmbedContents`
    BatchEmbedContents: Gemini "batchEmbedContents", "embeddings", gemini::Embed { batch: true };
    /// `POST /v1/projects/P/locations/L/publishers/google/models/MODEL:predict`, for embeddings of text
    EmbedPredict: Gemini "predict", "embeddings", gemini::Predict;
    /// `POST /model/{model}/converse` and `/converse-stream`
    Converse: Bedrock "converse" or "converse-stream", "chat", bedrock::Converse;
    /// `POST /model/{model}/invoke` and `/invoke-with-response-stream`, in a form that only the model knows
    Invoke: Bedrock "invoke" or "invoke-with-response-stream", "chat", bedrock::Invoke;
    /// the same with the body of Anthropic's messages: a path leads to the one above, and the body from there
    InvokeMessages: Bedrock "invoke" or "invoke-with-response-stream", "chat", bedrock::InvokeMessages;
    /// `POST /model/{model}/count-tokens`
    ConverseTokens: Bedrock "count-tokens", "count_tokens", bedrock::CountTokens;
}

impl Endpoint {
    /// The protocol that it belongs to.
    pub const fn protocol(self) -> Protocol {
        self.row().protocol
    }

    /// `gen_ai.operation.name`, and words of the same kind where the conventions lack one.
    pub(crate) const fn operation(self) -> &'static str {
        self.row().operation
    }

    /// What a path of a protocol ends in, and whether a stream is asked for.
    pub(crate) fn ending(protocol: Protocol, end: &str) -> Option<(Self, bool)> {
        let mut own = Self::ALL.into_iter().filter(|one| one.protocol() == protocol);
        own.find_map(|one| Some((one, one.row().ends.iter().position(|own| *own == end)? > 0)))
    }

    /// The protocols of services that can be asked, as their rows name them.
    pub const fn speakers(self) -> &'static [governance::Protocol] {
        use governance::Protocol::{Anthropic, AzureOpenai, Bedrock, Gemini, Openai};
        match self.protocol() {
            Protocol::OpenAi => &[Openai, AzureOpenai],
            Protocol::Anthropic => &[Anthropic],
            Protocol::Gemini => &[Gemini],
            Protocol::Bedrock => &[Bedrock],
        }
    }

    /// The path, with its query, below the base address of a service.
    pub fn address(self, spoken: &Spoken<'_>) -> Cow<'static, str> {
        let row = self.row();
        let end = if spoken.stream { row.ends.last() } else { row.ends.first() };
        let end = end.copied().unwrap_or_default();
        match row.protocol {
            Protocol::OpenAi => openai::address(end, spoken),
            Protocol::Anthropic => format!("/{end}").into(),
            Protocol::Gemini => gemini::address(end, spoken),
            Protocol::Bedrock => bedrock::address(end, spoken),
        }
    }

    /// Whether the answer is text, in which surrogates are restored.
    pub fn answers_in_text(self) -> bool {
        self.dialect().answers_in_text()
    }

    /// Whether a model makes vectors of bodies that do not say so themselves; `model` is the vendor's own name.
    pub(crate) fn embeds(self, model: &str) -> bool {
        self == Self::Invoke && bedrock::embeds(model)
    }

    /// Whether the answer says what was in a part of the request that can't be read: see [`Dialect::answers_unread`].
    pub fn answers_unread(self) -> bool {
        self.dialect().answers_unread()
    }

    /// Whether a service keeps answers unless it is told not to, by the protocol.
    pub const fn keeps_unasked(self) -> bool {
        matches!(self, Self::Responses)
    }

    pub(crate) const fn dialect(self) -> &'static dyn Dialect {
        self.row().dialect
    }

    /// How its streams are framed.
    pub(crate) fn framing(self) -> Framing {
        self.dialect().framing()
    }

    /// The endpoint of this body, where one path leads to several.
    pub(crate) fn of_body(self, body: View<'_>) -> Self {
        match self {
            Self::Invoke if body.given("anthropic_version").is_some() => Self::InvokeMessages,
            other => other,
        }
    }
}

/// How a service is spoken to.
#[derive(Clone, Copy, Debug)]
pub struct Spoken<'a> {
    /// The protocol, of those that its row lists.
    pub protocol: governance::Protocol,
    /// The vendor's name of the model.
    pub model: &'a str,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// The version of the vendor's interface, where the protocol has it in the address.
    pub api_version: Option<&'a str>,
}

/// What a path asks for: the endpoint, and what of the request stands in the path instead of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The model, decoded.
    pub model: Option<String>,
    /// Whether the answer is to be streamed.
    pub stream: Option<bool>,
}

impl Target {
    /// What a path asks for, its query apart; `None` where it is no endpoint of any protocol.
    pub fn at(path: &str) -> Option<Self> {
        let vendors = [openai::target, anthropic::target, gemini::target, bedrock::target];
        vendors.into_iter().find_map(|target| target(path))
    }

    /// Why a path that is no endpoint is none.
    pub fn why_not(path: &str) -> Code {
        if gemini::foreign(path) {
            Code::MODEL_FOREIGN
        } else if openai::compacts(path) {
            Code::COMPACTION_APART
        } else {
            Code::PATH_UNKNOWN
        }
    }

    /// Refuses a query that an endpoint does not serve. A query goes nowhere.
    pub fn admit(&self, query: Option<&str>) -> Result<(), Code> {
        match self.endpoint.protocol() {
            Protocol::Gemini => gemini::query(self, query.unwrap_or_default()),
            Protocol::OpenAi | Protocol::Anthropic | Protocol::Bedrock => Ok(()),
        }
    }

    /// An endpoint whose requests say everything in their bodies.
    pub(crate) const fn of(endpoint: Endpoint) -> Self {
        Self { endpoint, model: None, stream: None }
    }

    /// The same with a model that the path names.
    pub(crate) fn model(self, model: String) -> Self {
        Self { model: Some(model), ..self }
    }
}

impl From<Endpoint> for Target {
    fn from(endpoint: Endpoint) -> Self {
        Self::of(endpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_is_a_model_in_the_path() {
        let target = Target::at("/openai/deployments/my%20gpt/chat/completions").unwrap();
        assert_eq!((target.endpoint, target.model.as_deref()), (Endpoint::ChatCompletions, Some("my gpt")));
        assert_eq!(Target::at("/openai/v1/chat/completions"), Target::at("/v1/chat/completions"));
        for path in ["/v1/responses", "/openai/v1/responses", "/openai/responses"] {
            assert_eq!(Target::at(path), Some(Endpoint::Responses.into()), "{path}");
        }
        for none in [
            "/openai/chat/completions",
            "/v1/responses/resp_1",
            "/v1/responses/",
            "/v1/responses/compact",
            "/responses",
            "/openai/deployments/a/b/chat/completions",
            "/v1/chat",
            "/",
        ] {
            assert_eq!(Target::at(none), None, "{none}");
        }
        let counted = Some(Endpoint::InputTokens.into());
        assert_eq!(Target::at("/openai/v1/responses/input_tokens"), counted);
        assert_eq!(Target::at("/openai/responses/input_tokens"), counted);
        for path in ["/v1/responses/compact", "/openai/v1/responses/compact", "/openai/responses/compact"] {
            assert_eq!(Target::why_not(path), Code::COMPACTION_APART, "{path}");
        }
        assert_eq!(Target::why_not("/v1/responses/other"), Code::PATH_UNKNOWN);
        for bad in ["/openai/deployments/%zz/chat/completions", "/openai/deployments/%ff/chat/completions"] {
            assert_eq!(Target::at(bad), None, "{bad}");
        }
    }

    /// Where a path says which endpoint is meant, no other of its protocol has the same end; of two whose body tells
    /// them apart it leads to the first.
    #[test]
    fn every_end_of_a_path_leads_to_its_endpoint() {
        for endpoint in Endpoint::ALL {
            let led = if endpoint == Endpoint::InvokeMessages { Endpoint::Invoke } else { endpoint };
            for (index, end) in endpoint.row().ends.iter().enumerate() {
                assert_eq!(Endpoint::ending(endpoint.protocol(), end), Some((led, index > 0)));
            }
        }
        assert_eq!(Endpoint::ending(Protocol::OpenAi, "messages"), None);
        assert_eq!(Endpoint::ending(Protocol::Gemini, ""), None);
    }

    #[test]
    fn a_key_in_a_query_is_seen() {
        for query in ["key=a", "alt=sse&key=a", "k%65y=a", "api-key=a", "access_token=a", "key"] {
            assert!(holds_key(query), "{query}");
        }
        for query in ["", "alt=sse", "monkey=1", "a=key", "beta=true"] {
            assert!(!holds_key(query), "{query}");
        }
    }

    #[test]
    fn a_dated_service_is_asked_by_deployment() {
        let spoken = Spoken {
            protocol: governance::Protocol::AzureOpenai,
            model: "gpt/4?o",
            stream: false,
            api_version: Some("2024-10-21"),
        };
        assert_eq!(
            Endpoint::ChatCompletions.address(&spoken),
            "/deployments/gpt%2F4%3Fo/chat/completions?api-version=2024-10-21"
        );
        assert_eq!(Endpoint::Responses.address(&spoken), "/responses?api-version=2024-10-21");
        assert_eq!(Endpoint::InputTokens.address(&spoken), "/responses/input_tokens?api-version=2024-10-21");
        let plain = Spoken { protocol: governance::Protocol::Openai, api_version: None, ..spoken };
        assert_eq!(Endpoint::ChatCompletions.address(&plain), "/chat/completions");
        assert_eq!(Endpoint::Responses.address(&plain), "/responses");
    }

    #[test]
    fn bedrocks_models_are_segments_of_the_path() {
        let arn = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-v1:0";
        for path in [
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A111122223333%3Ainference-profile%2Fus.anthropic.claude-v1%3A0/converse",
            &format!("/model/{arn}/converse"),
        ] {
            let target = Target::at(path).unwrap();
            assert_eq!((target.endpoint, target.model.as_deref()), (Endpoint::Converse, Some(arn)), "{path}");
            assert_eq!(target.stream, Some(false));
        }
        let streamed = Target::at("/model/m/invoke-with-response-stream").unwrap();
        assert_eq!((streamed.endpoint, streamed.stream), (Endpoint::Invoke, Some(true)));
        for none in
            ["/model/converse", "/model//converse", "/model/m", "/model/%zz/converse", "/model/m/apply"]
        {
            assert_eq!(Target::at(none), None, "{none}");
        }
        let spoken = Spoken {
            protocol: governance::Protocol::Bedrock,
            model: "us.anthropic.claude-v1:0",
            stream: true,
            api_version: None,
        };
        let address = |endpoint: Endpoint| endpoint.address(&spoken);
        assert_eq!(address(Endpoint::Converse), "/model/us.anthropic.claude-v1%3A0/converse-stream");
        assert_eq!(
            address(Endpoint::InvokeMessages),
            "/model/us.anthropic.claude-v1%3A0/invoke-with-response-stream"
        );
    }
}
