//! Fake vendors and synthetic patients.
