//! serve, demo, check, doctor, explain, completions

use std::net::SocketAddr;

use clap::Args;
use clap_complete::Shell;

/// Serve the gateway
///
/// Makes the data directory and its keys at the first start. Listening beyond loopback needs a certificate.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon serve
  chaperon serve --listen 127.0.0.1:9000 --data-dir /var/lib/chaperon
  chaperon serve --config /etc/chaperon/chaperon.toml

Then give applications `http://127.0.0.1:8787/v1` as their base URL and an agent key as their key.")]
pub(crate) struct Serve {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
}

/// Show the whole way on sample data, then keep serving
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon demo
  chaperon demo --once
  chaperon demo --upstream http://127.0.0.1:8080/v1 --model smollm2")]
pub(crate) struct Demo {
    /// A real model's base URL, instead of the stand-in
    #[arg(long, value_name = "URL")]
    pub(crate) upstream: Option<String>,
    /// The model's name at that URL
    #[arg(long, value_name = "NAME", requires = "upstream")]
    pub(crate) model: Option<String>,
    /// End after the screens instead of serving on
    #[arg(long)]
    pub(crate) once: bool,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
}

/// Check configuration, data directory, keys, registers, policies, record, and whether services can be reached
///
/// Says of each whether it is `ok`, with what to do where it is not. Ends with 6 when the configuration can't be used, or
/// a file or a secret that it names, with 1 when anything else failed, a service that can't be reached among it.
/// Warnings and models that are not covered end with 0. Services are only connected to, with TLS where it is due: no request and no credential is sent. Where a credential is one that
/// tokens or keys are got with, they are got from whoever issues them, and dropped.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon check
  chaperon check --config new.toml
  chaperon check --offline
  chaperon check --json")]
pub(crate) struct Check {
    /// Check the configuration only
    #[arg(long)]
    pub(crate) config_only: bool,
    /// Connect to no service, and to nobody who issues tokens
    #[arg(long)]
    pub(crate) offline: bool,
}

/// Examine the machine and the installation: what would keep the house from starting, or from going on
///
/// Configuration, files and their modes, disk space, keyring, database, record, clock, listener, certificates and
/// limits of the process, each with what to do. It changes nothing: `check` is for registers, agreements and
/// services. Ends with 0 when nothing failed (warnings are shown), with 6 when the configuration is wrong, with 4
/// when the record was tampered with, with 1 when anything else failed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon doctor
  chaperon doctor --json | jq '.findings[] | select(.state != \"ok\")'
  chaperon doctor --ready     for a health check: a server answers, and its record can be written")]
pub(crate) struct Doctor {
    /// Only ask the server whether it would serve: ends with 0, with 1 when not, with 5 when none answers
    #[arg(long)]
    pub(crate) ready: bool,
}

/// Explain a code, or what was decided of an exchange
///
/// A code is what a refusal names. An exchange id is in the response header `chaperon-exchange`: its decision,
/// reasons and the places of what was found are shown, never values. Without either, lists all codes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon explain agreement-missing
  chaperon explain 0197f5a8-8c1e-7d3a-b0c4-5a1e9f2d7c60
  chaperon explain")]
pub(crate) struct Explain {
    /// A code, or an exchange id
    #[arg(value_name = "CODE|EXCHANGE-ID")]
    pub(crate) subject: Option<String>,
}

/// Write the completion of this command line for a shell
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon completions bash > /usr/share/bash-completion/completions/chaperon
  chaperon completions zsh > \"${fpath[1]}/_chaperon\"
  chaperon completions fish > ~/.config/fish/completions/chaperon.fish
  source <(chaperon completions bash)     in this shell only")]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: Shell,
}
