//! The keys of journal segments: random, one for each segment and engagement, kept in a file for each day.
//!
//! A day's file stays small however long the house stands, and a key's day is in its id (UUID version 7), so that
//! nothing has to be read at start.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use terms::{EngagementId, KeyId, SealError, Sealer, SegmentId, SegmentKeys, UtcMillis};

use crate::engagement::HeldKey;
use crate::format::{self, Blob, DayFile, SegmentRecord};
use crate::keyring::Inner;
use crate::secret::Secret;
use crate::{KeyError, file};

/// Keys that were opened, and the days that were read.
pub(crate) struct Segments {
    dir: PathBuf,
    /// Held over the writing of a day's file, never while a key is looked up.
    writing: Mutex<()>,
    days: RwLock<HashMap<String, Arc<DayFile>>>,
    opened: RwLock<HashMap<KeyId, (EngagementId, Arc<HeldKey>)>>,
}

impl Segments {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir, writing: Mutex::default(), days: RwLock::default(), opened: RwLock::default() }
    }

    /// Drops every opened key of the engagement.
    pub(crate) fn forget(&self, engagement: &EngagementId) {
        self.opened.write().retain(|_, (of, _)| of != engagement);
    }

    fn path(&self, day: &str) -> PathBuf {
        self.dir.join(format!("{day}.json"))
    }

    /// The day's keys, from memory or from its file.
    fn day(&self, day: &str) -> Result<Option<Arc<DayFile>>, KeyError> {
        if let Some(found) = self.days.read().get(day) {
            return Ok(Some(Arc::clone(found)));
        }
        let path = self.path(day);
        let Some(text) = file::read(&path)? else { return Ok(None) };
        let read: DayFile = format::parse(&path, &text, format::SEGMENT_KEYS)?;
        // A writer may have published a newer one meanwhile; that one stays.
        Ok(Some(Arc::clone(self.days.write().entry(day.to_owned()).or_insert_with(|| Arc::new(read)))))
    }

    /// Adds a key to its day's file; durable on return.
    fn add(&self, id: KeyId, record: SegmentRecord) -> Result<(), KeyError> {
        let _writing = self.writing.lock();
        let day = day_of(id);
        let mut content = match self.day(&day)? {
            Some(known) => DayFile::clone(&known),
            None => DayFile {
                format: format::SEGMENT_KEYS.to_owned(),
                version: format::VERSION,
                keys: BTreeMap::new(),
            },
        };
        content.keys.insert(id, record);
        file::replace(&self.path(&day), &format::pretty(&content))?;
        self.days.write().insert(day, Arc::new(content));
        Ok(())
    }
}

/// The UTC day in a key's id: the first 48 bits are milliseconds (RFC 9562, 5.7).
fn day_of(id: KeyId) -> String {
    let millis = id.as_bytes().iter().take(6).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let mut day = UtcMillis(millis).to_string();
    day.truncate(10);
    day
}

impl SegmentKeys for Inner {
    fn create(&self, segment: SegmentId, engagement: &EngagementId) -> Result<Arc<dyn Sealer>, SealError> {
        let keys = self.engagement(engagement)?;
        let epoch = keys.newest()?;
        let (id, key) = (self.fresh_id(), Secret::fresh(self.randomness()));
        let blank = Blob(Vec::new());
        let mut record =
            SegmentRecord { segment, engagement: engagement.clone(), epoch: epoch.number, key: blank };
        let context = format::segment_context(self.node(), id, &record);
        record.key = Blob(epoch.segments.wrap(self.randomness(), &context, key.expose())?);
        let held = Arc::new(HeldKey::new(id, epoch.number, &key)?);
        self.segments.add(id, record).map_err(|_| SealError::Keyring)?;
        self.segments.opened.write().insert(id, (engagement.clone(), Arc::clone(&held)));
        Ok(held)
    }

    fn find(&self, key: KeyId) -> Result<Arc<dyn Sealer>, SealError> {
        let opened = self.segments.opened.read().get(&key).cloned();
        if let Some((engagement, held)) = opened {
            // Not from memory either, once the engagement's keys were destroyed.
            return self.engagement(&engagement).map(|_| held as Arc<dyn Sealer>);
        }
        let day = self.segments.day(&day_of(key)).map_err(|_| SealError::Keyring)?;
        let record = day.as_ref().and_then(|day| day.keys.get(&key)).ok_or(SealError::NoKey)?;
        let keys = self.engagement(&record.engagement)?;
        let context = format::segment_context(self.node(), key, record);
        let secret = keys.epoch(record.epoch)?.segments.unwrap_key(&context, &record.key.0)?;
        let held = Arc::new(HeldKey::new(key, record.epoch, &secret)?);
        self.segments.opened.write().insert(key, (record.engagement.clone(), Arc::clone(&held)));
        Ok(held)
    }
}
