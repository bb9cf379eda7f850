//! What one request and this process may use.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::diagnostic::Flaw;

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $default:expr, $range:expr;)*) => {
        /// Valid limits.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        pub(crate) struct Limits { $($(#[$doc])* pub(crate) $name: u64,)* }

        /// Limits as the file gives them.
        #[derive(Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub(super) struct RawLimits { $($name: Option<Spanned<u64>>,)* }

        impl RawLimits {
            /// Checks each limit against its range.
            pub(super) fn valid(self) -> Result<Limits, Flaw> {
                Ok(Limits { $($name: within(stringify!($name), self.$name, $default, $range)?,)* })
            }
        }
    };
}

limits! {
    /// Bytes of a request's body, before and after decompression.
    body_bytes: 16 << 20, 1 << 10..=1 << 30;
    /// Bytes of an answer that is not streamed, after decompression; one of vectors may have three times that.
    answer_bytes: 32 << 20, 1 << 10..=1 << 30;
    /// Bytes of all requests and answers in hand at once, as they came, half for each; working on them takes a few
    /// times that.
    held_bytes: 256 << 20, 1 << 20..=1 << 40;
    /// Depth of a request's JSON.
    depth: 96, 8..=512;
    /// Exchanges under way at once.
    exchanges: 1024, 1..=100_000;
    /// Seconds that a caller may take to send its request.
    request_seconds: 30, 1..=600;
    /// Seconds that a vendor may take to begin its answer.
    upstream_seconds: 600, 1..=3600;
    /// Seconds that a whole answer may take, streamed or not.
    answer_seconds: 3600, 1..=86_400;
    /// Seconds between two parts of an answer, and that a caller may leave bytes unread.
    idle_seconds: 120, 1..=3600;
    /// Failures of a service in a row after which it is left alone for a while; 0: never.
    breaker_failures: 10, 0..=10_000;
    /// Seconds that a service that failed is left alone.
    breaker_seconds: 15, 1..=3600;
    /// Seconds to let exchanges end at shutdown.
    shutdown_seconds: 30, 0..=600;
    /// Hours after which an unused conversation is forgotten.
    session_idle_hours: 24, 1..=8760;
    /// Hours after which any conversation is forgotten.
    session_hours: 720, 1..=87_600;
    /// Surrogates of one conversation.
    session_surrogates: 10_000, 1..=1_000_000;
}

fn within(
    name: &str,
    given: Option<Spanned<u64>>,
    default: u64,
    range: RangeInclusive<u64>,
) -> Result<u64, Flaw> {
    let Some(given) = given else {
        return Ok(default);
    };
    if range.contains(given.get_ref()) {
        return Ok(given.into_inner());
    }
    Err(Flaw::at(given.span(), format!("`limits.{name}` is from {} to {}", range.start(), range.end())))
}
