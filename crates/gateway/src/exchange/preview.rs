//! What would become of a request, shown to whoever may send it. Nothing is sent, and nothing is kept but an entry that
//! it was shown: surrogates are drawn on a copy of the conversation, budgets are looked at, and no service is asked.

use std::sync::Arc;
use std::time::Instant;

use audit::{Control, DecisionRecord};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value, json};
use terms::{AgentId, Code, Decision, EngagementId, ExchangeId, Verdict, WorkforceId};

use super::arrival::{Arrival, Caller, Known, Refused};
use super::consider::{Examined, Judged, features};
use super::outbound::{store, transformed};
use super::plan::Plan;
use super::residual::residual;
use super::{denial, reasons, weighed};
use crate::caller::Headers;
use crate::gateway::Gateway;
use crate::protocol::Target;
use crate::server::Taken;
use crate::trace::Trace;

/// Somebody who is let in by other means than an agent key, and asks what would become of an agent's request.
pub struct Onlooker<'a> {
    /// Who, for the record: no secret, no PHI.
    pub by: String,
    /// The engagement.
    pub engagement: EngagementId,
    /// The agent.
    pub agent: AgentId,
    /// The member of the workforce on whose behalf the agent would act.
    pub on_behalf_of: Option<WorkforceId>,
    /// The conversation, as the agent names it.
    pub session: Option<&'a str>,
    /// The endpoint's path.
    pub path: &'a str,
    /// The media type of the body.
    pub content_type: Option<&'a str>,
}

/// What the services of a request would meet, in the order in which they would be asked.
struct Tries {
    all: Vec<(Judged, bool)>,
    /// The first that is permitted and not left alone.
    chosen: Option<usize>,
}

impl Tries {
    /// The decision that is shown: of the service that would be asked, or of the first.
    fn shown(&self) -> Option<&Judged> {
        self.all.get(self.chosen.unwrap_or(0)).map(|(judged, _)| judged)
    }

    /// Why none of them would be asked.
    fn refused(&self, decision: &Decision) -> Option<Refused> {
        if self.chosen.is_some() {
            return None;
        }
        let left_alone = self.all.iter().any(|(judged, _)| judged.decision.verdict == Verdict::Permit);
        Some(if left_alone {
            Code::UPSTREAM_CIRCUIT_OPEN.into()
        } else {
            Refused { detail: reasons(&decision.reasons), ..denial(decision).into() }
        })
    }
}

type Page = Map<String, Value>;

impl Gateway {
    /// Shows an onlooker what would become of a body.
    ///
    /// # Errors
    /// The code of what keeps the preview itself from being made: an agent or a path that is not there, a body that is
    /// too large, a record that can't be written.
    pub async fn show(&self, onlooker: Onlooker<'_>, body: Bytes) -> Result<Value, Code> {
        let target = Target::at(onlooker.path).ok_or(Code::PATH_UNKNOWN)?;
        let taken = self.bodies.read(&HeaderMap::new(), http_body_util::Full::new(body)).await;
        let taken = taken.map_err(|too_much| too_much.0)?;
        let _seat = self.seat()?;
        let snapshot = self.parts.snapshot.load_full();
        let row = snapshot.registers.agent(&onlooker.engagement, &onlooker.agent).map(Arc::clone);
        let caller = Caller {
            engagement: onlooker.engagement,
            agent: onlooker.agent,
            row: row.ok_or(Code::KEY_UNKNOWN)?,
            key: onlooker.by,
            on_behalf_of: onlooker.on_behalf_of.clone(),
        };
        let headers = Headers {
            key: "",
            on_behalf_of: onlooker.on_behalf_of,
            session: onlooker.session,
            anthropic_version: None,
            anthropic_beta: None,
            bedrock: Vec::new(),
        };
        let exchange = ExchangeId::fresh(self.parts.clock.now(), self.parts.randomness.as_ref());
        let (since, content_type) = (Instant::now(), onlooker.content_type);
        let trace = Trace::quiet(self, since, target.endpoint);
        let known = Known { exchange, since, trace, target, snapshot, caller, headers, content_type };
        self.preview(known, taken).await
    }

    /// Shows what would become of a request, once it is on record that it was shown.
    pub(crate) async fn preview(&self, known: Known<'_>, taken: Taken) -> Result<Value, Code> {
        let caller = &known.caller;
        let (engagement, agent, by) = (caller.engagement.clone(), caller.agent.clone(), caller.key.clone());
        let who = who(caller);
        let seen = match self.arrive(known, taken) {
            Ok(arrival) => self.look_ahead(arrival).await,
            Err(refused) => Err(refused),
        };
        let (verdict, code, mut page) = seen.unwrap_or_else(|refused| {
            let mut page = Map::new();
            met(&mut page, Verdict::Deny, refused.code, refused.detail.as_deref());
            (Verdict::Deny, refused.code, page)
        });
        page.extend(who);
        let shown = Control::Preview { engagement, agent, by, verdict, code: code.as_str().to_owned() };
        let receipt = self.parts.journal.control(shown).await.map_err(|error| {
            tracing::error!(%error, "a preview could not be put on record: it is not shown");
            error.code()
        })?;
        self.metrics.previewed();
        page.insert("receipt".to_owned(), receipt.to_string().into());
        Ok(Value::Object(page))
    }

    /// The page, and the verdict and code that head it.
    async fn look_ahead(&self, mut arrival: Box<Arrival>) -> Result<(Verdict, Code, Page), Refused> {
        let budget = self.look(&arrival).err();
        let mut examined = self.rehearse(&arrival).await?;
        let tries = self.look_around(&arrival, &examined)?;
        let shown = tries.shown().ok_or(Code::PROTOCOL_MISMATCH)?;
        let Judged { choice, decision, .. } = shown;
        let mut page = described(&arrival, &examined, &tries, shown);
        let refused = budget.or_else(|| tries.refused(decision));
        let (verdict, code, body) = if let Some(refused) = &refused {
            (Verdict::Deny, refused.code, None)
        } else {
            arrival.choice = Arc::clone(choice);
            let code = decision.reasons.first().map_or(Code::COVERED, |reason| reason.code);
            (Verdict::Permit, code, Some(leaving(&arrival, &mut examined, decision)?))
        };
        met(&mut page, verdict, code, refused.and_then(|refused| refused.detail).as_deref());
        page.insert("service".to_owned(), json!(body.is_some().then_some(&choice.route.service)));
        page.insert("bytes".to_owned(), json!(body.as_ref().map(Bytes::len)));
        // of a form that holds other than text only the length can be told in JSON
        let text = body.and_then(|body| String::from_utf8(body.into()).ok());
        page.insert("body".to_owned(), json!(text));
        Ok((verdict, code, page))
    }

    /// Asks coverage and policy for each service that may be asked.
    fn look_around(&self, arrival: &Arrival, examined: &Examined) -> Result<Tries, Refused> {
        let mut plan = Plan::new(&arrival.choices, arrival.pool.as_deref(), examined.turn.session());
        let mut all = Vec::new();
        while let Some((choice, false)) = plan.next() {
            let rests = self.breakers.rests(arrival.asking(&choice), Instant::now());
            all.push((self.judge(arrival, examined, choice)?, rests));
        }
        let goes = |(judged, rests): &(Judged, bool)| judged.decision.verdict == Verdict::Permit && !rests;
        let chosen = all.iter().position(goes);
        Ok(Tries { all, chosen })
    }
}

/// What was found and decided.
fn described(arrival: &Arrival, examined: &Examined, tries: &Tries, shown: &Judged) -> Page {
    let decision = &shown.decision;
    let features = features(arrival, &shown.choice).into_iter().map(governance::Feature::as_str);
    let mut page = Map::new();
    page.insert("model".to_owned(), arrival.request.model().into());
    page.insert("pool".to_owned(), json!(arrival.pool.as_ref().map(|row| row.id.as_str())));
    page.insert("decision".to_owned(), json!(DecisionRecord::from(decision)));
    page.insert("tries".to_owned(), tries.all.iter().map(|(judged, rests)| tried(judged, *rests)).collect());
    page.insert("features".to_owned(), features.collect());
    page.insert("findings".to_owned(), findings(arrival, examined, decision));
    page.insert("counts".to_owned(), json!(examined.counts));
    page.insert("residual".to_owned(), json!(residual(arrival, &examined.findings, decision)));
    page.insert("told".to_owned(), told(arrival, examined, decision));
    page.insert("tells".to_owned(), json!(examined.tells));
    page.insert("content_type".to_owned(), arrival.request.content_type().into());
    page
}

/// What a request would meet: verdict, code and what the catalogue says of it.
fn met(page: &mut Page, verdict: Verdict, code: Code, detail: Option<&str>) {
    let about = code.explanation();
    page.insert("verdict".to_owned(), json!(verdict));
    page.insert("code".to_owned(), json!(code));
    page.insert("title".to_owned(), about.title.into());
    page.insert("rule".to_owned(), about.rule.into());
    page.insert("detail".to_owned(), json!(detail));
    if verdict == Verdict::Deny {
        page.insert("status".to_owned(), about.status.into());
        page.insert("help".to_owned(), about.help.into());
    }
}

fn who(caller: &Caller) -> Page {
    let workflow = &caller.row.body.workflow;
    let mut page = Map::new();
    page.insert("sent".to_owned(), false.into());
    page.insert("engagement".to_owned(), json!(caller.engagement));
    page.insert("agent".to_owned(), json!(caller.agent));
    page.insert("workflow".to_owned(), json!(workflow.name));
    page.insert("purpose".to_owned(), json!(workflow.purpose));
    page.insert("on_behalf_of".to_owned(), json!(caller.on_behalf_of));
    page
}

fn tried(judged: &Judged, rests: bool) -> Value {
    let (route, decision) = (&judged.choice.route, DecisionRecord::from(&judged.decision));
    let code = decision.reasons.first().map(|reason| reason.code.as_str());
    json!({
        "service": route.service, "vendor": route.vendor, "host": route.row.body.endpoint.host(),
        "model": route.upstream, "agreement": judged.agreement(), "verdict": decision.verdict, "code": code,
        "reasons": decision.reasons, "resting": rests,
    })
}

/// Where findings are, what they are of, and what is done to them: never what they are.
fn findings(arrival: &Arrival, examined: &Examined, decision: &Decision) -> Value {
    let mut all = Vec::new();
    for (passage, found) in arrival.request.passages().zip(&examined.findings) {
        if found.is_empty() {
            continue;
        }
        let pointer = arrival.request.pointer(passage.index);
        let mut characters = Characters::of(passage.text);
        for finding in found {
            let (start, end) = (characters.at(finding.span.start), characters.at(finding.span.end));
            let permitted = decision.verdict == Verdict::Permit;
            let treatment = permitted.then(|| decision.obligations.treatment(finding.class));
            all.push(json!({
                "pointer": pointer, "class": finding.class, "recognizer": finding.recognizer,
                "confidence": finding.confidence.0, "start": start, "end": end, "treatment": treatment,
            }));
        }
    }
    Value::Array(all)
}

/// Where what of health is told, and whether it is cut out: never what.
fn told(arrival: &Arrival, examined: &Examined, decision: &Decision) -> Value {
    let mut all = Vec::new();
    for (passage, told) in arrival.request.passages().zip(&examined.told) {
        let pointer = if told.is_empty() { None } else { arrival.request.pointer(passage.index) };
        let mut characters = Characters { text: passage.text, bytes: 0, count: 0 };
        for one in told {
            let (start, end) = (characters.at(one.span.start), characters.at(one.span.end));
            all.push(json!({
                "pointer": pointer, "class": one.class, "rule": one.rule, "confidence": one.confidence.0,
                "start": start, "end": end, "stripped": decision.obligations.strip.contains(&one.class),
            }));
        }
    }
    Value::Array(all)
}

/// Counts the characters of a text before places that come in order.
pub(super) struct Characters<'a> {
    text: &'a str,
    bytes: usize,
    count: usize,
}

impl<'a> Characters<'a> {
    pub(super) const fn of(text: &'a str) -> Self {
        Self { text, bytes: 0, count: 0 }
    }

    pub(super) fn at(&mut self, byte: usize) -> usize {
        let (from, known) = if byte < self.bytes { (0, 0) } else { (self.bytes, self.count) };
        self.count = known + self.text.get(from..byte).map_or(0, |text| text.chars().count());
        self.bytes = byte;
        self.count
    }
}

/// The body as it would leave.
fn leaving(arrival: &Arrival, examined: &mut Examined, decision: &Decision) -> Result<Bytes, Refused> {
    let (request, route) = (&arrival.request, &arrival.choice.route);
    weighed(request.size(), || {
        let transformed = transformed(arrival, &decision.obligations, examined)?;
        let rewritten = request.rewrite(transformed.edits(), &route.upstream, store(arrival));
        rewritten.map_err(|_error| Refused::from(Code::TRANSFORM_FAILED))
    })
}
