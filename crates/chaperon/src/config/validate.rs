//! From the file as written to a valid configuration.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use toml::Spanned;

use super::diagnostic::Flaw;
use super::raw::{File, RawRoot, RawStore, RawTelemetry};
use super::{Admin, Config, KnownFacts, Overrides, Root, StoreUrl, Telemetry, Upstream};

const LISTEN: &str = "127.0.0.1:8787";

pub(super) fn valid(raw: File, file: Option<&Path>, overrides: &Overrides) -> Result<Config, Flaw> {
    let folder = file.and_then(Path::parent).unwrap_or(Path::new(""));
    let listen = listen(raw.listen.as_ref(), overrides, raw.tls.is_some())?;
    let data_dir = match (&overrides.data_dir, raw.data_dir) {
        (Some(given), _) => given.clone(),
        (None, Some(named)) => folder.join(named),
        (None, None) => "data".into(),
    };
    Ok(Config {
        file: file.map(Path::to_path_buf),
        listen,
        tls: raw
            .tls
            .map(|tls| super::Tls { certificate: folder.join(tls.certificate), key: folder.join(tls.key) }),
        store: store(raw.store, folder, &data_dir)?,
        root: root(raw.root, folder, &data_dir)?,
        upstream: Upstream { trust: named(raw.upstream.trust, folder, "`upstream.trust` names no file")? },
        facts: KnownFacts { file: named(raw.facts.file, folder, "`facts.file` names no file")? },
        telemetry: raw.telemetry.map(|raw| telemetry(raw, folder)).transpose()?,
        detection: raw.detection,
        limits: raw.limits.valid()?,
        log: raw.log,
        admin: Admin {
            socket: raw
                .admin
                .socket
                .map_or_else(|| data_dir.join("admin.sock"), |socket| folder.join(socket)),
        },
        data_dir,
    })
}

fn listen(written: Option<&Spanned<String>>, overrides: &Overrides, tls: bool) -> Result<SocketAddr, Flaw> {
    let flaw = |message: &str| match (overrides.listen, written) {
        (None, Some(written)) => Flaw::at(written.span(), message),
        _ => Flaw::nowhere(message),
    };
    let address = match (overrides.listen, written) {
        (Some(address), _) => address,
        (None, written) => written
            .map_or(LISTEN, |written| written.get_ref())
            .parse()
            .map_err(|_| flaw("`listen` is an address and a port, for instance `127.0.0.1:8787`"))?,
    };
    if address.ip().is_loopback() || tls {
        return Ok(address);
    }
    Err(flaw("listening beyond loopback needs a certificate")
        .help("name `certificate` and `key` under `[tls]`, or listen on 127.0.0.1 (45 CFR 164.312(e)(1))"))
}

fn store(raw: Option<RawStore>, folder: &Path, data_dir: &Path) -> Result<StoreUrl, Flaw> {
    let Some(raw) = raw else {
        return Ok(StoreUrl::Plain(format!("sqlite:{}", data_dir.join("chaperon.db").display())));
    };
    let span = raw.url.span();
    match raw.url.into_inner() {
        StoreUrl::Secret(reference) => Ok(StoreUrl::Secret(reference.relative_to(folder))),
        StoreUrl::Plain(url) => {
            if let Some(path) = url.strip_prefix("sqlite:") {
                let path = path.trim_start_matches("//");
                if path.is_empty() {
                    return Err(Flaw::at(span, "`store.url` names no file after `sqlite:`"));
                }
                return Ok(StoreUrl::Plain(format!("sqlite:{}", folder.join(path).display())));
            }
            postgres(&url).map_err(|message| Flaw::at(span, message)).map(|()| StoreUrl::Plain(url))
        }
    }
}

fn postgres(url: &str) -> Result<(), &'static str> {
    let rest = url
        .strip_prefix("postgres://")
        .or_else(|| url.strip_prefix("postgresql://"))
        .ok_or("`store.url` begins with `sqlite:` or `postgres://`")?;
    let (authority, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    let password = user.contains(':') || parameters.split('&').any(|pair| pair.starts_with("password"));
    if password {
        return Err("a password is never written here: give the whole url by reference, \
                    `{ env = \"NAME\" }` or `{ file = \"PATH\" }`");
    }
    Ok(())
}

fn named(raw: Option<Spanned<PathBuf>>, folder: &Path, empty: &'static str) -> Result<Option<PathBuf>, Flaw> {
    match raw {
        Some(file) if file.get_ref().as_os_str().is_empty() => Err(Flaw::at(file.span(), empty)),
        file => Ok(file.map(|file| folder.join(file.into_inner()))),
    }
}

fn telemetry(raw: RawTelemetry, folder: &Path) -> Result<Telemetry, Flaw> {
    let (span, endpoint) = (raw.endpoint.span(), raw.endpoint.into_inner());
    let collector = egress::CollectorAddress::read(&endpoint).map_err(|_refused| {
        Flaw::at(span, "`telemetry.endpoint` is an address, `https://HOST:4318`; `http` on loopback only")
            .help("a secret goes into `authorization`, by reference")
    })?;
    let sampling = match raw.sampling {
        Some(share) if !(0.0..=1.0).contains(share.get_ref()) => {
            return Err(Flaw::at(share.span(), "`telemetry.sampling` is from 0.0 to 1.0"));
        }
        share => share.map_or(1.0, Spanned::into_inner),
    };
    let authorization = raw.authorization.map(|secret| secret.relative_to(folder));
    Ok(Telemetry { endpoint, collector, sampling, authorization })
}

fn root(raw: Option<Spanned<RawRoot>>, folder: &Path, data_dir: &Path) -> Result<Root, Flaw> {
    let Some(raw) = raw else {
        return Ok(Root::File(data_dir.join("keys").join("root.key")));
    };
    let span = raw.span();
    match raw.into_inner() {
        RawRoot { file: Some(file), passphrase: None } => Ok(Root::File(folder.join(file))),
        RawRoot { file: None, passphrase: Some(secret) } => Ok(Root::Passphrase(secret.relative_to(folder))),
        _ => Err(Flaw::at(span, "`root` names either `file` or `passphrase`")),
    }
}
