//! Verifies a journal.
fn main() {}
