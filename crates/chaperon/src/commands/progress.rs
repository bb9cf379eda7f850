//! How far a command over texts has come: one line on standard error, on a terminal only, gone when it ends.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two drawings, and until the first: what is done sooner shows nothing.
const PACE: Duration = Duration::from_millis(120);
/// A line no longer than this fits on every terminal.
const WIDTH: usize = 78;
/// A text as long as this takes long enough that its speed is measured first.
const LONG: usize = 4 << 20;
/// How much of it measures the speed.
const SAMPLE: usize = 128 << 10;

/// What is shown while a command runs; nothing where nobody watches.
pub(super) struct Progress(Option<Live>);

struct Live {
    seen: Arc<Mutex<Seen>>,
    stop: Option<Sender<()>>,
    drawer: Option<JoinHandle<()>>,
}

/// How far it has come.
struct Seen {
    began: Instant,
    /// Bytes of files, and of standard input as it comes.
    total: u64,
    /// Whether standard input is still to be read: how long it is, nobody knows.
    endless: bool,
    examined: u64,
    texts: u64,
    all_texts: u64,
    /// Time spent examining what was examined.
    busy: Duration,
    /// The text under examination: since when, and its length.
    current: Option<(Instant, u64)>,
    /// Bytes a second, of a sample.
    sampled: u64,
}

impl Progress {
    /// Shown where it is wanted and standard error is a terminal. `lengths` are those of the texts in bytes; of
    /// standard input nobody knows it.
    pub(super) fn start(wanted: bool, lengths: impl Iterator<Item = Option<u64>>) -> Self {
        if !wanted || !io::stderr().is_terminal() {
            return Self(None);
        }
        let seen = Arc::new(Mutex::new(Seen::of(lengths)));
        let (stop, stopped) = channel();
        let watched = Arc::clone(&seen);
        let drawer = std::thread::spawn(move || {
            while stopped.recv_timeout(PACE) == Err(RecvTimeoutError::Timeout) {
                let line = lock(&watched).line();
                draw(&line);
            }
            draw("");
        });
        Self(Some(Live { seen, stop: Some(stop), drawer: Some(drawer) }))
    }

    /// So many bytes of standard input came.
    pub(super) fn came(&self, bytes: usize) {
        self.change(|seen| seen.total += bytes as u64);
    }

    /// Standard input has ended.
    pub(super) fn ended(&self) {
        self.change(|seen| seen.endless = false);
    }

    /// A place was left out: so many bytes less to examine.
    pub(super) fn left_out(&self, bytes: u64) {
        self.change(|seen| {
            seen.total = seen.total.saturating_sub(bytes);
            seen.all_texts = seen.all_texts.saturating_sub(1);
        });
    }

    /// A whole place was examined.
    pub(super) fn text_done(&self) {
        self.change(|seen| seen.texts += 1);
    }

    /// Of one of the texts that are worked on side by side, so many bytes more are done.
    pub(super) fn passed(&self, bytes: u64) {
        self.change(|seen| {
            seen.examined += bytes;
            seen.busy = seen.began.elapsed();
        });
    }

    /// Examines a text by `work`, which may be asked for a part of it first to learn how fast it is.
    pub(super) fn examine<T, E>(&self, text: &str, work: impl Fn(&str) -> Result<T, E>) -> Result<T, E> {
        let Some(live) = &self.0 else { return work(text) };
        if text.len() >= LONG && lock(&live.seen).examined == 0 {
            let sample = text.get(..text.floor_char_boundary(SAMPLE)).unwrap_or_default();
            let began = Instant::now();
            work(sample)?;
            let speed = per_second(sample.len() as u64, began.elapsed());
            self.change(|seen| seen.sampled = speed);
        }
        let length = text.len() as u64;
        self.change(|seen| seen.current = Some((Instant::now(), length)));
        let done = work(text);
        self.change(|seen| {
            seen.examined += length;
            seen.busy += seen.current.take().map_or(Duration::ZERO, |(since, _)| since.elapsed());
        });
        done
    }

    fn change(&self, change: impl FnOnce(&mut Seen)) {
        if let Some(live) = &self.0 {
            change(&mut lock(&live.seen));
        }
    }
}

impl Drop for Live {
    /// Ends the drawing and waits until the line is gone: what is written next has the terminal to itself.
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(drawer) = self.drawer.take() {
            let _ = drawer.join();
        }
    }
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws over what was drawn before. A terminal that went away is no reason to stop.
fn draw(line: &str) {
    let mut terminal = io::stderr().lock();
    let _ = write!(terminal, "\r{}{}", fitted(line), if line.is_empty() { "\r" } else { "" });
    let _ = terminal.flush();
}

/// As wide as what it is drawn over, and never wider.
fn fitted(line: &str) -> String {
    format!("{line:<WIDTH$.WIDTH$}")
}

impl Seen {
    fn of(lengths: impl Iterator<Item = Option<u64>>) -> Self {
        let (mut total, mut endless, mut all_texts) = (0, false, 0);
        for length in lengths {
            total += length.unwrap_or(0);
            endless |= length.is_none();
            all_texts += 1;
        }
        Self {
            began: Instant::now(),
            total,
            endless,
            examined: 0,
            texts: 0,
            all_texts,
            busy: Duration::ZERO,
            current: None,
            sampled: 0,
        }
    }

    fn line(&self) -> String {
        let speed = if self.examined > 0 { per_second(self.examined, self.busy) } else { self.sampled };
        // of a long text, as much as that speed makes likely; never all of it before it is done
        let likely = self.current.map_or(0, |(since, length)| {
            let millis = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            (speed.saturating_mul(millis) / 1000).min(length / 100 * 95)
        });
        said(self, self.examined + likely, speed, self.began.elapsed())
    }
}

/// `42%  118.3 of 281.0 MB  61.2 MB/s  3 s left  12 of 40 texts`
fn said(seen: &Seen, examined: u64, speed: u64, elapsed: Duration) -> String {
    if seen.endless {
        let speed = per_second(seen.total, elapsed);
        return format!("reading  {} MB  {} MB/s", tenths(seen.total), tenths(speed));
    }
    let share = examined.saturating_mul(100).checked_div(seen.total).unwrap_or(100).min(100);
    let mut line = format!("{share:>3}%  {} of {} MB", tenths(examined), tenths(seen.total));
    if let Some(left) = seen.total.saturating_sub(examined).checked_div(speed) {
        let _ = write!(line, "  {} MB/s  {} left", tenths(speed), time(left));
    }
    if seen.all_texts > 1 {
        let _ = write!(line, "  {} of {} texts", seen.texts, seen.all_texts);
    }
    line
}

fn per_second(bytes: u64, elapsed: Duration) -> u64 {
    let micros = u128::max(elapsed.as_micros(), 1);
    u64::try_from(u128::from(bytes) * 1_000_000 / micros).unwrap_or(u64::MAX)
}

/// Megabytes with one decimal.
fn tenths(bytes: u64) -> String {
    format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10)
}

fn time(seconds: u64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_share_speed_and_time_left() {
        let mut seen = Seen { total: 281_000_000, all_texts: 40, texts: 12, ..Seen::of(std::iter::empty()) };
        let line = said(&seen, 118_300_000, 61_200_000, Duration::ZERO);
        assert_eq!(line, " 42%  118.3 of 281.0 MB  61.2 MB/s  2 s left  12 of 40 texts");
        assert!(said(&seen, 0, 0, Duration::ZERO).starts_with("  0%  0.0 of 281.0 MB  12 of"));
        seen.endless = true;
        assert_eq!(said(&seen, 0, 0, Duration::from_secs(10)), "reading  281.0 MB  28.1 MB/s");
        let most =
            Seen { total: 1 << 48, all_texts: 10_000_000, texts: 9_999_999, ..Seen::of(std::iter::empty()) };
        assert_eq!(fitted(&said(&most, 1 << 47, 1, Duration::ZERO)).len(), WIDTH, "it would wrap");
    }

    #[test]
    fn a_text_is_never_done_before_it_is() {
        let mut seen = Seen { total: 1000, sampled: u64::MAX, ..Seen::of(std::iter::empty()) };
        seen.current = Some((Instant::now(), 1000));
        assert!(!seen.line().starts_with("100%"), "{}", seen.line());
    }

    #[test]
    fn what_is_passed_side_by_side_is_added_up() {
        let mut seen = Seen::of([Some(40), None, Some(2)].into_iter());
        assert_eq!((seen.total, seen.endless, seen.all_texts), (42, true, 3));
        seen.endless = false;
        seen.examined = 21;
        seen.busy = Duration::from_secs(1);
        assert!(said(&seen, seen.examined, 21, Duration::ZERO).starts_with(" 50%  0.0 of 0.0 MB"));
    }

    #[test]
    fn nobody_watching_changes_nothing() {
        let silent = Progress(None);
        let long = "x".repeat(LONG);
        let calls = std::cell::Cell::new(0);
        let done: Result<usize, ()> = silent.examine(&long, |text| {
            calls.set(calls.get() + 1);
            Ok(text.len())
        });
        assert_eq!((done, calls.get()), (Ok(LONG), 1));
    }
}
