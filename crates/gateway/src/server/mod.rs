//! The listener: connections, TLS, limits and shutdown. It knows nothing of exchanges.

mod body;
mod listener;
mod patient;
mod tls;

pub use body::{Bodies, Outgoing, Piece, TooMuch};
pub use listener::{ListenError, Listener, ListenerConfig};
pub use tls::{CertificateFiles, TlsError};
