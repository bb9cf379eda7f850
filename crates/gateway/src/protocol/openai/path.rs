//! Where OpenAI's protocol is spoken.
//!
//! Source: OpenAI's API reference; Azure OpenAI's reference, data plane: the model is a deployment, named in the path, but
//! for responses, whose bodies name it.

use std::borrow::Cow;

use crate::protocol::{Endpoint, Protocol, Spoken, Target, percent};

/// What a path asks for: OpenAI's own, or Azure's with its prefix and deployment.
pub(crate) fn target(path: &str) -> Option<Target> {
    if let Some(rest) = path.strip_prefix("/openai/deployments/") {
        let (deployment, operation) = rest.split_once('/')?;
        let deployment = percent::decode(deployment)?;
        return Some(Target::of(endpoint(operation)?).model(deployment));
    }
    endpoint(operation(path)?).map(Target::of)
}

/// What stands behind the version; of responses, whose bodies name the model, Azure's dated form has none.
fn operation(path: &str) -> Option<&str> {
    let own = path.strip_prefix("/openai").unwrap_or(path);
    let dated = || path.strip_prefix("/openai/").filter(|operation| of_responses(operation));
    own.strip_prefix("/v1/").or_else(dated)
}

fn of_responses(operation: &str) -> bool {
    operation.strip_prefix("responses").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path has the vendor compact a conversation apart from any answer.
pub(crate) fn compacts(path: &str) -> bool {
    operation(path) == Some("responses/compact")
}

fn endpoint(operation: &str) -> Option<Endpoint> {
    Endpoint::ending(Protocol::OpenAi, operation).map(|(endpoint, _)| endpoint)
}

/// The address below a service's base: below its version, or, in Azure's dated form, below `/openai`.
pub(crate) fn address(operation: &'static str, spoken: &Spoken<'_>) -> Cow<'static, str> {
    match (spoken.protocol, spoken.api_version) {
        (governance::Protocol::AzureOpenai, Some(version)) => {
            let (deployment, version) = (percent::encode(spoken.model), percent::encode(version));
            if of_responses(operation) {
                return format!("/{operation}?api-version={version}").into();
            }
            format!("/deployments/{deployment}/{operation}?api-version={version}").into()
        }
        _ => format!("/{operation}").into(),
    }
}
