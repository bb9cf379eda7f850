//! The demo's own client: asks Chaperon's front door as an application would, over HTTP.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::{HeaderMap, Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::failure::{Failure, why};

/// What came back.
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    /// In how many pieces.
    pub(super) pieces: usize,
}

impl Got {
    /// A header's value, or nothing.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Posts a JSON body; `credential` is the name and value of the header that carries the key.
pub(super) async fn post(
    port: u16,
    path: &str,
    credential: (&str, &str),
    body: &str,
) -> Result<Got, Failure> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header("host", format!("127.0.0.1:{port}"))
        .header("content-type", "application/json")
        .header(credential.0, credential.1)
        .body(Full::new(Bytes::from(body.to_owned())))
        .map_err(|_invalid| Failure::failed("the demo's request is not one"))?;
    ask(port, request).await
}

/// Gets a path.
pub(super) async fn get(port: u16, path: &str) -> Result<Got, Failure> {
    let request = Request::builder()
        .uri(path)
        .header("host", format!("127.0.0.1:{port}"))
        .body(Full::new(Bytes::new()))
        .map_err(|_invalid| Failure::failed("the demo's request is not one"))?;
    ask(port, request).await
}

async fn ask(port: u16, request: Request<Full<Bytes>>) -> Result<Got, Failure> {
    let broken = |what: &str| Failure::failed(format!("the demo could not ask on port {port}: {what}"));
    let stream = connect(port).await.map_err(|error| broken(&why(&error)))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|_error| broken("no HTTP"))?;
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|_error| broken("no answer"))?;
    let (head, mut body) = response.into_parts();
    let mut got = Got { status: head.status.as_u16(), headers: head.headers, body: String::new(), pieces: 0 };
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_error| broken("the answer broke off"))?;
        if let Some(data) = frame.data_ref() {
            got.pieces += 1;
            bytes.extend_from_slice(data);
        }
    }
    got.body = String::from_utf8_lossy(&bytes).into_owned();
    Ok(got)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the demo plays the application that calls the house from outside"
)]
async fn connect(port: u16) -> std::io::Result<TcpStream> {
    TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, port)).await
}
