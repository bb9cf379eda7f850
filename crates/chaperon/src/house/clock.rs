//! The wall clock of this machine.

use std::time::{Duration, SystemTime};

use terms::{Clock, UtcMillis};

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that is handed to everybody else")]
    fn now(&self) -> UtcMillis {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        UtcMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}
