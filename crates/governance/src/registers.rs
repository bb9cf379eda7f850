//! The snapshot of all registers that a process works from.

use std::collections::BTreeMap;
use std::sync::Arc;

use terms::{AgentId, AgreementId, EngagementId, Name, RowVersion, ServiceId, UtcMillis, VendorId};

use crate::row::{Body, Row, title};
use crate::{
    Agent, AgentKey, Agreement, Budget, Credential, Engagement, ListKind, Policy, Pool, RegisterError,
    RegisterKind, ReviewState, Service, StoredRow, TermList, Vendor,
};

/// All versions of all rows, immutable. A change makes another snapshot.
#[derive(Debug)]
pub struct Registers {
    engagements: BTreeMap<EngagementId, Holdings>,
    keys: BTreeMap<Name, Arc<Row<AgentKey>>>,
    newest_change: UtcMillis,
}

/// What one engagement holds.
#[derive(Debug)]
pub struct Holdings {
    pub(crate) id: EngagementId,
    pub(crate) engagement: Register<Engagement>,
    pub(crate) vendors: Register<Vendor>,
    pub(crate) services: Register<Service>,
    pub(crate) agreements: Register<Agreement>,
    pub(crate) agents: Register<Agent>,
    pub(crate) agent_keys: Register<AgentKey>,
    pub(crate) credentials: Register<Credential>,
    pub(crate) policies: Register<Policy>,
    pub(crate) pools: Register<Pool>,
    pub(crate) budgets: Register<Budget>,
    pub(crate) term_lists: Register<TermList>,
}

/// The rows of one register of one engagement, every version, oldest first.
#[derive(Debug)]
pub struct Register<T>(BTreeMap<Box<str>, Vec<Arc<Row<T>>>>);

impl<T: Body> Register<T> {
    const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The version that holds; none for a row that has ended.
    pub(crate) fn current(&self, id: &str) -> Option<&Arc<Row<T>>> {
        self.newest(id).filter(|row| !row.ended)
    }

    /// The newest version, of a row that has ended too.
    pub(crate) fn newest(&self, id: &str) -> Option<&Arc<Row<T>>> {
        self.versions(id).last()
    }

    /// Every version of a row.
    pub(crate) fn versions(&self, id: &str) -> &[Arc<Row<T>>] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }

    /// The newest version of every row, of those that have ended too, by name.
    pub(crate) fn all_newest(&self) -> impl Iterator<Item = &Arc<Row<T>>> {
        self.0.values().filter_map(|versions| versions.last())
    }

    /// Appends a version. Versions must come in order, without gaps, and each must end the one before.
    fn append(&mut self, stored: StoredRow) -> Result<Arc<Row<T>>, RegisterError> {
        let versions = self.0.entry(stored.id.as_str().into()).or_default();
        let broken = |problem: &str| RegisterError::Unreadable(format!("{}: {problem}", title(&stored)));
        if usize::try_from(stored.version.0) != Ok(versions.len() + 1) {
            return Err(broken("its version does not follow the one before"));
        }
        let follows = |before: &Arc<Row<T>>| {
            before.valid_to == Some(stored.valid_from) && before.valid_from <= stored.valid_from
        };
        if !versions.last().is_none_or(follows) {
            return Err(broken("it does not hold from where the version before ended"));
        }
        let row = Arc::new(Row::read(stored)?);
        versions.push(Arc::clone(&row));
        Ok(row)
    }

    /// The newest version of each row must still hold, or be the one that ends it.
    fn check_open(&self) -> Result<(), RegisterError> {
        match self.all_newest().find(|row| row.valid_to.is_some()) {
            Some(row) => Err(RegisterError::Unreadable(format!(
                "{} `{}` of engagement `{}`: its newest version {} is missing its successor",
                T::KIND,
                row.id,
                row.engagement,
                row.version
            ))),
            None => Ok(()),
        }
    }
}

impl Holdings {
    pub(crate) const fn new(id: EngagementId) -> Self {
        Self {
            id,
            engagement: Register::new(),
            vendors: Register::new(),
            services: Register::new(),
            agreements: Register::new(),
            agents: Register::new(),
            agent_keys: Register::new(),
            credentials: Register::new(),
            policies: Register::new(),
            pools: Register::new(),
            budgets: Register::new(),
            term_lists: Register::new(),
        }
    }

    fn append(&mut self, row: StoredRow) -> Result<(), RegisterError> {
        match row.kind {
            RegisterKind::Engagement => self.engagement.append(row).map(drop),
            RegisterKind::Vendor => self.vendors.append(row).map(drop),
            RegisterKind::Service => self.services.append(row).map(drop),
            RegisterKind::Agreement => self.agreements.append(row).map(drop),
            RegisterKind::Agent => self.agents.append(row).map(drop),
            RegisterKind::AgentKey => self.agent_keys.append(row).map(drop),
            RegisterKind::Credential => self.credentials.append(row).map(drop),
            RegisterKind::Policy => self.policies.append(row).map(drop),
            RegisterKind::Pool => self.pools.append(row).map(drop),
            RegisterKind::Budget => self.budgets.append(row).map(drop),
            RegisterKind::TermList => self.term_lists.append(row).map(drop),
        }
    }

    fn check_open(&self) -> Result<(), RegisterError> {
        self.engagement.check_open()?;
        self.vendors.check_open()?;
        self.services.check_open()?;
        self.agreements.check_open()?;
        self.agents.check_open()?;
        self.agent_keys.check_open()?;
        self.credentials.check_open()?;
        self.policies.check_open()?;
        self.pools.check_open()?;
        self.budgets.check_open()?;
        self.term_lists.check_open()
    }
}

impl Registers {
    /// Reads every version of every row, in any order.
    ///
    /// # Errors
    /// [`RegisterError::Unreadable`] names the first row that can't be read, whose versions have a gap, or
    /// whose public key part another key has too. A house with a row that it can't read does not start.
    pub fn from_rows(mut rows: Vec<StoredRow>) -> Result<Self, RegisterError> {
        rows.sort_by_key(|row| row.version);
        let mut registers =
            Self { engagements: BTreeMap::new(), keys: BTreeMap::new(), newest_change: UtcMillis(0) };
        for row in rows {
            registers.newest_change = registers.newest_change.max(row.valid_from);
            let holdings = registers.engagements.entry(row.engagement.clone());
            holdings.or_insert_with_key(|id| Holdings::new(id.clone())).append(row)?;
        }
        for holdings in registers.engagements.values() {
            holdings.check_open()?;
            for key in holdings.agent_keys.all_newest().filter(|row| !row.ended) {
                if registers.keys.insert(key.body.prefix.clone(), Arc::clone(key)).is_some() {
                    return Err(RegisterError::Unreadable(format!(
                        "agent-key `{}` of engagement `{}`: another key has the same public part",
                        key.id, key.engagement
                    )));
                }
            }
        }
        Ok(registers)
    }

    /// When the newest of all changes was made: a clock that shows less was turned back.
    pub const fn newest_change(&self) -> UtcMillis {
        self.newest_change
    }

    pub(crate) fn holdings(&self, engagement: &EngagementId) -> Option<&Holdings> {
        self.engagements.get(engagement)
    }

    /// Engagements whose row holds, by name.
    pub fn engagements(&self) -> impl Iterator<Item = &Arc<Row<Engagement>>> {
        self.engagements.values().filter_map(|holdings| holdings.engagement.current(holdings.id.as_str()))
    }

    /// The rows of one register that hold, by name.
    pub fn list<T: Body>(&self, engagement: &EngagementId) -> impl Iterator<Item = &Arc<Row<T>>> {
        let register = self.holdings(engagement).map(T::register);
        register.into_iter().flat_map(Register::all_newest).filter(|row| !row.ended)
    }

    /// The version of a row that holds.
    pub fn current<T: Body>(&self, engagement: &EngagementId, id: &str) -> Option<&Arc<Row<T>>> {
        T::register(self.holdings(engagement)?).current(id)
    }

    /// Every version of a row, oldest first; none for a row that never was.
    pub fn history<T: Body>(&self, engagement: &EngagementId, id: &str) -> &[Arc<Row<T>>] {
        self.holdings(engagement).map_or(&[], |holdings| T::register(holdings).versions(id))
    }

    /// The version of a row that held at `at`.
    pub fn as_of<T: Body>(&self, engagement: &EngagementId, id: &str, at: UtcMillis) -> Option<&Arc<Row<T>>> {
        self.history(engagement, id).iter().rev().find(|row| row.held_at(at))
    }

    /// One version of a row.
    pub fn version<T: Body>(
        &self,
        engagement: &EngagementId,
        id: &str,
        version: RowVersion,
    ) -> Option<&Arc<Row<T>>> {
        self.history(engagement, id).iter().find(|row| row.version == version)
    }

    /// The engagement's own row.
    pub fn engagement(&self, id: &EngagementId) -> Option<&Arc<Row<Engagement>>> {
        self.current(id, id.as_str())
    }

    /// A vendor.
    pub fn vendor(&self, engagement: &EngagementId, id: &VendorId) -> Option<&Arc<Row<Vendor>>> {
        self.current(engagement, id.as_str())
    }

    /// A service.
    pub fn service(&self, engagement: &EngagementId, id: &ServiceId) -> Option<&Arc<Row<Service>>> {
        self.current(engagement, id.as_str())
    }

    /// An agreement's row, whether or not its term runs.
    pub fn agreement(&self, engagement: &EngagementId, id: &AgreementId) -> Option<&Arc<Row<Agreement>>> {
        self.current(engagement, id.as_str())
    }

    /// An agent.
    pub fn agent(&self, engagement: &EngagementId, id: &AgentId) -> Option<&Arc<Row<Agent>>> {
        self.current(engagement, id.as_str())
    }

    /// A service's credential.
    pub fn credential(
        &self,
        engagement: &EngagementId,
        service: &ServiceId,
    ) -> Option<&Arc<Row<Credential>>> {
        self.current(engagement, service.as_str())
    }

    /// The engagement's policy; none where the default one holds.
    pub fn policy(&self, engagement: &EngagementId) -> Option<&Arc<Row<Policy>>> {
        self.current(engagement, Policy::ROW)
    }

    /// The version of a term list that is in force: the newest that was reviewed, until the row ends. A draft
    /// after it changes nothing.
    pub fn term_list(&self, engagement: &EngagementId, kind: ListKind) -> Option<&Arc<Row<TermList>>> {
        let versions = self.history::<TermList>(engagement, kind.as_str()).iter().rev();
        versions.take_while(|row| !row.ended).find(|row| row.body.state == ReviewState::Reviewed)
    }

    /// A key that was not revoked, by its public part; the row tells its engagement and agent. Compare the
    /// digest in constant time, and look the agent up: it may have ended.
    pub fn agent_key(&self, prefix: &str) -> Option<&Arc<Row<AgentKey>>> {
        self.keys.get(&prefix.parse::<Name>().ok()?)
    }
}
