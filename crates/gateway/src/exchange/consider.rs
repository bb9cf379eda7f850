//! What is in a request, and may it go: detection, coverage, policy. Nothing here touches the network.

use std::collections::BTreeSet;
use std::sync::Arc;

use audit::{
    Action, AgreementRef, Capped, DecisionRecord, Destination, IdentifierRef, ModelNames, Opening,
    PointerRef, PoolRef,
};
use custody::Turn;
use deid::{Detector, Finding, Known, Told};
use governance::{Coverage, EngagementState, Feature, coverage};
use policy::{Asks, Facts};
use terms::{
    Code, Decision, EngagementId, FindingCounts, HealthClass, HealthCounts, IdentifierClass, KeyUse,
};

use super::arrival::{Arrival, Choice, Refused};
use super::residual::residual;
use super::weighed;
use crate::gateway::Gateway;
use crate::protocol::Role;

/// A request that was examined: its conversation, and what was found in it.
pub(crate) struct Examined {
    pub(crate) turn: Turn,
    pub(crate) findings: Vec<Vec<Finding>>,
    pub(crate) counts: FindingCounts,
    /// What its content tells of health, where that is asked for: a list for each passage, or none at all.
    pub(crate) told: Vec<Vec<Told>>,
    pub(crate) tells: HealthCounts,
    /// What of it is told in a part that is signed.
    signed_tells: BTreeSet<HealthClass>,
    /// Words of the longest passage, where they are asked for.
    words: u32,
    /// What found it, which examines the answer too.
    pub(crate) detector: Detector,
    /// Whether it was found in a part that is signed and can't be rewritten.
    signed: bool,
    identifiers: Capped<IdentifierRef>,
    /// Where it was found.
    pointers: Capped<PointerRef>,
}

/// What was decided of a request to one service.
pub(crate) struct Judged {
    pub(crate) choice: Arc<Choice>,
    pub(crate) decision: Decision,
    covered: Coverage,
}

impl Judged {
    /// Whether it goes as it is since its workflow is only observed.
    pub(crate) fn observed(&self) -> bool {
        let told = |reason: &terms::Reason| reason.code == Code::OBSERVED;
        self.decision.verdict == terms::Verdict::Permit && self.decision.reasons.iter().any(told)
    }

    /// The agreement and the scope row that cover the use.
    pub(crate) fn agreement(&self) -> Option<AgreementRef> {
        self.covered.agreement.as_ref().map(|cited| AgreementRef {
            id: cited.agreement.clone(),
            version: cited.version,
            scope_row: cited.scope_row.and_then(|row| u32::try_from(row).ok()).unwrap_or(0),
        })
    }
}

/// What was found in the passages of a request, a list for each.
struct Looked {
    findings: Vec<Vec<Finding>>,
    /// None at all where nobody asked.
    told: Vec<Vec<Told>>,
}

/// How a conversation is gone on with.
#[derive(Clone, Copy)]
enum Way {
    /// By the turn of a request.
    Taken,
    /// On a copy.
    Rehearsed,
}

impl Gateway {
    /// Finds the conversation and examines the content.
    pub(crate) async fn examine(&self, arrival: &Arrival) -> Result<Examined, Refused> {
        let _detecting = arrival.trace.phase("detect");
        self.check_clock()?;
        let turn = self.resume(arrival, Way::Taken).await?;
        let examined = self.look_through(arrival, turn)?;
        self.metrics.found(&examined.counts);
        arrival.trace.found(&examined.counts);
        Ok(examined)
    }

    /// The same on a copy of the conversation, and not counted: nothing of it is kept.
    pub(crate) async fn rehearse(&self, arrival: &Arrival) -> Result<Examined, Refused> {
        self.check_clock()?;
        let turn = self.resume(arrival, Way::Rehearsed).await?;
        self.look_through(arrival, turn)
    }

    fn look_through(&self, arrival: &Arrival, turn: Turn) -> Result<Examined, Refused> {
        weighed(arrival.request.size(), || {
            let asks = asks(arrival)?;
            let detector = self.detector(arrival)?;
            let Looked { findings, told } = self.detect(arrival, &turn, &detector, asks.tells)?;
            let signed = signed(arrival, &findings);
            let (tells, signed_tells) = counted(arrival, &told);
            let words = if asks.words { longest(arrival) } else { 0 };
            let mut counts = FindingCounts::default();
            findings.iter().flatten().for_each(|finding| counts.add(finding.class));
            let identifiers = self.identifiers(arrival, &findings)?;
            let pointers = pointers(arrival, &findings);
            Ok(Examined {
                turn,
                findings,
                counts,
                told,
                tells,
                signed_tells,
                words,
                detector,
                signed,
                identifiers,
                pointers,
            })
        })
    }

    /// Asks coverage and policy whether a request may go to one service.
    pub(crate) fn judge(
        &self,
        arrival: &Arrival,
        examined: &Examined,
        choice: Arc<Choice>,
    ) -> Result<Judged, Refused> {
        let _deciding = arrival.trace.phase("decide");
        self.check_clock()?;
        let covered = self.coverage(arrival, &choice);
        let mut facts = facts(arrival, &choice, &covered, &examined.counts);
        facts.signed_findings = examined.signed;
        facts.tells = examined.tells.clone();
        facts.signed_tells.clone_from(&examined.signed_tells);
        facts.passage_words = examined.words;
        facts.foreign_opaque = foreign_opaque(arrival, &choice, &examined.turn);
        facts.observing = self.observing(arrival);
        let policies = arrival.snapshot.policies.get(&arrival.caller.engagement).ok_or(Code::POLICY_ERROR)?;
        let decision = policies.decide(&facts);
        Ok(Judged { choice, decision, covered })
    }

    /// Whether the workflow is only observed now. A clock that was turned back, be it by a second, revives nothing: it is
    /// as late as the newest entry of the record.
    fn observing(&self, arrival: &Arrival) -> bool {
        let now = self.parts.clock.now().max(self.parts.journal.newest_time());
        arrival.caller.row.observes(now)
    }

    /// A clock that was turned back must not revive an agreement that lapsed.
    pub(super) fn check_clock(&self) -> Result<(), Code> {
        let newest = self.parts.journal.newest_time().minus(self.parts.limits.clock_tolerance);
        if self.parts.clock.now() < newest { Err(Code::CLOCK_BEHIND_RECORD) } else { Ok(()) }
    }

    async fn resume(&self, arrival: &Arrival, way: Way) -> Result<Turn, Refused> {
        let caller = &arrival.caller;
        let owner = caller.owner();
        let messages = arrival.request.messages();
        let messages: Vec<_> = messages
            .iter()
            .map(|m| custody::CanonicalMessage { bytes: &m.bytes, answer: m.answer })
            .collect();
        let (sessions, header) = (&self.parts.sessions, arrival.session.as_deref());
        let turn = async {
            match way {
                Way::Taken => sessions.resume(&owner, header, &messages).await,
                Way::Rehearsed => sessions.rehearse(&owner, header, &messages).await,
            }
        };
        // each message is a link of a chain of digests, and there may be a hundred thousand
        let mut turn = std::pin::pin!(turn);
        let found =
            std::future::poll_fn(|cx| weighed(arrival.request.size(), || turn.as_mut().poll(cx))).await;
        found.map_err(|error| {
            tracing::error!(%error, "a session could not be resumed");
            Code::SESSION_UNAVAILABLE.into()
        })
    }

    fn detect(
        &self,
        arrival: &Arrival,
        turn: &Turn,
        detector: &Detector,
        telling: bool,
    ) -> Result<Looked, Code> {
        let (known, engagement) = (Known::new(turn.known()), &arrival.caller.engagement);
        let digester = self.parts.vault.digester(engagement, KeyUse::Findings);
        let digester = digester.map_err(|_error| Code::KEY_UNAVAILABLE)?;
        let told = if telling { Some(detector.clone().telling()) } else { None };
        let detector = told.as_ref().unwrap_or(detector);
        let rules = detector.without_tagger();
        let mut looked = Looked { findings: Vec::new(), told: Vec::new() };
        for passage in arrival.request.passages() {
            // names of fields and numbers are no text that the tagger knows; in what is signed, a finding
            // that is none would refuse the request
            let detector = match passage.role {
                Role::Key | Role::Number | Role::Signed => &rules,
                Role::Text | Role::Json | Role::Value => detector,
            };
            let role = passage.role;
            let passage = deid::Passage { text: passage.text, label: passage.label };
            let examined = self.recall.examine(engagement, &*digester, detector, passage);
            let failed = |_error| Code::DETECTION_FAILED;
            let examined = examined.map_err(failed)?;
            looked.findings.push(examined.findings(passage, &known).map_err(failed)?);
            if telling {
                looked.told.push(examined.told().iter().filter(|one| counts(role, one)).cloned().collect());
            }
        }
        Ok(looked)
    }

    /// The detector for a request and its answer, with the term lists that hold for its workflow.
    fn detector(&self, arrival: &Arrival) -> Result<Detector, Code> {
        let (caller, snapshot) = (&arrival.caller, &arrival.snapshot);
        let workflow = caller.row.body.workflow.name.as_str();
        snapshot.detector(&self.parts.detector, &caller.engagement, workflow)
    }

    fn coverage(&self, arrival: &Arrival, choice: &Choice) -> Coverage {
        let features = features(arrival, choice);
        coverage(
            &arrival.snapshot.registers,
            &arrival.caller.engagement,
            &choice.route.service,
            &choice.route.upstream,
            &features,
            self.parts.clock.now(),
        )
    }

    fn identifiers(
        &self,
        arrival: &Arrival,
        findings: &[Vec<Finding>],
    ) -> Result<Capped<IdentifierRef>, Refused> {
        let mut texts = Vec::new();
        for (passage, found) in arrival.request.passages().zip(findings) {
            for finding in found {
                let text = passage.text.get(finding.span.clone()).ok_or(Code::DETECTION_FAILED)?;
                texts.push((finding.class, text));
            }
        }
        Ok(self.digests(&arrival.caller.engagement, texts)?)
    }

    /// Keyed digests of the identifiers of persons, each once, by which an accounting finds this exchange again.
    pub(super) fn digests<'t>(
        &self,
        engagement: &EngagementId,
        found: impl IntoIterator<Item = (IdentifierClass, &'t str)>,
    ) -> Result<Capped<IdentifierRef>, Code> {
        let mut persons = found.into_iter().filter(|(class, _)| class.names_a_person()).peekable();
        if persons.peek().is_none() {
            return Ok(Capped::default());
        }
        let digester = self.parts.vault.digester(engagement, KeyUse::Index);
        let digester = digester.map_err(|_error| Code::KEY_UNAVAILABLE)?;
        let digest = |(class, text): (IdentifierClass, &str)| {
            let text = folded(text);
            (class, digester.digest("identifier", &[class.label().as_bytes(), text.as_bytes()]))
        };
        let seen: BTreeSet<_> = persons.map(digest).collect();
        Ok(seen.into_iter().map(|(class, digest)| IdentifierRef { class, digest }).collect())
    }
}

/// What policy and declaration want to know of the content.
fn asks(arrival: &Arrival) -> Result<Asks, Code> {
    let caller = &arrival.caller;
    let policies = arrival.snapshot.policies.get(&caller.engagement).ok_or(Code::POLICY_ERROR)?;
    let asks = policies.asks();
    Ok(Asks { tells: asks.tells || caller.row.body.workflow.may_tell.is_some(), ..asks })
}

/// Whether what is told in a passage counts. Names of fields say of what their values are, and of no patient, unless they
/// name a disease or the like themselves.
fn counts(role: Role, told: &Told) -> bool {
    let administrative =
        matches!(told.class, HealthClass::Payment | HealthClass::Scheduling | HealthClass::Demographics);
    role != Role::Key || !administrative && told.confidence.0 >= 80
}

/// What all passages tell, and what those that are signed tell.
fn counted(arrival: &Arrival, told: &[Vec<Told>]) -> (HealthCounts, BTreeSet<HealthClass>) {
    let (mut counts, mut signed) = (HealthCounts::default(), BTreeSet::new());
    for (passage, told) in arrival.request.passages().zip(told) {
        for one in told {
            counts.add(one.class);
        }
        if passage.role == Role::Signed {
            signed.extend(told.iter().map(|one| one.class));
        }
    }
    (counts, signed)
}

/// Words of the longest passage.
fn longest(arrival: &Arrival) -> u32 {
    let words = arrival.request.passages().map(|passage| passage.text.split_whitespace().count());
    u32::try_from(words.max().unwrap_or(0)).unwrap_or(u32::MAX)
}

/// The opening entry of a try.
pub(crate) fn opening(arrival: &Arrival, examined: &Examined, judged: &Judged) -> Opening {
    let (caller, route) = (&arrival.caller, &judged.choice.route);
    Opening {
        exchange: arrival.exchange,
        parent: arrival.first,
        engagement: caller.engagement.clone(),
        agent: caller.agent.clone(),
        agent_version: caller.row.body.version.clone(),
        agent_key: caller.key.clone(),
        action: Action::Transmit,
        protocol: arrival.endpoint.protocol().as_str().to_owned(),
        identifiers: examined.identifiers.clone(),
        source: "request".to_owned(),
        destination: Destination {
            vendor: route.vendor.clone(),
            service: route.service.clone(),
            host: route.row.body.endpoint.host().to_owned(),
        },
        on_behalf_of: caller.on_behalf_of.clone(),
        workflow: caller.row.body.workflow.name.as_str().to_owned(),
        purpose: caller.row.body.workflow.purpose,
        decision: DecisionRecord::from(&judged.decision),
        model: ModelNames { requested: route.model.clone(), resolved: route.upstream.clone() },
        agreement: judged.agreement(),
        findings: examined.counts.clone(),
        pointers: examined.pointers.clone(),
        tells: examined.tells.clone(),
        session: Some(examined.turn.session()),
        lists: arrival.snapshot.lists.get(&caller.engagement).map(|lists| lists.versions()),
        pool: arrival.pool.as_ref().map(|row| PoolRef { id: row.id.clone(), version: row.version }),
        residual: residual(arrival, &examined.findings, &judged.decision),
    }
}

/// One form for the ways in which the same identifier is written: lower case, without spaces and punctuation.
fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn pointers(arrival: &Arrival, findings: &[Vec<Finding>]) -> Capped<PointerRef> {
    let found = arrival.request.passages().zip(findings).flat_map(|(passage, found)| {
        let classes: BTreeSet<_> = found.iter().map(|finding| finding.class).collect();
        classes.into_iter().map(move |class| (passage.index, class))
    });
    Capped::made(found, |(index, class)| PointerRef {
        pointer: arrival.request.pointer(index).unwrap_or_default(),
        class,
    })
}

/// Whether an identifier was found in a part that is signed and can't be rewritten.
fn signed(arrival: &Arrival, findings: &[Vec<Finding>]) -> bool {
    let mut both = arrival.request.passages().zip(findings);
    both.any(|(passage, found)| passage.role == Role::Signed && !found.is_empty())
}

/// Whether a part that only a vendor can read came from elsewhere: another service could read it, and what it holds of
/// another conversation nobody here can see.
fn foreign_opaque(arrival: &Arrival, choice: &Choice, turn: &Turn) -> bool {
    let service = choice.route.service.as_str();
    arrival.request.opaque().any(|part| !turn.issued_here(service, part))
}

/// What a request asks of one service: what its body says, and what the model's name does.
pub(super) fn features(arrival: &Arrival, choice: &Choice) -> BTreeSet<Feature> {
    let mut features = arrival.request.features().clone();
    if arrival.endpoint.embeds(&choice.route.upstream) {
        features.insert(Feature::Embeddings);
    }
    features
}

fn facts(arrival: &Arrival, choice: &Choice, covered: &Coverage, counts: &FindingCounts) -> Facts {
    let (caller, route) = (&arrival.caller, &choice.route);
    let workflow = &caller.row.body.workflow;
    let engagement = arrival.snapshot.registers.engagement(&caller.engagement);
    let words = |features: &BTreeSet<Feature>| {
        features
            .iter()
            .filter(|feature| **feature != Feature::Inference)
            .map(|f| f.as_str().to_owned())
            .collect()
    };
    let features = features(arrival, choice);
    Facts {
        engagement: caller.engagement.clone(),
        engagement_active: engagement.is_some_and(|row| row.body.state == EngagementState::Active),
        agent: caller.agent.clone(),
        agent_version: caller.row.body.version.clone(),
        workflow: workflow.name.as_str().to_owned(),
        purpose: workflow.purpose,
        carries_phi: workflow.carries_phi,
        observing: false,
        on_behalf_of: caller.on_behalf_of.as_ref().map(ToString::to_string),
        vendor: route.vendor.clone(),
        service: route.service.clone(),
        model: route.upstream.clone(),
        action: policy::Action::ModelCall,
        covered: covered.covered,
        on_premises: covered.on_premises,
        coverage_reasons: covered.reasons.clone(),
        features: words(&features),
        covered_features: words(&covered.features),
        findings: counts.clone(),
        signed_findings: false,
        foreign_opaque: false,
        tells: HealthCounts::default(),
        signed_tells: BTreeSet::new(),
        may_tell: workflow.may_tell.clone(),
        passage_words: 0,
        // of vectors nothing is restored, whoever says that they are asked for
        answer_is_text: arrival.endpoint.answers_in_text() && !features.contains(&Feature::Embeddings),
    }
}
