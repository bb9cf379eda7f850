//! Who calls, what for, and to which service: everything that is known before anything is decided.

use std::sync::Arc;
use std::time::{Duration, Instant};

use custody::SessionOwner;
use governance::{Agent, Pool, Route, Row, routes};
use http::{HeaderMap, HeaderValue, header};
use parking_lot::Mutex;
use terms::{AgentId, Code, EngagementId, ExchangeId, WorkforceId};

use crate::breaker::Asking;
use crate::caller::Headers;
use crate::gateway::{Gateway, Snapshot};
use crate::ledger;
use crate::protocol::{Endpoint, Framing, Protocol, Request, Target};
use crate::server::{Held, Taken};
use crate::trace::Trace;

/// Who calls.
pub(crate) struct Caller {
    pub(crate) engagement: EngagementId,
    pub(crate) agent: AgentId,
    pub(crate) row: Arc<Row<Agent>>,
    /// The public part of the agent key.
    pub(crate) key: String,
    pub(crate) on_behalf_of: Option<WorkforceId>,
}

impl Caller {
    /// Whose sessions it goes on with.
    pub(crate) fn owner(&self) -> SessionOwner {
        SessionOwner {
            engagement: self.engagement.clone(),
            agent: self.agent.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
            purpose: self.row.body.workflow.purpose,
        }
    }
}

/// A caller who is known, before the body was read.
pub(crate) struct Known<'a> {
    pub(crate) exchange: ExchangeId,
    pub(crate) since: Instant,
    pub(crate) trace: Arc<Trace>,
    pub(crate) target: Target,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) caller: Caller,
    pub(crate) headers: Headers<'a>,
    pub(crate) content_type: Option<&'a str>,
}

/// A request that was understood, from a caller who is known, for a service that exists.
pub(crate) struct Arrival {
    pub(crate) exchange: ExchangeId,
    pub(crate) since: Instant,
    /// What is told of it.
    pub(crate) trace: Arc<Trace>,
    pub(crate) endpoint: Endpoint,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) caller: Caller,
    pub(crate) session: Option<String>,
    /// What goes along to the vendor.
    pub(crate) headers: HeaderMap,
    pub(crate) request: Request,
    /// The services that may be asked, as the registers have them.
    pub(crate) choices: Vec<Arc<Choice>>,
    /// Where the model is a pool: the pool.
    pub(crate) pool: Option<Arc<Row<Pool>>>,
    /// The service of the try under way.
    pub(crate) choice: Arc<Choice>,
    /// Whether its workflow is only observed: nothing of the answer is changed either.
    pub(crate) observed: bool,
    /// The first try, where this is another.
    pub(crate) first: Option<ExchangeId>,
    /// The try under way, for whoever must close its entry should this panic.
    pub(crate) current: Arc<Mutex<ExchangeId>>,
    /// What it took of budgets.
    pub(crate) taken: Option<ledger::Taken>,
    /// The room that request and answer take up, until the exchange ends.
    pub(crate) held: Held,
}

/// A service that may be asked, and how.
pub(crate) struct Choice {
    pub(crate) route: Route,
    /// The protocol in which it is asked.
    pub(crate) spoken: governance::Protocol,
}

/// An arrival that is refused before a decision.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) code: Code,
    pub(crate) detail: Option<String>,
    /// When to try again, where that is known.
    pub(crate) again: Option<Duration>,
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Self { code, detail: None, again: None }
    }
}

impl Gateway {
    /// Finds out who calls: a key that is registered, not revoked, of an agent that has not ended.
    pub(crate) fn authenticate(&self, snapshot: &Snapshot, headers: &Headers<'_>) -> Result<Caller, Code> {
        let prefix = self.parts.keys.id(headers.key).ok_or(Code::KEY_UNKNOWN)?;
        let key = snapshot.registers.agent_key(&prefix).ok_or(Code::KEY_UNKNOWN)?;
        if !self.parts.keys.matches(headers.key, &key.body.digest.0) {
            return Err(Code::KEY_UNKNOWN);
        }
        let agent = key.body.agent.clone();
        let row = snapshot.registers.agent(&key.engagement, &agent).ok_or(Code::KEY_UNKNOWN)?;
        Ok(Caller {
            engagement: key.engagement.clone(),
            agent,
            row: Arc::clone(row),
            key: prefix,
            on_behalf_of: headers.on_behalf_of.clone(),
        })
    }

    /// Understands a request of a caller who is known. Boxed: it is handed on often.
    pub(crate) fn arrive(&self, known: Known<'_>, taken: Taken) -> Result<Box<Arrival>, Refused> {
        let Known { exchange, since, trace, target, snapshot, caller, headers, content_type } = known;
        let Taken { body, held } = taken;
        let parsing = trace.phase("parse");
        let request = super::weighed(body.len(), || {
            Request::parse_as(target, content_type, body, &self.parts.limits.protocol)
        })
        .map_err(|error| Refused { detail: Some(error.to_string()), ..error.code().into() })?;
        drop(parsing);
        let routes = routes(&snapshot.registers, &caller.engagement, request.model())
            .map_err(|error| Refused::from(error.code()))?;
        let endpoint = request.endpoint();
        let choices: Vec<_> = routes.routes.into_iter().filter_map(|route| choice(endpoint, route)).collect();
        let first = Arc::clone(choices.first().ok_or(Code::PROTOCOL_MISMATCH)?);
        let session = headers.session.map(str::to_owned);
        let headers = outbound(&request, headers);
        let arrival = Box::new(Arrival {
            exchange,
            since,
            trace,
            endpoint,
            snapshot,
            caller,
            session,
            headers,
            request,
            choices,
            pool: routes.pool,
            choice: first,
            observed: false,
            first: None,
            current: Arc::new(Mutex::new(exchange)),
            taken: None,
            held,
        });
        arrival.trace.arrived(&arrival);
        Ok(arrival)
    }
}

impl Arrival {
    /// Who asks which service, for its circuit breaker.
    pub(super) fn asking<'a>(&'a self, choice: &'a Choice) -> Asking<'a> {
        let Caller { engagement, agent, .. } = &self.caller;
        Asking { engagement, agent, service: &choice.route.service }
    }

    /// Another try begins: an exchange of its own inside the first.
    pub(super) fn again(&mut self, exchange: ExchangeId) {
        self.first.get_or_insert(self.exchange);
        self.exchange = exchange;
        *self.current.lock() = exchange;
    }

    /// Goes on with the registers of now; whether it may. What was found and chosen by others no longer holds where the
    /// key or its agent, the term lists, the pool or one of the services is not what it was.
    pub(super) fn renew(&mut self, snapshot: Arc<Snapshot>) -> bool {
        if Arc::ptr_eq(&snapshot, &self.snapshot) {
            return true;
        }
        let (registers, own) = (&snapshot.registers, &self.caller.engagement);
        let lists = |snapshot: &Snapshot| snapshot.lists.get(own).map(|lists| lists.versions());
        let same =
            registers.agent_key(&self.caller.key).is_some_and(|key| key.body.agent == self.caller.agent)
                && registers
                    .agent(own, &self.caller.agent)
                    .is_some_and(|row| row.version == self.caller.row.version)
                && lists(&snapshot) == lists(&self.snapshot)
                && self.pool.as_ref().is_none_or(|pool| {
                    let now = registers.list::<Pool>(own).find(|row| row.id == pool.id);
                    now.is_some_and(|now| now.version == pool.version)
                })
                && self.choices.iter().all(|choice| {
                    let now = registers.service(own, &choice.route.service);
                    now.is_some_and(|now| now.version == choice.route.row.version)
                });
        if same {
            self.snapshot = snapshot;
        }
        same
    }
}

/// How a service can be asked; `None` where it speaks no protocol of the endpoint.
fn choice(endpoint: Endpoint, route: Route) -> Option<Arc<Choice>> {
    let spoken = endpoint.speakers().iter().find(|one| route.row.body.protocols.contains(one));
    spoken.map(|spoken| Arc::new(Choice { spoken: *spoken, route }))
}

/// The headers that go to a vendor: these and the credential, no others.
fn outbound(request: &Request, headers: Headers<'_>) -> HeaderMap {
    let endpoint = request.endpoint();
    let mut out = HeaderMap::new();
    let content_type = HeaderValue::from_str(&request.content_type());
    out.insert(header::CONTENT_TYPE, content_type.unwrap_or(HeaderValue::from_static("application/json")));
    out.insert(header::USER_AGENT, HeaderValue::from_static(concat!("chaperon/", env!("CARGO_PKG_VERSION"))));
    if endpoint.protocol() == Protocol::Anthropic {
        let version = headers.anthropic_version.unwrap_or("2023-06-01");
        for (name, value) in
            [("anthropic-version", Some(version)), ("anthropic-beta", headers.anthropic_beta)]
        {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                out.insert(name, value);
            }
        }
    }
    if endpoint.protocol() == Protocol::Bedrock {
        let framing = Some(endpoint.framing()).filter(|_| request.stream());
        let accepted = framing.map_or("application/json", Framing::media_type);
        out.insert(header::ACCEPT, HeaderValue::from_static(accepted));
        out.extend(headers.bedrock);
    }
    out
}
