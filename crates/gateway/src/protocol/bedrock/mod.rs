//! The protocol of Amazon Bedrock's runtime.
//!
//! The model stands in the path. `converse` has one grammar for all models; `invoke` carries a model's own body, of
//! which Anthropic's is known, and any other is content from end to end. Streams are binary frames.

mod converse;
mod headers;
mod invoke;
mod tokens;

pub(crate) use converse::Converse;
pub(crate) use headers::headers;
pub(crate) use invoke::{Invoke, InvokeMessages};
pub(crate) use tokens::CountTokens;

use std::borrow::Cow;

use super::{Endpoint, Protocol, Spoken, Target, percent};

/// What a path asks for: `/model/{model}/{operation}`. A model's slash may stand as it is, as in an ARN.
pub(crate) fn target(path: &str) -> Option<Target> {
    let (model, operation) = path.strip_prefix("/model/")?.rsplit_once('/')?;
    let (endpoint, stream) = Endpoint::ending(Protocol::Bedrock, operation)?;
    let target = Target::of(endpoint).model(percent::decode(model)?);
    Some(Target { stream: Some(stream), ..target })
}

/// Whether a model is of a family that makes vectors, by Amazon's name of it: a model, an inference profile, or an ARN of
/// either. What else only its vendor knows is told by bodies, where these say so.
pub(crate) fn embeds(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model);
    let in_region = name.split_once('.').map_or(name, |(_region, rest)| rest);
    EMBEDDINGS.iter().any(|family| name.starts_with(family) || in_region.starts_with(family))
}

/// Source: Amazon Bedrock's user guide, supported foundation models.
const EMBEDDINGS: [&str; 4] =
    ["amazon.titan-embed", "amazon.nova-2-multimodal-embeddings", "cohere.embed", "twelvelabs.marengo-embed"];

/// The address below a service's host.
pub(crate) fn address(operation: &str, spoken: &Spoken<'_>) -> Cow<'static, str> {
    format!("/model/{}/{operation}", percent::encode(spoken.model)).into()
}

#[cfg(test)]
mod tests {
    use super::embeds;

    #[test]
    fn families_that_make_vectors_are_known_by_name() {
        for model in [
            "amazon.titan-embed-text-v1",
            "amazon.titan-embed-text-v2:0",
            "us.cohere.embed-v4:0",
            "cohere.embed-multilingual-v3",
            "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-image-v1",
            "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.cohere.embed-v4:0",
        ] {
            assert!(embeds(model), "{model}");
        }
        for model in [
            "amazon.titan-text-express-v1",
            "anthropic.claude-v2",
            "cohere.command-r-v1:0",
            "cohere.rerank-v3-5:0",
            "embed",
            "",
        ] {
            assert!(!embeds(model), "{model}");
        }
    }
}
