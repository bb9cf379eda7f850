//! The facts that are shipped: whole, sourced, dated; the page made from them; and what is compared with them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

#[path = "facts/page.rs"]
mod page;

use governance::facts::{Basis, Claim, Facts, Mismatch, SHIPPED_FACTS, Severity, compare};
use governance::{Protocol, ScopeRow, Service};
use serde_json::{Value, json};
use terms::Name;

fn facts() -> Facts {
    Facts::read(SHIPPED_FACTS.text).unwrap()
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

#[test]
fn what_is_shipped_is_whole() {
    let facts = facts();
    for wanted in ["openai-api", "azure-openai", "bedrock", "vertex-ai", "gemini-api", "anthropic-api"] {
        assert!(facts.offering(wanted).is_some(), "{wanted}");
    }
    for offering in &facts.offerings {
        let own = offering.sources.iter().any(|source| source.basis == Basis::Page);
        assert!(own, "{}: no page of the vendor's own was read", offering.name);
        let filled = offering.reach(Some(&name("us")), &[]);
        assert!(filled.is_ok() || filled.unwrap_err().is_some(), "{}", offering.name);
    }
    assert_eq!(facts.age_days(facts.as_of), 0);
    assert_eq!(facts.age_days(terms::UtcMillis(facts.as_of.0 + 400 * 86_400_000)), 400);
}

/// Each change to the file that must not pass.
#[test]
fn a_file_with_a_gap_is_not_read() {
    let whole: Value = serde_json::from_str(SHIPPED_FACTS.text).unwrap();
    let refused = |pointer: &str, value: Value| {
        let mut changed = whole.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        Facts::read(&changed.to_string()).unwrap_err().to_string()
    };
    for (pointer, value, said) in [
        ("/v", json!(2), "newer build"),
        ("/offerings/1/name", json!("openai-api"), "twice"),
        ("/offerings", json!([]), "at least one"),
        ("/offerings/0/endpoints/0/address", json!("http://api.openai.com"), "https address"),
        ("/offerings/0/endpoints/0/address", json!("https://{planet}.openai.com"), "https address"),
        ("/offerings/0/endpoints/0/protocols", json!(["smtp"]), "smtp"),
        ("/offerings/0/endpoints/0/protocols", json!([]), "what is spoken there"),
        ("/offerings/0/credentials", json!(["password"]), "bearer, x-api-key"),
        ("/offerings/0/covers/0/features", json!(["telepathy"]), "telepathy"),
        ("/offerings/0/covers/0/sources", json!([]), "names sources"),
        ("/offerings/0/endpoints/0/sources", json!([]), "names sources"),
        ("/offerings/0/excludes/0/from", json!("never-heard"), "retention mode"),
        ("/offerings/0/excludes/0/sources", json!(["nowhere"]), "names sources"),
        ("/offerings/0/retention/0/default", json!(false), "one that is usual"),
        ("/offerings/0/retention/1/mode", json!("zero"), "once"),
        ("/offerings/0/agreement/what", json!(" "), "one line"),
        ("/offerings/0/agreement/offered", json!("certainly"), "certainly"),
        ("/offerings/0/sources/0/read", json!("2199-01-01"), "after the day"),
        ("/offerings/0/sources/0/read", json!("yesterday"), "YYYY-MM-DD"),
        ("/offerings/0/sources/0/address", json!("ftp://example.com"), "https address"),
        ("/offerings/0/sources/1/id", json!("baa"), "twice"),
        (
            "/offerings/0/covers",
            json!([{ "features": [], "what": "x", "sources": ["baa"], "why": 1 }]),
            "unknown field",
        ),
    ] {
        let error = refused(pointer, value.clone());
        assert!(error.contains(said), "{pointer} = {value}: {error}");
    }
    let mut unused = whole.clone();
    let sources = unused.pointer_mut("/offerings/0/sources").unwrap().as_array_mut().unwrap();
    let mut more = sources[0].clone();
    more["id"] = json!("more");
    sources.push(more);
    assert!(Facts::read(&unused.to_string()).unwrap_err().to_string().contains("cited by nothing"));
}

/// A service at OpenAI with one scope row that fits; `changes` are made to `service` or `scope` by pointer.
fn found(changes: &[(&str, Value)]) -> Vec<Mismatch> {
    let mut rows = json!({
        "service": { "vendor": "openai", "product": "OpenAI API", "protocols": ["openai"],
            "endpoint": "https://us.api.openai.com/v1", "account": "org-1", "region": "us",
            "retention_mode": "zero", "models": [{ "name": "fast", "upstream": "gpt-large-2026" }] },
        "scope": { "service": "s", "endpoint": "https://us.api.openai.com/v1", "account": "org-1",
            "model": "gpt-*", "region": "us", "retention_mode": "zero" },
    });
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let parent = rows.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        parent.insert(field.to_owned(), value.clone());
    }
    let service: Service = serde_json::from_value(rows["service"].take()).unwrap();
    let row: ScopeRow = serde_json::from_value(rows["scope"].take()).unwrap();
    let (id, agreement) = (name("s"), name("baa"));
    compare(&id, &service, &[Claim { agreement: &agreement, index: 0, row: &row }], &facts())
}

fn words(found: &[Mismatch]) -> Vec<&'static str> {
    found.iter().map(|mismatch| mismatch.word).collect()
}

#[test]
fn rows_that_fit_are_left_alone() {
    assert_eq!(found(&[]), []);
    let anthropic = json!("https://api.anthropic.com/v1");
    let fits = [
        ("/service/endpoint", anthropic.clone()),
        ("/scope/endpoint", anthropic),
        ("/service/protocols", json!(["anthropic"])),
    ];
    assert_eq!(found(&fits), []);
    let unheard = json!("https://api.acme.example/v1");
    assert_eq!(found(&[("/service/endpoint", unheard.clone()), ("/scope/endpoint", unheard)]), []);
}

#[test]
fn each_mismatch_has_its_word() {
    let both =
        |address: &str| vec![("/service/endpoint", json!(address)), ("/scope/endpoint", json!(address))];
    let with = |address: &str, more: Vec<(&'static str, Value)>| {
        let mut changes = both(address);
        changes.extend(more);
        changes
    };
    for (changes, word) in [
        (vec![("/scope/endpoint", json!("https://api.openai.com/v1"))], "scope-endpoint"),
        (vec![("/scope/account", json!("org-2"))], "scope-account"),
        (vec![("/scope/region", json!("eu"))], "scope-region"),
        (vec![("/scope/retention_mode", json!("30-days"))], "scope-retention"),
        (vec![("/scope/model", json!("fast"))], "scope-model"),
        (both("https://api.openai.com/v1"), "region-unshown"),
        (with("https://eu.api.openai.com/v1", vec![]), "region-differs"),
        (vec![("/service/region", Value::Null), ("/scope/region", json!("*"))], "region-unsaid"),
        (both("https://us.api.openai.com"), "endpoint-form"),
        (vec![("/service/protocols", json!(["anthropic"]))], "protocol-form"),
        (
            vec![("/service/retention_mode", json!("none-at-all")), ("/scope/retention_mode", json!("*"))],
            "retention-unknown",
        ),
        (vec![("/scope/features", json!(["batch"]))], "feature-outside-retention"),
        (with("http://127.0.0.1:9000/v1", vec![]), "placement-loopback"),
    ] {
        let found = found(&changes);
        assert_eq!(words(&found), [word], "{changes:?}: {found:?}");
        assert!(found.iter().all(|mismatch| !mismatch.found.is_empty() && !mismatch.help.is_empty()));
    }
    let tool = with(
        "https://api.anthropic.com/v1",
        vec![
            ("/service/protocols", json!(["anthropic"])),
            ("/scope/features", json!(["hosted-tool", "images"])),
        ],
    );
    assert_eq!(words(&found(&tool)), ["feature-excluded"]);
    let inside =
        vec![("/service/placement", json!("on-premises")), ("/service/network", json!(["10.0.0.0/8"]))];
    assert_eq!(words(&found(&inside)), ["placement-vendor"]);
}

/// Previews are said to be under other terms.
#[test]
fn a_version_of_the_interface_is_a_day_and_no_preview() {
    let azure = |version: &str| {
        let address = json!("https://mercy.openai.azure.com/openai");
        words(&found(&[
            ("/service/endpoint", address.clone()),
            ("/scope/endpoint", address),
            ("/service/protocols", json!(["azure-openai"])),
            ("/service/retention_mode", json!("abuse-monitoring")),
            ("/scope/retention_mode", json!("*")),
            ("/service/api_version", json!(version)),
        ]))
    };
    assert!(azure("2024-10-21").is_empty(), "{:?}", azure("2024-10-21"));
    assert_eq!(azure("2024-10-01-preview"), ["api-version-preview"]);
    assert_eq!(azure("latest"), ["api-version-form"]);
}

/// Only what a row's own address contradicts is wrong; all else somebody should look at.
#[test]
fn what_an_address_contradicts_is_wrong() {
    let eu = json!("https://eu.api.openai.com/v1");
    let differs = found(&[("/service/endpoint", eu.clone()), ("/scope/endpoint", eu)]);
    assert_eq!(differs[0].severity, Severity::Wrong);
    assert!(differs[0].found.contains("`us`") && differs[0].found.contains("`eu`"), "{differs:?}");
    let scope = found(&[("/scope/region", json!("eu"))]);
    assert_eq!(scope[0].severity, Severity::Look);
}

#[test]
fn a_region_that_is_part_of_the_one_said_fits() {
    let bedrock = json!("https://bedrock-runtime.us-east-1.amazonaws.com");
    let at = |region: &str| {
        let found = found(&[
            ("/service/endpoint", bedrock.clone()),
            ("/scope/endpoint", bedrock.clone()),
            ("/service/region", json!(region)),
            ("/scope/region", json!("*")),
        ]);
        words(&found).contains(&"region-differs")
    };
    assert!(!at("us") && !at("us-east-1"));
    assert!(at("us-east-2") && at("u") && at("us-east-1-a"));
}

/// Tiers at one address differ: what is not said is asked for, and the free one has no agreement.
#[test]
fn tiers_of_one_address_are_told_apart() {
    let gemini = |more: &[(&'static str, Value)]| {
        let address = json!("https://generativelanguage.googleapis.com/v1beta");
        let mut changes = vec![
            ("/service/endpoint", address.clone()),
            ("/scope/endpoint", address),
            ("/service/product", json!("Gemini API")),
        ];
        changes.extend_from_slice(more);
        found(&changes)
    };
    let [one] = &gemini(&[])[..] else { panic!("one mismatch") };
    assert_eq!(one.word, "tier-unsaid");
    assert!(one.help.ends_with("--replace` with `--product` and `--tier` as one of them has them"));
    let gemini = |more: &[(&'static str, Value)]| words(&gemini(more));
    let unpaid = gemini(&[("/service/tier", json!("unpaid"))]);
    assert!(unpaid.contains(&"agreement-not-offered"), "{unpaid:?}");
    let paid = gemini(&[("/service/tier", json!("paid"))]);
    assert!(!paid.contains(&"agreement-not-offered") && !paid.contains(&"tier-unsaid"), "{paid:?}");
}

#[test]
fn an_address_is_chosen_by_region_and_protocol() {
    let facts = facts();
    let reach = |offering: &str, region: Option<&str>, protocols: &[&str]| {
        let region = region.map(name);
        let protocols: Vec<Protocol> = protocols.iter().map(|word| word.parse().unwrap()).collect();
        match facts.offering(offering).unwrap().reach(region.as_ref(), &protocols) {
            Ok((endpoint, _)) => endpoint.to_string(),
            Err(form) => form.map_or_else(|| "nothing".to_owned(), |form| format!("fill {form}")),
        }
    };
    assert_eq!(reach("openai-api", None, &[]), "https://api.openai.com/v1");
    assert_eq!(reach("openai-api", Some("eu"), &["openai"]), "https://eu.api.openai.com/v1");
    assert_eq!(
        reach("bedrock", Some("us-west-2"), &["bedrock"]),
        "https://bedrock-runtime.us-west-2.amazonaws.com"
    );
    assert_eq!(reach("bedrock", None, &[]), "fill https://bedrock-runtime.{region}.amazonaws.com");
    assert_eq!(
        reach("azure-openai", None, &["azure-openai"]),
        "fill https://{resource}.openai.azure.com/openai"
    );
    assert_eq!(reach("anthropic-api", Some("us"), &[]), "https://api.anthropic.com/v1");
    assert_eq!(reach("anthropic-api", None, &["gemini"]), "nothing");
}

/// `UPDATE_GOLDEN=1 cargo test -p governance --test facts` writes the page again.
#[test]
fn the_page_says_what_the_facts_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/vendors.md");
    let page = page::of(&facts());
    #[expect(clippy::disallowed_methods, reason = "a test that may write its expectation")]
    if std::env::var("UPDATE_GOLDEN").is_ok() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == page, "docs/reference/vendors.md is stale: run again with UPDATE_GOLDEN=1");
}
