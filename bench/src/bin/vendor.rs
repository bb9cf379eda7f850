//! A vendor that is as fast as one can be: `vendor --port N [--bytes 200] [--events 34]`.
//!
//! Answers a chat completion in about `--bytes` bytes, plain or as `--events` events of a stream. The answer repeats
//! what follows the first `MRN ` of the request, so that a gateway has something to restore.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Either, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

const FILLER: &str = "The plan is to continue as discussed, with a check of the blood pressure in two weeks and a \
    call if there is any fever or pain; the dose stays as it is until then. ";

/// The number after the last `MRN ` before a comma: the newest question is the last of a growing conversation.
fn subject(body: &[u8]) -> &str {
    let Some(at) = memchr::memmem::rfind(body, b"MRN ") else {
        return "nobody";
    };
    let rest = &body[at + 4..];
    let end = memchr::memchr(b',', &rest[..rest.len().min(40)]).unwrap_or(8);
    std::str::from_utf8(&rest[..end]).unwrap_or("nobody")
}

fn event(delta: &str, finish: &str) -> Bytes {
    Bytes::from(format!(
        "data: {{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\
         \"model\":\"bench-1\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{finish}}}]}}\n\n"
    ))
}

fn events(text: &str, count: usize) -> Vec<Bytes> {
    let size = text.len().div_ceil(count);
    let mut events = vec![event("{\"role\":\"assistant\",\"content\":\"\"}", "null")];
    let pieces = text.as_bytes().chunks(size).map(|piece| std::str::from_utf8(piece).unwrap());
    events.extend(pieces.map(|piece| event(&format!("{{\"content\":\"{piece}\"}}"), "null")));
    events.push(event("{}", "\"stop\""));
    events.push(Bytes::from_static(b"data: [DONE]\n\n"));
    events
}

fn whole(text: &str) -> Bytes {
    Bytes::from(format!(
        "{{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"bench-1\",\
         \"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{text}\"}},\
         \"finish_reason\":\"stop\"}}],\
         \"usage\":{{\"prompt_tokens\":250,\"completion_tokens\":50,\"total_tokens\":300}}}}"
    ))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let port: u16 = bench::argument("--port", 9100);
    let bytes: usize = bench::argument("--bytes", 200);
    let count: usize = bench::argument("--events", 34);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        socket.set_nodelay(true).unwrap();
        let answer = move |request: Request<Incoming>| async move {
            let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            let mut text = format!("Regarding MRN {}, as asked: ", subject(&body));
            let missing = bytes.saturating_sub(text.len());
            text.extend(FILLER.chars().cycle().take(missing));
            let streamed = memchr::memmem::find(&body, b"\"stream\":true").is_some();
            let (kind, body) = if streamed {
                let frames =
                    events(&text, count).into_iter().map(|event| Ok::<_, Infallible>(Frame::data(event)));
                ("text/event-stream", Either::Left(StreamBody::new(futures_util::stream::iter(frames))))
            } else {
                ("application/json", Either::Right(Full::new(whole(&text))))
            };
            Ok::<_, Infallible>(Response::builder().header("content-type", kind).body(body).unwrap())
        };
        tokio::spawn(async move {
            let service = service_fn(answer);
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}
