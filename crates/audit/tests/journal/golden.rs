//! The golden journal of format version 1: what this version wrote must verify and be read for ever.

use std::path::PathBuf;
use std::sync::Arc;

use audit::{Body, Control, Order, OsDisk, Outcome, Reader};
use terms::RowVersion;

use crate::fakes::{House, success};
use crate::losing::LosingDisk;

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../verify/tests/golden/v1")
}

/// A run that crashed with an exchange under way, and one that went on in order over two segments.
#[tokio::test]
#[ignore = "writes the golden journal, once for each version of the format"]
async fn write_golden() {
    assert!(!golden().exists(), "a golden journal is never written again");
    let disk = LosingDisk::new();
    let mut house = House::new(&PathBuf::from("journal"), disk.clone());
    let (journal, _) = house.start().unwrap();
    let opened = journal.open(house.opening("mercy")).await.unwrap();
    journal.close(opened, success()).await.unwrap();
    let _cut_off = journal.open(house.opening("st-olaf")).await.unwrap();
    disk.after_crash().write_out(&golden());
    (house.dir, house.disk) = (golden(), Arc::new(OsDisk));
    house.pace.segment_bytes = 2000;
    let (journal, _) = house.start().unwrap();
    let change = Control::RegisterChange {
        engagement: Some("mercy".parse().unwrap()),
        register: "agreement".into(),
        id: "acme-baa".into(),
        version: RowVersion(3),
        author: "n.ortiz".into(),
        reason: "renewed".into(),
    };
    journal.control(change).await.unwrap();
    for _ in 0..2 {
        let opened = journal.open(house.opening("mercy")).await.unwrap();
        journal.close(opened, success()).await.unwrap();
    }
    journal.shut_down().await.unwrap();
}

#[test]
fn the_golden_journal_is_read() {
    let house = House::new(&golden(), Arc::new(OsDisk));
    let reader = Reader::new(golden(), house.keys.clone());
    for record in reader.records(Order::Oldest).unwrap() {
        if let Body::Key(declared) = record.unwrap().body {
            house.keys.restore(declared.key);
        }
    }
    let exchanges: Vec<_> = reader.exchanges(Order::Oldest).unwrap().map(Result::unwrap).collect();
    let outcomes: Vec<_> =
        exchanges.iter().map(|exchange| exchange.closed.as_ref().unwrap().1.outcome).collect();
    assert_eq!(outcomes, [Outcome::Success, Outcome::Interrupted, Outcome::Success, Outcome::Success]);
    let first = &exchanges[0].opening;
    assert_eq!((first.engagement.as_str(), first.workflow.as_str()), ("mercy", "visit-notes"));
    assert!(reader.records(Order::Newest).unwrap().all(|record| record.unwrap().body != Body::Unreadable));
}
