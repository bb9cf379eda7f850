//! From a policy's text to what is evaluated.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::LazyLock;

use cedar_policy::{PolicyId, PolicySet, Schema, ValidationMode, Validator};

use crate::annotation::Rule;
use crate::error::{Place, PolicyError, told};

/// The schema: what a policy may speak of.
pub const SCHEMA: &str = include_str!("schema.cedarschema");
/// The policy of an engagement that has written none.
pub const DEFAULT_POLICY: &str = include_str!("default.cedar");
/// The guardrails of the house.
pub(crate) const BASE_POLICY: &str = include_str!("base.cedar");

const LONGEST_TEXT: usize = 65_536;
const MOST_POLICIES: usize = 200;

/// A set of policies that is evaluated as one.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) policies: PolicySet,
    pub(crate) rules: HashMap<PolicyId, Rule>,
}

static VALIDATOR: LazyLock<Result<Validator, PolicyError>> =
    LazyLock::new(|| match Schema::from_str(SCHEMA) {
        Ok(schema) => Ok(Validator::new(schema)),
        Err(error) => Err(PolicyError::Schema(error.to_string())),
    });

/// Reads `text` as the policy set `set` and validates it against the schema, strictly.
pub(crate) fn compile(set: &str, text: &str) -> Result<Compiled, PolicyError> {
    let validator = VALIDATOR.as_ref().map_err(Clone::clone)?;
    if text.len() > LONGEST_TEXT {
        return Err(PolicyError::TooLong);
    }
    let parsed = PolicySet::from_str(text).map_err(|errors| {
        let (place, problem, help) = errors
            .iter()
            .next()
            .map_or_else(|| (Place::of(text, 0), errors.to_string(), None), |error| told(text, error, None));
        PolicyError::Syntax { place, problem, help }
    })?;
    if parsed.num_of_policies() > MOST_POLICIES {
        return Err(PolicyError::TooLong);
    }
    if let Some(template) = parsed.templates().next() {
        let place = Place::of(text, template.to_cedar().find('?').unwrap_or(0));
        let problem = "a policy here has no slots: write it out".to_owned();
        return Err(PolicyError::Invalid { place, problem, help: None });
    }
    validate(validator, &parsed, text)?;
    name(set, &parsed, text)
}

/// A policy that does not type-check is refused, and so is one that can never apply or holds look-alike letters.
fn validate(validator: &Validator, parsed: &PolicySet, text: &str) -> Result<(), PolicyError> {
    let result = validator.validate(parsed, ValidationMode::Strict);
    let start = |id: &PolicyId| parsed.policy(id).and_then(|policy| text.find(&policy.to_cedar()?));
    let error = result.validation_errors().map(|error| told(text, error, start(error.policy_id()))).next();
    let warning =
        || result.validation_warnings().map(|warning| told(text, warning, start(warning.policy_id()))).next();
    match error.or_else(warning) {
        Some((place, problem, help)) => Err(PolicyError::Invalid { place, problem, help }),
        None => Ok(()),
    }
}

/// Reads the annotations, and names each policy by its `@id`.
fn name(set: &str, parsed: &PolicySet, text: &str) -> Result<Compiled, PolicyError> {
    let mut compiled = Compiled { policies: PolicySet::new(), rules: HashMap::new() };
    for policy in parsed.policies() {
        let own = policy.to_cedar().unwrap_or_default();
        let start = text.find(&own).unwrap_or(0);
        let wrong = |(name, problem): (String, String)| {
            let byte = start + offset_of(&own, &name);
            PolicyError::Annotation { place: Place::of(text, byte), name, problem }
        };
        let (name, rule) = Rule::read(policy, set).map_err(wrong)?;
        let id = PolicyId::new(name.as_str());
        if compiled.rules.contains_key(&id) {
            return Err(wrong(("id".to_owned(), format!("`{name}` is given twice"))));
        }
        let named = policy.new_id(id.clone());
        compiled.policies.add(named).map_err(|error| wrong(("id".to_owned(), error.to_string())))?;
        compiled.rules.insert(id, rule);
    }
    Ok(compiled)
}

/// Where in a policy's own text the annotation stands; 0 if it is missing.
fn offset_of(policy: &str, name: &str) -> usize {
    let marked = format!("@{name}");
    let ends =
        |at: usize| !policy.get(at + marked.len()..).is_some_and(|rest| rest.starts_with(is_name_char));
    policy.match_indices(&marked).map(|(at, _)| at).find(|at| ends(*at)).unwrap_or(0)
}

const fn is_name_char(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}
