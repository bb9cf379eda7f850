//! The least that a proxy on hyper can do: `floor --port N --upstream PORT`. It reads nothing and changes nothing;
//! what Chaperon takes beyond it is what Chaperon does.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};

type Upstream = Client<HttpConnector, Full<Bytes>>;

async fn forward(
    request: Request<Incoming>,
    client: Upstream,
    port: u16,
) -> Result<Response<Incoming>, String> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
    let mut onward = Request::post(format!("http://127.0.0.1:{port}{}", head.uri.path()));
    for name in ["content-type", "authorization"] {
        if let Some(value) = head.headers.get(name) {
            onward = onward.header(name, value);
        }
    }
    client.request(onward.body(Full::new(body)).unwrap()).await.map_err(|error| error.to_string())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let port: u16 = bench::argument("--port", 9200);
    let upstream: u16 = bench::argument("--upstream", 9100);
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Upstream =
        Client::builder(TokioExecutor::new()).pool_max_idle_per_host(1024).build(connector);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        socket.set_nodelay(true).unwrap();
        let client = client.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| forward(request, client.clone(), upstream));
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}
