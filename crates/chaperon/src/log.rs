//! The server's own log, on standard error. It never holds content: see the rules of `Phi`.

use tracing_subscriber::filter::LevelFilter;

use crate::config::{Log, LogFormat, LogLevel};
use crate::failure::Failure;

/// Starts the log. Once in a process.
pub(crate) fn start(log: Log) -> Result<(), Failure> {
    // none below debug: there libraries write what they send, the one that signs requests their bodies
    let level = match log.level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let lines =
        tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false);
    let started = match log.format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|_| Failure::failed("the log can't be started twice"))
}
