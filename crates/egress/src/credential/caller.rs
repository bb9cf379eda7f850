//! The third door: to whoever issues tokens and keys. Content has no way to it.
//!
//! Over TLS to the open internet, plain only on loopback and to the link-local addresses that the form of the
//! credential names itself; no redirect is followed, and an answer is small and comes soon.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use governance::is_public;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use permit::MayConnect;
use zeroize::Zeroizing;

use crate::connect::connector;
use crate::trust::Trust;
use crate::{EgressConfig, EgressError, TokenError, address};

/// More than any issuer answers.
const LONGEST: usize = 64 << 10;

/// What an issuer answered; it holds secrets.
pub(super) type Answer = Zeroizing<Vec<u8>>;

/// Asks issuers.
pub(super) struct Caller {
    trust: Trust,
    connect: Duration,
    patience: Duration,
}

impl Caller {
    pub(super) fn new(config: &EgressConfig) -> Self {
        Self { trust: Trust::new(config.trust.clone()), connect: config.connect, patience: config.token }
    }

    /// Sends one request; `own` are the link-local addresses that the credential's form names.
    pub(super) async fn ask(
        &self,
        request: Request<Zeroizing<Vec<u8>>>,
        own: &[IpAddr],
    ) -> Result<Answer, TokenError> {
        tokio::time::timeout(self.patience, self.exchange(request, own))
            .await
            .unwrap_or(Err(TokenError::Timeout))
    }

    async fn exchange(
        &self,
        request: Request<Zeroizing<Vec<u8>>>,
        own: &[IpAddr],
    ) -> Result<Answer, TokenError> {
        let may_connect = check(request.uri(), own)?;
        let tls = self.trust.of(request.uri())?;
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build(connector(Some(self.connect), &may_connect, &tls));
        let request = request.map(|body| Full::new(Bytes::from_owner(Wiped(body))));
        let response = client.request(request).await.map_err(|error| EgressError::of(&error))?;
        match response.status().as_u16() {
            200 => read(response).await,
            300..=399 => Err(TokenError::Redirected),
            400..=499 => Err(TokenError::Refused),
            _ => Err(TokenError::Failed),
        }
    }
}

/// A body that is wiped once it was sent.
struct Wiped(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Whether an issuer's address may be called; what its name may stand for.
fn check(uri: &Uri, own: &[IpAddr]) -> Result<MayConnect, TokenError> {
    let host = uri.host().ok_or(TokenError::Address)?;
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let loopback = literal.map_or(host == "localhost", |address| address.is_loopback());
    let may_connect: MayConnect =
        Arc::new(move |address| if loopback { address.is_loopback() } else { is_public(address) });
    if !literal.is_some_and(|address| own.contains(&address)) {
        address::check(uri, &may_connect)?;
    }
    Ok(may_connect)
}

async fn read(response: Response<Incoming>) -> Result<Answer, TokenError> {
    // never grown, so that nothing is left behind unwiped
    let mut answer = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        if let Ok(piece) = frame.map_err(|_broken| TokenError::Malformed)?.into_data() {
            if answer.len() + piece.len() > LONGEST {
                return Err(TokenError::Malformed);
            }
            answer.extend_from_slice(&piece);
        }
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_public_over_tls_or_on_loopback_or_named_by_the_form() {
        let own = [IpAddr::from([169, 254, 169, 254])];
        let may = |uri: &str| check(&uri.parse().unwrap(), &own).map(drop);
        assert_eq!(may("https://login.microsoftonline.com/t/oauth2/v2.0/token"), Ok(()));
        assert_eq!(may("http://127.0.0.1:9/token"), Ok(()));
        assert_eq!(may("http://169.254.169.254/latest/api/token"), Ok(()));
        for bad in [
            "http://169.254.170.2/v2/credentials",
            "https://169.254.170.2/v2/credentials",
            "http://login.microsoftonline.com/t/oauth2/v2.0/token",
            "https://10.1.2.3/token",
            "http://10.1.2.3/token",
            "https://[fe80::1]/token",
            "/token",
        ] {
            assert_eq!(may(bad), Err(TokenError::Address), "{bad}");
        }
        let names = check(&"https://token.example/".parse().unwrap(), &own).unwrap();
        for address in ["10.1.2.3", "127.0.0.1", "169.254.169.254"] {
            assert!(!names(address.parse().unwrap()), "a name stands for no {address}");
        }
    }
}
