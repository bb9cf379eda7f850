//! demo: the whole way on sample data, shown, and then served on.
//!
//! Everything goes through the front door over HTTP; what the vendor received is what its socket saw.

mod client;
mod sample;
mod screen;
mod stage;
pub(crate) mod stand_in;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Ended;
use crate::cli::{Demo, Global};
use crate::commands::serve;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::house::House;
use crate::output::Output;
use crate::plane::Plane;
use client::Got;
use stage::Stage;

/// Runs the demo.
pub(crate) fn run(global: &Global, demo: &Demo, out: &mut Output) -> Ended {
    let mut overrides = global.overrides();
    overrides.listen = demo.listen;
    let config = Config::load(&overrides)?;
    serve::runtime()?.block_on(async {
        let house = serve::open(config).await?;
        let shown = play(&house, demo, out).await;
        let closed = house.shut_down().await;
        shown.and(closed).map(|()| Exit::Ok)
    })
}

async fn play(house: &Arc<House>, demo: &Demo, out: &mut Output) -> Result<(), Failure> {
    let stage = Stage::set(house, demo, out).await?;
    let plane = Plane::bind(house).await?;
    let port = plane.address().port();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = Arc::clone(house);
    let serving = tokio::spawn(async move {
        let told = async {
            let _told = stopped.await;
        };
        serve::serve_until(&served, plane, told).await
    });
    let shown = show(house, &stage, port, out).await;
    let kept = match shown {
        shown if demo.once => shown,
        shown => {
            if let Err(failure) = &shown {
                out.line(&failure.text())?;
            }
            serve_on(&stage, port, out).await
        }
    };
    let _gone = stop.send(());
    serving.await.map_err(|_panicked| Failure::failed("the gateway ended early"))??;
    kept
}

async fn serve_on(stage: &Stage, port: u16, out: &mut Output) -> Result<(), Failure> {
    invite(stage, port, out)?;
    out.flush()?;
    serve::stop()?.await;
    Ok(())
}

async fn show(house: &House, stage: &Stage, port: u16, out: &mut Output) -> Result<(), Failure> {
    out.line(&stage.describe())?;
    out.line(&format!("base URL    http://127.0.0.1:{port}/v1\nkey         {}", stage.key()))?;
    let first = chat(port, stage, sample::MODEL, &[("user", sample::NOTE)]).await?;
    let answer = content(&first);
    show_exchange(
        house,
        stage,
        out,
        "1. A covered vendor: identifiers stay here",
        sample::NOTE,
        &first,
        &answer,
    )
    .await?;

    let turns = [("user", sample::NOTE), ("assistant", answer.as_str()), ("user", sample::FOLLOW_UP)];
    let second = chat(port, stage, sample::MODEL, &turns).await?;
    let shown = "2. The same conversation, second turn: the same surrogates";
    show_exchange(house, stage, out, shown, sample::FOLLOW_UP, &second, &content(&second)).await?;

    let streamed = message(port, stage, sample::STREAMED).await?;
    let shown = format!("3. A streamed answer, Anthropic's protocol, {} pieces", streamed.pieces);
    show_exchange(house, stage, out, &shown, sample::STREAMED, &streamed, &streamed_text(&streamed.body))
        .await?;

    let refused = chat(port, stage, sample::UNSIGNED, &[("user", sample::NOTE)]).await?;
    show_refusal(house, out, &refused).await?;
    stage::show_record(house, out).await
}

/// What was sent, what the vendor's socket saw, what came back; the decision; the entries.
async fn show_exchange(
    house: &House,
    stage: &Stage,
    out: &mut Output,
    heading: &str,
    sent: &str,
    got: &Got,
    answer: &str,
) -> Result<(), Failure> {
    if got.status != 200 {
        return Err(Failure::failed(format!("the demo's exchange ended with {}: {}", got.status, got.body)));
    }
    let received = stage.received().await?;
    out.line(&screen::title(heading))?;
    out.line(&screen::columns(&[
        ("the application sent", sent.to_owned()),
        (stage.received_heading(), received),
        ("the application got back", answer.to_owned()),
    ]))?;
    stage::show_decision(house, out, got).await
}

async fn show_refusal(house: &House, out: &mut Output, got: &Got) -> Result<(), Failure> {
    out.line(&screen::title("4. A vendor without an agreement: refused, nothing left"))?;
    let body: Value = serde_json::from_str(&got.body).unwrap_or_default();
    let message = body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default();
    out.line(&screen::columns(&[
        ("the application sent", sample::NOTE.to_owned()),
        ("the vendor received", "(nothing: no connection was made)".to_owned()),
        ("the application got back", format!("HTTP {}\n{message}", got.status)),
    ]))?;
    stage::show_decision(house, out, got).await
}

async fn chat(port: u16, stage: &Stage, model: &str, turns: &[(&str, &str)]) -> Result<Got, Failure> {
    let messages: Vec<_> =
        turns.iter().map(|(role, content)| json!({ "role": role, "content": content })).collect();
    let body = json!({ "model": model, "messages": messages, "max_tokens": 60, "temperature": 0 });
    let bearer = format!("Bearer {}", stage.key());
    client::post(port, "/v1/chat/completions", ("authorization", &bearer), &body.to_string()).await
}

async fn message(port: u16, stage: &Stage, text: &str) -> Result<Got, Failure> {
    let messages = [json!({ "role": "user", "content": text })];
    let body = json!({ "model": sample::MODEL, "max_tokens": 60, "stream": true, "messages": messages });
    client::post(port, "/v1/messages", ("x-api-key", stage.key()), &body.to_string()).await
}

fn content(got: &Got) -> String {
    let body: Value = serde_json::from_str(&got.body).unwrap_or_default();
    body.pointer("/choices/0/message/content").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The text of a streamed message, as a client puts it together.
fn streamed_text(events: &str) -> String {
    let data = events.lines().filter_map(|line| line.strip_prefix("data: "));
    let parsed = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
    parsed.filter_map(|event| event.pointer("/delta/text")?.as_str().map(str::to_owned)).collect()
}

/// Lines to paste, for as long as the demo serves.
fn invite(stage: &Stage, port: u16, out: &mut Output) -> Result<(), Failure> {
    let (key, model) = (stage.key(), sample::MODEL);
    out.line(&screen::title("Now yours: it serves until Ctrl-C"))?;
    out.line(&format!(
        "base URL  http://127.0.0.1:{port}/v1\nkey       {key}\n\n\
         curl http://127.0.0.1:{port}/v1/chat/completions -H 'Authorization: Bearer {key}' \\\n  \
         -H 'Content-Type: application/json' \\\n  \
         -d '{{\"model\":\"{model}\",\"messages\":[{{\"role\":\"user\",\"content\":\"Call Mr. John Smith at (415) 555-0101\"}}]}}'\n\n\
         from openai import OpenAI\n\
         client = OpenAI(base_url=\"http://127.0.0.1:{port}/v1\", api_key=\"{key}\")\n\
         print(client.chat.completions.create(model=\"{model}\", messages=[\n    \
         {{\"role\": \"user\", \"content\": \"Call Mr. John Smith at (415) 555-0101\"}}]).choices[0].message.content)\n\n\
         from anthropic import Anthropic\n\
         client = Anthropic(base_url=\"http://127.0.0.1:{port}\", api_key=\"{key}\")\n\
         print(client.messages.create(model=\"{model}\", max_tokens=100, messages=[\n    \
         {{\"role\": \"user\", \"content\": \"Call Mr. John Smith at (415) 555-0101\"}}]).content[0].text)\n\n\
         chaperon journal tail       the record so far\n\
         chaperon-verify {}     whether it is intact",
        stage.data_dir()
    ))
}

/// How long the record may take to be signed.
const SIGNED_WITHIN: Duration = Duration::from_secs(3);
