//! Term lists: drafted by one person, reviewed by another, shown to whoever asks for their texts.

use std::collections::BTreeSet;

use deid::Lists;
use governance::{Change, ListKind, Registers, ReviewState, Row, StoredRow, TermList, next_row};
use terms::{EngagementId, IdentifierClass, Name, RowVersion, SealError};
use zeroize::Zeroizing;

use super::answer::{Term, TermsView};
use super::author::{Author, may_be_one};
use super::registers::{only, present};
use super::{Answer, Operation, RowView, Secret};
use crate::failure::Failure;
use crate::house::{Batch, House, compile_terms, open_terms, register_failure, seal_terms};

/// Does what changes term lists.
pub(super) async fn change(house: &House, operation: Operation, uid: u32) -> Result<Answer, Failure> {
    let row = match operation {
        Operation::AddTerms { engagement, list, class, workflow, texts, replace, note } => {
            let engagement = engagement.map_or_else(|| only(house), Ok)?;
            let author = Author::of(&note, uid, "added");
            let texts = checked(list, class, &texts)?;
            let (reason, name) = (author.reason.clone(), author.name.clone());
            let batch = Batch { author: name, reason, class, workflow, texts };
            add(house, &engagement, list, batch, replace, &author).await
        }
        Operation::ReviewTerms { engagement, list, version, note } => {
            let engagement = engagement.map_or_else(|| only(house), Ok)?;
            review(house, &engagement, list, version, &Author::of(&note, uid, "reviewed")).await
        }
        _ => Err(Failure::failed("this operation changes no term list")),
    }?;
    Ok(Answer::Rows(vec![RowView::new(&row)]))
}

/// The texts, one a line, each of which may stand on the list. What is wrong is said of the line's number only.
fn checked(list: ListKind, class: Option<IdentifierClass>, texts: &Secret) -> Result<Vec<String>, Failure> {
    let class_of_wanted = match (list, class) {
        (ListKind::MustFind, None) => {
            return Err(Failure::usage("say with `--class` which class of identifier the texts are"));
        }
        (ListKind::MustFind, class) => class,
        _ => None,
    };
    let mut all = BTreeSet::new();
    for (index, line) in texts.expose().lines().enumerate() {
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        let fits = match class_of_wanted {
            Some(class) => Lists::check_wanted(class, text),
            None => Lists::check_allowed(class, text),
        };
        fits.map_err(|error| Failure::refused(format!("line {}: {error}", index + 1)))?;
        all.insert(text.to_owned());
    }
    if all.is_empty() {
        return Err(Failure::refused("there is no text in it: write one a line"));
    }
    Ok(all.into_iter().collect())
}

async fn add(
    house: &House,
    engagement: &EngagementId,
    list: ListKind,
    batch: Batch,
    replace: bool,
    author: &Author,
) -> Result<StoredRow, Failure> {
    house
        .change(|registers, now| {
            present(registers, engagement)?;
            let current = registers.current::<TermList>(engagement, list.as_str());
            let mut batches = match current.filter(|_| !replace) {
                Some(row) => opened(house, row)?,
                None => Vec::new(),
            };
            add_new(&mut batches, batch)?;
            let (allow, wanted) =
                if list == ListKind::Allow { (&*batches, &[][..]) } else { (&[][..], &*batches) };
            compile_terms(allow, wanted, None, "").map_err(|error| Failure::refused(error.to_string()))?;
            let change = Change { author: &author.name, reason: &author.reason, now };
            row(house, registers, engagement, (list, ReviewState::Draft), &batches, change)
        })
        .await
}

/// Adds the texts that are not there yet.
fn add_new(batches: &mut Vec<Batch>, mut batch: Batch) -> Result<(), Failure> {
    let alike = |one: &&Batch| one.class == batch.class && one.workflow == batch.workflow;
    let known: BTreeSet<&str> =
        batches.iter().filter(alike).flat_map(|one| one.texts.iter().map(String::as_str)).collect();
    let new: Vec<String> =
        batch.texts.iter().filter(|text| !known.contains(text.as_str())).cloned().collect();
    if new.is_empty() {
        return Err(Failure::refused("all of these texts are on the list already"));
    }
    batch.texts = new;
    batches.push(batch);
    Ok(())
}

async fn review(
    house: &House,
    engagement: &EngagementId,
    list: ListKind,
    version: RowVersion,
    author: &Author,
) -> Result<StoredRow, Failure> {
    house
        .change(|registers, now| {
            let draft = registers
                .current::<TermList>(engagement, list.as_str())
                .ok_or_else(|| none(engagement, list))?;
            if draft.version != version {
                return Err(Failure::refused(format!(
                    "version {} is the newest, not version {version}",
                    draft.version
                ))
                .help("read what was added since with `chaperon terms show --reveal`"));
            }
            if draft.body.state != ReviewState::Draft {
                return Err(Failure::refused(format!("version {version} is reviewed already")));
            }
            let history = registers.history::<TermList>(engagement, list.as_str());
            if drafts(history).any(|row| may_be_one(&row.author, &author.name)) {
                return Err(Failure::refused(
                    "a list is reviewed by another person than the one who wrote it",
                )
                .help("name both with `--author`, or let the other's user of the system do it"));
            }
            let batches = opened(house, draft)?;
            let change = Change { author: &author.name, reason: &author.reason, now };
            row(house, registers, engagement, (list, ReviewState::Reviewed), &batches, change)
        })
        .await
}

/// The drafts since the last version that was in force or ended.
fn drafts(history: &[std::sync::Arc<Row<TermList>>]) -> impl Iterator<Item = &std::sync::Arc<Row<TermList>>> {
    history.iter().rev().take_while(|row| !row.ended && row.body.state == ReviewState::Draft)
}

fn row(
    house: &House,
    registers: &Registers,
    engagement: &EngagementId,
    (list, state): (ListKind, ReviewState),
    batches: &[Batch],
    change: Change<'_>,
) -> Result<StoredRow, Failure> {
    let vault = house.keyring.vault();
    let body = seal_terms(&*vault, engagement, (list, state), batches).map_err(unavailable)?;
    let id: Name = list.as_str().parse().map_err(|_| Failure::failed("a list's kind is a name"))?;
    next_row(registers, engagement, &id, &body, change).map_err(|error| register_failure(&error))
}

/// The texts of a list: of one version, or of the one in force, or of the newest.
pub(super) fn reveal(
    house: &House,
    engagement: Option<EngagementId>,
    list: ListKind,
    version: Option<RowVersion>,
    in_force: bool,
) -> Result<Answer, Failure> {
    let engagement = engagement.map_or_else(|| only(house), Ok)?;
    let snapshot = house.snapshot.load();
    let registers = &snapshot.registers;
    present(registers, &engagement)?;
    let row = match version {
        _ if in_force => registers.term_list(&engagement, list),
        Some(version) => registers.version::<TermList>(&engagement, list.as_str(), version),
        None => registers.current::<TermList>(&engagement, list.as_str()),
    };
    let Some(row) = row else {
        return if in_force { Ok(Answer::Terms(None)) } else { Err(none(&engagement, list)) };
    };
    let batches = opened(house, row)?;
    let terms = batches.into_iter().flat_map(|batch| {
        let Batch { author, reason, class, workflow, texts } = batch;
        texts.into_iter().map(move |text| {
            let (class, workflow) = (class, workflow.clone());
            let text = Secret::new(&Zeroizing::new(text));
            Term { text, class, workflow, author: author.clone(), reason: reason.clone() }
        })
    });
    let (version, state) = (row.version, row.body.state);
    Ok(Answer::Terms(Some(TermsView { list, version, state, terms: terms.collect() })))
}

fn opened(house: &House, row: &Row<TermList>) -> Result<Vec<Batch>, Failure> {
    open_terms(&*house.keyring.vault(), &row.engagement, &row.body).map_err(unavailable)
}

fn unavailable(error: SealError) -> Failure {
    Failure::coded(terms::Code::KEY_UNAVAILABLE, error.to_string())
}

fn none(engagement: &EngagementId, list: ListKind) -> Failure {
    Failure::refused(format!("there is no term list `{list}` in engagement `{engagement}`"))
        .help("draft one with `chaperon terms add`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(list: ListKind, class: Option<IdentifierClass>, texts: &str) -> Result<Vec<String>, String> {
        let texts = Secret::new(&Zeroizing::new(texts.to_owned()));
        checked(list, class, &texts).map_err(|failure| failure.message().to_owned())
    }

    #[test]
    fn what_is_wrong_is_said_of_the_line_and_never_of_its_text() {
        let read = lines(ListKind::Allow, None, "Crystal Ball\n\n  Apgar\t\nApgar\n").unwrap();
        assert_eq!(read, ["Apgar", "Crystal Ball"]);
        let wrong = lines(ListKind::Allow, None, "Apgar\nann.lee@mercy.org").unwrap_err();
        assert!(wrong.starts_with("line 2: ") && !wrong.contains("ann"), "{wrong}");
        assert!(lines(ListKind::Allow, Some(IdentifierClass::Mrn), "Apgar").is_err());
        assert!(lines(ListKind::MustFind, None, "Apgar").is_err(), "a class is due");
        assert!(lines(ListKind::MustFind, Some(IdentifierClass::Mrn), "K9-4821").is_ok());
        assert!(lines(ListKind::Allow, None, "\n \n").is_err());
    }

    #[test]
    fn texts_are_added_once_for_each_scope() {
        let batch = |workflow: Option<&str>, texts: &[&str]| Batch {
            author: "a".into(),
            reason: "r".into(),
            class: None,
            workflow: workflow.map(|name| name.parse().unwrap()),
            texts: texts.iter().map(|text| (*text).to_owned()).collect(),
        };
        let mut batches = vec![batch(None, &["one"])];
        add_new(&mut batches, batch(None, &["one", "two"])).unwrap();
        add_new(&mut batches, batch(Some("triage"), &["one"])).unwrap();
        let texts: Vec<_> = batches.iter().map(|batch| batch.texts.clone()).collect();
        assert_eq!(texts, [["one"], ["two"], ["one"]]);
        assert!(add_new(&mut batches, batch(None, &["two", "one"])).is_err());
    }
}
