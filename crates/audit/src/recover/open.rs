//! The exchanges that the last run opened and never closed.

use std::collections::HashMap;

use terms::{EngagementId, ExchangeId, SealError, Sealer};

use super::Recovery;
use crate::entry::Peek;
use crate::frame::{Frame, Kind};
use crate::scan::{Frames, Step};
use crate::segment::{KeyHead, nonce};
use crate::{JournalError, Tampering, layout};

impl Recovery<'_> {
    /// Exchanges that segments `from` to `last` open and do not close.
    pub(super) fn open_exchanges(
        &self,
        from: u64,
        last: u64,
    ) -> Result<Vec<(ExchangeId, EngagementId)>, JournalError> {
        let mut open = HashMap::new();
        for number in from..=last {
            let mut slots = HashMap::new();
            let mut frames = Frames::from(self.disk, &layout::segment(self.dir, number), 0)?;
            while let Step::Frame(frame) = frames.step()? {
                match frame.header.kind {
                    Kind::Key => self.learn_key(&frame, &mut slots)?,
                    Kind::Sealed => {
                        let Some(Some(sealer)) = slots.get(&frame.header.slot) else { continue };
                        note_open(&frame, &**sealer, &mut open).map_err(|error| match error {
                            SealError::Forged => Tampering::Damaged {
                                segment: number,
                                position: frame.header.position,
                                offset: 0,
                            }
                            .into(),
                            other => JournalError::Seal(other),
                        })?;
                    }
                    _ => {}
                }
            }
        }
        let mut open: Vec<_> = open.into_iter().collect();
        open.sort_unstable_by_key(|(exchange, _)| *exchange);
        Ok(open)
    }

    /// Finds the key that a slot stands for; a key that was destroyed leaves its entries unread.
    fn learn_key(
        &self,
        frame: &Frame<'_>,
        slots: &mut HashMap<u16, Option<std::sync::Arc<dyn Sealer>>>,
    ) -> Result<(), JournalError> {
        let Ok(head) = serde_json::from_slice::<KeyHead>(frame.payload) else { return Ok(()) };
        let sealer = match self.keys.find(head.key) {
            Ok(sealer) => Some(sealer),
            Err(SealError::NoKey) => None,
            Err(error) => return Err(error.into()),
        };
        slots.insert(frame.header.slot, sealer);
        Ok(())
    }
}

fn note_open(
    frame: &Frame<'_>,
    sealer: &dyn Sealer,
    open: &mut HashMap<ExchangeId, EngagementId>,
) -> Result<(), SealError> {
    let mut content = frame.payload.to_vec();
    sealer.unseal(nonce(frame.header.position), &frame.header.encode(), &mut content)?;
    match Peek::read(&content) {
        Some(Peek { opening: Some(opening), .. }) => {
            open.insert(opening.exchange, opening.engagement);
        }
        Some(Peek { exchange: Some(exchange), .. }) => {
            open.remove(&exchange);
        }
        _ => {}
    }
    Ok(())
}
