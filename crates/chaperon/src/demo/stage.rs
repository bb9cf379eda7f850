//! The demo's stage: its data, its vendor, and what the record says afterwards.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use governance::RegisterKind;
use serde_json::Value;
use terms::{EngagementId, Name};

use super::{SIGNED_WITHIN, client, sample, screen};
use crate::cli::Demo;
use crate::commands::journal;
use crate::failure::{Failure, why};
use crate::house::House;
use crate::operations::{Answer, Note, Operation, perform};
use crate::output::Output;

/// What the demo plays on.
pub(super) struct Stage {
    vendor: Vendor,
    upstream: String,
    key: String,
    data_dir: String,
}

enum Vendor {
    /// Our stand-in, in a process of its own that ends with this one.
    StandIn { port: u16, _process: Process },
    /// A real model at this address.
    Real(String),
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // it may have ended already; nothing is lost either way
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

impl Stage {
    /// Starts the vendor, records the sample data that is not there yet, and mints a key.
    pub(super) async fn set(house: &Arc<House>, demo: &Demo, out: &mut Output) -> Result<Self, Failure> {
        out.line("Chaperon demo. Sample data only: the patients never lived.")?;
        let (vendor, endpoint, upstream) = if let Some(url) = &demo.upstream {
            let model = demo.model.clone().unwrap_or_else(|| "default".to_owned());
            (Vendor::Real(url.clone()), url.clone(), model)
        } else {
            let (port, process) = stand_in()?;
            let endpoint = format!("http://127.0.0.1:{port}/v1");
            (Vendor::StandIn { port, _process: process }, endpoint, "stand-in".to_owned())
        };
        for (kind, name, body) in sample::rows(&endpoint, &upstream) {
            record(house, kind, name, body).await?;
        }
        let key = mint(house).await?;
        let data_dir = house.config.data_dir.display().to_string();
        Ok(Self { vendor, upstream, key, data_dir })
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn data_dir(&self) -> &str {
        &self.data_dir
    }

    pub(super) fn describe(&self) -> String {
        let vendor = match &self.vendor {
            Vendor::StandIn { port, .. } => format!(
                "a stand-in in a process of its own on port {port}: no model, it says back what it received"
            ),
            Vendor::Real(url) => format!("the model `{}` at {url}", self.upstream),
        };
        format!(
            "data        {}\nengagement  {}: agreement with Acme Models, none with Globex Chat\nvendor      {vendor}",
            self.data_dir,
            sample::ENGAGEMENT
        )
    }

    pub(super) const fn received_heading(&self) -> &'static str {
        match self.vendor {
            Vendor::StandIn { .. } => "the vendor's socket received",
            Vendor::Real(_) => "the vendor received (not shown)",
        }
    }

    /// The last message that the stand-in's socket saw, out of the raw bytes.
    pub(super) async fn received(&self) -> Result<String, Failure> {
        let Vendor::StandIn { port, .. } = &self.vendor else {
            return Ok(
                "a real model does not tell what it received; run without --upstream to see it".to_owned()
            );
        };
        let raw = client::get(*port, "/seen").await?.body;
        let body = raw.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let parsed: Value = serde_json::from_str(body).unwrap_or_default();
        let last = parsed.get("messages").and_then(Value::as_array).and_then(|messages| messages.last());
        let text =
            last.and_then(|message| message.get("content")).map_or(
                body.to_owned(),
                |content| match content {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                },
            );
        Ok(text)
    }
}

/// Starts the stand-in and reads its port.
#[expect(clippy::disallowed_methods, reason = "the stand-in must be another process to be a vendor")]
fn stand_in() -> Result<(u16, Process), Failure> {
    let failed = |what: &str| Failure::failed(format!("the vendor's stand-in can't be started: {what}"));
    let program = std::env::current_exe().map_err(|error| failed(&why(&error)))?;
    let child = Command::new(program).arg("stand-in").stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut process = Process(child.map_err(|error| failed(&why(&error)))?);
    let output = process.0.stdout.take().ok_or_else(|| failed("no output"))?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).map_err(|error| failed(&why(&error)))?;
    let port = line.trim().parse().map_err(|_no_port| failed("it named no port"))?;
    Ok((port, process))
}

/// Records a row unless it is there as it is.
async fn record(house: &House, kind: &str, name: &str, body: Value) -> Result<(), Failure> {
    let kind: RegisterKind = serde_json::from_value(Value::String(kind.to_owned()))
        .map_err(|_unknown| Failure::failed("the demo's data names no register"))?;
    let id: Name = name.parse().map_err(|_invalid| Failure::failed("the demo's data holds no name"))?;
    let engagement = Some(engagement()?);
    let show = Operation::Show { engagement: engagement.clone(), kind, id: id.clone(), history: false };
    if let Ok(Answer::Rows(rows)) = perform(house, show, uid()).await
        && rows.iter().any(|row| !row.ended && same(&row.body, &body))
    {
        return Ok(());
    }
    let put = Operation::Put { engagement, kind, id, body, replace: true, note: note() };
    perform(house, put, uid()).await.map(drop)
}

/// Whether a kept row says what the sample says; it may say more, in defaults.
fn same(kept: &Value, sample: &Value) -> bool {
    match (kept, sample) {
        (Value::Object(kept), Value::Object(sample)) => {
            sample.iter().all(|(key, value)| match (kept.get(key), value) {
                (Some(kept), value) => same(kept, value),
                (None, Value::Array(items)) => items.is_empty(),
                (None, _) => false,
            })
        }
        (Value::Array(kept), Value::Array(sample)) => {
            kept.len() == sample.len() && kept.iter().zip(sample).all(|(kept, sample)| same(kept, sample))
        }
        (Value::String(kept), Value::String(sample)) => {
            kept == sample || kept.starts_with(&format!("{sample}T"))
        }
        (kept, sample) => kept == sample,
    }
}

async fn mint(house: &House) -> Result<String, Failure> {
    let agent = sample::AGENT.parse().map_err(|_invalid| Failure::failed("the demo's agent has no name"))?;
    let mint = Operation::MintKey { engagement: Some(engagement()?), agent, keep: true, note: note() };
    match perform(house, mint, uid()).await? {
        Answer::Key { key, .. } => Ok(key.expose().to_owned()),
        _ => Err(Failure::failed("no key was made")),
    }
}

fn engagement() -> Result<EngagementId, Failure> {
    sample::ENGAGEMENT.parse().map_err(|_invalid| Failure::failed("the demo's engagement has no name"))
}

fn note() -> Note {
    Note { author: None, reason: Some("sample data of the demo".to_owned()) }
}

fn uid() -> u32 {
    nix::unistd::geteuid().as_raw()
}

/// The decision behind an answer, from the record.
pub(super) async fn show_decision(house: &House, out: &mut Output, got: &client::Got) -> Result<(), Failure> {
    let exchange =
        got.header("chaperon-exchange").parse().map_err(|_none| Failure::failed("no exchange id"))?;
    let entries = perform(house, Operation::Exchange { exchange }, uid()).await?;
    let Answer::Entries(entries) = entries else { return Ok(()) };
    let opening =
        entries.iter().find_map(|entry| entry.pointer("/opened/opening")).cloned().unwrap_or_default();
    let text = |pointer: &str| opening.pointer(pointer).map(plain).unwrap_or_default();
    let reasons: Vec<String> = opening
        .pointer("/decision/reasons")
        .and_then(Value::as_array)
        .map(|reasons| reasons.iter().map(reason).collect())
        .unwrap_or_default();
    out.line(&format!("decision    {}  {}", text("/decision/verdict"), text("/decision/id")))?;
    out.line(&format!("reasons     {}", reasons.join("\n            ")))?;
    out.line(&format!("found       {}", text("/findings")))?;
    out.line(&format!(
        "exchange    {}\nreceipt     {}",
        got.header("chaperon-exchange"),
        got.header("chaperon-receipt")
    ))
}

fn reason(reason: &Value) -> String {
    let part = |key: &str| reason.get(key).map(plain).unwrap_or_default();
    [part("code"), part("policy"), part("detail")]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("  ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

/// The newest entries, and what the verifier, which shares no code with the journal, says of it.
pub(super) async fn show_record(house: &House, out: &mut Output) -> Result<(), Failure> {
    out.line(&screen::title("The record"))?;
    tokio::time::sleep(SIGNED_WITHIN / 2).await;
    let entries = perform(house, Operation::Entries { from: None, count: 8 }, uid()).await?;
    if let Answer::Entries(entries) = entries {
        journal::write(&entries, out)?;
    }
    let report = journal::judge(&house.config.data_dir)?;
    out.line(&format!("\nverifier    {}", report.trim_end().replace('\n', "\n            ")))
}
