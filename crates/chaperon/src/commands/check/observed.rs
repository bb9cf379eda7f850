//! Workflows that are only observed: meant for a while, and worth a look.

use governance::RegisterKind;
use terms::{Clock as _, UtcMillis};

use super::{Point, State};
use crate::failure::Failure;
use crate::house::{Desk, SystemClock};
use crate::operations::{Operation, RowView};

/// One point for each agent whose workflow is observed now.
pub(super) fn points(desk: &mut Desk) -> Result<Vec<Point>, Failure> {
    let now = SystemClock.now();
    let agents = Operation::List { engagement: None, kind: RegisterKind::Agent, ended: false };
    Ok(desk.rows(agents)?.iter().filter_map(|row| point(row, now)).collect())
}

fn point(row: &RowView, now: UtcMillis) -> Option<Point> {
    let until = row.text("/workflow/observe_until");
    UtcMillis::parse(&until).filter(|until| now < *until)?;
    let workflow = row.text("/workflow/name");
    let detail = format!(
        "workflow `{workflow}` is only observed until {until}: what is found changes and refuses nothing"
    );
    Some(Point::new(format!("agent {}/{}", row.engagement, row.id), State::Warn, detail).coded("observed"))
}
