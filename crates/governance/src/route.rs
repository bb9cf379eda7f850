//! From the model that a request names to the service that offers it.

use std::sync::Arc;

use terms::{Code, EngagementId, RowVersion, ServiceId, VendorId};

use crate::row::Row;
use crate::{Registers, Service};

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

/// Finds the service that offers `model`: a model's name or alias, or either after `service/`.
///
/// # Errors
/// [`RouteError::Unknown`], and [`RouteError::Ambiguous`] where two services could be meant: a request never
/// goes to a vendor by chance.
pub fn route(registers: &Registers, engagement: &EngagementId, model: &str) -> Result<Route, RouteError> {
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
    let vendor = row.body.vendor.clone();
    Ok(Route {
        service: row.id.as_str().parse().map_err(|_| RouteError::Unknown)?,
        row: Arc::clone(row),
        vendor_version: registers.vendor(engagement, &vendor).map(|vendor| vendor.version),
        vendor,
        model: meant.name.as_str().to_owned(),
        upstream: meant.upstream().to_owned(),
    })
}
