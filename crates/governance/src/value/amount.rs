//! Amounts of money, in the one currency in which an operator keeps its prices.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{InvalidValue, as_text};

/// An amount in millionths of the currency's unit, written as a decimal number: `2.5`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(pub u64);

const EXPECTED: &str = "an amount such as `2.50`: at most six digits after the point";
const UNIT: u64 = 1_000_000;

impl FromStr for Amount {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > 6 {
            return Err(InvalidValue::expected(EXPECTED));
        }
        let whole: Option<u64> = whole.parse().ok();
        let fraction: Option<u64> = format!("{fraction:0<6}").parse().ok();
        let sum = whole.and_then(|whole| whole.checked_mul(UNIT)?.checked_add(fraction?));
        sum.map(Self).ok_or(InvalidValue::expected(EXPECTED))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:06}", self.0 % UNIT);
        let fraction = fraction.trim_end_matches('0');
        write!(f, "{}.{fraction:0<2}", self.0 / UNIT)
    }
}

as_text!(Amount);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_decimal() {
        for (text, millionths, written) in [
            ("2.5", 2_500_000, "2.50"),
            ("0.000001", 1, "0.000001"),
            ("10", 10_000_000, "10.00"),
            ("0", 0, "0.00"),
        ] {
            let amount: Amount = text.parse().unwrap();
            assert_eq!((amount.0, amount.to_string().as_str()), (millionths, written));
            assert_eq!(amount.to_string().parse(), Ok(amount));
        }
        for bad in ["", ".5", "5.", "-1", "1e3", "1.0000001", "99999999999999999999", "1,5"] {
            assert!(bad.parse::<Amount>().is_err(), "{bad}");
        }
    }
}
