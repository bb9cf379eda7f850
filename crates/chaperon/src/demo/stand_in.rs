//! A vendor's stand-in for the demo: a small server in a process of its own that answers from what it received.
//!
//! It speaks chat completions and messages, plain and streamed, and keeps the bytes that its socket saw, so that the
//! demo can show what really arrived instead of what was meant to be sent.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::Ended;
use crate::exit::Exit;
use crate::failure::{Failure, why};

/// How many connections' bytes are kept.
const KEPT: usize = 64;

type Seen = Arc<Mutex<VecDeque<Vec<u8>>>>;
type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Serves until the process is ended.
pub(crate) fn run() -> Ended {
    let served = crate::commands::serve::runtime()?.block_on(serve());
    served
        .map(|()| Exit::Ok)
        .map_err(|error| Failure::failed(format!("the stand-in can't serve: {}", why(&error))))
}

/// Serves on a port of loopback that the system chooses, prints it on the first line, and serves until it is ended.
async fn serve() -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    announce(listener.local_addr()?.port())?;
    let seen = Seen::default();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let seen = Arc::clone(&seen);
        tokio::spawn(async move {
            let recorded = Arc::new(Mutex::new(Vec::new()));
            let tee = Tee { stream, recorded: Arc::clone(&recorded) };
            let service =
                service_fn(move |request| answer(request, Arc::clone(&seen), Arc::clone(&recorded)));
            let _ended = http1::Builder::new().serve_connection(TokioIo::new(tee), service).await;
        });
    }
}

fn announce(port: u16) -> std::io::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout();
    writeln!(out, "{port}")?;
    out.flush()
}

/// Copies every byte that the socket gives.
struct Tee {
    stream: TcpStream,
    recorded: Arc<Mutex<Vec<u8>>>,
}

impl AsyncRead for Tee {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if let Some(fresh) = buf.filled().get(before..) {
            self.recorded.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(fresh);
        }
        polled
    }
}

impl AsyncWrite for Tee {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

async fn answer(
    request: Request<Incoming>,
    seen: Seen,
    recorded: Arc<Mutex<Vec<u8>>>,
) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    if path == "/seen" {
        let last = seen.lock().unwrap_or_else(PoisonError::into_inner).back().cloned().unwrap_or_default();
        return Ok(Response::new(whole(last)));
    }
    let body =
        request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    keep(&seen, &recorded);
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = reply(&asked);
    let streamed = asked.get("stream").and_then(Value::as_bool).unwrap_or(false);
    Ok(match (path.ends_with("/messages"), streamed) {
        (false, false) => document(&chat(&asked, &text)),
        (true, false) => document(&message(&asked, &text)),
        (false, true) => events(chat_events(&asked, &text)),
        (true, true) => events(message_events(&asked, &text)),
    })
}

/// Keeps what this request brought, and begins anew for the next on the same connection.
fn keep(seen: &Seen, recorded: &Mutex<Vec<u8>>) {
    let bytes = std::mem::take(&mut *recorded.lock().unwrap_or_else(PoisonError::into_inner));
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.len() == KEPT {
        seen.pop_front();
    }
    seen.push_back(bytes);
}

/// Says back what was asked last, so that every identifier that arrived would be seen in the answer.
fn reply(asked: &Value) -> String {
    let last = asked.get("messages").and_then(Value::as_array).and_then(|messages| messages.last());
    let said = last.map(words).unwrap_or_default();
    let turns = asked.get("messages").and_then(Value::as_array).map_or(0, Vec::len);
    let first: String = said.chars().take(400).collect();
    format!("(message {turns} of this conversation) Noted: {first}")
}

fn words(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

fn chat(asked: &Value, text: &str) -> Value {
    json!({
        "id": "chatcmpl-standin", "object": "chat.completion", "created": 0, "model": asked.get("model"),
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    })
}

fn message(asked: &Value, text: &str) -> Value {
    json!({
        "id": "msg_standin", "type": "message", "role": "assistant", "model": asked.get("model"),
        "content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    })
}

/// Five characters at a time, which cuts every surrogate in two or more.
fn pieces(text: &str) -> Vec<String> {
    text.chars().collect::<Vec<_>>().chunks(5).map(|piece| piece.iter().collect()).collect()
}

fn chat_events(asked: &Value, text: &str) -> Vec<String> {
    let event = |delta: Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        let chunk = json!({"id": "chatcmpl-standin", "object": "chat.completion.chunk", "created": 0,
            "model": asked.get("model"), "choices": [choice]});
        format!("data: {chunk}\n\n")
    };
    let mut all = vec![event(json!({"role": "assistant", "content": ""}), Value::Null)];
    all.extend(pieces(text).into_iter().map(|piece| event(json!({"content": piece}), Value::Null)));
    all.push(event(json!({}), json!("stop")));
    all.push("data: [DONE]\n\n".to_owned());
    all
}

fn message_events(asked: &Value, text: &str) -> Vec<String> {
    let event = |kind: &str, mut data: Value| {
        if let Some(object) = data.as_object_mut() {
            object.insert("type".to_owned(), json!(kind));
        }
        format!("event: {kind}\ndata: {data}\n\n")
    };
    let mut start = message(asked, "");
    if let Some(object) = start.as_object_mut() {
        object.insert("content".to_owned(), json!([]));
        object.insert("stop_reason".to_owned(), Value::Null);
    }
    let mut all = vec![event("message_start", json!({"message": start}))];
    all.push(event(
        "content_block_start",
        json!({"index": 0, "content_block": {"type": "text", "text": ""}}),
    ));
    for piece in pieces(text) {
        all.push(event(
            "content_block_delta",
            json!({"index": 0, "delta": {"type": "text_delta", "text": piece}}),
        ));
    }
    all.push(event("content_block_stop", json!({"index": 0})));
    let end =
        json!({"delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": {"output_tokens": 1}});
    all.push(event("message_delta", end));
    all.push(event("message_stop", json!({})));
    all
}

fn document(value: &Value) -> Response<Body> {
    respond("application/json", whole(value.to_string()))
}

fn events(all: Vec<String>) -> Response<Body> {
    let paced = futures_util::stream::unfold(all.into_iter(), |mut rest| async move {
        let next = rest.next()?;
        tokio::time::sleep(Duration::from_millis(8)).await;
        Some((Ok(Frame::data(Bytes::from(next))), rest))
    });
    respond("text/event-stream", StreamBody::new(paced).boxed_unsync())
}

fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).boxed_unsync()
}

fn respond(kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    response
}
