//! The room `governance`.
