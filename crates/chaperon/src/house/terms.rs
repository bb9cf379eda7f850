//! Term lists: sealed, opened, and compiled for those that are in force.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use audit::ListVersions;
use deid::{ListError, Lists};
use gateway::{Snapshot, TermLists};
use governance::{ListKind, Registers, ReviewState, TermList};
use serde::{Deserialize, Serialize};
use terms::{EngagementId, IdentifierClass, KeyUse, Name, SealError, Vault};

/// Texts that were added together, with who added them and why. Sealed as a whole: never printed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batch {
    /// Who added them.
    pub(crate) author: String,
    /// Why.
    pub(crate) reason: String,
    /// The class of what must be found; of what is allowed, the only one, or names and places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) class: Option<IdentifierClass>,
    /// The only workflow for which they hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) workflow: Option<Name>,
    /// The texts.
    pub(crate) texts: Vec<String>,
}

/// What the seal of a list is bound to: a draft does not open as a reviewed list.
fn context(kind: ListKind, state: ReviewState) -> Vec<u8> {
    [kind.as_str(), state.as_str()].join("\0").into_bytes()
}

/// A list with its texts sealed.
pub(crate) fn seal(
    vault: &dyn Vault,
    engagement: &EngagementId,
    (kind, state): (ListKind, ReviewState),
    batches: &[Batch],
) -> Result<TermList, SealError> {
    let text = zeroize::Zeroizing::new(serde_json::to_vec(batches).map_err(|_| SealError::Forged)?);
    let sealed = vault.seal(engagement, KeyUse::Terms, &context(kind, state), &text)?;
    let texts = batches.iter().map(|batch| batch.texts.len()).sum::<usize>();
    Ok(TermList::new(kind, state, u32::try_from(texts).unwrap_or(u32::MAX), &sealed))
}

/// The texts of a list.
pub(crate) fn open(
    vault: &dyn Vault,
    engagement: &EngagementId,
    list: &TermList,
) -> Result<Vec<Batch>, SealError> {
    let sealed = list.sealed().ok_or(SealError::Forged)?;
    let opened = vault.unseal(engagement, KeyUse::Terms, &context(list.kind, list.state), &sealed)?;
    serde_json::from_slice(opened.expose()).map_err(|_| SealError::Forged)
}

/// The texts that hold for one workflow, or with `None` for those of which none speaks, compiled.
pub(crate) fn compile(
    allow: &[Batch],
    must_find: &[Batch],
    workflow: Option<&Name>,
    version: &str,
) -> Result<Arc<Lists>, ListError> {
    let holds = |batch: &&Batch| batch.workflow.is_none() || batch.workflow.as_ref() == workflow;
    let allowed = allow
        .iter()
        .filter(holds)
        .flat_map(|batch| batch.texts.iter().map(|text| (batch.class, text.as_str())));
    let wanted = must_find.iter().filter(holds).flat_map(|batch| {
        let class = batch.class.unwrap_or(IdentifierClass::OtherId);
        batch.texts.iter().map(move |text| (class, text.as_str()))
    });
    Lists::new(allowed, wanted, version)
}

/// The lists in force of every engagement. What `before` has compiled is compiled no second time.
pub(super) fn in_force(
    registers: &Registers,
    vault: &dyn Vault,
    before: Option<&Snapshot>,
) -> HashMap<EngagementId, Arc<TermLists>> {
    let mut all = HashMap::new();
    for row in registers.engagements() {
        let id = &row.engagement;
        let version = |kind| registers.term_list(id, kind).map(|row| row.version);
        let versions =
            ListVersions { allow: version(ListKind::Allow), must_find: version(ListKind::MustFind) };
        if versions == ListVersions::default() {
            continue;
        }
        let kept = before.and_then(|before| before.lists.get(id));
        let kept = kept.filter(|kept| kept.versions() == versions && kept.is_readable());
        let lists = kept.map_or_else(|| read(registers, vault, id, versions), Arc::clone);
        all.insert(id.clone(), lists);
    }
    all
}

fn read(
    registers: &Registers,
    vault: &dyn Vault,
    engagement: &EngagementId,
    versions: ListVersions,
) -> Arc<TermLists> {
    let batches = |kind| match registers.term_list(engagement, kind) {
        None => Ok(Vec::new()),
        Some(row) => open(vault, engagement, &row.body),
    };
    let compiled = || {
        let unreadable = |_| ListError::Unusable;
        let allow = batches(ListKind::Allow).map_err(unreadable)?;
        let must_find = batches(ListKind::MustFind).map_err(unreadable)?;
        let name = |version: Option<terms::RowVersion>| version.map_or(0, |version| version.0);
        let version = format!("allow-{},must-find-{}", name(versions.allow), name(versions.must_find));
        let everywhere = compile(&allow, &must_find, None, &version)?;
        let named = allow.iter().chain(&must_find).filter_map(|batch| batch.workflow.as_ref());
        let mut workflows = BTreeMap::new();
        for workflow in named.collect::<BTreeSet<_>>() {
            let version = format!("{version}/{workflow}");
            workflows.insert(workflow.clone(), compile(&allow, &must_find, Some(workflow), &version)?);
        }
        Ok::<_, ListError>(TermLists::new(versions, everywhere, workflows))
    };
    compiled().unwrap_or_else(|_error| {
        tracing::error!(%engagement, "the term lists in force can't be read: its requests are refused");
        TermLists::unreadable(versions)
    })
}
