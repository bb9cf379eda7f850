//! A vendor that is as fast as one can be: `vendor --port N [--bytes 200] [--events 34]`.
//!
//! Answers in the protocol of the path in about `--bytes` bytes, plain or as `--events` events of a stream. The answer repeats
//! what follows the first `MRN ` of the request, so that a gateway has something to restore.

use std::convert::Infallible;

use bench::dialect::Dialect;
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
            let dialect = Dialect::at(request.uri().path());
            let by_path = request.uri().path().ends_with("-stream");
            let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            let mut text = format!("Regarding MRN {}, as asked: ", subject(&body));
            let missing = bytes.saturating_sub(text.len());
            text.extend(FILLER.chars().cycle().take(missing));
            let streamed = by_path || memchr::memmem::find(&body, b"\"stream\":true").is_some();
            let (kind, body) = if streamed {
                let events = dialect.events(&text, count).into_iter();
                let frames = events.map(|event| Ok::<_, Infallible>(Frame::data(event)));
                (dialect.media(), Either::Left(StreamBody::new(futures_util::stream::iter(frames))))
            } else {
                ("application/json", Either::Right(Full::new(dialect.whole(&text))))
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
