//! The next version of a row.

use terms::{EngagementId, Name, RowVersion, UtcMillis};

use crate::registers::Holdings;
use crate::row::{Body, FieldError, Row};
use crate::{RegisterError, Registers, StoredRow};

/// Who changes a row, why and when.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Who: a person or the house itself, one line.
    pub author: &'a str,
    /// Why, one line.
    pub reason: &'a str,
    /// When.
    pub now: UtcMillis,
}

/// The first version of a row, or the next one of a row that is there or has ended.
///
/// # Errors
/// [`RegisterError::Invalid`] names the field that does not hold what it must, be it in the row, in `change`,
/// or the name of another row that is not there; [`RegisterError::ClockBehind`] if `now` is before the row's
/// newest version. Whether another writer was faster shows when the row is appended.
pub fn next_row<T: Body>(
    registers: &Registers,
    engagement: &EngagementId,
    id: &Name,
    body: &T,
    change: Change<'_>,
) -> Result<StoredRow, RegisterError> {
    body.check()?;
    body.check_at(change.now)?;
    match registers.holdings(engagement) {
        Some(holdings) => body.check_names(id, holdings)?,
        None => body.check_names(id, &Holdings::new(engagement.clone()))?,
    }
    let newest = registers.history::<T>(engagement, id.as_str()).last();
    build(newest.map(AsRef::as_ref), engagement, id, body, change, false)
}

/// As [`next_row`], for a row that must not be there yet, or have ended.
///
/// # Errors
/// As [`next_row`], and [`RegisterError::Exists`].
pub fn add_row<T: Body>(
    registers: &Registers,
    engagement: &EngagementId,
    id: &Name,
    body: &T,
    change: Change<'_>,
) -> Result<StoredRow, RegisterError> {
    if registers.current::<T>(engagement, id.as_str()).is_some() {
        return Err(RegisterError::Exists { kind: T::KIND, id: id.clone() });
    }
    next_row(registers, engagement, id, body, change)
}

/// The version that ends a row. It holds what the version before held.
///
/// # Errors
/// [`RegisterError::Absent`] if there is no such row or it has ended, [`RegisterError::ClockBehind`], and
/// [`RegisterError::Invalid`] for the author and the reason.
pub fn end_row<T: Body>(
    registers: &Registers,
    engagement: &EngagementId,
    id: &Name,
    change: Change<'_>,
) -> Result<StoredRow, RegisterError> {
    let newest = registers.current::<T>(engagement, id.as_str());
    let newest = newest.ok_or_else(|| RegisterError::Absent { kind: T::KIND, id: id.clone() })?;
    build(Some(newest), engagement, id, &newest.body, change, true)
}

fn build<T: Body>(
    newest: Option<&Row<T>>,
    engagement: &EngagementId,
    id: &Name,
    body: &T,
    change: Change<'_>,
    ended: bool,
) -> Result<StoredRow, RegisterError> {
    if newest.is_some_and(|newest| change.now < newest.valid_from) {
        return Err(RegisterError::ClockBehind);
    }
    let line = |field: &str, text: &str| match text.parse::<crate::Text>() {
        Ok(text) => Ok(text.as_str().to_owned()),
        Err(problem) => Err(FieldError::new(field, problem.to_string())),
    };
    Ok(StoredRow {
        engagement: engagement.clone(),
        kind: T::KIND,
        id: id.clone(),
        version: RowVersion(newest.map_or(0, |newest| newest.version.0).saturating_add(1)),
        valid_from: change.now,
        valid_to: None,
        author: line("author", change.author)?,
        reason: line("reason", change.reason)?,
        ended,
        body: serde_json::to_string(body).map_err(|error| FieldError::new("row", error.to_string()))?,
    })
}
