//! The Merkle tree of RFC 6962, section 2.1, kept as the roots of its complete subtrees.

use sha2::{Digest as _, Sha256};
use terms::Digest;

/// SHA-256 over 0x00 and the leaf's data (RFC 6962, 2.1).
pub fn leaf_hash(data: &[u8]) -> Digest {
    Digest(Sha256::new().chain_update([0]).chain_update(data).finalize().into())
}

/// SHA-256 over 0x01 and the hashes of both children (RFC 6962, 2.1).
pub fn node_hash(left: Digest, right: Digest) -> Digest {
    Digest(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The root of a tree without leaves: SHA-256 over nothing (RFC 6962, 2.1).
pub fn empty_root() -> Digest {
    Digest(Sha256::new().finalize().into())
}

/// All that is needed of a tree to add leaves and to compute its root: one hash for each bit of its size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the complete subtrees, the largest first.
    peaks: Vec<Digest>,
}

impl Frontier {
    /// From parts that were stored; `None` unless there is one hash for each bit of `size`.
    pub fn from_parts(size: u64, peaks: Vec<Digest>) -> Option<Self> {
        (usize::try_from(size.count_ones()) == Ok(peaks.len())).then_some(Self { size, peaks })
    }

    /// Leaves in the tree.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the complete subtrees, the largest first.
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(left, hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root over all leaves.
    pub fn root(&self) -> Digest {
        self.peaks
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(left, right))
            .unwrap_or_else(empty_root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, 2.1, word for word.
    fn by_definition(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let k = leaves.len().next_power_of_two() / 2;
                node_hash(by_definition(&leaves[..k]), by_definition(&leaves[k..]))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_definition() {
        let leaves: Vec<_> = (0..130_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut tree = Frontier::default();
        for (n, leaf) in leaves.iter().enumerate() {
            assert_eq!(tree.root(), by_definition(&leaves[..n]), "{n} leaves");
            assert_eq!(Frontier::from_parts(tree.size(), tree.peaks().to_vec()), Some(tree.clone()));
            tree.push(*leaf);
        }
        assert_eq!(Frontier::from_parts(3, vec![leaves[0]]), None);
    }

    #[test]
    fn known_hashes() {
        let hex = |d: Digest| d.to_hex();
        assert_eq!(hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex(leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }
}
