//! Rows that are filled from what vendors say, and what was filled from which source. It fills rows of vendors and
//! services only: nothing here makes an agreement, and without one nothing is covered.

use governance::Endpoint;
use governance::facts::{AddressForm, Offering, Reach, Source};
use serde::Serialize;
use terms::{Clock as _, Name};

use crate::Ended;
use crate::cli::{ServiceAdd, VendorAdd};
use crate::config::{Config, nearest};
use crate::exit::Exit;
use crate::facts::Known;
use crate::failure::Failure;
use crate::house::SystemClock;
use crate::operations::RowView;
use crate::output::{Output, Table, safe};

/// An offering, and what was taken from it.
pub(super) struct Prefill {
    known: Known,
    offering: Offering,
    filled: Vec<Filled>,
}

/// One value, and where it is said.
#[derive(Serialize)]
struct Filled {
    field: &'static str,
    value: String,
    sources: Vec<String>,
}

/// What was filled, for programs.
#[derive(Serialize)]
struct Told<'a> {
    offering: &'a Name,
    facts: String,
    from: &'a str,
    credentials: &'a [Name],
    filled: &'a [Filled],
}

impl Prefill {
    /// Finds the offering that is named.
    pub(super) fn find(config: &Config, name: &Name) -> Result<Self, Failure> {
        let known = crate::facts::load(config.facts.file.as_deref())?;
        let offering = offering(&known, name)?.clone();
        Ok(Self { known, offering, filled: Vec::new() })
    }

    /// Fills what is not given of a vendor.
    pub(super) fn vendor(&mut self, add: &mut VendorAdd) {
        let vendor = self.offering.vendor.clone();
        self.fill("legal name", &mut add.legal_name, Some(vendor.legal_name), &[]);
        self.fill("party", &mut add.party, Some(vendor.party), &[]);
    }

    /// Fills what is not given of a service. What nobody arranged is taken as not arranged: of the retention modes,
    /// the usual one.
    pub(super) fn service(&mut self, add: &mut ServiceAdd) -> Result<(), Failure> {
        let offering = self.offering.clone();
        let reach = if let Some(given) = &add.endpoint {
            spoken_at(&offering, given)
        } else {
            let (endpoint, reach) = offering
                .reach(add.region.as_ref(), &add.protocols)
                .map_err(|form| unfilled(&offering, form))?;
            self.fill("endpoint", &mut add.endpoint, Some(endpoint), &reach.sources);
            Some(reach)
        };
        if let (true, Some(reach)) = (add.protocols.is_empty(), reach) {
            for protocol in &reach.protocols {
                let mut spoken = None;
                self.fill("protocol", &mut spoken, Some(*protocol), &reach.sources);
                add.protocols.extend(spoken);
            }
        }
        self.fill("vendor", &mut add.vendor, Some(offering.vendor.name), &[]);
        self.fill("product", &mut add.product, Some(offering.product), &[]);
        self.fill("tier", &mut add.tier, offering.tier, &[]);
        let usual = self.offering.usual_retention().cloned();
        let (mode, sources) = usual.map(|usual| (usual.mode, usual.sources)).unzip();
        self.fill("retention mode", &mut add.retention, mode, &sources.unwrap_or_default());
        Ok(())
    }

    /// Takes `has` where nothing was given, and notes it with the pages that say it.
    fn fill<T: ToString>(
        &mut self,
        field: &'static str,
        given: &mut Option<T>,
        has: Option<T>,
        ids: &[Name],
    ) {
        if given.is_some() {
            return;
        }
        let Some(has) = has else { return };
        let sources = ids.iter().filter_map(|id| self.offering.source(id)).map(said).collect();
        self.filled.push(Filled { field, value: has.to_string(), sources });
        *given = Some(has);
    }

    /// Why a row is as it is, where nobody says so.
    pub(super) fn reason(&self) -> String {
        format!("filled from `{}`, vendor facts of {}", self.offering.name, self.known.facts.day())
    }

    /// Says what was recorded, what of it was filled from where, and that nothing is covered by it.
    pub(super) fn tell(&self, rows: &[RowView], next: &str, out: &mut Output) -> Ended {
        if out.is_json() {
            return self.tell_programs(rows, out);
        }
        super::rows::changed(rows, "recorded", out)?;
        let day = self.known.facts.day();
        out.line(&format!(
            "filled from `{}`, facts of {day} ({}):",
            self.offering.name,
            safe(&self.known.from)
        ))?;
        let mut table = Table::facts();
        for filled in &self.filled {
            table.row(["", filled.field, &filled.value, &filled.sources.join("; ")]);
        }
        table.write(out, "nothing: all of it was given")?;
        out.line(next)?;
        warn_of_age(&self.known, out)?;
        Ok(Exit::Ok)
    }

    /// The row as without facts, and beside it what was filled.
    fn tell_programs(&self, rows: &[RowView], out: &mut Output) -> Ended {
        let unwritten = |_| Failure::failed("the answer can't be written as JSON");
        let told = Told {
            offering: &self.offering.name,
            facts: self.known.facts.day(),
            from: &self.known.from,
            credentials: &self.offering.credentials,
            filled: &self.filled,
        };
        let mut row = serde_json::to_value(rows.first()).map_err(unwritten)?;
        if let Some(row) = row.as_object_mut() {
            row.insert("prefilled".to_owned(), serde_json::to_value(told).map_err(unwritten)?);
        }
        out.json(&row)?;
        Ok(Exit::Ok)
    }

    /// How the credential of a service is recorded, in the forms that the command takes.
    pub(super) fn credential(&self, service: &Name) -> String {
        let kinds = self.offering.credentials.iter();
        let forms: Vec<&str> = kinds.flat_map(|kind| forms(kind.as_str())).collect();
        let command = format!("chaperon service credential {service} --form");
        match forms.as_slice() {
            [form] => format!("credential: `{command} {form}`"),
            _ => format!("credential: `{command} FORM`, which is {}", forms.join(" or ")),
        }
    }
}

/// The forms of a credential that facts name by what they have in common.
fn forms(kind: &str) -> Vec<&str> {
    match kind {
        "aws-sigv4" => vec!["aws-keys", "aws-instance", "aws-container"],
        "entra" => vec!["entra-client", "entra-instance"],
        "google-service-account" => vec![kind, "google-instance"],
        _ => vec![kind],
    }
}

/// A source as it is shown beside what it says.
fn said(source: &Source) -> String {
    format!("{}, {}", source.address, source.when())
}

/// Finds an offering, or tells the nearest name.
pub(super) fn offering<'a>(known: &'a Known, name: &Name) -> Result<&'a Offering, Failure> {
    known.facts.offering(name.as_str()).ok_or_else(|| {
        let names: Vec<String> =
            known.facts.offerings.iter().map(|offering| offering.name.to_string()).collect();
        let help = match nearest(name.as_str(), &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names.join(", ")),
        };
        Failure::refused(format!("no offering `{name}` in the vendor facts")).help(help)
    })
}

/// Warns of facts that are older than a year.
pub(super) fn warn_of_age(known: &Known, out: &mut Output) -> Result<(), Failure> {
    let Some(days) = known.old(SystemClock.now()) else { return Ok(()) };
    out.line(&format!("warning: these facts are {days} days old; offers change, so read the sources again"))
}

/// What is spoken at an address that was given: by its whole form, or else by its host.
fn spoken_at<'a>(offering: &'a Offering, endpoint: &Endpoint) -> Option<&'a Reach> {
    let at_host = || offering.endpoints.iter().filter(|reach| reach.address.host_of(endpoint).is_some());
    at_host().find(|reach| reach.address.path_of(endpoint)).or_else(|| at_host().next())
}

fn unfilled(offering: &Offering, form: Option<&AddressForm>) -> Failure {
    match form {
        None => Failure::usage(format!(
            "no address of `{}` is known at which that protocol is spoken",
            offering.name
        )),
        Some(form) => {
            let region = form.has_region();
            let help = if region && !form.to_string().replace("{region}", "").contains('{') {
                format!("give `--region`; its address is {form}")
            } else {
                format!("give `--endpoint`, of the form {form}")
            };
            Failure::usage(format!("the address of `{}` is not the same for everybody", offering.name))
                .help(help)
        }
    }
}
