//! Everything that may be asked of the house, by the command line or through the admin socket: the same word,
//! answered by the same function, whether a server runs or not.

mod answer;
mod operation;

pub(crate) use answer::{Answer, RowView};
pub(crate) use operation::{Note, Operation, Secret};
