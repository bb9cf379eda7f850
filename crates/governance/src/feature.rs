//! What a request asks of a service beyond text in, text out.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::InvalidValue;

/// One kind of use of a service. A scope row covers [`Feature::Inference`] by itself and others only by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Feature {
    /// text in, text out
    Inference,
    /// images in the request
    Images,
    /// sound in the request
    Audio,
    /// files in the request
    Files,
    /// an address that the vendor is asked to fetch
    ExternalUrl,
    /// state that the vendor keeps between requests
    VendorState,
    /// a tool that the vendor hosts
    HostedTool,
    /// requests that the vendor answers later
    Batch,
    /// vectors out
    Embeddings,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 9] = [
        Self::Inference,
        Self::Images,
        Self::Audio,
        Self::Files,
        Self::ExternalUrl,
        Self::VendorState,
        Self::HostedTool,
        Self::Batch,
        Self::Embeddings,
    ];

    /// The feature as rows and policies write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inference => "inference",
            Self::Images => "images",
            Self::Audio => "audio",
            Self::Files => "files",
            Self::ExternalUrl => "external-url",
            Self::VendorState => "vendor-state",
            Self::HostedTool => "hosted-tool",
            Self::Batch => "batch",
            Self::Embeddings => "embeddings",
        }
    }

    /// Whether the feature stays inside the wall when the model does: a fetched address and a hosted tool are
    /// third parties wherever the model runs.
    pub const fn stays_on_premises(self) -> bool {
        !matches!(self, Self::ExternalUrl | Self::HostedTool)
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Feature {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|feature| feature.as_str() == text).ok_or(InvalidValue::expected(
            "inference, images, audio, files, external-url, vendor-state, hosted-tool, batch or embeddings",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_written_alike_everywhere() {
        for feature in Feature::ALL {
            assert_eq!(feature.as_str().parse(), Ok(feature));
            assert_eq!(serde_json::to_string(&feature).unwrap(), format!("\"{feature}\""));
        }
    }
}
