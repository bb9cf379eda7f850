//! Points in time as rows write them: `YYYY-MM-DD` (midnight UTC) or RFC 3339 in UTC.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use terms::UtcMillis;

const EXPECTED: &str = "a date `YYYY-MM-DD` or a time `YYYY-MM-DDTHH:MM:SSZ`";

#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Moment(UtcMillis);

impl TryFrom<String> for Moment {
    type Error = super::InvalidValue;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        UtcMillis::parse(&text).map(Self).ok_or(super::InvalidValue::expected(EXPECTED))
    }
}

impl From<Moment> for String {
    fn from(Moment(at): Moment) -> Self {
        let text = at.to_string();
        text.strip_suffix("T00:00:00.000Z").map(Self::from).unwrap_or(text)
    }
}

/// A point in time that is there.
pub(crate) mod moment {
    use super::{Deserialize, Deserializer, Moment, Serialize, Serializer, UtcMillis};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `with` hands a reference")]
    pub(crate) fn serialize<S: Serializer>(at: &UtcMillis, to: S) -> Result<S::Ok, S::Error> {
        Moment(*at).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<UtcMillis, D::Error> {
        Moment::deserialize(from).map(|Moment(at)| at)
    }
}

/// A point in time that may be absent.
pub(crate) mod optional_moment {
    use super::{Deserialize, Deserializer, Moment, Serialize, Serializer, UtcMillis};

    #[expect(clippy::ref_option, reason = "serde's `with` hands the field as it is")]
    pub(crate) fn serialize<S: Serializer>(at: &Option<UtcMillis>, to: S) -> Result<S::Ok, S::Error> {
        at.map(Moment).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<UtcMillis>, D::Error> {
        Ok(Option::<Moment>::deserialize(from)?.map(|Moment(at)| at))
    }
}
