//! vendor

use governance::{RegisterKind, Vendor};

use super::rows;
use crate::Ended;
use crate::cli::{VendorAdd, VendorCommand};
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;

const KIND: RegisterKind = RegisterKind::Vendor;
const COLUMNS: [rows::Column; 2] = [("legal name", "/legal_name"), ("party", "/party")];

pub(super) fn run(config: &Config, command: &VendorCommand, out: &mut Output) -> Ended {
    match command {
        VendorCommand::Add(add) => self::add(config, add, out),
        VendorCommand::Rows(command) => rows::run(config, KIND, &COLUMNS, command, out),
    }
}

fn add(config: &Config, add: &VendorAdd, out: &mut Output) -> Ended {
    let party = match &add.party {
        Some(party) => party.clone(),
        None => add.name.as_str().parse().map_err(|_| Failure::failed("a vendor's name is a name"))?,
    };
    let body = Vendor { legal_name: add.legal_name.clone(), party };
    let operation = rows::put(add.within.engagement.clone(), &add.name, &body, add.replace, &add.signed)?;
    rows::change(config, operation, "recorded", out)
}
