//! What a new conversation costs: CPU of this process for the turn and for the write behind it, and the memory
//! that is held. Everything is real but the clock: keyring, custody, a SQLite file.
//!
//! `cargo run --release -p store --example sessions -- [CONVERSATIONS [BATCH]]`

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, run by hand")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use custody::{CanonicalMessage, Opaque, SessionLimits, SessionOwner, Sessions};
use keys::{Keyring, OsRandom, RootSource};
use store::Store;
use terms::{Clock, IdentifierClass, Purpose, SurrogateSource, UtcMillis};

/// Each look is a tenth of a millisecond later.
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> UtcMillis {
        UtcMillis(1_800_000_000_000 + self.0.fetch_add(1, Ordering::Relaxed) / 10)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|number| number.parse::<u64>().unwrap());
    let (conversations, batch) = (arguments.next().unwrap_or(50_000), arguments.next().unwrap_or(128));
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite:{}", dir.path().join("chaperon.db").display())).await.unwrap();
    let clock = Arc::new(Ticking(AtomicU64::new(0)));
    let root = RootSource::File(dir.path().join("root.key"));
    let keyring = Keyring::create(&dir.path().join("keys"), root, clock.clone(), Arc::new(OsRandom)).unwrap();
    let owner = SessionOwner {
        engagement: "mercy-west".parse().unwrap(),
        agent: "scribe".parse().unwrap(),
        on_behalf_of: None,
        purpose: Purpose::Treatment,
    };
    keyring.ensure_engagement(&owner.engagement).unwrap();
    let (vault, limits) = (keyring.vault(), SessionLimits::default());
    let sessions = Sessions::new(Arc::new(store.clone()), vault, clock, Arc::new(OsRandom), limits);

    let (mut turning, mut writing, before, mut done) = (0, 0, resident(), 0);
    while done < conversations {
        let start = cpu();
        for conversation in done..done + batch {
            turn(&sessions, &owner, conversation).await;
        }
        let turned = cpu();
        sessions.flush().await.unwrap();
        (turning, writing, done) = (turning + turned - start, writing + cpu() - turned, done + batch);
    }
    let each = |nanoseconds: u64| nanoseconds as f64 / 1000.0 / done as f64;
    let size = |name: &str| fs::metadata(dir.path().join(name)).unwrap().len() / done;
    println!("{done} new conversations, 5 surrogates each, {batch} in a transaction");
    println!("turn   {:6.1} µs of CPU", each(turning));
    println!("write  {:6.1} µs of CPU", each(writing));
    println!("memory {:6.1} MiB more than before", resident().saturating_sub(before) as f64 / 1024.0);
    println!("disk   {:6} bytes each", size("chaperon.db"));
    store.close().await;
}

async fn turn(sessions: &Sessions, owner: &SessionOwner, conversation: u64) {
    let said = format!("{conversation:0>1000}");
    let messages = [CanonicalMessage { bytes: said.as_bytes(), answer: false }];
    let mut turn = sessions.resume(owner, None, &messages).await.unwrap();
    for number in 0..5 {
        let original = format!("Jo Doe {conversation:0>6}-{number}");
        turn.surrogate(IdentifierClass::Name, &original, &|_| false).unwrap();
    }
    turn.answered(Some(b"an answer"), Opaque { service: "thinker", parts: &[] });
}

/// Nanoseconds of CPU of all threads that live.
fn cpu() -> u64 {
    let of = |task: std::io::Result<fs::DirEntry>| {
        let stat = fs::read_to_string(task.unwrap().path().join("schedstat")).unwrap();
        stat.split(' ').next().unwrap().parse::<u64>().unwrap()
    };
    fs::read_dir("/proc/self/task").unwrap().map(of).sum()
}

/// KiB of memory that is no file's.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
