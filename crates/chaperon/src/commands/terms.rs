//! terms

use std::io::Read as _;
use std::path::Path;

use governance::{ListKind, RegisterKind};
use terms::Name;
use zeroize::Zeroizing;

use super::rows;
use crate::Ended;
use crate::cli::{KindOfList, TermsAdd, TermsCommand, TermsReview, TermsShow};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::{Failure, why};
use crate::house::{Desk, Opening};
use crate::operations::{Answer, Operation, Secret, TermsView};
use crate::output::{Output, Table};

const KIND: RegisterKind = RegisterKind::TermList;
const COLUMNS: [rows::Column; 2] = [("state", "/state"), ("texts", "/texts")];

/// Most bytes that are read of a file: more than a thousand texts have.
const LONGEST: u64 = 1 << 20;

pub(super) fn run(config: &Config, command: &TermsCommand, out: &mut Output) -> Ended {
    match command {
        TermsCommand::Add(add) => self::add(config, add, out),
        TermsCommand::List(list) => rows::list(config, KIND, list, &COLUMNS, out),
        TermsCommand::Show(show) if show.reveal => reveal(config, show, out),
        TermsCommand::Show(show) => self::show(config, show, out),
        TermsCommand::Review(review) => self::review(config, review, out),
        TermsCommand::End(end) => rows::end(config, KIND, end, out),
    }
}

fn add(config: &Config, add: &TermsAdd, out: &mut Output) -> Ended {
    let operation = Operation::AddTerms {
        engagement: add.within.engagement.clone(),
        list: add.kind.into(),
        class: add.class,
        workflow: add.workflow.clone(),
        texts: Secret::new(&texts(add.from_file.as_deref())?),
        replace: add.replace,
        note: (&add.signed).into(),
    };
    let drafted = Desk::with(config, Opening::Existing, |desk| desk.rows(operation))?;
    rows::changed(&drafted, "drafted", out)?;
    if let (Some(row), false) = (drafted.first(), out.is_json()) {
        let (list, version) = (&row.id, row.version);
        let engagement = add.within.engagement.as_ref().map(|engagement| format!(" -e {engagement}"));
        let within = engagement.unwrap_or_default();
        out.line("it has no effect until another person has read it and put it in force:")?;
        out.line(&format!("  chaperon terms show {list} --reveal{within}"))?;
        out.line(&format!("  chaperon terms review {list} --version {version} --author NAME{within}"))?;
    }
    Ok(Exit::Ok)
}

fn review(config: &Config, review: &TermsReview, out: &mut Output) -> Ended {
    let operation = Operation::ReviewTerms {
        engagement: review.within.engagement.clone(),
        list: review.kind.into(),
        version: review.version,
        note: (&review.signed).into(),
    };
    rows::change(config, operation, "in force", out)
}

fn show(config: &Config, show: &TermsShow, out: &mut Output) -> Ended {
    let (engagement, list) = (show.within.engagement.clone(), ListKind::from(show.kind));
    let id: Name = list.as_str().parse().map_err(|_| Failure::failed("a list's kind is a name"))?;
    let operation = Operation::Show { engagement, kind: KIND, id, history: show.history };
    let found = Desk::with(config, Opening::Existing, |desk| desk.rows(operation))?;
    rows::shown(&found, show.history, out)
}

fn reveal(config: &Config, show: &TermsShow, out: &mut Output) -> Ended {
    let operation = Operation::RevealTerms {
        engagement: show.within.engagement.clone(),
        list: show.kind.into(),
        version: show.version,
        in_force: false,
    };
    let view = Desk::with(config, Opening::Existing, |desk| asked(desk, operation))?
        .ok_or_else(|| Failure::failed("the answer is not the one that was asked for"))?;
    if out.is_json() {
        out.json(&view)?;
        return Ok(Exit::Ok);
    }
    let mut table = Table::new(["text", "class", "workflow", "author", "reason"]);
    for term in &view.terms {
        let class = term.class.map_or("", |class| class.label());
        let workflow = term.workflow.as_ref().map_or("", Name::as_str);
        table.row([term.text.expose(), class, workflow, &term.author, &term.reason]);
    }
    table.write(out, "")?;
    out.line(&format!("\n{}, version {}: {}", view.list, view.version, view.state.as_str()))?;
    Ok(Exit::Ok)
}

/// The texts of a list, as a desk tells them.
pub(super) fn asked(desk: &mut Desk, operation: Operation) -> Result<Option<TermsView>, Failure> {
    match desk.ask(operation)? {
        Answer::Terms(view) => Ok(view),
        _ => Err(Failure::failed("the answer is not the one that was asked for")),
    }
}

fn texts(file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    let shown = file.map_or_else(|| "standard input".to_owned(), |file| format!("`{}`", file.display()));
    let failed = |error: std::io::Error| Failure::failed(format!("{shown} can't be read: {}", why(&error)));
    let mut text = Zeroizing::new(String::new());
    match file {
        None => std::io::stdin().lock().take(LONGEST + 1).read_to_string(&mut text).map_err(failed)?,
        Some(file) => {
            let file = std::fs::File::open(file).map_err(failed)?;
            file.take(LONGEST + 1).read_to_string(&mut text).map_err(failed)?
        }
    };
    if text.len() as u64 > LONGEST {
        return Err(Failure::refused(format!("{shown} is longer than any list may be")));
    }
    Ok(text)
}

impl From<KindOfList> for ListKind {
    fn from(kind: KindOfList) -> Self {
        match kind {
            KindOfList::Allow => Self::Allow,
            KindOfList::MustFind => Self::MustFind,
        }
    }
}
