//! The walk over a journal: every frame once, in order, against every checkpoint.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::checkpoints::{self, Checkpoints};
use crate::frame::{self, CONTROL, Frame, HEADER_BYTES, Header, KEY, MAGIC, SEALED, SEGMENT};
use crate::note::{Checkpoint, Key};
use crate::report::{Kind, Report, Unverifiable, Verdict, Wrong};
use crate::tree::{Tree, hex, leaf};

/// Verifies the journal in `dir`, which is its directory or the one that holds it as `journal`. `checkpoint` is the
/// text of a checkpoint from outside, `key` a line like that of `log.vkey` from outside.
///
/// # Errors
/// [`Unverifiable`] where nothing can be said: no journal there, a file that can't be read, a malformed `key`.
pub fn verify(dir: &Path, checkpoint: Option<&str>, key: Option<&str>) -> Result<Report, Unverifiable> {
    let inner = dir.join("journal");
    let dir = if inner.is_dir() { inner } else { dir.to_owned() };
    if !dir.is_dir() {
        return Err(Unverifiable(format!("`{}` is not a directory", dir.display())));
    }
    let mut walk = Walk { dir, report: EMPTY, ..Walk::default() };
    match walk.run(checkpoint, key) {
        Ok(()) => {
            let proven = walk.report.signed == Some(walk.tree.size()) && !walk.report.torn;
            walk.report.verdict = if proven { Verdict::Intact } else { Verdict::UnprovenTail };
        }
        Err(Stop::Wrong(wrong)) => walk.report.wrong = Some(wrong),
        Err(Stop::Unverifiable(why)) => return Err(Unverifiable(why)),
    }
    walk.report.frames = walk.tree.size();
    Ok(walk.report)
}

/// Tampered until the walk has come to its end.
const EMPTY: Report = Report {
    verdict: Verdict::Tampered,
    origin: String::new(),
    segments: 0,
    frames: 0,
    signed: None,
    checkpoints: 0,
    torn: false,
    wrong: None,
};

enum Stop {
    Wrong(Wrong),
    Unverifiable(String),
}

impl From<Wrong> for Stop {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

struct Walk {
    dir: PathBuf,
    report: Report,
    tree: Tree,
    /// Checkpoints that the tree has still to agree with, the largest first.
    ahead: Vec<Checkpoint>,
    /// Where the tree agreed with a checkpoint last.
    agreed: u64,
    outside: Option<u64>,
    newest_time: u64,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            dir: PathBuf::new(),
            report: EMPTY,
            tree: Tree::default(),
            ahead: Vec::new(),
            agreed: 0,
            outside: None,
            newest_time: 0,
        }
    }
}

/// What is known of the segment that is being read.
struct Segment {
    number: u64,
    last: bool,
    offset: u64,
    before: Option<Header>,
    /// Epochs of declared slots.
    slots: HashMap<u16, u32>,
}

impl Walk {
    fn run(&mut self, outside: Option<&str>, pinned: Option<&str>) -> Result<(), Stop> {
        // in this order a journal that is being written only grows between one look and the next
        let (mut newest, history) = (self.file("checkpoint")?, self.file("checkpoints")?);
        let vkey = self.file("log.vkey")?;
        let numbers = self.segments()?;
        let nothing = numbers.is_empty() && newest.is_none() && history.is_none() && vkey.is_none();
        if nothing && outside.is_none() {
            return Err(Stop::Unverifiable(format!("there is no journal in `{}`", self.dir.display())));
        }
        let key = self.key(vkey.as_deref(), pinned)?;
        let mut found = checkpoints::read(newest.as_deref(), history.as_deref(), &key);
        if found.as_ref().is_err_and(|wrong| wrong.kind == Kind::RolledBack) {
            // a writer may have kept two since the newest was read
            newest = self.file("checkpoint")?;
            found = checkpoints::read(newest.as_deref(), history.as_deref(), &key);
        }
        let found = found?;
        self.gather(&found, outside, &key)?;
        for (expected, number) in (1..).zip(&numbers) {
            if *number != expected {
                return Err(missing_segment(expected, self.tree.size()).into());
            }
            self.segment(expected, expected == numbers.len() as u64)?;
        }
        self.end(&found, numbers.len() as u64)
    }

    fn segments(&mut self) -> Result<Vec<u64>, Stop> {
        let dir = self.dir.join("segments");
        let files = match std::fs::read_dir(&dir) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(&dir, &error)),
        };
        let mut numbers = Vec::new();
        for file in files {
            let name = file.map_err(|error| unreadable(&dir, &error))?.file_name();
            let digits = name.to_str().and_then(|name| name.strip_suffix(".chj")).unwrap_or_default();
            numbers.extend(
                digits.parse().ok().filter(|number: &u64| *number > 0 && format!("{number:08}") == digits),
            );
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn file(&self, name: &str) -> Result<Option<Vec<u8>>, Stop> {
        let path = self.dir.join(name);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    fn key(&mut self, file: Option<&[u8]>, pinned: Option<&str>) -> Result<Key, Stop> {
        let text = file.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let read = text.and_then(Key::read);
        if let Some(key) = &read {
            self.report.origin.clone_from(&key.name);
        }
        let pinned = match pinned {
            Some(line) => Some(
                Key::read(&format!("{}\n", line.trim_end()))
                    .ok_or_else(|| Stop::Unverifiable("the key from outside is malformed".into()))?,
            ),
            None => None,
        };
        match (file, read) {
            (None, _) => Err(Wrong::new(Kind::Missing, "`log.vkey` is missing").into()),
            (_, None) => Err(Wrong::new(Kind::Altered, "`log.vkey` is not formed like a key").into()),
            (_, Some(key)) if pinned.as_ref().is_some_and(|pinned| *pinned != key) => {
                Err(Wrong::new(Kind::AnotherKey, "`log.vkey` is not the key from outside").into())
            }
            (_, Some(key)) => Ok(key),
        }
    }

    /// Lists the checkpoints that the tree must agree with.
    fn gather(&mut self, found: &Checkpoints, outside: Option<&str>, key: &Key) -> Result<(), Stop> {
        self.report.signed = found.newest();
        self.report.checkpoints = found.history.len() as u64;
        self.ahead.clone_from(&found.history);
        if let Some(note) = outside {
            let checkpoint = Checkpoint::read_cosigned(note, key);
            let checkpoint =
                checkpoint.map_err(|why| checkpoints::wrong("the checkpoint from outside", why))?;
            self.outside = Some(checkpoint.size);
            if found.newest().is_none_or(|newest| newest < checkpoint.size) {
                let detail = format!(
                    "the checkpoint from outside covers {} frames, the newest here {}",
                    checkpoint.size,
                    found.newest().unwrap_or(0)
                );
                return Err(Wrong::new(Kind::RolledBack, detail).into());
            }
            self.ahead.push(checkpoint);
        }
        self.ahead.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.size));
        self.agree()
    }

    /// Compares the tree with every checkpoint of its size.
    fn agree(&mut self) -> Result<(), Stop> {
        let size = self.tree.size();
        while let Some(checkpoint) = self.ahead.pop_if(|checkpoint| checkpoint.size == size) {
            if checkpoint.root == self.tree.root() {
                self.agreed = size;
                continue;
            }
            let forked = self.outside == Some(size);
            let mut wrong = Wrong::new(
                if forked { Kind::Forked } else { Kind::Altered },
                format!(
                    "the tree over the first {size} frames is not the one that was signed; it was over the first {}",
                    self.agreed
                ),
            );
            wrong.position = Some(self.agreed);
            return Err(wrong.into());
        }
        Ok(())
    }

    fn segment(&mut self, number: u64, last: bool) -> Result<(), Stop> {
        let path = self.dir.join("segments").join(format!("{number:08}.chj"));
        let open = |offset| from(&path, offset).map_err(|error| unreadable(&path, &error));
        let mut input = open(0)?;
        let mut segment = Segment { number, last, offset: 0, before: None, slots: HashMap::new() };
        let (mut bytes, mut looked_again_at) = (Vec::new(), None);
        self.report.segments += 1;
        loop {
            bytes.clear();
            let whole = next(&mut input, &mut bytes).map_err(|error| unreadable(&path, &error))?;
            if bytes.is_empty() && (last || segment.before.is_some()) {
                return Ok(());
            }
            if let Some(frame) = frame::read(&bytes).filter(|_| whole) {
                self.frame(&mut segment, &frame)?;
                segment.offset += bytes.len() as u64;
            } else if last && looked_again_at != Some(segment.offset) {
                // a writer may have been at work between two reads
                looked_again_at = Some(segment.offset);
                input = open(segment.offset)?;
            } else {
                input.read_to_end(&mut bytes).map_err(|error| unreadable(&path, &error))?;
                return self.tail(&segment, &bytes);
            }
        }
    }

    /// One frame with a right checksum: it must be able to stand here.
    fn frame(&mut self, segment: &mut Segment, frame: &Frame<'_>) -> Result<(), Stop> {
        let (header, position) = (&frame.header, self.tree.size());
        if header.position > position {
            let detail = format!("a frame is missing; here stands that of position {}", header.position);
            return Err(self.wrong(segment, Kind::Missing, detail));
        }
        if header.position < position {
            let detail = format!("a frame of position {} stands here again", header.position);
            return Err(self.wrong(segment, Kind::Inserted, detail));
        }
        let fits = match &segment.before {
            None => header.kind == SEGMENT && header.batch == position,
            Some(before) => {
                header.kind != SEGMENT
                    && header.time >= before.time
                    && (header.batch == position || header.batch == before.batch)
            }
        };
        if !fits {
            return Err(self.wrong(segment, Kind::Inserted, "a frame stands here that can't".into()));
        }
        self.payload(segment, frame).map_err(|detail| self.wrong(segment, Kind::Altered, detail.into()))?;
        self.newest_time = self.newest_time.max(header.time);
        self.tree.add(leaf(frame.leaf));
        segment.before = Some(*header);
        self.agree()
    }

    /// "Payloads": what each kind must say.
    fn payload(&self, segment: &mut Segment, frame: &Frame<'_>) -> Result<(), &'static str> {
        let header = &frame.header;
        if header.kind == SEALED {
            let declared = segment.slots.get(&header.slot) == Some(&header.epoch);
            return declared
                .then_some(())
                .ok_or("a sealed entry names a key that its segment does not declare");
        }
        let json: Value =
            serde_json::from_slice(frame.payload).map_err(|_| "a plain frame does not hold JSON")?;
        let is = |member: &str, value: u64| json.get(member).and_then(Value::as_u64) == Some(value);
        let says = |member: &str, value: &str| json.get(member).and_then(Value::as_str) == Some(value);
        let plain = header.slot == 0 && header.epoch == 0;
        let right = is("v", 1)
            && match header.kind {
                SEGMENT => {
                    plain
                        && is("number", segment.number)
                        && is("size", self.tree.size())
                        && is("newest", self.newest_time)
                        && says("root", &hex(&self.tree.root()))
                        && says("origin", &self.report.origin)
                }
                KEY => {
                    let slot = u16::try_from(segment.slots.len() + 1).unwrap_or(0);
                    segment.slots.insert(header.slot, header.epoch);
                    header.slot == slot && is("slot", u64::from(slot)) && is("epoch", u64::from(header.epoch))
                }
                CONTROL => plain && json.get("control").is_some_and(Value::is_object),
                _ => false,
            };
        right.then_some(()).ok_or("a plain frame does not say what is the case")
    }

    /// "Torn or tampered": `tail` begins where no frame can stand.
    fn tail(&mut self, segment: &Segment, tail: &[u8]) -> Result<(), Stop> {
        let position = self.tree.size();
        let signed = self.report.signed.is_some_and(|signed| position < signed);
        let foreign = tail.strip_prefix(MAGIC).and_then(<[u8]>::first).is_some_and(|version| *version > 1);
        let later = frame::anywhere(tail).any(|frame| frame.header.batch > position);
        if !segment.last || signed || foreign || later {
            let frames_follow = later || frame::anywhere(tail).next().is_some();
            let kind =
                if frames_follow || tail.len() > HEADER_BYTES { Kind::Altered } else { Kind::Truncated };
            return Err(self.wrong(segment, kind, "a frame is damaged".into()));
        }
        self.report.torn = tail.iter().any(|byte| *byte != 0);
        Ok(())
    }

    /// All frames were read: nothing may be missing at the end.
    fn end(&mut self, found: &Checkpoints, segments: u64) -> Result<(), Stop> {
        let size = self.tree.size();
        if let Some(signed) = self.ahead.first().map(|checkpoint| checkpoint.size) {
            let detail = format!("{size} frames are there, {signed} were signed");
            let mut wrong = Wrong::new(Kind::Truncated, detail);
            wrong.position = Some(size);
            return Err(wrong.into());
        }
        if found.history.is_empty() && (size > 2 || segments > 1) {
            return Err(Wrong::new(Kind::Missing, "`checkpoint` is missing").into());
        }
        self.report.torn |= found.torn;
        Ok(())
    }

    fn wrong(&self, segment: &Segment, kind: Kind, detail: String) -> Stop {
        let (number, offset, position) = (Some(segment.number), Some(segment.offset), Some(self.tree.size()));
        Stop::Wrong(Wrong { kind, segment: number, offset, position, detail })
    }
}

fn from(path: &Path, offset: u64) -> io::Result<BufReader<File>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    Ok(BufReader::with_capacity(1 << 18, file))
}

/// Reads the bytes of the next frame. False if they are too few, or do not begin like one.
fn next(input: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<bool> {
    input.by_ref().take(HEADER_BYTES as u64).read_to_end(bytes)?;
    let Some(rest) = Header::read(bytes).and_then(|header| header.rest_bytes()) else { return Ok(false) };
    Ok(input.by_ref().take(rest as u64).read_to_end(bytes)? == rest)
}

fn missing_segment(number: u64, position: u64) -> Wrong {
    let mut wrong = Wrong::new(Kind::Missing, "a segment is missing");
    (wrong.segment, wrong.position) = (Some(number), Some(position));
    wrong
}

fn unreadable(path: &Path, error: &io::Error) -> Stop {
    Stop::Unverifiable(format!("`{}` can't be read: {}", path.display(), error.kind()))
}
