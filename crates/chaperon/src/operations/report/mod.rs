//! What a report of a period is made of: figures from one pass over the record, and how the registers stand.
//!
//! Nothing in it is content: no value of a finding, no text of a request. Reading it puts no entry on record, as
//! no other reading does.

mod figures;
mod standing;
mod tally;

use audit::Order;
use governance::Engagement;
use terms::{EngagementId, UtcMillis};

use super::Answer;
use super::record::unreadable;
use crate::failure::Failure;
use crate::house::House;
use tally::{Period, Tally};

pub(crate) use figures::{AgreementLine, Counts, ExchangeLine, Figures, Listed, Tallies, Term, Use};

/// The figures of `[from, to)` and of the period of the same length before it.
pub(super) async fn report(
    house: &House,
    engagement: Option<EngagementId>,
    from: UtcMillis,
    to: UtcMillis,
) -> Result<Answer, Failure> {
    let snapshot = house.snapshot.load_full();
    let registers = &snapshot.registers;
    if let Some(wanted) = &engagement
        && registers.history::<Engagement>(wanted, wanted.as_str()).is_empty()
    {
        return Err(Failure::refused(format!("there is no engagement `{wanted}`"))
            .help("`chaperon engagement list` lists them"));
    }
    let reader = house.reader();
    let mut tally = Tally::new(engagement.clone(), Period { from, to });
    // much of the record may have to be read: not on a thread that answers others
    let read = tokio::task::spawn_blocking(move || {
        for record in reader.records(Order::Newest).map_err(|error| unreadable(&error))? {
            if !tally.take(record.map_err(|error| unreadable(&error))?) {
                break;
            }
        }
        Ok::<Figures, Failure>(tally.figures())
    });
    let mut figures = read.await.map_err(|_gone| Failure::failed("the record could not be read"))??;
    standing::add(&mut figures, registers, engagement.as_ref(), house.clock.now());
    Ok(Answer::Report(Box::new(figures)))
}
