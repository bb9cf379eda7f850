//! "Tree": RFC 6962, section 2.1.

use sha2::{Digest, Sha256};

/// A hash of the tree.
pub type Hash = [u8; 32];

/// The hash of a leaf.
pub fn leaf(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

fn node(left: Hash, right: Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A tree that leaves are added to: the roots of its complete subtrees, the largest first.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    size: u64,
    complete: Vec<Hash>,
}

impl Tree {
    /// Leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf: as many complete subtrees of equal size merge as the size has ones at its end.
    pub fn add(&mut self, mut hash: Hash) {
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.complete.pop() {
                hash = node(left, hash);
            }
        }
        self.complete.push(hash);
        self.size += 1;
    }

    /// The root.
    pub fn root(&self) -> Hash {
        let roots = self.complete.iter().rev().copied();
        roots.reduce(|right, left| node(left, right)).unwrap_or_else(|| Sha256::new().finalize().into())
    }
}

/// Lower-case hexadecimal.
pub fn hex(hash: &Hash) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('?');
    hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
