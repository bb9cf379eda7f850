//! Why nothing was sent, or no answer came. Never holds an address, a header or content.

use std::error::Error as _;

use terms::Code;

/// Why nothing was sent, or no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EgressError {
    /// The content was cleared for another exchange.
    #[error("the content was cleared for another exchange")]
    OtherExchange,
    /// The address is none that egress may call.
    #[error("the service's address is not one that may be called")]
    Address,
    /// The host resolves to an address that the service does not declare.
    #[error("the service's host resolves to an address that is not declared")]
    Undeclared,
    /// The credential does not open.
    #[error("the service's credential can't be opened")]
    Credential,
    /// No certificates to trust could be read.
    #[error("no certificates to trust could be read")]
    Trust,
    /// No connection.
    #[error("the service can't be reached")]
    Unreachable,
    /// No answer in time.
    #[error("the service did not answer in time")]
    Timeout,
    /// The connection broke, or what came is no HTTP.
    #[error("the service's answer broke off")]
    Broken,
}

impl EgressError {
    /// The stable code of the error.
    pub const fn code(self) -> Code {
        match self {
            Self::OtherExchange => Code::TRANSFORM_FAILED,
            Self::Address | Self::Undeclared => Code::ADDRESS_DENIED,
            Self::Credential => Code::KEY_UNAVAILABLE,
            Self::Trust | Self::Unreachable => Code::UPSTREAM_UNREACHABLE,
            Self::Timeout => Code::UPSTREAM_TIMEOUT,
            Self::Broken => Code::UPSTREAM_MALFORMED,
        }
    }

    /// Reads the cause out of the client's error, whose own text may hold an address.
    pub(crate) fn of(error: &hyper_util::client::legacy::Error) -> Self {
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(own) = inner.downcast_ref::<Self>() {
                return *own;
            }
            if let Some(io) = inner.downcast_ref::<std::io::Error>()
                && let Some(own) = io.get_ref().and_then(|e| e.downcast_ref::<Self>())
            {
                return *own;
            }
            cause = inner.source();
        }
        if error.is_connect() { Self::Unreachable } else { Self::Broken }
    }
}
