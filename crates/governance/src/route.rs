//! From the model that a request names to the service that offers it.

use std::sync::Arc;

use terms::{Code, EngagementId, RowVersion, ServiceId, VendorId};

use crate::row::Row;
use crate::{Model, Pool, Registers, Service};

/// The service that a request goes to.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name.
    pub service: ServiceId,
    /// Its row, at the version that was asked.
    pub row: Arc<Row<Service>>,
    /// Whose it is.
    pub vendor: VendorId,
    /// The version of the vendor's row; `None` if the vendor has none.
    pub vendor_version: Option<RowVersion>,
    /// The model as the service's row lists it.
    pub model: String,
    /// The model as the vendor calls it: this one goes on the wire and is judged by [`crate::coverage`].
    pub upstream: String,
}

/// Why a model leads to no service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// No service offers it.
    #[error("no service of this engagement offers the model")]
    Unknown,
    /// More than one does.
    #[error("more than one service offers the model: {}", choices.join(", "))]
    Ambiguous {
        /// What could be meant, each as `service/model`.
        choices: Vec<String>,
    },
}

impl RouteError {
    /// The stable code.
    pub const fn code(&self) -> Code {
        match self {
            Self::Unknown => Code::MODEL_UNKNOWN,
            Self::Ambiguous { .. } => Code::MODEL_AMBIGUOUS,
        }
    }
}

/// Where a request may go: one service, or the members of a pool, the preferred first.
#[derive(Clone, Debug)]
pub struct Routes {
    /// The pool; none where the model is one service's own.
    pub pool: Option<Arc<Row<Pool>>>,
    /// The services; at least one.
    pub routes: Vec<Route>,
}

/// Finds where a request for `model` may go: a pool's name or alias; else a model's name or alias, or either after
/// `service/`.
///
/// # Errors
/// [`RouteError::Unknown`], also for a pool none of whose members is left, and [`RouteError::Ambiguous`] where two
/// services could be meant and no pool says so: a request never goes to a vendor by chance.
pub fn routes(registers: &Registers, engagement: &EngagementId, model: &str) -> Result<Routes, RouteError> {
    let called = |row: &&Arc<Row<Pool>>| {
        row.id.as_str() == model || row.body.aliases.iter().any(|alias| alias.as_str() == model)
    };
    let Some(pool) = registers.list::<Pool>(engagement).find(called) else {
        return Ok(Routes { pool: None, routes: vec![single(registers, engagement, model)?] });
    };
    let members = pool.body.members.iter().filter_map(|member| {
        let row = registers.service(engagement, &member.service)?;
        to(registers, row, row.body.model(member.model.as_str())?)
    });
    let routes: Vec<_> = members.collect();
    if routes.is_empty() {
        Err(RouteError::Unknown)
    } else {
        Ok(Routes { pool: Some(Arc::clone(pool)), routes })
    }
}

/// The one service that offers `model`.
fn single(registers: &Registers, engagement: &EngagementId, model: &str) -> Result<Route, RouteError> {
    let qualified = model.split_once('/');
    let mut found = registers.list::<Service>(engagement).filter_map(|row| {
        let inside = qualified.filter(|(service, _)| *service == row.id.as_str());
        let meant = row.body.model(model).or_else(|| row.body.model(inside?.1))?;
        Some((row, meant))
    });
    let (row, meant) = found.next().ok_or(RouteError::Unknown)?;
    let others: Vec<_> = found.map(|(row, meant)| format!("{}/{}", row.id, meant.name)).collect();
    if !others.is_empty() {
        let mut choices = others;
        choices.insert(0, format!("{}/{}", row.id, meant.name));
        return Err(RouteError::Ambiguous { choices });
    }
    to(registers, row, meant).ok_or(RouteError::Unknown)
}

fn to(registers: &Registers, row: &Arc<Row<Service>>, model: &Model) -> Option<Route> {
    let vendor = row.body.vendor.clone();
    Some(Route {
        service: row.id.as_str().parse().ok()?,
        row: Arc::clone(row),
        vendor_version: registers.vendor(&row.engagement, &vendor).map(|vendor| vendor.version),
        vendor,
        model: model.name.as_str().to_owned(),
        upstream: model.upstream().to_owned(),
    })
}
