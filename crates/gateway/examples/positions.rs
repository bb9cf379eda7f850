//! What a request of very many short positions costs, step by step: `positions [COUNT]`. Prints milliseconds.
//!
//! Each form of body is run at half the count and at the count, in a conversation that knows nothing and in one that
//! knows ten thousand names, so that what grows faster than the body shows.

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::collections::HashMap;
use std::time::Instant;

use bytes::Bytes;
use deid::{Constraints, Detector, Known, Passage, transform};
use gateway::protocol::{Endpoint, Limits, Request, Store};
use terms::{IdentifierClass, Obligations, SurrogateError, SurrogateSource};

/// Numbers originals.
#[derive(Default)]
struct Counting(HashMap<String, String>);

impl SurrogateSource for Counting {
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        _taken: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError> {
        let next = format!("{}-A{:05}", class.label().replace('_', "-"), self.0.len());
        Ok(self.0.entry(original.to_owned()).or_insert(next).clone())
    }
}

/// A word of letters that looks like a name.
fn word(n: usize) -> String {
    let letters = n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect::<String>();
    format!("Zo{letters}")
}

fn bodies(count: usize) -> [(&'static str, String); 7] {
    let list = |item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
    let parts = |item: &dyn Fn(usize) -> String| {
        format!(r#"{{"model":"m","messages":[{{"role":"user","content":[{}]}}]}}"#, list(item))
    };
    let messages = list(&|n| format!(r#"{{"role":"user","content":"w{n}"}}"#));
    let keys = list(&|n| format!(r#""k{n}":"v{n}""#));
    let same = list(&|n| format!(r#"{{"code":"{}","unit":"mg"}}"#, n % 50));
    let tool = |inside: &str| {
        let text = serde_json::Value::from(inside);
        format!(r#"{{"model":"m","messages":[{{"role":"tool","tool_call_id":"c","content":{text}}}]}}"#)
    };
    [
        ("parts", parts(&|n| format!(r#"{{"type":"text","text":"w{n}"}}"#))),
        ("capital parts", parts(&|n| format!(r#"{{"type":"text","text":"ask {}"}}"#, word(n)))),
        ("escaped parts", parts(&|n| format!(r#"{{"type":"text","text":"\u00e9{n}"}}"#))),
        ("findings", parts(&|n| format!(r#"{{"type":"text","text":"MRN {}"}}"#, 10_000_000 + n))),
        ("messages", format!(r#"{{"model":"m","messages":[{messages}]}}"#)),
        ("keys", tool(&format!("{{{keys}}}"))),
        ("rows", tool(&format!("[{same}]"))),
    ]
}

fn run(name: &str, body: String, names: &[String]) {
    let bytes = body.len();
    let mut at = Instant::now();
    let mut lap = || std::mem::replace(&mut at, Instant::now()).elapsed().as_millis();
    let limits = Limits::default();
    let request =
        Request::parse(Endpoint::ChatCompletions, Bytes::from(body), &limits).unwrap_or_else(|error| {
            println!("{name}: {error}");
            std::process::exit(1)
        });
    let parse = lap();
    let detector = Detector::rules();
    let passages: Vec<_> =
        request.passages().map(|one| Passage { text: one.text, label: one.label }).collect();
    let known = Known::new(names.iter().map(|name| (IdentifierClass::Name, name.as_str(), "")));
    let findings: Vec<_> =
        passages.iter().map(|one| detector.detect(*one, &known).unwrap_or_default()).collect();
    let detect = lap();
    let pointers = request.passages().zip(&findings).filter(|(_, found)| !found.is_empty());
    let pointers: usize =
        pointers.filter_map(|(one, _)| request.pointer(one.index)).map(|one| one.len()).sum();
    let point = lap();
    let constraints: Constraints = request.constraints();
    let constrain = lap();
    let obligations = Obligations::default();
    let mut source = Counting::default();
    let transformed = transform(&passages, &findings, &constraints, &obligations, &mut source);
    let edits = transformed.as_ref().map_or(0, |transformed| transformed.edits().len());
    let change = lap();
    let out = transformed.ok().and_then(|done| request.rewrite(done.edits(), "n", Store::AsSent).ok());
    let rewrite = lap();
    println!(
        "{name:>14} {bytes:>9} B {:>7} positions {edits:>7} edits | parse {parse} detect {detect} pointers {point} \
         ({pointers} B) constraints {constrain} transform {change} rewrite {rewrite} -> {} B",
        passages.len(),
        out.map_or(0, |out| out.len())
    );
}

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(200_000);
    let names: Vec<_> = (0..10_000).map(|n| format!("{} {}", word(n), word(n + 7))).collect();
    for names in [&[], names.as_slice()] {
        for count in [count / 2, count] {
            println!("{} names known", names.len());
            for (name, body) in bodies(count) {
                run(name, body, names);
            }
        }
    }
}
