//! The listener: connections, TLS, limits and shutdown. It knows nothing of exchanges.

mod body;
mod listener;
mod patient;
mod room;
mod tls;
mod validity;

pub use body::{Bodies, Outgoing, Piece, Taken, TooMuch};
pub use listener::{ListenError, Listener, ListenerConfig};
pub use room::{Held, Room};
pub use tls::{CertificateFiles, TlsError};
pub use validity::Validity;
