//! vendor

mod facts;

use governance::{RegisterKind, Vendor};
use terms::Name;

use super::prefill::Prefill;
use super::rows;
use crate::Ended;
use crate::cli::{VendorAdd, VendorCommand};
use crate::config::Config;
use crate::failure::Failure;
use crate::house::{Desk, Opening};
use crate::operations::RowView;
use crate::output::Output;

const KIND: RegisterKind = RegisterKind::Vendor;
const COLUMNS: [rows::Column; 2] = [("legal name", "/legal_name"), ("party", "/party")];

pub(super) fn run(config: &Config, command: &VendorCommand, out: &mut Output) -> Ended {
    match command {
        VendorCommand::Add(add) => self::add(config, add, out),
        VendorCommand::Facts(facts) => self::facts::run(config, facts, out),
        VendorCommand::Rows(command) => rows::run(config, KIND, &COLUMNS, command, out),
    }
}

fn add(config: &Config, add: &VendorAdd, out: &mut Output) -> Ended {
    if let Some(offering) = &add.from {
        return prefilled(config, offering, add, out);
    }
    let recorded = Desk::with(config, Opening::Existing, |desk| record(add, desk))?;
    rows::changed(&recorded, "recorded", out)
}

/// Records a vendor whose row is filled from facts, where it does not say otherwise.
fn prefilled(config: &Config, offering: &Name, add: &VendorAdd, out: &mut Output) -> Ended {
    let mut prefill = Prefill::find(config, offering)?;
    let mut add = add.clone();
    prefill.vendor(&mut add);
    add.entry.signed.reason.get_or_insert_with(|| prefill.reason());
    let rows = Desk::with(config, Opening::Existing, |desk| record(&add, desk))?;
    prefill.tell(&rows, "an agreement may name another company of the group: take the name that it has", out)
}

fn record(add: &VendorAdd, desk: &mut Desk) -> Result<Vec<RowView>, Failure> {
    let Some(legal_name) = add.legal_name.clone() else {
        return Err(Failure::usage("give the company's name, or an offering to fill it from"));
    };
    let party = match &add.party {
        Some(party) => party.clone(),
        None => add.name.as_str().parse().map_err(|_| Failure::failed("a vendor's name is a name"))?,
    };
    let body = Vendor { legal_name, party };
    let party = add.party.is_some();
    add.entry.place(&add.name).record(desk, &body, |before| before.option("--party", party, "/party"))
}
