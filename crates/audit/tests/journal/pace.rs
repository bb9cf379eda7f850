//! Figures, not assertions: `cargo test --release -p audit --test journal pace -- --ignored --nocapture`.

#![expect(clippy::cast_precision_loss, reason = "figures for people to read")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::{Journal, OsDisk, Pace};

use crate::fakes::{House, success};

fn house(dir: &std::path::Path, prepare_bytes: u64) -> House {
    let mut house = House::new(&dir.join("journal"), Arc::new(OsDisk));
    house.pace = Pace { prepare_bytes, ..Pace::default() };
    house
}

async fn drive(house: Arc<House>, journal: Journal, at_once: usize, lasting: Duration) {
    let began = Instant::now();
    let (before, mut clients) = (journal.figures(), tokio::task::JoinSet::new());
    for _ in 0..at_once {
        let (house, journal) = (house.clone(), journal.clone());
        clients.spawn(async move {
            let mut waits = Vec::new();
            while began.elapsed() < lasting {
                let opening = house.opening("mercy");
                let asked = Instant::now();
                let opened = journal.open(opening).await.unwrap();
                waits.push(asked.elapsed());
                journal.close(opened, success()).await.unwrap();
            }
            waits
        });
    }
    let mut waits: Vec<_> = clients.join_all().await.into_iter().flatten().collect();
    waits.sort_unstable();
    let (after, seconds) = (journal.figures(), began.elapsed().as_secs_f64());
    let (entries, syncs) = (after.entries - before.entries, after.syncs - before.syncs);
    println!(
        "{at_once:4} at once: {:8.0} entries/s, {:6.0} syncs/s of {:5.0} us, {:5.1} entries a sync, opening waits {:?} (p50) {:?} (p99)",
        entries as f64 / seconds,
        syncs as f64 / seconds,
        (after.sync_micros - before.sync_micros) as f64 / syncs as f64,
        entries as f64 / syncs as f64,
        waits[waits.len() / 2],
        waits[waits.len() * 99 / 100],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn pace() {
    for prepare_bytes in [0, 1 << 20] {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let house = Arc::new(house(dir.path(), prepare_bytes));
        let (journal, _) = house.start().unwrap();
        println!("{prepare_bytes} bytes prepared");
        for at_once in [1, 32, 128, 256] {
            drive(house.clone(), journal.clone(), at_once, Duration::from_secs(4)).await;
        }
        journal.shut_down().await.unwrap();
        let began = Instant::now();
        let report = chaperon_verify::verify(&house.dir, None, None).unwrap();
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "verified {} frames at {:.0}/s: {}",
            report.frames,
            report.frames as f64 / seconds,
            report.verdict.as_str()
        );
        let began = Instant::now();
        let (journal, _) = house.start().unwrap();
        println!("started again in {:?}", began.elapsed());
        journal.shut_down().await.unwrap();
    }
}
