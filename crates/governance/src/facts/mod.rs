//! What vendors say: dated, sourced facts of who offers agreements on which product, endpoint and mode.
//!
//! They pre-fill rows and are compared with rows. They never make anything covered: coverage knows only agreements
//! that were recorded, and does not read this. The file is `data/vendors.json`; who ships it signs it, and who
//! reads it checks the signature before [`Facts::read`].

mod address;
mod check;
mod compare;
mod seen;

use serde::{Deserialize, Serialize};
use terms::{Name, UtcMillis, VendorId};

use crate::value::{Endpoint, Party, Text, moment};
use crate::{Feature, FieldError, Protocol};

pub use address::AddressForm;
pub use compare::{Claim, Mismatch, Severity, compare};
pub use seen::Seen;

/// A file of facts as this build ships it.
#[derive(Clone, Copy, Debug)]
pub struct ShippedFacts {
    /// The file.
    pub text: &'static str,
    /// Its signature: the signature line of a C2SP signed note whose text is the file.
    pub signature: &'static str,
    /// The key that signs facts: a C2SP verifier key, with its newline.
    pub key: &'static str,
}

/// The facts that this build ships.
pub const SHIPPED_FACTS: ShippedFacts = ShippedFacts {
    text: include_str!("../../data/vendors.json"),
    signature: include_str!("../../data/vendors.json.sig"),
    key: include_str!("../../data/facts.vkey"),
};

/// What vendors say, on one day.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Version of this form: 1.
    pub v: u8,
    /// The day on which the pages were last read.
    #[serde(with = "moment")]
    pub as_of: UtcMillis,
    /// What these facts are and are not.
    pub about: String,
    /// One entry for each product or tier.
    pub offerings: Vec<Offering>,
}

/// One product or tier, and what its vendor says of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offering {
    /// Its name here, for instance `openai-api`.
    pub name: Name,
    /// Whose it is.
    pub vendor: OfferingVendor,
    /// The product, as the vendor calls it.
    pub product: Text,
    /// The tier, where tiers differ in what is said here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Text>,
    /// Where it is reached; the most usual first.
    pub endpoints: Vec<Reach>,
    /// How callers prove themselves, as words of [`CREDENTIALS`]; the most usual first.
    pub credentials: Vec<Name>,
    /// Whether an agreement is offered.
    pub agreement: Offered,
    /// What the vendor says may be used under the agreement. What is neither here nor excluded is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<Covers>,
    /// What the vendor takes out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<Excludes>,
    /// What it keeps of requests, by mode.
    pub retention: Vec<Retention>,
    /// Regions that the vendor names; not always all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<Name>,
    /// What else matters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Where all this is said.
    pub sources: Vec<Source>,
}

/// A vendor, as a row may have it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferingVendor {
    /// Name of the row.
    pub name: VendorId,
    /// The company; an agreement may name another of its group.
    pub legal_name: Text,
    /// Its node in the chain of agreements.
    pub party: Party,
}

/// An address with the protocols that are spoken there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// The base address.
    pub address: AddressForm,
    /// What is spoken there.
    pub protocols: Vec<Protocol>,
    /// Ids of sources.
    pub sources: Vec<Name>,
}

/// Whether a vendor offers an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// to every customer
    Yes,
    /// its terms speak against it
    No,
    /// to those whom it accepts
    OnRequest,
    /// no page of its own was found that says so
    Unknown,
}

impl Answer {
    /// The answer as the file writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::OnRequest => "on-request",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether an agreement is offered, and how it is had.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offered {
    /// Whether.
    pub offered: Answer,
    /// How, or what is said instead.
    pub what: String,
    /// Ids of sources.
    pub sources: Vec<Name>,
}

/// Uses that may come under the agreement.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covers {
    /// Which.
    pub features: Vec<Feature>,
    /// As the vendor describes them.
    pub what: String,
    /// Ids of sources.
    pub sources: Vec<Name>,
}

/// Uses that are taken out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excludes {
    /// Which.
    pub features: Vec<Feature>,
    /// Of what: [`AGREEMENT`], or a retention mode.
    pub from: Name,
    /// As the vendor describes it.
    pub what: String,
    /// The vendor's own page was not read to the point: somebody else reports it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unconfirmed: bool,
    /// Ids of sources.
    pub sources: Vec<Name>,
}

/// What is kept of requests.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The mode, as a service's row writes it.
    pub mode: Name,
    /// Whether it holds where nothing was arranged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// What it means, and how it is had.
    pub what: String,
    /// Ids of sources.
    pub sources: Vec<Name>,
}

/// Something worth knowing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What.
    pub what: String,
    /// Ids of sources.
    pub sources: Vec<Name>,
}

/// How a source was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// a copy of the vendor's own page
    Page,
    /// what others report of the vendor's own page, which is the address given: read it before relying on it
    Reported,
}

/// Where something is said.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its id in this offering.
    pub id: Name,
    /// Title of the page.
    pub title: Text,
    /// Address of the vendor's own page.
    pub address: String,
    /// When it was read.
    #[serde(with = "moment")]
    pub read: UtcMillis,
    /// The day that the page itself bears, where it bears one.
    #[serde(default, with = "crate::value::optional_moment", skip_serializing_if = "Option::is_none")]
    pub dated: Option<UtcMillis>,
    /// How.
    pub basis: Basis,
}

/// Words for credentials in facts.
pub const CREDENTIALS: [&str; 7] =
    ["bearer", "x-api-key", "api-key", "x-goog-api-key", "aws-sigv4", "entra", "google-service-account"];

/// What [`Excludes::from`] says where a use is taken out of the agreement itself.
pub const AGREEMENT: &str = "agreement";

impl Source {
    /// How and when it was read, and the day that it bears itself: `read 2026-11-22, dated 2025-10-01`.
    pub fn when(&self) -> String {
        let read = match self.basis {
            Basis::Page => "read",
            Basis::Reported => "reported",
        };
        let dated = self.dated.map(|dated| format!(", dated {}", day(dated))).unwrap_or_default();
        format!("{read} {}{dated}", day(self.read))
    }
}

/// A day as facts write it, `YYYY-MM-DD`.
pub fn day(at: UtcMillis) -> String {
    at.to_string().chars().take(10).collect()
}

impl Facts {
    /// Reads a file of facts and checks it. Whether its signature holds was asked before.
    pub fn read(text: &str) -> Result<Self, FieldError> {
        let facts: Self =
            serde_json::from_str(text).map_err(|error| FieldError::new("facts", error.to_string()))?;
        facts.check()?;
        Ok(facts)
    }

    /// The offering of this name.
    pub fn offering(&self, name: &str) -> Option<&Offering> {
        self.offerings.iter().find(|offering| offering.name.as_str() == name)
    }

    /// The day of the facts, `YYYY-MM-DD`.
    pub fn day(&self) -> String {
        day(self.as_of)
    }

    /// Whole days from the day of the facts to `now`; 0 before it.
    pub const fn age_days(&self, now: UtcMillis) -> u64 {
        now.0.saturating_sub(self.as_of.0) / 86_400_000
    }

    /// The offerings that are reached at `endpoint`: by its host alone, whatever its path.
    pub fn at<'a>(&'a self, endpoint: &'a Endpoint) -> impl Iterator<Item = &'a Offering> {
        self.offerings.iter().filter(|offering| {
            offering.endpoints.iter().any(|reach| reach.address.host_of(endpoint).is_some())
        })
    }
}

impl Offering {
    /// The retention mode where nothing was arranged.
    pub fn usual_retention(&self) -> Option<&Retention> {
        self.retention.iter().find(|retention| retention.default)
    }

    /// The source of this id.
    pub fn source(&self, id: &Name) -> Option<&Source> {
        self.sources.iter().find(|source| source.id == *id)
    }

    /// The address for a region, or without one, where all of `protocols` are spoken. `Err` has the form that
    /// somebody must fill, or nothing where no address speaks them.
    pub fn reach(
        &self,
        region: Option<&Name>,
        protocols: &[Protocol],
    ) -> Result<(Endpoint, &Reach), Option<&AddressForm>> {
        let speaks = |reach: &&Reach| protocols.iter().all(|wanted| reach.protocols.contains(wanted));
        let usual = || self.endpoints.iter().filter(speaks);
        let regional = usual().find(|reach| reach.address.has_region());
        let chosen = match region {
            Some(_) => regional.or_else(|| usual().next()),
            None => usual().find(|reach| !reach.address.has_region()).or(regional),
        };
        let reach = chosen.ok_or(None)?;
        let endpoint = reach.address.fill(region).ok_or(Some(&reach.address))?;
        Ok((endpoint, reach))
    }
}
