//! journal: tail, show, verify; and what was decided of an exchange.

use terms::ExchangeId;

use crate::Ended;
use crate::cli::Global;
use crate::failure::Failure;
use crate::output::Output;

pub(super) fn explain(_global: &Global, _exchange: ExchangeId, _out: &mut Output) -> Ended {
    Err(Failure::failed("this is not built yet"))
}
