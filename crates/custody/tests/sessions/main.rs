//! Sessions from outside, over a store in memory.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

mod conversations;
mod ending;
mod fakes;
mod forms;
mod house;
mod keeping;
mod opaque;
