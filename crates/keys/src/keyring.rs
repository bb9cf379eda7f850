//! The keyring: what is on disk, and what of it is open.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use terms::{Clock, EngagementId, KeyId, NoteSigner, Randomness, SealError, SegmentKeys, UtcMillis, Vault};

use crate::engagement::{Engagement, Epoch};
use crate::format::{self, Blob, DigestsRecord, EngagementRecord, EpochRecord, KeyringFile, RootRecord};
use crate::root::{Root, RootUse};
use crate::secret::Secret;
use crate::segment::Segments;
use crate::signer::LogSigner;
use crate::{KeyError, RootKind, RootSource, file};

const FILE: &str = "keyring.json";
const SEGMENTS: &str = "segments";

/// The open keyring. Cheap to clone; used from many threads at once.
#[derive(Clone)]
pub struct Keyring(Arc<Inner>);

/// What the keyring holds, for listings: no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The log's name, `chaperon/` and 8 hexadecimal digits.
    pub log: String,
    /// What the root is.
    pub root: RootKind,
    /// The epoch of the root.
    pub root_epoch: u32,
    /// Engagements, by name.
    pub engagements: Vec<EngagementState>,
}

/// The keys of one engagement, for listings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngagementState {
    /// The engagement.
    pub engagement: EngagementId,
    /// Its epochs, rising; empty once destroyed.
    pub epochs: Vec<EpochState>,
    /// When its keys were destroyed.
    pub destroyed: Option<UtcMillis>,
}

/// One epoch of an engagement's key, for listings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochState {
    /// Its number, from 1.
    pub epoch: u32,
    /// When it was made.
    pub created: UtcMillis,
    /// The epoch of the root that wraps it.
    pub root: u32,
}

type Opened = HashMap<EngagementId, Arc<Engagement>>;

pub(crate) struct Inner {
    dir: PathBuf,
    node: Vec<u8>,
    root: Box<dyn Root>,
    root_epoch: u32,
    signer: Arc<LogSigner>,
    /// Held over the writing of the file, never while a key is used.
    file: Mutex<KeyringFile>,
    opened: ArcSwap<Opened>,
    pub(crate) segments: Segments,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

impl Keyring {
    /// Whether `dir` holds a keyring.
    pub fn exists(dir: &Path) -> bool {
        dir.join(FILE).exists()
    }

    /// Makes a keyring in `dir`, which is made with mode 0700 where it is not; durable on return.
    ///
    /// A root file that is there already is used as it is.
    pub fn create(
        dir: &Path,
        source: RootSource,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, KeyError> {
        file::make_dir(dir)?;
        if Self::exists(dir) {
            return Err(KeyError::Exists(dir.to_owned()));
        }
        file::make_dir(&dir.join(SEGMENTS))?;
        let root = source.create(Arc::clone(&randomness))?;
        let mut node = vec![0; 16];
        randomness.fill(&mut node);
        let content = fresh_file(node, &root, &*randomness)?;
        file::create(&dir.join(FILE), &format::pretty(&content))?;
        Inner::open(dir, content, Box::new(root), clock, randomness)
    }

    /// Opens the keyring in `dir`. Every engagement's keys are unwrapped now, so that the hot path never waits.
    pub fn open(
        dir: &Path,
        source: RootSource,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, KeyError> {
        if !Self::exists(dir) {
            return Err(KeyError::Missing(dir.to_owned()));
        }
        file::check_dir(dir)?;
        let path = dir.join(FILE);
        let text = file::read(&path)?.ok_or_else(|| KeyError::Missing(dir.to_owned()))?;
        let content = format::parse(&path, &text, format::KEYRING)?;
        file::make_dir(&dir.join(SEGMENTS))?;
        let root = source.open(Arc::clone(&randomness))?;
        Inner::open(dir, content, Box::new(root), clock, randomness)
    }

    /// Makes the engagement's keys where they are not. Writes to disk: not for the hot path.
    pub fn ensure_engagement(&self, engagement: &EngagementId) -> Result<(), KeyError> {
        if self.0.engagement(engagement).is_ok() {
            return Ok(());
        }
        self.0.change(engagement, |inner, record| {
            match record {
                Some(record) if record.destroyed.is_some() => Err(KeyError::Destroyed(engagement.clone())),
                Some(record) => Ok(record.clone()), // another thread was first
                None => inner.fresh_engagement(engagement),
            }
        })
    }

    /// Adds an epoch to the engagement's key, under which everything is sealed from now on; its number.
    ///
    /// Earlier epochs stay, so that what they sealed opens; the key of digests is wrapped anew and stays the same.
    pub fn rotate_engagement(&self, engagement: &EngagementId) -> Result<u32, KeyError> {
        self.0.change(engagement, |inner, record| match record {
            None => Err(KeyError::NoEngagement(engagement.clone())),
            Some(record) if record.destroyed.is_some() => Err(KeyError::Destroyed(engagement.clone())),
            Some(record) => inner.rotated(engagement, record),
        })?;
        Ok(self.0.engagement(engagement)?.newest()?.number)
    }

    /// Destroys the engagement's keys of all epochs: what was sealed under them can't be opened again.
    ///
    /// The wrapped keys are removed from the keyring and a note of their destruction stays, so that the name can't
    /// be given new keys unnoticed. Segment keys are wrapped under the destroyed ones and go with them. Not covered:
    /// copies of the keyring made elsewhere, blocks that the file system has freed and not overwritten, and a
    /// `Sealer` or `Digester` that is still held by a running task.
    pub fn destroy_engagement(&self, engagement: &EngagementId) -> Result<(), KeyError> {
        self.0.change(engagement, |inner, record| match record {
            None => Err(KeyError::NoEngagement(engagement.clone())),
            Some(record) if record.destroyed.is_some() => Ok(record.clone()),
            Some(_) => {
                Ok(EngagementRecord { epochs: Vec::new(), digests: None, destroyed: Some(inner.clock.now()) })
            }
        })?;
        self.0.segments.forget(engagement);
        Ok(())
    }

    /// Signs the log's checkpoints.
    pub fn signer(&self) -> Arc<dyn NoteSigner> {
        Arc::clone(&self.0.signer) as Arc<dyn NoteSigner>
    }

    /// The keys of journal segments.
    pub fn segment_keys(&self) -> Arc<dyn SegmentKeys> {
        Arc::clone(&self.0) as Arc<dyn SegmentKeys>
    }

    /// Sealing for other rooms.
    pub fn vault(&self) -> Arc<dyn Vault> {
        Arc::clone(&self.0) as Arc<dyn Vault>
    }

    /// What the keyring holds.
    pub fn summary(&self) -> Summary {
        let file = self.0.file.lock();
        let engagements = file.engagements.iter().map(|(engagement, record)| EngagementState {
            engagement: engagement.clone(),
            epochs: record
                .epochs
                .iter()
                .map(|epoch| EpochState { epoch: epoch.epoch, created: epoch.created, root: epoch.root })
                .collect(),
            destroyed: record.destroyed,
        });
        Summary {
            log: self.0.signer.name().to_owned(),
            root: self.0.root.kind(),
            root_epoch: self.0.root_epoch,
            engagements: engagements.collect(),
        }
    }
}

/// A keyring without engagements.
fn fresh_file(node: Vec<u8>, root: &dyn Root, randomness: &dyn Randomness) -> Result<KeyringFile, KeyError> {
    let epoch = 1;
    let check =
        root.wrap(RootUse::Check, &format::check_context(&node, epoch), &Secret::fresh(randomness))?;
    let seed = Secret::fresh(randomness);
    let signer = format::SignerRecord {
        root: epoch,
        public: Blob(LogSigner::new(&node, &seed)?.public_key().to_vec()),
        key: Blob(root.wrap(RootUse::Signer, &format::signer_context(&node), &seed)?),
    };
    Ok(KeyringFile {
        format: format::KEYRING.to_owned(),
        version: format::VERSION,
        node: Blob(node),
        roots: vec![RootRecord { epoch, kind: root.kind(), check: Blob(check) }],
        signer,
        engagements: BTreeMap::new(),
    })
}

impl Inner {
    fn open(
        dir: &Path,
        file: KeyringFile,
        root: Box<dyn Root>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Keyring, KeyError> {
        let node = file.node.0.clone();
        let path = dir.join(FILE);
        let record = file.roots.last().ok_or_else(|| KeyError::damaged(&path, "it names no root"))?;
        let root_epoch = record.epoch;
        root.unwrap(RootUse::Check, &format::check_context(&node, root_epoch), &record.check.0)
            .map_err(|_| KeyError::WrongRoot(dir.to_owned()))?;
        let seed = root
            .unwrap(RootUse::Signer, &format::signer_context(&node), &file.signer.key.0)
            .map_err(|_| KeyError::damaged(&path, "the log's signing key does not open"))?;
        let signer = LogSigner::new(&node, &seed)?;
        if signer.public_key()[..] != file.signer.public.0[..] {
            return Err(KeyError::damaged(&path, "the log's public key is not that of its signing key"));
        }
        let mut opened = Opened::new();
        for (engagement, record) in &file.engagements {
            if let Some(keys) = open_engagement(&node, &*root, engagement, record)
                .map_err(|_| KeyError::damaged(&path, "the keys of an engagement do not open"))?
            {
                opened.insert(engagement.clone(), Arc::new(keys));
            }
        }
        Ok(Keyring(Arc::new(Self {
            segments: Segments::new(dir.join(SEGMENTS)),
            dir: dir.to_owned(),
            node,
            root,
            root_epoch,
            signer: Arc::new(signer),
            file: Mutex::new(file),
            opened: ArcSwap::from_pointee(opened),
            clock,
            randomness,
        })))
    }

    /// The opened keys of an engagement.
    pub(crate) fn engagement(&self, engagement: &EngagementId) -> Result<Arc<Engagement>, SealError> {
        self.opened.load().get(engagement).cloned().ok_or(SealError::NoKey)
    }

    pub(crate) fn randomness(&self) -> &dyn Randomness {
        &*self.randomness
    }

    pub(crate) fn node(&self) -> &[u8] {
        &self.node
    }

    pub(crate) fn fresh_id(&self) -> KeyId {
        KeyId::fresh(self.clock.now(), &*self.randomness)
    }

    /// Replaces one engagement's record by what `next` makes of it: on disk first, then in memory.
    fn change(
        &self,
        engagement: &EngagementId,
        next: impl FnOnce(&Self, Option<&EngagementRecord>) -> Result<EngagementRecord, KeyError>,
    ) -> Result<(), KeyError> {
        let mut file = self.file.lock();
        let record = next(self, file.engagements.get(engagement))?;
        let keys = open_engagement(&self.node, &*self.root, engagement, &record)?;
        let mut changed = file.clone();
        changed.engagements.insert(engagement.clone(), record);
        file::replace(&self.dir.join(FILE), &format::pretty(&changed))?;
        *file = changed;
        let mut opened = Opened::clone(&self.opened.load());
        match keys {
            Some(keys) => opened.insert(engagement.clone(), Arc::new(keys)),
            None => opened.remove(engagement),
        };
        self.opened.store(Arc::new(opened));
        Ok(())
    }

    /// The record of one more epoch, and the epoch opened.
    fn fresh_epoch(&self, engagement: &EngagementId, number: u32) -> Result<(EpochRecord, Epoch), KeyError> {
        let key = Secret::fresh(&*self.randomness);
        let context = format::engagement_context(&self.node, engagement, number);
        let wrapped = Blob(self.root.wrap(RootUse::Engagement, &context, &key)?);
        let created = self.clock.now();
        let record = EpochRecord { epoch: number, created, root: self.root_epoch, key: wrapped };
        Ok((record, Epoch::new(number, &key)?))
    }

    fn wrap_digests(
        &self,
        engagement: &EngagementId,
        epoch: &Epoch,
        key: &Secret,
    ) -> Result<DigestsRecord, KeyError> {
        let context = format::digests_context(&self.node, engagement, epoch.number);
        let key = Blob(epoch.digests.wrap(&*self.randomness, &context, key.expose())?);
        Ok(DigestsRecord { epoch: epoch.number, key })
    }

    fn fresh_engagement(&self, engagement: &EngagementId) -> Result<EngagementRecord, KeyError> {
        let (record, epoch) = self.fresh_epoch(engagement, 1)?;
        let digests = self.wrap_digests(engagement, &epoch, &Secret::fresh(&*self.randomness))?;
        Ok(EngagementRecord { epochs: vec![record], digests: Some(digests), destroyed: None })
    }

    fn rotated(
        &self,
        engagement: &EngagementId,
        record: &EngagementRecord,
    ) -> Result<EngagementRecord, KeyError> {
        let keys = self.engagement(engagement)?;
        let digests = open_digests(&self.node, engagement, record, keys.epochs())?;
        let (added, epoch) = self.fresh_epoch(engagement, keys.newest()?.number + 1)?;
        let mut rotated = record.clone();
        rotated.epochs.push(added);
        rotated.digests = Some(self.wrap_digests(engagement, &epoch, &digests)?);
        Ok(rotated)
    }
}

/// Unwraps an engagement's keys; `None` where they were destroyed.
fn open_engagement(
    node: &[u8],
    root: &dyn Root,
    engagement: &EngagementId,
    record: &EngagementRecord,
) -> Result<Option<Engagement>, SealError> {
    if record.destroyed.is_some() {
        return Ok(None);
    }
    let epochs = record.epochs.iter().map(|epoch| {
        let context = format::engagement_context(node, engagement, epoch.epoch);
        let key = root.unwrap(RootUse::Engagement, &context, &epoch.key.0)?;
        Epoch::new(epoch.epoch, &key).map(Arc::new)
    });
    let epochs = epochs.collect::<Result<Vec<_>, SealError>>()?;
    let digests = open_digests(node, engagement, record, &epochs)?;
    Engagement::new(epochs, &digests).map(Some)
}

fn open_digests(
    node: &[u8],
    engagement: &EngagementId,
    record: &EngagementRecord,
    epochs: &[Arc<Epoch>],
) -> Result<Secret, SealError> {
    let digests = record.digests.as_ref().ok_or(SealError::NoKey)?;
    let epoch = epochs.iter().find(|epoch| epoch.number == digests.epoch).ok_or(SealError::NoKey)?;
    let context = format::digests_context(node, engagement, digests.epoch);
    epoch.digests.unwrap_key(&context, &digests.key.0)
}
