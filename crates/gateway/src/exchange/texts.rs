//! Text de-identified for an application, and put back: decided and on record as a request to a vendor is, but what
//! comes of it goes back to the caller, and nothing leaves the house.

mod job;
mod page;

use std::collections::{BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use audit::{
    Action, Capped, Closing, DecisionRecord, Destination, ModelNames, Opened, Opening, Outcome, PointerRef,
};
use custody::{Opaque, Turn};
use deid::{Constraints, Detector, Encoding, Finding, Issued, Known, Passage, Restorer, transform};
use futures_util::FutureExt as _;
use governance::EngagementState;
use http::{HeaderName, Response};
use permit::{Denied, Permit};
use policy::Facts;
use serde_json::Value;
use terms::{Code, Decision, FindingCounts, IdentifierClass, KeyUse, Obligations, Phi, Reason};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::arrival::Refused;
use super::outbound::Replaced;
use super::{denial, header, reasons, receipts, response, weighed, word};
use crate::gateway::Gateway;
use crate::protocol::{Protocol, error};
use crate::server::Outgoing;

pub(crate) use job::{Job, Task};

/// Whose errors callers of these paths read.
pub(crate) const PROTOCOL: Protocol = Protocol::OpenAi;
/// What the record and metrics call them.
const SPOKEN: &str = "chaperon";
/// The service that facts and entries name: this house.
const SERVICE: &str = "chaperon";
const SESSION: HeaderName = HeaderName::from_static("chaperon-session");

/// What was made out of a job before it is decided.
struct Looked {
    turn: Turn,
    work: Work,
    counts: FindingCounts,
}

enum Work {
    /// What was found in each text.
    Found(Vec<Vec<Finding>>, Detector),
    /// The texts with originals in them, which go nowhere before there is a permit, and those originals.
    Restored(Vec<Phi<String>>, Vec<Original>),
}

/// Something that is put back.
struct Original {
    /// In which of the texts.
    index: usize,
    class: IdentifierClass,
    text: Phi<String>,
}

impl Gateway {
    /// Does a job to its end, detached from its caller, and gives the answer.
    pub(crate) async fn texts(self: &Arc<Self>, job: Job, seat: OwnedSemaphorePermit) -> Response<Outgoing> {
        let (exchange, engagement) = (job.exchange, job.caller.engagement.clone());
        let (caller, answered) = oneshot::channel();
        let gateway = Arc::clone(self);
        tokio::spawn(async move {
            let _seat = seat;
            let _counted = gateway.metrics.under_way();
            match AssertUnwindSafe(gateway.text_task(&job)).catch_unwind().await {
                Ok(Ok(answer)) => drop(caller.send(answer)),
                Ok(Err(refused)) => drop(caller.send(gateway.refuse(PROTOCOL, exchange, &refused))),
                Err(_panic) => {
                    tracing::error!(%exchange, "an exchange panicked and is closed as interrupted: this is a defect");
                    let _refused = gateway.parts.journal.interrupt(exchange, engagement).await;
                }
            }
        });
        answered.await.unwrap_or_else(|_gone| {
            response(&error::refusal(PROTOCOL, Code::INTERRUPTED, Some(exchange), None))
        })
    }

    async fn text_task(&self, job: &Job) -> Result<Response<Outgoing>, Refused> {
        self.check_clock()?;
        let looked = self.look_at(job).await?;
        self.metrics.found(&looked.counts);
        let decision = decided(job, &looked.counts)?;
        let waiting = Instant::now();
        let opening = self.text_opening(job, &looked, &decision)?;
        let opened = self.parts.journal.open(opening).await.map_err(|error| {
            tracing::error!(%error, "an opening entry could not be written: nothing is answered");
            error.code()
        })?;
        self.metrics.recorded(waiting.elapsed());
        match Permit::grant(decision, opened) {
            Ok(permit) => Ok(self.give_texts(job, permit, looked).await),
            Err(denied) => Ok(self.deny_texts(job, *denied).await),
        }
    }

    /// Finds the session, and what there is to be replaced or put back.
    async fn look_at(&self, job: &Job) -> Result<Looked, Refused> {
        let caller = &job.caller;
        let owner = caller.owner();
        let (sessions, name) = (&self.parts.sessions, Some(job.session.as_str()));
        let turn = match job.task {
            Task::Deidentify => sessions.resume(&owner, name, &[]).await,
            // on a copy: to ask for what is there makes no session, and keeps none alive
            Task::Reidentify => sessions.rehearse(&owner, name, &[]).await,
        };
        let turn = turn.map_err(|error| {
            tracing::error!(%error, "a session could not be resumed");
            Code::SESSION_UNAVAILABLE
        })?;
        weighed(job.size, || match job.task {
            Task::Deidentify => self.find_in(job, turn),
            Task::Reidentify => restored(job, turn),
        })
    }

    fn find_in(&self, job: &Job, turn: Turn) -> Result<Looked, Refused> {
        let (caller, snapshot) = (&job.caller, &job.snapshot);
        let workflow = caller.row.body.workflow.name.as_str();
        let detector = snapshot.detector(&self.parts.detector, &caller.engagement, workflow)?;
        let digester = self.parts.vault.digester(&caller.engagement, KeyUse::Findings);
        let digester = digester.map_err(|_error| Code::KEY_UNAVAILABLE)?;
        let known = Known::new(turn.known());
        let find = |text: &String| {
            let passage = Passage::prose(text);
            let examined = self.recall.examine(&caller.engagement, &*digester, &detector, passage)?;
            examined.findings(passage, &known)
        };
        let found = job.texts.iter().map(find).collect::<Result<Vec<_>, _>>();
        let found = found.map_err(|_error| Code::DETECTION_FAILED)?;
        let mut counts = FindingCounts::default();
        found.iter().flatten().for_each(|finding| counts.add(finding.class));
        Ok(Looked { turn, work: Work::Found(found, detector), counts })
    }

    fn text_opening(&self, job: &Job, looked: &Looked, decision: &Decision) -> Result<Opening, Code> {
        let caller = &job.caller;
        let name = |_invalid| Code::POLICY_ERROR;
        let mut all: Vec<(usize, IdentifierClass, &str)> = Vec::new();
        let model = match &looked.work {
            Work::Found(found, detector) => {
                for (index, (text, found)) in job.texts.iter().zip(found).enumerate() {
                    for finding in found {
                        let original = text.get(finding.span.clone()).ok_or(Code::DETECTION_FAILED)?;
                        all.push((index, finding.class, original));
                    }
                }
                detector.version()
            }
            Work::Restored(_, originals) => {
                all.extend(originals.iter().map(|one| (one.index, one.class, one.text.expose().as_str())));
                SERVICE
            }
        };
        let places: BTreeSet<_> = all.iter().map(|(index, class, _)| (*index, *class)).collect();
        let pointers = Capped::made(places, |(index, class)| {
            let pointer = if job.many { format!("/texts/{index}") } else { "/text".to_owned() };
            PointerRef { pointer, class }
        });
        let persons = all.into_iter().map(|(_, class, text)| (class, text));
        Ok(Opening {
            exchange: job.exchange,
            parent: None,
            engagement: caller.engagement.clone(),
            agent: caller.agent.clone(),
            agent_version: caller.row.body.version.clone(),
            agent_key: caller.key.clone(),
            action: match job.task {
                Task::Deidentify => Action::Deidentify,
                Task::Reidentify => Action::Reidentify,
            },
            protocol: SPOKEN.to_owned(),
            identifiers: self.digests(&caller.engagement, persons)?,
            source: "request".to_owned(),
            destination: Destination {
                vendor: SERVICE.parse().map_err(name)?,
                service: SERVICE.parse().map_err(name)?,
                host: "caller".to_owned(),
            },
            on_behalf_of: caller.on_behalf_of.clone(),
            workflow: caller.row.body.workflow.name.as_str().to_owned(),
            purpose: caller.row.body.workflow.purpose,
            decision: DecisionRecord::from(decision),
            model: ModelNames { requested: SERVICE.to_owned(), resolved: model.to_owned() },
            agreement: None,
            findings: looked.counts.clone(),
            // nothing leaves the house, so that nothing is bounded or weighed
            tells: terms::HealthCounts::default(),
            residual: None,
            pointers,
            session: Some(looked.turn.session()),
            lists: job.snapshot.lists.get(&caller.engagement).map(|lists| lists.versions()),
            pool: None,
        })
    }

    /// Transforms or gives back what was restored, under the permit, and closes the entry.
    async fn give_texts(&self, job: &Job, permit: Permit, looked: Looked) -> Response<Outgoing> {
        let Looked { mut turn, work, .. } = looked;
        let made = weighed(job.size, || match work {
            Work::Found(found, _) => replaced(job, &found, permit.obligations(), &mut turn),
            Work::Restored(texts, originals) => {
                let count = u32::try_from(originals.len()).unwrap_or(u32::MAX);
                Ok((page::restored(job, &texts), "permit".to_owned(), count))
            }
        });
        let (page, action, restored) = match made {
            Ok(made) => made,
            Err(code) => return self.fail_texts(job, permit.end(), code).await,
        };
        let body = page.to_string();
        let mut head = response(&error::WireError { status: 200, body: body.into(), headers: Vec::new() });
        receipts(head.headers_mut(), job.exchange, permit.opened(), &action);
        header(head.headers_mut(), SESSION, &job.session);
        if job.task == Task::Deidentify {
            turn.answered(None, Opaque { service: SERVICE, parts: &[] });
        }
        let closing = Closing {
            status: Some(200),
            restored,
            bytes_in: job.size as u64,
            bytes_out: page::length(&head),
            ..Closing::new(Outcome::Success)
        };
        self.close_texts(permit.end(), closing).await;
        head
    }

    async fn fail_texts(&self, job: &Job, opened: Opened, code: Code) -> Response<Outgoing> {
        let wire = error::refusal(PROTOCOL, code, Some(job.exchange), None);
        let mut head = response(&wire);
        receipts(head.headers_mut(), job.exchange, &opened, "fail");
        self.metrics.refused(code);
        let closing = Closing { status: Some(wire.status), ..Closing::new(Outcome::Failure).because(code) };
        self.close_texts(opened, closing).await;
        head
    }

    async fn deny_texts(&self, job: &Job, denied: Denied) -> Response<Outgoing> {
        let Denied { decision, opened } = denied;
        let code = denial(&decision);
        let wire = error::refusal(PROTOCOL, code, Some(job.exchange), reasons(&decision.reasons).as_deref());
        let mut head = response(&wire);
        receipts(head.headers_mut(), job.exchange, &opened, "deny");
        self.metrics.refused(code);
        let closing = Closing { status: Some(wire.status), ..Closing::new(Outcome::Refused).because(code) };
        self.close_texts(opened, closing).await;
        head
    }

    async fn close_texts(&self, opened: Opened, closing: Closing) {
        self.metrics.ended(SPOKEN, word(closing.outcome));
        if let Err(error) = self.parts.journal.close(opened, closing).await {
            tracing::error!(%error, "a closing entry could not be queued");
        }
    }
}

/// What policy says of a job: inside the wall, so that no agreement is due.
fn decided(job: &Job, counts: &FindingCounts) -> Result<Decision, Code> {
    let (caller, snapshot) = (&job.caller, &job.snapshot);
    let workflow = &caller.row.body.workflow;
    let engagement = snapshot.registers.engagement(&caller.engagement);
    let name = |_invalid| Code::POLICY_ERROR;
    let facts = Facts {
        engagement: caller.engagement.clone(),
        engagement_active: engagement.is_some_and(|row| row.body.state == EngagementState::Active),
        agent: caller.agent.clone(),
        agent_version: caller.row.body.version.clone(),
        workflow: workflow.name.as_str().to_owned(),
        purpose: workflow.purpose,
        carries_phi: workflow.carries_phi,
        observing: false,
        on_behalf_of: caller.on_behalf_of.as_ref().map(ToString::to_string),
        vendor: SERVICE.parse().map_err(name)?,
        service: SERVICE.parse().map_err(name)?,
        model: SERVICE.to_owned(),
        action: match job.task {
            Task::Deidentify => policy::Action::Deidentify,
            Task::Reidentify => policy::Action::Reidentify,
        },
        covered: true,
        on_premises: true,
        coverage_reasons: vec![Reason::new(Code::ON_PREMISES)],
        features: [].into(),
        covered_features: [].into(),
        findings: counts.clone(),
        tells: terms::HealthCounts::default(),
        signed_tells: BTreeSet::new(),
        may_tell: None,
        passage_words: 0,
        signed_findings: false,
        foreign_opaque: false,
        answer_is_text: true,
    };
    let policies = snapshot.policies.get(&caller.engagement).ok_or(Code::POLICY_ERROR)?;
    Ok(policies.decide(&facts))
}

/// The texts with what policy wants in the place of identifiers.
fn replaced(
    job: &Job,
    found: &[Vec<Finding>],
    obligations: &Obligations,
    turn: &mut Turn,
) -> Result<(Value, String, u32), Code> {
    let passages: Vec<_> = job.texts.iter().map(|text| Passage::prose(text)).collect();
    let done = transform(&passages, found, &Constraints::none(), obligations, turn).map_err(|error| {
        tracing::error!(exchange = %job.exchange, %error, "identifiers could not be replaced");
        Code::TRANSFORM_FAILED
    })?;
    let action = Replaced::by(done.issued(), 0).action();
    Ok((page::replaced(job, found, &done), action, 0))
}

/// The texts with the originals of the session in the place of its surrogates.
fn restored(job: &Job, turn: Turn) -> Result<Looked, Refused> {
    let issued: Vec<Issued> = turn
        .issued()
        .map(|(class, form, original, surrogate)| Issued {
            class,
            form,
            surrogate: surrogate.to_owned(),
            original: Phi::new(original.to_owned()),
        })
        .collect();
    if issued.is_empty() {
        return Err(Code::SESSION_UNKNOWN.into());
    }
    let restorer = Restorer::new(&issued);
    let texts = job.texts.iter().map(|text| Phi::new(restorer.restore(text, Encoding::Text))).collect();
    let by_surrogate: HashMap<String, &Issued> =
        issued.iter().map(|one| (plain(&one.surrogate), one)).collect();
    let (mut counts, mut originals) = (FindingCounts::default(), Vec::new());
    for (index, text) in job.texts.iter().enumerate() {
        for surrogate in restorer.spans(text).into_iter().filter_map(|span| text.get(span)) {
            if let Some(one) = by_surrogate.get(&plain(surrogate)) {
                counts.add(one.class);
                originals.push(Original { index, class: one.class, text: one.original.clone() });
            }
        }
    }
    Ok(Looked { turn, work: Work::Restored(texts, originals), counts })
}

/// One form for the ways in which a surrogate is written.
fn plain(surrogate: &str) -> String {
    surrogate.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}
