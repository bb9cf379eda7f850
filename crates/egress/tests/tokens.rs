//! Tokens and keys from scripted issuers on loopback: when they are asked, with what, and what is made of answers.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use egress::{Container, ContainerToken, EgressConfig, EgressError, Shown, TokenDesk, TokenError};
use governance::{Credential, RegisterKind, Registers, Service, StoredRow};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use terms::{Clock, EngagementId, KeyUse, Phi, RowVersion, SealError, SealedValue, UtcMillis, Vault};
use tokio::net::TcpListener;

const SECRET: &str = "s3cret~never.shown";
const START: u64 = 1_795_309_787_000;

// what the house lends

struct TestClock(AtomicU64);

impl TestClock {
    fn pass(&self, duration: Duration) {
        self.0.fetch_add(u64::try_from(duration.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UtcMillis {
        UtcMillis(self.0.load(Ordering::SeqCst))
    }
}

/// A vault whose seal is the context in front.
struct TestVault;

impl Vault for TestVault {
    fn seal(&self, _: &EngagementId, _: KeyUse, _: &[u8], _: &[u8]) -> Result<SealedValue, SealError> {
        Err(SealError::NoKey)
    }

    fn unseal(
        &self,
        _: &EngagementId,
        key_use: KeyUse,
        context: &[u8],
        sealed: &SealedValue,
    ) -> Result<Phi<Vec<u8>>, SealError> {
        let opened = sealed.bytes.strip_prefix(context).filter(|_| key_use == KeyUse::Credential);
        opened.map(|opened| Phi::new(opened.to_vec())).ok_or(SealError::Forged)
    }

    fn fresh_key(
        &self,
        _: &EngagementId,
        _: KeyUse,
        _: &[u8],
    ) -> Result<(SealedValue, Arc<dyn terms::Sealer>), SealError> {
        Err(SealError::NoKey)
    }

    fn open_key(
        &self,
        _: &EngagementId,
        _: KeyUse,
        _: &[u8],
        _: &SealedValue,
    ) -> Result<Arc<dyn terms::Sealer>, SealError> {
        Err(SealError::NoKey)
    }

    fn digester(&self, _: &EngagementId, _: KeyUse) -> Result<Arc<dyn terms::Digester>, SealError> {
        Err(SealError::NoKey)
    }
}

fn row(kind: RegisterKind, version: u32, body: &Value) -> StoredRow {
    StoredRow {
        engagement: "mercy".parse().unwrap(),
        kind,
        id: "api".parse().unwrap(),
        version: RowVersion(version),
        valid_from: UtcMillis(u64::from(version)),
        valid_to: None,
        author: String::new(),
        reason: String::new(),
        ended: false,
        body: body.to_string(),
    }
}

/// Registers with one service and versions of its credential.
fn registers(credentials: &[Value]) -> Registers {
    let service = json!({"vendor": "acme", "product": "API", "protocols": ["openai"], "region": "us-east-1",
        "endpoint": "https://api.acme.example", "models": [{"name": "large"}]});
    let mut rows = vec![row(RegisterKind::Service, 1, &service)];
    for (version, body) in (1..).zip(credentials) {
        rows.push(row(RegisterKind::Credential, version, body));
        let count = rows.len();
        if version > 1 {
            rows[count - 2].valid_to = Some(UtcMillis(u64::from(version)));
        }
    }
    Registers::from_rows(rows).unwrap()
}

fn sealed(form: &str, material: &str, issuer: Option<&Issuer>) -> Value {
    let mut body = json!({"service": "api", "header": form, "epoch": 1,
        "sealed": STANDARD.encode(format!("api{material}"))});
    if let Some(issuer) = issuer {
        body["token_endpoint"] = json!(issuer.url());
    }
    body
}

struct Desk {
    desk: TokenDesk,
    clock: Arc<TestClock>,
}

impl Desk {
    fn new(config: &EgressConfig) -> Self {
        let clock = Arc::new(TestClock(AtomicU64::new(START)));
        Self {
            desk: TokenDesk::new(config, Arc::new(TestVault), Arc::clone(&clock) as Arc<dyn Clock>),
            clock,
        }
    }

    async fn show(&self, registers: &Registers) -> Result<Shown, EgressError> {
        let engagement = "mercy".parse().unwrap();
        let service = registers.current::<Service>(&engagement, "api").unwrap();
        let credential = registers.current::<Credential>(&engagement, "api").unwrap();
        self.desk.show(credential, &service.body).await
    }
}

#[expect(clippy::unnecessary_wraps, reason = "compared with what a desk answers")]
fn until(seconds: u64) -> Result<Shown, EgressError> {
    Ok(Shown::Until(UtcMillis(START + seconds * 1000)))
}

fn fault(error: TokenError) -> Result<Shown, EgressError> {
    Err(EgressError::Token(error))
}

// who issues

#[derive(Clone, Debug)]
struct Heard {
    what: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Heard {
    fn field(&self, name: &str) -> String {
        let fields = form_urlencoded::parse(self.body.as_bytes());
        fields.into_owned().find(|(own, _)| own == name).map(|(_, value)| value).unwrap_or_default()
    }
}

type Said = dyn Fn() -> Response<Full<Bytes>> + Send + Sync;

type Script = Arc<dyn Fn(&Heard, usize) -> Response<Full<Bytes>> + Send + Sync>;

struct Issuer {
    port: u16,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Issuer {
    async fn new(script: impl Fn(&Heard, usize) -> Response<Full<Bytes>> + Send + Sync + 'static) -> Self {
        Self::slow(Duration::ZERO, script).await
    }

    async fn slow(
        pause: Duration,
        script: impl Fn(&Heard, usize) -> Response<Full<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let (kept, script): (_, Script) = (Arc::clone(&heard), Arc::new(script));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                let answer = service_fn(move |request| {
                    let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                    async move {
                        let one = hear(request).await;
                        let count = {
                            let mut kept = kept.lock().unwrap();
                            kept.push(one.clone());
                            kept.len()
                        };
                        tokio::time::sleep(pause).await;
                        Ok::<_, Infallible>(script(&one, count))
                    }
                });
                let server = hyper::server::conn::http1::Builder::new();
                tokio::spawn(server.serve_connection(TokioIo::new(stream), answer));
            }
        });
        Self { port, heard }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

async fn hear(request: Request<Incoming>) -> Heard {
    let what = format!("{} {}", request.method(), request.uri());
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    Heard { what, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

fn said(status: u16, body: impl Into<String>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.into())));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn token(text: &str, seconds: u64) -> Response<Full<Bytes>> {
    said(200, json!({"token_type": "Bearer", "expires_in": seconds, "access_token": text}).to_string())
}

fn client() -> String {
    json!({"tenant": "contoso.example", "client_id": "app-1", "client_secret": SECRET}).to_string()
}

// Entra

#[tokio::test]
async fn a_client_secret_is_exchanged_for_a_token_once_and_again_before_it_ends() {
    let issuer = Issuer::new(|_, count| token(&format!("token-{count}"), 3600)).await;
    let registers = registers(&[sealed("entra-client", &client(), Some(&issuer))]);
    let desk = Desk::new(&EgressConfig::default());
    assert_eq!(desk.show(&registers).await, until(3600));
    let heard = issuer.heard();
    assert_eq!(heard[0].what, "POST /contoso.example/oauth2/v2.0/token");
    assert_eq!(heard[0].field("grant_type"), "client_credentials");
    assert_eq!(heard[0].field("scope"), "https://cognitiveservices.azure.com/.default");
    assert_eq!(
        (heard[0].field("client_id"), heard[0].field("client_secret")),
        ("app-1".into(), SECRET.into())
    );
    // a second short of the margin it is the same one, then another
    desk.clock.pass(Duration::from_secs(3600 - 226));
    assert_eq!(desk.show(&registers).await, until(3600));
    assert_eq!(issuer.heard().len(), 1);
    desk.clock.pass(Duration::from_secs(1));
    assert_eq!(desk.show(&registers).await, until(3600 - 225 + 3600));
    assert_eq!(issuer.heard().len(), 2);
}

#[tokio::test]
async fn many_at_once_ask_once_and_a_failure_is_shared_too() {
    for status in [200, 401] {
        let issuer = Issuer::slow(Duration::from_millis(50), move |_, _| match status {
            200 => token("t", 3600),
            status => said(status, "no"),
        })
        .await;
        let registers = registers(&[sealed("entra-client", &client(), Some(&issuer))]);
        let desk = Desk::new(&EgressConfig::default());
        let all = futures_util::future::join_all((0..32).map(|_| desk.show(&registers))).await;
        let expected = if status == 200 { until(3600) } else { fault(TokenError::Refused) };
        assert!(all.iter().all(|one| *one == expected), "{all:?}");
        assert_eq!(issuer.heard().len(), 1, "{status}");
        // and is not asked for again at once, but soon
        desk.clock.pass(Duration::from_secs(4));
        assert_eq!(desk.show(&registers).await, expected);
        assert_eq!(issuer.heard().len(), 1, "{status}");
        desk.clock.pass(Duration::from_secs(1));
        assert_eq!(desk.show(&registers).await, expected);
        assert_eq!(issuer.heard().len(), if status == 200 { 1 } else { 2 });
    }
}

#[tokio::test]
async fn a_token_that_can_t_be_renewed_is_used_to_its_end_and_no_longer() {
    let issuer = Issuer::new(|_, count| if count == 1 { token("t", 3600) } else { said(503, "") }).await;
    let registers = registers(&[sealed("entra-client", &client(), Some(&issuer))]);
    let desk = Desk::new(&EgressConfig::default());
    assert_eq!(desk.show(&registers).await, until(3600));
    desk.clock.pass(Duration::from_secs(3599));
    assert_eq!(desk.show(&registers).await, until(3600));
    assert_eq!(issuer.heard().len(), 2);
    desk.clock.pass(Duration::from_secs(1));
    assert_eq!(desk.show(&registers).await, fault(TokenError::Failed));
}

#[tokio::test]
async fn a_further_version_of_the_row_gets_a_token_of_its_own() {
    let issuer = Issuer::new(|_, _| token("t", 3600)).await;
    let (old, new) = (client(), client().replace("app-1", "app-2"));
    let desk = Desk::new(&EgressConfig::default());
    let row = |material: &str| sealed("entra-client", material, Some(&issuer));
    assert_eq!(desk.show(&registers(&[row(&old)])).await, until(3600));
    assert_eq!(desk.show(&registers(&[row(&old), row(&new)])).await, until(3600));
    let clients: Vec<_> = issuer.heard().iter().map(|heard| heard.field("client_id")).collect();
    assert_eq!(clients, ["app-1", "app-2"]);
}

#[tokio::test]
async fn what_an_issuer_may_not_do_is_an_error_that_shows_nothing() {
    let elsewhere = Issuer::new(|_, _| token("elsewhere", 3600)).await;
    let target = elsewhere.url();
    let moved = move || {
        let mut moved = said(307, "");
        moved.headers_mut().insert("location", target.parse().unwrap());
        moved
    };
    let huge =
        json!({"token_type": "Bearer", "expires_in": 1, "access_token": "x".repeat(70_000)}).to_string();
    let no_time = r#"{"token_type":"Bearer","access_token":"s3cret~never.shown"}"#;
    let cases: Vec<(Box<Said>, TokenError)> = vec![
        (Box::new(|| said(400, SECRET)), TokenError::Refused),
        (Box::new(|| said(401, SECRET)), TokenError::Refused),
        (Box::new(|| said(429, SECRET)), TokenError::Refused),
        (Box::new(|| said(500, SECRET)), TokenError::Failed),
        (Box::new(|| said(204, "")), TokenError::Failed),
        (Box::new(moved), TokenError::Redirected),
        (Box::new(move || said(200, huge.clone())), TokenError::Malformed),
        (Box::new(move || said(200, no_time)), TokenError::Malformed),
        (Box::new(|| said(200, "<html>")), TokenError::Malformed),
        (Box::new(|| token("", 3600)), TokenError::Malformed),
        (Box::new(|| token("two words", 3600)), TokenError::Malformed),
        (Box::new(|| token("split\r\nx-other: 1", 3600)), TokenError::Malformed),
        (Box::new(|| token("t", 0)), TokenError::Malformed),
        (
            Box::new(|| said(200, r#"{"token_type":"mac","expires_in":9,"access_token":"t"}"#)),
            TokenError::Malformed,
        ),
    ];
    for (index, (answer, expected)) in cases.into_iter().enumerate() {
        let issuer = Issuer::new(move |_, _| answer()).await;
        let registers = registers(&[sealed("entra-client", &client(), Some(&issuer))]);
        let outcome = Desk::new(&EgressConfig::default()).show(&registers).await;
        assert_eq!(outcome, fault(expected), "{index}");
        let error = outcome.unwrap_err();
        assert_eq!(error.code(), terms::Code::CREDENTIAL_REFUSED);
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(SECRET) && !shown.contains("127.0.0.1"), "{shown}");
    }
    assert!(elsewhere.heard().is_empty(), "a redirect was followed");
}

#[tokio::test]
async fn a_silent_issuer_and_an_absent_one_are_told_apart() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut row = sealed("entra-client", &client(), None);
    row["token_endpoint"] = json!(format!("http://127.0.0.1:{port}"));
    let short = EgressConfig { token: Duration::from_millis(100), ..EgressConfig::default() };
    let registers = registers(&[row]);
    assert_eq!(Desk::new(&short).show(&registers).await, fault(TokenError::Timeout));
    drop(silent);
    assert_eq!(Desk::new(&short).show(&registers).await, fault(TokenError::Unreachable));
}

#[tokio::test]
async fn an_issuer_that_is_neither_public_nor_on_loopback_is_not_called() {
    for place in ["https://10.0.0.1", "https://0x0a000001", "https://0xa9fea9fe", "https://0x7f000001"] {
        let mut row = sealed("entra-client", &client(), None);
        row["token_endpoint"] = json!(place);
        let certificates = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates/ca.pem");
        let config = EgressConfig { trust: Some(certificates.into()), ..EgressConfig::default() };
        let outcome = Desk::new(&config).show(&registers(&[row])).await;
        assert_eq!(outcome, fault(TokenError::Address), "{place}");
    }
}

#[tokio::test]
async fn the_managed_identity_of_a_machine_of_azure() {
    let issuer = Issuer::new(|_, _| {
        said(200, r#"{"access_token":"t","expires_in":"86399","resource":"r","token_type":"Bearer"}"#)
    })
    .await;
    let desk = Desk::new(&EgressConfig::default());
    let row = |material| sealed("entra-instance", material, Some(&issuer));
    assert_eq!(desk.show(&registers(&[row("")])).await, until(86_399));
    let mut named = row(r#"{"identity":"1b4f-c1"}"#);
    named["scope"] = json!("https://cognitiveservices.azure.us/.default");
    assert_eq!(desk.show(&registers(&[row(""), named])).await, until(86_399));
    let heard = issuer.heard();
    let path = "GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=";
    assert_eq!(heard[0].what, format!("{path}https%3A%2F%2Fcognitiveservices.azure.com"));
    assert_eq!(heard[1].what, format!("{path}https%3A%2F%2Fcognitiveservices.azure.us&client_id=1b4f-c1"));
    assert_eq!(heard[0].headers["metadata"], "true");
}

// Google

#[tokio::test]
async fn a_service_account_signs_an_assertion_that_its_public_key_verifies() {
    let key = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let der: aws_lc_rs::encoding::Pkcs8V1Der = key.as_der().unwrap();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der.as_ref())
    );
    let account = json!({"type": "service_account", "project_id": "p", "private_key_id": "k-1", "private_key": pem,
        "client_email": "chaperon@p.iam.example", "token_uri": "https://thief.example/token"});
    let issuer = Issuer::new(|_, _| token("ya29.t", 3599)).await;
    let registers = registers(&[sealed("google-service-account", &account.to_string(), Some(&issuer))]);
    assert_eq!(Desk::new(&EgressConfig::default()).show(&registers).await, until(3599));
    let heard = issuer.heard();
    assert_eq!(heard[0].what, "POST /token");
    assert_eq!(heard[0].field("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let assertion = heard[0].field("assertion");
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref())
        .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
        .unwrap();
    let (title, claims) = signed.split_once('.').unwrap();
    let read = |part| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(read(title), json!({"alg": "RS256", "typ": "JWT", "kid": "k-1"}));
    let now = START / 1000;
    let expected = json!({"iss": "chaperon@p.iam.example", "aud": format!("{}/token", issuer.url()),
        "scope": "https://www.googleapis.com/auth/cloud-platform", "iat": now, "exp": now + 3600});
    assert_eq!(read(claims), expected);
    // the file is what the form takes, and fits no other
    assert!(egress::readable(governance::CredentialForm::GoogleServiceAccount, &account.to_string()).is_ok());
    assert!(egress::readable(governance::CredentialForm::EntraClient, &account.to_string()).is_err());
}

#[tokio::test]
async fn the_service_account_of_a_machine_of_google() {
    let issuer = Issuer::new(|_, _| token("ya29.t", 290)).await;
    let desk = Desk::new(&EgressConfig::default());
    let row = |material| sealed("google-instance", material, Some(&issuer));
    assert_eq!(desk.show(&registers(&[row("")])).await, until(290));
    // one with less than the margin left is not asked for with each request
    desk.clock.pass(Duration::from_secs(200));
    assert_eq!(desk.show(&registers(&[row("")])).await, until(290));
    assert_eq!(issuer.heard().len(), 1);
    desk.show(&registers(&[row(""), row(r#"{"identity":"a@p.example"}"#)])).await.unwrap();
    let heard = issuer.heard();
    assert_eq!(heard[0].what, "GET /computeMetadata/v1/instance/service-accounts/default/token");
    assert_eq!(heard[1].what, "GET /computeMetadata/v1/instance/service-accounts/a@p.example/token");
    assert_eq!(heard[0].headers["metadata-flavor"], "Google");
}

// AWS

fn role(expiration: &str) -> String {
    json!({"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": SECRET,
        "Token": "session==", "Expiration": expiration})
    .to_string()
}

#[tokio::test]
async fn the_role_of_a_machine_of_aws() {
    let issuer = Issuer::new(|heard, _| match heard.what.as_str() {
        "PUT /latest/api/token" => said(200, "imds-session"),
        "GET /latest/meta-data/iam/security-credentials/" => said(200, "chaperon-role\n"),
        "GET /latest/meta-data/iam/security-credentials/chaperon-role" => {
            said(200, role("2026-11-22T02:09:47Z"))
        }
        _ => said(404, ""),
    })
    .await;
    let desk = Desk::new(&EgressConfig::default());
    let row = |material| sealed("aws-instance", material, Some(&issuer));
    assert_eq!(desk.show(&registers(&[row("")])).await, until(3600));
    let heard = issuer.heard();
    assert_eq!(heard.len(), 3);
    assert_eq!(heard[0].headers["x-aws-ec2-metadata-token-ttl-seconds"], "60");
    assert!(heard[1..].iter().all(|heard| heard.headers["x-aws-ec2-metadata-token"] == "imds-session"));
    // a role that was named is asked for by its name, and one that is not there is none
    desk.show(&registers(&[row(""), row(r#"{"identity":"chaperon-role"}"#)])).await.unwrap();
    assert_eq!(issuer.heard().len(), 5);
    let other = desk.show(&registers(&[row(""), row(""), row(r#"{"identity":"other"}"#)])).await;
    assert_eq!(other, fault(TokenError::Refused));
}

#[tokio::test]
async fn roles_that_are_none_are_refused() {
    for (roles, answer, expected) in [
        ("../../../user-data", String::new(), TokenError::Malformed),
        ("", String::new(), TokenError::Malformed),
        ("r", role("2026-11-22T01:09:47Z"), TokenError::Malformed),
        ("r", role("soon"), TokenError::Malformed),
        ("r", role("2026-11-22T02:09:47Z").replace("Success", "Failed"), TokenError::Refused),
        ("r", r#"{"Code":"Success"}"#.to_owned(), TokenError::Malformed),
    ] {
        let issuer = Issuer::new(move |heard, _| match heard.what.as_str() {
            "PUT /latest/api/token" => said(200, "imds-session"),
            "GET /latest/meta-data/iam/security-credentials/" => said(200, roles),
            _ => said(200, answer.clone()),
        })
        .await;
        let outcome = Desk::new(&EgressConfig::default())
            .show(&registers(&[sealed("aws-instance", "", Some(&issuer))]))
            .await;
        assert_eq!(outcome, fault(expected), "{roles}");
    }
}

#[tokio::test]
async fn the_role_of_a_container_whose_token_is_read_each_time() {
    let issuer = Issuer::new(|_, _| said(200, role("2026-11-22T02:09:47Z"))).await;
    let folder = std::env::temp_dir().join(format!("chaperon-container-{}", std::process::id()));
    std::fs::write(&folder, "first\n").unwrap();
    let config = EgressConfig {
        container: Some(Container {
            address: format!("{}/v1/credentials", issuer.url()),
            token: Some(ContainerToken::File(folder.clone())),
        }),
        ..EgressConfig::default()
    };
    let desk = Desk::new(&config);
    let registers = registers(&[sealed("aws-container", "", None)]);
    assert_eq!(desk.show(&registers).await, until(3600));
    std::fs::write(&folder, "second\n").unwrap();
    desk.clock.pass(Duration::from_secs(3590));
    desk.show(&registers).await.unwrap();
    let tokens: Vec<_> = issuer.heard().iter().map(|heard| heard.headers["authorization"].clone()).collect();
    assert_eq!(tokens, ["first", "second"]);
    std::fs::remove_file(&folder).unwrap();
}

#[tokio::test]
async fn a_container_is_asked_at_its_platforms_own_places_only() {
    let registers = registers(&[sealed("aws-container", "", None)]);
    let none = Desk::new(&EgressConfig::default()).show(&registers).await;
    assert_eq!(none, fault(TokenError::Platform));
    for address in [
        "http://169.254.169.254/x",
        "https://8.8.8.8/x",
        "https://thief.example/x",
        "http://169.254.170.2@8.8.8.8/x",
    ] {
        let container = Some(Container { address: address.to_owned(), token: None });
        let config = EgressConfig { container, ..EgressConfig::default() };
        assert_eq!(Desk::new(&config).show(&registers).await, fault(TokenError::Address), "{address}");
    }
}

// what was sealed

#[tokio::test]
async fn what_needs_no_issuer_is_opened_and_read_and_nobody_is_asked() {
    let desk = Desk::new(&EgressConfig::default());
    let keys = format!("aws_access_key_id=AKIDEXAMPLE\naws_secret_access_key={SECRET}");
    for (form, material) in
        [("bearer", SECRET), ("x-api-key", SECRET), ("x-goog-api-key", SECRET), ("aws-keys", keys.as_str())]
    {
        assert_eq!(desk.show(&registers(&[sealed(form, material, None)])).await, Ok(Shown::Form), "{form}");
    }
    let torn = desk.show(&registers(&[sealed("aws-keys", "aws_access_key_id=A", None)])).await;
    assert_eq!(torn, fault(TokenError::Shape));
    let mut foreign = sealed("bearer", SECRET, None);
    foreign["sealed"] = json!(STANDARD.encode("other-service"));
    assert_eq!(desk.show(&registers(&[foreign])).await, Err(EgressError::Credential));
}

/// A row that the registers took before a service lost its region.
#[tokio::test]
async fn without_a_region_nothing_is_signed() {
    let all = registers(&[sealed("aws-keys", "x", None)]);
    let engagement = "mercy".parse().unwrap();
    let mut service = all.current::<Service>(&engagement, "api").unwrap().body.clone();
    let credential = all.current::<Credential>(&engagement, "api").unwrap();
    assert!(egress::credential(credential, &service).is_ok());
    service.region = None;
    let missing = egress::credential(credential, &service).unwrap_err();
    assert_eq!(missing, EgressError::Token(TokenError::Region));
}
