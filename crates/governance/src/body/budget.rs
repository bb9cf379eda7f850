//! Budgets: how much agents may ask for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use terms::{AgentId, Name, UtcMillis};

use crate::RegisterKind;
use crate::registers::{Holdings, Register};
use crate::row::{Body, FieldError, sealed};
use crate::value::{Amount, InvalidValue};

/// The time for which a budget is, in UTC. It begins anew with each minute, hour, day, week (Monday) or month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Window {
    /// 60 seconds
    Minute,
    /// 60 minutes
    Hour,
    /// from midnight to midnight
    Day,
    /// from Monday to Monday
    Week,
    /// from the first to the first
    Month,
}

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
/// 1 January 1970 was a Thursday: the first Monday came four days later.
const MONDAY: u64 = 4 * DAY;

impl Window {
    /// Every window.
    pub const ALL: [Self; 5] = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The window as rows write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// When the window began in which `now` lies, and when the next begins.
    pub fn around(self, now: UtcMillis) -> (UtcMillis, UtcMillis) {
        let regular = |length: u64, offset: u64| {
            let into = (now.0 + 7 * DAY - offset) % length;
            (UtcMillis(now.0.saturating_sub(into)), UtcMillis(now.0 - into.min(now.0) + length))
        };
        match self {
            Self::Minute => regular(MINUTE, 0),
            Self::Hour => regular(60 * MINUTE, 0),
            Self::Day => regular(DAY, 0),
            Self::Week => regular(7 * DAY, MONDAY),
            Self::Month => month(now),
        }
    }
}

/// The month of a time, by its date as it is written.
fn month(now: UtcMillis) -> (UtcMillis, UtcMillis) {
    let written = now.to_string();
    let year: u64 = written.get(..4).and_then(|text| text.parse().ok()).unwrap_or(1970);
    let number: u64 = written.get(5..7).and_then(|text| text.parse().ok()).unwrap_or(1);
    let first = |year: u64, month: u64| UtcMillis::parse(&format!("{year:04}-{month:02}-01")).unwrap_or(now);
    let next = if number == 12 { first(year + 1, 1) } else { first(year, number + 1) };
    (first(year, number), next)
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Window {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|window| window.as_str() == text);
        found.ok_or(InvalidValue::expected("minute, hour, day, week or month"))
    }
}

/// How much an agent, or all of an engagement together, may ask for in a time. What goes beyond is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The agent; none: all of the engagement together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// The time for which it is.
    pub window: Window,
    /// Requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// Tokens, of requests and answers together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Money, by the prices of models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
}

impl Budget {
    /// Whether it is for an agent's requests.
    pub fn is_for(&self, agent: &AgentId) -> bool {
        self.agent.as_ref().is_none_or(|own| own == agent)
    }
}

impl sealed::Sealed for Budget {}

impl Body for Budget {
    const KIND: RegisterKind = RegisterKind::Budget;

    fn check(&self) -> Result<(), FieldError> {
        if self.requests.is_none() && self.tokens.is_none() && self.cost.is_none() {
            return Err(FieldError::new("requests", "name at least one limit: requests, tokens or cost"));
        }
        Ok(())
    }

    fn check_names(&self, _id: &Name, holdings: &Holdings) -> Result<(), FieldError> {
        let Some(agent) = &self.agent else { return Ok(()) };
        match holdings.agents.current(agent.as_str()) {
            Some(_) => Ok(()),
            None => Err(FieldError::absent("agent", RegisterKind::Agent, agent.as_str())),
        }
    }

    fn register(holdings: &Holdings) -> &Register<Self> {
        &holdings.budgets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_one_another() {
        for (window, now, start, end) in [
            (Window::Minute, "2026-11-22T10:59:59.999Z", "2026-11-22T10:59:00Z", "2026-11-22T11:00:00Z"),
            (Window::Hour, "2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"),
            (Window::Day, "2026-11-22T23:59:59Z", "2026-11-22", "2026-11-23"),
            // a Sunday, and the Monday after it
            (Window::Week, "2026-11-22T12:00:00Z", "2026-11-16", "2026-11-23"),
            (Window::Week, "2026-11-23T00:00:00Z", "2026-11-23", "2026-11-30"),
            (Window::Month, "2026-12-31T23:59:59Z", "2026-12-01", "2027-01-01"),
            (Window::Month, "2028-02-29T00:00:00Z", "2028-02-01", "2028-03-01"),
        ] {
            let at = |text: &str| UtcMillis::parse(text).unwrap();
            assert_eq!(window.around(at(now)), (at(start), at(end)), "{window} of {now}");
        }
        for window in Window::ALL {
            assert_eq!(window.as_str().parse(), Ok(window));
        }
    }
}
