//! The decision: two evaluations, one answer.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, LazyLock};

use cedar_policy::{Authorizer, Entities, Request};
use sha2::{Digest as _, Sha256};
use terms::{
    Code, Decision, DecisionId, FindingCounts, HealthClass, HealthCounts, IdentifierClass, Obligations,
    Reason, Treatment, Verdict,
};

use crate::annotation::Rule;
use crate::facts::{Canonical, decision_id, hex};
use crate::load::{BASE_POLICY, Compiled, DEFAULT_POLICY, SCHEMA, compile};
use crate::memo::Memo;
use crate::{Action, Facts, PolicyError, reason, request};

/// The base guardrails and one engagement's policy. Cheap to clone.
#[derive(Clone)]
pub struct Policies(Arc<Inner>);

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Policies").field(&self.0.version).finish()
    }
}

struct Inner {
    base: &'static Compiled,
    own: Compiled,
    version: String,
    asks: Asks,
    authorizer: Authorizer,
    entities: Entities,
    memo: Memo,
}

/// What the policies of an engagement want to know that costs time to find out: what of it is not asked for need not
/// be in the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asks {
    /// What the content tells of health.
    pub tells: bool,
    /// How long its longest text is.
    pub words: bool,
}

impl Asks {
    /// By the words of the policies' text; a name that is written with an escape could be any.
    fn of(text: &str) -> Self {
        let any = text.contains('\\');
        let tells = any || text.contains("tells") || text.contains("strip");
        Self { tells, words: any || text.contains("passage_words") }
    }
}

static BASE: LazyLock<Result<Compiled, PolicyError>> = LazyLock::new(|| compile("base", BASE_POLICY));

/// What one set of policies says.
struct Answer<'a> {
    permits: bool,
    /// The permits that apply, or the forbids that refuse.
    rules: Vec<&'a Rule>,
    /// The policies that could not be evaluated.
    errors: Vec<String>,
}

impl Policies {
    /// The policies of an engagement that wrote `text`; the default ones for `None`.
    ///
    /// # Errors
    /// A [`PolicyError`] with the place in `text`, if it does not parse, does not fit the schema, can never
    /// apply, or an annotation is wrong.
    pub fn for_engagement(text: Option<&str>) -> Result<Self, PolicyError> {
        let base = BASE.as_ref().map_err(Clone::clone)?;
        let (set, text) = text.map_or(("default", DEFAULT_POLICY), |text| ("engagement", text));
        let own = compile(set, text)?;
        let mut sum = Canonical(Sha256::new());
        sum.text("chaperon policies 1").text(SCHEMA).text(BASE_POLICY).text(set).text(text);
        let version = format!("p-{}", hex(&sum.0.finalize()));
        let mut asks = Asks::of(text);
        asks.tells |= own.rules.values().any(|rule| !rule.strip.is_empty());
        let (authorizer, entities) = (Authorizer::new(), Entities::empty());
        let memo = Memo::default();
        Ok(Self(Arc::new(Inner { base, own, version, asks, authorizer, entities, memo })))
    }

    /// The version of schema, guardrails and the engagement's text together: `p-` and 20 hexadecimal characters
    /// of their digest.
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// What the engagement's policies want to know that costs time to find out.
    pub fn asks(&self) -> Asks {
        self.0.asks
    }

    /// Decides one request: permit only if the base permits and the engagement permits, evaluated apart.
    ///
    /// The same facts have the same decision, so that one that was worked out lately is not worked out again.
    pub fn decide(&self, facts: &Facts) -> Decision {
        let digest = facts.digest(self.version());
        self.0.memo.of(digest, || self.evaluate(decision_id(&digest), facts))
    }

    fn evaluate(&self, id: DecisionId, facts: &Facts) -> Decision {
        let decision = self.enforced(id, facts);
        if facts.observing && !facts.carries_phi { self.observed(decision, facts) } else { decision }
    }

    /// The decision of an observed workflow: what findings alone refuse or change is told and left. Whatever would be
    /// refused though nothing had been found stays refused, and so does what could not be evaluated.
    fn observed(&self, enforced: Decision, facts: &Facts) -> Decision {
        let permitted = match enforced.verdict {
            Verdict::Permit => enforced.clone(),
            Verdict::Deny if enforced.reasons.iter().any(|reason| reason.code == Code::POLICY_ERROR) => {
                return enforced;
            }
            Verdict::Deny => {
                let clean = Facts {
                    findings: FindingCounts::default(),
                    tells: HealthCounts::default(),
                    signed_tells: BTreeSet::new(),
                    ..facts.clone()
                };
                match self.enforced(enforced.id.clone(), &clean) {
                    permitted if permitted.verdict == Verdict::Permit => permitted,
                    _ => return enforced,
                }
            }
        };
        let treatments = IdentifierClass::ALL.into_iter().map(|class| (class, Treatment::Pass)).collect();
        let reason_codes = vec![Code::OBSERVED.as_str().to_owned()];
        let obligations = Obligations { treatments, reason_codes, ..Obligations::default() };
        let reasons = reason::observed(enforced, permitted.reasons);
        Decision { obligations, reasons, ..permitted }
    }

    fn enforced(&self, id: DecisionId, facts: &Facts) -> Decision {
        let Ok(request) = request::build(facts) else {
            return self.deny(id, vec![Reason::new(Code::POLICY_ERROR).about("a fact is not in the schema")]);
        };
        let base = self.ask(self.0.base, &request);
        let mut own = self.ask(&self.0.own, &request);
        // what an engagement permitted without saying what is not meant for this
        let named = own.rules.iter().any(|rule| rule.names_action);
        if facts.action == Action::Reidentify && own.permits && !named {
            own.permits = false;
            own.rules.clear();
        }
        let unnamed = unnamed_features(&own, facts);
        let untold = if own.permits { untold(&own, facts) } else { Vec::new() };
        if base.errors.is_empty()
            && own.errors.is_empty()
            && base.permits
            && own.permits
            && unnamed.is_empty()
            && untold.is_empty()
        {
            return self.permit(id, facts, &base, &own);
        }
        let errors = base.errors.iter().chain(&own.errors);
        let mut reasons: Vec<_> = errors.map(|title| Reason::new(Code::POLICY_ERROR).by(title)).collect();
        let forbids = |answer: &Answer<'_>| {
            if answer.permits { Vec::new() } else { reason::refused(&answer.rules, facts) }
        };
        reasons.extend(reason::rooted(forbids(&base), facts));
        reasons.extend(forbids(&own));
        reasons.extend(unnamed);
        reasons.extend(untold);
        if reasons.is_empty() {
            reasons.push(Reason::new(Code::POLICY_NO_PERMIT).about(reason::asked(facts)));
        }
        self.deny(id, reasons)
    }

    fn ask<'a>(&self, set: &'a Compiled, request: &Request) -> Answer<'a> {
        let response = self.0.authorizer.is_authorized(request, &set.policies, &self.0.entities);
        let diagnostics = response.diagnostics();
        let title = |id| set.rules.get(id).map_or_else(String::new, |rule| rule.title.clone());
        Answer {
            permits: response.decision() == cedar_policy::Decision::Allow,
            rules: diagnostics.reason().filter_map(|id| set.rules.get(id)).collect(),
            errors: diagnostics
                .errors()
                .map(|error| match error {
                    cedar_policy::AuthorizationError::PolicyEvaluationError(error) => {
                        title(error.policy_id())
                    }
                })
                .collect(),
        }
    }

    fn permit(&self, id: DecisionId, facts: &Facts, base: &Answer<'_>, own: &Answer<'_>) -> Decision {
        Decision {
            id,
            verdict: Verdict::Permit,
            obligations: obligations(&base.rules, &own.rules, facts),
            reasons: reason::permitted(&own.rules, facts),
            policy_set: self.0.version.clone(),
        }
    }

    fn deny(&self, id: DecisionId, reasons: Vec<Reason>) -> Decision {
        let (verdict, policy_set) = (Verdict::Deny, self.0.version.clone());
        Decision { id, verdict, obligations: Obligations::default(), reasons, policy_set }
    }
}

/// The refusals for features that no permit names. A permit counts for a request with features only if it names
/// all of them.
fn unnamed_features(own: &Answer<'_>, facts: &Facts) -> Vec<Reason> {
    let asked: BTreeSet<&str> = request::to_be_named(facts).collect();
    let names_all = |rule: &&Rule| asked.iter().all(|feature| rule.features.contains(*feature));
    if asked.is_empty() || !own.permits || own.rules.iter().any(names_all) {
        return Vec::new();
    }
    let unnamed = |feature: &&&str| !own.rules.iter().any(|rule| rule.features.contains(**feature));
    let missing: Vec<_> = asked.iter().filter(unnamed).copied().collect();
    let refused = if missing.is_empty() { asked.into_iter().collect() } else { missing };
    reason::unnamed(&refused)
}

/// The refusals for what the content tells: what the workflow did not declare and no permit that applies strips, and
/// what would have to be stripped where nothing can be.
fn untold(own: &Answer<'_>, facts: &Facts) -> Vec<Reason> {
    let strip = stripped(&own.rules, facts);
    let declared = |class: &HealthClass| facts.may_tell.as_ref().is_none_or(|may| may.contains(class));
    let undeclared = facts.tells.classes().filter(|class| !declared(class) && !strip.contains(class));
    let unstrippable = strip.intersection(&facts.signed_tells).copied();
    [reason::undeclared(undeclared), reason::unstrippable(unstrippable)].into_iter().flatten().collect()
}

/// What of the content's tale is cut out: whatever any permit that applies strips.
fn stripped(own: &[&Rule], facts: &Facts) -> BTreeSet<HealthClass> {
    let declared = facts.may_tell.as_ref();
    facts.tells.classes().filter(|class| own.iter().any(|rule| rule.strip.takes(*class, declared))).collect()
}

/// The strictest of all that apply. The engagement's permits mean a surrogate for what they do not name; the
/// base only sets a floor where it names something. A surrogate that no answer can bring back only blurs what a
/// request means, so that where the answer is no text, the class stands for the value.
fn obligations(base: &[&Rule], own: &[&Rule], facts: &Facts) -> Obligations {
    let mut obligations = Obligations { strip: stripped(own, facts), ..Obligations::default() };
    let mut discloses = false;
    for class in IdentifierClass::ALL {
        let floor = base.iter().filter_map(|rule| rule.treatments.of(class));
        let wanted = own.iter().map(|rule| rule.treatments.of(class).unwrap_or(Treatment::Surrogate));
        let strictest = match floor.chain(wanted).max().unwrap_or(Treatment::Surrogate) {
            Treatment::Shift | Treatment::Realistic | Treatment::Surrogate if !facts.answer_is_text => {
                Treatment::Redact
            }
            strictest => strictest,
        };
        if strictest != Treatment::Surrogate {
            obligations.treatments.insert(class, strictest);
            discloses |= strictest.discloses();
        }
    }
    if discloses {
        let codes: BTreeSet<_> = own.iter().filter_map(|rule| rule.reason_code.clone()).collect();
        obligations.reason_codes = codes.into_iter().collect();
    }
    obligations
}
