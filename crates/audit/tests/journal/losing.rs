//! A disk in memory that loses what was not synced, and fails when told to.

use std::any::Any;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use audit::{Disk, DiskFile, DiskRead};

#[derive(Clone, Default)]
struct Content {
    now: Vec<u8>,
    /// What a crash leaves.
    durable: Vec<u8>,
    /// Writes since the last sync.
    pending: Vec<(u64, Vec<u8>)>,
}

type File = Arc<Mutex<Content>>;

#[derive(Default)]
struct State {
    names: BTreeMap<PathBuf, File>,
    durable_names: BTreeMap<PathBuf, File>,
    calls: usize,
    fail_at: Option<usize>,
}

/// Bytes are durable with their file's sync, names with their directory's.
pub(crate) struct LosingDisk(Arc<Mutex<State>>);

struct Handle(Arc<Mutex<State>>, File);

impl State {
    /// Counts a call that changes the disk. From the failing one on, all fail.
    fn call(&mut self) -> io::Result<()> {
        self.calls += 1;
        match self.fail_at {
            Some(at) if self.calls >= at => Err(io::ErrorKind::StorageFull.into()),
            _ => Ok(()),
        }
    }
}

impl LosingDisk {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Arc::default()))
    }

    /// A disk that holds what a directory holds, durably.
    pub(crate) fn holding(dir: &Path) -> Arc<Self> {
        let mut names = BTreeMap::new();
        for path in crate::fakes::files(dir) {
            let bytes = std::fs::read(&path).unwrap();
            let content = Content { now: bytes.clone(), durable: bytes, pending: Vec::new() };
            names.insert(path, Arc::new(Mutex::new(content)));
        }
        let state = State { durable_names: names.clone(), names, ..State::default() };
        Arc::new(Self(Arc::new(Mutex::new(state))))
    }

    /// Lets the n-th call from now fail, and all after it.
    pub(crate) fn fail_after(&self, n: usize) {
        let mut state = self.0.lock().unwrap();
        state.fail_at = state.calls.checked_add(n);
    }

    pub(crate) fn calls(&self) -> usize {
        self.0.lock().unwrap().calls
    }

    /// The disk after a crash that loses all that was not synced.
    pub(crate) fn after_crash(&self) -> Arc<Self> {
        self.crash(|_| false)
    }

    /// Crashes that keep none, all, the first half or the second half of each file's writes since its last sync.
    pub(crate) fn possible_crashes(&self) -> Vec<Arc<Self>> {
        vec![self.crash(|_| false), self.crash(|_| true), self.crash(|at| at < 50), self.crash(|at| at >= 50)]
    }

    /// `keeps` says which writes reach the disk, by how many percent of the pending bytes lie before them.
    fn crash(&self, keeps: impl Fn(usize) -> bool) -> Arc<Self> {
        let state = self.0.lock().unwrap();
        let mut names = BTreeMap::new();
        for (path, file) in &state.durable_names {
            let file = file.lock().unwrap();
            let mut left = file.durable.clone();
            let blocks: Vec<_> = file.pending.iter().flat_map(|(at, bytes)| blocks(*at, bytes)).collect();
            for (n, (at, bytes)) in blocks.iter().enumerate() {
                if keeps(n * 100 / blocks.len()) {
                    write(&mut left, *at, bytes);
                }
            }
            let content = Content { now: left.clone(), durable: left, pending: Vec::new() };
            names.insert(path.clone(), Arc::new(Mutex::new(content)));
        }
        let state = State { durable_names: names.clone(), names, ..State::default() };
        Arc::new(Self(Arc::new(Mutex::new(state))))
    }

    /// Writes all files into a real directory.
    pub(crate) fn write_out(&self, dir: &Path) {
        for (path, file) in &self.0.lock().unwrap().names {
            let relative: PathBuf = match path.iter().position(|part| part == "journal") {
                Some(at) => path.iter().skip(at + 1).collect(),
                None => path.clone(),
            };
            let place = dir.join(relative);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, &file.lock().unwrap().now).unwrap();
        }
    }

    fn file(&self, path: &Path) -> io::Result<File> {
        self.0.lock().unwrap().names.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// A write in blocks of 512 bytes of the disk, which reach it one by one.
fn blocks(at: u64, bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let mut blocks = Vec::new();
    let (mut at, mut rest) = (at, bytes);
    while !rest.is_empty() {
        let room = usize::try_from(512 - at % 512).unwrap().min(rest.len());
        blocks.push((at, rest[..room].to_vec()));
        at += room as u64;
        rest = &rest[room..];
    }
    blocks
}

fn write(content: &mut Vec<u8>, at: u64, bytes: &[u8]) {
    let at = usize::try_from(at).unwrap();
    if content.len() < at + bytes.len() {
        content.resize(at + bytes.len(), 0);
    }
    content[at..at + bytes.len()].copy_from_slice(bytes);
}

impl Disk for LosingDisk {
    fn make_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let state = self.0.lock().unwrap();
        let inside = state.names.keys().filter(|path| path.parent() == Some(dir));
        Ok(inside.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.0.lock().unwrap();
        state.call()?;
        let file = File::default();
        state.names.insert(path.to_owned(), file.clone());
        Ok(Box::new(Handle(self.0.clone(), file)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(Handle(self.0.clone(), self.file(path)?)))
    }

    fn read(&self, path: &Path, offset: u64) -> io::Result<DiskRead> {
        let now = self.file(path)?.lock().unwrap().now.clone();
        let rest = now.get(usize::try_from(offset).unwrap()..).unwrap_or_default().to_vec();
        Ok(Box::new(io::Cursor::new(rest)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.call()?;
        let file = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.call()?;
        state.names.remove(path).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.call()?;
        state.durable_names.retain(|path, _| path.parent() != Some(dir));
        let inside: Vec<_> = state.names.iter().filter(|(path, _)| path.parent() == Some(dir)).collect();
        let inside: Vec<_> = inside.into_iter().map(|(path, file)| (path.clone(), file.clone())).collect();
        state.durable_names.extend(inside);
        Ok(())
    }

    fn lock(&self, _: &Path) -> io::Result<Box<dyn Any + Send + Sync>> {
        Ok(Box::new(()))
    }
}

impl DiskFile for Handle {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let called = self.0.lock().unwrap().call();
        let mut file = self.1.lock().unwrap();
        // a write that fails may still have reached the disk in part
        file.pending.push((offset, bytes.to_vec()));
        if called.is_ok() {
            write(&mut file.now, offset, bytes);
        }
        called
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.lock().unwrap().call()?;
        let mut file = self.1.lock().unwrap();
        file.durable = file.now.clone();
        file.pending.clear();
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.0.lock().unwrap().call()?;
        self.1.lock().unwrap().now.truncate(usize::try_from(length).unwrap());
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.1.lock().unwrap().now.len() as u64)
    }
}
