//! The golden matrix: facts x the engagement's policy -> verdict, codes, obligations.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::fmt::Write as _;

use policy::{Facts, Policies};
use support::{covered, found, line, told, uncovered, words};
use terms::{Code, HealthClass as Health, IdentifierClass as Class, Reason};

const NAMES_IMAGES: &str = r#"
@id("images") @features("images") permit (principal, action, resource);
"#;

const PASSES_DATES: &str = r#"
@id("scheduling")
@treat("DATE=pass, SSN=redact")
@reason_code("scheduling-needs-dates")
permit (principal, action, resource)
when { context.workflow == "intake" && context.purpose == Purpose::"treatment" };
"#;

const FORBIDS_SSN: &str = r#"
@id("all") permit (principal, action, resource);
@id("no-ssn") forbid (principal, action, resource)
when { context.findings.contains(Identifier::"SSN") };
"#;

const OTHER_WORKFLOW: &str = r#"
@id("billing") permit (principal, action, resource) when { context.workflow == "billing" };
"#;

const STRIPS: &str = r#"
@id("all") @strip("behavioural, undeclared") permit (principal, action, resource);
@id("no-charts") forbid (principal, action, resource)
when { context.tells_count > 3 && context.passage_words > 500 };
"#;

fn cases() -> Vec<(&'static str, Facts)> {
    let asked = |facts: Facts, features: &[&str]| Facts { features: words(features), ..facts };
    let undeclared = || Facts { carries_phi: false, ..uncovered() };
    let finding = |facts: Facts, classes: &[Class]| Facts { findings: found(classes), ..facts };
    let observed = |facts: Facts| Facts { carries_phi: false, observing: true, ..facts };
    let tells = |facts: Facts, classes: &[Health], may: &[Health]| Facts {
        tells: told(classes),
        may_tell: Some(may.iter().copied().collect()),
        ..facts
    };
    let inside = vec![Reason::new(Code::ON_PREMISES)];
    vec![
        ("covered", covered()),
        ("covered, nothing found", finding(covered(), &[])),
        ("covered, SSN found", finding(covered(), &[Class::Ssn])),
        ("covered, engagement not active", Facts { engagement_active: false, ..covered() }),
        ("covered, images (scope names them)", asked(covered(), &["inference", "images"])),
        ("covered, audio (scope does not)", asked(covered(), &["inference", "audio"])),
        ("covered, images and hosted tool", asked(covered(), &["inference", "images", "hosted-tool"])),
        ("covered, external URL", asked(covered(), &["external-url"])),
        ("covered, vendor state and batch", asked(covered(), &["vendor-state", "batch"])),
        ("covered, finding in signed content", Facts { signed_findings: true, ..covered() }),
        ("covered, opaque part of elsewhere", Facts { foreign_opaque: true, ..covered() }),
        (
            "covered, answered by a vector",
            Facts { answer_is_text: false, ..asked(covered(), &["embeddings"]) },
        ),
        ("covered, feature that nobody knows", asked(covered(), &["telepathy"])),
        ("on premises", Facts { on_premises: true, coverage_reasons: inside, ..covered() }),
        ("uncovered, workflow carries PHI", uncovered()),
        ("uncovered, workflow carries PHI, nothing found", finding(uncovered(), &[])),
        ("uncovered, name found", undeclared()),
        ("uncovered, nothing found", finding(undeclared(), &[])),
        ("uncovered, only a date and a URL found", finding(undeclared(), &[Class::Date, Class::Url])),
        ("uncovered, nothing found, images", asked(finding(undeclared(), &[]), &["inference", "images"])),
        ("observed, nothing found", finding(observed(uncovered()), &[])),
        ("observed, name found", observed(uncovered())),
        ("observed, SSN found", finding(observed(uncovered()), &[Class::Ssn])),
        ("observed, covered, name found", observed(covered())),
        ("observed, covered, SSN found", finding(observed(covered()), &[Class::Ssn])),
        ("observed, engagement not active", Facts { engagement_active: false, ..observed(uncovered()) }),
        ("observed, name found, images", asked(observed(uncovered()), &["inference", "images"])),
        ("observed, finding in signed content", Facts { signed_findings: true, ..observed(covered()) }),
        ("observed, opaque part of elsewhere", Facts { foreign_opaque: true, ..observed(uncovered()) }),
        ("observed, feature that nobody knows", asked(observed(covered()), &["telepathy"])),
        ("said to be observed, but carries PHI", Facts { observing: true, ..uncovered() }),
        ("covered, tells what it declared", tells(covered(), &[Health::Scheduling], &[Health::Scheduling])),
        ("covered, tells what it did not declare", {
            let classes = [Health::Diagnosis, Health::Scheduling, Health::Behavioural];
            tells(covered(), &classes, &[Health::Scheduling])
        }),
        ("covered, declared to tell nothing", tells(covered(), &[Health::Result], &[])),
        ("covered, tells and declared nothing", {
            let may_tell = None;
            Facts { may_tell, ..tells(covered(), &[Health::Diagnosis, Health::Behavioural], &[]) }
        }),
        ("covered, told in signed content", {
            let signed_tells = [Health::Behavioural].into();
            Facts { signed_tells, ..tells(covered(), &[Health::Behavioural], &[Health::Behavioural]) }
        }),
        ("covered, a whole chart", {
            let facts = tells(covered(), &Health::ALL, &Health::ALL);
            Facts { passage_words: 900, ..facts }
        }),
        ("observed, tells what it did not declare", {
            tells(observed(covered()), &[Health::Diagnosis], &[Health::Scheduling])
        }),
        ("uncovered, all at once", {
            let mut facts = asked(uncovered(), &["images", "hosted-tool"]);
            (facts.engagement_active, facts.signed_findings) = (false, true);
            facts.coverage_reasons.push(Reason::new(Code::SCOPE_MISSING));
            facts
        }),
    ]
}

#[test]
fn the_matrix_is_as_it_was() {
    let policies = [
        ("default", None),
        ("names images", Some(NAMES_IMAGES)),
        ("passes dates", Some(PASSES_DATES)),
        ("forbids SSN", Some(FORBIDS_SSN)),
        ("other workflow", Some(OTHER_WORKFLOW)),
        ("strips", Some(STRIPS)),
    ];
    let policies = policies.map(|(title, text)| (title, Policies::for_engagement(text).unwrap()));
    let mut page = String::new();
    for (title, facts) in cases() {
        writeln!(page, "{title}").unwrap();
        for (policy, policies) in &policies {
            writeln!(page, "    {policy:<15} {}", line(&policies.decide(&facts))).unwrap();
        }
    }
    insta::assert_snapshot!(page);
}
