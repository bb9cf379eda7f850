//! The room `deid`.
