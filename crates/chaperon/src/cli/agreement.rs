//! agreement

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use governance::{Feature, ModelPattern, OrAny, Party, Text};
use terms::{Name, UtcMillis, VendorId};

use super::Entry;
use super::rows::{Noun, RowCommand};

/// Agreements: business associate and data use agreements, with their terms and scope
#[derive(Debug, Subcommand)]
pub(crate) enum AgreementCommand {
    Add(Box<AgreementAdd>),
    #[command(flatten)]
    Rows(RowCommand<Agreements>),
}

/// The words of this noun.
#[derive(Debug)]
pub(crate) struct Agreements;

impl Noun for Agreements {
    const NOUN: &'static str = "agreement";
    const ONE: &'static str = "one agreement";
    const EXAMPLE: &'static str = "acme-baa";
    const END: &'static str = "End it: what it covered is refused from now on";
    const WHY: &'static str = "terminated by the vendor";
}

/// Record an agreement
///
/// It covers what its scope rows name and nothing else. Endpoint and account of a scope row are taken from the
/// service as it is recorded now: when the service moves, the agreement no longer covers it.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("counterpart").args(["vendor", "to", "from_file"]).required(true),
    after_help = "Examples:
  chaperon agreement add acme-baa --vendor acme-llm --effective 2026-01-01 --ends 2027-12-31 \\
      --no-training --retention zero --breach-notice-hours 24 --scope acme-api
  chaperon agreement add acme-baa --vendor acme-llm --no-training --retention zero \\
      --scope 'acme-api;model=acme-large;features=images,files;region=us' --region us
  chaperon agreement add agency --from mercy-hospital --to acme-agency --no-training
      The link between covered entity and business associate; the vendor's is its subcontractor's
  chaperon agreement add acme-baa --from-file acme-baa.toml"
)]
pub(crate) struct AgreementAdd {
    /// Its name: a-z, 0-9, `-`, `_`, `.`
    pub(crate) name: Name,
    /// The vendor that it is with: `--to` is the vendor's party
    #[arg(long, value_name = "NAME", conflicts_with = "to")]
    pub(crate) vendor: Option<VendorId>,
    /// What it is [default: baa, or subcontractor-baa when a business associate hands on to a vendor]
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<KindArg>,
    /// The party that hands PHI on [default: the engagement's operator]
    #[arg(long, value_name = "PARTY")]
    pub(crate) from: Option<Party>,
    /// The party that is handed PHI
    #[arg(long, value_name = "PARTY")]
    pub(crate) to: Option<Party>,
    /// First day [default: now]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(crate) effective: Option<UtcMillis>,
    /// When it ends: midnight UTC at the beginning of that day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(crate) ends: Option<UtcMillis>,
    /// The vendor does not train on what is sent
    #[arg(long)]
    pub(crate) no_training: bool,
    /// What the vendor keeps, for instance `zero` or `30-days` [default: not agreed]
    #[arg(long, value_name = "MODE")]
    pub(crate) retention: Option<Name>,
    /// A region that it allows; may be repeated [default: not agreed]
    #[arg(long = "region", value_name = "NAME")]
    pub(crate) regions: Vec<Name>,
    /// Hours within which the vendor reports a breach
    #[arg(long, value_name = "HOURS")]
    pub(crate) breach_notice_hours: Option<u32>,
    /// A subprocessor that has an agreement of its own with the vendor; may be repeated
    #[arg(long = "subprocessor", value_name = "NAME")]
    pub(crate) subprocessors: Vec<Text>,
    /// A subprocessor that has none: it stops every use; may be repeated
    #[arg(long = "uncovered-subprocessor", value_name = "NAME")]
    pub(crate) uncovered: Vec<Text>,
    /// What it covers, repeated for each row. A model may end in `*`. Left out: any model, the regions and the retention
    /// of the agreement, and of features `inference` alone
    #[arg(long = "scope", value_name = "SERVICE[;model=…][;features=…][;region=…][;retention=…]")]
    pub(crate) scopes: Vec<ScopeArg>,
    /// Read everything from a TOML or JSON file instead, in the form that `show --json` writes
    #[arg(long, value_name = "FILE", conflicts_with_all = ["vendor", "to", "from", "kind", "effective", "ends", "scopes"])]
    pub(crate) from_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) entry: Entry,
}

/// What an agreement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindArg {
    /// Covered entity and business associate (45 CFR 164.504(e))
    Baa,
    /// Business associate and subcontractor (45 CFR 164.504(e)(5))
    SubcontractorBaa,
    /// Data use agreement for a limited data set (45 CFR 164.514(e))
    Dua,
}

fn shown(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn date(text: &str) -> Result<UtcMillis, &'static str> {
    UtcMillis::parse(text).ok_or("write a date as YYYY-MM-DD")
}

/// `SERVICE[;model=…][;features=…][;region=…][;retention=…]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScopeArg {
    pub(crate) service: Name,
    pub(crate) model: ModelPattern,
    pub(crate) features: BTreeSet<Feature>,
    pub(crate) region: OrAny,
    pub(crate) retention: OrAny,
}

impl FromStr for ScopeArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split(';').map(str::trim);
        let service = parts.next().unwrap_or_default().parse().map_err(shown)?;
        let any = "*".parse().map_err(shown)?;
        let mut scope = Self {
            service,
            model: any,
            features: BTreeSet::new(),
            region: OrAny::default(),
            retention: OrAny::default(),
        };
        for part in parts {
            let (key, value) = part.split_once('=').ok_or("write KEY=VALUE after the service")?;
            let value = value.trim();
            match key.trim() {
                "model" => scope.model = value.parse().map_err(shown)?,
                "features" => {
                    let features = value.split(',').map(|name| name.trim().parse().map_err(shown));
                    scope.features = features.collect::<Result<_, _>>()?;
                }
                "region" => scope.region = value.parse().map_err(shown)?,
                "retention" => scope.retention = value.parse().map_err(shown)?,
                _ => return Err("a scope has the keys model, features, region and retention".to_owned()),
            }
        }
        Ok(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_names_a_service_and_narrows_it() {
        let scope: ScopeArg = "acme; model = acme-* ;features=files, images;region=us".parse().unwrap();
        assert_eq!(scope.service.as_str(), "acme");
        assert_eq!(scope.model, "acme-*".parse().unwrap());
        assert_eq!((scope.region, scope.retention), ("us".parse().unwrap(), OrAny::default()));
        assert_eq!(scope.features, BTreeSet::from([Feature::Files, Feature::Images]));
        assert!("acme;features=telepathy".parse::<ScopeArg>().is_err());
        assert!("acme;colour=red".parse::<ScopeArg>().is_err());
        assert!("Acme".parse::<ScopeArg>().is_err());
    }
}
