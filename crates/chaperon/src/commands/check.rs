//! check: is everything in order?

use crate::Ended;
use crate::cli::{Check, Global};
use crate::config::Config;
use crate::exit::Exit;
use crate::output::Output;

pub(super) fn run(global: &Global, check: &Check, out: &mut Output) -> Ended {
    let config = Config::load(&global.overrides())?;
    let _ = check;
    if out.is_json() {
        out.json(&serde_json::json!({ "configuration": config }))?;
    } else {
        out.line("configuration  in order")?;
    }
    Ok(Exit::Ok)
}
