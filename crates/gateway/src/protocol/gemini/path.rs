//! Where Google's protocol is spoken.
//!
//! Source: Google's reference of the Gemini API (`models.generateContent` and its siblings) and of Vertex AI
//! (`projects.locations.publishers.models`, and express mode, which has no project); system parameters of Google's
//! APIs, `key` and `alt`.

use std::borrow::Cow;

use terms::Code;

use crate::protocol::{Endpoint, Protocol, Spoken, Target, percent};

const VERSIONS: [&str; 4] = ["v1", "v1beta", "v1beta1", "v1alpha"];

/// What stands behind the version of a path.
fn below_version(path: &str) -> Option<&str> {
    let (version, rest) = path.strip_prefix('/')?.split_once('/')?;
    VERSIONS.contains(&version).then_some(rest)
}

/// What stands behind `projects/P/locations/L/`, if that is where the path is; the house has places of its own.
fn below_location(rest: &str) -> Option<&str> {
    let (_project, rest) = rest.strip_prefix("projects/")?.split_once('/')?;
    let (_location, rest) = rest.strip_prefix("locations/")?.split_once('/')?;
    Some(rest)
}

/// The model and the method after it, decoded: `NAME:METHOD`.
fn model(path: &str) -> Option<String> {
    let rest = below_version(path)?;
    let name = match below_location(rest) {
        Some(rest) => rest.strip_prefix(super::PUBLISHED)?,
        None => rest.strip_prefix(super::PUBLISHED).or_else(|| rest.strip_prefix("models/"))?,
    };
    percent::decode(name)
}

/// What stands behind the collection of models in a path, and whether that is Vertex AI's.
pub(crate) fn collection(path: &str) -> Option<(&str, bool)> {
    let rest = below_version(path)?;
    let own = below_location(rest).is_none().then(|| rest.strip_prefix("models")).flatten();
    let published = below_location(rest).unwrap_or(rest).strip_prefix("publishers/google/models");
    own.map(|rest| (rest, false)).or(published.map(|rest| (rest, true)))
}

/// What a path asks for.
pub(crate) fn target(path: &str) -> Option<Target> {
    let decoded = model(path)?;
    let (name, method) = decoded.rsplit_once(':').filter(|(name, _)| !name.is_empty())?;
    let (endpoint, stream) = Endpoint::ending(Protocol::Gemini, method)?;
    Some(Target { stream: Some(stream), ..Target::of(endpoint).model(name.to_owned()) })
}

/// Whether a path is one of Google's that names a model by what only the vendor knows: one that was tuned, an endpoint
/// that was deployed, another publisher's.
pub(crate) fn foreign(path: &str) -> bool {
    let Some(rest) = below_version(path) else { return false };
    let (rest, located) = below_location(rest).map_or((rest, false), |rest| (rest, true));
    let deployed = ["tunedModels/", "endpoints/"].iter().any(|kind| rest.starts_with(kind));
    let published = rest.starts_with("publishers/") && !rest.starts_with("publishers/google/");
    deployed || published || located && rest.starts_with("models/")
}

/// Whether a path is Google's and nobody else's, so that what is wrong with it is said in Google's shape.
pub(crate) fn is_google(path: &str) -> bool {
    let path = path.strip_prefix("/upload").unwrap_or(path);
    let beta = below_version(path).is_some_and(|_| !path.starts_with("/v1/"));
    beta || below_version(path).is_some_and(|rest| {
        ["projects/", "publishers/", "tunedModels/"].iter().any(|kind| rest.starts_with(kind))
    })
}

/// Refuses what stands in a query and may not, or does not and must. The query goes nowhere.
pub(crate) fn query(target: &Target, query: &str) -> Result<(), Code> {
    let alt = query.split('&').any(|pair| matches!(pair, "alt=sse" | "$alt=sse" | "%24alt=sse"));
    let streamed = target.endpoint == Endpoint::GenerateContent && target.stream == Some(true);
    if streamed && !alt { Err(Code::STREAM_FORM) } else { Ok(()) }
}

/// The address below a service's base, which ends before `/models`. Of streams only events are asked for.
pub(crate) fn address(method: &str, spoken: &Spoken<'_>) -> Cow<'static, str> {
    let form = if spoken.stream { "?alt=sse" } else { "" };
    format!("/models/{}:{method}{form}", percent::encode(spoken.model)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_path_name_model_and_method() {
        for (path, endpoint, stream) in [
            ("/v1beta/models/g:generateContent", Endpoint::GenerateContent, false),
            ("/v1/models/g:generateContent", Endpoint::GenerateContent, false),
            ("/v1alpha/models/g:streamGenerateContent", Endpoint::GenerateContent, true),
            ("/v1beta/models/g%3AcountTokens", Endpoint::GeminiCountTokens, false),
            (
                "/v1beta1/projects/p/locations/us-east1/publishers/google/models/g:embedContent",
                Endpoint::EmbedContent,
                false,
            ),
            ("/v1beta1/publishers/google/models/g:batchEmbedContents", Endpoint::BatchEmbedContents, false),
            ("/v1/projects/p/locations/l/publishers/google/models/g:predict", Endpoint::EmbedPredict, false),
        ] {
            let target = Target::at(path).unwrap();
            assert_eq!(
                (target.endpoint, target.model.as_deref(), target.stream),
                (endpoint, Some("g"), Some(stream)),
                "{path}"
            );
        }
        assert_eq!(
            Target::at("/v1beta/models/a%2Fb%20c:generateContent").unwrap().model.as_deref(),
            Some("a/b c")
        );
        for none in [
            "/v1beta/models/g:batchGenerateContent",
            "/v1beta/models/g",
            "/v1beta/models/:generateContent",
            "/v9/models/g:generateContent",
            "/v1beta/models/%zz:generateContent",
            "/v1beta/tunedModels/t:generateContent",
            "/v1/projects/p/locations/l/endpoints/7:generateContent",
            "/v1/projects/p/locations/l/models/7:generateContent",
            "/v1/projects/p/publishers/google/models/g:generateContent",
        ] {
            assert_eq!(Target::at(none), None, "{none}");
        }
    }

    #[test]
    fn what_only_the_vendor_knows_is_told_from_what_nobody_does() {
        for path in [
            "/v1beta/tunedModels/t:generateContent",
            "/v1/projects/p/locations/l/endpoints/7:generateContent",
            "/v1/projects/p/locations/l/models/7:predict",
            "/v1/projects/p/locations/l/publishers/meta/models/m:generateContent",
        ] {
            assert!(foreign(path) && is_google(path), "{path}");
        }
        assert!(!foreign("/v1beta/files/x") && is_google("/v1beta/files/x"));
        assert!(is_google("/upload/v1beta/files"));
        assert!(!foreign("/v1/chat/completions") && !is_google("/v1/chat/completions"));
    }

    #[test]
    fn a_service_is_asked_below_its_base() {
        let spoken = |stream| Spoken {
            protocol: governance::Protocol::Gemini,
            model: "gemini/x",
            stream,
            api_version: None,
        };
        assert_eq!(Endpoint::GenerateContent.address(&spoken(false)), "/models/gemini%2Fx:generateContent");
        assert_eq!(
            Endpoint::GenerateContent.address(&spoken(true)),
            "/models/gemini%2Fx:streamGenerateContent?alt=sse"
        );
        assert_eq!(Endpoint::EmbedPredict.address(&spoken(false)), "/models/gemini%2Fx:predict");
    }

    #[test]
    fn a_stream_is_served_as_events_only() {
        let target = |method: &str| target(&format!("/v1beta/models/g:{method}")).unwrap();
        let streamed = target("streamGenerateContent");
        assert_eq!(query(&streamed, "alt=sse"), Ok(()));
        assert_eq!(query(&streamed, "a=b&$alt=sse"), Ok(()));
        assert_eq!(query(&streamed, ""), Err(Code::STREAM_FORM));
        assert_eq!(query(&streamed, "alt=json"), Err(Code::STREAM_FORM));
        assert_eq!(query(&target("generateContent"), ""), Ok(()));
    }
}
