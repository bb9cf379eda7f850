//! What is remembered of a message that comes in blocks, to know it again when the client sends it back.

use super::Limits;
use super::canonical::Canonical;
use super::stream::Budget;

/// What is remembered of a block.
pub(crate) enum Block {
    /// Text.
    Text(String),
    /// A call of a tool.
    Call {
        /// By which its result names it.
        id: String,
        /// The tool's name.
        name: String,
        /// Its arguments, as JSON text.
        input: String,
    },
    /// Thinking, which is not sent again.
    Left,
    /// Of a kind that this house can't build again.
    Other,
}

/// The blocks of one streamed message, in the order in which they began.
pub(crate) struct Blocks {
    blocks: Vec<(u64, Block)>,
    budget: Budget,
}

impl Blocks {
    /// None has begun.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { blocks: Vec::new(), budget: Budget::new(limits) }
    }

    /// A block begins at an index.
    pub(crate) fn begin(&mut self, index: u64, block: Block) {
        if self.budget.charge(1024) {
            self.blocks.push((index, block));
        }
    }

    /// Whether a block began at an index.
    pub(crate) fn has_begun(&self, index: u64) -> bool {
        self.blocks.iter().any(|(own, _)| *own == index)
    }

    /// The newest block at an index grows.
    pub(crate) fn append(&mut self, index: u64, text: &str) {
        let block = self.blocks.iter_mut().rev().find(|(own, _)| *own == index).map(|(_, block)| block);
        if let Some(Block::Text(memory) | Block::Call { input: memory, .. }) = block {
            self.budget.append(memory, text);
        }
    }

    /// The canonical bytes of the message; `None` where not all of it is remembered.
    pub(crate) fn canonical(&self) -> Option<Vec<u8>> {
        let mut canonical = Canonical::new("assistant");
        for (_, block) in &self.blocks {
            match block {
                Block::Text(text) => canonical.text(text),
                Block::Call { id, name, input } => canonical.call(id, name, input),
                Block::Left => {}
                Block::Other => return None,
            }
        }
        (!self.budget.is_over()).then(|| canonical.finish())
    }
}
