//! A session in memory. All turns of one session share one of these.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use terms::{
    Digest, EngagementId, IdentifierClass, KeyUse, Phi, Randomness, SealError, SealedValue, Sealer,
    SessionId, SurrogateError, UtcMillis, Vault,
};

use crate::draw;
use crate::mapping::{ByOriginal, Mapping};
use crate::{CustodyError, SealedMapping, SessionLimits, SessionRecord};

/// How often a surrogate is drawn before giving up.
const DRAWS: usize = 64;

/// The mappings of a session at one moment.
pub(crate) type Mappings = Arc<Vec<Arc<Mapping>>>;

pub(crate) struct Live {
    pub(crate) engagement: EngagementId,
    pub(crate) session: SessionId,
    pub(crate) owner: Digest,
    pub(crate) created: UtcMillis,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    mappings: Mappings,
    originals: HashSet<ByOriginal>,
    tails: HashSet<String>,
    /// How many mappings are in the store.
    kept: usize,
    /// Where the latest turn ended.
    newest: Option<Digest>,
    used: Option<UtcMillis>,
    key: Option<Key>,
}

struct Key {
    wrapped: SealedValue,
    sealer: Arc<dyn Sealer>,
}

impl State {
    fn add(&mut self, mapping: Arc<Mapping>) {
        self.tails.insert(tail_of(&mapping.surrogate));
        self.originals.insert(ByOriginal(Arc::clone(&mapping)));
        Arc::make_mut(&mut self.mappings).push(mapping);
    }
}

fn tail_of(surrogate: &str) -> String {
    surrogate.rsplit('-').next().unwrap_or_default().to_owned()
}

impl Live {
    /// A session without mappings, or a branch that begins with some of another's.
    pub(crate) fn new(
        engagement: EngagementId,
        session: SessionId,
        owner: Digest,
        created: UtcMillis,
        used: UtcMillis,
        mappings: impl IntoIterator<Item = Arc<Mapping>>,
    ) -> Self {
        let mut state = State { used: Some(used), ..State::default() };
        mappings.into_iter().for_each(|mapping| state.add(mapping));
        Self { engagement, session, owner, created, state: Mutex::new(state) }
    }

    /// A session as it was kept.
    pub(crate) fn open(
        vault: &dyn Vault,
        record: SessionRecord,
        kept: &[SealedMapping],
    ) -> Result<Option<Self>, CustodyError> {
        let wrapped = SealedValue { epoch: record.key_epoch, bytes: record.sealed_key };
        let context = record.session.as_bytes();
        let sealer = match vault.open_key(&record.engagement, KeyUse::Session, context, &wrapped) {
            Ok(opened) => opened,
            // The key was destroyed, and the session with it.
            Err(SealError::NoKey) => return Ok(None),
            Err(_) => return Err(CustodyError::Sealed),
        };
        if (0..).zip(kept).any(|(position, mapping)| mapping.position != position) {
            // It was ended while a turn went on, and what that turn added came behind its end.
            return Ok(None);
        }
        let mappings = kept
            .iter()
            .map(|mapping| Mapping::open(mapping, &*sealer, record.session).map(Arc::new))
            .collect::<Result<Vec<_>, _>>()?;
        let live =
            Self::new(record.engagement, record.session, record.owner, record.created, record.used, mappings);
        {
            let mut state = live.state();
            state.kept = kept.len();
            state.key = Some(Key { wrapped, sealer });
        }
        Ok(Some(live))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic can't leave a mapping half inserted: every insertion is one call.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn mappings(&self) -> Mappings {
        Arc::clone(&self.state().mappings)
    }

    /// Whether the session has ended at `now`.
    pub(crate) fn ended(&self, limits: &SessionLimits, now: UtcMillis) -> bool {
        let used = self.state().used.unwrap_or(self.created);
        used < now.minus(limits.idle) || self.created < now.minus(limits.max_life)
    }

    /// Whether a turn that goes on at `point`, where the session had `mappings`, may stay in the session: it
    /// must not learn what came after. Of a session that was just opened, only the number can tell.
    pub(crate) fn goes_on_at(&self, point: Digest, mappings: u32) -> bool {
        let mut state = self.state();
        if state.newest.is_none() && state.mappings.len() <= mappings as usize {
            state.newest = Some(point);
        }
        state.newest == Some(point)
    }

    pub(crate) fn touch(&self, now: UtcMillis) {
        self.state().used = Some(now);
    }

    /// A turn ended at `point`; how many mappings the session has there.
    pub(crate) fn end_turn(&self, point: Digest, now: UtcMillis) -> u32 {
        let mut state = self.state();
        state.newest = Some(point);
        state.used = Some(now);
        u32::try_from(state.mappings.len()).unwrap_or(u32::MAX)
    }

    /// The surrogate of `original`, drawn if the session has none.
    pub(crate) fn surrogate(
        &self,
        class: IdentifierClass,
        original: &str,
        taken: &dyn Fn(&str) -> bool,
        most: usize,
        randomness: &dyn Randomness,
    ) -> Result<String, SurrogateError> {
        let mut state = self.state();
        if let Some(known) = state.originals.get(original) {
            return Ok(known.0.surrogate.clone());
        }
        if state.mappings.len() >= most {
            return Err(SurrogateError::Full);
        }
        let label = class.label().replace('_', "-");
        for _ in 0..DRAWS {
            let tail: String = draw::tail(randomness).map(char::from).iter().collect();
            let surrogate = format!("{label}-{tail}");
            // The tails are unlike too, so that no slip of a label names another original.
            if !state.tails.contains(&tail) && !taken(&surrogate) {
                let original = Phi::new(original.to_owned());
                state.add(Arc::new(Mapping { class, surrogate: surrogate.clone(), original }));
                return Ok(surrogate);
            }
        }
        Err(SurrogateError::Exhausted)
    }

    /// The record, with a key if there was none, and the mappings that the store does not have yet.
    pub(crate) fn to_keep(
        &self,
        vault: &dyn Vault,
        randomness: &dyn Randomness,
    ) -> Result<(SessionRecord, Vec<SealedMapping>), CustodyError> {
        let mut state = self.state();
        if state.key.is_none() {
            let (wrapped, sealer) = vault
                .fresh_key(&self.engagement, KeyUse::Session, self.session.as_bytes())
                .map_err(|_| CustodyError::Sealed)?;
            state.key = Some(Key { wrapped, sealer });
        }
        let key = state.key.as_ref().ok_or(CustodyError::Sealed)?;
        let record = SessionRecord {
            engagement: self.engagement.clone(),
            session: self.session,
            owner: self.owner,
            key_epoch: key.wrapped.epoch,
            sealed_key: key.wrapped.bytes.clone(),
            created: self.created,
            used: state.used.unwrap_or(self.created),
        };
        let mappings = (0..)
            .zip(state.mappings.iter())
            .skip(state.kept)
            .map(|(position, mapping)| mapping.seal(&*key.sealer, randomness, self.session, position))
            .collect::<Result<_, _>>()?;
        Ok((record, mappings))
    }

    /// The store has `mappings` of the session now.
    pub(crate) fn kept(&self, mappings: usize) {
        let mut state = self.state();
        state.kept = state.kept.max(mappings);
    }
}
