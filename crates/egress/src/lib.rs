//! The room `egress`.
