//! Others' implementations of the published formats read what this one writes.

use std::sync::Arc;

use audit::{Frontier, OsDisk, leaf_hash};
use proptest::prelude::*;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint, Error, Hash, HashReader, record_hash, stored_hashes, tree_hash};

use crate::fakes::House;

#[derive(Default)]
struct Stored(Vec<Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        Ok(indexes.iter().map(|index| self.0[usize::try_from(*index).unwrap()]).collect())
    }
}

proptest! {
    #[test]
    fn the_tree_is_that_of_tlog_tiles(leaves in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..200)) {
        let (mut ours, mut theirs) = (Frontier::default(), Stored::default());
        for (n, data) in (0..).zip(&leaves) {
            prop_assert_eq!(leaf_hash(data).0, record_hash(data).0);
            ours.push(leaf_hash(data));
            let more = stored_hashes(n, data, &theirs).unwrap();
            theirs.0.extend(more);
        }
        if !leaves.is_empty() {
            prop_assert_eq!(ours.root().0, tree_hash(ours.size(), &theirs).unwrap().0);
        }
    }
}

#[tokio::test]
async fn checkpoints_are_read_by_signed_note_and_tlog_tiles() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(&dir.path().join("journal"), Arc::new(OsDisk));
    let (journal, _) = house.start().unwrap();
    let _opened = journal.open(house.opening("mercy")).await.unwrap();
    journal.shut_down().await.unwrap();

    let vkey = std::fs::read_to_string(house.dir.join("log.vkey")).unwrap();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(vkey.trim_end()).unwrap())]);
    let note = Note::from_bytes(&std::fs::read(house.dir.join("checkpoint")).unwrap()).unwrap();
    let (by_us, by_others) = note.verify(&known).unwrap();
    assert_eq!((by_us.len(), by_others.len()), (1, 0));

    let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.extension()), ("chaperon/0a1b2c3d", ""));
    let mut tree = Stored::default();
    let mut rest = &std::fs::read(house.dir.join("segments/00000001.chj")).unwrap()[..];
    let mut size = 0;
    while let Ok(frame) = audit::parse_frame(rest) {
        let more = stored_hashes(size, frame.leaf, &tree).unwrap();
        tree.0.extend(more);
        size += 1;
        rest = &rest[frame.stored_bytes()..];
    }
    assert!(rest.is_empty());
    assert_eq!(checkpoint.size(), size);
    assert_eq!(checkpoint.hash().0, tree_hash(size, &tree).unwrap().0);
}
