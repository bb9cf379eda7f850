//! Openings and closings, joined.

use std::collections::{HashMap, VecDeque};

use terms::{ExchangeId, UtcMillis};

use super::{Body, Order, Record, Records};
use crate::entry::{Closing, Opening};
use crate::{ReadError, Receipt};

/// One exchange of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Where its opening is.
    pub receipt: Receipt,
    /// When it was opened.
    pub opened_at: UtcMillis,
    /// The opening.
    pub opening: Opening,
    /// When it was closed and how; `None` while it is under way, or where it was cut off.
    pub closed: Option<(UtcMillis, Closing)>,
}

/// Exchanges of a journal, in the order of their openings. Holds those that are half read.
pub struct Exchanges {
    records: Records,
    order: Order,
    /// Newest first: closings whose openings are still to come.
    closings: HashMap<ExchangeId, (UtcMillis, Closing)>,
    /// Oldest first: exchanges from the first one on that is not closed yet.
    under_way: VecDeque<Exchange>,
    /// Oldest first: number of the exchange at the front of `under_way`, and the numbers of open ones.
    front: u64,
    open: HashMap<ExchangeId, u64>,
    ended: bool,
}

impl Exchanges {
    pub(super) fn new(records: Records, order: Order) -> Self {
        let (closings, open) = (HashMap::new(), HashMap::new());
        Self { records, order, closings, under_way: VecDeque::new(), front: 0, open, ended: false }
    }

    fn newest_first(&mut self) -> Result<Option<Exchange>, ReadError> {
        for record in self.records.by_ref() {
            let record = record?;
            match record.body {
                Body::Closing(exchange, closing) => {
                    self.closings.insert(exchange, (record.time, *closing));
                }
                Body::Opening(opening) => {
                    let closed = self.closings.remove(&opening.exchange);
                    let receipt = Receipt { position: record.position, leaf: record.leaf };
                    let (opened_at, opening) = (record.time, *opening);
                    return Ok(Some(Exchange { receipt, opened_at, opening, closed }));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// An opening waits until it is closed, and with it those after it: at most what is under way at one time.
    fn oldest_first(&mut self) -> Result<Option<Exchange>, ReadError> {
        loop {
            let front_is_done = self.under_way.front().is_some_and(|first| first.closed.is_some());
            if front_is_done || self.ended {
                self.front += 1;
                return Ok(self.under_way.pop_front());
            }
            match self.records.next().transpose()? {
                None => self.ended = true,
                Some(record) => self.take(record),
            }
        }
    }

    fn take(&mut self, record: Record) {
        match record.body {
            Body::Opening(opening) => {
                self.open.insert(opening.exchange, self.front + self.under_way.len() as u64);
                let receipt = Receipt { position: record.position, leaf: record.leaf };
                let exchange = Exchange { receipt, opened_at: record.time, opening: *opening, closed: None };
                self.under_way.push_back(exchange);
            }
            Body::Closing(exchange, closing) => {
                let number = self.open.remove(&exchange).and_then(|number| number.checked_sub(self.front));
                let index = number.and_then(|number| usize::try_from(number).ok());
                if let Some(opened) = index.and_then(|index| self.under_way.get_mut(index)) {
                    opened.closed = Some((record.time, *closing));
                }
            }
            _ => {}
        }
    }
}

impl Iterator for Exchanges {
    type Item = Result<Exchange, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.order {
            Order::Newest => self.newest_first(),
            Order::Oldest => self.oldest_first(),
        }
        .transpose()
    }
}

/// Looks for one exchange from the newest frame back, and stops at its opening.
pub(super) fn find(records: Records, wanted: ExchangeId) -> Result<Option<Exchange>, ReadError> {
    let mut exchanges = Exchanges::new(records, Order::Newest);
    loop {
        match exchanges.newest_first()? {
            Some(exchange) if exchange.opening.exchange == wanted => return Ok(Some(exchange)),
            Some(_) => {}
            None => return Ok(None),
        }
    }
}
