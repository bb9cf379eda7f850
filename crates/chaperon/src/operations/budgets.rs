//! What was used of budgets.

use governance::{Amount, Budget, BudgetUse, BudgetUses as _};
use serde_json::json;
use terms::EngagementId;

use super::Answer;
use crate::failure::Failure;
use crate::house::{House, register_failure};

/// Each budget with what was used of it in its running window.
pub(super) async fn used(house: &House, engagement: Option<EngagementId>) -> Result<Answer, Failure> {
    let kept = house.store.load_uses().await.map_err(|error| register_failure(&error))?;
    let snapshot = house.snapshot.load();
    let now = house.clock.now();
    let engagements = snapshot.registers.engagements().map(|row| &row.engagement);
    let asked = engagements.filter(|id| engagement.as_ref().is_none_or(|asked| asked == *id));
    let rows = asked.flat_map(|id| snapshot.registers.list::<Budget>(id)).map(|row| {
        let (start, end) = row.body.window.around(now);
        let same = |kept: &&BudgetUse| kept.engagement == row.engagement && kept.budget == row.id;
        let used = kept.iter().find(same).filter(|kept| kept.window_start >= start);
        let count = |of: fn(&BudgetUse) -> u64| used.map_or(0, of);
        json!({
            "engagement": row.engagement,
            "budget": row.id,
            "agent": row.body.agent,
            "window": row.body.window.as_str(),
            "until": end.to_string(),
            "requests": { "used": count(|used| used.requests), "limit": row.body.requests },
            "tokens": { "used": count(|used| used.tokens), "limit": row.body.tokens },
            "cost": { "used": Amount(count(|used| used.cost)), "limit": row.body.cost },
        })
    });
    Ok(Answer::Entries(rows.collect()))
}
