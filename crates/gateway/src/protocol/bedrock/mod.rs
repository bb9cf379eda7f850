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

/// The address below a service's host.
pub(crate) fn address(operation: &str, spoken: &Spoken<'_>) -> Cow<'static, str> {
    format!("/model/{}/{operation}", percent::encode(spoken.model)).into()
}
