//! Every frame, from either end.

use std::collections::VecDeque;

use super::{Order, Reader, Record, Slots, record};
use crate::ReadError;
use crate::frame::Kind;
use crate::scan::{Frames, Step};

/// Frames that are read at once on the way back.
const STRIDE: usize = 64;

/// Frames of a journal, one by one.
pub struct Records {
    reader: Reader,
    order: Order,
    segments: VecDeque<u64>,
    last: u64,
    current: Option<Current>,
}

struct Current {
    segment: u64,
    slots: Slots,
    place: Place,
}

enum Place {
    /// Reads on from where it is.
    Forward(Frames),
    /// Places of the frames that are still to be read, and records that were read, both ascending.
    Backward(Vec<u64>, Vec<Record>),
}

impl Records {
    pub(super) fn new(reader: Reader, order: Order) -> Result<Self, ReadError> {
        let segments: VecDeque<_> = reader.segments()?.into();
        let last = segments.back().copied().unwrap_or(0);
        Ok(Self { reader, order, segments, last, current: None })
    }

    fn advance(&mut self) -> Result<Option<Record>, ReadError> {
        loop {
            if let Some(current) = &mut self.current
                && let Some(record) = current.next(&self.reader, self.last)?
            {
                return Ok(Some(record));
            }
            let next = match self.order {
                Order::Oldest => self.segments.pop_front(),
                Order::Newest => self.segments.pop_back(),
            };
            let Some(segment) = next else {
                self.current = None;
                return Ok(None);
            };
            self.current = Some(Current::enter(&self.reader, segment, self.order, self.last)?);
        }
    }
}

impl Iterator for Records {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance();
        if next.is_err() {
            self.segments.clear();
            self.current = None;
        }
        next.transpose()
    }
}

impl Current {
    fn enter(reader: &Reader, segment: u64, order: Order, last: u64) -> Result<Self, ReadError> {
        let mut slots = Slots::default();
        let mut frames = reader.frames(segment, 0)?;
        let place = match order {
            Order::Oldest => Place::Forward(frames),
            Order::Newest => {
                let mut places = Vec::new();
                loop {
                    let offset = frames.offset();
                    match frames.step()? {
                        Step::Frame(frame) => {
                            places.push(offset);
                            if frame.header.kind == Kind::Key {
                                slots.learn(&frame, &*reader.keys);
                            }
                        }
                        Step::Broken(_) if segment != last => {
                            return Err(ReadError::Damaged { segment, offset });
                        }
                        _ => break Place::Backward(places, Vec::new()),
                    }
                }
            }
        };
        Ok(Self { segment, slots, place })
    }

    fn next(&mut self, reader: &Reader, last: u64) -> Result<Option<Record>, ReadError> {
        let frames = match &mut self.place {
            Place::Backward(places, ready) => {
                if ready.is_empty() {
                    let stride = places.split_off(places.len().saturating_sub(STRIDE));
                    *ready = read_stride(reader, &self.slots, self.segment, &stride)?;
                }
                return Ok(ready.pop());
            }
            Place::Forward(frames) => frames,
        };
        let offset = frames.offset();
        match frames.step()? {
            Step::Frame(frame) => {
                if frame.header.kind == Kind::Key {
                    self.slots.learn(&frame, &*reader.keys);
                }
                Ok(Some(record(&self.slots, self.segment, &frame)))
            }
            Step::Broken(_) if self.segment != last => {
                Err(ReadError::Damaged { segment: self.segment, offset })
            }
            _ => Ok(None),
        }
    }
}

/// Reads the frames at these places, which follow one another.
fn read_stride(
    reader: &Reader,
    slots: &Slots,
    segment: u64,
    places: &[u64],
) -> Result<Vec<Record>, ReadError> {
    let Some(first) = places.first() else { return Ok(Vec::new()) };
    let mut frames = reader.frames(segment, *first)?;
    let read = |offset: &u64| match frames.step()? {
        Step::Frame(frame) => Ok(record(slots, segment, &frame)),
        _ => Err(ReadError::Damaged { segment, offset: *offset }),
    };
    places.iter().map(read).collect()
}
