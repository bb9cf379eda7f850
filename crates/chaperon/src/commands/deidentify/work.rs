//! Files side by side: each is done whole, or named with what is wrong.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write as _};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use sha2::{Digest as _, Sha256};

use super::inputs::Input;
use super::manifest::{Line, Settings};
use super::out::Out;
use super::review::{Page, page_of};
use super::stream::{Engine, Problem, Way, hex, pass};
use super::surrogates::Surrogates;
use crate::commands::progress::Progress;
use crate::failure::Failure;

/// How much of a file is hashed at once.
const PIECE: usize = 256 << 10;

/// A run over files.
pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    pub(super) settings: &'a Settings,
    pub(super) out: &'a Out,
    /// Where pages for people go.
    pub(super) review: Option<&'a Out>,
    /// Those of all files; none where each file has its own.
    pub(super) shared: Option<Surrogates>,
    pub(super) jobs: NonZero<usize>,
    pub(super) progress: &'a Progress,
}

impl Run<'_> {
    /// Does all of them; `each` is told as one ends, in no order. After an error of `each` no further one is begun.
    pub(super) fn all(
        &self,
        files: &[Input],
        mut each: impl FnMut(&Input, Result<Line, Problem>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let work = |number: usize, input: &Input| {
            let done = catch_unwind(AssertUnwindSafe(|| self.one(number, input)));
            self.progress.text_done();
            done.unwrap_or_else(|_panic| Err(Problem::new("met a defect of this program", None)))
        };
        side_by_side(self.jobs, files, work, |input, done| each(input, done))
    }

    fn one(&self, number: usize, input: &Input) -> Result<Line, Problem> {
        let passed = Cell::new(0);
        let seen = |bytes| {
            passed.set(passed.get() + bytes);
            self.progress.passed(bytes);
        };
        let done = self.written(number, input, &seen);
        if done.is_err() {
            self.progress.passed(input.length.saturating_sub(passed.get()));
        }
        done
    }

    fn written(&self, number: usize, input: &Input, seen: &dyn Fn(u64)) -> Result<Line, Problem> {
        let mut file = input.open().map_err(|error| Problem::unreadable(&error))?;
        let unwritable = |error: io::Error| Problem::unwritable(&error);
        let own = self.shared.is_none().then(Surrogates::new);
        let issued = self.shared.as_ref().or(own.as_ref());
        let issued = issued.ok_or_else(|| Problem::new("has no surrogates", None))?;
        // 0 is the manifest's
        let mut begun = self.out.begin(number + 1).map_err(unwritable)?;
        let mut writer = BufWriter::with_capacity(PIECE, &mut begun.file);
        let page = |folder| Page::begin(folder, number + 1, &input.name);
        let mut page = self.review.map(page).transpose().map_err(unwritable)?;
        let name = Some(input.name.as_str());
        let way = Way { name, input: &mut file, output: &mut writer, page: page.as_mut(), seen };
        let (passed, format) = pass(self.engine, way, issued)?;
        writer.flush().map_err(unwritable)?;
        drop(writer);
        // the page first: a file that is there without its page would not be done again
        if let (Some(page), Some(folder)) = (page, self.review) {
            page.commit(folder, &input.name).map_err(unwritable)?;
        }
        self.out.commit(begun, &input.name).map_err(unwritable)?;
        Ok(Line::new(&input.name, format.as_str(), passed, self.settings))
    }
}

/// Has `work` done to each of `all` on so many threads, and tells `each` here, on this thread.
pub(super) fn side_by_side<T: Sync, D: Send>(
    jobs: NonZero<usize>,
    all: &[T],
    work: impl Fn(usize, &T) -> D + Sync,
    mut each: impl FnMut(&T, D) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (tell, told) = channel();
        for _ in 0..jobs.get().min(all.len()) {
            let (tell, next, work) = (tell.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = all.get(number) else { return };
                    if tell.send((one, work(number, one))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tell);
        told.iter().try_for_each(|(one, done)| each(one, done))
    })
}

/// Whether a file was done under these settings, with a page where they are wanted, and neither it nor what was written
/// has changed since.
pub(super) fn holds(
    input: &Input,
    line: &Line,
    settings: &Settings,
    out: &Out,
    review: Option<&Out>,
) -> bool {
    line.settings == *settings
        && review.is_none_or(|folder| folder.place(&page_of(&line.path)).is_file())
        && line.bytes_in == input.length
        && is(File::open(out.place(&line.path)), &line.sha256_out)
        && is(input.open(), &line.sha256_in)
}

/// Whether a file can be read and has this digest.
pub(super) fn is(file: io::Result<File>, digest: &str) -> bool {
    let hashed = |mut file: File| {
        let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE]);
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(hex(hash)),
                read => hash.update(piece.get(..read).unwrap_or_default()),
            }
        }
    };
    file.and_then(hashed).is_ok_and(|found| found == digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_done_once_and_an_error_ends_it() {
        let all: Vec<usize> = (0..100).collect();
        let jobs = NonZero::new(4).unwrap();
        let mut seen = Vec::new();
        let done = side_by_side(
            jobs,
            &all,
            |number, one| (number, *one),
            |_, done| {
                seen.push(done);
                Ok(())
            },
        );
        assert!(done.is_ok());
        seen.sort_unstable();
        assert!(seen.iter().map(|(number, _)| *number).eq(0..100) && seen.iter().all(|(a, b)| a == b));
        let mut count = 0;
        let failed = side_by_side(
            jobs,
            &all,
            |_, _| (),
            |_, ()| {
                count += 1;
                Err(Failure::failed("no"))
            },
        );
        assert!(failed.is_err());
        assert_eq!(count, 1);
    }
}
