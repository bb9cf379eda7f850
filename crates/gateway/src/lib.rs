//! The room `gateway`.

pub mod protocol;
