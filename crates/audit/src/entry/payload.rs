//! The JSON around an entry: `{"v":1,"opening":{…}}`, `{"v":1,"exchange":"…","closing":{…}}`,
//! `{"v":1,"control":{…}}`.

use serde::{Deserialize, Serialize};
use terms::{EngagementId, ExchangeId};

use super::{Closing, Control, Opening};
use crate::JournalError;

const VERSION: u8 = 1;

/// One entry, borrowed or owned.
#[derive(Serialize, Deserialize)]
pub(crate) struct Payload<O = Opening, C = Closing, K = Control> {
    v: u8,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub(crate) exchange: Option<ExchangeId>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub(crate) opening: Option<O>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub(crate) closing: Option<C>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub(crate) control: Option<K>,
}

const fn none<T>() -> Option<T> {
    None
}

impl<'a> Payload<&'a Opening, &'a Closing, &'a Control> {
    const EMPTY: Self = Self { v: VERSION, exchange: None, opening: None, closing: None, control: None };

    pub(crate) fn opening(opening: &'a Opening) -> Result<Vec<u8>, JournalError> {
        Self { opening: Some(opening), ..Self::EMPTY }.write()
    }

    pub(crate) fn closing(exchange: ExchangeId, closing: &'a Closing) -> Result<Vec<u8>, JournalError> {
        Self { exchange: Some(exchange), closing: Some(closing), ..Self::EMPTY }.write()
    }

    pub(crate) fn control(control: &'a Control) -> Result<Vec<u8>, JournalError> {
        Self { control: Some(control), ..Self::EMPTY }.write()
    }

    fn write(self) -> Result<Vec<u8>, JournalError> {
        // room for an ordinary entry and its tag, so that it is allocated once
        let mut bytes = Vec::with_capacity(1024);
        serde_json::to_writer(&mut bytes, &self).map_err(|_| JournalError::TooLarge)?;
        Ok(bytes)
    }
}

impl Payload {
    /// Reads an entry; `None` for one of a version or kind that this house does not know.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(bytes).ok().filter(|payload| payload.v == VERSION)
    }
}

/// The little that recovery needs of an entry.
#[derive(Deserialize)]
pub(crate) struct Peek {
    pub(crate) exchange: Option<ExchangeId>,
    pub(crate) opening: Option<PeekOpening>,
}

#[derive(Deserialize)]
pub(crate) struct PeekOpening {
    pub(crate) exchange: ExchangeId,
    pub(crate) engagement: EngagementId,
}

impl Peek {
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}
