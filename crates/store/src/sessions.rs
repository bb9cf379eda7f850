//! Sessions with their sealed entries and the points by which a conversation is found again.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::LazyLock;

use async_trait::async_trait;
use custody::{CustodyError, SealedEntries, SessionPoint, SessionRecord, SessionStore, SessionUpdate};
use sqlx::{ColumnIndex, Decode, Row, Type};
use terms::{Digest, EngagementId, SessionId, UtcMillis};

use crate::Store;
use crate::batch::Batch;
use crate::error::describe;
use crate::open::Pools;
use crate::registers::to_i64;

/// One statement, so that record and entries are of one moment.
const LOAD: &str = "SELECT s.owner, s.key_epoch, s.sealed_key, s.created, s.used, e.position, e.sealed \
                    FROM session s LEFT JOIN session_entries e \
                    ON e.engagement = s.engagement AND e.session = s.session \
                    WHERE s.engagement = $1 AND s.session = $2 ORDER BY e.position";
/// The first limit is the later of the two others, and finds the rows by the index. What belongs to a session goes
/// with it (`ON DELETE CASCADE`).
const EXPIRE: &str = "DELETE FROM session WHERE created < $1 AND (used < $2 OR created < $3)";

static FIND: LazyLock<Batch> = LazyLock::new(|| {
    Batch::list("SELECT chain, session, entries FROM session_point WHERE engagement = $1 AND chain IN")
});
static KEEP_SESSIONS: LazyLock<Batch> = LazyLock::new(|| {
    Batch::rows(
        "INSERT INTO session (engagement, session, owner, key_epoch, sealed_key, created, used) VALUES",
        7,
        "ON CONFLICT (engagement, session) DO UPDATE SET used = excluded.used",
    )
});
static KEEP_ENTRIES: LazyLock<Batch> = LazyLock::new(|| {
    Batch::rows(
        "INSERT INTO session_entries (engagement, session, position, sealed) VALUES",
        4,
        "ON CONFLICT (engagement, session, position) DO UPDATE SET sealed = excluded.sealed",
    )
});
static KEEP_POINTS: LazyLock<Batch> = LazyLock::new(|| {
    Batch::rows(
        "INSERT INTO session_point (engagement, chain, session, entries) VALUES",
        4,
        "ON CONFLICT (chain, engagement) DO UPDATE SET session = excluded.session, entries = excluded.entries",
    )
});

#[async_trait]
impl SessionStore for Store {
    async fn find(
        &self,
        engagement: &EngagementId,
        chains: &[Digest],
    ) -> Result<Option<SessionPoint>, CustodyError> {
        for (text, wanted) in FIND.cut(chains) {
            let found = on!(&*self.pools, readers, |pool| {
                let query = sqlx::query(text).bind(engagement.as_str());
                let query = wanted.iter().fold(query, |query, chain| query.bind(&chain.0[..]));
                let rows = query.fetch_all(pool).await.map_err(|error| failed(&error))?;
                rows.iter().map(point).collect::<Result<Vec<_>, _>>()
            })?;
            let rank = |point: &SessionPoint| wanted.iter().position(|chain| *chain == point.chain);
            if let Some(first) = found.into_iter().min_by_key(rank) {
                return Ok(Some(first));
            }
        }
        Ok(None)
    }

    async fn load(
        &self,
        engagement: &EngagementId,
        session: SessionId,
    ) -> Result<Option<(SessionRecord, Vec<SealedEntries>)>, CustodyError> {
        on!(&*self.pools, readers, |pool| {
            let query = sqlx::query(LOAD).bind(engagement.as_str()).bind(&session.as_bytes()[..]);
            let rows = query.fetch_all(pool).await.map_err(|error| failed(&error))?;
            let Some(first) = rows.first() else { return Ok(None) };
            let record = record(engagement, session, first)?;
            let entries = rows.iter().filter_map(|row| entries(row).transpose()).collect::<Result<_, _>>()?;
            Ok(Some((record, entries)))
        })
    }

    async fn apply(&self, updates: &[SessionUpdate]) -> Result<(), CustodyError> {
        if updates.is_empty() {
            return Ok(());
        }
        let batch = Rows::of(updates);
        on!(&*self.pools, sessions, |pool| {
            let mut transaction = pool.begin().await.map_err(|error| failed(&error))?;
            for (text, rows) in KEEP_SESSIONS.cut(&batch.sessions) {
                let mut query = sqlx::query(text);
                for (record, used) in rows {
                    query = query
                        .bind(record.engagement.as_str())
                        .bind(&record.session.as_bytes()[..])
                        .bind(&record.owner.0[..])
                        .bind(i64::from(record.key_epoch))
                        .bind(record.sealed_key.as_slice())
                        .bind(to_i64(record.created))
                        .bind(to_i64(*used));
                }
                query.execute(&mut *transaction).await.map_err(|error| failed(&error))?;
            }
            for (text, rows) in KEEP_ENTRIES.cut(&batch.entries) {
                let mut query = sqlx::query(text);
                for ((engagement, session, position), sealed) in rows {
                    query = query
                        .bind(engagement.as_str())
                        .bind(&session.as_bytes()[..])
                        .bind(i64::from(*position))
                        .bind(*sealed);
                }
                query.execute(&mut *transaction).await.map_err(|error| failed(&error))?;
            }
            for (text, rows) in KEEP_POINTS.cut(&batch.points) {
                let mut query = sqlx::query(text);
                for (engagement, point) in rows {
                    query = query
                        .bind(engagement.as_str())
                        .bind(&point.chain.0[..])
                        .bind(&point.session.as_bytes()[..])
                        .bind(i64::from(point.entries));
                }
                query.execute(&mut *transaction).await.map_err(|error| failed(&error))?;
            }
            transaction.commit().await.map_err(|error| failed(&error))
        })
    }

    async fn expire(&self, idle: UtcMillis, born: UtcMillis) -> Result<u64, CustodyError> {
        let ended: u64 = on!(&*self.pools, sessions, |pool| {
            let limits = [idle.max(born), idle, born];
            let query =
                limits.into_iter().fold(sqlx::query(EXPIRE), |query, limit| query.bind(to_i64(limit)));
            query.execute(pool).await.map(|done| done.rows_affected()).map_err(|error| failed(&error))
        })?;
        if let (Pools::Sqlite(pools), 1..) = (&*self.pools, ended) {
            // The write-ahead log still holds the deleted keys until it is cut. A reader may be in the way: then
            // the next time cuts it.
            let cut = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&pools.sessions).await;
            cut.map_err(|error| failed(&error))?;
        }
        Ok(ended)
    }
}

/// Where entries stand.
type Position<'a> = (&'a EngagementId, SessionId, u32);

/// What a batch of updates writes, each row once: PostgreSQL refuses to touch a row twice in one statement.
struct Rows<'a> {
    /// The first record of each session, with the last `used`.
    sessions: Vec<(&'a SessionRecord, UtcMillis)>,
    /// The last entries at each position.
    entries: Vec<(Position<'a>, &'a [u8])>,
    /// The last point of each chain digest.
    points: Vec<(&'a EngagementId, &'a SessionPoint)>,
}

impl<'a> Rows<'a> {
    fn of(updates: &'a [SessionUpdate]) -> Self {
        let (mut sessions, mut entries, mut points) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for SessionUpdate { record, entries: added, points: reached } in updates {
            match sessions.entry((&record.engagement, record.session)) {
                Entry::Vacant(place) => {
                    place.insert((record, record.used));
                }
                Entry::Occupied(mut place) => place.get_mut().1 = record.used,
            }
            if let Some(added) = added {
                let key = (&record.engagement, record.session, added.position);
                entries.insert(key, added.sealed.as_slice());
            }
            for point in reached {
                points.insert((&record.engagement, point.chain), point);
            }
        }
        Self {
            sessions: sessions.into_values().collect(),
            entries: entries.into_iter().collect(),
            points: points.into_iter().map(|((engagement, _), point)| (engagement, point)).collect(),
        }
    }
}

fn failed(error: &sqlx::Error) -> CustodyError {
    CustodyError::Database(describe(error))
}

fn malformed() -> CustodyError {
    CustodyError::Database("a row is malformed".to_owned())
}

fn number<'r, R>(row: &'r R, column: usize) -> Result<u64, CustodyError>
where
    R: Row,
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let number: i64 = row.try_get(column).map_err(|error| failed(&error))?;
    u64::try_from(number).map_err(|_| malformed())
}

fn bytes<'r, R, const N: usize>(row: &'r R, column: usize) -> Result<[u8; N], CustodyError>
where
    R: Row,
    usize: ColumnIndex<R>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
{
    let bytes: &[u8] = row.try_get(column).map_err(|error| failed(&error))?;
    bytes.try_into().map_err(|_| malformed())
}

fn small(number: u64) -> Result<u32, CustodyError> {
    u32::try_from(number).map_err(|_| malformed())
}

fn point<'r, R>(row: &'r R) -> Result<SessionPoint, CustodyError>
where
    R: Row,
    usize: ColumnIndex<R>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    Ok(SessionPoint {
        chain: Digest(bytes(row, 0)?),
        session: SessionId::from_bytes(bytes(row, 1)?),
        entries: small(number(row, 2)?)?,
    })
}

/// The entries in a row; `None` in the one row of a session without any.
fn entries<'r, R>(row: &'r R) -> Result<Option<SealedEntries>, CustodyError>
where
    R: Row,
    usize: ColumnIndex<R>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let sealed: Option<Vec<u8>> = row.try_get(6).map_err(|error| failed(&error))?;
    let Some(sealed) = sealed else { return Ok(None) };
    Ok(Some(SealedEntries { position: small(number(row, 5)?)?, sealed }))
}

fn record<'r, R>(
    engagement: &EngagementId,
    session: SessionId,
    row: &'r R,
) -> Result<SessionRecord, CustodyError>
where
    R: Row,
    usize: ColumnIndex<R>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    Ok(SessionRecord {
        engagement: engagement.clone(),
        session,
        owner: Digest(bytes(row, 0)?),
        key_epoch: small(number(row, 1)?)?,
        sealed_key: row.try_get(2).map_err(|error| failed(&error))?,
        created: UtcMillis(number(row, 3)?),
        used: UtcMillis(number(row, 4)?),
    })
}
