//! What vendors say, shown.

use governance::facts::{Facts, Offering, Source};
use serde::Serialize;
use terms::{Clock as _, Name};

use crate::Ended;
use crate::cli::VendorFacts;
use crate::commands::prefill;
use crate::config::Config;
use crate::exit::Exit;
use crate::facts::Known;
use crate::failure::Failure;
use crate::house::SystemClock;
use crate::output::{Output, Table, safe};

/// For programs: where the facts are from, and the whole of them or one offering.
#[derive(Serialize)]
struct Shown<'a, T> {
    from: &'a str,
    as_of: String,
    age_days: u64,
    old: bool,
    #[serde(flatten)]
    told: T,
}

pub(super) fn run(config: &Config, asked: &VendorFacts, out: &mut Output) -> Ended {
    let known = crate::facts::load(asked.file.as_deref().or(config.facts.file.as_deref()))?;
    let offering = asked.name.as_ref().map(|name| prefill::offering(&known, name)).transpose()?;
    match (out.is_json(), offering) {
        (true, Some(offering)) => out.json(&shown(&known, serde_json::json!({ "offering": offering })))?,
        (true, None) => {
            let Facts { about, offerings, .. } = &known.facts;
            out.json(&shown(&known, serde_json::json!({ "about": about, "offerings": offerings })))?;
        }
        (false, Some(offering)) => one(offering, out)?,
        (false, None) => all(&known, out)?,
    }
    if !out.is_json() {
        let of = known.facts.day();
        out.line(&format!("facts of {of}, {}; they cover nothing: an agreement does", safe(&known.from)))?;
        if offering.is_none() {
            out.line("`chaperon vendor facts NAME` tells all that is said of one, with its sources")?;
        }
        prefill::warn_of_age(&known, out)?;
    }
    Ok(Exit::Ok)
}

fn shown<T>(known: &Known, told: T) -> Shown<'_, T> {
    let now = SystemClock.now();
    let (age_days, old) = (known.facts.age_days(now), known.old(now).is_some());
    Shown { from: &known.from, as_of: known.facts.day(), age_days, old, told }
}

fn all(known: &Known, out: &mut Output) -> Result<(), Failure> {
    let mut table = Table::new(["offering", "product", "agreement", "usual retention", "said"]);
    for offering in &known.facts.offerings {
        let agreement = &offering.agreement;
        let source = agreement.sources.first().and_then(|id| offering.source(id));
        let retention = offering.usual_retention().map(|usual| usual.mode.to_string());
        table.row([
            offering.name.as_str(),
            &product(offering),
            agreement.offered.as_str(),
            &retention.unwrap_or_default(),
            &source.map(Source::when).unwrap_or_default(),
        ]);
    }
    table.write(out, "nothing is known")
}

fn one(offering: &Offering, out: &mut Output) -> Result<(), Failure> {
    let mut table = Table::facts();
    let ids = |ids: &[Name]| format!("[{}]", listed(ids, ", "));
    table.fact("product", &product(offering));
    table.fact("company", offering.vendor.legal_name.as_str());
    for reach in &offering.endpoints {
        let spoken = listed(&reach.protocols, ", ");
        table.fact("endpoint", &format!("{} for {spoken} {}", reach.address, ids(&reach.sources)));
    }
    table.fact("credential", &listed(&offering.credentials, " or "));
    let agreement = &offering.agreement;
    let offered = agreement.offered.as_str();
    table.fact("agreement", &format!("{offered}: {} {}", agreement.what, ids(&agreement.sources)));
    for fact in &offering.covers {
        table.fact(
            "covers",
            &format!("{}: {} {}", listed(&fact.features, ", "), fact.what, ids(&fact.sources)),
        );
    }
    for fact in &offering.excludes {
        let doubt = if fact.unconfirmed { " (unconfirmed)" } else { "" };
        let what = format!("{} from {}{doubt}: {}", listed(&fact.features, ", "), fact.from, fact.what);
        table.fact("excludes", &format!("{what} {}", ids(&fact.sources)));
    }
    for fact in &offering.retention {
        let usual = if fact.default { " (usual)" } else { "" };
        table.fact("retention", &format!("{}{usual}: {} {}", fact.mode, fact.what, ids(&fact.sources)));
    }
    table.fact("regions", &listed(&offering.regions, ", "));
    for note in &offering.notes {
        table.fact("note", &format!("{} {}", note.what, ids(&note.sources)));
    }
    for source in &offering.sources {
        let what = format!("[{}] {}: {}, {}", source.id, source.title, source.address, source.when());
        table.fact("source", &what);
    }
    table.write(out, "")
}

fn product(offering: &Offering) -> String {
    let tier = offering.tier.as_ref().map(|tier| format!(", {tier}")).unwrap_or_default();
    format!("{}{tier}", offering.product)
}

fn listed(words: &[impl ToString], between: &str) -> String {
    words.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}
