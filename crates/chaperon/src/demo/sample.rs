//! The demo's synthetic data: an engagement, two vendors, one of them without an agreement, an agent, and patients
//! who never lived.

use serde_json::{Value, json};

pub(super) const ENGAGEMENT: &str = "demo";
pub(super) const AGENT: &str = "discharge-letters";
/// Of the vendor with an agreement.
pub(super) const MODEL: &str = "acme-large";
/// Of the vendor without one.
pub(super) const UNSIGNED: &str = "globex-chat";

pub(super) const NOTE: &str = "Summarise for the discharge letter: Mrs. Maria Alvarez, DOB 03/14/1957, MRN 48213377, \
    was admitted on 11/02/2026 with community-acquired pneumonia. Her daughter can be reached at (415) 555-0134.";
pub(super) const FOLLOW_UP: &str = "Thank you. When was Mrs. Maria Alvarez admitted, and whom do we call?";
pub(super) const STREAMED: &str = "Write a reminder: Mr. Tobias Lindqvist, MRN 55120984, email \
    t.lindqvist@example.org, has his follow-up on 12/01/2026.";

/// The registers' rows: kind, name and body.
pub(super) fn rows(endpoint: &str, upstream: &str) -> Vec<(&'static str, &'static str, Value)> {
    let service = |vendor: &str, model: &str| {
        json!({
            "vendor": vendor, "product": "model API", "tier": "enterprise", "protocols": ["openai", "anthropic"],
            "endpoint": endpoint, "region": "us", "retention_mode": "zero",
            "models": [{ "name": model, "upstream": upstream }],
        })
    };
    vec![
        (
            "engagement",
            ENGAGEMENT,
            json!({
                "title": "Discharge letters (sample data)", "covered_entity": "mercy-hospital",
                "operator": "mercy-hospital", "state": "active",
            }),
        ),
        ("vendor", "acme", json!({ "legal_name": "Acme Models, Inc.", "party": "acme-models" })),
        ("vendor", "globex", json!({ "legal_name": "Globex Chat LLC", "party": "globex-chat" })),
        ("service", "acme-api", service("acme", MODEL)),
        ("service", "globex-api", service("globex", UNSIGNED)),
        (
            "agreement",
            "acme-baa",
            json!({
                "kind": "baa", "from": "mercy-hospital", "to": "acme-models", "effective": "2026-01-01",
                "terms": {
                    "no_training": true, "retention_mode": "zero", "regions": ["us"], "breach_notice_hours": 48,
                    "subprocessors": [],
                },
                "scope": [{
                    "service": "acme-api", "endpoint": endpoint, "model": "*", "features": ["inference"],
                    "region": "us", "retention_mode": "zero",
                }],
            }),
        ),
        (
            "agent",
            AGENT,
            json!({
                "title": "Discharge letter writer", "version": "1.0",
                "workflow": { "name": "discharge-letters", "purpose": "treatment", "carries_phi": true },
            }),
        ),
    ]
}
