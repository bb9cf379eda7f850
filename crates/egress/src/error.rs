//! Why nothing was sent, or no answer came. Never holds an address, a header or content.

use std::error::Error as _;
use std::io::ErrorKind;

use rustls::CertificateError;
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
    /// No token or keys could be got with the credential.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// No certificates to trust could be read.
    #[error("no certificates to trust could be read")]
    Trust,
    /// The host's name stands for no address.
    #[error("the service's host name has no address")]
    Unresolved,
    /// Nothing listens there.
    #[error("the service's host refuses the connection")]
    Refused,
    /// No connection.
    #[error("the service can't be reached")]
    Unreachable,
    /// The certificate is signed by nobody who is trusted.
    #[error("the service's certificate is not from an authority that is trusted")]
    Untrusted,
    /// The certificate is for another host.
    #[error("the service's certificate is for another name")]
    OtherName,
    /// The certificate's time is over, or has not come.
    #[error("the service's certificate is expired or not valid yet")]
    Expired,
    /// The certificate is wrong in another way.
    #[error("the service's certificate can't be accepted")]
    Certificate,
    /// No TLS.
    #[error("no TLS 1.2 or 1.3 could be agreed on with the service")]
    Handshake,
    /// No answer in time.
    #[error("the service did not answer in time")]
    Timeout,
    /// The connection broke, or what came is no HTTP.
    #[error("the service's answer broke off")]
    Broken,
}

/// Why no token, keys or signature could be got with a service's credential. Nothing was sent to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// What was sealed is not what the form takes.
    #[error("the service's credential is not what its form takes")]
    Shape,
    /// No region.
    #[error("neither the credential nor the service names the region to sign for")]
    Region,
    /// The signature could not be made.
    #[error("the request could not be signed with the service's credential")]
    Unsigned,
    /// The platform names no place.
    #[error("the platform offers no credentials: the house runs in no container of ECS or EKS")]
    Platform,
    /// The address is none that may be called.
    #[error("the address that issues tokens for the service is not one that may be called")]
    Address,
    /// No connection.
    #[error("whoever issues tokens for the service can't be reached")]
    Unreachable,
    /// TLS failed.
    #[error("the certificate of whoever issues tokens for the service can't be accepted")]
    Untrusted,
    /// No answer in time.
    #[error("whoever issues tokens for the service did not answer in time")]
    Timeout,
    /// It said no.
    #[error("the service's credential was refused by whoever issues tokens for it")]
    Refused,
    /// It failed.
    #[error("whoever issues tokens for the service failed")]
    Failed,
    /// It pointed elsewhere, where nobody goes.
    #[error("whoever issues tokens for the service points to another address")]
    Redirected,
    /// What came is no token, or too much.
    #[error("the answer of whoever issues tokens for the service can't be used")]
    Malformed,
}

impl From<EgressError> for TokenError {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::Token(error) => error,
            EgressError::Address | EgressError::Undeclared => Self::Address,
            EgressError::Timeout => Self::Timeout,
            EgressError::Broken => Self::Malformed,
            EgressError::Trust
            | EgressError::Untrusted
            | EgressError::OtherName
            | EgressError::Expired
            | EgressError::Certificate
            | EgressError::Handshake => Self::Untrusted,
            _ => Self::Unreachable,
        }
    }
}

impl From<EgressError> for Code {
    fn from(error: EgressError) -> Self {
        error.code()
    }
}

impl EgressError {
    /// The stable code of the error.
    pub const fn code(self) -> Code {
        match self {
            Self::OtherExchange => Code::TRANSFORM_FAILED,
            Self::Address | Self::Undeclared => Code::ADDRESS_DENIED,
            Self::Credential => Code::KEY_UNAVAILABLE,
            Self::Token(_) => Code::CREDENTIAL_REFUSED,
            Self::Timeout => Code::UPSTREAM_TIMEOUT,
            Self::Broken => Code::UPSTREAM_MALFORMED,
            Self::Trust
            | Self::Unresolved
            | Self::Refused
            | Self::Unreachable
            | Self::Untrusted
            | Self::OtherName
            | Self::Expired
            | Self::Certificate
            | Self::Handshake => Code::UPSTREAM_UNREACHABLE,
        }
    }

    /// Reads the cause out of the client's error, whose own text may hold an address.
    pub(crate) fn of(error: &hyper_util::client::legacy::Error) -> Self {
        match error.source() {
            Some(source) if error.is_connect() => Self::of_connection(source),
            _ => Self::Broken,
        }
    }

    /// Reads the cause out of a connection that was not made.
    pub(crate) fn of_connection(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::cause(error).unwrap_or(Self::Unreachable)
    }

    fn cause(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        if let Some(own) = error.downcast_ref::<Self>() {
            return Some(*own);
        }
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(Self::of_tls(tls));
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            // its own `source` leaves out what it wraps
            return match io.get_ref() {
                Some(inner) => Self::cause(inner),
                None => (io.kind() == ErrorKind::ConnectionRefused).then_some(Self::Refused),
            };
        }
        error.source().and_then(Self::cause)
    }

    const fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(flaw) => match flaw {
                CertificateError::UnknownIssuer => Self::Untrusted,
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    Self::OtherName
                }
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. } => Self::Expired,
                _ => Self::Certificate,
            },
            _ => Self::Handshake,
        }
    }
}
