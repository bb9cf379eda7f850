//! Spans on their way to the collector: sampled, queued, brought in batches. An exchange never waits for it: what there
//! is no room for is dropped and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use egress::{Collector, Span, TraceId, Undelivered};
use gateway::Spans;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::config::{Config, Telemetry as Wanted};
use crate::failure::Failure;

/// Exchanges that may wait. One takes a few kilobytes.
const WAITING: usize = 2048;
/// Exchanges that are brought at once, at most.
const BATCH: usize = 256;
/// How often the same spans are brought before they are dropped.
const TRIES: u32 = 3;
/// How long is waited for what.
const USUAL: Pace = Pace { filling: Duration::from_secs(1), again: Duration::from_millis(500) };
/// What is left when the house ends must be gone by then.
const LAST: Duration = Duration::from_secs(3);

/// Where the gateway leaves its spans.
pub(crate) struct Telemetry {
    queue: mpsc::Sender<Vec<Span>>,
    /// Traces below this, in the last seven bytes of their identifiers, are told.
    below: u64,
    counts: Arc<Counts>,
}

#[derive(Clone, Copy)]
struct Pace {
    /// For a batch to fill.
    filling: Duration,
    /// Before the same spans are brought once more; then twice as long.
    again: Duration,
}

/// Brings them; ends once the queue has.
pub(crate) struct Delivery(JoinHandle<()>);

#[derive(Default)]
struct Counts {
    taken: AtomicU64,
    dropped: AtomicU64,
}

/// Whoever takes batches.
pub(crate) trait Takes: Send + Sync + 'static {
    /// Brings spans; `Ok` once they are taken.
    fn bring(&self, spans: &[Span]) -> impl Future<Output = Result<(), Undelivered>> + Send;
}

impl Takes for Collector {
    fn bring(&self, spans: &[Span]) -> impl Future<Output = Result<(), Undelivered>> + Send {
        Self::bring(self, spans)
    }
}

impl Telemetry {
    /// What the configuration asks for, and what brings it; nothing where it names no collector.
    pub(crate) fn start(config: &Config) -> Result<Option<(Arc<Self>, Delivery)>, Failure> {
        let Some(wanted) = &config.telemetry else { return Ok(None) };
        let collector = collector(config, wanted)?;
        Ok(Some(Self::to(collector, wanted.sampling, WAITING, USUAL)))
    }

    fn to(collector: impl Takes, sampling: f64, waiting: usize, pace: Pace) -> (Arc<Self>, Delivery) {
        let (queue, queued) = mpsc::channel(waiting);
        let counts = Arc::<Counts>::default();
        let delivery = Delivery(tokio::spawn(deliver(collector, queued, Arc::clone(&counts), pace)));
        (Arc::new(Self { queue, below: below(sampling), counts }), delivery)
    }
}

fn collector(config: &Config, wanted: &Wanted) -> Result<Collector, Failure> {
    let authorization =
        wanted.authorization.as_ref().map(|secret| secret.read("telemetry.authorization")).transpose()?;
    Collector::new(&crate::plane::egress(config), &wanted.collector, authorization.as_ref()).map_err(
        |error| {
            Failure::config(format!("no spans can be sent to the collector: {error}"))
                .help("see `[telemetry]`, and `trust` under `[upstream]`")
        },
    )
}

/// The share of 2^56 (W3C Trace Context level 2, 3.2.2.3.1: the last seven bytes are random).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share between 0 and 1 of a number of 57 bits; a rounded last bit does not matter"
)]
fn below(sampling: f64) -> u64 {
    ((1_u64 << 56) as f64 * sampling) as u64
}

impl Spans for Telemetry {
    fn wants(&self, TraceId(trace): TraceId, caller: Option<bool>) -> bool {
        let last_seven = u128::from_be_bytes(trace) & ((1 << 56) - 1);
        caller.unwrap_or(last_seven < u128::from(self.below))
    }

    fn take(&self, spans: Vec<Span>) {
        if let Err(mpsc::error::TrySendError::Full(spans) | mpsc::error::TrySendError::Closed(spans)) =
            self.queue.try_send(spans)
        {
            self.counts.dropped.fetch_add(spans.len() as u64, Ordering::Relaxed);
        }
    }

    fn counts(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.counts.taken), read(&self.counts.dropped))
    }
}

impl Delivery {
    /// Waits a little until what is queued is brought; the gateway, which fills the queue, must be gone.
    pub(crate) async fn end(mut self) {
        if tokio::time::timeout(LAST, &mut self.0).await.is_err() {
            tracing::warn!("some spans could not be brought to the collector before the end");
            self.0.abort();
        }
    }
}

async fn deliver(
    collector: impl Takes,
    mut queued: mpsc::Receiver<Vec<Span>>,
    counts: Arc<Counts>,
    pace: Pace,
) {
    let mut batch = Vec::new();
    let mut failing = false;
    while queued.recv_many(&mut batch, BATCH).await > 0 {
        fill(&mut batch, &mut queued, pace.filling).await;
        let spans: Vec<Span> = batch.drain(..).flatten().collect();
        let (told, failed) = match bring(&collector, &spans, pace.again).await {
            Ok(()) => (&counts.taken, false),
            Err(error) => {
                if !failing {
                    tracing::warn!(%error, "spans could not be brought to the collector and are dropped");
                }
                (&counts.dropped, true)
            }
        };
        told.fetch_add(spans.len() as u64, Ordering::Relaxed);
        failing = failed;
    }
}

/// Takes more while little has come and the queue goes on.
async fn fill(batch: &mut Vec<Vec<Span>>, queued: &mut mpsc::Receiver<Vec<Span>>, patience: Duration) {
    let filling = async {
        while batch.len() < BATCH {
            let room = BATCH - batch.len();
            if queued.recv_many(batch, room).await == 0 {
                return;
            }
        }
    };
    let _full = tokio::time::timeout(patience, filling).await;
}

async fn bring(collector: &impl Takes, spans: &[Span], mut pause: Duration) -> Result<(), Undelivered> {
    for _ in 1..TRIES {
        match collector.bring(spans).await {
            Err(error) if error.passes() => tokio::time::sleep(pause).await,
            ended => return ended,
        }
        pause = pause.saturating_mul(2);
    }
    collector.bring(spans).await
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use egress::{SpanId, SpanKind};

    use super::*;

    /// Gives its answers in turn, and the last one for ever; notes how many spans came each time.
    struct Scripted {
        answers: Vec<Result<(), Undelivered>>,
        came: Arc<Mutex<Vec<usize>>>,
    }

    impl Takes for Scripted {
        async fn bring(&self, spans: &[Span]) -> Result<(), Undelivered> {
            let mut came = self.came.lock().unwrap();
            came.push(spans.len());
            self.answers[came.len().min(self.answers.len()) - 1]
        }
    }

    const QUICK: Pace = Pace { filling: Duration::from_millis(1), again: Duration::from_millis(1) };

    fn span() -> Span {
        Span {
            trace: TraceId([1; 16]),
            id: SpanId([2; 8]),
            parent: None,
            remote: false,
            name: "chat",
            model: None,
            kind: SpanKind::Server,
            start: 1,
            end: 2,
            attributes: Vec::new(),
            failed: false,
        }
    }

    /// Brings `exchanges` of two spans each: what came each time, and the counts.
    fn brought(
        answers: Vec<Result<(), Undelivered>>,
        exchanges: usize,
        waiting: usize,
    ) -> (Vec<usize>, (u64, u64)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let came = Arc::<Mutex<Vec<usize>>>::default();
            let (telemetry, delivery) =
                Telemetry::to(Scripted { answers, came: Arc::clone(&came) }, 1.0, waiting, QUICK);
            (0..exchanges).for_each(|_| telemetry.take(vec![span(), span()]));
            let counts = Arc::clone(&telemetry.counts);
            drop(telemetry);
            delivery.0.await.unwrap();
            let came = came.lock().unwrap().clone();
            (came, (counts.taken.load(Ordering::Relaxed), counts.dropped.load(Ordering::Relaxed)))
        })
    }

    #[test]
    fn spans_come_in_batches() {
        assert_eq!(brought(vec![Ok(())], 300, 1000), (vec![512, 88], (600, 0)));
        assert_eq!(brought(vec![Ok(())], 0, 1000), (vec![], (0, 0)));
    }

    #[test]
    fn what_there_is_no_room_for_is_dropped_and_counted() {
        assert_eq!(brought(vec![Ok(())], 10, 4), (vec![8], (8, 12)));
    }

    #[test]
    fn a_busy_collector_is_asked_again_and_one_that_refuses_is_not() {
        let busy = Err(Undelivered::Busy(503));
        assert_eq!(brought(vec![busy, Ok(())], 1, 4), (vec![2, 2], (2, 0)));
        assert_eq!(brought(vec![busy], 1, 4), (vec![2, 2, 2], (0, 2)));
        assert_eq!(brought(vec![Err(Undelivered::Refused(400)), Ok(())], 1, 4), (vec![2], (0, 2)));
    }

    #[test]
    fn the_caller_says_whether_its_trace_is_told_and_else_chance_does() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _inside = runtime.enter();
        let half = Telemetry::to(Scripted { answers: vec![Ok(())], came: Arc::default() }, 0.5, 1, QUICK).0;
        let trace = |byte: u8| TraceId([byte; 16]);
        assert!(half.wants(trace(0x7f), None) && !half.wants(trace(0x80), None));
        assert!(half.wants(trace(0x80), Some(true)) && !half.wants(trace(0x7f), Some(false)));
        let shares = [(0.0, false), (1.0, true)];
        for (share, told) in shares {
            let all =
                Telemetry::to(Scripted { answers: vec![Ok(())], came: Arc::default() }, share, 1, QUICK).0;
            assert_eq!((all.wants(trace(0), None), all.wants(trace(0xff), None)), (told, told));
        }
    }
}
