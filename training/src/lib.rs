//! Makes the text from which the tagger of `deid` learns.

pub mod generate;
