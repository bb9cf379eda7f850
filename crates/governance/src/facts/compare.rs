//! A service's row against the scope rows that name it and against what is known of its address.
//!
//! Coverage needs none of this and is not changed by it: a scope row that does not fit covers nothing, and a row that
//! fits may still say what is not so. That is what is looked for here, as far as it shows.

use std::fmt::Write as _;

use terms::{Name, UtcMillis};

use super::{AGREEMENT, Answer, Facts, Offering, Reach};
use crate::value::Text;
use crate::{OrAny, Placement, ScopeRow, Service};

/// How serious a mismatch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// the row says what its own address contradicts: what it covers rests on it
    Wrong,
    /// it may be meant: somebody should look
    Look,
}

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// A stable word for it.
    pub word: &'static str,
    /// How serious.
    pub severity: Severity,
    /// What was found.
    pub found: String,
    /// What to do.
    pub help: String,
}

/// A scope row that names the service, and its place in an agreement.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The agreement.
    pub agreement: &'a Name,
    /// Which of its scope rows, from 0.
    pub index: usize,
    /// The row.
    pub row: &'a ScopeRow,
}

/// Everything about a service that does not fit, the rows among themselves first.
pub fn compare(id: &Name, service: &Service, claims: &[Claim<'_>], facts: &Facts) -> Vec<Mismatch> {
    let mut report = Report { id, service, found: Vec::new() };
    for claim in claims {
        report.claim(claim);
    }
    report.placement(facts);
    report.api_version();
    if service.placement == Placement::OnPremises {
        return report.found;
    }
    let offerings: Vec<&Offering> = facts.at(&service.endpoint).collect();
    if let Some(offering) = report.offering(&offerings) {
        report.address(offering);
        report.modes(offering);
        for claim in claims {
            report.offered(claim, offering);
        }
    }
    report.found
}

struct Report<'a> {
    id: &'a Name,
    service: &'a Service,
    found: Vec<Mismatch>,
}

impl Report<'_> {
    fn look(&mut self, word: &'static str, found: String, help: impl Into<String>) {
        self.found.push(Mismatch { word, severity: Severity::Look, found, help: help.into() });
    }

    fn wrong(&mut self, word: &'static str, found: String, help: impl Into<String>) {
        self.found.push(Mismatch { word, severity: Severity::Wrong, found, help: help.into() });
    }

    fn replace(&self, option: &str) -> String {
        format!("`chaperon service add {} --replace` with `{option}`", self.id)
    }

    /// A scope row against the service's row: where they differ it covers nothing.
    fn claim(&mut self, claim: &Claim<'_>) {
        let (service, row, here) = (self.service, claim.row, place(claim));
        let amend =
            format!("amend `{}` where the paper says otherwise, or correct the service", claim.agreement);
        if row.endpoint != service.endpoint {
            let found = format!("{here} is for {}, the service is at {}", row.endpoint, service.endpoint);
            self.look("scope-endpoint", found, &amend);
        }
        if row.account != service.account {
            self.look("scope-account", format!("{here} names another account than the service"), &amend);
        }
        if !row.region.accepts(service.region.as_ref()) {
            let found = differ(&here, "region", &row.region, service.region.as_ref());
            self.look("scope-region", found, &amend);
        }
        if !row.retention_mode.accepts(service.retention_mode.as_ref()) {
            let found = differ(&here, "retention mode", &row.retention_mode, service.retention_mode.as_ref());
            self.look("scope-retention", found, &amend);
        }
        if !service.models.iter().any(|model| row.model.accepts(model.upstream())) {
            let found = format!("{here} is for model `{}`, which no model of the service is", row.model);
            self.look(
                "scope-model",
                found,
                "name models by the vendor's own names, or correct the scope row",
            );
        }
    }

    /// Whether what is said to be inside the wall is an address of a vendor, and the other way round.
    fn placement(&mut self, facts: &Facts) {
        let service = self.service;
        let known = facts.at(&service.endpoint).next();
        match (service.placement, known) {
            (Placement::OnPremises, Some(offering)) => {
                let found = format!(
                    "said to run on premises, and {} is where {} is",
                    service.endpoint.host(),
                    offering.product
                );
                let help =
                    format!("`chaperon service add {} --replace --drop` without `--on-premises`", self.id);
                self.wrong("placement-vendor", found, help);
            }
            (Placement::Vendor, None) if service.endpoint.is_loopback() => {
                let found = "a vendor's service at an address of this machine: what forwards it is not seen"
                    .to_owned();
                let help = format!("name the vendor's own address, or {}", self.replace("--on-premises"));
                self.look("placement-loopback", found, help);
            }
            _ => {}
        }
    }

    /// The version of Azure's dated interface: a date, and `-preview` where it is one.
    fn api_version(&mut self) {
        let Some(version) = self.service.api_version.as_ref().map(Text::as_str) else { return };
        let help = self.replace("--api-version");
        if let Some(day) = version.strip_suffix("-preview") {
            let found =
                format!("version `{day}` of the interface is a preview, which may be under other terms");
            self.look("api-version-preview", found, help);
        } else if version.len() != 10 || UtcMillis::parse(version).is_none() {
            let found = format!("version `{version}` of the interface is no date");
            self.look("api-version-form", found, help);
        }
    }

    /// Which of the offerings at this address the row is for.
    fn offering<'o>(&mut self, offerings: &[&'o Offering]) -> Option<&'o Offering> {
        let service = self.service;
        let same =
            |offering: &&&Offering| offering.product == service.product && offering.tier == service.tier;
        match offerings {
            [] => None,
            [one] => Some(one),
            several => {
                if let Some(offering) = several.iter().find(same) {
                    return Some(offering);
                }
                let mut named = String::new();
                for offering in several {
                    let _ = write!(named, "{}`{}`", if named.is_empty() { "" } else { ", " }, offering.name);
                }
                let found = format!("the address is that of {named}, which differ in what they offer");
                let help = format!("{} and `--tier` as one of them has them", self.replace("--product"));
                self.look("tier-unsaid", found, help);
                None
            }
        }
    }

    /// The address against its form, and what it shows against the row.
    fn address(&mut self, offering: &Offering) {
        let service = self.service;
        let endpoint = &service.endpoint;
        let here: Vec<&Reach> =
            offering.endpoints.iter().filter(|reach| reach.address.host_of(endpoint).is_some()).collect();
        let exact: Vec<&Reach> =
            here.iter().copied().filter(|reach| reach.address.path_of(endpoint)).collect();
        if let (true, Some(first)) = (exact.is_empty(), here.first()) {
            let found = format!("{} is usually reached at {}", offering.product, first.address);
            let help = self.replace("--endpoint");
            self.look("endpoint-form", found, help);
        }
        let spoken = if exact.is_empty() { &here } else { &exact };
        for protocol in &service.protocols {
            if !spoken.iter().any(|reach| reach.protocols.contains(protocol)) {
                let found =
                    format!("the row has protocol `{protocol}`, which is not known to be spoken there");
                let help = self.replace("--protocol");
                self.look("protocol-form", found, help);
            }
        }
        if let Some(shown) = here.first().and_then(|reach| reach.address.host_of(endpoint)) {
            self.region(offering, shown);
        }
    }

    /// The region that the host shows against the row's.
    fn region(&mut self, offering: &Offering, shown: Option<&str>) {
        let help = self.replace("--region");
        match (shown, &self.service.region) {
            (Some(shown), Some(said)) if !within(shown, said.as_str()) => {
                let found = format!("the row says region `{said}`, its address is in `{shown}`");
                self.wrong("region-differs", found, help);
            }
            (Some(shown), None) => {
                let found = format!("the address is in `{shown}`, the row says no region");
                self.look("region-unsaid", found, help);
            }
            (None, Some(said)) if offering.endpoints.iter().any(|reach| reach.address.has_region()) => {
                let found = format!("the row says region `{said}`, its address is one for all regions");
                let help = format!("use the region's own address: {}", self.replace("--endpoint"));
                self.look("region-unshown", found, help);
            }
            _ => {}
        }
    }

    /// The row's retention mode against those that the vendor knows.
    fn modes(&mut self, offering: &Offering) {
        let Some(mode) = &self.service.retention_mode else { return };
        if !offering.retention.iter().any(|known| known.mode == *mode) {
            let known: Vec<&str> = offering.retention.iter().map(|known| known.mode.as_str()).collect();
            let found = format!("retention mode `{mode}` is none of {}", known.join(", "));
            let help = self.replace("--retention");
            self.look("retention-unknown", found, help);
        }
    }

    /// What a scope row claims against what the vendor says that it offers.
    fn offered(&mut self, claim: &Claim<'_>, offering: &Offering) {
        let here = place(claim);
        let help =
            format!("read the agreement again; what is known: `chaperon vendor facts {}`", offering.name);
        if offering.agreement.offered == Answer::No {
            let found =
                format!("{here} covers {}, for which no agreement is known to be offered", offering.product);
            self.look("agreement-not-offered", found, &help);
        }
        for excludes in &offering.excludes {
            let mode = self.service.retention_mode.as_ref();
            let (word, of) = if excludes.from.as_str() == AGREEMENT {
                ("feature-excluded", "the agreement")
            } else if mode == Some(&excludes.from) {
                ("feature-outside-retention", excludes.from.as_str())
            } else {
                continue;
            };
            for feature in excludes.features.iter().filter(|feature| claim.row.features.contains(feature)) {
                let unsure = if excludes.unconfirmed { "is reported to take" } else { "takes" };
                let found = format!(
                    "{here} covers `{feature}`, which the vendor {unsure} out of {of}: {}",
                    excludes.what
                );
                self.look(word, found, &help);
            }
        }
    }
}

fn place(claim: &Claim<'_>) -> String {
    format!("scope row {} of `{}`", claim.index, claim.agreement)
}

fn differ(here: &str, what: &str, scope: &OrAny, said: Option<&Name>) -> String {
    let said = said.map_or_else(|| "none".to_owned(), |said| format!("`{said}`"));
    format!("{here} is for {what} `{scope}`, the service says {said}: it covers nothing there")
}

/// Whether a region that an address shows is the one that a row says, or part of it: `us-east-1` is in `us`.
fn within(shown: &str, said: &str) -> bool {
    shown.strip_prefix(said).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}
