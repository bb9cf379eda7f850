//! Puts a run over files on record.

use audit::Control;
use governance::EngagementState;
use terms::{Code, EngagementId, Name};

use super::operation::Stage;
use super::{Answer, Author, Note};
use crate::failure::Failure;
use crate::house::{House, record_failure};

/// An entry that the run begins, in an engagement that is active, or that it has ended.
pub(super) async fn record(
    house: &House,
    engagement: EngagementId,
    run: &Name,
    stage: Stage,
    uid: u32,
) -> Result<Answer, Failure> {
    let standing = super::registers::present(&house.snapshot.load().registers, &engagement)?.state;
    let (run, by) = (run.to_string(), Author::of(&Note::default(), uid, "").name);
    let control = match stage {
        Stage::Begun { .. } if standing != EngagementState::Active => {
            let told = format!("engagement `{engagement}` is {standing}");
            return Err(Failure::coded(Code::ENGAGEMENT_INACTIVE, told));
        }
        Stage::Begun { detector, operating_point, treatments, files } => Control::DeidentificationBegun {
            engagement,
            run,
            by,
            detector,
            operating_point,
            treatments,
            files,
        },
        Stage::Ended { files, failed, counts, manifest } => {
            Control::DeidentificationEnded { engagement, run, by, files, failed, counts, manifest }
        }
    };
    house.journal().await?.control(control).await.map_err(|error| record_failure(&error))?;
    Ok(Answer::Entries(Vec::new()))
}
