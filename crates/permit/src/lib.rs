//! The room `permit`.
