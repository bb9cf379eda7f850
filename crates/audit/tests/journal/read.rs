//! What was written is read again, from either end.

use std::sync::Arc;

use audit::{Body, Control, Order, OsDisk, Reader};

use crate::fakes::{House, success};

async fn written() -> (tempfile::TempDir, House, Vec<terms::ExchangeId>) {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new(&dir.path().join("journal"), Arc::new(OsDisk));
    house.pace.segment_bytes = 3000;
    let (journal, _) = house.start().unwrap();
    let mut ids = Vec::new();
    let long = journal.open(house.opening("st-olaf")).await.unwrap();
    ids.push(long.exchange());
    for _ in 0..8 {
        let opened = journal.open(house.opening("mercy")).await.unwrap();
        ids.push(opened.exchange());
        journal.close(opened, success()).await.unwrap();
    }
    journal.close(long, success()).await.unwrap();
    journal.shut_down().await.unwrap();
    (dir, house, ids)
}

#[tokio::test]
async fn both_ends_lead_to_the_same_records() {
    let (_dir, house, _) = written().await;
    let reader = Reader::new(house.dir.clone(), house.keys.clone());
    let oldest: Vec<_> = reader.records(Order::Oldest).unwrap().map(Result::unwrap).collect();
    let mut newest: Vec<_> = reader.records(Order::Newest).unwrap().map(Result::unwrap).collect();
    newest.reverse();
    assert_eq!(oldest, newest);
    assert!((0..).zip(&oldest).all(|(position, record)| record.position == position));
    assert!(oldest.iter().all(|record| !matches!(record.body, Body::Unreadable | Body::Shredded)));
    assert!(matches!(oldest.last().unwrap().body, Body::Control(Control::Stop { interrupted: 0 })));
}

#[tokio::test]
async fn openings_and_closings_are_joined_in_the_order_of_openings() {
    let (_dir, house, ids) = written().await;
    let reader = Reader::new(house.dir.clone(), house.keys.clone());
    let oldest: Vec<_> = reader.exchanges(Order::Oldest).unwrap().map(Result::unwrap).collect();
    let mut newest: Vec<_> = reader.exchanges(Order::Newest).unwrap().map(Result::unwrap).collect();
    newest.reverse();
    assert_eq!(oldest, newest);
    assert_eq!(oldest.iter().map(|exchange| exchange.opening.exchange).collect::<Vec<_>>(), ids);
    for exchange in oldest {
        assert_eq!(exchange.closed.as_ref().unwrap().1, success());
        let found = reader.exchange(exchange.opening.exchange).unwrap();
        assert_eq!(found, Some(exchange));
    }
    assert_eq!(reader.exchange(house.fresh_exchange()).unwrap(), None);
}

#[tokio::test]
async fn plaintext_of_entries_is_nowhere_on_disk() {
    let (_dir, house, ids) = written().await;
    for file in crate::fakes::files(&house.dir) {
        let bytes = std::fs::read(file).unwrap();
        for canary in ["n.ortiz", "visit-notes", "mercy", &ids[0].to_string()] {
            assert!(!bytes.windows(canary.len()).any(|window| window == canary.as_bytes()), "{canary}");
        }
    }
}
