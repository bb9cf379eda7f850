//! The page of vendors, made from the facts.

use std::fmt::Write as _;

use governance::Protocol;
use governance::facts::{Facts, Offering};
use terms::Name;

const HEAD: &str = "\
# What vendors say

Made from `crates/governance/data/vendors.json`; a test fails when this page is stale. `chaperon vendor facts` shows the
same, `chaperon service add NAME --from OFFERING` fills a row from it, and `chaperon check` compares rows with it.

**Facts never cover.** Coverage knows agreements that were recorded, and nothing else: a service that was filled from
here is refused like any other until its agreement is. Offers change, and differ from contract to contract. What is
said here was read in copies of the vendors' own pages on the day given; *reported* means that the page itself was not
at hand and others report of it. `unknown` means that nothing was found, not that nothing is offered. None of this is
legal advice.

The file is signed (Ed25519, as a [C2SP signed note](https://c2sp.org/signed-note) whose text is the file and whose
signature line is `vendors.json.sig`), and the key is built in. A newer file is taken from `[facts] file` of the
configuration, with its signature beside it, and never one that is older than the built-in. Maintainers sign with
`cargo run -p governance --example sign_facts -- KEY`.
";

/// The page, as it is in the documentation.
pub(super) fn of(facts: &Facts) -> String {
    let mut page = HEAD.to_owned();
    let day = facts.day();
    let _ = write!(
        page,
        "\nFacts of {day}.\n\n| offering | product | agreement | protocols |\n|---|---|---|---|\n"
    );
    for offering in &facts.offerings {
        let _ = writeln!(
            page,
            "| [`{0}`](#{0}) | {1} | {2} | {3} |",
            offering.name,
            product(offering),
            offering.agreement.offered.as_str(),
            listed(&spoken(offering)),
        );
    }
    for offering in &facts.offerings {
        section(&mut page, offering);
    }
    page
}

fn section(page: &mut String, offering: &Offering) {
    let vendor = &offering.vendor;
    // some end in a full stop of their own
    let name = vendor.legal_name.as_str().trim_end_matches('.');
    let _ = write!(page, "\n## {}\n\n{} of {}. ", offering.name, product(offering), name);
    let _ = write!(page, "Credentials: {}.", listed(&offering.credentials));
    if !offering.regions.is_empty() {
        let _ = write!(page, " Regions that are named: {}.", listed(&offering.regions));
    }
    page.push_str("\n\n| what | | said in |\n|---|---|---|\n");
    for reach in &offering.endpoints {
        let said = format!("`{}` for {}", reach.address, listed(&reach.protocols));
        row(page, "endpoint", &said, &reach.sources);
    }
    let agreement = &offering.agreement;
    row(page, &format!("agreement: {}", agreement.offered.as_str()), &agreement.what, &agreement.sources);
    for fact in &offering.covers {
        row(page, &format!("covers {}", listed(&fact.features)), &fact.what, &fact.sources);
    }
    for fact in &offering.excludes {
        let doubt = if fact.unconfirmed { ", unconfirmed" } else { "" };
        let what = format!("not in `{}`{doubt}: {}", fact.from, listed(&fact.features));
        row(page, &what, &fact.what, &fact.sources);
    }
    for fact in &offering.retention {
        let usual = if fact.default { ", where nothing is arranged" } else { "" };
        row(page, &format!("retention `{}`{usual}", fact.mode), &fact.what, &fact.sources);
    }
    for note in &offering.notes {
        row(page, "note", &note.what, &note.sources);
    }
    page.push('\n');
    for source in &offering.sources {
        let _ = writeln!(page, "* {}: [{}]({}), {}", source.id, source.title, source.address, source.when());
    }
}

fn row(page: &mut String, what: &str, said: &str, sources: &[Name]) {
    let sources: Vec<&str> = sources.iter().map(Name::as_str).collect();
    let _ = writeln!(page, "| {what} | {said} | {} |", sources.join(", "));
}

fn product(offering: &Offering) -> String {
    let tier = offering.tier.as_ref().map(|tier| format!(", {tier}")).unwrap_or_default();
    format!("{}{tier}", offering.product)
}

fn spoken(offering: &Offering) -> Vec<Protocol> {
    let mut spoken: Vec<Protocol> =
        offering.endpoints.iter().flat_map(|reach| reach.protocols.clone()).collect();
    spoken.sort();
    spoken.dedup();
    spoken
}

fn listed(words: &[impl ToString]) -> String {
    words.iter().map(|word| format!("`{}`", word.to_string())).collect::<Vec<_>>().join(", ")
}
