//! policy

use std::io::Read as _;
use std::path::Path;

use governance::{Policy, RegisterKind};
use terms::Name;

use super::rows;
use crate::Ended;
use crate::cli::{PolicyCommand, PolicySet};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::{Failure, why};
use crate::house::{Desk, Opening};
use crate::operations::Operation;
use crate::output::{Output, safe};

const KIND: RegisterKind = RegisterKind::Policy;

pub(super) fn run(config: &Config, command: &PolicyCommand, out: &mut Output) -> Ended {
    match command {
        PolicyCommand::Set(set) => self::set(config, set, out),
        PolicyCommand::Show { within, history } => {
            let operation = Operation::Show {
                engagement: within.engagement.clone(),
                kind: KIND,
                id: id()?,
                history: *history,
            };
            let found = Desk::with(config, Opening::Existing, |desk| {
                // asked first, so that an engagement that is not there is told from one without a policy
                let own = Operation::List { engagement: within.engagement.clone(), kind: KIND, ended: true };
                let own = desk.rows(own)?;
                if own.is_empty() { Ok(own) } else { desk.rows(operation) }
            })?;
            if found.is_empty() {
                return default(out);
            }
            if out.is_json() || *history {
                return rows::shown(&found, *history, out);
            }
            for row in &found {
                for line in row.text("/text").lines() {
                    out.line(&safe(line))?;
                }
            }
            Ok(Exit::Ok)
        }
    }
}

/// The policy of an engagement that has written none.
fn default(out: &mut Output) -> Ended {
    if out.is_json() {
        out.json(&serde_json::json!({ "default": true, "body": { "text": policy::DEFAULT_POLICY } }))?;
        return Ok(Exit::Ok);
    }
    out.line("// none is recorded: the default holds\n")?;
    out.line(policy::DEFAULT_POLICY.trim_end())?;
    Ok(Exit::Ok)
}

fn set(config: &Config, set: &PolicySet, out: &mut Output) -> Ended {
    let body = Policy { text: text(&set.file)? };
    let operation = rows::put(set.within.engagement.clone(), &id()?, &body, true, &set.signed)?;
    rows::change(config, operation, "in force", out)
}

fn text(file: &Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| {
        Failure::failed(format!("`{}` can't be read: {}", file.display(), why(&error)))
    };
    if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().lock().take(1 << 20).read_to_string(&mut text).map_err(failed)?;
        return Ok(text);
    }
    std::fs::read_to_string(file).map_err(failed)
}

fn id() -> Result<Name, Failure> {
    Policy::ROW.parse().map_err(|_| Failure::failed("the policy's row has a name"))
}
