//! The front door: which path leads where.

use std::sync::Arc;
use std::time::Instant;

use governance::{Pool, Service};
use http::header::{CONNECTION, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use serde_json::Value;
use terms::{Code, ExchangeId};
use tokio::sync::OwnedSemaphorePermit;

use crate::caller::Headers;
use crate::exchange::{Arrival, Known, Refused, TEXTS, Task};
use crate::gateway::Gateway;
use crate::protocol::{Listing, Protocol, Target, holds_key};
use crate::server::Outgoing;
use crate::trace::Trace;

/// Answers one request.
pub(crate) async fn answer(gateway: Arc<Gateway>, request: Request<Incoming>) -> Response<Outgoing> {
    let since = Instant::now();
    let (path, query) = (request.uri().path(), request.uri().query());
    let (place, wish) = wished(path);
    let target = Target::at(place);
    let protocol = guess(target.as_ref(), request.headers(), place);
    let exchange = ExchangeId::fresh(gateway.parts.clock.now(), gateway.parts.randomness.as_ref());
    if !is_plain(request.version(), request.headers()) {
        let mut response = gateway.refuse(protocol, exchange, &Code::HEADER_INVALID.into());
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        return response;
    }
    if let Some(task) = Task::at(path).filter(|_| request.method() == Method::POST) {
        let answered = texts_at(&gateway, exchange, task, request).await;
        return answered.unwrap_or_else(|refused| gateway.refuse(TEXTS, exchange, &refused));
    }
    let answered = match (request.method(), path) {
        (&Method::GET, "/healthz") => Ok(text("ok\n")),
        (&Method::GET, "/readyz") => Ok(ready(&gateway)),
        (&Method::GET, "/metrics") => Ok(metrics(&gateway, since)),
        _ if query.is_some_and(holds_key) => Err(Code::KEY_IN_ADDRESS.into()),
        _ if Task::at(path).is_some() => Err(Code::METHOD_UNKNOWN.into()),
        (method, _) => match target {
            Some(target) if method == Method::POST => match target.admit(query) {
                Ok(()) => return exchange_at(&gateway, (exchange, since), (target, wish), request).await,
                Err(code) => Err(code.into()),
            },
            Some(_) => Err(Code::METHOD_UNKNOWN.into()),
            None => match Listing::at(path) {
                Some(listing) if method == Method::GET => {
                    models(&gateway, request.headers(), protocol, &listing)
                }
                _ => Err(Target::why_not(place).into()),
            },
        },
    };
    answered.unwrap_or_else(|refused| gateway.refuse(protocol, exchange, &refused))
}

/// Whether all who read a head of HTTP/1.1 agree on its host, and on where its body ends: `chunked`, once and alone
/// (RFC 9112, 3.2 and 6.1). hyper reads chunks wherever that word is the last. After any other head the connection ends,
/// for where the next request begins is not known.
fn is_plain(version: Version, headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let chunked = codings.next().is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"));
    let hosts = headers.get_all(HOST).iter().count();
    chunked && codings.next().is_none() && (version != Version::HTTP_11 || hosts == 1)
}

/// What is wanted of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Exchange,
    Preview,
}

/// The endpoint's path, and what is wanted of it. A preview is asked for in front of the endpoint's own path, so that a
/// vendor's client asks for it under another base address and is changed in nothing else.
fn wished(path: &str) -> (&str, Wish) {
    match path.strip_prefix("/preview").filter(|path| path.starts_with('/')) {
        Some(path) => (path, Wish::Preview),
        None => (path, Wish::Exchange),
    }
}

/// Which protocol a request is answered in: its endpoint's, or outside of the endpoints the likeliest.
fn guess(target: Option<&Target>, headers: &HeaderMap, path: &str) -> Protocol {
    match target {
        Some(target) => target.endpoint.protocol(),
        None => Protocol::of_path(path).unwrap_or_else(|| {
            if headers.contains_key("x-goog-api-key") {
                Protocol::Gemini
            } else if headers.contains_key("anthropic-version") {
                Protocol::Anthropic
            } else {
                Protocol::OpenAi
            }
        }),
    }
}

/// An exchange: a stranger's body is not read, and what the caller may do is judged by what holds once it was: a key
/// that is revoked while its caller holds the body back opens nothing.
async fn exchange_at(
    gateway: &Arc<Gateway>,
    (exchange, since): (ExchangeId, Instant),
    (target, wish): (Target, Wish),
    request: Request<Incoming>,
) -> Response<Outgoing> {
    let (head, body) = request.into_parts();
    let protocol = target.endpoint.protocol();
    let trace = match wish {
        Wish::Preview => Trace::quiet(gateway, since, target.endpoint),
        Wish::Exchange => Trace::begin(gateway, since, target.endpoint, &head.headers),
    };
    let arrived = async {
        let receiving = trace.phase("receive");
        let headers = Headers::read(&head.headers)?;
        gateway.authenticate(&gateway.parts.snapshot.load(), &headers)?;
        let taken = gateway.bodies.read(&head.headers, body).await.map_err(|too_much| too_much.0)?;
        let seat = gateway.seat()?;
        let snapshot = gateway.parts.snapshot.load_full();
        let caller = gateway.authenticate(&snapshot, &headers)?;
        let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        drop(receiving);
        let trace = Arc::clone(&trace);
        let known = Known { exchange, since, trace, target, snapshot, caller, headers, content_type };
        if wish == Wish::Preview {
            return Ok(Arrived::Previewed(gateway.preview(known, taken).await?));
        }
        Ok::<_, Refused>(Arrived::Exchange(gateway.arrive(known, taken)?, seat))
    };
    match arrived.await {
        Ok(Arrived::Exchange(arrival, seat)) => gateway.exchange(arrival, seat).await,
        Ok(Arrived::Previewed(page)) => json(page.to_string()),
        Err(refused) => {
            trace.refused(exchange, refused.code);
            gateway.refuse(protocol, exchange, &refused)
        }
    }
}

/// Texts to be de-identified or put back, of a caller who is known before the body is read, and still when it was.
async fn texts_at(
    gateway: &Arc<Gateway>,
    exchange: ExchangeId,
    task: Task,
    request: Request<Incoming>,
) -> Result<Response<Outgoing>, Refused> {
    let (head, body) = request.into_parts();
    if head.uri.query().is_some_and(holds_key) {
        return Err(Code::KEY_IN_ADDRESS.into());
    }
    let headers = Headers::read(&head.headers)?;
    gateway.authenticate(&gateway.parts.snapshot.load(), &headers)?;
    let taken = gateway.bodies.read(&head.headers, body).await.map_err(|too_much| too_much.0)?;
    let seat = gateway.seat()?;
    let snapshot = gateway.parts.snapshot.load_full();
    let caller = gateway.authenticate(&snapshot, &headers)?;
    let job = gateway.job((exchange, task), (snapshot, caller), &headers, taken)?;
    Ok(gateway.texts(job, seat).await)
}

/// A request whose caller is known.
enum Arrived {
    Exchange(Box<Arrival>, OwnedSemaphorePermit),
    Previewed(Value),
}

/// The models of the caller's engagement, under their names and aliases.
fn models(
    gateway: &Gateway,
    headers: &HeaderMap,
    protocol: Protocol,
    listing: &Listing,
) -> Result<Response<Outgoing>, Refused> {
    let snapshot = gateway.parts.snapshot.load_full();
    let caller = gateway.authenticate(&snapshot, &Headers::read(headers)?)?;
    let services = snapshot.registers.list::<Service>(&caller.engagement);
    let pools = snapshot.registers.list::<Pool>(&caller.engagement);
    let mut names: Vec<&str> = services
        .flat_map(|row| &row.body.models)
        .flat_map(|model| std::iter::once(&model.name).chain(&model.aliases))
        .map(governance::ModelName::as_str)
        .chain(pools.flat_map(|row| {
            std::iter::once(row.id.as_str()).chain(row.body.aliases.iter().map(governance::ModelName::as_str))
        }))
        .collect();
    names.sort_unstable();
    names.dedup();
    let body = match listing.name.as_deref() {
        None => listing.all(protocol, names),
        Some(name) if names.contains(&name) => listing.one(protocol, name),
        Some(_) => return Err(Code::MODEL_UNKNOWN.into()),
    };
    Ok(json(body))
}

fn json(body: impl Into<bytes::Bytes>) -> Response<Outgoing> {
    let mut response = Response::new(Outgoing::whole(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn metrics(gateway: &Gateway, now: Instant) -> Response<Outgoing> {
    let spans = gateway.parts.spans.as_ref().map(|spans| spans.counts()).unwrap_or_default();
    text(gateway.metrics.text(gateway.breakers.open(now), spans))
}

fn ready(gateway: &Gateway) -> Response<Outgoing> {
    if gateway.parts.journal.is_writable() {
        return text("ready\n");
    }
    let mut response = text("the record can't be written\n");
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

fn text(body: impl Into<bytes::Bytes>) -> Response<Outgoing> {
    let mut response = Response::new(Outgoing::whole(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_two_readers_could_read_differently_is_not_plain() {
        let plain = |version, pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            is_plain(version, &headers)
        };
        let (host, coding) = (("host", "x"), "transfer-encoding");
        assert!(plain(Version::HTTP_11, &[host]) && plain(Version::HTTP_11, &[host, (coding, "Chunked")]));
        assert!(plain(Version::HTTP_2, &[]) && plain(Version::HTTP_10, &[]));
        for odd in ["gzip, chunked", "chunked, chunked", "identity", "", "chunked;q=1"] {
            assert!(!plain(Version::HTTP_11, &[host, (coding, odd)]), "{odd}");
        }
        assert!(!plain(Version::HTTP_11, &[host, (coding, "chunked"), (coding, "chunked")]));
        assert!(!plain(Version::HTTP_11, &[]) && !plain(Version::HTTP_11, &[host, host]));
    }
}
