//! A copy of the golden journal to work on.

use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use chaperon_verify::{Report, Verdict, verify};

pub(crate) fn original() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

/// Files of the record: all but hints and locks.
pub(crate) const RECORD: [&str; 6] = [
    "segments/00000001.chj",
    "segments/00000002.chj",
    "segments/00000003.chj",
    "checkpoint",
    "checkpoints",
    "log.vkey",
];

pub(crate) struct Copy {
    dir: tempfile::TempDir,
}

impl Copy {
    pub(crate) fn new() -> Self {
        let copy = Self { dir: tempfile::tempdir().unwrap() };
        std::fs::create_dir(copy.path("segments")).unwrap();
        for file in RECORD {
            std::fs::copy(original().join(file), copy.path(file)).unwrap();
        }
        copy
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    pub(crate) fn read(&self, file: &str) -> Vec<u8> {
        std::fs::read(self.path(file)).unwrap()
    }

    /// In place: emptying a file first makes some file systems write it to the disk each time.
    pub(crate) fn write(&self, file: &str, bytes: &[u8]) {
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(self.path(file)).unwrap();
        file.write_all_at(bytes, 0).unwrap();
        file.set_len(bytes.len() as u64).unwrap();
    }

    pub(crate) fn report(&self) -> Report {
        verify(self.dir(), None, None).unwrap()
    }
}

/// The frames of a segment.
pub(crate) fn frames(segment: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut rest = segment;
    while let Some(frame) = chaperon_verify::frame::read(rest) {
        let (whole, after) = rest.split_at(frame.leaf.len() + chaperon_verify::frame::CHECKSUM_BYTES);
        frames.push(whole.to_vec());
        rest = after;
    }
    assert!(rest.is_empty());
    frames
}

#[test]
fn the_golden_journal_is_intact() {
    let report = verify(&original(), None, None).unwrap();
    assert_eq!(report.verdict, Verdict::Intact, "{report}");
    assert_eq!((report.segments, report.signed, report.torn), (3, Some(report.frames), false));
    assert!(report.checkpoints >= 3);
    assert_eq!(Copy::new().report(), report);
}
