//! What is not loaded, with the place in the text; and that the schema is the one that requests have.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod support;

use std::str::FromStr;

use cedar_policy::{EntityTypeName, Schema};
use policy::{Policies, PolicyError, SCHEMA};
use terms::IdentifierClass;

fn refused(text: &str) -> (String, String) {
    let error = Policies::for_engagement(Some(text)).unwrap_err();
    let place = match &error {
        PolicyError::Syntax { place, .. }
        | PolicyError::Invalid { place, .. }
        | PolicyError::Annotation { place, .. } => place.to_string(),
        other => panic!("{other}"),
    };
    (place, error.to_string())
}

#[test]
fn errors_tell_the_place_and_the_problem() {
    let all = "(principal, action, resource)";
    for (text, place, problem) in [
        (format!("@id(\"a\")\npermit {all} whn {{ true }};"), "line 2, column 38", "when"),
        (format!("permit {all};"), "line 1, column 1", "`@id` is missing"),
        (format!("@id(\"A B\") permit {all};"), "line 1, column 1", "`@id` is no name"),
        (
            format!("@id(\"a\") permit {all};\n  @id(\"a\") forbid {all};"),
            "line 2, column 3",
            "`@id` `a` is given twice",
        ),
        (
            format!("@id(\"a\")\n@tread(\"NAME=pass\")\npermit {all};"),
            "line 2, column 1",
            "`@tread` is not an annotation",
        ),
        (
            format!("@id(\"a\")\n@treat(\"NOM=pass\")\npermit {all};"),
            "line 2, column 1",
            "names no identifier class: `NOM`",
        ),
        (
            format!("@id(\"a\")\n@treat(\"NAME=keep\")\npermit {all};"),
            "line 2, column 1",
            "names no treatment: `keep`",
        ),
        (format!("@id(\"a\")\n@treat(\"NAME\")\npermit {all};"), "line 2, column 1", "is a list such as"),
        (
            format!("@id(\"a\")\n@treat(\"NAME=redact,NAME=redact\")\npermit {all};"),
            "line 2, column 1",
            "names `NAME` twice",
        ),
        (
            format!("@id(\"a\")\n@treat(\"NAME=pass\")\npermit {all};"),
            "line 1, column 1",
            "`@reason_code` is missing",
        ),
        (format!("@id(\"a\") @reason_code(\"x\")\npermit {all};"), "line 1, column 10", "but nothing passes"),
        (
            format!("@id(\"a\") @treat(\"NAME=redact\")\nforbid {all};"),
            "line 1, column 10",
            "belongs to a permit",
        ),
        (
            format!("@id(\"a\") @code(\"phi-uncovered\")\npermit {all};"),
            "line 1, column 10",
            "belongs to a forbid",
        ),
        (format!("@id(\"a\") @code(\"no-such\")\nforbid {all};"), "line 1, column 10", "names no code"),
        (
            format!("@id(\"a\") @code(\"covered\")\nforbid {all};"),
            "line 1, column 10",
            "is not the code of a refusal",
        ),
        (
            format!("@id(\"a\") @features(\"pictures\")\npermit {all};"),
            "line 1, column 10",
            "names no feature: `pictures`",
        ),
        (
            format!("@id(\"a\") permit {all}\nwhen {{ context.covred }};"),
            "line 2, column 8",
            "attribute `covred`",
        ),
        (
            format!("@id(\"a\") permit {all}\nwhen {{ context.purpose == Purpose::\"treatmnt\" }};"),
            "line 2, column 27",
            "treatmnt",
        ),
        (
            format!("@id(\"a\") forbid {all}\nwhen {{ context.findings.contains(Identifier::\"SNN\") }};"),
            "line 2, column 34",
            "SNN",
        ),
        (
            format!("@id(\"a\") permit {all}\nwhen {{ context.on_behalf_of == \"x\" }};"),
            "line 2, column 8",
            "on_behalf_of",
        ),
        (
            "@id(\"a\") permit (principal == Service::\"x\", action, resource);".to_owned(),
            "line 1, column 1",
            "",
        ),
        (
            format!("@id(\"a\") permit {all}\nwhen {{ false && context.covered }};"),
            "line 1, column 1",
            "impossible",
        ),
        (
            "@id(\"a\") permit (principal == ?principal, action, resource);".to_owned(),
            "line 1, column 31",
            "no slots",
        ),
    ] {
        let (at, told) = refused(&text);
        assert!(told.contains(problem), "{text}\n{told}");
        assert_eq!(at, place, "{text}\n{told}");
    }
}

#[test]
fn a_text_is_bounded() {
    let long = "// x\n".repeat(20_000);
    assert_eq!(Policies::for_engagement(Some(&long)).unwrap_err(), PolicyError::TooLong);
    let many: Vec<_> =
        (0..201).map(|n| format!("@id(\"p{n}\") permit (principal, action, resource);")).collect();
    let many = many.join(
        "
",
    );
    assert_eq!(Policies::for_engagement(Some(&many)).unwrap_err(), PolicyError::TooLong);
}

#[test]
fn an_empty_policy_permits_nothing() {
    let none = Policies::for_engagement(Some("// nothing yet\n")).unwrap();
    let codes: Vec<_> =
        none.decide(&support::covered()).reasons.into_iter().map(|reason| reason.code).collect();
    assert_eq!(codes, [terms::Code::POLICY_NO_PERMIT]);
}

#[test]
fn the_schema_knows_every_identifier_class_and_no_other() {
    let schema = Schema::from_str(SCHEMA).unwrap();
    let kind = EntityTypeName::from_str("Identifier").unwrap();
    assert!(schema.entity_types().any(|known| *known == kind));
    for class in IdentifierClass::ALL {
        assert!(SCHEMA.contains(&format!("\"{class}\"")), "{class}");
    }
    let (_, listed) = SCHEMA.split_once("entity Identifier enum [").unwrap();
    let (listed, _) = listed.split_once(']').unwrap();
    assert_eq!(listed.split(',').count(), IdentifierClass::ALL.len());
}
