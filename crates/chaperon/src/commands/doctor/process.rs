//! The server, or what one would find: its address, its certificate, its limits.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use gateway::server::Validity;
use nix::sys::resource::{Resource, getrlimit};
use terms::Clock as _;

use super::finding::Finding;
use crate::config::Config;
use crate::failure::why;
use crate::house::SystemClock;
use crate::operations::{Limits, Machine};

/// A certificate is renewed before this is left.
const SOON: Duration = Duration::from_hours(14 * 24);

pub(super) fn examine(config: &Config, server: Option<&Machine>) -> Vec<Finding> {
    let mut findings = vec![match server {
        Some(machine) => serving(config, machine),
        None => address(config),
    }];
    findings.extend(certificate(config));
    findings.extend(key(config));
    findings.extend(authorities(config));
    findings.push(open_files(config, server));
    findings.push(memory(server));
    findings
}

fn serving(config: &Config, machine: &Machine) -> Finding {
    const RESTART: &str = "restart the server";
    if !machine.writable {
        let help = "make room or mend the disk, then restart: a record that failed once is not trusted again";
        return Finding::fail("server", "its record can't be written: it refuses every request", help);
    }
    if !machine.database {
        let help = "see whether the database's server runs, and what it says";
        return Finding::fail("server", "its database does not answer", help);
    }
    let own = env!("CARGO_PKG_VERSION");
    if machine.version != own {
        let told = format!("it is version {}, this is {own}", machine.version);
        return Finding::warn("server", told, RESTART);
    }
    if machine.listen != config.listen {
        let told = format!("it listens on {}, the configuration says {}", machine.listen, config.listen);
        return Finding::warn("server", told, RESTART);
    }
    Finding::ok("server", format!("serves on {}", machine.listen))
}

/// Whether a server could have its address.
fn address(config: &Config) -> Finding {
    let wanted = config.listen;
    match TcpListener::bind(wanted) {
        Ok(_) => Finding::ok("listener", format!("no server runs; {wanted} is free")),
        Err(error) => {
            let help = match error.kind() {
                ErrorKind::AddrInUse => {
                    "another program listens there, or another house: `ss -ltnp` names it"
                }
                ErrorKind::PermissionDenied => "ports below 1024 are the system's: take a higher one",
                ErrorKind::AddrNotAvailable => "no interface of this machine has this address",
                _ => "name another under `listen`",
            };
            Finding::fail("listener", format!("{wanted} can't be had: {}", why(&error)), help)
        }
    }
}

fn certificate(config: &Config) -> Option<Finding> {
    let Validity { from, until } = match crate::plane::certificate(config)? {
        Ok(validity) => validity,
        Err(failure) => {
            return Some(Finding::failed(
                "certificate",
                &failure,
                "name a certificate and its own key under `[tls]`",
            ));
        }
    };
    let now = SystemClock.now();
    let renew = "renew it: the files are read again when they change";
    Some(if now >= until {
        Finding::fail("certificate", format!("it ended at {until}"), renew)
    } else if now < from {
        Finding::fail("certificate", format!("it begins at {from}"), "see whether the clock is right")
    } else if now.plus(SOON) >= until {
        Finding::warn("certificate", format!("it ends soon, at {until}"), renew)
    } else {
        Finding::ok("certificate", format!("until {until}"))
    })
}

/// The listener's key is for the house alone.
fn key(config: &Config) -> Option<Finding> {
    let path = &config.tls.as_ref()?.key;
    let open = std::fs::metadata(path).is_ok_and(|metadata| keys::open_to_others(&metadata));
    let shown = path.display();
    open.then(|| {
        let told = format!("`{shown}` is open to others than its owner");
        Finding::warn("certificate's key", told, format!("`chmod 600 {shown}`"))
    })
}

fn authorities(config: &Config) -> Option<Finding> {
    let file = config.upstream.trust.as_ref()?;
    Some(match crate::plane::authorities(config) {
        Ok(count) => Finding::ok("authorities", format!("{count} in {}", file.display())),
        Err(failure) => Finding::failed("authorities", &failure, "name a file of PEM certificates"),
    })
}

/// Each exchange needs a connection from its caller and one to a vendor, files of the house beside them.
fn open_files(config: &Config, server: Option<&Machine>) -> Finding {
    let need = config.limits.exchanges.saturating_mul(2).saturating_add(64);
    let (most, open) = match server {
        Some(machine) => (machine.limits.most, machine.limits.open),
        // a server takes all that it may have
        None => (getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(_, hard)| hard), None),
    };
    let now = open.map(|open| format!(", {open} are open")).unwrap_or_default();
    let help = "raise it (`LimitNOFILE=` in a unit of systemd), or lower `exchanges` under `[limits]`";
    if most < need {
        let exchanges = config.limits.exchanges;
        let told = format!("at most {most}{now}; {exchanges} exchanges at once need {need}");
        return Finding::warn("open files", told, help);
    }
    if open.is_some_and(|open| open > most / 10 * 9) {
        return Finding::warn("open files", format!("at most {most}{now}"), help);
    }
    Finding::ok("open files", format!("at most {most}{now}"))
}

fn memory(server: Option<&Machine>) -> Finding {
    let limits = server.map_or_else(Limits::here, |machine| machine.limits);
    if limits.sealed {
        return Finding::ok("core dumps", "off");
    }
    let help =
        "keys and what passes through could reach a disk: restart the server, and see who set its limits";
    Finding::fail("core dumps", "they are on", help)
}
