//! Everything that may be asked of the house, by the command line or through the admin socket: the same word,
//! answered by the same function, whether a server runs or not.

mod access;
mod answer;
mod author;
mod budgets;
mod deidentification;
mod incidents;
mod machine;
mod operation;
mod preview;
mod reach;
mod record;
mod registers;
mod report;
mod status;
mod terms;

use crate::failure::Failure;
use crate::house::House;

pub(crate) use answer::{Answer, Observed, Reached, RowView, TermsView, Tried};
pub(crate) use author::Author;
pub(crate) use machine::{Limits, Machine};
pub(crate) use operation::{Note, Operation, Secret, Stage};
pub(crate) use report::{AgreementLine, Counts, ExchangeLine, Figures, Listed, Tallies, Term, Use};

/// Does one operation for a process of user `uid`.
pub(crate) async fn perform(house: &House, operation: Operation, uid: u32) -> Result<Answer, Failure> {
    if let Some(note) = operation.note() {
        note.check()?;
    }
    match operation {
        Operation::Put { .. } | Operation::End { .. } | Operation::State { .. } => {
            registers::change(house, operation, uid).await
        }
        Operation::Credential { .. } | Operation::MintKey { .. } | Operation::RevokeKeys { .. } => {
            access::change(house, operation, uid).await
        }
        Operation::AddTerms { .. } | Operation::ReviewTerms { .. } => {
            terms::change(house, operation, uid).await
        }
        Operation::RevealTerms { engagement, list, version, in_force } => {
            terms::reveal(house, engagement, list, version, in_force)
        }
        Operation::List { engagement, kind, ended } => registers::list(house, engagement, kind, ended).await,
        Operation::Show { engagement, kind, id, history } => {
            registers::show(house, engagement, kind, &id, history).await
        }
        Operation::Entries { from, count } => record::entries(house, from, count),
        Operation::Entry { position } => record::entry(house, position),
        Operation::Exchange { exchange } => record::exchange(house, exchange),
        Operation::Candidates { engagement, since, count } => {
            incidents::candidates(house, engagement, since, count).await
        }
        Operation::BudgetUse { engagement } => budgets::used(house, engagement).await,
        Operation::Preview { .. } => preview::preview(house, operation, uid).await,
        Operation::Report { engagement, from, to } => report::report(house, engagement, from, to).await,
        Operation::Deidentification { engagement, run, stage } => {
            deidentification::record(house, engagement, &run, stage, uid).await
        }
        Operation::Status {} => Ok(status::status(house)),
        Operation::Machine {} => Ok(Answer::Machine(machine::machine(house).await)),
        Operation::Reach {} => Ok(reach::reach(house).await),
        Operation::Observed {} => Ok(status::observed(house)),
    }
}
