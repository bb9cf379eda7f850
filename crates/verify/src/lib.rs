//! Verifies a journal.
