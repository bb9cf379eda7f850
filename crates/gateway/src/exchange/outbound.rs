//! Out: content transformed under the permit, put back into the request's own bytes, and sent.

use std::fmt::Write as _;
use std::sync::Arc;

use audit::{Closing, Outcome};
use deid::{Issued, Restorer, Transformed, transform_told};
use egress::Reply;
use permit::{Cleared, Destination, Permit};
use terms::{Code, Form, Obligations};

use super::answer::Back;
use super::consider::Examined;
use super::{Arrival, Caller, Refused, receipts, response, weighed};
use crate::gateway::Gateway;
use crate::protocol::{Spoken, Store, error};

/// What went out, and what came back so far.
pub(super) struct Sent {
    pub(super) reply: Reply,
    issued: Vec<Issued>,
    /// Places that told of health and were cut out.
    stripped: u32,
    /// What the vendor was sent, to tell its own words from the request's.
    body: bytes::Bytes,
}

impl Gateway {
    /// Hands on what the last try came to, and closes its entry.
    pub(super) async fn end(
        &self,
        arrival: Box<Arrival>,
        permit: Permit,
        sent: Result<Sent, Code>,
        examined: Examined,
        caller: Caller,
    ) {
        match sent {
            Ok(sent) => {
                let observed = arrival.observed;
                let action = if observed {
                    "permit; observed".to_owned()
                } else {
                    Replaced::by(&sent.issued, sent.stripped).action()
                };
                let restorer = Arc::new(Restorer::new(&sent.issued));
                let document = arrival.request.asks_for_json();
                let Examined { turn, detector, .. } = examined;
                let unread = arrival.endpoint.answers_unread();
                let back =
                    Back { detector, restorer, sent: sent.body, action, turn, document, unread, observed };
                Box::pin(self.give_back(arrival, permit, sent.reply, back, caller)).await;
            }
            Err(code) => self.fail(&arrival, permit, &Refused::from(code), caller).await,
        }
    }

    /// Transforms, clears and sends.
    pub(super) async fn out(
        &self,
        arrival: &Arrival,
        permit: &Permit,
        examined: &mut Examined,
    ) -> Result<Sent, Code> {
        let transforming = arrival.trace.phase("transform");
        let (transformed, cleared) = weighed(arrival.request.size(), || {
            let transformed = transformed(arrival, permit.obligations(), examined)?;
            let cleared = clear(arrival, permit, &transformed)?;
            Ok::<_, Code>((transformed, cleared))
        })?;
        drop(transforming);
        let body = cleared.body().clone();
        self.metrics.left(arrival.since.elapsed());
        let stripped = transformed.stripped().total();
        let (_, issued, _) = transformed.into_parts();
        arrival.trace.asked(arrival, Replaced::by(&issued, stripped));
        let reply = self.parts.egress.send(cleared, permit).await.map_err(|error| {
            let service = &arrival.choice.route.row.id;
            tracing::warn!(exchange = %arrival.exchange, %service, %error, "a vendor could not be asked");
            error.code()
        })?;
        Ok(Sent { reply, issued, stripped, body })
    }

    /// Answers with an error after the entry was opened, and closes it as failed.
    pub(super) async fn fail(&self, arrival: &Arrival, permit: Permit, refused: &Refused, caller: Caller) {
        let protocol = arrival.endpoint.protocol();
        let wire = error::refusal(protocol, refused.code, Some(arrival.exchange), refused.detail.as_deref());
        let mut head = response(&wire);
        receipts(head.headers_mut(), arrival.exchange, permit.opened(), "fail");
        self.metrics.refused(refused.code);
        let closing =
            Closing { status: Some(wire.status), ..Closing::new(Outcome::Failure).because(refused.code) };
        self.close(arrival, permit.end(), closing).await;
        arrival.answer(caller, head);
    }
}

/// The request's content as it may leave.
pub(super) fn transformed(
    arrival: &Arrival,
    obligations: &Obligations,
    examined: &mut Examined,
) -> Result<Transformed, Code> {
    let Examined { findings, told, turn, .. } = examined;
    let passages: Vec<_> = arrival
        .request
        .passages()
        .map(|passage| deid::Passage { text: passage.text, label: passage.label })
        .collect();
    let constraints = if findings.iter().all(Vec::is_empty) {
        deid::Constraints::none()
    } else {
        arrival.request.constraints()
    };
    transform_told(&passages, findings, told, &constraints, obligations, turn).map_err(|error| {
        tracing::error!(exchange = %arrival.exchange, %error, "identifiers could not be replaced");
        Code::TRANSFORM_FAILED
    })
}

fn clear(arrival: &Arrival, permit: &Permit, transformed: &Transformed) -> Result<Cleared, Code> {
    let (request, route) = (&arrival.request, &arrival.choice.route);
    let assemble = |edits: &[(usize, String)]| request.rewrite(edits, &route.upstream, store(arrival));
    permit.clear(transformed, assemble, destination(arrival)?, arrival.headers.clone()).map_err(|error| {
        tracing::error!(exchange = %arrival.exchange, %error, "a request could not be cleared");
        Code::TRANSFORM_FAILED
    })
}

/// The vendor keeps nothing unless agreement and policy named it, in which case the request got this far. What a
/// vendor does where nothing is said is the setting of an account, so it is said.
pub(super) fn store(arrival: &Arrival) -> Store {
    if arrival.request.features().contains(&governance::Feature::VendorState) {
        Store::AsSent
    } else if arrival.endpoint.keeps_unasked() || arrival.choice.route.row.body.takes_store_field() {
        Store::False
    } else {
        Store::FalseWhereSent
    }
}

fn destination(arrival: &Arrival) -> Result<Destination, Code> {
    let (route, caller) = (&arrival.choice.route, &arrival.caller);
    let service = Arc::clone(&route.row);
    let spoken = Spoken {
        protocol: arrival.choice.spoken,
        model: &route.upstream,
        stream: arrival.request.stream(),
        api_version: service.body.api_version.as_ref().map(governance::Text::as_str),
    };
    let address = format!("{}{}", service.body.endpoint, arrival.endpoint.address(&spoken));
    let stored = arrival.snapshot.registers.credential(&caller.engagement, &route.service);
    let read = |row: &Arc<_>| egress::credential(row, &service.body).map_err(egress::EgressError::code);
    let credential = stored.map(read).transpose()?;
    Ok(Destination {
        engagement: caller.engagement.clone(),
        service: route.service.clone(),
        version: service.version,
        uri: address.parse().map_err(|_invalid| Code::ADDRESS_DENIED)?,
        may_connect: Arc::new(move |address| service.body.may_connect(address)),
        credential,
    })
}

/// How much of a request went out as something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// Identifiers for which a surrogate stands.
    pub(crate) surrogates: usize,
    /// Dates that were moved.
    pub(crate) shifted: usize,
    /// Places that told of health: their class stands there, and nothing brings them back.
    pub(crate) stripped: usize,
}

impl Replaced {
    pub(super) fn by(issued: &[Issued], stripped: u32) -> Self {
        let of = |form| issued.iter().filter(|one| one.form == form).count();
        let shifted = of(Form::Shifted);
        let stripped = usize::try_from(stripped).unwrap_or(usize::MAX);
        // parts stand for what their whole stands for
        Self { surrogates: issued.len() - shifted - of(Form::Part), shifted, stripped }
    }

    /// What was done, for the caller's header: `permit`, or `permit; surrogates=3; shifted=1`.
    pub(super) fn action(self) -> String {
        let mut told = "permit".to_owned();
        let counts =
            [("surrogates", self.surrogates), ("shifted", self.shifted), ("stripped", self.stripped)];
        for (word, count) in counts {
            if count > 0 {
                let _ = write!(told, "; {word}={count}");
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use terms::{IdentifierClass, Phi};

    use super::*;

    #[test]
    fn a_date_that_was_moved_is_no_surrogate() {
        let one = |form| Issued {
            class: IdentifierClass::Date,
            form,
            surrogate: "2026-01-01".to_owned(),
            original: Phi::new("2025-12-01".to_owned()),
        };
        let told = |forms: &[Form]| {
            Replaced::by(&forms.iter().map(|form| one(*form)).collect::<Vec<_>>(), 0).action()
        };
        assert_eq!(told(&[]), "permit");
        assert_eq!(told(&[Form::Label, Form::Date]), "permit; surrogates=2");
        assert_eq!(told(&[Form::Shifted]), "permit; shifted=1");
        assert_eq!(
            told(&[Form::Realistic, Form::Part, Form::Part]),
            "permit; surrogates=1",
            "parts are no more"
        );
        assert_eq!(told(&[Form::Label, Form::Shifted, Form::Shifted]), "permit; surrogates=1; shifted=2");
        assert_eq!(Replaced::by(&[one(Form::Label)], 3).action(), "permit; surrogates=1; stripped=3");
    }
}
