//! One request, tried with one service after another until one answers. Each try is a decision, an entry on the record
//! and a permit of its own; only services that coverage and policy allow for this very request are tried.

use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::{Closing, Outcome};
use http::{HeaderMap, StatusCode};
use permit::Permit;
use terms::{Code, ExchangeId, Verdict};

use super::arrival::Choice;
use super::consider::{Examined, Judged, opening};
use super::outbound::Sent;
use super::plan::{Plan, pause};
use super::{Arrival, Caller, Refused};
use crate::breaker::{Asking, Opened};
use crate::gateway::Gateway;

/// How a try ended that another may follow.
struct Missed {
    code: Code,
    status: Option<StatusCode>,
    /// How long the vendor asks to be left alone.
    wait: Option<Duration>,
}

/// What is to be done next.
struct Next {
    judged: Judged,
    /// Whether every service was considered before: then it is asked again, after a pause.
    again: bool,
}

impl Gateway {
    /// Runs an exchange to its end.
    pub(super) async fn run(&self, mut arrival: Box<Arrival>, caller: Caller) {
        if let Err(refused) = self.take(&mut arrival) {
            return self.turn_away(&arrival, &refused, caller);
        }
        let started = match self.examine(&arrival).await {
            Ok(examined) => {
                let mut plan = Plan::new(&arrival.choices, arrival.pool.as_deref(), examined.turn.session());
                self.first(&arrival, &examined, &mut plan).map(|judged| (examined, plan, judged))
            }
            Err(refused) => Err(refused),
        };
        match started {
            Ok((examined, plan, judged)) => self.tries(arrival, examined, plan, judged, caller).await,
            Err(refused) => self.turn_away(&arrival, &refused, caller),
        }
    }

    async fn tries(
        &self,
        mut arrival: Box<Arrival>,
        mut examined: Examined,
        mut plan: Plan,
        mut judged: Judged,
        caller: Caller,
    ) {
        let mut round = 0;
        loop {
            arrival.choice = Arc::clone(&judged.choice);
            arrival.trace.decided(&judged.choice, &judged.decision);
            arrival.observed = judged.observed();
            let opened = match self.open(&arrival, &examined, &judged).await {
                Ok(opened) => opened,
                Err(refused) => return self.turn_away(&arrival, &refused, caller),
            };
            let permit = match Permit::grant(judged.decision, opened) {
                Ok(permit) => permit,
                Err(denied) => return self.deny(&arrival, *denied, caller).await,
            };
            let sent = self.out(&arrival, &permit, &mut examined).await;
            let missed = missed(&sent);
            self.note(&arrival, &sent);
            let next = match &missed {
                Some(_) if plan.tried() && !caller.is_closed() => {
                    self.next(&mut arrival, &examined, &mut plan)
                }
                _ => None,
            };
            let (Some(missed), Some(next)) = (missed, next) else {
                return self.end(arrival, permit, sent, examined, caller).await;
            };
            self.miss(&arrival, permit, &missed).await;
            judged = next.judged;
            if next.again {
                tokio::time::sleep(pause(missed.wait, round, self.chance())).await;
                round += 1;
                judged = match self.rejudge(&mut arrival, &examined, judged.choice) {
                    Some(judged) => judged,
                    None => return self.turn_away(&arrival, &missed.code.into(), caller),
                };
            }
            let exchange = ExchangeId::fresh(self.parts.clock.now(), self.parts.randomness.as_ref());
            arrival.again(exchange);
        }
    }

    /// The first service that may be asked and is well. None may: the decision on the first is recorded as a denial.
    fn first(&self, arrival: &Arrival, examined: &Examined, plan: &mut Plan) -> Result<Judged, Refused> {
        let mut denied = None;
        let mut suspended = false;
        while let Some((choice, false)) = plan.next() {
            let judged = self.judge(arrival, examined, choice)?;
            if judged.decision.verdict == Verdict::Deny {
                denied.get_or_insert(judged);
            } else if self.is_well(arrival, &judged) {
                return Ok(judged);
            } else {
                suspended = true;
            }
        }
        match denied {
            Some(judged) if !suspended => Ok(judged),
            _ => Err(Code::UPSTREAM_CIRCUIT_OPEN.into()),
        }
    }

    /// The next service that may be asked now and is well, within one round.
    fn next(&self, arrival: &mut Arrival, examined: &Examined, plan: &mut Plan) -> Option<Next> {
        for _ in 0..arrival.choices.len() {
            let (choice, again) = plan.next()?;
            let judged = self.rejudge(arrival, examined, choice)?;
            if judged.decision.verdict == Verdict::Permit && self.is_well(arrival, &judged) {
                return Some(Next { judged, again });
            }
        }
        None
    }

    /// Judges by the registers as they are now: a try may have taken minutes, in which an agreement ended.
    fn rejudge(&self, arrival: &mut Arrival, examined: &Examined, choice: Arc<Choice>) -> Option<Judged> {
        arrival.renew(self.parts.snapshot.load_full()).then_some(())?;
        self.judge(arrival, examined, choice).ok()
    }

    fn is_well(&self, arrival: &Arrival, judged: &Judged) -> bool {
        self.breakers.allows(arrival.asking(&judged.choice), Instant::now())
    }

    /// Puts the opening of a try on record; an opening that can't be written is a refusal.
    async fn open(
        &self,
        arrival: &Arrival,
        examined: &Examined,
        judged: &Judged,
    ) -> Result<audit::Opened, Refused> {
        let _recording = arrival.trace.phase("record");
        let waiting = Instant::now();
        let opened = self.parts.journal.open(opening(arrival, examined, judged)).await.map_err(|error| {
            tracing::error!(%error, "an opening entry could not be written: nothing leaves");
            error.code()
        })?;
        self.metrics.recorded(waiting.elapsed());
        Ok(opened)
    }

    /// Tells the breaker of a service how it did, and keeps what its answer says of it.
    fn note(&self, arrival: &Arrival, sent: &Result<Sent, Code>) {
        let asking = arrival.asking(&arrival.choice);
        let broken = match sent {
            Ok(sent) => {
                self.parts.observations.note(&arrival.choice.route.row, &sent.reply.headers);
                sent.reply.status.is_server_error()
            }
            Err(code) => is_upstream(*code),
        };
        if !broken {
            return self.breakers.succeeded(asking);
        }
        let Asking { engagement, agent, service } = asking;
        match self.breakers.failed(asking, Instant::now()) {
            Some(Opened::All) => {
                tracing::warn!(%engagement, %service, "a service fails again and again: it is left alone for a while");
            }
            Some(Opened::Agent) => {
                tracing::warn!(%engagement, %agent, %service,
                    "a service fails an agent again and again: the agent leaves it alone for a while");
            }
            None => {}
        }
    }

    /// Closes a try that another follows.
    async fn miss(&self, arrival: &Arrival, permit: Permit, missed: &Missed) {
        self.metrics.refused(missed.code);
        self.metrics.again(missed.code);
        let closing = Closing {
            status: missed.status.map(|status| status.as_u16()),
            bytes_in: arrival.request.size() as u64,
            ..Closing::new(Outcome::Failure).because(missed.code)
        };
        self.close(arrival, permit.end(), closing).await;
    }

    fn turn_away(&self, arrival: &Arrival, refused: &Refused, caller: Caller) {
        arrival.trace.refused(arrival.exchange, refused.code);
        arrival.answer(caller, self.refuse(arrival.endpoint.protocol(), arrival.exchange, refused));
    }

    fn chance(&self) -> u8 {
        let mut byte = [0];
        self.parts.randomness.fill(&mut byte);
        let [byte] = byte;
        byte
    }
}

/// Whether another service could do what this one did not.
fn missed(sent: &Result<Sent, Code>) -> Option<Missed> {
    match sent {
        Err(code) if is_upstream(*code) => Some(Missed { code: *code, status: None, wait: None }),
        Err(_) => None,
        Ok(sent) => {
            let status = sent.reply.status;
            let passing = status.is_server_error()
                || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
            let wait = asked(&sent.reply.headers);
            passing.then_some(Missed { code: Code::UPSTREAM_REFUSED, status: Some(status), wait })
        }
    }
}

/// Whether a failure is the vendor's, and not of what was to be sent.
fn is_upstream(code: Code) -> bool {
    matches!(
        code,
        Code::UPSTREAM_UNREACHABLE
            | Code::UPSTREAM_TIMEOUT
            | Code::UPSTREAM_MALFORMED
            | Code::CREDENTIAL_REFUSED
    )
}

/// `Retry-After`, where it is a number of seconds (RFC 9110, 10.2.3).
fn asked(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
    value.parse().ok().map(Duration::from_secs)
}
