//! Services: products or tiers of a vendor.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use terms::{Name, VendorId};

use crate::RegisterKind;
use crate::registers::{Holdings, Register};
use crate::row::{Body, FieldError, sealed};
use crate::value::{Amount, Endpoint, InvalidValue, ModelName, Network, Text, is_public};

/// A wire protocol that a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Protocol {
    /// OpenAI's, and that of all who speak it: the base address ends in a version, `https://…/v1`
    Openai,
    /// OpenAI's in Azure's dated form, with the model as a deployment in the path: the base address ends in `/openai`
    AzureOpenai,
    /// Anthropic's: the base address ends in a version
    Anthropic,
    /// that of Amazon Bedrock's runtime: the base address is the host alone
    Bedrock,
    /// that of Gemini: the base address ends before `/models`, after a version or, for Vertex, after a publisher
    Gemini,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 5] =
        [Self::Openai, Self::AzureOpenai, Self::Anthropic, Self::Bedrock, Self::Gemini];

    /// The protocol as rows write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::AzureOpenai => "azure-openai",
            Self::Anthropic => "anthropic",
            Self::Bedrock => "bedrock",
            Self::Gemini => "gemini",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Protocol {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|protocol| protocol.as_str() == text)
            .ok_or(InvalidValue::expected("openai, azure-openai, anthropic, bedrock or gemini"))
    }
}

/// Where a service's models run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Placement {
    /// at the vendor: using it is a disclosure
    #[default]
    Vendor,
    /// inside the wall: on this machine, or over TLS on a declared private network
    OnPremises,
}

impl FromStr for Placement {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "vendor" => Ok(Self::Vendor),
            "on-premises" => Ok(Self::OnPremises),
            _ => Err(InvalidValue::expected("vendor or on-premises")),
        }
    }
}

/// One model of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The name that requests use.
    pub name: ModelName,
    /// The vendor's own name of it, where that is another. Scope rows speak of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<ModelName>,
    /// Further names that requests may use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<ModelName>,
    /// What a million tokens cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
}

/// What a million tokens cost, in the operator's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of requests.
    pub input: Amount,
    /// Of answers.
    pub output: Amount,
}

impl Model {
    /// The vendor's own name of the model.
    pub fn upstream(&self) -> &str {
        self.upstream.as_ref().unwrap_or(&self.name).as_str()
    }

    /// Whether requests may call the model `name`.
    pub fn is_called(&self, name: &str) -> bool {
        self.names().any(|own| own == name)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(ModelName::as_str))
    }
}

/// A product or tier of a vendor, with its endpoint and account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Whose it is.
    pub vendor: VendorId,
    /// The product, as the vendor calls it.
    pub product: Text,
    /// The tier, where the product has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Text>,
    /// The protocols that it speaks.
    pub protocols: BTreeSet<Protocol>,
    /// Where it is reached.
    pub endpoint: Endpoint,
    /// The version of the vendor's interface, where it is said apart from the address: Azure's dated form has one, for
    /// instance `2024-10-21`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<Text>,
    /// The account or project at the vendor, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Text>,
    /// Where it processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Name>,
    /// What it keeps of requests, for instance `zero` or `30-days`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_mode: Option<Name>,
    /// Where its models run.
    #[serde(default)]
    pub placement: Placement,
    /// Its models.
    pub models: Vec<Model>,
    /// The private networks in which its endpoint may lie.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<Network>,
    /// Whether it takes the field `store` of chat completions, so that `false` can be written into every request.
    /// Not said: a vendor's service does, one on premises may not, and keeps nothing for others to see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_field: Option<bool>,
}

impl Service {
    /// Whether `store: false` is written into requests that do not say `store`.
    pub fn takes_store_field(&self) -> bool {
        self.store_field.unwrap_or(self.placement == Placement::Vendor)
    }

    /// What the model that requests call `name` costs; nothing, where it runs inside the wall and has no price.
    pub fn price(&self, name: &str) -> Option<Price> {
        let stated = self.model(name).and_then(|model| model.price);
        stated.or((self.placement == Placement::OnPremises).then(Price::default))
    }

    /// The model that requests call `name`.
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.is_called(name))
    }

    /// Whether the models run inside the wall and are reached without leaving it: loopback, or TLS into a
    /// declared private network. Whoever connects must also check [`Service::may_connect`].
    pub fn on_premises(&self) -> bool {
        self.placement == Placement::OnPremises
            && (self.endpoint.is_loopback() || (self.endpoint.tls() && !self.network.is_empty()))
    }

    /// Whether the endpoint may resolve to `address`: this machine for a loopback endpoint only, a private
    /// network only if it is declared, the open internet only for a vendor's service.
    pub fn may_connect(&self, address: IpAddr) -> bool {
        if self.endpoint.is_loopback() {
            return address.is_loopback();
        }
        self.network.iter().any(|network| network.contains(address))
            || (self.placement == Placement::Vendor && is_public(address))
    }

    fn check_models(&self) -> Result<(), FieldError> {
        let mut names = BTreeSet::new();
        for (index, model) in self.models.iter().enumerate() {
            if !model.names().all(|name| names.insert(name)) {
                return Err(FieldError::new(format!("models[{index}]"), "a name is given twice"));
            }
        }
        if self.models.is_empty() {
            return Err(FieldError::new("models", "name at least one model"));
        }
        Ok(())
    }
}

impl sealed::Sealed for Service {}

impl Body for Service {
    const KIND: RegisterKind = RegisterKind::Service;

    fn check(&self) -> Result<(), FieldError> {
        self.check_models()?;
        if self.protocols.is_empty() {
            return Err(FieldError::new(
                "protocols",
                "name at least one: openai, azure-openai, anthropic, …",
            ));
        }
        if self.protocols.contains(&Protocol::AzureOpenai) != self.api_version.is_some() {
            return Err(FieldError::new(
                "api_version",
                "belongs to the protocol azure-openai, which needs one, such as 2024-10-21",
            ));
        }
        if self.placement == Placement::OnPremises && !self.on_premises() {
            return Err(FieldError::new(
                "network",
                "a service on premises is reached on loopback, or over https in a private network declared here",
            ));
        }
        match self.endpoint.address() {
            Some(address) if !self.may_connect(address) => Err(FieldError::new(
                "endpoint",
                "its address is private and not declared in `network`, or public for a service on premises",
            )),
            _ => Ok(()),
        }
    }

    fn check_names(&self, _id: &Name, holdings: &Holdings) -> Result<(), FieldError> {
        match holdings.vendors.current(self.vendor.as_str()) {
            Some(_) => Ok(()),
            None => Err(FieldError::absent("vendor", RegisterKind::Vendor, self.vendor.as_str())),
        }
    }

    fn register(holdings: &Holdings) -> &Register<Self> {
        &holdings.services
    }
}
