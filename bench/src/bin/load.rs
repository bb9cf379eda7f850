//! A closed loop of callers on loopback: `load --port N --conc C --secs S --bytes B [--stream] [--turns T] [--dialect chat]
//! [--key KEY] [--seed N]`. Prints one line of JSON: rates, latencies in microseconds, and what went wrong.
//!
//! Every prompt is different. With `--turns` each caller holds conversations of that many turns and resends the
//! history, with the answers it got, as applications do. An answer that lacks its request's record number is wrong.

use std::time::{Duration, Instant};

use bench::dialect::Dialect;
use bench::prompt::{Numbers, prompt};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;

#[derive(Clone)]
struct Plan {
    port: u16,
    bytes: usize,
    stream: bool,
    dialect: Dialect,
    turns: usize,
    key: String,
    end: Instant,
}

#[derive(Default)]
struct Seen {
    whole: Vec<f64>,
    first: Vec<f64>,
    errors: u64,
    wrong: u64,
    example: Option<String>,
}

type Connection = SendRequest<Full<Bytes>>;

async fn connect(port: u16) -> Result<Connection, String> {
    let socket =
        tokio::net::TcpStream::connect(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
    socket.set_nodelay(true).map_err(|error| error.to_string())?;
    let (sender, connection) = handshake(TokioIo::new(socket)).await.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    Ok(sender)
}

/// Sends one body; the answer's bytes and the time to its first byte of content.
async fn exchange(connection: &mut Connection, plan: &Plan, body: String) -> Result<(Vec<u8>, f64), String> {
    let started = Instant::now();
    connection.ready().await.map_err(|error| error.to_string())?;
    let request = Request::post(plan.dialect.path(plan.stream))
        .header("host", "127.0.0.1")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", plan.key))
        .header("anthropic-version", "2023-06-01")
        .body(Full::new(Bytes::from(body)))
        .unwrap();
    let answer = connection.send_request(request).await.map_err(|error| error.to_string())?;
    let status = answer.status();
    let mut body = answer.into_body();
    let mut all = Vec::new();
    let mut first = None;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|error| error.to_string())?.into_data() {
            all.extend_from_slice(&data);
            if first.is_none() && plan.dialect.has_begun(&all, plan.stream) {
                first = Some(started.elapsed().as_secs_f64() * 1e6);
            }
        }
    }
    if !status.is_success() {
        return Err(format!("{status} {}", String::from_utf8_lossy(&all)));
    }
    Ok((all, first.unwrap_or_else(|| started.elapsed().as_secs_f64() * 1e6)))
}

async fn caller(plan: Plan, seed: u64) -> Seen {
    let mut seen = Seen::default();
    let mut numbers = Numbers::new(seed);
    let mut connection = None;
    let mut history = String::new();
    let mut turn = 0;
    while Instant::now() < plan.end && seen.errors < 50 {
        if turn == plan.turns {
            history.clear();
            turn = 0;
        }
        turn += 1;
        let (text, record) = prompt(&mut numbers, plan.bytes);
        let asked = format!("{history}{}", plan.dialect.message("user", &text));
        let body = plan.dialect.request(&asked, plan.stream);
        let started = Instant::now();
        let result = async {
            if connection.as_ref().is_none_or(Connection::is_closed) {
                connection = Some(connect(plan.port).await?);
            }
            exchange(connection.as_mut().unwrap(), &plan, body).await
        };
        match result.await {
            Ok((answer, first)) => {
                seen.whole.push(started.elapsed().as_secs_f64() * 1e6);
                seen.first.push(first);
                let answer = plan.dialect.said(&answer, plan.stream);
                if !answer.contains(&record) {
                    seen.wrong += 1;
                    seen.example.get_or_insert(answer.clone());
                }
                if plan.turns > 1 {
                    history = format!("{asked},{},", plan.dialect.message("assistant", &answer));
                }
            }
            Err(error) => {
                seen.errors += 1;
                seen.example.get_or_insert(error);
                connection = None;
                turn = plan.turns;
            }
        }
    }
    seen
}

fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = ((sorted.len().max(1) - 1) as f64 * q).round() as usize;
    sorted.get(at).copied().unwrap_or(-1.0)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let seconds: f64 = bench::argument("--secs", 3.0);
    let seconds = seconds.min(120.0);
    let conc: u64 = bench::argument("--conc", 1);
    let started = Instant::now();
    let plan = Plan {
        port: bench::argument("--port", 9100),
        bytes: bench::argument("--bytes", 1024),
        stream: bench::flag("--stream"),
        dialect: bench::argument("--dialect", Dialect::Chat),
        turns: bench::argument("--turns", 1),
        key: bench::argument("--key", "none".to_owned()),
        end: started + Duration::from_secs_f64(seconds),
    };
    let seed: u64 = bench::argument("--seed", 1);
    let callers: Vec<_> = (0..conc.min(1024))
        .map(|index| tokio::spawn(caller(plan.clone(), seed << 32 | index << 20)))
        .collect();
    let mut all = Seen::default();
    for caller in callers {
        let Ok(Ok(seen)) = tokio::time::timeout(Duration::from_secs_f64(seconds + 30.0), caller).await else {
            all.errors += 1;
            continue;
        };
        all.whole.extend(seen.whole);
        all.first.extend(seen.first);
        all.errors += seen.errors;
        all.wrong += seen.wrong;
        all.example = all.example.or(seen.example);
    }
    let elapsed = started.elapsed().as_secs_f64();
    all.whole.sort_by(f64::total_cmp);
    all.first.sort_by(f64::total_cmp);
    println!(
        "{}",
        serde_json::json!({
            "answered": all.whole.len(), "errors": all.errors, "wrong": all.wrong, "example": all.example,
            "per_second": all.whole.len() as f64 / elapsed,
            "p50": quantile(&all.whole, 0.5), "p90": quantile(&all.whole, 0.9), "p99": quantile(&all.whole, 0.99),
            "first50": quantile(&all.first, 0.5), "first99": quantile(&all.first, 0.99),
        })
    );
}
