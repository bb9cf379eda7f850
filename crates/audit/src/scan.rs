//! One segment's frames, in order, without holding the segment in memory.

use std::io::{self, BufReader, Read};
use std::path::Path;

use crate::disk::{Disk, DiskRead};
use crate::frame::{
    CHECKSUM_BYTES, Frame, FrameError, HEADER_BYTES, Header, Kind, MAGIC, leaf_bytes, parse_frame,
};

const READ_BYTES: usize = 1 << 18;

pub(crate) struct Frames {
    input: BufReader<DiskRead>,
    offset: u64,
    frame: Vec<u8>,
}

pub(crate) enum Step<'a> {
    Frame(Frame<'a>),
    /// The file ends where a frame could begin.
    End,
    /// No frame begins here; nothing can be read beyond.
    Broken(FrameError),
}

impl Frames {
    pub(crate) fn from(disk: &dyn Disk, path: &Path, offset: u64) -> io::Result<Self> {
        let input = BufReader::with_capacity(READ_BYTES, disk.read(path, offset)?);
        Ok(Self { input, offset, frame: Vec::new() })
    }

    /// Where the next frame begins, in bytes.
    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }

    pub(crate) fn step(&mut self) -> io::Result<Step<'_>> {
        self.frame.clear();
        self.fill(HEADER_BYTES)?;
        if self.frame.is_empty() {
            return Ok(Step::End);
        }
        let leaf = match leaf_bytes(&self.frame) {
            Ok(bytes) => bytes,
            Err(why) => return Ok(Step::Broken(why)),
        };
        self.fill(leaf.saturating_sub(HEADER_BYTES).saturating_add(CHECKSUM_BYTES))?;
        Ok(match parse_frame(&self.frame) {
            Ok(frame) => {
                self.offset += frame.stored_bytes() as u64;
                Step::Frame(frame)
            }
            Err(why) => Step::Broken(why),
        })
    }

    fn fill(&mut self, bytes: usize) -> io::Result<()> {
        self.input.by_ref().take(bytes as u64).read_to_end(&mut self.frame).map(drop)
    }
}

/// Whether a frame may follow `before` in a segment, at `position`.
pub(crate) fn fits(header: &Header, position: u64, before: Option<&Header>) -> bool {
    let starts_batch = header.batch == position;
    header.position == position
        && match before {
            None => header.kind == Kind::Segment && starts_batch,
            Some(before) => {
                header.kind != Kind::Segment
                    && header.time >= before.time
                    && (starts_batch || header.batch == before.batch)
            }
        }
}

/// Whether `tail`, the bytes from a break at `position` on, holds a frame whose write began after the break had
/// been durable. The torn end of the last write never does: see `docs/formats/journal.md`, "Torn or tampered".
pub(crate) fn holds_later_frame(tail: &[u8], position: u64) -> bool {
    memchr::memmem::find_iter(tail, &MAGIC)
        .filter_map(|at| parse_frame(tail.get(at..)?).ok())
        .any(|frame| frame.header.batch > position)
}
